//! Results over windows: metrics with their reference, strips of one fact, segments that lost most.

use keepwell_core::decide::Verdict;
use keepwell_core::measure::Measure;
use keepwell_core::time::Window;
use keepwell_monitor::finding::{Episode, Finding};
use keepwell_monitor::report::Report;
use keepwell_monitor::row::{ResultKind, ResultRow, Segment};
use keepwell_stats::metric::Direction;

use crate::report::texts::claim::{direction, is_evidence};

/// A metric of all rows, over the windows.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricSeries<'a> {
    /// One of its rows, for its name.
    pub sample: &'a ResultRow,
    /// The reference's value.
    pub reference: Option<Measure>,
    /// One row per window in order, or one for all rows; `None` for a window without this value.
    pub cells: Vec<Option<&'a ResultRow>>,
}

impl<'a> MetricSeries<'a> {
    /// The last window with a value, or without one the last window with a row.
    pub fn latest(&self) -> Option<&'a ResultRow> {
        let rows = || self.cells.iter().rev().copied().flatten();
        rows()
            .find(|row| row.outcome.defined().is_some())
            .or_else(|| rows().next())
    }

    /// The window with the worst value.
    pub fn worst(&self) -> Option<&'a ResultRow> {
        let sign = match direction(self.sample.name) {
            Direction::LowerIsBetter => -1.0,
            _ => 1.0,
        };
        self.cells
            .iter()
            .copied()
            .flatten()
            .filter_map(|row| row.outcome.defined().map(|measure| (row, measure.value)))
            .min_by(|left, right| (sign * left.1).total_cmp(&(sign * right.1)))
            .map(|(row, _)| row)
    }

    /// The worst verdict over the windows; undefined only where no window was judged.
    pub fn verdict(&self) -> Option<&'a Verdict> {
        let verdicts = || {
            self.cells
                .iter()
                .copied()
                .flatten()
                .filter_map(|row| row.verdict.as_ref())
        };
        verdicts()
            .filter(|verdict| !matches!(verdict, Verdict::Undefined(_)))
            .max_by_key(|verdict| verdict.urgency())
            .or_else(|| verdicts().next())
    }

    /// Four times the change that a warning needs: what a curve over the windows spans at least, so that
    /// noise does not look like news.
    pub fn span_min(&self) -> f64 {
        let limit = 4.0 * self.sample.threshold.unwrap_or(0.0);
        match direction(self.sample.name) {
            // Limits of losses are relative to the reference.
            Direction::LowerIsBetter => limit * self.reference.map_or(1.0, |own| own.value.abs()),
            _ => limit,
        }
    }

    /// Values of the windows, `None` where undefined.
    pub fn values(&self) -> Vec<Option<f64>> {
        self.cells
            .iter()
            .map(|cell| cell.and_then(value_of))
            .collect()
    }
}

/// The metrics that are decided on, of all rows or of one version, without those of single classes and
/// those that are defined nowhere: worst first, then in the order of their identifiers.
pub fn metrics<'a>(report: &'a Report, version: Option<&str>) -> Vec<MetricSeries<'a>> {
    let mut series: Vec<MetricSeries<'_>> = Vec::new();
    let n_cells = report.facts.windows.len().max(1);
    for row in &report.rows {
        if row.kind != ResultKind::Metric
            || row.class.is_some()
            || row.verdict.is_none()
            || row.scope.segment.is_some()
            || row.scope.version.as_deref() != version
        {
            continue;
        }
        let Some(idx) = window_idx(report, row.scope.window) else {
            continue;
        };
        let known = series
            .iter_mut()
            .find(|known| is_same_statistic(known.sample, row));
        let cells = match known {
            Some(known) => &mut known.cells,
            None => {
                series.push(MetricSeries {
                    sample: row,
                    reference: reference_of(report, row),
                    cells: vec![None; n_cells],
                });
                &mut series.last_mut().expect("just pushed").cells
            }
        };
        cells[idx] = Some(row);
    }
    series.retain(|series| series.values().iter().any(Option::is_some));
    let urgency = |series: &MetricSeries<'_>| match series.verdict() {
        Some(verdict @ (Verdict::Warning | Verdict::Alert)) => verdict.urgency(),
        _ => 0,
    };
    // The sort is stable, so that readings of one metric keep their order.
    series.sort_by_key(|series| (std::cmp::Reverse(urgency(series)), series.sample.name));
    series
}

/// One metric of each version, in the order of the versions: the one that became worse most, or else F1,
/// or else the first of all.
pub fn versions(report: &Report) -> Vec<(&str, MetricSeries<'_>)> {
    let whole = metrics(report, None);
    let sample = worst_metric(report)
        .or_else(|| {
            whole
                .iter()
                .map(|series| series.sample)
                .find(|row| row.name == "f1")
        })
        .or_else(|| whole.first().map(|series| series.sample));
    let Some(sample) = sample else {
        return Vec::new();
    };
    report
        .facts
        .versions
        .iter()
        .filter_map(|version| {
            metrics(report, Some(version))
                .into_iter()
                .find(|series| is_same_statistic(series.sample, sample))
                .map(|series| (version.as_str(), series))
        })
        .collect()
}

