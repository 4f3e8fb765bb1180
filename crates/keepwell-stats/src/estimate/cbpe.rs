//! Confidence-based performance estimation.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use super::Estimator;
use super::calibration::expectation;
use super::expectation::{Cells, Expectation};
use crate::interval;
use crate::metric::Reading;
use crate::profile::{ClassOutcomes, TwoSample};

/// What one row of a cell of the confusion matrix is worth.
const fn worth(name: &'static str, doc: &'static str, default: f64) -> Parameter {
    Parameter {
        name,
        doc,
        domain: Domain::Float {
            default,
            min: f64::MIN,
            max: f64::MAX,
        },
    }
}

entry! {
    /// Expected performance of a classifier, taken from what its scores say about its own errors.
    ///
    /// # Inputs
    /// `reference`: outcomes with targets and scores; `current`: outcomes with scores and predictions, whose
    /// targets are not read. Scores are probabilities of their class, or with `calibration = isotonic` any
    /// numbers that rise with it.
    /// # Result
    /// Readings labelled `metric`. Binary: `accuracy`, `average_precision`, `f1`, `precision`, `recall`,
    /// `roc_auc` and `specificity`, each in `[0, 1]`; the cells of `confusion_matrix` as numbers of rows; and
    /// `business_value` where `normalize` says how. With `p` the calibrated score, a row predicted positive
    /// counts as `p` true and `1 − p` false positives, a row predicted negative as `p` false and `1 − p` true
    /// negatives.
    ///
    /// More classes: `accuracy`, and of the other metrics in `[0, 1]` the average `macro` over the classes
    /// with scores, each calibrated and estimated against the rest. A class without a denominator counts as 0.
    ///
    /// The interval is where the metric will be found once the targets are there, with the chance of the
    /// targets and the error of the calibration in it; for `macro` the classes are taken as perfectly
    /// correlated, which makes it wider than needed.
    /// # Undefined
    /// No rows, predictions or scores; with `isotonic` a reference without rows, targets or scores, or without
    /// rows of a class; with `none` scores outside `[0, 1]`; a metric whose expected denominator is zero.
    /// # Cost
    /// `O((n + m) log(n + m))` time for each class with scores. On profiles in sketched mode no bound on the
    /// error is known but the range of the metric, which is then stated.
    /// # When to use, and when not
    /// While targets are late, to see what a shift of the inputs alone does to the performance. It assumes
    /// that a row with a given score is positive as often as in the reference. **It cannot see concept
    /// drift**: if the relation of inputs and target changes, the estimate stays as it was while the model
    /// fails. Nor does it see a shift to rows that the model scores wrongly in a way the reference had few of.
    /// Confirm with targets as soon as there are any. `none` is right only for scores that are known to be
    /// calibrated.
    /// # Reference
    /// Kivimäki, Białek, Kuberski and Nurminen (2025), Performance Estimation in Binary Classification Using
    /// Calibrated Confidence, arXiv:2505.05295; NannyML for the form by metric. NannyML leaves the calibration
    /// out where random splits of the reference show no gain; here the parameter decides. ROC AUC and average
    /// precision are those of weighted rows, since NannyML rounds its counts to five places and orders ties by
    /// chance. For more classes NannyML divides the calibrated scores of a row by their sum, which takes all
    /// scores of a row at once; a profile keeps those of each class, whose calibration is right without it.
    /// ```python oracle
    /// estimators = nannyml.performance_estimation.confidence_based.metrics
    /// default = {"value_tp": 1, "value_fp": -1, "value_fn": -1, "value_tn": 1}
    /// is_default = all(params[name] == value for name, value in default.items())
    /// if params["calibration"] == "none" and params["normalize"] != "off":
    ///     raise NotImplementedError
    /// if not is_default and (params["normalize"] != "rows" or params["calibration"] == "none"):
    ///     raise NotImplementedError
    /// if len(current.y_pred) == 0 or current.y_score is None:
    ///     raise ValueError("nothing to estimate")
    ///
    /// def calibrated(name, score, of_reference):
    ///     if params["calibration"] == "isotonic":
    ///         truth = np.array([target == name for target in reference.y_true], int)
    ///         if len(set(truth)) < 2:
    ///             raise ValueError("one class")
    ///         calibrator = nannyml.calibration.IsotonicCalibrator()
    ///         calibrator.fit(of_reference, truth)
    ///         return calibrator.calibrate(score)
    ///     if score.min() < 0 or score.max() > 1:
    ///         raise ValueError("not probabilities")
    ///     return score
    ///
    /// def of_class(name, score, p):
    ///     decision = np.array([decided == name for decided in current.y_pred], int)
    ///     n = len(p)
    ///     rows = dict(y_true=[1] * n + [0] * n, y_score=np.concatenate([score, score]))
    ///     weight = np.concatenate([p, 1 - p])
    ///     has_both = 0 < p.sum() < n
    ///     return {
    ///         "average_precision": sklearn.metrics.average_precision_score(**rows, sample_weight=weight) if has_both else None,
    ///         "f1": estimators.estimate_f1(decision, p) if decision.sum() + p.sum() > 0 else None,
    ///         "precision": estimators.estimate_precision(decision, p) if decision.sum() > 0 else None,
    ///         "recall": estimators.estimate_recall(decision, p) if p.sum() > 0 else None,
    ///         "roc_auc": sklearn.metrics.roc_auc_score(**rows, sample_weight=weight) if has_both else None,
    ///         "specificity": estimators.estimate_specificity(decision, p) if p.sum() < n else None,
    ///     }
    ///
    /// def binary():
    ///     name, score = current.positive, current.y_score
    ///     p = calibrated(name, score, reference.y_score)
    ///     decision = np.array([decided == name for decided in current.y_pred], int)
    ///     found = {f"metric={metric}": value for metric, value in of_class(name, score, p).items()}
    ///     found["metric=accuracy"] = estimators.estimate_accuracy(decision, p)
    ///     others = sorted((set(reference.y_true) | set(reference.y_pred)) - {name})
    ///     rest = others[0] if len(others) == 1 else "0" if name == "1" else f"not {name}"
    ///     for target, share in ((name, p), (rest, 1 - p)):
    ///         for decided, is_decided in ((name, decision), (rest, 1 - decision)):
    ///             found[f"metric=confusion_matrix,target={target},prediction={decided}"] = np.sum(share * is_decided)
    ///     if params["normalize"] != "off":
    ///         matrix = np.array([[params["value_tn"], params["value_fp"]], [params["value_fn"], params["value_tp"]]])
    ///         how = "per_prediction" if params["normalize"] == "predictions" else None
    ///         value = estimators.estimate_business_value(decision, p, how, matrix)
    ///         found["metric=business_value"] = value / len(p) if params["normalize"] == "rows" else value
    ///     return found
    ///
    /// def several():
    ///     scores = {name: current.y_score[:, idx] for idx, name in enumerate(current.classes)}
    ///     p = {name: calibrated(name, score, reference.y_score[:, idx]) for idx, (name, score) in enumerate(scores.items())}
    ///     by_class = [of_class(name, scores[name], p[name]) for name in scores]
    ///     found = {"metric=accuracy": np.mean([p[name][row] for row, name in enumerate(current.y_pred)])}
    ///     for metric in by_class[0]:
    ///         values = [values[metric] for values in by_class]
    ///         if metric in ("average_precision", "roc_auc"):
    ///             values = [value for value in values if value is not None]
    ///         found[f"metric={metric},average=macro"] = np.mean([value or 0 for value in values]) if values else None
    ///     return found
    ///
    /// binary() if current.positive is not None else several()
    /// ```
    pub struct Cbpe = "cbpe" since "0.1" with [
        Parameter {
            name: "calibration",
            doc: "Whether scores are mapped to probabilities by isotonic regression on the reference.",
            domain: Domain::Choice { default: "isotonic", of: &["isotonic", "none"] },
        },
        Parameter {
            name: "normalize",
            doc: "Whether the business value is estimated, and as that of `business_value` with which `normalize`.",
            domain: Domain::Choice { default: "off", of: &["off", "rows", "predictions", "none"] },
        },
        worth("value_tp", "Value of a row of the positive class that is predicted as it.", 1.0),
        worth("value_fp", "Value of a row of the other class that is predicted positive.", -1.0),
        worth("value_fn", "Value of a row of the positive class that is predicted negative.", -1.0),
        worth("value_tn", "Value of a row of the other class that is predicted negative.", 1.0),
    ];
}

