//! Confusion matrices: rows by target and prediction.

use std::collections::{BTreeMap, BTreeSet};

use keepwell_monitor::report::Report;
use keepwell_monitor::row::ResultRow;
use serde::Serialize;

use super::budget::{Budget, Reserve};
use super::track::Slots;
use super::view::{Part, Parts, part_of};
use super::words::cut;

/// Catalog id of the metric.
pub(super) const METRIC: &str = "confusion_matrix";
/// Most classes that are drawn; a larger matrix cannot be read.
const CLASSES_MAX: usize = 15;

/// The matrices of one scope.
#[derive(Debug, Serialize)]
pub(super) struct ConfusionView {
    scope: usize,
    classes: Vec<String>,
    own: Option<Vec<u64>>,
    slots: Vec<Option<Vec<u64>>>,
}

/// Rows by target and prediction.
type Cells<'a> = BTreeMap<(&'a str, &'a str), u64>;

/// Gathers the matrices, that of all rows first, while there is room.
pub(super) fn collect(
    report: &Report,
    slots: &Slots,
    parts: &Parts<'_>,
    budget: &mut Budget,
) -> Vec<ConfusionView> {
    let mut owns: BTreeMap<Part<'_>, Cells<'_>> = BTreeMap::new();
    for row in &report.reference_rows {
        if let Some((cell, n)) = cell_of(row) {
            owns.entry(part_of(&row.scope)).or_default().insert(cell, n);
        }
    }
    let mut found: BTreeMap<usize, (Part<'_>, Vec<Option<Cells<'_>>>)> = BTreeMap::new();
    for row in &report.rows {
        let part = part_of(&row.scope);
        let (Some((cell, n)), Some(&idx), Some(slot)) = (
            cell_of(row),
            parts.get(&part),
            slots.position(row.scope.window),
        ) else {
            continue;
        };
        let (_, cells) = found
            .entry(idx)
            .or_insert_with(|| (part, vec![None; slots.len()]));
        cells[slot].get_or_insert_with(Cells::new).insert(cell, n);
    }
    let mut views = Vec::new();
    for (scope, (part, cells)) in found {
        let own = owns.get(&part).or_else(|| owns.get(&(None, part.1)));
        let classes: BTreeSet<&str> = cells
            .iter()
            .flatten()
            .chain(own)
            .flat_map(|cells| {
                cells
                    .keys()
                    .flat_map(|(target, prediction)| [*target, *prediction])
            })
            .collect();
        if classes.len() > CLASSES_MAX {
            continue;
        }
        let flat = |cells: &Cells<'_>| -> Vec<u64> {
            classes
                .iter()
                .flat_map(|target| classes.iter().map(move |prediction| (*target, *prediction)))
                .map(|cell| cells.get(&cell).copied().unwrap_or(0))
                .collect()
        };
        let view = ConfusionView {
            scope,
            own: own.map(flat),
            slots: cells.iter().map(|cells| cells.as_ref().map(flat)).collect(),
            classes: classes.iter().map(|class| cut(class)).collect(),
        };
        if budget.takes(&view, Reserve::CONFUSION) {
            views.push(view);
        }
    }
    views
}

fn cell_of(row: &ResultRow) -> Option<((&str, &str), u64)> {
    if row.name != METRIC {
        return None;
    }
    let label = |name: &str| {
        row.params
            .iter()
            .find(|(label, _)| *label == name)
            .map(|(_, class)| class.as_str())
    };
    let n = row.outcome.defined()?.value;
    // Counts of rows are whole and not negative.
    Some(((label("target")?, label("prediction")?), n as u64))
}
