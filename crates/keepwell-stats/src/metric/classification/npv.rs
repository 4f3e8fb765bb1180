//! Share of negative predictions that are right.

use keepwell_core::entry;
use keepwell_core::params::Params;

use super::class_score::{ClassScore, Gradient, right_share};
use super::decision::{self, DECISION, THRESHOLD};
use super::{Direction, Metric, Reading, share};
use crate::profile::OutcomeProfile;

entry! {
    /// Share of the rows not predicted as a class that are not of this class: the negative predictive value.
    ///
    /// # Inputs
    /// The rows that have both a target and a prediction; classes are compared by their canonical spelling.
    /// Where no prediction was logged, the decision comes from the scores: the threshold for a binary model,
    /// the highest score for more classes. With `decision = score` a binary model is decided anew at
    /// `threshold`, over the rows that have a target and a finite score.
    /// # Result
    /// Values in `[0, 1]`, no unit, higher is better. Binary: one, for the positive class. More classes, over
    /// those seen as target or prediction: the averages `macro` (each class counts the same), `micro` (each
    /// decision against a class counts the same; equal to that of specificity) and `weighted` (by rows with
    /// the class as target), then one value per class. A class that is predicted for all rows counts as 0 in
    /// averages.
    ///
    /// Intervals are those of Wilson for the positive class and for each class, that of the accuracy,
    /// rescaled, for `micro`, and for `macro` and `weighted` they are recovered from those of the classes
    /// (MOVER).
    /// # Undefined
    /// `zero_denominator` for a class that is predicted for every row; `no_rows`, `no_targets` and
    /// `no_predictions` where no row has both a target and a prediction; `too_many_categories` above 1,000
    /// classes. With `decision = score` also `no_scores`, `all_null`, and `not_applicable` for more than two
    /// classes.
    /// # Cost
    /// `O(c)` time for `c` pairs of target and prediction that occur; exact on every profile. With `decision =
    /// score` `O(log n)` on sealed profiles, and on sketched ones `error_bound` is what their rank error
    /// allows.
    /// # When to use, and when not
    /// Use it where a negative answer is acted on: a patient is sent home, a transaction let through. For a
    /// rare class it is close to 1 for any model, and it falls when the class becomes more frequent even if
    /// the model stays the same; `fnr` does not. Where targets exist only for rows that were predicted
    /// positive it cannot be known.
    /// # Reference
    /// Altman and Bland (1994), BMJ 309, 102.
    /// ```python oracle
    /// y_true, y_pred = decide(y_true, y_pred, y_score, positive, params)
    /// class_shares(y_true, y_pred, positive, lambda tn, fp, fn, tp: (tn, tn + fn), worst=0)
    /// ```
    pub struct Npv = "npv" since "0.1" with [DECISION, THRESHOLD];
}

static SCORE: ClassScore<'static> = ClassScore {
    value: &|counts| share(counts.neither(), counts.rows - counts.predictions),
    gradient: &|counts| {
        let (right, n) = (
            counts.neither() as f64,
            (counts.rows - counts.predictions) as f64,
        );
        Gradient {
            correct: 1.0 / n,
            targets: -1.0 / n,
            predictions: (right / n - 1.0) / n,
            rows: (1.0 - right / n) / n,
        }
    },
    micro: &right_share,
    worst: 0.0,
    reach: 1.0,
};

impl Metric for Npv {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
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
    fn share_of_negative_predictions_that_are_right() {
        let rows = [("1", "1"), ("0", "1"), ("0", "0"), ("0", "0"), ("1", "0")];
        let outcome = only(&Npv, &decided(Some("1"), &rows));
        assert_eq!(outcome.defined().map(|found| found.value), Some(2.0 / 3.0));
        let none = only(&Npv, &decided(Some("1"), &[("1", "1"), ("0", "1")]));
        assert_eq!(none.reason(), Some(&Reason::ZeroDenominator));
    }

    #[test]
    fn averages_over_three_classes() {
        let rows = [("a", "a"), ("a", "b"), ("b", "b"), ("c", "a"), ("c", "c")];
        let outcomes = decided(None, &rows);
        assert_eq!(value_of(&Npv, &outcomes, "a"), Ok(2.0 / 3.0));
        assert_eq!(value_of(&Npv, &outcomes, "b"), Ok(1.0));
        assert_eq!(value_of(&Npv, &outcomes, "c"), Ok(0.75));
        assert_eq!(value_of(&Npv, &outcomes, "micro"), Ok(0.8));
    }
}