/// A row of the metric that became worse most: of all rows, or else of a segment or version.
fn worst_metric(report: &Report) -> Option<&ResultRow> {
    let about_metric = |finding: &Finding| {
        finding
            .episodes
            .iter()
            .map(|episode| &report.rows[episode.worst.row_idx])
            .find(|row| row.kind == ResultKind::Metric && row.class.is_none())
    };
    report
        .findings
        .iter()
        .filter(|finding| finding.segment.is_none() && finding.version.is_none())
        .find_map(about_metric)
        .or_else(|| report.findings.iter().find_map(about_metric))
}

/// One window in a strip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mark {
    /// No decision was possible, or there is no row.
    Undecided,
    /// Nothing found.
    Quiet,
    /// A warning or alert of this strength: the share of the strongest of the strip, in `(0, 1]`.
    Hit(f64),
}

/// The fact of an episode over all windows; empty where there are no windows.
pub fn marks(report: &Report, finding: &Finding, episode: &Episode) -> Vec<Mark> {
    let worst = &report.rows[episode.worst.row_idx];
    let mut marks = vec![Mark::Undecided; report.facts.windows.len()];
    let reference = episode.worst.reference.map_or(0.0, |own| own.value);
    for row in &report.rows {
        if !is_same_statistic(worst, row)
            || row.scope.segment != finding.segment
            || row.scope.version != finding.version
            || row.scope.window.is_none()
        {
            continue;
        }
        let Some(mark) = window_idx(report, row.scope.window).and_then(|idx| marks.get_mut(idx))
        else {
            continue;
        };
        *mark = match (&row.verdict, value_of(row)) {
            (Some(Verdict::Ok), _) => Mark::Quiet,
            (Some(Verdict::Warning | Verdict::Alert), Some(value)) => {
                Mark::Hit((value - reference).abs())
            }
            _ => Mark::Undecided,
        };
    }
    let strongest = marks
        .iter()
        .map(|mark| match mark {
            Mark::Hit(strength) => *strength,
            _ => 0.0,
        })
        .fold(0.0, f64::max);
    for mark in &mut marks {
        if let Mark::Hit(strength) = mark {
            *mark = Mark::Hit(if strongest > 0.0 {
                *strength / strongest
            } else {
                1.0
            });
        }
    }
    marks
}

/// A segment in which the headline metric became worse.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentLoss<'a> {
    /// The row of its worst window.
    pub row: &'a ResultRow,
    /// Its segment.
    pub segment: &'a Segment,
    /// The reference's value in the same segment.
    pub reference: Option<Measure>,
}

/// The segments that lost most on the metric that became worse most, worst first: of each its worst
/// window, and only with a warning or alert.
pub fn segment_losses(report: &Report, limit: usize) -> Vec<SegmentLoss<'_>> {
    let Some(sample) = worst_metric(report) else {
        return Vec::new();
    };
    let mut losses: Vec<(f64, SegmentLoss<'_>)> = report
        .findings
        .iter()
        .filter(|finding| finding.segment.is_some() && finding.version.is_none())
        .flat_map(|finding| {
            finding
                .episodes
                .iter()
                .map(move |episode| (finding, episode))
        })
        .filter_map(|(finding, episode)| {
            let row = &report.rows[episode.worst.row_idx];
            is_same_statistic(sample, row).then_some((
                episode.worst.severity,
                SegmentLoss {
                    row,
                    segment: finding.segment.as_ref()?,
                    reference: episode.worst.reference,
                },
            ))
        })
        .collect();
    losses.sort_by(|left, right| right.0.total_cmp(&left.0));
    losses
        .into_iter()
        .take(limit)
        .map(|(_, loss)| loss)
        .collect()
}

fn reference_of(report: &Report, row: &ResultRow) -> Option<Measure> {
    report
        .reference_rows
        .iter()
        .find(|own| {
            // A version is held against the reference as a whole.
            is_same_statistic(own, row)
                && own.scope.segment == row.scope.segment
                && own.scope.version.is_none()
        })
        .and_then(|own| own.outcome.defined().copied())
}

/// Whether two rows hold the same statistic of the same column or class.
fn is_same_statistic(left: &ResultRow, right: &ResultRow) -> bool {
    left.kind == right.kind
        && left.name == right.name
        && left.class == right.class
        && left.column == right.column
        && labels(left).eq(labels(right))
}

/// What tells a value from the others of the same statistic.
fn labels(row: &ResultRow) -> impl Iterator<Item = &(&'static str, String)> {
    row.params.iter().filter(|(label, _)| !is_evidence(label))
}

fn window_idx(report: &Report, window: Option<Window>) -> Option<usize> {
    if report.facts.windows.is_empty() {
        return Some(0);
    }
    // Windows are in order and do not overlap.
    report.facts.windows.binary_search(&window?).ok()
}

fn value_of(row: &ResultRow) -> Option<f64> {
    row.outcome.defined().map(|measure| measure.value)
}
