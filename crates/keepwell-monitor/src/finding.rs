//! What a person should read first: facts gathered by what they are about, worst first.

use std::collections::BTreeMap;

use keepwell_core::decide::Verdict;
use keepwell_core::measure::Measure;
use keepwell_core::params::Params;
use keepwell_core::schema::{Kind, Role};
use keepwell_core::time::{Timestamp, Window};
use keepwell_stats::profile::{ColumnProfile, TwoSample};
use keepwell_stats::quality::{self, UnitChange};

use crate::row::{CONSTANT, ResultKind, ResultRow, SERIES, Segment};
use crate::rule::merge_counts;

/// Why one row has a verdict that is not `ok`.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Index of the row in the results.
    pub row_idx: usize,
    /// Warning or alert.
    pub verdict: Verdict,
    /// Part that the column plays; `None` for metrics.
    pub role: Option<Role>,
    /// Size of the effect, in the unit of its limits.
    pub size: f64,
    /// Size as a multiple of the alert limit.
    pub severity: f64,
    /// Corrected p-value; `None` where the fact is certain.
    pub p_value: Option<f64>,
    /// The same quantity in the reference.
    pub reference: Option<Measure>,
    /// What a sentence about it needs.
    pub detail: Detail,
}

/// What a sentence about a fact needs beside its numbers.
#[derive(Debug, Clone, PartialEq)]
pub enum Detail {
    /// Nothing.
    None,
    /// Medians and means of a number on both sides.
    Numbers {
        /// Median and mean in the reference.
        reference: (f64, f64),
        /// Median and mean now.
        current: (f64, f64),
    },
    /// The category whose share changed most.
    Category {
        /// Its name.
        name: String,
        /// Share of the reference's present values.
        reference: f64,
        /// Share of the current present values.
        current: f64,
    },
    /// Some of the categories that are new, most frequent first.
    Examples(Vec<String>),
    /// Ranges of a number on both sides.
    Ranges {
        /// Least and greatest value in the reference.
        reference: (f64, f64),
        /// Least and greatest value now.
        current: (f64, f64),
    },
    /// The one value that is left.
    Value(String),
    /// Columns that it rests on, worst first.
    Columns(Vec<String>),
    /// The value of the quantity whose windows a detector or an anomaly read.
    Point(f64),
    /// Kinds on both sides.
    Kinds {
        /// Kind in the reference.
        reference: Kind,
        /// Kind now.
        current: Kind,
    },
    /// The change of unit that explains the difference.
    Unit(UnitChange),
    /// Values of the same entities on both sides.
    Entities {
        /// Entities on both sides.
        n_entities: u64,
        /// Those without a value in the reference only, and now only.
        n_missing: (u64, u64),
        /// Greatest difference of two numbers, where some differ.
        greatest: Option<f64>,
        /// Some of the entities whose values differ.
        examples: Vec<EntityExample>,
    },
}

/// An entity whose values on the two sides differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityExample {
    /// Its key, such as `id=17, day=2026-01-31`.
    pub key: String,
    /// Value in the reference; `None` where there is none.
    pub reference: Option<String>,
    /// Value now; `None` where there is none.
    pub current: Option<String>,
}

impl std::fmt::Display for EntityExample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "null".to_owned());
        let (own, now) = (text(&self.reference), text(&self.current));
        write!(f, "{}: {own} → {now}", self.key)
    }
}

/// Gathers what the sentence for the quality check or drift test `id` needs.
pub(crate) fn detail_of(id: &str, sample: TwoSample<'_, ColumnProfile>) -> Detail {
    match id {
        "type_change" | "type_violation" => Detail::Kinds {
            reference: sample.reference.kind(),
            current: sample.current.kind(),
        },
        "missing" => Detail::None,
        "out_of_range" => match (sample.reference, sample.current) {
            (ColumnProfile::Numeric(reference), ColumnProfile::Numeric(current)) => {
                match (reference.range(), current.range()) {
                    (Some(reference), Some(current)) => Detail::Ranges { reference, current },
                    _ => Detail::None,
                }
            }
            _ => Detail::None,
        },
        "constant" => constant_value(sample.current),
        "unseen_category" => unseen(sample),
        "scale_change" => unit(id, sample),
        _ => shift(sample),
    }
}

fn constant_value(current: &ColumnProfile) -> Detail {
    match current {
        ColumnProfile::Numeric(profile) => match profile.range() {
            Some((low, _)) => Detail::Value(format!("{low}")),
            None => Detail::None,
        },
        other => other
            .category_counts()
            .and_then(|counts| counts.into_iter().find(|(_, n)| *n > 0))
            .map_or(Detail::None, |(name, _)| Detail::Value(name.to_owned())),
    }
}

