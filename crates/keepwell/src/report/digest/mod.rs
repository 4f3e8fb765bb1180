//! What a report for people shows, chosen and counted, before it is put into words.

mod series;

mod gaps;

mod groups;

use std::collections::BTreeSet;

use keepwell_core::decide::Verdict;
use keepwell_monitor::finding::{Episode, Finding, Subject};
use keepwell_monitor::report::Report;
use keepwell_monitor::row::{ResultKind, ResultRow};

pub use gaps::{Gap, gaps};
pub use groups::{disparities, estimates};
pub use series::{Mark, MetricSeries, marks, metrics, segment_losses, versions};

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
            // That groups are treated differently is no change of their column.
            .filter(|finding| {
                finding
                    .episodes
                    .iter()
                    .any(|episode| kind_of(report, episode) != ResultKind::Fairness)
            })
            .filter_map(|finding| match &finding.subject {
                Subject::Column(column) => Some(column.as_str()),
                Subject::Performance | Subject::Table => None,
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
            if row.kind == ResultKind::Fairness {
                continue;
            }
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

fn kind_of(report: &Report, episode: &Episode) -> ResultKind {
    report.rows[episode.worst.row_idx].kind
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
fn is_whole(row: &ResultRow) -> bool {
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

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Reason;

    use super::*;
    use crate::report::sample::Sample;

    #[test]
    fn every_column_is_counted_once() {
        let report = Sample::default().report();
        let columns = Columns::of(&report);
        assert_eq!(
            columns.unchanged,
            ["comment", "p", "quiet_0", "quiet_1", "quiet_2"]
        );
        assert_eq!(columns.undecided, ["empty"]);
        let tally = Tally::of(&report);
        assert_eq!(tally.n_columns, report.pictures.len());
        assert_eq!((tally.n_alerts, tally.n_warnings), (10, 0));
        assert_eq!(tally.performance, Performance::Worse);
        assert_eq!(tally.verdict(), Some(Verdict::Alert));
    }

    #[test]
    fn performance_without_targets_is_not_held() {
        let absent = Sample {
            has_outcomes: false,
            ..Sample::default()
        };
        assert_eq!(Tally::of(&absent.report()).performance, Performance::Absent);
        let mut held = Sample {
            wrong: 0.0,
            ..Sample::default()
        }
        .report();
        assert_eq!(Tally::of(&held).performance, Performance::Held);
        for row in &mut held.rows {
            if row.kind == ResultKind::Metric {
                row.verdict = Some(Verdict::Undefined(Reason::NoTargets));
            }
        }
        assert_eq!(Tally::of(&held).performance, Performance::NotJudged);
    }

    #[test]
    fn the_whole_and_its_parts_have_limits_of_their_own() {
        let report = Sample::default().report();
        let selection = Selection::of(&report, 2, 1);
        assert_eq!(selection.shown.len(), 3);
        assert!(selection.shown[2].segment.is_some());
        assert_eq!(
            selection.shown.len() + selection.rest.len(),
            report.findings.len()
        );
    }

    #[test]
    fn gaps_are_gathered_by_reason() {
        let report = Sample::default().report();
        let gaps = gaps(&report);
        let reasons: Vec<&str> = gaps.iter().map(|gap| gap.reason.id()).collect();
        assert_eq!(reasons, ["kind_mismatch", "all_null"]);
        assert_eq!(gaps[0].columns, ["zip"]);
        assert_eq!(gaps[0].n_windows, 3);
    }

    #[test]
    fn series_find_their_worst_and_their_latest_window() {
        let report = Sample::default().report();
        let series = metrics(&report, None);
        let f1 = series
            .iter()
            .find(|series| series.sample.name == "f1")
            .expect("in the catalog");
        assert_eq!(f1.cells.len(), 6);
        let window = |row: Option<&ResultRow>| row.and_then(|row| row.scope.window);
        assert_eq!(window(f1.latest()), report.facts.windows.last().copied());
        assert_eq!(f1.verdict(), Some(&Verdict::Alert));
        // A loss is worst where it is greatest.
        let loss = series
            .iter()
            .find(|series| series.sample.name == "log_loss")
            .expect("in the catalog");
        assert_eq!(window(loss.worst()), report.facts.windows.last().copied());
    }

    #[test]
    fn marks_tell_what_each_window_found() {
        let report = Sample::default().report();
        let finding = report
            .findings
            .iter()
            .find(|finding| finding.subject == Subject::Column("zip".to_owned()))
            .expect("found");
        let marks = marks(&report, finding, &finding.episodes[0]);
        assert_eq!(marks[..3], [Mark::Quiet; 3]);
        assert_eq!(marks[3..], [Mark::Hit(1.0); 3]);
    }
}
