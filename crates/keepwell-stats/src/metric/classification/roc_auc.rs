//! Area under the receiver operating characteristic.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::measure::{Interval, Measure};
use keepwell_core::params::Params;

use super::{Direction, Metric, Reading, one_versus_rest};
use crate::interval;
use crate::profile::OutcomeProfile;
use crate::profile::outcome::classes::{Ranks, RocArea};

/// With fewer rows on either side, the variance from placements is itself too uncertain.
const SMALL_SIDE: u64 = 100;

entry! {
    /// Probability that a row of the class has a higher score for it than a row of another class, equal
    /// scores counting half: the area under the ROC curve.
    ///
    /// # Inputs
    /// The rows that have a target and a finite score of each scored class. Scores may be probabilities or
    /// margins; only their order matters.
    /// # Result
    /// Values in `[0, 1]`, no unit, higher is better; 0.5 is chance. Binary: one, for the positive class.
    /// More classes: each class against the rest, and of these the averages `macro` (each class counts the
    /// same) and `weighted` (by rows with the class as target). Classes without targets do not count.
    ///
    /// The interval of one class comes from the variance of DeLong, on the scale of the logit. Where a side
    /// has fewer than 100 rows, it is extended to hold Newcombe's interval from the numbers of rows, which
    /// alone is used if a side has one row or the sides do not overlap. For averages over classes, whose
    /// areas depend on the same rows, it takes them as perfectly correlated, which makes it wider than
    /// needed but never too narrow; the weights are taken as known.
    ///
    /// On a sketched profile `error_bound` is the sum of the rank errors of both sides.
    /// # Undefined
    /// `no_scores` without score columns, and for a class without one; `all_null` if no row has all its
    /// scores; `no_targets` if no such row has a target; `one_class` if all targets are of the class, or
    /// none is; `no_rows`.
    /// # Cost
    /// `O(n log n)` time per class for `n` rows, `O(n)` on sealed profiles; on sketched ones by the number
    /// of retained scores.
    /// # When to use, and when not
    /// Use it to watch how well the model ranks, apart from thresholds and from calibration, neither of
    /// which changes it. It hardly depends on the share of the class, so it can be compared between windows
    /// and segments. Do not use it for what happens at one threshold, nor where the class is very rare and
    /// only the top of the ranking is acted on: it averages over all rows, and a poor top can hide behind
    /// many easy negatives. It stays perfect while every probability is wrong by the same factor; `log_loss`
    /// sees that.
    /// # Reference
    /// DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44(3), 837–845; Newcombe (2006), Statistics in
    /// Medicine 25(4), 559–573, method 5.
    /// ```python oracle
    /// def area(actual, scores):
    ///     return sklearn.metrics.roc_auc_score(actual, scores) if len(set(actual)) == 2 else None
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
    pub struct RocAuc = "roc_auc" since "0.1";
}

impl Metric for RocAuc {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn standing(&self) -> Standing {
        Standing::Decided
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        let Some(outcomes) = outcomes.classes() else {
            return Vec::new();
        };
        one_versus_rest::readings(outcomes, area)
    }
}