/// The change of unit, searched for with the defaults of its check.
fn unit(id: &str, sample: TwoSample<'_, ColumnProfile>) -> Detail {
    quality::ALL
        .iter()
        .find(|check| check.info().id == id)
        .and_then(|check| quality::unit_change(sample, &Params::defaults(check.parameters())))
        .map_or(Detail::None, Detail::Unit)
}

fn unseen(sample: TwoSample<'_, ColumnProfile>) -> Detail {
    let (Some(reference), Some(current)) = (
        sample.reference.category_counts(),
        sample.current.category_counts(),
    ) else {
        return Detail::None;
    };
    let mut new: Vec<(u64, &str)> = merge_counts(&reference, &current)
        .filter(|(_, in_reference, _)| *in_reference == 0)
        .map(|(name, _, in_current)| (in_current, name))
        .collect();
    new.sort_by(|(left, left_name), (right, right_name)| {
        right.cmp(left).then(left_name.cmp(right_name))
    });
    Detail::Examples(
        new.iter()
            .take(3)
            .map(|(_, name)| (*name).to_owned())
            .collect(),
    )
}

fn shift(sample: TwoSample<'_, ColumnProfile>) -> Detail {
    if let (ColumnProfile::Numeric(reference), ColumnProfile::Numeric(current)) =
        (sample.reference, sample.current)
    {
        let middle = |profile: &keepwell_stats::profile::NumericProfile| {
            profile
                .distribution()
                .quantile(0.5)
                .map(|median| (median, profile.moments().mean))
        };
        return match (middle(reference), middle(current)) {
            (Some(reference), Some(current)) => Detail::Numbers { reference, current },
            _ => Detail::None,
        };
    }
    let (Some(reference), Some(current)) = (
        sample.reference.category_counts(),
        sample.current.category_counts(),
    ) else {
        return Detail::None;
    };
    let present = |profile: &ColumnProfile| profile.counts().present().max(1) as f64;
    let (n, m) = (present(sample.reference), present(sample.current));
    merge_counts(&reference, &current)
        .map(|(name, in_reference, in_current)| {
            (name, in_reference as f64 / n, in_current as f64 / m)
        })
        .max_by(|left, right| {
            (left.2 - left.1)
                .abs()
                .total_cmp(&(right.2 - right.1).abs())
        })
        .map_or(Detail::None, |(name, reference, current)| {
            Detail::Category {
                name: name.to_owned(),
                reference,
                current,
            }
        })
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// How well the model does.
    Performance,
    /// The rows as wholes.
    Table,
    /// A column.
    Column(String),
}

/// A window from which on a metric of all rows has another level.
#[derive(Debug, Clone, PartialEq)]
pub struct LevelChange {
    /// Identifier of the metric.
    pub metric: &'static str,
    /// Class, where the value is of one.
    pub class: Option<String>,
    /// Labels of the value, for example `average=macro`.
    pub labels: Vec<(&'static str, String)>,
    /// First window of the new level.
    pub window: Window,
    /// Whether the new level is worse than the one before.
    pub is_worse: bool,
}

impl LevelChange {
    fn is_of(&self, thread: &Thread) -> bool {
        thread.kind == ResultKind::Metric
            && thread.version.is_none()
            && thread.segment.is_none()
            && (self.metric, &self.class, &self.labels)
                == (thread.name, &thread.class, &thread.labels)
    }
}

/// One fact over time: its worst window, and when it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Episode {
    /// The fact in the window where it is worst.
    pub worst: Fact,
    /// Start of the unbroken run of windows that holds the worst; `None` without windows.
    pub since: Option<Timestamp>,
    /// End of that run; `None` while it reaches the last window, or without windows.
    pub until: Option<Timestamp>,
    /// For a metric of all rows: where its level became worse up to the worst window, and has not become better
    /// again before that. Of several such changes in a row, the start of the first.
    pub level_since: Option<Timestamp>,
    /// Windows with a warning or alert, in the run or not.
    pub n_hit: usize,
    /// Windows that could be decided on.
    pub n_decided: usize,
}

/// Facts about one subject in one segment and version.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Worst verdict of its episodes.
    pub verdict: Verdict,
    /// What it is about.
    pub subject: Subject,
    /// Version of the model; `None` means all.
    pub version: Option<String>,
    /// Segment; `None` means all rows.
    pub segment: Option<Segment>,
    /// Worst first, faults of the data before drift.
    pub episodes: Vec<Episode>,
}

