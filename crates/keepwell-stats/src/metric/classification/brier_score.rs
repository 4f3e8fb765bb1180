//! Mean squared error of scores.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Reason;
use keepwell_core::params::Params;

use super::{Direction, Metric, Reading};
use crate::interval;
use crate::profile::{ClassOutcomes, OutcomeProfile};

/// The error of a row is the greatest for a certain mistake among several classes.
const RANGE: (f64, f64) = (0.0, 2.0);

entry! {
    /// Mean squared difference between the probability that the model gave and what happened.
    ///
    /// # Inputs
    /// The rows that have a target and a finite score of each scored class. Scores are probabilities: that
    /// of the positive class for a binary model, one per class for more classes. A target of a class that has
    /// no score column counts as given a probability of zero.
    /// # Result
    /// One value, no unit, lower is better. Binary: in `[0, 1]`, the squared difference of the score and 1 or
    /// 0. More classes: in `[0, 2]`, summed over the classes. The interval comes from the variance of the
    /// squared error by the central limit theorem, on the scale of the logarithm because such errors are
    /// skewed; with one row there is none.
    /// # Undefined
    /// `no_scores` without score columns; `all_null` if no row has all its scores; `no_targets` if no such
    /// row has a target; `not_applicable` if a score lies outside `[0, 1]`, or if those of a row of several
    /// classes are so far from a sum of one that the result exceeds 2; `no_rows`; `too_few_rows` if a part of
    /// the profile was read from bytes of the first form, which did not keep squared errors.
    /// # Cost
    /// `O(1)` time; exact on every profile.
    /// # When to use, and when not
    /// Use it where probabilities are used as such and a certain mistake shall not outweigh all else, as it
    /// does in `log_loss`. It falls with better ranking and with better calibration; which of them moved, say
    /// `roc_auc` and `expected_calibration_error`. For a rare class it is small for any model: compare it with
    /// that of the constant share `p`, which is `p (1 - p)`.
    /// # Reference
    /// Brier (1950), Monthly Weather Review 78(1), 1–3.
    /// ```python oracle
    /// def answer():
    ///     if y_score is None or not len(y_true):
    ///         return None
    ///     scores = np.asarray(y_score, float)
    ///     complete = np.isfinite(scores) if scores.ndim == 1 else np.isfinite(scores).all(axis=1)
    ///     scores, targets = scores[complete], [name for name, use in zip(y_true, complete) if use]
    ///     if positive is not None:
    ///         actual = [name == positive for name in targets]
    ///         return {"": sklearn.metrics.brier_score_loss(actual, scores, labels=[False, True])}
    ///     return {"": sklearn.metrics.brier_score_loss(targets, scores, labels=classes)}
    ///
    /// answer()
    /// ```
    pub struct BrierScore = "brier_score" since "0.1";
}

impl Metric for BrierScore {
    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> (f64, f64) {
        RANGE
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        let Some(outcomes) = outcomes.classes() else {
            return Vec::new();
        };
        vec![Reading::plain(mean_error(outcomes).into())]
    }
}

fn mean_error(outcomes: &ClassOutcomes) -> Result<Measure, Reason> {
    outcomes.scored()?;
    if outcomes.improbable() > 0 {
        return Err(Reason::NotApplicable);
    }
    let (errors, needed) = (outcomes.squared_error(), outcomes.log_loss().count);
    if needed == 0 {
        return Err(Reason::NoTargets);
    }
    if errors.count < needed {
        let found = errors.count;
        return Err(Reason::TooFewRows { needed, found });
    }
    let range = match outcomes.config().scored_classes.len() {
        1 => (0.0, 1.0),
        _ => RANGE,
    };
    if errors.mean > range.1 {
        return Err(Reason::NotApplicable);
    }
    Ok(match errors.variance() {
        Some(variance) => {
            let standard_error = (variance / errors.count as f64).sqrt();
            interval::positive_mean(errors.mean, standard_error, range)
        }
        None => Measure::new(errors.mean),
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{coverage, only, profile, scored};
    use super::*;

    fn value(
        positive: Option<&str>,
        classes: &[&str],
        rows: &[(&str, &[f64])],
    ) -> Result<f64, Reason> {
        let outcome = only(&BrierScore, &scored(positive, classes, rows));
        outcome.into_result().map(|measure| measure.value)
    }

    #[test]
    fn agrees_with_hand_computation() {
        let binary = value(Some("1"), &["1"], &[("1", &[0.8]), ("0", &[0.4])]).expect("defined");
        assert!((binary - (0.04 + 0.16) / 2.0).abs() < 1e-15);
        let rows: [(&str, &[f64]); 2] = [("b", &[0.2, 0.7, 0.1]), ("x", &[1.0, 0.0, 0.0])];
        let several = value(None, &["a", "b", "c"], &rows).expect("defined");
        assert!((several - (0.04 + 0.09 + 0.01 + 2.0) / 2.0).abs() < 1e-15);
    }

    #[test]
    fn undefined_says_why() {
        for (classes, rows, reason) in [
            (&["1"][..], &[][..], Reason::NoRows),
            (&[], &[("1", &[][..])], Reason::NoScores),
            (&["1"], &[("", &[0.5])], Reason::NoTargets),
            (&["1"], &[("1", &[f64::NAN])], Reason::AllNull),
            (&["1"], &[("1", &[1.5])], Reason::NotApplicable),
        ] {
            assert_eq!(value(Some("1"), classes, rows), Err(reason));
        }
        let sure_of_all = value(None, &["a", "b", "c", "d"], &[("a", &[0.0, 1.0, 1.0, 1.0])]);
        assert_eq!(sure_of_all, Err(Reason::NotApplicable));
    }

    #[test]
    fn interval_holds_the_truth_in_about_95_of_100_samples() {
        // A calibrated model whose score is uniform: the expected error is the mean of p (1 - p), 1/6.
        for n in [50, 500] {
            let share = coverage(&BrierScore, 0, 1.0 / 6.0, 400, |random| {
                let mut outcomes = profile(Some("1"), &["1"]);
                let classes = ["0", "1"].map(|class| outcomes.class_index(class));
                for _ in 0..n {
                    let score = random.uniform();
                    let is_positive = random.uniform() < score;
                    outcomes.push(Some(classes[usize::from(is_positive)]), None, &[score]);
                }
                outcomes
            });
            assert!((0.92..=0.98).contains(&share), "{n}: {share}");
        }
    }
}
