//! Area under the curve of precision over recall, as a sum over its steps.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::params::Params;

use super::{Direction, Metric, Reading, one_versus_rest};
use crate::interval;
use crate::profile::OutcomeProfile;
use crate::profile::outcome::classes::{Ranks, Tie};

entry! {
    /// Mean precision at the scores of the rows of a class: of the rows that score at least as high, the
    /// share that is of this class.
    ///
    /// # Inputs
    /// The rows that have a target and a finite score of each scored class. Scores may be probabilities or
    /// margins; only their order matters.
    /// # Result
    /// Values in `[0, 1]`, no unit, higher is better; a ranking by chance has the share of the class. Binary:
    /// one, for the positive class. More classes: each class against the rest, and of these the averages
    /// `macro` (each class counts the same) and `weighted` (by rows with the class as target). Classes
    /// without targets do not count. Steps are not joined by lines, which would flatter the model.
    ///
    /// The variance is that of the influence of each row on the value; the interval is Wilson's for the
    /// number of rows of which a share would have this variance, at most the number of rows of the class.
    /// For averages over classes, whose values depend on the same rows, it takes them as perfectly
    /// correlated, which makes it wider than needed but never too narrow; the weights are taken as known.
    ///
    /// On a sketched profile no bound on the error is known but the range, which `error_bound` states.
    /// # Undefined
    /// `no_scores` without score columns, and for a class without one; `all_null` if no row has all its
    /// scores; `no_targets` if no such row has a target; `one_class` if all targets are of the class, or
    /// none is (scikit-learn says 1 and 0); `no_rows`.
    /// # Cost
    /// `O(n log n)` time per class for `n` rows, `O(n)` on sealed profiles; on sketched ones by the number
    /// of retained scores.
    /// # When to use, and when not
    /// Use it for a rare class of which only the top of the ranking is acted on: alarms that people look at,
    /// leads that are called. It sees what `roc_auc` averages away. It depends on the share of the class: do
    /// not compare windows or segments by it whose shares differ, and compare it with the share itself. With
    /// few rows of the class it is noisy, and somewhat too high on average.
    /// # Reference
    /// Davis and Goadrich (2006), Proceedings of the 23rd International Conference on Machine Learning,
    /// 233–240; Boyd, Eng and Page (2013), Machine Learning and Knowledge Discovery in Databases, LNCS 8190,
    /// 451–466, for intervals.
    /// ```python oracle
    /// def area(actual, scores):
    ///     return sklearn.metrics.average_precision_score(actual, scores) if len(set(actual)) == 2 else None
    ///
    /// def answer():
    ///     if y_score is None or not len(y_true):
    ///         return None
    ///     scores = np.asarray(y_score, float)
    ///     complete = np.isfinite(scores) if scores.ndim == 1 else np.isfinite(scores).all(axis=1)
    ///     scores, targets = scores[complete], [name for name, use in zip(y_true, complete) if use]
    ///     if positive is not None:
    ///         return {"": area([name == positive for name in targets], scores)}
    ///     values = {name: area([target == name for target in targets], scores[:, i]) for i, name in enumerate(classes)}
    ///     there = [name for name in classes if values[name] is not None]
    ///     if not there:
    ///         return None
    ///     each = [values[name] for name in there]
    ///     averages = {
    ///         "average=macro": np.average(each),
    ///         "average=weighted": np.average(each, weights=[targets.count(name) for name in there]),
    ///     }
    ///     return averages | {f"class={name}": values[name] for name in classes}
    ///
    /// answer()
    /// ```
    pub struct AveragePrecision = "average_precision" since "0.1";
}

impl Metric for AveragePrecision {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        let Some(outcomes) = outcomes.classes() else {
            return Vec::new();
        };
        one_versus_rest::readings(outcomes, mean_precision)
    }
}

/// Mean precision of two sides that both hold rows.
fn mean_precision(ranks: &Ranks) -> Measure {
    let steps = Step::all(&ranks.ties);
    let n = ranks.this as f64;
    let sum: f64 = steps.iter().map(|step| step.own * step.precision()).sum();
    let value = (sum / n).min(1.0);
    // Chance decides which rows of the class lead: more than they are cannot count.
    let variance = (influence(&steps, value) / (n * n)).max(value * (1.0 - value) / n);
    let measure = interval::effective_share(value, variance, n);
    if ranks.rank_error > 0.0 {
        return measure.with_error_bound(value.max(1.0 - value));
    }
    measure
}

/// The rows of one score, and those that score at least as high.
struct Step {
    own: f64,
    others: f64,
    own_upto: f64,
    others_upto: f64,
}

impl Step {
    /// The scores in descending order.
    fn all(ties: &[Tie]) -> Vec<Self> {
        let (mut own_upto, mut others_upto) = (0.0, 0.0);
        let step = |tie: &Tie| {
            let (own, others) = (tie.this as f64, tie.rest as f64);
            own_upto += own;
            others_upto += others;
            Self {
                own,
                others,
                own_upto,
                others_upto,
            }
        };
        ties.iter().rev().map(step).collect()
    }

    fn precision(&self) -> f64 {
        self.own_upto / (self.own_upto + self.others_upto)
    }
}