/// What makes facts of different windows one episode.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Thread {
    version: Option<String>,
    segment: Option<Segment>,
    subject: Subject,
    kind: ResultKind,
    name: &'static str,
    class: Option<String>,
    labels: Vec<(&'static str, String)>,
}

/// Whether a parameter of a row says something of the evidence, and nothing of what was measured.
pub fn is_evidence(label: &str) -> bool {
    label.starts_with("p_value")
        || label.starts_with("pair_")
        || matches!(label, "least" | "greatest" | "columns" | CONSTANT)
}

fn thread_of(row: &ResultRow) -> Thread {
    Thread {
        version: row.scope.version.clone(),
        segment: row.scope.segment.clone(),
        subject: match (&row.column, row.kind) {
            (Some(column), _) => Subject::Column(column.clone()),
            (None, ResultKind::Quality | ResultKind::Drift) => Subject::Table,
            // Rows that are odd; a series is of a metric.
            (None, ResultKind::Anomaly)
                if !row.params.iter().any(|(label, _)| *label == SERIES) =>
            {
                Subject::Table
            }
            (None, _) => Subject::Performance,
        },
        kind: row.kind,
        name: row.name,
        class: row.class.clone(),
        labels: row
            .params
            .iter()
            .filter(|(label, _)| !is_evidence(label))
            .cloned()
            .collect(),
    }
}

/// Gathers facts into findings, worst first.
pub(crate) fn gather(
    rows: &[ResultRow],
    facts: Vec<Fact>,
    changes: &[LevelChange],
) -> Vec<Finding> {
    let mut decided: BTreeMap<Thread, Vec<Option<Window>>> = BTreeMap::new();
    for row in rows {
        if matches!(
            row.verdict,
            Some(Verdict::Ok | Verdict::Warning | Verdict::Alert)
        ) {
            decided
                .entry(thread_of(row))
                .or_default()
                .push(row.scope.window);
        }
    }
    let mut threads: BTreeMap<Thread, Vec<Fact>> = BTreeMap::new();
    for fact in facts {
        threads
            .entry(thread_of(&rows[fact.row_idx]))
            .or_default()
            .push(fact);
    }
    let mut findings: BTreeMap<(Subject, Option<String>, Option<Segment>), Vec<Episode>> =
        BTreeMap::new();
    for (thread, facts) in threads {
        let windows = decided.get(&thread).map_or(&[][..], Vec::as_slice);
        let episode = episode(rows, windows, facts).map(|episode| Episode {
            level_since: level_since(rows, &thread, &episode.worst, changes),
            ..episode
        });
        let key = (thread.subject, thread.version, thread.segment);
        findings.entry(key).or_default().extend(episode);
    }
    let mut findings: Vec<Finding> = findings
        .into_iter()
        .map(|((subject, version, segment), mut episodes)| {
            episodes.sort_by(|left, right| {
                episode_rank(rows, right).total_cmp(&episode_rank(rows, left))
            });
            let verdict = episodes
                .iter()
                .map(|episode| &episode.worst.verdict)
                .max_by_key(|verdict| verdict.urgency())
                .cloned()
                .unwrap_or(Verdict::Ok);
            Finding {
                verdict,
                subject,
                version,
                segment,
                episodes,
            }
        })
        .collect();
    findings.sort_by(|left, right| rank(rows, right).total_cmp(&rank(rows, left)));
    findings
}

fn episode(rows: &[ResultRow], windows: &[Option<Window>], facts: Vec<Fact>) -> Option<Episode> {
    let hits: Vec<Option<Window>> = facts
        .iter()
        .map(|fact| rows[fact.row_idx].scope.window)
        .collect();
    let n_hit = hits.len();
    let worst = facts.into_iter().max_by(|left, right| {
        let by_verdict = left.verdict.urgency().cmp(&right.verdict.urgency());
        by_verdict.then(left.severity.total_cmp(&right.severity))
    })?;
    let (mut since, mut until) = (None, None);
    if let Some(at) = rows[worst.row_idx].scope.window {
        let idx = windows.iter().position(|window| *window == Some(at))?;
        let is_hit = |idx: usize| hits.contains(&windows[idx]);
        let first = (0..=idx)
            .rev()
            .take_while(|&idx| is_hit(idx))
            .last()
            .unwrap_or(idx);
        let last = (idx..windows.len())
            .take_while(|&idx| is_hit(idx))
            .last()
            .unwrap_or(idx);
        since = windows[first].map(|window| window.start);
        if last + 1 < windows.len() {
            until = windows[last].map(|window| window.end);
        }
    }
    Some(Episode {
        worst,
        since,
        until,
        level_since: None,
        n_hit,
        n_decided: windows.len(),
    })
}

