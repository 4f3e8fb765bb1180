//! All of a run together.

use keepwell_core::decide::Verdict;
use keepwell_core::outcome::Reason;
use keepwell_core::schema::Role;
use keepwell_core::time::{Timestamp, Window};

use crate::evaluation::{Attribution, ColumnAttribution, ColumnPicture, Curves, Evaluated};
use crate::finding::{Finding, gather};
use crate::note::Note;
use crate::roles::Guess;
use crate::row::{ResultKind, ResultRow};
use crate::rule::Rule;

/// One side of the comparison.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Side {
    /// Files, as they were named.
    pub files: Vec<String>,
    /// Rows.
    pub rows: u64,
    /// First and last event; `None` without a time column.
    pub range: Option<(Timestamp, Timestamp)>,
}

/// A segment column and the values that were looked at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SegmentValues {
    /// Name of the column.
    pub column: String,
    /// The most frequent values.
    pub values: Vec<String>,
    /// Number of further values, which were taken together as "other".
    pub n_other: u64,
}

/// What the run was about.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// Name of the model.
    pub model: String,
    /// Task, or `None` where only data were looked at.
    pub task: Option<String>,
    /// Positive class of a binary model.
    pub positive: Option<String>,
    /// What was compared against.
    pub reference: Side,
    /// What was judged.
    pub current: Side,
    /// Windows of the current events, in order; empty where they were taken as a whole.
    pub windows: Vec<Window>,
    /// Parts of columns.
    pub roles: Vec<(Role, String)>,
    /// Parts that were guessed.
    pub guesses: Vec<Guess>,
    /// Versions of the model, where there is more than one.
    pub versions: Vec<String>,
    /// Segments.
    pub segments: Vec<SegmentValues>,
    /// The rule of the verdicts.
    pub rule: Rule,
    /// Whether profiles were sketched.
    pub is_approximate: bool,
    /// What was assumed about the input, or left out.
    pub notes: Vec<Note>,
}

impl Facts {
    /// Whether a column holds the decisions; where none does, they follow from the scores.
    pub fn has_predictions(&self) -> bool {
        self.roles.iter().any(|(role, _)| *role == Role::Prediction)
    }
}

/// A statistic that could not be decided on, over all windows.
#[derive(Debug, Clone, PartialEq)]
pub struct NotComputed {
    /// Column, or `None` for a metric.
    pub column: Option<String>,
    /// Identifier of the statistic.
    pub name: &'static str,
    /// Why.
    pub reason: Reason,
    /// In how many windows.
    pub n_windows: usize,
}

/// The segment that has the greatest share of a change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Why<'a> {
    /// The segment column.
    pub column: &'a str,
    /// Its value.
    pub value: &'a str,
    /// Share of the change in `(0, inf)`; above 1 where others went the other way.
    pub share: f64,
}

/// Everything that a run found.
#[derive(Debug, Clone)]
pub struct Report {
    /// What the run was about.
    pub facts: Facts,
    /// Results of the current events.
    pub rows: Vec<ResultRow>,
    /// Metrics of the reference.
    pub reference_rows: Vec<ResultRow>,
    /// What a person should read, worst first.
    pub findings: Vec<Finding>,
    /// What could not be decided for all rows (segments and versions are left out here).
    pub not_computed: Vec<NotComputed>,
    /// Pictures of the columns, in the order in which they were evaluated.
    pub pictures: Vec<ColumnPicture>,
    /// Changes of metrics divided among the values of each segment column.
    pub attributions: Vec<Attribution>,
    /// Curves of the current events, by window and class.
    pub curves: Vec<Curves>,
    /// Curves of the reference, by class.
    pub reference_curves: Vec<Curves>,
    /// Changes of metrics divided among the columns that shifted.
    pub column_attributions: Vec<ColumnAttribution>,
    /// Number of decisions.
    pub decisions: usize,
}

impl Report {
    /// Puts the parts together.
    pub fn new(facts: Facts, evaluated: Evaluated) -> Self {
        let findings = gather(&evaluated.rows, evaluated.facts, &evaluated.level_changes);
        Self {
            not_computed: not_computed(&evaluated.rows),
            findings,
            facts,
            rows: evaluated.rows,
            reference_rows: evaluated.reference_rows,
            pictures: evaluated.pictures,
            attributions: evaluated.attributions,
            column_attributions: evaluated.column_attributions,
            curves: evaluated.curves,
            reference_curves: evaluated.reference_curves,
            decisions: evaluated.decisions,
        }
    }

    /// Where the change behind a row of a metric of all rows lies: the segment value that has the greatest share
    /// of it, over all segment columns.
    pub fn why(&self, row: &ResultRow) -> Option<Why<'_>> {
        self.why_segments(row)
            .filter_map(|own| {
                let (value, share) = own.leading()?;
                Some(Why {
                    column: &own.column,
                    value,
                    share,
                })
            })
            .max_by(|left, right| left.share.total_cmp(&right.share))
    }

    /// The change behind a row of a metric of all rows divided among the values of each segment column.
    pub fn why_segments<'a>(
        &'a self,
        row: &ResultRow,
    ) -> impl Iterator<Item = &'a Attribution> + use<'a> {
        let (name, window, is_whole) = (row.name, row.scope.window, is_whole(row));
        self.attributions
            .iter()
            .filter(move |own| is_whole && own.metric == name && own.window == window)
    }

    /// The change behind a row of a metric of all rows divided among the columns that shifted, where it is known.
    pub fn why_columns(&self, row: &ResultRow) -> Option<&ColumnAttribution> {
        self.column_attributions
            .iter()
            .find(|own| is_whole(row) && own.metric == row.name && own.window == row.scope.window)
    }

    /// The worst verdict of all findings.
    pub fn verdict(&self) -> Verdict {
        self.findings
            .iter()
            .map(|finding| &finding.verdict)
            .max_by_key(|verdict| verdict.urgency())
            .cloned()
            .unwrap_or(Verdict::Ok)
    }

    /// Number of findings with this verdict.
    pub fn count(&self, verdict: &Verdict) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.verdict == *verdict)
            .count()
    }
}

/// Whether a row is the value of a metric over all rows and classes.
fn is_whole(row: &ResultRow) -> bool {
    row.kind == ResultKind::Metric
        && row.scope.segment.is_none()
        && row.scope.version.is_none()
        && row.class.is_none()
}

fn not_computed(rows: &[ResultRow]) -> Vec<NotComputed> {
    let mut gathered: Vec<NotComputed> = Vec::new();
    for row in rows {
        let Some(Verdict::Undefined(reason)) = &row.verdict else {
            continue;
        };
        if row.scope.segment.is_some() || row.scope.version.is_some() {
            continue;
        }
        let known = gathered.iter_mut().rev().find(|known| {
            known.column == row.column && known.name == row.name && known.reason.id() == reason.id()
        });
        match known {
            Some(known) => known.n_windows += 1,
            None => gathered.push(NotComputed {
                column: row.column.clone(),
                name: row.name,
                reason: reason.clone(),
                n_windows: 1,
            }),
        }
    }
    gathered
}
