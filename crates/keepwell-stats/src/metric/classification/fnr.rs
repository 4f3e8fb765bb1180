//! Share of the rows of a class that are missed.

use keepwell_core::entry;
use keepwell_core::params::Params;

use super::class_score::{ClassScore, Gradient, error};
use super::decision::{self, DECISION, THRESHOLD};
use super::{Direction, Metric, Reading, share};
use crate::profile::OutcomeProfile;

entry! {
    /// Share of the rows of a class that are not predicted as this class: the false negative rate.
    ///
    /// # Inputs
    /// The rows that have both a target and a prediction; classes are compared by their canonical spelling.
    /// Where no prediction was logged, the decision comes from the scores: the threshold for a binary model,
    /// the highest score for more classes. With `decision = score` a binary model is decided anew at
    /// `threshold`, over the rows that have a target and a finite score.
    /// # Result
    /// Values in `[0, 1]`, no unit, lower is better. Binary: one, for the positive class (also called miss
    /// rate); 1 minus recall. More classes, over those seen as target or prediction: the averages `macro`
    /// (each class counts the same), `micro` (each row counts the same) and `weighted` (by rows with the class
    /// as target), then one value per class. A class without a target counts as 1 in `macro`, so that each is
    /// 1 minus that of recall.
    ///
    /// Intervals are those of Wilson for the positive class and for each class, and for `micro`; for `macro`
    /// and `weighted` they are recovered from those of the classes (MOVER).
    /// # Undefined
    /// `zero_denominator` for a class that is no row's target; `no_rows`, `no_targets` and `no_predictions`
    /// where no row has both a target and a prediction; `too_many_categories` above 1,000 classes. With
    /// `decision = score` also `no_scores`, `all_null`, and `not_applicable` for more than two classes.
    /// # Cost
    /// `O(c)` time for `c` pairs of target and prediction that occur; exact on every profile. With `decision =
    /// score` `O(log n)` on sealed profiles, and on sketched ones `error_bound` is what their rank error
    /// allows.
    /// # When to use, and when not
    /// Use it instead of recall where people speak of what was missed. It does not depend on how frequent the
    /// class is. Read it beside `fpr`, because a model that always predicts the class misses nothing. Do not
    /// trust it where targets exist only for rows that were predicted positive: the misses are then invisible
    /// and it is close to 0 by construction.
    /// # Reference
    /// Fawcett (2006), Pattern Recognition Letters 27(8), 861–874.
    /// ```python oracle
    /// y_true, y_pred = decide(y_true, y_pred, y_score, positive, params)
    /// class_shares(y_true, y_pred, positive, lambda tn, fp, fn, tp: (fn, fn + tp), worst=1)
    /// ```
    pub struct Fnr = "fnr" since "0.1" with [DECISION, THRESHOLD];
}

static SCORE: ClassScore<'static> = ClassScore {
    value: &|counts| share(counts.misses(), counts.targets),
    gradient: &|counts| {
        let (wrong, n) = (counts.misses() as f64, counts.targets as f64);
        Gradient {
            correct: -1.0 / n,
            targets: (1.0 - wrong / n) / n,
            ..Gradient::default()
        }
    },
    micro: &error,
    worst: 1.0,
    reach: 1.0,
};

impl Metric for Fnr {
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
    fn share_of_positives_that_are_predicted_negative() {
        let rows = [("1", "1"), ("0", "1"), ("0", "0"), ("1", "1"), ("1", "0")];
        let outcome = only(&Fnr, &decided(Some("1"), &rows));
        assert_eq!(outcome.defined().map(|found| found.value), Some(1.0 / 3.0));
        let none = only(&Fnr, &decided(Some("1"), &[("0", "0")]));
        assert_eq!(none.reason(), Some(&Reason::ZeroDenominator));
    }

    #[test]
    fn a_class_without_targets_counts_as_missed_in_averages() {
        let rows = [("a", "a"), ("a", "b"), ("c", "c"), ("c", "c")];
        let outcomes = decided(None, &rows);
        assert_eq!(value_of(&Fnr, &outcomes, "b"), Err(Reason::ZeroDenominator));
        assert_eq!(value_of(&Fnr, &outcomes, "macro"), Ok(0.5));
        assert_eq!(value_of(&Fnr, &outcomes, "micro"), Ok(0.25));
        assert_eq!(value_of(&Fnr, &outcomes, "weighted"), Ok(0.25));
    }
}
