//! Every result as JSON, for programs.
//!
//! The rows under `results` have the one tidy shape of every output of Keepwell; the rest are facts of
//! the run. Rows are written one by one, so that a large report needs no second copy in memory.

mod because;

mod curves;

mod row;

use std::io;

use keepwell_core::time::{Timestamp, Window};
use keepwell_monitor::finding::{Episode, Finding, Subject};
use keepwell_monitor::report::{Facts, Report, Side};
use serde::Serialize;

use self::because::BecauseDocument;
use self::curves::CurvesDocument;
use self::row::{RowDocument, Rows, finite, segment_text};
use super::digest::{Columns, Tally};
use super::texts::Lang;

/// Raised when a key changes its meaning or goes; new keys do not raise it.
const SCHEMA_VERSION: u32 = 1;

/// Writes the report and a line feed.
///
/// # Errors
/// If `out` cannot be written.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Document::of(report))?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    keepwell: Program,
    model: &'a str,
    task: Option<&'a str>,
    positive: Option<&'a str>,
    verdict: &'static str,
    counts: Counts,
    reference: SideDocument<'a>,
    current: SideDocument<'a>,
    windows: Vec<WindowDocument>,
    roles: Vec<RoleDocument<'a>>,
    guessed: Vec<RoleDocument<'a>>,
    versions: &'a [String],
    segments: Vec<SegmentDocument<'a>>,
    rule: RuleDocument,
    is_approximate: bool,
    notes: Vec<String>,
    findings: Vec<FindingDocument<'a>>,
    columns_unchanged: Vec<&'a str>,
    not_computed: Vec<GapDocument<'a>>,
    curves: Vec<CurvesDocument<'a>>,
    results: Rows<'a>,
}

#[derive(Serialize)]
struct Program {
    version: &'static str,
}

#[derive(Serialize)]
struct Counts {
    alerts: usize,
    warnings: usize,
    columns: usize,
    columns_unchanged: usize,
    columns_undecided: usize,
    decisions: usize,
}

#[derive(Serialize)]
struct SideDocument<'a> {
    files: &'a [String],
    rows: u64,
    range: Option<RangeDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<Rows<'a>>,
}

#[derive(Serialize)]
struct RangeDocument {
    first: String,
    last: String,
}

#[derive(Serialize)]
struct WindowDocument {
    start: String,
    end: String,
}

#[derive(Serialize)]
struct RoleDocument<'a> {
    role: &'static str,
    column: &'a str,
}

#[derive(Serialize)]
struct SegmentDocument<'a> {
    column: &'a str,
    values: &'a [String],
    other_values: u64,
}

#[derive(Serialize)]
struct RuleDocument {
    alpha: f64,
    rows_min: u64,
}

#[derive(Serialize)]
struct FindingDocument<'a> {
    verdict: &'static str,
    subject: &'static str,
    column: Option<&'a str>,
    segment: Option<String>,
    version: Option<&'a str>,
    #[serde(flatten)]
    first: Option<EpisodeDocument<'a>>,
    /// Further facts about the same subject, less urgent than the first.
    further: Vec<EpisodeDocument<'a>>,
}

#[derive(Serialize)]
struct EpisodeDocument<'a> {
    kind: &'static str,
    name: &'static str,
    class: Option<&'a str>,
    sentence: String,
    since: Option<String>,
    until: Option<String>,
    level_since: Option<String>,
    window_start: Option<String>,
    window_end: Option<String>,
    reference: Option<f64>,
    value: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
    p_value_adjusted: Option<f64>,
    severity: Option<f64>,
    windows_hit: usize,
    windows_decided: usize,
    /// Where the change of a metric lies.
    because: Option<BecauseDocument<'a>>,
}

#[derive(Serialize)]
struct GapDocument<'a> {
    column: Option<&'a str>,
    name: &'static str,
    reason: &'static str,
    text: String,
    windows: usize,
}

