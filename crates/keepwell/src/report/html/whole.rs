//! What no column shows by itself: rows as wholes, and series of windows that did not go on as they were.

use std::cmp::Reverse;

use keepwell_core::decide::Verdict;
use keepwell_monitor::report::Report;
use keepwell_monitor::row::{ResultKind, ResultRow, SERIES};
use serde::Serialize;

use super::budget::{Budget, Reserve};
use super::track::{Reasons, Rounded, Slots};
use super::view::{facet_of, part_of};
use super::words::{cut, cut_at};
use crate::report::texts::claim::MetricName;
use crate::report::texts::{adjusted_p_value, row_label};

/// Digits of a value.
const DIGITS: usize = 5;
/// Letters of the list of columns.
const COLUMNS_LETTERS_MAX: usize = 240;

/// One statistic at its worst window, or where nothing was found at its last one.
#[derive(Debug, Serialize)]
pub(super) struct WholeView {
    kind: &'static str,
    name: &'static str,
    /// What a series is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    facet: String,
    note: String,
    /// Columns that it rests on.
    columns: String,
    /// `None` for all windows together.
    slot: Option<usize>,
    n_hit: usize,
    n: usize,
    v: Option<Rounded>,
    lo: Option<Rounded>,
    hi: Option<Rounded>,
    q: Option<Rounded>,
    limit: Option<Rounded>,
    verdict: Option<&'static str>,
    why: Option<usize>,
}

/// The rows of one statistic.
struct Thread<'a> {
    rows: Vec<&'a ResultRow>,
}

impl Thread<'_> {
    fn holds(&self, row: &ResultRow) -> bool {
        self.rows.first().is_some_and(|own| {
            (own.kind, own.name, &own.column) == (row.kind, row.name, &row.column)
                && facet_of(own) == facet_of(row)
                && note_of(own) == note_of(row)
        })
    }
}

/// What else tells the statistic from others of its name, but for what a series is of.
fn note_of(row: &ResultRow) -> String {
    let labels = MetricName::of(row).labels();
    let labels: Vec<String> = labels
        .filter(|(label, _)| *label != SERIES)
        .map(|(label, value)| format!("{} {}", label.replace('_', " "), cut(value)))
        .collect();
    labels.join(", ")
}

/// Every such statistic of all rows, worst first.
pub(super) fn collect(
    report: &Report,
    slots: &Slots,
    reasons: &mut Reasons,
    budget: &mut Budget,
) -> Vec<WholeView> {
    let mut threads: Vec<Thread<'_>> = Vec::new();
    for row in &report.rows {
        let is_of_columns = row.column.is_some() && row_label(row, SERIES).is_none();
        let is_shown = matches!(
            row.kind,
            ResultKind::Quality | ResultKind::Drift | ResultKind::Anomaly
        );
        if !is_shown || is_of_columns || part_of(&row.scope) != (None, None) {
            continue;
        }
        match threads.iter_mut().find(|thread| thread.holds(row)) {
            Some(thread) => thread.rows.push(row),
            None => threads.push(Thread { rows: vec![row] }),
        }
    }
    let mut worst: Vec<(&ResultRow, Thread<'_>)> = threads
        .into_iter()
        .filter_map(|thread| {
            Some((
                thread.rows.iter().copied().max_by_key(|row| rank(row))?,
                thread,
            ))
        })
        .collect();
    worst.sort_by_key(|(row, _)| Reverse(rank(row).0));
    let mut views = Vec::new();
    for (row, thread) in worst {
        let view = view_of(row, &thread, slots, reasons);
        if budget.takes(&view, Reserve::GROUPS) {
            views.push(view);
        }
    }
    views
}

/// Larger is worse: verdict, then how many times the limit.
fn rank(row: &ResultRow) -> (u8, u64) {
    let urgency = match &row.verdict {
        None => 0,
        Some(Verdict::Undefined(_)) => 1,
        Some(Verdict::Ok) => 2,
        Some(verdict) => 2 + verdict.urgency(),
    };
    let value = row
        .outcome
        .defined()
        .map_or(0.0, |measure| measure.value.abs());
    let size = match row.threshold {
        Some(limit) if limit > 0.0 => value / limit,
        _ => value,
    };
    // In thousandths; the cast saturates.
    (urgency, (size * 1e3) as u64)
}

fn is_hit(row: &&&ResultRow) -> bool {
    matches!(row.verdict, Some(Verdict::Warning | Verdict::Alert))
}

fn view_of(
    row: &ResultRow,
    thread: &Thread<'_>,
    slots: &Slots,
    reasons: &mut Reasons,
) -> WholeView {
    let measure = row.outcome.defined();
    let interval = measure.and_then(|measure| measure.interval);
    let rounded = |value: f64| Rounded::new(value, DIGITS);
    let reason = match (&row.verdict, row.outcome.reason()) {
        (_, Some(reason)) | (Some(Verdict::Undefined(reason)), None) => Some(reason),
        _ => None,
    };
    WholeView {
        kind: row.kind.id(),
        name: row.name,
        of: row_label(row, SERIES).map(str::to_owned),
        column: row.column.as_deref().map(cut),
        facet: facet_of(row),
        note: note_of(row),
        columns: row_label(row, "columns")
            .map_or_else(String::new, |columns| cut_at(columns, COLUMNS_LETTERS_MAX)),
        slot: slots.position(row.scope.window),
        n_hit: thread.rows.iter().filter(is_hit).count(),
        n: thread.rows.len(),
        v: measure.map(|measure| rounded(measure.value)),
        lo: interval.map(|interval| rounded(interval.lower)),
        hi: interval.map(|interval| rounded(interval.upper)),
        q: adjusted_p_value(row).map(|p_value| Rounded::new(p_value, 2)),
        limit: row.threshold.map(rounded),
        verdict: row.verdict.as_ref().map(Verdict::id),
        why: reason.map(|reason| reasons.position(reason)),
    }
}
