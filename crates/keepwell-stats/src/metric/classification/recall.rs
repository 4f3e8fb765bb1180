//! Share of the rows of a class that are found.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::params::Params;

use super::class_score::{ClassScore, Gradient, accuracy};
use super::decision::{self, DECISION, THRESHOLD};
use super::{Direction, Metric, Reading, positive_counts, share};
use crate::attribution::RatioParts;
use crate::profile::OutcomeProfile;

entry! {
    /// Share of the rows of a class that are predicted as this class.
    ///
    /// # Inputs
    /// The rows that have both a target and a prediction; classes are compared by their canonical spelling.
    /// Where no prediction was logged, the decision comes from the scores: the threshold for a binary model,
    /// the highest score for more classes. With `decision = score` a binary model is decided anew at
    /// `threshold`, over the rows that have a target and a finite score.
    /// # Result
    /// Values in `[0, 1]`, no unit, higher is better. Binary: one, for the positive class (also called
    /// sensitivity or true positive rate). More classes, over those seen as target or prediction: the averages
    /// `macro` (each class counts the same; also called balanced accuracy if every class has targets), `micro`
    /// (each row counts the same) and `weighted` (by rows with the class as target), then one value per class.
    /// `micro` and `weighted` both equal accuracy. A class without a target counts as 0 in `macro`.
    ///
    /// Intervals are those of Wilson for the positive class, for each class and for `micro`; for `macro` and
    /// `weighted` they are recovered from those of the classes (MOVER), plus the variance of the weights.
    /// # Undefined
    /// `zero_denominator` for a class that is no row's target; `no_rows`, `no_targets` and `no_predictions`
    /// where no row has both a target and a prediction; `too_many_categories` above 1,000 classes. With
    /// `decision = score` also `no_scores`, `all_null`, and `not_applicable` for more than two classes.
    /// # Cost
    /// `O(c)` time for `c` pairs of target and prediction that occur; exact on every profile. With `decision =
    /// score` `O(log n)` on sealed profiles, and on sketched ones `error_bound` is what their rank error
    /// allows.
    /// # When to use, and when not
    /// Use it where a miss is expensive: fraud, defects, illness. It does not depend on how frequent the class
    /// is, so it can be compared between windows and segments with different shares. Read it beside precision,
    /// because a model that always predicts the class has a recall of 1. Do not trust it where targets exist
    /// only for rows that were predicted positive (only blocked payments are investigated): the misses are
    /// then invisible and recall is close to 1 by construction. `macro` jumps when a class drops out of a
    /// small window, which no interval can hold: choose windows with some rows of each class.
    /// # Reference
    /// Zou and Donner (2008), Statistics in Medicine 27(10), 1693–1702, for the intervals of averages.
    /// ```python oracle
    /// y_true, y_pred = decide(y_true, y_pred, y_score, positive, params)
    ///
    /// def recall(**options):
    ///     return sklearn.metrics.recall_score(y_true, y_pred, **options)
    ///
    /// def answer():
    ///     if not len(y_true):
    ///         return None
    ///     if positive is not None:
    ///         decided = [name == positive for name in y_pred]
    ///         actual = [name == positive for name in y_true]
    ///         return {"": sklearn.metrics.recall_score(actual, decided, zero_division=np.nan)}
    ///     seen = sorted(set(y_true) | set(y_pred))
    ///     values = {f"average={kind}": recall(average=kind, zero_division=0) for kind in ("macro", "micro", "weighted")}
    ///     each = recall(average=None, labels=seen, zero_division=np.nan)
    ///     return values | {f"class={name}": value for name, value in zip(seen, each)}
    ///
    /// answer()
    /// ```
    pub struct Recall = "recall" since "0.1" with [DECISION, THRESHOLD];
}

static SCORE: ClassScore<'static> = ClassScore {
    value: &|counts| share(counts.correct, counts.targets),
    gradient: &|counts| {
        let (correct, targets) = (counts.correct as f64, counts.targets as f64);
        Gradient {
            correct: 1.0 / targets,
            targets: -correct / (targets * targets),
            ..Gradient::default()
        }
    },
    micro: &accuracy,
    worst: 0.0,
    reach: 1.0,
};

impl Metric for Recall {
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
            denominator: counts.targets as f64,
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
        let rows = [("1", "1"), ("1", "1"), ("0", "1"), ("1", "0"), ("0", "0")];
        let outcome = only(&Recall, &decided(Some("1"), &rows));
        assert_eq!(
            outcome.defined().map(|measure| measure.value),
            Some(2.0 / 3.0)
        );
        let absent = only(&Recall, &decided(Some("1"), &[("0", "1")]));
        assert_eq!(absent.reason(), Some(&Reason::ZeroDenominator));
    }

    #[test]
    fn weighted_and_micro_are_accuracy() {
        let rows = [("a", "a"), ("b", "a"), ("c", "c"), ("c", "c"), ("b", "d")];
        let outcomes = decided(None, &rows);
        assert_eq!(value_of(&Recall, &outcomes, "micro"), Ok(0.6));
        let weighted = value_of(&Recall, &outcomes, "weighted").expect("rows exist");
        assert!((weighted - 0.6).abs() < 1e-15);
        assert_eq!(value_of(&Recall, &outcomes, "macro"), Ok(0.5));
        assert_eq!(
            value_of(&Recall, &outcomes, "d"),
            Err(Reason::ZeroDenominator)
        );
    }

    #[test]
    fn rare_class_widens_the_macro_interval() {
        let mut rows = vec![("a", "a"); 950];
        rows.extend(vec![("a", "b"); 50]);
        let width = |n_rare: usize| {
            let mut rows = rows.clone();
            rows.extend(vec![("b", "b"); n_rare]);
            let readings = Recall.evaluate(
                &decided(None, &rows).into(),
                &Params::defaults(Recall.parameters()),
            );
            let measure = *readings[0].outcome.defined().expect("rows exist");
            measure.value - measure.interval.expect("always there").lower
        };
        // Three of three found says little: Wilson's lower end is 0.44, and it has half the weight.
        assert!(width(3) > 0.25);
        assert!(width(1000) < 0.02);
    }
}