/// Area between two sides that both hold rows.
fn area(ranks: &Ranks) -> Measure {
    let RocArea {
        value,
        standard_error,
    } = RocArea::of(ranks);
    let by_size = interval::mann_whitney(value, ranks.this, ranks.rest);
    let (interval, standard_error) = match standard_error {
        Some(standard_error) => {
            let by_placement = interval::logit(value, standard_error);
            let interval = if ranks.this.min(ranks.rest) < SMALL_SIDE {
                Interval {
                    lower: by_placement.lower.min(by_size.lower),
                    upper: by_placement.upper.max(by_size.upper),
                }
            } else {
                by_placement
            };
            (interval, standard_error)
        }
        None => (
            by_size,
            (by_size.upper - by_size.lower) / (2.0 * interval::Z),
        ),
    };
    Measure::new(value)
        .with_interval(interval.lower, interval.upper)
        .with_standard_error(standard_error)
        .with_error_bound(ranks.rank_error)
}

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Reason;

    use super::super::testing::{Random, coverage, only, profile, scored, value_of};
    use super::*;
    use crate::profile::{ClassOutcomes, Mode};

    fn binary(targets: &str, scores: &[f64]) -> ClassOutcomes {
        let rows: Vec<(&str, &[f64])> = targets
            .split("")
            .filter(|target| !target.is_empty())
            .zip(scores.chunks(1))
            .collect();
        scored(Some("1"), &["1"], &rows)
    }

    #[test]
    fn ties_count_half() {
        let outcome = only(&RocAuc, &binary("1010", &[0.5, 0.5, 0.9, 0.1]));
        assert_eq!(outcome.defined().map(|measure| measure.value), Some(0.875));
        let zeros = only(&RocAuc, &binary("10", &[-0.0, 0.0]));
        assert_eq!(zeros.defined().map(|measure| measure.value), Some(0.5));
    }

    #[test]
    fn undefined_says_why() {
        for (targets, scores, reason) in [
            ("", &[][..], Reason::NoRows),
            ("11", &[0.1, 0.2], Reason::OneClass),
            ("00", &[0.1, 0.2], Reason::OneClass),
            ("10", &[f64::NAN, 0.2], Reason::OneClass),
            ("10", &[f64::NAN, f64::NAN], Reason::AllNull),
        ] {
            assert_eq!(
                only(&RocAuc, &binary(targets, scores)).reason(),
                Some(&reason)
            );
        }
        let unscored = scored(Some("1"), &[], &[("1", &[]), ("0", &[])]);
        assert_eq!(only(&RocAuc, &unscored).reason(), Some(&Reason::NoScores));
        let unlabelled = scored(Some("1"), &["1"], &[("", &[0.3])]);
        assert_eq!(
            only(&RocAuc, &unlabelled).reason(),
            Some(&Reason::NoTargets)
        );
    }

    #[test]
    fn perfect_ranking_of_few_rows_is_not_certainty() {
        let measure = only(
            &RocAuc,
            &binary("1110000", &[0.9, 0.8, 0.7, 0.1, 0.2, 0.3, 0.4]),
        );
        let measure = measure.into_result().expect("two classes");
        assert_eq!(measure.value, 1.0);
        assert!(measure.interval.expect("always there").lower < 0.7);
        assert!(measure.standard_error.expect("always there") > 0.05);
    }

    #[test]
    fn sketched_value_is_within_its_bound() {
        let mut random = Random(11);
        let rows: Vec<(bool, f64)> = (0..20_000)
            .map(|_| {
                let is_own = random.uniform() < 0.3;
                (is_own, random.normal() + f64::from(u8::from(is_own)))
            })
            .collect();
        let measure = |mode: Mode| {
            let mut config = profile(Some("1"), &["1"]).config().clone();
            config.mode = mode;
            let mut outcomes = ClassOutcomes::new(config);
            let classes = ["0", "1"].map(|class| outcomes.class_index(class));
            for &(is_own, score) in &rows {
                outcomes.push(Some(classes[usize::from(is_own)]), None, &[score]);
            }
            only(&RocAuc, &outcomes).into_result().expect("two classes")
        };
        let (exact, sketched) = (measure(Mode::Exact), measure(Mode::Sketched));
        let bound = sketched.error_bound.expect("sketched");
        assert_eq!(exact.error_bound, None);
        assert!(0.0 < bound && bound < 0.1, "{bound}");
        assert!((exact.value - sketched.value).abs() <= bound);
    }

    #[test]
    fn one_versus_rest_leaves_out_absent_classes() {
        let rows: [(&str, &[f64]); 4] = [
            ("a", &[0.7, 0.2, 0.1]),
            ("b", &[0.8, 0.1, 0.1]),
            ("a", &[0.9, 0.1, 0.0]),
            ("d", &[0.1, 0.4, 0.5]),
        ];
        let outcomes = scored(None, &["a", "b", "c"], &rows);
        assert_eq!(value_of(&RocAuc, &outcomes, "a"), Ok(0.75));
        assert_eq!(value_of(&RocAuc, &outcomes, "b"), Ok(1.0 / 6.0));
        assert_eq!(value_of(&RocAuc, &outcomes, "c"), Err(Reason::OneClass));
        assert_eq!(value_of(&RocAuc, &outcomes, "d"), Err(Reason::NoScores));
        let macro_average = value_of(&RocAuc, &outcomes, "macro").expect("two classes");
        assert!((macro_average - (0.75 + 1.0 / 6.0) / 2.0).abs() < 1e-15);
        let weighted = value_of(&RocAuc, &outcomes, "weighted").expect("two classes");
        assert!((weighted - (2.0 * 0.75 + 1.0 / 6.0) / 3.0).abs() < 1e-15);
    }

    #[test]
    fn intervals_hold_the_truth_in_about_95_of_100_samples() {
        // Scores N(d, 1) against N(0, 1): the area is the normal distribution function at d / √2.
        for (shift, truth) in [(0.5, 0.638_163), (1.5, 0.855_578)] {
            for (n, rate) in [(50, 0.5), (50, 0.2), (500, 0.5), (500, 0.25)] {
                let n_own = (f64::from(n) * rate) as u32;
                let share = coverage(&RocAuc, 0, truth, 400, |random| {
                    let mut outcomes = profile(Some("1"), &["1"]);
                    let classes = ["0", "1"].map(|class| outcomes.class_index(class));
                    for row in 0..n {
                        let is_own = row < n_own;
                        let score = random.normal() + if is_own { shift } else { 0.0 };
                        outcomes.push(Some(classes[usize::from(is_own)]), None, &[score]);
                    }
                    outcomes
                });
                assert!(
                    (0.92..=0.985).contains(&share),
                    "{shift} {n} {rate}: {share}"
                );
            }
        }
    }
}
