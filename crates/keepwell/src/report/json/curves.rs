//! Curves of a classifier, each as parallel lists.

use keepwell_core::time::Timestamp;
use keepwell_monitor::evaluation::{Curves, Decisions};
use keepwell_monitor::report::Report;
use serde::Serialize;

use super::row::finite;

/// The curves of one class in one stretch of time.
#[derive(Serialize)]
pub(super) struct CurvesDocument<'a> {
    side: &'static str,
    window_start: Option<String>,
    window_end: Option<String>,
    class: &'a str,
    decisions: Option<DecisionsDocument>,
    roc: Roc,
    precision_recall: PrecisionRecall,
    calibration: Calibration,
}

#[derive(Serialize)]
struct DecisionsDocument {
    threshold: Option<f64>,
    fpr: Option<f64>,
    recall: Option<f64>,
    precision: Option<f64>,
}

#[derive(Serialize)]
struct Roc {
    threshold: Vec<Option<f64>>,
    fpr: Vec<f64>,
    recall: Vec<f64>,
}

#[derive(Serialize)]
struct PrecisionRecall {
    threshold: Vec<Option<f64>>,
    precision: Vec<f64>,
    recall: Vec<f64>,
}

#[derive(Serialize)]
struct Calibration {
    rows: Vec<u64>,
    score: Vec<f64>,
    share: Vec<f64>,
    lower: Vec<Option<f64>>,
    upper: Vec<Option<f64>>,
}

/// Those of the reference first.
pub(super) fn of(report: &Report) -> Vec<CurvesDocument<'_>> {
    let document = |side, curves| CurvesDocument::new(side, curves, report.facts.has_predictions());
    let reference = report.reference_curves.iter();
    reference
        .map(|curves| document("reference", curves))
        .chain(report.curves.iter().map(|own| document("current", own)))
        .collect()
}

impl<'a> CurvesDocument<'a> {
    fn new(side: &'static str, curves: &'a Curves, has_predictions: bool) -> Self {
        let instant = |time: Timestamp| time.to_rfc3339();
        let interval = |end: fn(&keepwell_core::measure::Interval) -> f64| {
            let points = curves.calibration.iter();
            points
                .map(|point| point.share.interval.as_ref().map(end))
                .collect()
        };
        let bins = || curves.calibration.iter();
        let recalls = || curves.precision_recall.iter();
        Self {
            side,
            window_start: curves.window.map(|window| instant(window.start)),
            window_end: curves.window.map(|window| instant(window.end)),
            class: &curves.class,
            decisions: curves
                .decisions
                .map(|decisions| DecisionsDocument::new(decisions, has_predictions)),
            roc: Roc {
                threshold: curves.roc.iter().map(|at| finite(at.threshold)).collect(),
                fpr: curves.roc.iter().map(|at| at.fpr).collect(),
                recall: curves.roc.iter().map(|at| at.tpr).collect(),
            },
            precision_recall: PrecisionRecall {
                threshold: recalls().map(|at| finite(at.threshold)).collect(),
                precision: recalls().map(|at| at.precision).collect(),
                recall: recalls().map(|at| at.recall).collect(),
            },
            calibration: Calibration {
                rows: bins().map(|bin| bin.n).collect(),
                score: bins().map(|bin| bin.score).collect(),
                share: bins().map(|bin| bin.share.value).collect(),
                lower: interval(|interval| interval.lower),
                upper: interval(|interval| interval.upper),
            },
        }
    }
}

impl DecisionsDocument {
    fn new(decisions: Decisions, has_predictions: bool) -> Self {
        Self {
            threshold: decisions.threshold.filter(|_| !has_predictions),
            fpr: decisions.fpr,
            recall: decisions.recall,
            precision: decisions.precision,
        }
    }
}
