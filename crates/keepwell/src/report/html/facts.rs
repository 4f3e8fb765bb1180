//! What the run was about, as the page reads it.

use keepwell_monitor::report::{Report, Side};
use serde::Serialize;

use super::words::{cut, cut_at};

/// Most entries of a list.
const ENTRIES_MAX: usize = 60;
/// Most files of a side.
const FILES_MAX: usize = 8;
/// Most letters of a file's path.
const PATH_LETTERS_MAX: usize = 160;

/// Facts of the run.
#[derive(Debug, Serialize)]
pub(super) struct FactsView {
    model: String,
    task: Option<String>,
    positive: Option<String>,
    verdict: &'static str,
    decisions: usize,
    reference: SideView,
    current: SideView,
    roles: Vec<(&'static str, Vec<String>, usize)>,
    guesses: Vec<(&'static str, String)>,
    versions: Vec<String>,
    segments: Vec<SegmentView>,
    is_approximate: bool,
}

#[derive(Debug, Serialize)]
struct SideView {
    files: Vec<String>,
    n_files: usize,
    rows: u64,
}

#[derive(Debug, Serialize)]
struct SegmentView {
    column: String,
    values: Vec<String>,
    n_other: u64,
}

impl FactsView {
    /// The facts of a report, in lists of bounded length.
    pub(super) fn of(report: &Report) -> Self {
        let facts = &report.facts;
        let names = |names: &[String]| -> Vec<String> {
            names
                .iter()
                .take(ENTRIES_MAX)
                .map(|name| cut(name))
                .collect()
        };
        let guesses = facts.guesses.iter().take(ENTRIES_MAX);
        let segments = facts.segments.iter().take(ENTRIES_MAX);
        Self {
            model: cut(&facts.model),
            task: facts.task.clone(),
            positive: facts.positive.as_deref().map(cut),
            verdict: report.verdict().id(),
            decisions: report.decisions,
            reference: side(&facts.reference),
            current: side(&facts.current),
            roles: roles(report),
            guesses: guesses
                .map(|guess| (guess.role.id(), cut(&guess.column)))
                .collect(),
            versions: names(&facts.versions),
            segments: segments
                .map(|segment| SegmentView {
                    column: cut(&segment.column),
                    values: names(&segment.values),
                    n_other: segment.n_other,
                })
                .collect(),
            is_approximate: facts.is_approximate,
        }
    }
}

fn side(side: &Side) -> SideView {
    SideView {
        files: side
            .files
            .iter()
            .take(FILES_MAX)
            .map(|file| cut_at(file, PATH_LETTERS_MAX))
            .collect(),
        n_files: side.files.len(),
        rows: side.rows,
    }
}

/// Columns by the part they play, in the order in which parts first occur.
fn roles(report: &Report) -> Vec<(&'static str, Vec<String>, usize)> {
    let mut roles: Vec<(&'static str, Vec<String>, usize)> = Vec::new();
    for (role, column) in &report.facts.roles {
        let known = roles.iter().position(|(known, ..)| *known == role.id());
        let idx = known.unwrap_or_else(|| {
            roles.push((role.id(), Vec::new(), 0));
            roles.len() - 1
        });
        let (_, columns, n) = &mut roles[idx];
        *n += 1;
        if columns.len() < ENTRIES_MAX {
            columns.push(cut(column));
        }
    }
    roles
}
