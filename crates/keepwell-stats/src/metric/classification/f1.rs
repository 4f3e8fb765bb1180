//! Harmonic mean of precision and recall.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;

use super::class_score::{ClassScore, Gradient, accuracy};
use super::decision::{self, DECISION, THRESHOLD};
use super::{Direction, Metric, Reading, positive_counts, share};
use crate::attribution::RatioParts;
use crate::interval;
use crate::profile::OutcomeProfile;

entry! {
    /// Harmonic mean of precision and recall: twice the correct rows of a class over its targets plus its
    /// predictions.
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
    /// value per class. A class without a correct row has 0.
    ///
    /// For the positive class and for each class the interval is that of Wilson for the Jaccard share `j =
    /// correct / (targets or predictions)`, carried over by `f1 = 2 j / (1 + j)`, which is increasing. For
    /// `micro` it is Wilson's. For `macro` and `weighted` it is recovered from those of the classes (MOVER);
    /// since one wrong row lowers two classes, it is widened by the ratio of the delta-method variances with
    /// and without that dependence, which is between 1 and 2 (2 where no row is wrong).
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
    /// Use it as the single number for a rare positive class, where accuracy says nothing. It ignores rows
    /// that are rightly negative, so do not use it where those matter. It weighs a miss like a false alarm;
    /// where their costs differ, watch precision and recall apart. It depends on the share of the class: an F1
    /// of 0.6 is poor for a class with half of the rows, and good for one with a hundredth, so do not compare
    /// segments with different shares by it.
    /// # Reference
    /// van Rijsbergen (1979), Information Retrieval, 2nd edition, chapter 7. Takahashi, Yamamoto, Kuchiba and
    /// Koyama (2022), Applied Intelligence 52, 4961–4972, for the variance of averages.
    /// ```python oracle
    /// y_true, y_pred = decide(y_true, y_pred, y_score, positive, params)
    ///
    /// def f1(**options):
    ///     return sklearn.metrics.f1_score(y_true, y_pred, **options)
    ///
    /// def answer():
    ///     if not len(y_true):
    ///         return None
    ///     if positive is not None:
    ///         decided = [name == positive for name in y_pred]
    ///         actual = [name == positive for name in y_true]
    ///         return {"": sklearn.metrics.f1_score(actual, decided, zero_division=np.nan)}
    ///     seen = sorted(set(y_true) | set(y_pred))
    ///     values = {f"average={kind}": f1(average=kind, zero_division=0) for kind in ("macro", "micro", "weighted")}
    ///     each = f1(average=None, labels=seen, zero_division=np.nan)
    ///     return values | {f"class={name}": value for name, value in zip(seen, each)}
    ///
    /// answer()
    /// ```
    pub struct F1 = "f1" since "0.1" with [DECISION, THRESHOLD];
}

static SCORE: ClassScore<'static> = ClassScore {
    value: &|counts| match share(counts.correct, counts.either()) {
        Outcome::Defined(jaccard) => {
            let mut measure = interval::transformed(&jaccard, |j| 2.0 * j / (1.0 + j));
            // The same number without the detour over the Jaccard share and its rounding.
            measure.value =
                2.0 * counts.correct as f64 / (counts.targets + counts.predictions) as f64;
            Outcome::Defined(measure)
        }
        undefined => undefined,
    },
    gradient: &|counts| {
        let correct = counts.correct as f64;
        let sum = (counts.targets + counts.predictions) as f64;
        Gradient {
            correct: 2.0 / sum,
            targets: -2.0 * correct / (sum * sum),
            predictions: -2.0 * correct / (sum * sum),
            ..Gradient::default()
        }
    },
    micro: &accuracy,
    worst: 0.0,
    reach: 2.0,
};

