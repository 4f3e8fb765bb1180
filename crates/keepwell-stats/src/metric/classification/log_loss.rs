//! Cross-entropy between targets and scores.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Reason;
use keepwell_core::params::Params;

use super::{Direction, Metric, Reading};
use crate::attribution::RatioParts;
use crate::interval;
use crate::profile::outcome::classes::PROBABILITY_MIN;
use crate::profile::{ClassOutcomes, OutcomeProfile};

entry! {
    /// Mean negative logarithm of the probability that the model gave to the target.
    ///
    /// # Inputs
    /// The rows that have a target and a finite score of each scored class. Scores are probabilities: that
    /// of the positive class for a binary model, one per class for more classes. They are used as they
    /// are, also where those of a row do not sum to one. Each is cut to `[eps, 1 - eps]` with
    /// `eps = 2.2e-16`, so that one certain mistake costs 36 and not infinity. A target of a class that has
    /// no score column counts as given a probability of zero.
    /// # Result
    /// One value in `[0, 36.05)` nats, lower is better. The interval comes from the central limit theorem on
    /// the scale of the logarithm, because losses are skewed; with one row there is none. Where large losses
    /// are rare (a class with a share of a few hundredths), it is too narrow below some hundred rows, because
    /// the sample has not seen them yet.
    /// # Undefined
    /// `no_scores` without score columns; `all_null` if no row has all its scores; `no_targets` if no such
    /// row has a target; `not_applicable` if a score lies outside `[0, 1]`, which makes it a margin and not
    /// a probability; `no_rows`.
    /// # Cost
    /// `O(1)` time; exact on every profile.
    /// # When to use, and when not
    /// Use it where the scores themselves are used: for ranking by expected value, pricing, or decisions
    /// with thresholds that change. It is the most sensitive early sign of worse probabilities, because it
    /// sees every row before any decision flips. It has no natural scale: compare it with a model that
    /// always says the share of each class (0.693 for two equal classes), or with the reference. It punishes
    /// rare certain mistakes hard, so a few wrong targets can move it. It does not say whether calibration
    /// or ranking got worse; `roc_auc` sees ranking only.
    /// # Reference
    /// Bishop (2006), Pattern Recognition and Machine Learning, section 4.3.
    /// ```python oracle
    /// def answer():
    ///     if y_score is None or not len(y_true):
    ///         return None
    ///     scores = np.asarray(y_score, float)
    ///     complete = np.isfinite(scores) if scores.ndim == 1 else np.isfinite(scores).all(axis=1)
    ///     scores, targets = scores[complete], [name for name, use in zip(y_true, complete) if use]
    ///     if positive is not None:
    ///         actual = [name == positive for name in targets]
    ///         return {"": sklearn.metrics.log_loss(actual, scores, labels=[False, True])}
    ///     return {"": sklearn.metrics.log_loss(targets, scores, labels=classes)}
    ///
    /// answer()
    /// ```
    pub struct LogLoss = "log_loss" since "0.1";
}

impl Metric for LogLoss {
    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, -PROBABILITY_MIN.ln())
    }

    fn ratio(&self, outcomes: &OutcomeProfile) -> Option<RatioParts> {
        let outcomes = outcomes.classes()?;
        (outcomes.improbable() == 0).then(|| RatioParts {
            numerator: outcomes.log_loss().mean * outcomes.log_loss().count as f64,
            denominator: outcomes.log_loss().count as f64,
        })
    }

    fn standing(&self) -> Standing {
        Standing::Decided
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        let Some(outcomes) = outcomes.classes() else {
            return Vec::new();
        };
        vec![Reading::plain(log_loss(outcomes, self.range()).into())]
    }
}

fn log_loss(outcomes: &ClassOutcomes, range: (f64, f64)) -> Result<Measure, Reason> {
    outcomes.scored()?;
    if outcomes.improbable() > 0 {
        return Err(Reason::NotApplicable);
    }
    let losses = outcomes.log_loss();
    if losses.count == 0 {
        return Err(Reason::NoTargets);
    }
    Ok(match losses.variance() {
        Some(variance) => {
            let standard_error = (variance / losses.count as f64).sqrt();
            interval::positive_mean(losses.mean, standard_error, range)
        }
        None => Measure::new(losses.mean),
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
        let outcome = only(&LogLoss, &scored(positive, classes, rows));
        outcome.into_result().map(|measure| measure.value)
    }

    #[test]
    fn agrees_with_hand_computation() {
        let binary = value(Some("1"), &["1"], &[("1", &[0.8]), ("0", &[0.4])]).expect("defined");
        assert!((binary - -(0.8_f64.ln() + 0.6_f64.ln()) / 2.0).abs() < 1e-15);
        let rows: [(&str, &[f64]); 2] = [("c", &[0.2, 0.3, 0.5]), ("a", &[0.1, 0.1, 0.1])];
        let several = value(None, &["a", "b", "c"], &rows).expect("defined");
        assert!((several - -(0.5_f64.ln() + 0.1_f64.ln()) / 2.0).abs() < 1e-15);
    }

    #[test]
    fn certainty_is_cut_to_the_precision_of_f64() {
        let wrong = value(Some("1"), &["1"], &[("1", &[0.0])]).expect("defined");
        assert!((wrong - 36.043_653_389_117_15).abs() < 1e-12);
        let right = value(Some("1"), &["1"], &[("0", &[0.0])]).expect("defined");
        assert!((0.0..1e-15).contains(&right));
        let unscored = value(None, &["a", "b"], &[("c", &[0.5, 0.5])]).expect("defined");
        assert!((unscored - wrong).abs() < 1e-12);
    }

    #[test]
    fn undefined_says_why() {
        let nan = f64::NAN;
        for (classes, rows, reason) in [
            (&[][..], &[("1", &[][..])][..], Reason::NoScores),
            (&["1"], &[], Reason::NoRows),
            (
                &["1"],
                &[("1", &[nan]), ("0", &[f64::INFINITY])],
                Reason::AllNull,
            ),
            (&["1"], &[("", &[0.5])], Reason::NoTargets),
            (&["1"], &[("", &[0.5]), ("1", &[nan])], Reason::NoTargets),
            (
                &["1"],
                &[("1", &[0.5]), ("0", &[-1.5])],
                Reason::NotApplicable,
            ),
        ] {
            assert_eq!(value(Some("1"), classes, rows), Err(reason));
        }
    }

    #[test]
    fn rows_without_all_scores_do_not_count() {
        let rows: [(&str, &[f64]); 2] = [("a", &[0.5, 0.5]), ("a", &[0.1, f64::NAN])];
        let outcomes = scored(None, &["a", "b"], &rows);
        assert_eq!(outcomes.unscored(), 1);
        let measure = only(&LogLoss, &outcomes).into_result().expect("defined");
        assert!((measure.value - 2.0_f64.ln()).abs() < 1e-15);
        assert_eq!(measure.interval, None);
    }

    #[test]
    fn interval_holds_the_truth_in_about_95_of_100_samples() {
        // A calibrated model whose score is uniform: the expected loss is the mean binary entropy, 1/2.
        for n in [50, 500] {
            let share = coverage(&LogLoss, 0, 0.5, 400, |random| {
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
