//! Share of correct rows among those predicted as a class.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::params::Params;

use super::class_score::{ClassScore, Gradient, accuracy};
use super::decision::{self, DECISION, THRESHOLD};
use super::{Direction, Metric, Reading, positive_counts, share};
use crate::attribution::RatioParts;
use crate::profile::OutcomeProfile;

entry! {
    /// Share of the rows predicted as a class that are of this class.
    ///
    /// # Inputs
    /// The rows that have both a target and a prediction; classes are compared by their canonical spelling.
    /// Where no prediction was logged, the decision comes from the scores: the threshold for a binary model,
    /// the highest score for more classes. With `decision = score` a binary model is decided anew at
    /// `threshold`, over the rows that have a target and a finite score.
    /// # Result
    /// Values in `[0, 1]`, no unit, higher is better. Binary: one, for the positive class. More classes, over
    /// those seen as target or prediction: the averages `macro` (each class counts the same), `micro` (each
    /// row counts the same; equal to accuracy) and `weighted` (by rows with the class as target), then one
    /// value per class. A class that was never predicted counts as 0 in `macro` and `weighted`.
    ///
    /// Intervals are those of Wilson for the positive class, for each class and for `micro`; for `macro` and
    /// `weighted` they are recovered from those of the classes (MOVER), plus the variance of the weights.
    /// # Undefined
    /// `zero_denominator` for a class that was never predicted; `no_rows`, `no_targets` and `no_predictions`
    /// where no row has both a target and a prediction; `too_many_categories` above 1,000 classes. With
    /// `decision = score` also `no_scores`, `all_null`, and `not_applicable` for more than two classes.
    /// # Cost
    /// `O(c)` time for `c` pairs of target and prediction that occur; exact on every profile. With `decision =
    /// score` `O(log n)` on sealed profiles, and on sketched ones `error_bound` is what their rank error
    /// allows.
    /// # When to use, and when not
    /// Use it where a false alarm is expensive: blocked payments, mail thrown away, patients called in. Read
    /// it beside recall, because a model that predicts the class only when it is certain has a high precision
    /// and finds little. It falls when the class becomes rarer even if the model stays the same; recall does
    /// not. `macro` treats a class with three rows like one with three million: with many rare classes it is
    /// noisy, and its interval says so. But it also jumps when a class drops out of a small window or is no
    /// longer predicted, which no interval can hold: choose windows with some rows of each.
    /// # Reference
    /// Zou and Donner (2008), Statistics in Medicine 27(10), 1693–1702, for the intervals of averages.
    /// ```python oracle
    /// y_true, y_pred = decide(y_true, y_pred, y_score, positive, params)
    ///
    /// def precision(**options):
    ///     return sklearn.metrics.precision_score(y_true, y_pred, **options)
    ///
    /// def answer():
    ///     if not len(y_true):
    ///         return None
    ///     if positive is not None:
    ///         decided = [name == positive for name in y_pred]
    ///         actual = [name == positive for name in y_true]
    ///         return {"": sklearn.metrics.precision_score(actual, decided, zero_division=np.nan)}
    ///     seen = sorted(set(y_true) | set(y_pred))
    ///     values = {f"average={kind}": precision(average=kind, zero_division=0) for kind in ("macro", "micro", "weighted")}
    ///     each = precision(average=None, labels=seen, zero_division=np.nan)
    ///     return values | {f"class={name}": value for name, value in zip(seen, each)}
    ///
    /// answer()
    /// ```
    pub struct Precision = "precision" since "0.1" with [DECISION, THRESHOLD];
}

static SCORE: ClassScore<'static> = ClassScore {
    value: &|counts| share(counts.correct, counts.predictions),
    gradient: &|counts| {
        let (correct, predictions) = (counts.correct as f64, counts.predictions as f64);
        Gradient {
            correct: 1.0 / predictions,
            predictions: -correct / (predictions * predictions),
            ..Gradient::default()
        }
    },
    micro: &accuracy,
    worst: 0.0,
    reach: 1.0,
};

impl Metric for Precision {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn ratio(&self, outcomes: &OutcomeProfile) -> Option<RatioParts> {
        let counts = positive_counts(outcomes)?;
        Some(RatioParts {
            numerator: counts.correct as f64,
            denominator: counts.predictions as f64,
        })
    }

    fn standing(&self) -> Standing {
        Standing::Decided
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        decision::readings(self, outcomes, params, |decided| SCORE.readings(decided))
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_core::outcome::Reason;

    use super::super::testing::{decided, only, value_of};
    use super::*;

    #[test]
    fn positive_class_of_a_binary_model() {
        let rows = [("1", "1"), ("0", "1"), ("0", "1"), ("1", "0"), ("0", "0")];
        let outcome = only(&Precision, &decided(Some("1"), &rows));
        assert_eq!(
            outcome.defined().map(|measure| measure.value),
            Some(1.0 / 3.0)
        );
        let never = only(&Precision, &decided(Some("1"), &[("1", "0")]));
        assert_eq!(never.reason(), Some(&Reason::ZeroDenominator));
    }

    #[test]
    fn class_never_predicted_is_undefined_and_counts_as_zero_in_averages() {
        let outcomes = decided(None, &[("a", "a"), ("b", "a"), ("c", "c"), ("c", "c")]);
        assert_eq!(
            value_of(&Precision, &outcomes, "b"),
            Err(Reason::ZeroDenominator)
        );
        assert_eq!(value_of(&Precision, &outcomes, "a"), Ok(0.5));
        assert_eq!(value_of(&Precision, &outcomes, "macro"), Ok(0.5));
        assert_eq!(value_of(&Precision, &outcomes, "micro"), Ok(0.75));
        assert_eq!(value_of(&Precision, &outcomes, "weighted"), Ok(0.625));
    }

    #[test]
    fn empty_window_has_a_row_for_each_average() {
        let readings = Precision.evaluate(
            &decided(None, &[]).into(),
            &Params::defaults(Precision.parameters()),
        );
        assert_eq!(readings.len(), 3);
        assert!(
            readings
                .iter()
                .all(|reading| reading.outcome.reason() == Some(&Reason::NoRows))
        );
    }
}
