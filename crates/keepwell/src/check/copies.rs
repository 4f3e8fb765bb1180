//! Rows and identifiers that occur more than once, of the reference and of each window.

use keepwell_core::catalog::Standing;
use keepwell_core::schema::Kind;
use keepwell_core::time::Window;
use keepwell_engine::{DuplicateCounts, DuplicateRequest, Table, TimeSlices};
use keepwell_monitor::monitors::Watched;
use keepwell_stats::table;

use super::input::{Input, Sides};
use super::plan::{Plan, has_column, tables};
use crate::failure::Failure;

/// Most values, rows times columns of both sides, that are read once more to compare whole rows where no monitor
/// asks for it: about a fifth of a second of one processor.
const VALUES_MAX: u64 = 8_000_000;
/// The check that compares whole rows.
const ROWS_CHECK: &str = "duplicate_rows";

/// Rows and identifiers of both sides, and how many of them differ.
pub struct Copies {
    /// Of the reference.
    pub reference: DuplicateCounts,
    /// Of each window of the plan, or of the current events as a whole.
    pub windows: Vec<DuplicateCounts>,
}

impl Copies {
    /// Counts identifiers where both sides have them, and whole rows where that is asked for or cheap; `None`
    /// where neither is.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub async fn count(input: &Input, plan: &Plan) -> Result<Option<Self>, Failure> {
        let columns = columns(input, plan);
        let id_column = input.roles.prediction_id.clone();
        let id_column = id_column.filter(|name| is_shared(input, name));
        if columns.is_empty() && id_column.is_none() {
            return Ok(None);
        }
        let request = |table: &Table, windows: Vec<Window>| DuplicateRequest {
            columns: columns
                .iter()
                .map(|name| (name.clone(), kind(table, name)))
                .collect(),
            id_column: id_column.clone(),
            time: match (&input.roles.timestamp, windows.is_empty()) {
                (Some(column), false) => Some(TimeSlices {
                    column: column.clone(),
                    windows,
                }),
                _ => None,
            },
        };
        let session = &input.session;
        let (reference, windows) = match &input.sides {
            Sides::Two { reference, current } => {
                let request_of_reference = request(reference, Vec::new());
                let mut counts = session.duplicates(reference, &request_of_reference).await?;
                let request = request(current, plan.windows.clone());
                (counts.pop(), session.duplicates(current, &request).await?)
            }
            Sides::One { events, .. } => {
                let mut windows: Vec<Window> = plan.reference_window.into_iter().collect();
                windows.extend(&plan.windows);
                let request = request(events, windows);
                let mut counts = session.duplicates(events, &request).await?.into_iter();
                (counts.next(), counts.collect())
            }
        };
        Ok(reference.map(|reference| Self { reference, windows }))
    }
}

/// Columns in which equal rows are equal: those that are compared, and the event time. None where rows are not
/// counted.
fn columns(input: &Input, plan: &Plan) -> Vec<String> {
    let compared = plan.columns.iter().map(|column| &column.name);
    let columns: Vec<String> = compared
        .chain(&input.roles.timestamp)
        .filter(|name| is_shared(input, name))
        .cloned()
        .collect();
    let rows: u64 = tables(&input.sides).iter().map(|table| table.rows).sum();
    let is_cheap = rows.saturating_mul(columns.len() as u64) <= VALUES_MAX;
    let check = table::ALL.iter().find(|own| own.info().id == ROWS_CHECK);
    let is_named = check.is_some_and(|check| {
        let runs = plan
            .monitors
            .runs(Watched::Table, *check, Standing::OnRequest, None);
        !runs.is_empty()
    });
    match is_cheap || is_named {
        true => columns,
        false => Vec::new(),
    }
}

fn is_shared(input: &Input, name: &str) -> bool {
    tables(&input.sides)
        .into_iter()
        .all(|table| has_column(table, name))
}

fn kind(table: &Table, name: &str) -> Kind {
    let own = table.columns.iter().find(|own| own.name == name);
    own.map_or(Kind::Unsupported, |own| own.kind)
}
