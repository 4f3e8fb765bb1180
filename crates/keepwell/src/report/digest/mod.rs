//! What a report for people shows, chosen and counted, before it is put into words.

mod series;

mod gaps;

use std::collections::BTreeSet;

use keepwell_core::decide::Verdict;
use keepwell_monitor::finding::{Finding, Subject};
use keepwell_monitor::report::Report;
use keepwell_monitor::row::{ResultKind, ResultRow};

pub use gaps::{Gap, gaps};
pub use series::{Mark, MetricSeries, marks, metrics, segment_losses};

/// How the performance of the model was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Performance {
    /// There are no predictions or targets to judge.
    Absent,
    /// There are, but no metric could be decided on.
    NotJudged,
    /// No metric of all rows became worse.
    Held,
    /// Some metric did.
    Worse,
}

/// The counts of the headline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Findings that are alerts.
    pub n_alerts: usize,
    /// Findings that are warnings.
    pub n_warnings: usize,
    /// Columns that were looked at.
    pub n_columns: usize,
    /// Columns without a finding.
    pub n_unchanged: usize,
    /// Columns that could not be judged.
    pub n_undecided: usize,
    /// Decisions that were taken.
    pub n_decisions: usize,
    /// The metrics.
    pub performance: Performance,
}

impl Tally {
    /// Counts a report.
    pub fn of(report: &Report) -> Self {
        let columns = Columns::of(report);
        Self {
            n_alerts: report.count(&Verdict::Alert),
            n_warnings: report.count(&Verdict::Warning),
            n_columns: columns.changed.len() + columns.unchanged.len() + columns.undecided.len(),
            n_unchanged: columns.unchanged.len(),
            n_undecided: columns.undecided.len(),
            n_decisions: report.decisions,
            performance: performance(report),
        }
    }

    /// The worst verdict, or `None` where nothing was found because nothing could be decided.
    pub fn verdict(&self) -> Option<Verdict> {
        if self.n_alerts > 0 {
            Some(Verdict::Alert)
        } else if self.n_warnings > 0 {
            Some(Verdict::Warning)
        } else if self.n_decisions > 0 {
            Some(Verdict::Ok)
        } else {
            None
        }
    }
}

/// Columns by what is known of them; each in the order of the report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Columns<'a> {
    /// With a finding, in some segment or window.
    pub changed: Vec<&'a str>,
    /// Judged, and nothing was found.
    pub unchanged: Vec<&'a str>,
    /// Without a finding, and not judged in any window.
    pub undecided: Vec<&'a str>,
}

impl<'a> Columns<'a> {
    /// Sorts the columns of a report.
    pub fn of(report: &'a Report) -> Self {
        let changed: BTreeSet<&str> = report
            .findings
            .iter()
            .filter_map(|finding| match &finding.subject {
                Subject::Column(column) => Some(column.as_str()),
                Subject::Performance => None,
            })
            .collect();
        let mut seen = BTreeSet::new();
        let mut judged = BTreeSet::new();
        let mut drift_open = BTreeSet::new();
        let mut drift_judged = BTreeSet::new();
        let mut order = Vec::new();
        for row in &report.rows {
            let Some(column) = row.column.as_deref() else {
                continue;
            };
            if seen.insert(column) {
                order.push(column);
            }
            match (&row.verdict, row.kind) {
                (None, _) => {}
                (Some(Verdict::Undefined(_)), ResultKind::Drift) => {
                    drift_open.insert(column);
                }
                (Some(Verdict::Undefined(_)), _) => {}
                (Some(_), kind) => {
                    judged.insert(column);
                    if kind == ResultKind::Drift {
                        drift_judged.insert(column);
                    }
                }
            }
        }
        let mut columns = Self::default();
        for column in order {
            if changed.contains(column) {
                columns.changed.push(column);
            } else if judged.contains(column)
                && (drift_judged.contains(column) || !drift_open.contains(column))
            {
                columns.unchanged.push(column);
            } else {
                columns.undecided.push(column);
            }
        }
        columns
    }
}

fn performance(report: &Report) -> Performance {
    let is_worse = report
        .findings
        .iter()
        .any(|finding| finding.subject == Subject::Performance);
    if is_worse {
        return Performance::Worse;
    }
    let mut metrics = report
        .rows
        .iter()
        .filter(|row| row.kind == ResultKind::Metric && is_whole(row))
        .filter_map(|row| row.verdict.as_ref())
        .peekable();
    if metrics.peek().is_none() {
        Performance::Absent
    } else if metrics.any(|verdict| !matches!(verdict, Verdict::Undefined(_))) {
        Performance::Held
    } else {
        Performance::NotJudged
    }
}

/// Whether a row is about all segments and versions.
pub fn is_whole(row: &ResultRow) -> bool {
    row.scope.segment.is_none() && row.scope.version.is_none()
}

/// Findings that are shown in full, and the rest; both worst first.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection<'a> {
    /// Shown in full.
    pub shown: Vec<&'a Finding>,
    /// Only named.
    pub rest: Vec<&'a Finding>,
}

impl<'a> Selection<'a> {
    /// At most `n_whole` findings about all rows and `n_parts` about segments and versions.
    pub fn of(report: &'a Report, n_whole: usize, n_parts: usize) -> Self {
        let (mut whole, mut parts) = (0, 0);
        let (shown, rest) = report.findings.iter().partition(|finding| {
            let (n, limit) = if finding.segment.is_none() && finding.version.is_none() {
                (&mut whole, n_whole)
            } else {
                (&mut parts, n_parts)
            };
            *n += 1;
            *n <= limit
        });
        Self { shown, rest }
    }
}
