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
    let samples: Vec<RowSample> = match (&input.sides, plan.reference_window, plan.current_range) {
        (Sides::Two { reference, current }, ..) => {
            let mut samples = session.sample(reference, &request(Vec::new())).await?;
            samples.extend(session.sample(current, &request(Vec::new())).await?);
            samples
        }
        (Sides::One { events, until }, Some(reference), Some((_, last))) => {
            let current = Window {
                start: *until,
                end: Timestamp(last.0.saturating_add(1)),
            };
            session
                .sample(events, &request(vec![reference, current]))
                .await?
        }
        (Sides::One { .. }, ..) => return Ok(()),
    };
    let [reference, current] = &samples[..] else {
        return Err(Failure::internal("a sample of each side was expected"));
    };
    let mut whole = scope(plan, 0, &Group::All, None);
    if let (Some((first, last)), Some(_)) = (plan.current_range, whole.window) {
        whole.window = Some(Window {
            start: first,
            end: Timestamp(last.0.saturating_add(1)),
        });
    }
    evaluation.rows_together(&whole, TwoSample { reference, current });
    Ok(())
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
