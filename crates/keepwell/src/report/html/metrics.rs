//! Metrics over the slots, beside the reference's.

use std::collections::BTreeMap;

use keepwell_monitor::report::Report;
use keepwell_monitor::row::{ResultKind, ResultRow};
use keepwell_stats::metric::{self, Direction};
use serde::Serialize;

use super::budget::{Budget, Reserve};
use super::confusion;
use super::track::{Collected, Precision, Reasons, Rounded, Slots, Track};
use super::view::{Parts, facet_of, part_of};

/// A reading of a metric in one scope.
#[derive(Debug, Serialize)]
pub(super) struct MetricView {
    name: &'static str,
    facet: String,
    is_macro: bool,
    scope: usize,
    own: Option<Own>,
    better: i8,
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

/// The metrics, overall values of all rows first, those of segments and classes while there is room; and those
/// for which there was none yet.
pub(super) fn collect(
    report: &Report,
    slots: &Slots,
    parts: &Parts<'_>,
    reasons: &mut Reasons,
    budget: &mut Budget,
) -> (Vec<MetricView>, Vec<MetricView>) {
    let mut collected: BTreeMap<(usize, String, &'static str), Collected<'_>> = BTreeMap::new();
    for row in &report.rows {
        if row.kind != ResultKind::Metric || row.name == confusion::METRIC {
            continue;
        }
        let (Some(&part), Some(slot)) = (
            parts.get(&part_of(&row.scope)),
            slots.position(row.scope.window),
        ) else {
            continue;
        };
        let key = (part, facet_of(row), row.name);
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
    order.sort_by_key(|((part, facet, _), _)| (*part > 0 || !facet.is_empty(), !facet.is_empty()));
    let (mut views, mut further) = (Vec::new(), Vec::new());
    for ((part, facet, name), rows) in order {
        let is_first = part == 0 && facet.is_empty();
        let view = MetricView {
            name,
            own: owns.find(part, &facet, name, reasons),
            better: direction(name),
            is_macro: facet.is_empty() && rows.has_label("average"),
            facet,
            scope: part,
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

fn direction(name: &str) -> i8 {
    let found = metric::ALL.iter().find(|metric| metric.info().id == name);
    match found.map(|metric| metric.direction()) {
        Some(Direction::HigherIsBetter) => 1,
        Some(Direction::LowerIsBetter) => -1,
        _ => 0,
    }
}

/// The reference's metrics, by part, facet and name.
struct Owns<'a> {
    rows: BTreeMap<(usize, String, &'static str), &'a ResultRow>,
    /// For each part the place of the same segment over all versions, to fall back to.
    segments: Vec<usize>,
}

impl<'a> Owns<'a> {
    fn of(report: &'a Report, parts: &Parts<'_>) -> Self {
        let mut rows = BTreeMap::new();
        for row in &report.reference_rows {
            if let Some(&part) = parts.get(&part_of(&row.scope)) {
                rows.insert((part, facet_of(row), row.name), row);
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
        reasons: &mut Reasons,
    ) -> Option<Own> {
        let segment = self.segments.get(part).copied().unwrap_or(0);
        let row = [part, segment]
            .iter()
            .find_map(|&part| self.rows.get(&(part, facet.to_owned(), name)))?;
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
