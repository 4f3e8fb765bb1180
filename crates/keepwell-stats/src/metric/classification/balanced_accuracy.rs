//! Mean recall over classes.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;

use super::decision::{self, DECISION, THRESHOLD};
use super::{Direction, Metric, Reading};
use crate::interval::{self, Dependence};
use crate::profile::OutcomeProfile;
use crate::profile::outcome::classes::Confusion;

entry! {
    /// Mean recall over the classes that are some row's target, each counting the same.
    ///
    /// # Inputs
    /// The rows that have both a target and a prediction; classes are compared by their canonical spelling.
    /// Where no prediction was logged, the decision comes from the scores: the threshold for a binary model,
    /// the highest score for more classes. With `decision = score` a binary model is decided anew at
    /// `threshold`, over the rows that have a target and a finite score.
    /// # Result
    /// One value in `[0, 1]`, no unit, higher is better; a model that ignores its input has one over the
    /// number of classes. The interval is recovered from those of Wilson for each recall (MOVER), which rest
    /// on different rows and so are independent given the targets.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both a target and a prediction;
    /// `too_many_categories` above 1,000 classes. With `decision = score` also `no_scores`, `all_null`, and
    /// `not_applicable` for more than two classes.
    /// # Cost
    /// `O(c)` time for `c` pairs of target and prediction that occur; exact on every profile. With `decision =
    /// score` `O(log n)` on sealed profiles, and on sketched ones `error_bound` is what their rank error
    /// allows.
    /// # When to use, and when not
    /// Use it instead of accuracy where classes differ in frequency and each matters as much: it does not move
    /// when their shares do. Do not use it where the frequent class is what the business lives on, nor with
    /// classes of a few rows, which move it by much; the interval says how much. A class that drops out of a
    /// small window changes what it is the mean of, which no interval can hold.
    /// # Reference
    /// Brodersen, Ong, Stephan and Buhmann (2010), Proceedings of the 20th International Conference on Pattern
    /// Recognition, 3121–3124; Zou and Donner (2008), Statistics in Medicine 27(10), 1693–1702, for the
    /// interval.
    /// ```python oracle
    /// y_true, y_pred = decide(y_true, y_pred, y_score, positive, params)
    /// {"": sklearn.metrics.balanced_accuracy_score(y_true, y_pred) if len(y_true) else None}
    /// ```
    pub struct BalancedAccuracy = "balanced_accuracy" since "0.1" with [DECISION, THRESHOLD];
}

impl Metric for BalancedAccuracy {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        decision::readings(self, outcomes, params, |decided| decided.plain(balanced))
    }
}

fn balanced(confusion: &Confusion<'_>) -> Outcome<Measure> {
    let recalls: Vec<Measure> = confusion
        .counts()
        .iter()
        .filter_map(|counts| interval::proportion(counts.correct, counts.targets))
        .collect();
    // There is a row, and its target is a class.
    let weight = 1.0 / recalls.len() as f64;
    let value = recalls.iter().map(|recall| recall.value).sum::<f64>() * weight;
    let terms: Vec<(f64, Measure)> = recalls.into_iter().map(|recall| (weight, recall)).collect();
    let independent = Dependence {
        inflation: 1.0,
        extra_variance: 0.0,
    };
    Outcome::Defined(interval::weighted_sum(value.min(1.0), &terms, independent))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{decided, only};
    use super::*;

    #[test]
    fn rare_classes_count_like_frequent_ones() {
        let mut rows = vec![("0", "0"); 98];
        rows.extend([("1", "0"), ("1", "1")]);
        let measure = only(&BalancedAccuracy, &decided(Some("1"), &rows));
        let measure = measure.into_result().expect("defined");
        assert_eq!(measure.value, 0.75);
        // One of two rows says little, however many the other class has.
        let interval = measure.interval.expect("always there");
        assert!(
            interval.lower < 0.58 && interval.upper > 0.9,
            "{interval:?}"
        );
    }

    #[test]
    fn classes_that_are_only_predicted_do_not_count() {
        let outcome = only(&BalancedAccuracy, &decided(None, &[("a", "a"), ("b", "c")]));
        assert_eq!(outcome.defined().map(|found| found.value), Some(0.5));
    }
}
