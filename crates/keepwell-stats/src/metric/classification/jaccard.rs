//! Overlap of the rows of a class with the rows predicted as it.

use keepwell_core::entry;
use keepwell_core::params::Params;

use super::class_score::{ClassScore, Gradient};
use super::decision::{self, DECISION, THRESHOLD};
use super::{Direction, Metric, Reading, share};
use crate::interval;
use crate::profile::OutcomeProfile;

entry! {
    /// Correct rows of a class over the rows that have it as target, as prediction, or both: the Jaccard
    /// index, or critical success index.
    ///
    /// # Inputs
    /// The rows that have both a target and a prediction; classes are compared by their canonical spelling.
    /// Where no prediction was logged, the decision comes from the scores: the threshold for a binary model,
    /// the highest score for more classes. With `decision = score` a binary model is decided anew at
    /// `threshold`, over the rows that have a target and a finite score.
    /// # Result
    /// Values in `[0, 1]`, no unit, higher is better. Binary: one, for the positive class. More classes, over
    /// those seen as target or prediction: the averages `macro` (each class counts the same), `micro` (each
    /// row counts the same; `a / (2 - a)` of the accuracy `a`) and `weighted` (by rows with the class as
    /// target), then one value per class. It is `f1 / (2 - f1)`, so it orders models as F1 does.
    ///
    /// Intervals are those of Wilson for the positive class and for each class, and that of the accuracy,
    /// rescaled, for `micro`; for `macro` and `weighted` they are recovered from those of the classes (MOVER),
    /// widened for a wrong row that lowers two classes, as for `f1`.
    /// # Undefined
    /// `zero_denominator` if the positive class is neither target nor prediction of any row; `no_rows`,
    /// `no_targets` and `no_predictions` where no row has both a target and a prediction;
    /// `too_many_categories` above 1,000 classes. With `decision = score` also `no_scores`, `all_null`, and
    /// `not_applicable` for more than two classes.
    /// # Cost
    /// `O(c)` time for `c` pairs of target and prediction that occur; exact on every profile. With `decision =
    /// score` `O(log n)` on sealed profiles, and on sketched ones `error_bound` is what their rank error
    /// allows.
    /// # When to use, and when not
    /// Use it where it is the custom: rare events in weather, overlap of segmentations. In contrast to F1 it
    /// is a share of rows, and so has an exact reading: of all rows where the class was there or called, so
    /// many were right. Else F1 says the same on a scale that more people know. It ignores rows that are
    /// rightly negative, and depends on the share of the class.
    /// # Reference
    /// Jaccard (1912), New Phytologist 11(2), 37–50.
    /// ```python oracle
    /// y_true, y_pred = decide(y_true, y_pred, y_score, positive, params)
    ///
    /// def jaccard(**options):
    ///     return sklearn.metrics.jaccard_score(y_true, y_pred, **options)
    ///
    /// def answer():
    ///     if not len(y_true):
    ///         return None
    ///     if positive is not None:
    ///         if positive not in set(y_true) | set(y_pred):
    ///             return None
    ///         decided = [name == positive for name in y_pred]
    ///         actual = [name == positive for name in y_true]
    ///         return {"": sklearn.metrics.jaccard_score(actual, decided)}
    ///     seen = sorted(set(y_true) | set(y_pred))
    ///     values = {f"average={kind}": jaccard(average=kind) for kind in ("macro", "micro", "weighted")}
    ///     each = jaccard(average=None, labels=seen)
    ///     return values | {f"class={name}": value for name, value in zip(seen, each)}
    ///
    /// answer()
    /// ```
    pub struct Jaccard = "jaccard" since "0.1" with [DECISION, THRESHOLD];
}

static SCORE: ClassScore<'static> = ClassScore {
    value: &|counts| share(counts.correct, counts.either()),
    gradient: &|counts| {
        let (correct, n) = (counts.correct as f64, counts.either() as f64);
        Gradient {
            correct: (1.0 + correct / n) / n,
            targets: -correct / n / n,
            predictions: -correct / n / n,
            ..Gradient::default()
        }
    },
    micro: &|confusion| {
        let right = share(confusion.correct(), confusion.n());
        right.map(|right| interval::transformed(&right, |right| right / (2.0 - right)))
    },
    worst: 0.0,
    reach: 2.0,
};

impl Metric for Jaccard {
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
    fn overlap_of_the_positive_class() {
        let rows = [("1", "1"), ("0", "1"), ("0", "0"), ("1", "0"), ("1", "1")];
        let outcome = only(&Jaccard, &decided(Some("1"), &rows));
        assert_eq!(outcome.defined().map(|found| found.value), Some(0.5));
        let absent = only(&Jaccard, &decided(Some("1"), &[("0", "0")]));
        assert_eq!(absent.reason(), Some(&Reason::ZeroDenominator));
    }

    #[test]
    fn micro_average_pools_the_counts_of_all_classes() {
        let outcomes = decided(None, &[("a", "a"), ("a", "b"), ("b", "b"), ("c", "c")]);
        assert_eq!(value_of(&Jaccard, &outcomes, "micro"), Ok(0.6));
    }
}
