//! Weighted harmonic mean of precision and recall.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use super::class_score::{ClassScore, Gradient, accuracy};
use super::decision::{self, DECISION, THRESHOLD};
use super::{Direction, Metric, Reading};
use crate::interval;
use crate::profile::OutcomeProfile;
use crate::profile::outcome::classes::ClassCounts;

entry! {
    /// Weighted harmonic mean of precision and recall, recall weighing `beta²` times as much.
    ///
    /// # Inputs
    /// The rows that have both a target and a prediction; classes are compared by their canonical spelling.
    /// Where no prediction was logged, the decision comes from the scores: the threshold for a binary model,
    /// the highest score for more classes. With `decision = score` a binary model is decided anew at
    /// `threshold`, over the rows that have a target and a finite score.
    /// # Result
    /// Values in `[0, 1]`, no unit, higher is better: `(1 + b) c / ((1 + b) c + b misses + alarms)` with `b =
    /// beta²` and `c` the correct rows of the class. Binary: one, for the positive class. More classes, over
    /// those seen as target or prediction: the averages `macro` (each class counts the same), `micro` (each
    /// row counts the same; equal to accuracy) and `weighted` (by rows with the class as target), then one
    /// value per class. A class without a correct row has 0.
    ///
    /// The interval of a class is that of Wilson for the number of rows of which a share would have the
    /// variance of this value by the delta method. For `micro` it is Wilson's; for `macro` and `weighted` it
    /// is recovered from those of the classes, as for `f1`.
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
    /// Use it where one number is wanted and a miss costs `beta` times as much attention as a false alarm: 2
    /// for screening, 0.5 for what interrupts people. If costs are known in money, `business_value` says more.
    /// Like F1 it ignores rows that are rightly negative and depends on the share of the class. Of a check
    /// without a specification it is no part, because `beta` is a choice.
    /// # Reference
    /// van Rijsbergen (1979), Information Retrieval, 2nd edition, chapter 7.
    /// ```python oracle
    /// y_true, y_pred = decide(y_true, y_pred, y_score, positive, params)
    /// beta = params["beta"]
    ///
    /// def f_beta(**options):
    ///     return sklearn.metrics.fbeta_score(y_true, y_pred, beta=beta, **options)
    ///
    /// def answer():
    ///     if not len(y_true):
    ///         return None
    ///     if positive is not None:
    ///         decided = [name == positive for name in y_pred]
    ///         actual = [name == positive for name in y_true]
    ///         return {"": sklearn.metrics.fbeta_score(actual, decided, beta=beta, zero_division=np.nan)}
    ///     seen = sorted(set(y_true) | set(y_pred))
    ///     values = {f"average={kind}": f_beta(average=kind, zero_division=0) for kind in ("macro", "micro", "weighted")}
    ///     each = f_beta(average=None, labels=seen, zero_division=np.nan)
    ///     return values | {f"class={name}": value for name, value in zip(seen, each)}
    ///
    /// answer()
    /// ```
    pub struct FBeta = "f_beta" since "0.1" with [
        Parameter {
            name: "beta",
            doc: "How much more recall counts than precision; below 1 it counts less, and 1 is F1.",
            domain: Domain::Float { default: 2.0, min: 0.0, max: 1000.0 },
        },
        DECISION,
        THRESHOLD,
    ];
}

/// Counts of a class, misses weighted by `b`.
struct Weighted {
    /// `(1 + b)` times the correct rows.
    right: f64,
    /// `b` times the misses, plus the false alarms.
    wrong: f64,
}

impl Weighted {
    fn of(counts: ClassCounts, b: f64) -> Self {
        Self {
            right: (1.0 + b) * counts.correct as f64,
            wrong: b * counts.misses() as f64 + counts.alarms() as f64,
        }
    }

    fn all(&self) -> f64 {
        self.right + self.wrong
    }
}