/// Sum of the squared influences of all rows on the sum of precisions. A row of the class adds its own
/// precision and raises that of every row of the class below it; any other row lowers those.
fn influence(steps: &[Step], value: f64) -> f64 {
    let (mut raised, mut lowered, mut sum) = (0.0, 0.0, 0.0);
    for step in steps.iter().rev() {
        let all = step.own_upto + step.others_upto;
        raised += step.own * step.others_upto / (all * all);
        lowered += step.own * step.own_upto / (all * all);
        sum += step.own * (step.precision() - value + raised).powi(2);
        sum += step.others * lowered * lowered;
    }
    sum
}

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Reason;

    use super::super::testing::{Random, coverage, only, profile, scored, value_of};
    use super::*;
    use crate::profile::outcome::classes::RankedScores;

    #[test]
    fn mean_of_the_precisions_at_each_positive() {
        let rows: [(&str, &[f64]); 5] = [
            ("1", &[0.9]),
            ("0", &[0.8]),
            ("1", &[0.7]),
            ("0", &[0.4]),
            ("1", &[0.4]),
        ];
        let outcome = only(&AveragePrecision, &scored(Some("1"), &["1"], &rows));
        let expected = (1.0 + 2.0 / 3.0 + 3.0 / 5.0) / 3.0;
        let found = outcome.into_result().expect("two classes").value;
        assert!((found - expected).abs() < 1e-15);
    }

    #[test]
    fn perfect_ranking_of_few_rows_is_not_certainty() {
        let rows: [(&str, &[f64]); 4] =
            [("1", &[0.9]), ("1", &[0.8]), ("0", &[0.2]), ("0", &[0.1])];
        let outcome = only(&AveragePrecision, &scored(Some("1"), &["1"], &rows));
        let measure = outcome.into_result().expect("two classes");
        assert_eq!(measure.value, 1.0);
        assert!(measure.interval.expect("always there").lower < 0.5);
    }

    #[test]
    fn classes_without_targets_do_not_count() {
        let rows: [(&str, &[f64]); 3] = [
            ("a", &[0.7, 0.2, 0.1]),
            ("b", &[0.8, 0.1, 0.1]),
            ("a", &[0.9, 0.1, 0.0]),
        ];
        let outcomes = scored(None, &["a", "b", "c"], &rows);
        let value = |name| value_of(&AveragePrecision, &outcomes, name);
        assert_eq!(value("c"), Err(Reason::OneClass));
        let (a, b) = (value("a").expect("defined"), value("b").expect("defined"));
        assert!((value("macro").expect("defined") - (a + b) / 2.0).abs() < 1e-15);
    }

    /// Scores of rows, ascending.
    fn ranked(rows: &[(bool, f64)], is_own: bool) -> RankedScores {
        let mut scores: Vec<(f64, u64)> = rows
            .iter()
            .filter(|row| row.0 == is_own)
            .map(|row| (row.1, 1))
            .collect();
        scores.sort_by(|a, b| a.0.total_cmp(&b.0));
        RankedScores {
            n: scores.len() as u64,
            scores,
            rank_error: 0.0,
        }
    }

    #[test]
    fn variance_is_that_of_leaving_out_each_row() {
        // The jackknife agrees with the influence of rows up to the order of one over their number.
        let mut random = Random(5);
        let rows: Vec<(bool, f64)> = (0..300)
            .map(|row| {
                let is_own = row % 3 == 0;
                (is_own, random.normal() + f64::from(u8::from(is_own)))
            })
            .collect();
        let steps =
            |rows: &[(bool, f64)]| Step::all(&ranked(rows, true).ties_with(&ranked(rows, false)));
        let mean = |rows: &[(bool, f64)]| {
            let n = rows.iter().filter(|row| row.0).count() as f64;
            steps(rows)
                .iter()
                .map(|step| step.own * step.precision())
                .sum::<f64>()
                / n
        };
        let left_out: Vec<f64> = (0..rows.len())
            .map(|idx| {
                let mut rest = rows.clone();
                rest.remove(idx);
                mean(&rest)
            })
            .collect();
        let centre = left_out.iter().sum::<f64>() / left_out.len() as f64;
        let jackknife: f64 = left_out.iter().map(|value| (value - centre).powi(2)).sum();
        let found = influence(&steps(&rows), mean(&rows)) / 10_000.0;
        assert!((found / jackknife - 1.0).abs() < 0.1, "{found} {jackknife}");
    }

    #[test]
    fn intervals_hold_the_truth_in_about_95_of_100_samples() {
        // Scores N(d, 1) against N(0, 1), by numerical integration over the threshold.
        for (shift, rate, n, truth) in [
            (1.0, 0.3, 100, 0.583_012),
            (1.0, 0.05, 1_000, 0.173_315),
            (2.0, 0.2, 400, 0.786_469),
        ] {
            let share = coverage(&AveragePrecision, 0, truth, 400, |random| {
                let mut outcomes = profile(Some("1"), &["1"]);
                let classes = ["0", "1"].map(|class| outcomes.class_index(class));
                for _ in 0..n {
                    let is_own = random.uniform() < rate;
                    let score = random.normal() + if is_own { shift } else { 0.0 };
                    outcomes.push(Some(classes[usize::from(is_own)]), None, &[score]);
                }
                outcomes
            });
            assert!(
                (0.92..=0.99).contains(&share),
                "{shift} {rate} {n}: {share}"
            );
        }
    }
}
