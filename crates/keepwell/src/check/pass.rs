//! One pass of the engine over both sides.

use keepwell_core::schema::{Kind, Role};
use keepwell_core::time::Window;
use keepwell_engine::{ChosenRows, GroupBy, OutcomeColumns, Profiled, Request, Table, TimeSlices};
use keepwell_monitor::evaluation::ColumnInfo;

use super::groups::{GroupCells, Groups, complete};
use super::input::{Input, Sides};
use super::plan::{Plan, has_column};
use super::samples::{Choice, SidedSamples};
use crate::failure::Failure;

/// What a pass reads. By default nothing but the rows, which it counts.
#[derive(Clone, Copy, Default)]
pub struct Pass<'a> {
    /// Columns to profile.
    pub columns: &'a [ColumnInfo],
    /// Column whose values are kept apart.
    pub group_by: Option<&'a GroupBy>,
    /// Whether the groups are joined to one of all rows, which then comes last.
    pub with_all: bool,
    /// Whether outcomes are profiled.
    pub with_outcomes: bool,
    /// Rows whose values are kept.
    pub choice: Option<&'a Choice>,
}

/// What a pass gives.
pub struct Passed {
    /// Profiles of both sides for each group of rows.
    pub groups: Vec<GroupCells>,
    /// Samples of the columns; empty where none were asked for.
    pub samples: SidedSamples,
}

impl Pass<'_> {
    /// Reads what is to be read.
    ///
    /// # Errors
    /// If a file cannot be read, or the memory does not suffice.
    pub async fn run(&self, input: &Input, plan: &Plan) -> Result<Passed, Failure> {
        let mut groups = Groups::new(plan, input.mode);
        let past = plan.past.as_ref().map(|past| past.windows.clone());
        let samples = match &input.sides {
            Sides::One { events, .. } => {
                let mut windows =
                    past.unwrap_or_else(|| plan.reference_window.into_iter().collect());
                let n_past = windows.len();
                windows.extend(&plan.windows);
                let chosen = self.choice.map(|choice| &choice.reference);
                let request = self.request(input, plan, events, windows, chosen);
                let found = input.session.profile(events, &request).await?;
                let Profiled { cells, samples, .. } = found;
                for cell in cells {
                    let cell = complete(cell, self.columns, &request, input.mode);
                    match cell.window {
                        Some(window) if window < n_past => groups.reference(window, cell),
                        Some(window) => groups.current(window - n_past, cell),
                        None => groups.current(0, cell),
                    }
                }
                let n_reference = self.choice.map_or(0, |choice| choice.n_reference);
                SidedSamples::cut(samples, n_reference)
            }
            Sides::Two { reference, current } => {
                let chosen = self.choice.map(|choice| &choice.reference);
                let request =
                    self.request(input, plan, reference, past.unwrap_or_default(), chosen);
                let of_reference = input.session.profile(reference, &request).await?;
                for cell in of_reference.cells {
                    let cell = complete(cell, self.columns, &request, input.mode);
                    groups.reference(cell.window.unwrap_or(0), cell);
                }
                let chosen = self.choice.and_then(|choice| choice.current.as_ref());
                let request = self.request(input, plan, current, plan.windows.clone(), chosen);
                let of_current = input.session.profile(current, &request).await?;
                for cell in of_current.cells {
                    let cell = complete(cell, self.columns, &request, input.mode);
                    groups.current(cell.window.unwrap_or(0), cell);
                }
                SidedSamples {
                    reference: of_reference.samples,
                    current: of_current.samples,
                }
            }
        };
        if self.with_all {
            groups.join_all()?;
        }
        Ok(Passed {
            groups: groups.finish(self.columns)?,
            samples,
        })
    }

    fn request(
        &self,
        input: &Input,
        plan: &Plan,
        table: &Table,
        windows: Vec<Window>,
        chosen: Option<&ChosenRows>,
    ) -> Request {
        // Where the same files hold both sides, they are read as the current ones are.
        let is_current = std::ptr::eq(table, input.sides.current());
        let present = self.columns.iter();
        let present = present.filter(|column| has_column(table, &column.name));
        Request {
            columns: present
                .map(|column| (column.name.clone(), kind_in(table, column, is_current)))
                .collect(),
            outcomes: self
                .with_outcomes
                .then(|| outcome_columns(input, plan, table))
                .flatten(),
            time: match (&input.roles.timestamp, windows.is_empty()) {
                (Some(column), false) => Some(TimeSlices {
                    column: column.clone(),
                    windows,
                }),
                _ => None,
            },
            group_by: self
                .group_by
                .filter(|group_by| has_column(table, &group_by.column))
                .cloned(),
            sample: chosen.cloned(),
        }
    }
}

/// Outcome columns take the kind that the task gives them; others keep their own, so that a change of
/// type shows.
fn kind_in(table: &Table, column: &ColumnInfo, is_current: bool) -> Kind {
    let own = table
        .columns
        .iter()
        .find(|own| own.name == column.name)
        .map_or(column.kind, |own| own.kind);
    let is_class = column.kind == Kind::Categorical && column.role != Role::Feature;
    if is_current && !is_class {
        own
    } else {
        column.kind
    }
}

fn outcome_columns(input: &Input, plan: &Plan, table: &Table) -> Option<OutcomeColumns> {
    let config = plan.outcomes.clone()?;
    let known = |name: &Option<String>| name.clone().filter(|name| has_column(table, name));
    let scores: Vec<String> = input
        .roles
        .scores
        .iter()
        .map(|(_, column)| column.clone())
        .collect();
    let has_scores = scores.iter().all(|column| has_column(table, column));
    Some(OutcomeColumns {
        target: known(&input.roles.target),
        prediction: known(&input.roles.prediction),
        scores: if has_scores { scores } else { Vec::new() },
        query: known(&input.roles.query),
        item: known(&input.roles.item),
        config,
    })
}
