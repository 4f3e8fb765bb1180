//! Groups that are to be treated alike, and metrics that are estimated without targets.

use keepwell_core::decide::Verdict;
use keepwell_core::measure::Measure;
use keepwell_monitor::report::Report;
use keepwell_monitor::row::{ResultKind, ResultRow};

use super::is_whole;
use super::series::MetricSeries;
use crate::report::texts::row_label;

/// The measures of fairness that are decided on, of all rows, most urgent first: of each measure and protected
/// column the row of its worst window, or where none was found wanting of its last one.
pub fn disparities(report: &Report) -> Vec<&ResultRow> {
    let mut found: Vec<&ResultRow> = Vec::new();
    for row in &report.rows {
        if row.kind != ResultKind::Fairness || row.verdict.is_none() || !is_whole(row) {
            continue;
        }
        let known = found
            .iter_mut()
            .find(|known| known.name == row.name && known.column == row.column);
        match known {
            Some(known) if rank(row) >= rank(known) => *known = row,
            Some(_) => {}
            None => found.push(row),
        }
    }
    // The sort is stable: where nothing was found the first protected column stays first.
    found.sort_by_key(|row| std::cmp::Reverse(rank(row)));
    found
}

/// Larger is worse: verdict, then the distance of what was found wanting from where all are alike.
fn rank(row: &ResultRow) -> (u8, u64) {
    let urgency = match &row.verdict {
        Some(Verdict::Undefined(_)) | None => 0,
        Some(Verdict::Ok) => 1,
        Some(verdict) => 1 + verdict.urgency(),
    };
    let value = row.outcome.defined().map_or(0.0, |measure| measure.value);
    let distance = match row.name.ends_with("_difference") {
        true => value,
        false => (1.0 - value).abs(),
    };
    // In millionths; the cast saturates.
    let size = if urgency > 1 {
        (distance * 1e6) as u64
    } else {
        0
    };
    (urgency, size)
}

/// A metric as it is expected to be where targets have not come.
#[derive(Debug, Clone, PartialEq)]
pub struct EstimateRow<'a> {
    /// Identifier of the metric.
    pub metric: &'a str,
    /// The row of the last window with an estimate.
    pub row: &'a ResultRow,
    /// The metric of the reference, from its targets.
    pub reference: Option<Measure>,
}

/// The estimates of the metrics that are decided on, of all rows, each of the last window that has one
/// and as many rows as a decision needs; in the
/// order of `series`, which are the decided metrics.
pub fn estimates<'a>(report: &'a Report, series: &[MetricSeries<'_>]) -> Vec<EstimateRow<'a>> {
    let mut found: Vec<EstimateRow<'a>> = Vec::new();
    for row in &report.rows {
        let is_estimate = row.kind == ResultKind::Estimate
            && is_whole(row)
            && row.class.is_none()
            && row.rows >= report.facts.rule.rows_min;
        let (Some(metric), true, true) = (
            row_label(row, "metric"),
            is_estimate,
            row.outcome.defined().is_some(),
        ) else {
            continue;
        };
        match found
            .iter_mut()
            .find(|known| known.metric == metric && known.row.name == row.name)
        {
            Some(known) => known.row = row,
            None => found.push(EstimateRow {
                metric,
                row,
                reference: reference_of(report, metric, row),
            }),
        }
    }
    let place = |metric: &str| {
        series
            .iter()
            .position(|series| series.sample.name == metric)
    };
    // Without any target no metric could be decided on, and all estimates are wanted.
    if !series.is_empty() {
        found.retain(|estimate| place(estimate.metric).is_some());
        found.sort_by_key(|estimate| place(estimate.metric));
    }
    found.retain(|estimate| estimate.metric != "confusion_matrix");
    found
}

/// The same reading of the metric in the reference.
fn reference_of(report: &Report, metric: &str, estimate: &ResultRow) -> Option<Measure> {
    report
        .reference_rows
        .iter()
        .find(|own| {
            own.name == metric
                && own.class == estimate.class
                && own.scope.segment == estimate.scope.segment
                && own.scope.version.is_none()
                && row_label(own, "average") == row_label(estimate, "average")
        })
        .and_then(|own| own.outcome.defined().copied())
}
