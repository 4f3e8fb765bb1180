//! Metrics over the slots, beside the reference's.

use std::collections::{BTreeMap, BTreeSet};

use keepwell_monitor::report::Report;
use keepwell_monitor::row::{ResultKind, ResultRow};
use keepwell_stats::metric::{self, Direction};
use serde::Serialize;

use super::budget::{Budget, Reserve};
use super::confusion;
use super::track::{Collected, Precision, Reasons, Rounded, Slots, Track, Values};
use super::view::{Parts, facet_of, note_of, part_of};
use crate::report::texts::claim::direction;
use crate::report::texts::row_label;

/// Part, facet, identifier and note of a reading.
type Key = (usize, String, &'static str, String);

/// How exactly estimates are kept.
const ESTIMATED: Precision = Precision {
    digits: 4,
    has_p_values: false,
};

/// A reading of a metric in one scope.
#[derive(Debug, Serialize)]
pub(super) struct MetricView {
    name: &'static str,
    /// What estimated it.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'static str>,
    facet: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
    is_macro: bool,
    is_decided: bool,
    scope: usize,
    own: Option<Own>,
    better: i8,
    /// What a constant prediction would reach.
    #[serde(skip_serializing_if = "Values::is_nothing")]
    constant: Values,
    #[serde(flatten)]
    track: Track,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Own {
    Known {
        v: Rounded,
        #[serde(skip_serializing_if = "Option::is_none")]
        lo: Option<Rounded>,
        #[serde(skip_serializing_if = "Option::is_none")]
        hi: Option<Rounded>,
    },
    Unknown {
        why: usize,
    },
}

/// The metrics: first the overall values of all rows of what is decided on; then, while there is room, those of
/// segments, what is only shown, and those of classes; and those for which there was no room yet.
pub(super) fn collect(
    report: &Report,
    slots: &Slots,
    parts: &Parts<'_>,
    reasons: &mut Reasons,
    budget: &mut Budget,
) -> (Vec<MetricView>, Vec<MetricView>) {
    let mut collected: BTreeMap<Key, Collected<'_>> = BTreeMap::new();
    let mut decided: BTreeSet<&'static str> = BTreeSet::new();
    for row in &report.rows {
        if row.kind != ResultKind::Metric || row.name == confusion::METRIC {
            continue;
        }
        if row.threshold.is_some() {
            decided.insert(row.name);
        }
        let (Some(&part), Some(slot)) = (
            parts.get(&part_of(&row.scope)),
            slots.position(row.scope.window),
        ) else {
            continue;
        };
        let key = (part, facet_of(row), row.name, note_of(row));
        collected
            .entry(key)
            .or_insert_with(|| Collected::new(slots))
            .put(slot, row);
    }
    let owns = Owns::of(report, parts);
    let precision = Precision {
        digits: if slots.len() > 60 { 4 } else { 5 },
        has_p_values: slots.len() <= 60,
    };
    let mut order: Vec<_> = collected.into_iter().collect();
    let rank = |(part, facet, name, _): &Key| {
        let is_shown = !decided.contains(name);
        let is_first = *part == 0 && facet.is_empty() && !is_shown;
        (!is_first, !facet.is_empty(), is_shown)
    };
    order.sort_by_key(|(key, _)| rank(key));
    let (mut views, mut further) = (Vec::new(), Vec::new());
    for (key, rows) in order {
        let is_first = !rank(&key).0;
        let (part, facet, name, note) = key;
        let view = MetricView {
            name,
            by: None,
            own: owns.find(part, &facet, name, &note, reasons),
            better: better(name),
            is_macro: facet.is_empty() && rows.has_label("average"),
            is_decided: decided.contains(name),
            facet,
            note,
            scope: part,
            constant: rows.constants(),
            track: rows.track(precision, reasons),
        };
        if is_first {
            budget.charge(&view);
            views.push(view);
        } else if budget.takes(&view, Reserve::METRICS) {
            views.push(view);
        } else {
            further.push(view);
        }
    }
    (views, further)
}

/// Metrics as they are expected to be without targets, of all rows, while there is room.
pub(super) fn estimates(
    report: &Report,
    slots: &Slots,
    parts: &Parts<'_>,
    reasons: &mut Reasons,
    budget: &mut Budget,
) -> Vec<MetricView> {
    let mut collected: BTreeMap<(&'static str, String, &'static str), Collected<'_>> =
        BTreeMap::new();
    for row in &report.rows {
        let (ResultKind::Estimate, Some(0), Some(slot), Some(name)) = (
            row.kind,
            parts.get(&part_of(&row.scope)),
            slots.position(row.scope.window),
            row_label(row, "metric").and_then(known),
        ) else {
            continue;
        };
        if name == confusion::METRIC || !facet_of(row).is_empty() {
            continue;
        }
        collected
            .entry((name, note_of(row), row.name))
            .or_insert_with(|| Collected::new(slots))
            .put(slot, row);
    }
    let owns = Owns::of(report, parts);
    let mut views = Vec::new();
    for ((name, note, by), rows) in collected {
        let view = MetricView {
            name,
            by: Some(by),
            own: owns.find(0, "", name, &note, reasons),
            better: better(name),
            is_macro: rows.has_label("average"),
            is_decided: false,
            facet: String::new(),
            note,
            scope: 0,
            constant: rows.constants(),
            track: rows.track(ESTIMATED, reasons),
        };
        if budget.takes(&view, Reserve::GROUPS) {
            views.push(view);
        }
    }
    views
}

/// The identifier of a metric as the catalog holds it.
fn known(id: &str) -> Option<&'static str> {
    metric::all()
        .map(|metric| metric.info().id)
        .find(|known| *known == id)
}

fn better(name: &str) -> i8 {
    match direction(name) {
        Direction::HigherIsBetter => 1,
        Direction::LowerIsBetter => -1,
        Direction::Neutral => 0,
    }
}

/// The reference's metrics, by part, facet and name.
struct Owns<'a> {
    rows: BTreeMap<Key, &'a ResultRow>,
    /// For each part the place of the same segment over all versions, to fall back to.
    segments: Vec<usize>,
}

impl<'a> Owns<'a> {
    fn of(report: &'a Report, parts: &Parts<'_>) -> Self {
        let mut rows = BTreeMap::new();
        for row in &report.reference_rows {
            if let Some(&part) = parts.get(&part_of(&row.scope)) {
                rows.insert((part, facet_of(row), row.name, note_of(row)), row);
            }
        }
        let mut segments = vec![0; parts.len()];
        for (part, &idx) in parts {
            segments[idx] = parts.get(&(None, part.1)).copied().unwrap_or(0);
        }
        Self { rows, segments }
    }

    fn find(
        &self,
        part: usize,
        facet: &str,
        name: &'static str,
        note: &str,
        reasons: &mut Reasons,
    ) -> Option<Own> {
        let segment = self.segments.get(part).copied().unwrap_or(0);
        let row = [part, segment].iter().find_map(|&part| {
            let key = (part, facet.to_owned(), name, note.to_owned());
            self.rows.get(&key)
        })?;
        Some(match row.outcome.reason() {
            Some(reason) => Own::Unknown {
                why: reasons.position(reason),
            },
            None => {
                let measure = row.outcome.defined()?;
                Own::Known {
                    v: Rounded::new(measure.value, 6),
                    lo: measure
                        .interval
                        .map(|interval| Rounded::new(interval.lower, 6)),
                    hi: measure
                        .interval
                        .map(|interval| Rounded::new(interval.upper, 6)),
                }
            }
        })
    }
}