impl Estimator for Cbpe {
    fn estimate(&self, sample: TwoSample<'_, ClassOutcomes>, params: &Params) -> Vec<Reading> {
        let is_calibrated = params.choice("calibration") == "isotonic";
        match &sample.current.config().positive {
            Some(positive) => {
                let found = expectation(sample, positive, is_calibrated);
                // Targets of the current window are not read, be it for the name of a class.
                let names = [sample.reference.rest_name(positive), positive.clone()];
                binary(&found, &names, params)
            }
            None => several(&expectations(sample, is_calibrated)),
        }
    }
}

type Estimate = fn(&Expectation) -> Result<Measure, Reason>;

/// Metrics of one class against the rest.
const OF_CLASS: [(&str, Estimate); 6] = [
    ("average_precision", Expectation::average_precision),
    ("f1", Expectation::f1),
    ("precision", Expectation::precision),
    ("recall", Expectation::recall),
    ("roc_auc", Expectation::roc_auc),
    ("specificity", Expectation::specificity),
];

fn reading(labels: Vec<(&'static str, String)>, found: Result<Measure, Reason>) -> Reading {
    Reading {
        class: None,
        labels,
        outcome: Outcome::from(found),
    }
}

fn of_metric(metric: &str) -> (&'static str, String) {
    ("metric", metric.to_owned())
}

/// `names` are those of the classes, the positive one last.
fn binary(
    found: &Result<Expectation, Reason>,
    names: &[String; 2],
    params: &Params,
) -> Vec<Reading> {
    let estimate = |estimate: &dyn Fn(&Expectation) -> Result<Measure, Reason>| match found {
        Ok(found) => estimate(found),
        Err(reason) => Err(reason.clone()),
    };
    let mut readings = vec![reading(
        vec![of_metric("accuracy")],
        estimate(&Expectation::accuracy),
    )];
    readings.extend(
        OF_CLASS.map(|(metric, of_class)| reading(vec![of_metric(metric)], estimate(&of_class))),
    );
    let normalize = params.choice("normalize");
    if normalize != "off" {
        let worth = Cells {
            tp: params.float("value_tp"),
            fp: params.float("value_fp"),
            misses: params.float("value_fn"),
            tn: params.float("value_tn"),
        };
        readings.push(reading(
            vec![of_metric("business_value")],
            estimate(&|found| found.business_value(&worth, &normalize)),
        ));
    }
    if let Ok(found) = found {
        for target in [false, true] {
            for prediction in [false, true] {
                let labels = vec![
                    of_metric("confusion_matrix"),
                    ("target", names[usize::from(target)].clone()),
                    ("prediction", names[usize::from(prediction)].clone()),
                ];
                readings.push(reading(labels, found.cell(target, prediction)));
            }
        }
    }
    readings
}

/// Expected counts of each class with scores, of which there are two.
fn expectations(
    sample: TwoSample<'_, ClassOutcomes>,
    is_calibrated: bool,
) -> Result<Vec<Expectation>, Reason> {
    if sample.current.rows() == 0 {
        return Err(Reason::NoRows);
    }
    let classes = &sample.current.config().scored_classes;
    if classes.is_empty() {
        return Err(Reason::NoScores);
    }
    classes
        .iter()
        .map(|class| expectation(sample, class, is_calibrated))
        .collect()
}

fn several(found: &Result<Vec<Expectation>, Reason>) -> Vec<Reading> {
    let estimate = |estimate: &dyn Fn(&[Expectation]) -> Result<Measure, Reason>| match found {
        Ok(found) => estimate(found),
        Err(reason) => Err(reason.clone()),
    };
    let mut readings = vec![reading(vec![of_metric("accuracy")], estimate(&accuracy))];
    readings.extend(OF_CLASS.map(|(metric, of_class)| {
        let labels = vec![of_metric(metric), ("average", "macro".to_owned())];
        reading(labels, estimate(&|found| average(found, of_class)))
    }));
    readings
}

/// Sum of the hits of all classes, which are of different rows.
fn accuracy(found: &[Expectation]) -> Result<Measure, Reason> {
    let hits: Vec<Measure> = found
        .iter()
        .map(Expectation::hits)
        .collect::<Result<_, _>>()?;
    let value = hits.iter().map(|hit| hit.value).sum();
    let squares = hits.iter().filter_map(|hit| hit.standard_error);
    let variance: f64 = squares.map(|error| error * error).sum();
    Ok(about(value, variance.sqrt(), &hits))
}

/// Mean over classes, with the standard error that perfect correlation would give it. Without a denominator
/// a class counts as 0, without rows of both kinds not at all.
fn average(found: &[Expectation], of_class: Estimate) -> Result<Measure, Reason> {
    let mut parts = Vec::with_capacity(found.len());
    for expectation in found {
        match of_class(expectation) {
            Ok(measure) => parts.push(measure),
            Err(Reason::ZeroDenominator) => parts.push(Measure::new(0.0)),
            Err(Reason::OneClass) => {}
            Err(reason) => return Err(reason),
        }
    }
    if parts.is_empty() {
        return Err(Reason::OneClass);
    }
    let n = parts.len() as f64;
    let value = parts.iter().map(|part| part.value).sum::<f64>() / n;
    let errors = parts.iter().filter_map(|part| part.standard_error);
    Ok(about(value, errors.sum::<f64>() / n, &parts))
}

fn about(value: f64, standard_error: f64, parts: &[Measure]) -> Measure {
    let value = value.clamp(0.0, 1.0);
    let half = interval::Z * standard_error;
    let measure = Measure::new(value)
        .with_interval((value - half).max(0.0), (value + half).min(1.0))
        .with_standard_error(standard_error);
    if parts.iter().any(|part| part.error_bound.is_some()) {
        measure.with_error_bound(value.max(1.0 - value))
    } else {
        measure
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_core::params::ParamValue;

    use super::*;
    use crate::profile::{ClassConfig, Mode};

    /// Rows of target, prediction (both: is it positive) and score.
    fn profile(rows: &[(Option<bool>, bool, f64)]) -> ClassOutcomes {
        let mut profile = ClassOutcomes::new(ClassConfig {
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

    fn estimates(reference: &ClassOutcomes, current: &ClassOutcomes, word: &str) -> Vec<f64> {
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
        // Two rows decided positive hold 1.4 expected positives, all rows 1.5: accuracy, average precision,
        // f1, precision, recall, area, specificity, and the cells.
        let precision = (0.8 * 0.8 + 0.6 * 0.7 + 0.1 * 0.5) / 1.5;
        let area = (0.8 * (0.4 + 0.9 + 0.1) + 0.6 * (0.2 + 0.9) + 0.1 * 0.45) / (1.5 * 1.5);
        let expected = [
            2.3 / 3.0,
            precision,
            2.8 / 3.5,
            0.7,
            1.4 / 1.5,
            area,
            0.9 / 1.5,
            0.9,
            0.6,
            0.1,
            1.4,
        ];
        let found = estimates(&current, &current, "none");
        assert_eq!(found.len(), expected.len());
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
