//! Confidence-based performance estimation.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use super::Estimator;
use super::expectation::{Expectation, Scored};
use super::isotonic::{Isotonic, Point};
use crate::metric::Reading;
use crate::profile::outcome::Side;
use crate::profile::{OutcomeProfile, ScoreGrid, TwoSample};

entry! {
    /// Expected performance of a binary classifier, taken from what its scores say about its own errors.
    ///
    /// # Inputs
    /// `reference`: outcomes with targets and scores; `current`: outcomes with scores and predictions, whose
    /// targets are not read. Scores are probabilities of the positive class, or with
    /// `calibration = isotonic` any numbers that rise with it.
    /// # Result
    /// Readings labelled `metric`: `accuracy`, `f1`, `precision`, `recall` and `roc_auc`, each in `[0, 1]`.
    /// With `p` the calibrated score, a row predicted positive counts as `p` true and `1 − p` false
    /// positives, a row predicted negative as `p` false and `1 − p` true negatives. The interval is where the
    /// metric will be found once the targets are there, with the chance of the targets and the error of
    /// the calibration in it.
    /// # Undefined
    /// No rows, predictions or scores; a model of more than two classes; with `isotonic` a reference
    /// without rows, targets or scores, or with one class; with `none` scores outside `[0, 1]`; a metric
    /// whose expected denominator is zero.
    /// # Cost
    /// `O((n + m) log(n + m))` time. On profiles in sketched mode no bound on the error is known but the
    /// range of the metric, which is then stated.
    /// # When to use, and when not
    /// While targets are late, to see what a shift of the inputs alone does to the performance. It assumes
    /// that a row with a given score is positive as often as in the reference. **It cannot see concept
    /// drift**: if the relation of inputs and target changes, the estimate stays as it was while the model
    /// fails. Confirm with targets as soon as there are any. `none` is right only for scores that are known
    /// to be calibrated.
    /// # Reference
    /// Kivimäki, Białek, Kuberski and Nurminen (2025), Performance Estimation in Binary Classification Using
    /// Calibrated Confidence, arXiv:2505.05295; NannyML for the form by metric. NannyML leaves the
    /// calibration out where random splits of the reference show no gain; here the parameter decides. ROC
    /// AUC is that of weighted rows, since NannyML rounds its counts to five places and orders ties by chance.
    /// ```python oracle
    /// estimators = nannyml.performance_estimation.confidence_based.metrics
    /// score = current.y_score
    /// if current.positive is None or len(score) == 0:
    ///     raise ValueError("nothing to estimate")
    /// if params["calibration"] == "isotonic":
    ///     truth = np.array([name == reference.positive for name in reference.y_true], int)
    ///     if len(set(truth)) < 2:
    ///         raise ValueError("one class")
    ///     calibrator = nannyml.calibration.IsotonicCalibrator()
    ///     calibrator.fit(reference.y_score, truth)
    ///     p = calibrator.calibrate(score)
    /// else:
    ///     if score.min() < 0 or score.max() > 1:
    ///         raise ValueError("not probabilities")
    ///     p = score
    /// decision = np.array([name == current.positive for name in current.y_pred], int)
    /// n, n_positive = len(p), decision.sum()
    /// both = np.concatenate([score, score])
    /// weight = np.concatenate([p, 1 - p])
    /// {
    ///     "metric=accuracy": estimators.estimate_accuracy(decision, p),
    ///     "metric=f1": estimators.estimate_f1(decision, p) if n_positive + p.sum() > 0 else None,
    ///     "metric=precision": estimators.estimate_precision(decision, p) if n_positive > 0 else None,
    ///     "metric=recall": estimators.estimate_recall(decision, p) if p.sum() > 0 else None,
    ///     "metric=roc_auc": sklearn.metrics.roc_auc_score([1] * n + [0] * n, both, sample_weight=weight)
    ///     if 0 < p.sum() < n
    ///     else None,
    /// }
    /// ```
    pub struct Cbpe = "cbpe" since "0.1" with [
        Parameter {
            name: "calibration",
            doc: "Whether scores are mapped to probabilities by isotonic regression on the reference.",
            domain: Domain::Choice { default: "isotonic", of: &["isotonic", "none"] },
        },
    ];
}

impl Estimator for Cbpe {
    fn estimate(&self, sample: TwoSample<'_, OutcomeProfile>, params: &Params) -> Vec<Reading> {
        let is_calibrated = params.choice("calibration") == "isotonic";
        let expectation = expectation(sample, is_calibrated);
        METRICS
            .iter()
            .map(|&(metric, estimate)| Reading {
                class: None,
                labels: vec![("metric", metric.to_owned())],
                outcome: Outcome::from(expectation.clone().and_then(|found| estimate(&found))),
            })
            .collect()
    }
}

type Estimate = fn(&Expectation) -> Result<Measure, Reason>;

const METRICS: [(&str, Estimate); 5] = [
    ("accuracy", Expectation::accuracy),
    ("f1", Expectation::f1),
    ("precision", Expectation::precision),
    ("recall", Expectation::recall),
    ("roc_auc", Expectation::roc_auc),
];

const SIDES: [Side; 3] = [Side::Unknown, Side::Rest, Side::This];

