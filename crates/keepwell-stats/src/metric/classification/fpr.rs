//! Share of the rows of other classes that are taken for a class.

use keepwell_core::entry;
use keepwell_core::params::Params;

use super::class_score::{ClassScore, Gradient, wrong_share};
use super::decision::{self, DECISION, THRESHOLD};
use super::{Direction, Metric, Reading, share};
use crate::profile::OutcomeProfile;

entry! {
    /// Share of the rows that are not of a class but are predicted as this class: the false positive rate.
    ///
    /// # Inputs
    /// The rows that have both a target and a prediction; classes are compared by their canonical spelling.
    /// Where no prediction was logged, the decision comes from the scores: the threshold for a binary model,
    /// the highest score for more classes. With `decision = score` a binary model is decided anew at
    /// `threshold`, over the rows that have a target and a finite score.
    /// # Result
    /// Values in `[0, 1]`, no unit, lower is better. Binary: one, for the positive class; 1 minus specificity.
    /// More classes, over those seen as target or prediction: the averages `macro` (each class counts the
    /// same), `micro` (each decision against a class counts the same) and `weighted` (by rows with the class
    /// as target), then one value per class. A class that all rows have counts as 1 in averages, so that each
    /// is 1 minus that of specificity.
    ///
    /// Intervals are those of Wilson for the positive class and for each class, that of the accuracy,
    /// rescaled, for `micro`, and for `macro` and `weighted` they are recovered from those of the classes
    /// (MOVER).
    /// # Undefined
    /// `zero_denominator` for a class that is every row's target; `no_rows`, `no_targets` and `no_predictions`
    /// where no row has both a target and a prediction; `too_many_categories` above 1,000 classes. With
    /// `decision = score` also `no_scores`, `all_null`, and `not_applicable` for more than two classes.
    /// # Cost
    /// `O(c)` time for `c` pairs of target and prediction that occur; exact on every profile. With `decision =
    /// score` `O(log n)` on sealed profiles, and on sketched ones `error_bound` is what their rank error
    /// allows.
    /// # When to use, and when not
    /// Use it where the number of false alarms decides whether people still look: of a million honest payments
    /// a day, a rate of 0.001 is a thousand. It does not depend on how frequent the class is. It does not say
    /// which share of the alarms is false; for a rare class that is nearly all of them at rates that look
    /// small, and precision says it.
    /// # Reference
    /// Fawcett (2006), Pattern Recognition Letters 27(8), 861–874.
    /// ```python oracle
    /// y_true, y_pred = decide(y_true, y_pred, y_score, positive, params)
    /// class_shares(y_true, y_pred, positive, lambda tn, fp, fn, tp: (fp, fp + tn), worst=1)
    /// ```
    pub struct Fpr = "fpr" since "0.1" with [DECISION, THRESHOLD];
}

static SCORE: ClassScore<'static> = ClassScore {
    value: &|counts| share(counts.alarms(), counts.rows - counts.targets),
    gradient: &|counts| {
        let (wrong, n) = (
            counts.alarms() as f64,
            (counts.rows - counts.targets) as f64,
        );
        Gradient {
            correct: -1.0 / n,
            targets: wrong / n / n,
            predictions: 1.0 / n,
            rows: -wrong / n / n,
        }
    },
    micro: &wrong_share,
    worst: 1.0,
    reach: 1.0,
};

impl Metric for Fpr {
    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        decision::readings(self, outcomes, params, |decided| SCORE.readings(decided))
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Reason;

    use super::super::testing::{decided, only, value_of};
    use super::*;

    #[test]
    fn share_of_negatives_that_are_predicted_positive() {
        let rows = [("1", "1"), ("0", "1"), ("0", "0"), ("0", "0"), ("1", "0")];
        let outcome = only(&Fpr, &decided(Some("1"), &rows));
        assert_eq!(outcome.defined().map(|found| found.value), Some(1.0 / 3.0));
        let all = only(&Fpr, &decided(Some("1"), &[("1", "0")]));
        assert_eq!(all.reason(), Some(&Reason::ZeroDenominator));
    }

    #[test]
    fn averages_over_three_classes() {
        let rows = [("a", "a"), ("a", "b"), ("b", "b"), ("c", "a"), ("c", "c")];
        let outcomes = decided(None, &rows);
        assert_eq!(value_of(&Fpr, &outcomes, "a"), Ok(1.0 / 3.0));
        assert_eq!(value_of(&Fpr, &outcomes, "b"), Ok(0.25));
        assert_eq!(value_of(&Fpr, &outcomes, "c"), Ok(0.0));
        assert_eq!(value_of(&Fpr, &outcomes, "micro"), Ok(0.2));
    }
}