impl Metric for F1 {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn ratio(&self, outcomes: &OutcomeProfile) -> Option<RatioParts> {
        let counts = positive_counts(outcomes)?;
        Some(RatioParts {
            numerator: 2.0 * counts.correct as f64,
            denominator: (counts.targets + counts.predictions) as f64,
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

    use super::super::precision::Precision;
    use super::super::recall::Recall;
    use super::super::testing::{Random, coverage, decided, only, profile, value_of};
    use super::*;
    use crate::profile::ClassOutcomes;

    #[test]
    fn zero_and_undefined_are_told_apart() {
        let wrong = only(&F1, &decided(Some("1"), &[("1", "0"), ("0", "1")]));
        assert_eq!(wrong.defined().map(|measure| measure.value), Some(0.0));
        let absent = only(&F1, &decided(Some("1"), &[("0", "0")]));
        assert_eq!(absent.reason(), Some(&Reason::ZeroDenominator));
    }

    #[test]
    fn averages_of_three_classes() {
        let rows = [("a", "a"), ("a", "a"), ("a", "b"), ("b", "b"), ("c", "b")];
        let outcomes = decided(None, &rows);
        for (name, expected) in [
            ("a", 0.8),
            ("b", 0.5),
            ("c", 0.0),
            ("macro", 1.3 / 3.0),
            ("micro", 0.6),
            ("weighted", (3.0 * 0.8 + 0.5) / 5.0),
        ] {
            let found = value_of(&F1, &outcomes, name).expect("defined");
            assert!((found - expected).abs() < 1e-15, "{name}");
        }
    }

    #[test]
    fn perfection_is_not_certainty() {
        let rows: Vec<(&str, &str)> = [[("a", "a"), ("b", "b")]; 50].concat();
        for reading in F1.evaluate(
            &decided(None, &rows).into(),
            &Params::defaults(F1.parameters()),
        ) {
            let interval = reading
                .outcome
                .defined()
                .and_then(|measure| measure.interval);
            let interval = interval.expect("always there");
            assert!(
                interval.upper == 1.0 && interval.lower < 0.98,
                "{:?}",
                reading.labels
            );
        }
    }

    /// Probabilities of target (row) and prediction (column), of a good model with a rare third class.
    const CELLS: [[f64; 3]; 3] = [[0.45, 0.05, 0.01], [0.06, 0.25, 0.03], [0.02, 0.03, 0.10]];

    fn sample(random: &mut Random, n: usize) -> ClassOutcomes {
        let mut outcomes = profile(None, &[]);
        let classes = ["a", "b", "c"].map(|class| outcomes.class_index(class));
        for _ in 0..n {
            let mut left = random.uniform();
            let mut idx = 0;
            while idx < 8 && left >= CELLS[idx / 3][idx % 3] {
                left -= CELLS[idx / 3][idx % 3];
                idx += 1;
            }
            outcomes.push(Some(classes[idx / 3]), Some(classes[idx % 3]), &[]);
        }
        outcomes
    }

    /// True averages, `macro` then `weighted`, of a score of correct, target and predicted shares.
    fn truths(score: fn(f64, f64, f64) -> f64) -> [f64; 2] {
        let mut sums = [0.0; 2];
        for class in 0..3 {
            let targets: f64 = CELLS[class].iter().sum();
            let predictions: f64 = CELLS.iter().map(|row| row[class]).sum();
            let value = score(CELLS[class][class], targets, predictions);
            sums[0] += value / 3.0;
            sums[1] += value * targets;
        }
        sums
    }

    #[test]
    fn intervals_of_averages_hold_the_truth_in_about_95_of_100_samples() {
        let metrics: [(&dyn Metric, [f64; 2]); 3] = [
            (
                &F1,
                truths(|correct, targets, predictions| 2.0 * correct / (targets + predictions)),
            ),
            (
                &Precision,
                truths(|correct, _, predictions| correct / predictions),
            ),
            (&Recall, truths(|correct, targets, _| correct / targets)),
        ];
        for n in [50, 500] {
            for (metric, [macro_truth, weighted_truth]) in metrics {
                for (idx, truth) in [(0, macro_truth), (2, weighted_truth)] {
                    let share = coverage(metric, idx, truth, 400, |random| sample(random, n));
                    assert!(
                        (0.92..=0.98).contains(&share),
                        "{} {idx} {n}: {share}",
                        metric.info().id
                    );
                }
            }
        }
    }
}