fn expectation(
    sample: TwoSample<'_, OutcomeProfile>,
    is_calibrated: bool,
) -> Result<Expectation, Reason> {
    let scores = scores_of(sample.current)?;
    let curve = if is_calibrated {
        Some(calibration(sample.reference)?)
    } else {
        None
    };
    if curve.is_none() && sample.current.improbable() > 0 {
        return Err(Reason::NotApplicable);
    }
    let mut rows = Vec::new();
    let mut is_sketched = false;
    for target in SIDES {
        for prediction in SIDES {
            let distribution = scores.cell(target, prediction).distribution();
            is_sketched |= distribution.rank_error() > 0.0;
            let mut before = 0;
            for (idx, &score) in distribution.values().iter().enumerate() {
                let upto = distribution.cumulative(idx);
                rows.push(Scored {
                    score,
                    rows: (upto - before) as f64,
                    probability: curve
                        .as_ref()
                        .map_or(score, |curve| curve.probability(score)),
                    decision: match prediction {
                        Side::Unknown => None,
                        Side::Rest => Some(false),
                        Side::This => Some(true),
                    },
                });
                before = upto;
            }
        }
    }
    if rows.is_empty() {
        return Err(Reason::AllNull);
    }
    let is_sketched = is_sketched
        || scores_of(sample.reference).is_ok_and(|scores| {
            curve.is_some()
                && SIDES
                    .iter()
                    .any(|&side| scores.ranked(side).rank_error > 0.0)
        });
    Ok(Expectation::new(rows, curve, is_sketched))
}

/// Scores of the positive class.
fn scores_of(outcomes: &OutcomeProfile) -> Result<&ScoreGrid, Reason> {
    if outcomes.rows() == 0 {
        return Err(Reason::NoRows);
    }
    let positive = outcomes.config().positive.as_deref();
    let positive = positive.ok_or(Reason::NotApplicable)?;
    outcomes.scores(positive).ok_or(Reason::NoScores)
}

/// The curve from scores to probabilities in the reference.
fn calibration(reference: &OutcomeProfile) -> Result<Isotonic, Reason> {
    let scores = match scores_of(reference) {
        Err(Reason::NoRows) => return Err(Reason::NoReference),
        other => other?,
    };
    if reference.targets() == 0 {
        return Err(Reason::NoTargets);
    }
    let (positives, negatives) = (scores.ranked(Side::This), scores.ranked(Side::Rest));
    match (positives.n, negatives.n) {
        (0, 0) => return Err(Reason::AllNull),
        (0, _) | (_, 0) => return Err(Reason::OneClass),
        _ => {}
    }
    let (mut positives, mut negatives) = (
        positives.scores.into_iter().peekable(),
        negatives.scores.into_iter().peekable(),
    );
    let mut points = Vec::new();
    loop {
        let score = match (positives.peek(), negatives.peek()) {
            (Some(positive), Some(negative)) => positive.0.min(negative.0),
            (Some(only), None) | (None, Some(only)) => only.0,
            (None, None) => break,
        };
        let n_positive = positives
            .next_if(|next| next.0 <= score)
            .map_or(0, |next| next.1);
        let n_negative = negatives
            .next_if(|next| next.0 <= score)
            .map_or(0, |next| next.1);
        points.push(Point {
            score,
            rows: (n_positive + n_negative) as f64,
            positives: n_positive as f64,
        });
    }
    Isotonic::fit(&points).ok_or(Reason::AllNull)
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_core::params::ParamValue;

    use super::*;
    use crate::profile::{Mode, OutcomeConfig};

    /// Rows of target, prediction (both: is it positive) and score.
    fn profile(rows: &[(Option<bool>, bool, f64)]) -> OutcomeProfile {
        let mut profile = OutcomeProfile::new(OutcomeConfig {
            scored_classes: vec!["1".to_owned()],
            positive: Some("1".to_owned()),
            threshold: 0.5,
            mode: Mode::Exact,
        });
        let indices = [profile.class_index("0"), profile.class_index("1")];
        for &(target, prediction, score) in rows {
            profile.push(
                target.map(|is_positive| indices[usize::from(is_positive)]),
                Some(indices[usize::from(prediction)]),
                &[score],
            );
        }
        profile
    }

    fn estimates(reference: &OutcomeProfile, current: &OutcomeProfile, word: &str) -> Vec<f64> {
        let mut params = Params::defaults(Cbpe.parameters());
        params
            .set("calibration", ParamValue::Text(word.to_owned()))
            .expect("a word of the choice");
        Cbpe.estimate(TwoSample { reference, current }, &params)
            .iter()
            .map(|reading| reading.outcome.defined().map_or(f64::NAN, |m| m.value))
            .collect()
    }

    #[test]
    fn rows_count_by_their_probability() {
        let current = profile(&[(None, true, 0.8), (None, true, 0.6), (None, false, 0.1)]);
        // Two rows decided positive hold 1.4 expected positives, all rows 1.5.
        let expected = [2.3 / 3.0, 2.8 / 3.5, 0.7, 1.4 / 1.5];
        let found = estimates(&current, &current, "none");
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found}, {expected}");
        }
    }

    #[test]
    fn scores_are_corrected_by_what_the_reference_saw() {
        let rows: Vec<_> = (0..10).map(|row| (Some(row < 3), true, 0.9)).collect();
        let reference = profile(&rows);
        let current = profile(&[(None, true, 0.9); 5]);
        let accuracy = |word| estimates(&reference, &current, word)[0];
        assert!((accuracy("isotonic") - 0.3).abs() < 1e-12);
        assert!((accuracy("none") - 0.9).abs() < 1e-12);
    }

    #[test]
    fn concept_drift_is_not_seen() {
        let rows = |truth: bool| [(Some(truth), true, 0.9), (Some(!truth), false, 0.2)];
        let (reference, reversed) = (profile(&rows(true)), profile(&rows(false)));
        let before = estimates(&reference, &reference, "isotonic");
        let after = estimates(&reference, &reversed, "isotonic");
        assert_eq!(before[0].to_bits(), after[0].to_bits());
    }
}