fn value(counts: ClassCounts, b: f64) -> Outcome<Measure> {
    let weighted = Weighted::of(counts, b);
    if weighted.all() <= 0.0 {
        return Outcome::Undefined(Reason::ZeroDenominator);
    }
    let value = weighted.right / weighted.all();
    // The multinomial variance, by the delta method, is that of a share of so many rows. The weight of
    // the mistakes is the greatest where there are none.
    let weight = if weighted.wrong > 0.0 {
        (b * b * counts.misses() as f64 + counts.alarms() as f64) / weighted.wrong
    } else {
        b.max(1.0)
    };
    let n = weighted.all() / ((1.0 + b) * (1.0 - value) + weight * value);
    Outcome::Defined(interval::effective_share(
        value,
        value * (1.0 - value) / n,
        n,
    ))
}

fn gradient(counts: ClassCounts, b: f64) -> Gradient {
    let weighted = Weighted::of(counts, b);
    // The denominator is `b` times the targets plus the predictions.
    let slope = -weighted.right / weighted.all() / weighted.all();
    Gradient {
        correct: (1.0 + b) / weighted.all(),
        targets: b * slope,
        predictions: slope,
        ..Gradient::default()
    }
}

impl Metric for FBeta {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn standing(&self) -> Standing {
        Standing::OnRequest
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        let b = params.float("beta").powi(2);
        let score = ClassScore {
            value: &|counts| value(counts, b),
            gradient: &|counts| gradient(counts, b),
            micro: &accuracy,
            worst: 0.0,
            reach: 2.0,
        };
        decision::readings(self, outcomes, params, |decided| score.readings(decided))
    }
}

#[cfg(test)]
mod tests {
    use super::super::f1::F1;
    use super::super::testing::{coverage, decided, only, profile};
    use super::*;

    fn counts(correct: u64, misses: u64, alarms: u64) -> ClassCounts {
        ClassCounts {
            correct,
            targets: correct + misses,
            predictions: correct + alarms,
            rows: 1_000,
        }
    }

    #[test]
    fn recall_weighs_more_above_one() {
        let rows = [
            ("1", "1"),
            ("1", "1"),
            ("0", "1"),
            ("0", "0"),
            ("1", "0"),
            ("1", "0"),
        ];
        let outcome = only(&FBeta, &decided(Some("1"), &rows));
        // Precision 2/3, recall 1/2, beta 2.
        assert_eq!(
            outcome.defined().map(|found| found.value),
            Some(10.0 / 19.0)
        );
    }

    #[test]
    fn a_beta_of_one_is_f1_with_nearly_its_interval() {
        for (correct, misses, alarms) in [(40, 0, 0), (0, 20, 20), (30, 12, 9), (3, 1, 40)] {
            let found = value(counts(correct, misses, alarms), 1.0);
            let mut rows = Vec::new();
            rows.extend((0..correct).map(|_| ("1", "1")));
            rows.extend((0..misses).map(|_| ("1", "0")));
            rows.extend((0..alarms).map(|_| ("0", "1")));
            let expected = only(&F1, &decided(Some("1"), &rows));
            let [found, expected] =
                [found, expected].map(|one| one.into_result().expect("defined"));
            assert!((found.value - expected.value).abs() < 1e-15);
            let [found, expected] = [found, expected].map(|one| one.interval.expect("set"));
            assert!(
                (found.lower - expected.lower).abs() < 0.02,
                "{found:?} {expected:?}"
            );
            assert!(
                (found.upper - expected.upper).abs() < 0.02,
                "{found:?} {expected:?}"
            );
        }
    }

    #[test]
    fn interval_holds_the_truth_in_about_95_of_100_samples() {
        // Of the targets 0.3 are positive; recall 0.6, false positive rate 0.1.
        let truth = 5.0 * 0.18 / (5.0 * 0.18 + 4.0 * 0.12 + 0.07);
        for n in [60, 400] {
            let share = coverage(&FBeta, 0, truth, 1_000, |random| {
                let mut outcomes = profile(Some("1"), &[]);
                let classes = ["0", "1"].map(|class| outcomes.class_index(class));
                for _ in 0..n {
                    let is_positive = random.uniform() < 0.3;
                    let is_called = random.uniform() < if is_positive { 0.6 } else { 0.1 };
                    let of = |flag: bool| Some(classes[usize::from(flag)]);
                    outcomes.push(of(is_positive), of(is_called), &[]);
                }
                outcomes
            });
            assert!((0.92..=0.98).contains(&share), "{n}: {share}");
        }
    }
}
