//! What rows say as wholes: a sample of them on each side, and a summary of each table.

use keepwell_core::schema::{Kind, Role};
use keepwell_core::time::{Timestamp, Window};
use keepwell_engine::{Group, SampleRequest, Table, TimeSlices};
use keepwell_monitor::evaluation::{ColumnInfo, Evaluation};
use keepwell_stats::profile::row_sample::{RowSample, SampleConfig};
use keepwell_stats::profile::table::{ColumnSummary, TableColumn};
use keepwell_stats::profile::{ColumnProfile, TableProfile, TwoSample};

use super::input::{Input, Sides};
use super::passes::scope;
use super::plan::{Plan, has_column};
use crate::failure::Failure;

/// Rows that are kept of each side: enough for an area under the curve to 0.01.
const SAMPLE: SampleConfig = SampleConfig {
    capacity: 5_000,
    seed: 0,
};
/// Most features that are looked at together.
const FEATURES_MAX: usize = 200;

/// Tells whether whole rows changed, also where no column did by itself.
pub async fn together(
    input: &Input,
    plan: &Plan,
    evaluation: &mut Evaluation,
) -> Result<(), Failure> {
    let features: Vec<&ColumnInfo> = plan
        .columns
        .iter()
        .filter(|column| is_comparable(input, column))
        .collect();
    if !(2..=FEATURES_MAX).contains(&features.len()) {
        return Ok(());
    }
    let columns: Vec<(String, Kind)> = features
        .iter()
        .map(|column| (column.name.clone(), column.kind))
        .collect();
    let Some((halves, current)) = samples(input, plan, columns).await? else {
        return Ok(());
    };
    let mut reference = halves[0].clone();
    for half in &halves[1..] {
        reference
            .merge(half)
            .map_err(|fault| Failure::internal(fault.to_string()))?;
    }
    let mut whole = scope(plan, 0, &Group::All, None);
    if let (Some((first, last)), Some(_)) = (plan.current_range, whole.window) {
        whole.window = Some(Window {
            start: first,
            end: Timestamp(last.0.saturating_add(1)),
        });
    }
    let sample = TwoSample {
        reference: &reference,
        current: &current,
    };
    let halves = match &halves[..] {
        [reference, current] => Some(TwoSample { reference, current }),
        _ => None,
    };
    evaluation.rows_together(&whole, sample, halves);
    Ok(())
}

/// Samples of the reference, in two halves where it has time, and one of the current events; `None` where a
/// side cannot be sampled.
async fn samples(
    input: &Input,
    plan: &Plan,
    columns: Vec<(String, Kind)>,
) -> Result<Option<(Vec<RowSample>, RowSample)>, Failure> {
    let request = |windows: Vec<Window>| SampleRequest {
        columns: columns.clone(),
        config: SAMPLE,
        time: match (&input.roles.timestamp, windows.is_empty()) {
            (Some(column), false) => Some(TimeSlices {
                column: column.clone(),
                windows,
            }),
            _ => None,
        },
    };
    let session = &input.session;
    let mut halves = match (plan.reference_range, &plan.past) {
        // Only a reference of which every row has a time is cut.
        (Some((first, last)), Some(_)) => halves(first, last),
        _ => Vec::new(),
    };
    let mut found = match (&input.sides, plan.reference_window, plan.current_range) {
        (Sides::Two { reference, current }, ..) => {
            let mut found = session.sample(reference, &request(halves)).await?;
            found.extend(session.sample(current, &request(Vec::new())).await?);
            found
        }
        (Sides::One { events, until }, Some(reference), Some((_, last))) => {
            if halves.is_empty() {
                halves.push(reference);
            }
            if let Some(latest) = halves.last_mut() {
                latest.end = *until;
            }
            halves.push(Window {
                start: *until,
                end: Timestamp(last.0.saturating_add(1)),
            });
            session.sample(events, &request(halves)).await?
        }
        (Sides::One { .. }, ..) => return Ok(None),
    };
    Ok(match found.pop() {
        Some(current) if !found.is_empty() => Some((found, current)),
        _ => None,
    })
}

/// A stretch of time cut in the middle; nothing where it has no middle.
fn halves(first: Timestamp, last: Timestamp) -> Vec<Window> {
    let middle = Timestamp(first.0 + last.0.saturating_sub(first.0) / 2);
    let end = Timestamp(last.0.saturating_add(1));
    if !(first < middle && middle < end) {
        return Vec::new();
    }
    let window = |start, end| Window { start, end };
    vec![window(first, middle), window(middle, end)]
}

/// Whether a column is a feature that both sides have. One that is there on one side only, or of another kind,
/// tells the sides apart by itself.
fn is_comparable(input: &Input, column: &ColumnInfo) -> bool {
    let is_readable = matches!(
        column.kind,
        Kind::Numeric | Kind::Categorical | Kind::Boolean | Kind::Embedding
    );
    column.role == Role::Feature
        && is_readable
        && has_kind(input.sides.reference(), column)
        && has_kind(input.sides.current(), column)
}

fn has_kind(table: &Table, column: &ColumnInfo) -> bool {
    has_column(table, &column.name)
        && table
            .columns
            .iter()
            .any(|own| own.name == column.name && own.kind == column.kind)
}

/// Summaries of both tables, where the current events are one window.
#[derive(Default)]
pub struct Tables {
    reference: TableProfile,
    current: TableProfile,
}

impl Tables {
    /// Adds a column.
    pub fn push(&mut self, info: &ColumnInfo, reference: &ColumnProfile, current: &ColumnProfile) {
        let column = |profile: &ColumnProfile| TableColumn {
            name: info.name.clone(),
            role: info.role,
            summary: ColumnSummary::of(profile),
        };
        self.reference.rows = reference.counts().rows;
        self.current.rows = current.counts().rows;
        self.reference.columns.push(column(reference));
        self.current.columns.push(column(current));
    }

    /// Both tables, each with the columns that it has; `None` where nothing was added.
    pub fn finish(mut self, input: &Input) -> Option<(TableProfile, TableProfile)> {
        if self.reference.columns.is_empty() {
            return None;
        }
        self.current
            .columns
            .retain(|column| has_column(input.sides.current(), &column.name));
        Some((self.reference, self.current))
    }
}