/// See [`Episode::level_since`].
fn level_since(
    rows: &[ResultRow],
    thread: &Thread,
    worst: &Fact,
    changes: &[LevelChange],
) -> Option<Timestamp> {
    let at = rows[worst.row_idx].scope.window?;
    let own = changes.iter().rev().filter(|change| change.is_of(thread));
    own.filter(|change| change.window.start <= at.start)
        .take_while(|change| change.is_worse)
        .last()
        .map(|change| change.window.start)
}

/// Larger is more urgent. Within a verdict, faults of the data come before drift: a broken pipe is
/// not drift.
fn episode_rank(rows: &[ResultRow], episode: &Episode) -> f64 {
    let kind = match rows[episode.worst.row_idx].kind {
        ResultKind::Quality => 2.0,
        ResultKind::Metric => 1.0,
        ResultKind::Drift | ResultKind::Fairness | ResultKind::Estimate | ResultKind::Anomaly => {
            0.0
        }
    };
    f64::from(episode.worst.verdict.urgency()) * 1e4
        + kind * 1e3
        + episode.worst.severity.min(999.0)
}

/// Larger is more urgent: verdict, then the whole before its parts, then performance, faults of the
/// data, drift of the outcome columns, drift of features, then severity.
fn rank(rows: &[ResultRow], finding: &Finding) -> f64 {
    let whole = f64::from(u8::from(
        finding.segment.is_none() && finding.version.is_none(),
    ));
    let Some(worst) = finding.episodes.first() else {
        return 0.0;
    };
    let subject = match (
        &finding.subject,
        rows[worst.worst.row_idx].kind,
        worst.worst.role,
    ) {
        (Subject::Performance, _, _) => 3.0,
        (_, ResultKind::Quality, _) => 2.0,
        (_, _, Some(Role::Target | Role::Prediction | Role::Score)) => 1.0,
        _ => 0.0,
    };
    let severity = finding
        .episodes
        .iter()
        .map(|episode| episode.worst.severity)
        .fold(0.0, f64::max);
    f64::from(finding.verdict.urgency()) * 1e5 + whole * 1e4 + subject * 1e3 + severity.min(999.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Scope;
    use keepwell_core::outcome::Outcome;

    fn window(idx: i64) -> Window {
        Window {
            start: Timestamp(idx * 10),
            end: Timestamp(idx * 10 + 10),
        }
    }

    fn rows(verdicts: &[Verdict]) -> (Vec<ResultRow>, Vec<Fact>) {
        let rows: Vec<ResultRow> = verdicts
            .iter()
            .enumerate()
            .map(|(idx, verdict)| ResultRow {
                scope: Scope {
                    window: Some(window(idx as i64)),
                    ..Scope::default()
                },
                column: Some("price".to_owned()),
                class: None,
                kind: ResultKind::Drift,
                name: "ks",
                params: Vec::new(),
                outcome: Outcome::Defined(Measure::new(0.2)),
                threshold: Some(0.05),
                verdict: Some(verdict.clone()),
                is_provisional: false,
                rows: 100,
                targets: None,
            })
            .collect();
        let facts = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.verdict != Some(Verdict::Ok))
            .map(|(row_idx, row)| Fact {
                row_idx,
                verdict: row.verdict.clone().expect("set above"),
                role: Some(Role::Feature),
                size: 0.2,
                severity: 2.0 + row_idx as f64,
                p_value: Some(1e-9),
                reference: None,
                detail: Detail::None,
            })
            .collect();
        (rows, facts)
    }

    #[test]
    fn an_episode_begins_where_its_unbroken_run_begins() {
        let (rows, facts) = rows(&[
            Verdict::Alert,
            Verdict::Ok,
            Verdict::Warning,
            Verdict::Alert,
            Verdict::Alert,
        ]);
        let findings = gather(&rows, facts, &[]);
        assert_eq!(findings.len(), 1);
        let episode = &findings[0].episodes[0];
        assert_eq!(episode.since, Some(Timestamp(20)));
        assert_eq!(episode.until, None);
        assert_eq!((episode.n_hit, episode.n_decided), (4, 5));
    }

    #[test]
    fn a_run_that_ended_says_when() {
        let (rows, facts) = rows(&[Verdict::Ok, Verdict::Alert, Verdict::Ok]);
        let episode = &gather(&rows, facts, &[])[0].episodes[0];
        assert_eq!(episode.since, Some(Timestamp(10)));
        assert_eq!(episode.until, Some(Timestamp(20)));
    }
}
