//! Why a metric changed: the columns whose shift has a part in it.

use std::collections::BTreeMap;

use keepwell_core::catalog::Standing;
use keepwell_core::time::Window;
use keepwell_stats::attribution::{
    ColumnEffects, ColumnParts, Ends, Mix, RatioEffects, RatioParts,
};
use keepwell_stats::features::Rows;
use keepwell_stats::metric::{self, Metric};
use keepwell_stats::profile::OutcomeProfile;
use keepwell_stats::profile::row_sample::RowSample;

use super::Evaluation;
use super::row_parts::RowParts;
use crate::finding::is_evidence;
use crate::row::{ResultKind, ResultRow, Scope};

/// p-value of a change up to which it is divided among columns; whether it is reported is known only at the end.
const LEVEL: f64 = 0.05;
/// Least part of a change that a column must have to be named with it.
const SHARE_MIN: f64 = 0.1;
/// Most columns that are named.
const COLUMNS_MAX: usize = 3;

/// The change of a metric divided among the columns whose values shifted, and a rest.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnAttribution {
    /// Window of the change.
    pub window: Option<Window>,
    /// Identifier of the metric.
    pub metric: &'static str,
    /// Value before and now, of all rows.
    pub ends: Ends,
    /// Part of each column, greatest extent first, and what they leave unexplained.
    pub parts: ColumnParts,
}

impl ColumnAttribution {
    /// Columns with a part in the direction of the change that is no chance and at least a tenth of it, each with its
    /// share, greatest first.
    pub fn leading(&self) -> Vec<(&str, f64)> {
        let change = self.ends.now - self.ends.before;
        self.parts
            .parts
            .iter()
            .filter(|part| {
                let (lower, upper) = part.interval();
                lower > 0.0 || upper < 0.0
            })
            .map(|part| (part.column.as_str(), part.part / change))
            .filter(|(_, share)| *share >= SHARE_MIN)
            .take(COLUMNS_MAX)
            .collect()
    }

    /// Share of the change that shifts of the columns explain, above 1 where they explain more than there is; `None`
    /// where the share may be chance.
    pub fn explained(&self) -> Option<f64> {
        let (lower, upper) = self.parts.explained.interval();
        let change = self.ends.now - self.ends.before;
        let share = self.parts.explained.part / change;
        (share > 0.0 && (lower > 0.0 || upper < 0.0)).then_some(share)
    }

    /// Share of the change that no shift of the columns explains; negative where they explain more than there is.
    pub fn unexplained(&self) -> f64 {
        self.parts.rest / (self.ends.now - self.ends.before)
    }
}

impl Evaluation {
    /// Divides each change of a metric for the worse that may be reported among the columns. To be called when the
    /// outcomes of the scopes are in. `reference` and `currents` are samples of features, target, prediction and
    /// scores, of the same scopes as the outcomes.
    pub fn attribute_columns(
        &mut self,
        parts: &RowParts<'_>,
        reference: &RowSample,
        currents: &[(Scope, &RowSample)],
    ) {
        let changes = self.changes(currents);
        let Some((_, like)) = currents.first().filter(|_| !changes.is_empty()) else {
            return;
        };
        let Some(outcomes) = parts.outcomes(reference) else {
            return;
        };
        let known: Vec<usize> = (0..outcomes.len())
            .filter(|&idx| outcomes[idx].targets() > 0)
            .collect();
        let features = reference.selected(parts.features);
        let rows = Rows {
            sample: &features,
            positions: &known,
        };
        let Some(effects) = ColumnEffects::fit(rows, &like.selected(parts.features)) else {
            return;
        };
        let mut of_metrics: BTreeMap<&str, Option<RatioEffects<'_>>> = BTreeMap::new();
        let mut mixes: BTreeMap<usize, Mix> = BTreeMap::new();
        for change in changes {
            let of_metric = of_metrics
                .entry(change.metric.info().id)
                .or_insert_with(|| effects.on(&sums(change.metric, &outcomes, &known)));
            let Some(of_metric) = of_metric else {
                continue;
            };
            let (scope, current) = &currents[change.current_idx];
            let mix = mixes
                .entry(change.current_idx)
                .or_insert_with(|| mix(&effects, parts, current));
            self.column_attributions.push(ColumnAttribution {
                window: scope.window,
                metric: change.metric.info().id,
                ends: change.ends,
                parts: match change.metric.is_root_of_ratio() {
                    true => of_metric.parts_of_root(mix, change.ends),
                    false => of_metric.parts(mix, change.ends),
                },
            });
        }
    }

    /// Changes of the plain values of metrics that are decided on and may be reported.
    fn changes(&self, currents: &[(Scope, &RowSample)]) -> Vec<Change> {
        let rows = self.pending.iter().filter_map(|open| {
            let row = &self.rows[open.row_idx];
            let is_near = open.size >= open.limits.warning
                && open.p_value.is_none_or(|p_value| p_value <= LEVEL);
            let before = open.reference?.value;
            let now = row.outcome.defined()?.value;
            (is_near && is_plain(row)).then_some((row, Ends { before, now }))
        });
        rows.filter_map(|(row, ends)| {
            let metric = metric::all().find(|metric| {
                metric.info().id == row.name && metric.standing() == Standing::Decided
            })?;
            let current_idx = currents.iter().position(|(scope, _)| *scope == row.scope)?;
            (ends.now != ends.before).then_some(Change {
                metric,
                current_idx,
                ends,
            })
        })
        .collect()
    }
}

/// A change that may be reported.
struct Change {
    metric: &'static dyn Metric,
    current_idx: usize,
    ends: Ends,
}

/// Whether a row is the value of a metric over all rows and classes, with its default parameters.
fn is_plain(row: &ResultRow) -> bool {
    row.kind == ResultKind::Metric
        && row.class.is_none()
        && row.scope.segment.is_none()
        && row.scope.version.is_none()
        && row.params.iter().all(|(label, _)| is_evidence(label))
}

/// What each row adds to the sums of a metric.
fn sums(metric: &dyn Metric, outcomes: &[OutcomeProfile], known: &[usize]) -> Vec<RatioParts> {
    let own = known.iter().map(|&idx| metric.ratio(&outcomes[idx]));
    own.map(Option::unwrap_or_default).collect()
}

/// The shares of the levels among the rows with a target, which the metric is of.
fn mix(effects: &ColumnEffects, parts: &RowParts<'_>, current: &RowSample) -> Mix {
    let positions: Vec<usize> = match parts.outcomes(current) {
        Some(outcomes) => (0..outcomes.len())
            .filter(|&idx| outcomes[idx].targets() > 0)
            .collect(),
        None => Vec::new(),
    };
    effects.mix(Rows {
        sample: current,
        positions: &positions,
    })
}