impl<'a> Document<'a> {
    fn of(report: &'a Report) -> Self {
        let facts = &report.facts;
        let tally = Tally::of(report);
        let role = |role: &'static str, column: &'a str| RoleDocument { role, column };
        Self {
            schema_version: SCHEMA_VERSION,
            keepwell: Program {
                version: env!("CARGO_PKG_VERSION"),
            },
            model: &facts.model,
            task: facts.task.as_deref(),
            positive: facts.positive.as_deref(),
            verdict: tally.verdict().map_or("undefined", |verdict| verdict.id()),
            counts: Counts {
                alerts: tally.n_alerts,
                warnings: tally.n_warnings,
                columns: tally.n_columns,
                columns_unchanged: tally.n_unchanged,
                columns_undecided: tally.n_undecided,
                decisions: tally.n_decisions,
            },
            reference: SideDocument::of(
                &facts.reference,
                Some(Rows {
                    model: &facts.model,
                    rows: &report.reference_rows,
                }),
            ),
            current: SideDocument::of(&facts.current, None),
            windows: facts.windows.iter().copied().map(window).collect(),
            roles: facts
                .roles
                .iter()
                .map(|(part, column)| role(part.id(), column))
                .collect(),
            guessed: facts
                .guesses
                .iter()
                .map(|guess| role(guess.role.id(), &guess.column))
                .collect(),
            versions: &facts.versions,
            segments: segments(facts),
            rule: RuleDocument {
                alpha: facts.rule.alpha,
                rows_min: facts.rule.rows_min,
            },
            is_approximate: facts.is_approximate,
            notes: facts
                .notes
                .iter()
                .map(|note| Lang::En.texts().note(note).to_string())
                .collect(),
            findings: report
                .findings
                .iter()
                .map(|finding| FindingDocument::of(report, finding))
                .collect(),
            columns_unchanged: Columns::of(report).unchanged,
            not_computed: not_computed(report),
            curves: curves::of(report),
            results: Rows {
                model: &facts.model,
                rows: &report.rows,
            },
        }
    }
}

impl<'a> SideDocument<'a> {
    fn of(side: &'a Side, metrics: Option<Rows<'a>>) -> Self {
        Self {
            files: &side.files,
            rows: side.rows,
            range: side.range.map(|(first, last)| RangeDocument {
                first: first.to_rfc3339(),
                last: last.to_rfc3339(),
            }),
            metrics,
        }
    }
}

impl<'a> FindingDocument<'a> {
    fn of(report: &'a Report, finding: &'a Finding) -> Self {
        let (subject, column) = match &finding.subject {
            Subject::Performance => ("performance", None),
            Subject::Table => ("table", None),
            Subject::Column(column) => ("column", Some(column.as_str())),
        };
        let mut episodes = finding
            .episodes
            .iter()
            .map(|episode| EpisodeDocument::of(report, finding, episode));
        Self {
            verdict: finding.verdict.id(),
            subject,
            column,
            segment: finding.segment.as_ref().map(segment_text),
            version: finding.version.as_deref(),
            first: episodes.next(),
            further: episodes.collect(),
        }
    }
}

impl<'a> EpisodeDocument<'a> {
    fn of(report: &'a Report, finding: &Finding, episode: &Episode) -> Self {
        let row = &report.rows[episode.worst.row_idx];
        let tidy = RowDocument::of(&report.facts.model, row);
        Self {
            kind: tidy.kind,
            name: tidy.name,
            class: tidy.class,
            sentence: Lang::En
                .texts()
                .sentence(report, finding, episode)
                .to_string(),
            since: episode.since.map(Timestamp::to_rfc3339),
            until: episode.until.map(Timestamp::to_rfc3339),
            level_since: episode.level_since.map(Timestamp::to_rfc3339),
            window_start: tidy.window_start,
            window_end: tidy.window_end,
            reference: episode.worst.reference.and_then(|own| finite(own.value)),
            value: tidy.value,
            lower: tidy.lower,
            upper: tidy.upper,
            p_value_adjusted: episode.worst.p_value.and_then(finite),
            severity: finite(episode.worst.severity),
            windows_hit: episode.n_hit,
            windows_decided: episode.n_decided,
            because: because::of(report, row),
        }
    }
}

fn window(window: Window) -> WindowDocument {
    WindowDocument {
        start: window.start.to_rfc3339(),
        end: window.end.to_rfc3339(),
    }
}

fn segments(facts: &Facts) -> Vec<SegmentDocument<'_>> {
    facts
        .segments
        .iter()
        .map(|segment| SegmentDocument {
            column: &segment.column,
            values: &segment.values,
            other_values: segment.n_other,
        })
        .collect()
}

fn not_computed(report: &Report) -> Vec<GapDocument<'_>> {
    report
        .not_computed
        .iter()
        .map(|gap| GapDocument {
            column: gap.column.as_deref(),
            name: gap.name,
            reason: gap.reason.id(),
            text: gap.reason.to_string(),
            windows: gap.n_windows,
        })
        .collect()
}

#[cfg(test)]
mod tests;
