//! Measures of fairness over the slots.

use std::collections::BTreeMap;

use keepwell_monitor::report::Report;
use keepwell_monitor::row::ResultKind;
use keepwell_stats::fairness;
use serde::Serialize;

use super::budget::{Budget, Reserve};
use super::track::{Collected, Precision, Reasons, Rounded, Slots, Track};
use super::view::{Parts, part_of};
use super::words::cut;
use crate::report::texts::claim::groups_of;

/// Significant digits of a value.
const PRECISION: Precision = Precision {
    digits: 5,
    has_p_values: true,
};

/// The group with the lowest rate and the one with the highest.
type Pair = (String, String);

/// A measure of the groups of one protected column, over all rows.
#[derive(Debug, Serialize)]
pub(super) struct FairnessView {
    column: String,
    name: &'static str,
    parity: f64,
    limit: Option<Rounded>,
    /// By slot.
    groups: Vec<Option<Pair>>,
    #[serde(flatten)]
    track: Track,
}

/// The measures, those that are decided on first, while there is room.
pub(super) fn collect(
    report: &Report,
    slots: &Slots,
    parts: &Parts<'_>,
    reasons: &mut Reasons,
    budget: &mut Budget,
) -> Vec<FairnessView> {
    let mut collected: BTreeMap<(&str, &'static str), Collected<'_>> = BTreeMap::new();
    let mut groups: BTreeMap<(&str, &'static str), Vec<Option<Pair>>> = BTreeMap::new();
    for row in &report.rows {
        let (ResultKind::Fairness, Some(0), Some(column), Some(slot)) = (
            row.kind,
            parts.get(&part_of(&row.scope)),
            row.column.as_deref(),
            slots.position(row.scope.window),
        ) else {
            continue;
        };
        let key = (column, row.name);
        let found = groups.entry(key).or_insert_with(|| vec![None; slots.len()]);
        found[slot] = groups_of(row).map(|(least, greatest)| (cut(least), cut(greatest)));
        collected
            .entry(key)
            .or_insert_with(|| Collected::new(slots))
            .put(slot, row);
    }
    let mut order: Vec<_> = collected.into_iter().collect();
    order.sort_by_key(|(_, rows)| rows.limit().is_none());
    let mut views = Vec::new();
    for ((column, name), rows) in order {
        let view = FairnessView {
            column: cut(column),
            name,
            parity: parity(name),
            limit: rows.limit(),
            groups: groups.remove(&(column, name)).unwrap_or_default(),
            track: rows.track(PRECISION, reasons),
        };
        if budget.takes(&view, Reserve::GROUPS) {
            views.push(view);
        }
    }
    views
}

/// The value where all groups are treated alike.
fn parity(name: &str) -> f64 {
    fairness::ALL
        .iter()
        .find(|measure| measure.info().id == name)
        .map_or(0.0, |measure| measure.parity())
}
