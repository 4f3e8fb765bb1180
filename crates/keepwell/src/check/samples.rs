//! Samples of whole rows: chosen before anything is read, gathered while columns are profiled.

use keepwell_core::schema::{Kind, Role};
use keepwell_core::time::{Timestamp, Window};
use keepwell_engine::{ChosenRows, SampleWindows, Table, TimeSlices, join_columns};
use keepwell_monitor::evaluation::ColumnInfo;
use keepwell_stats::profile::row_sample::{RowSample, SampleConfig};

use super::input::{Input, Sides};
use super::plan::{Plan, has_column};
use crate::failure::Failure;

/// Rows that are kept of each side: enough for an area under the curve to 0.01.
const SAMPLE: SampleConfig = SampleConfig {
    capacity: 5_000,
    seed: 0,
};
/// Most features that are looked at together.
const FEATURES_MAX: usize = 200;

/// Which rows are kept of each side.
pub struct Choice {
    /// Those of the reference; where the same files hold both sides, those of both.
    pub reference: ChosenRows,
    /// Those of the current events, where they have a table of their own.
    pub current: Option<ChosenRows>,
    /// Samples of the reference among those of its table.
    pub n_reference: usize,
}

impl Choice {
    /// Chooses rows; `None` where no columns are looked at together.
    ///
    /// # Errors
    /// If the times cannot be read.
    pub async fn of(input: &Input, plan: &Plan) -> Result<Option<Self>, Failure> {
        let features = plan.columns.iter();
        let n_features = features
            .filter(|column| is_comparable(input, column))
            .count();
        if !(1..=FEATURES_MAX).contains(&n_features) {
            return Ok(None);
        }
        let mut halves = match (plan.reference_range, &plan.past) {
            // Only a reference of which every row has a time is cut.
            (Some((first, last)), Some(_)) => halves(first, last),
            _ => Vec::new(),
        };
        Ok(match &input.sides {
            Sides::Two { reference, current } => {
                let n_reference = halves.len().max(1);
                let of_current = plan.windows.clone();
                let shared = of_current.len();
                Some(Self {
                    reference: choose(input, reference, halves, 0).await?,
                    current: Some(choose(input, current, of_current, shared).await?),
                    n_reference,
                })
            }
            Sides::One { events, until } => {
                if halves.is_empty() {
                    halves.extend(plan.reference_window);
                }
                if let Some(latest) = halves.last_mut() {
                    latest.end = *until;
                }
                let n_reference = halves.len();
                halves.extend(&plan.windows);
                let shared = plan.windows.len();
                Some(Self {
                    reference: choose(input, events, halves, shared).await?,
                    current: None,
                    n_reference,
                })
            }
        })
    }
}

/// Chooses rows of each window, of which the last `n_shared` share one sample; of all rows without windows.
async fn choose(
    input: &Input,
    table: &Table,
    windows: Vec<Window>,
    n_shared: usize,
) -> Result<ChosenRows, Failure> {
    let n_windows = windows.len();
    let windows = match (&input.roles.timestamp, n_windows) {
        (Some(column), 1..) => Some(SampleWindows {
            time: TimeSlices {
                column: column.clone(),
                windows,
            },
            shared: n_windows - n_shared..n_windows,
        }),
        _ => None,
    };
    Ok(input
        .session
        .choose(table, SAMPLE, windows.as_ref())
        .await?)
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

/// Samples as the engine gives them, of some columns.
#[derive(Default)]
pub struct SidedSamples {
    /// Of the reference: one, or one for each half.
    pub reference: Vec<RowSample>,
    /// Of the current events: one for each window, and the last of all of them.
    pub current: Vec<RowSample>,
}

impl SidedSamples {
    /// Samples of a table that holds both sides, the first `n_reference` of which are of the reference.
    pub fn cut(mut samples: Vec<RowSample>, n_reference: usize) -> Self {
        let current = samples.split_off(n_reference.min(samples.len()));
        Self {
            reference: samples,
            current,
        }
    }
}

/// Samples of the columns that are looked at together: features that both sides have in the same kind, and
/// target, prediction and scores where they are.
pub struct Samples {
    /// Of the earlier and the later half of the reference, where it has time.
    pub halves: Option<[RowSample; 2]>,
    /// Of the whole reference.
    pub reference: RowSample,
    /// Of each window of the plan; empty where the current events are taken as a whole.
    pub windows: Vec<RowSample>,
    /// Of all current events.
    pub current: RowSample,
}

impl Samples {
    /// Joins what the passes gave; `None` where nothing was sampled.
    ///
    /// # Errors
    /// If samples do not fit together, which is a fault of the program.
    pub fn join(
        input: &Input,
        plan: &Plan,
        passes: Vec<SidedSamples>,
    ) -> Result<Option<Self>, Failure> {
        let (references, currents): (Vec<_>, Vec<_>) = passes
            .into_iter()
            .map(|pass| (pass.reference, pass.current))
            .unzip();
        let mut halves = join_columns(references);
        let mut windows = join_columns(currents);
        let (Some(reference), Some(current)) = (halves.first(), windows.pop()) else {
            return Ok(None);
        };
        let is_wanted = |column: &&ColumnInfo| match column.role {
            Role::Feature => is_comparable(input, column),
            _ => match (reference.column(&column.name), current.column(&column.name)) {
                (Some(own), Some(other)) => own.values.is_like(&other.values),
                // Targets come late.
                _ => true,
            },
        };
        let names: Vec<&str> = plan
            .columns
            .iter()
            .filter(is_wanted)
            .map(|column| column.name.as_str())
            .collect();
        let current = current.selected(&names);
        for sample in halves.iter_mut().chain(&mut windows) {
            *sample = sample.selected(&names);
        }
        let mut reference = halves[0].clone();
        for half in &halves[1..] {
            reference
                .merge(half)
                .map_err(|fault| Failure::internal(fault.to_string()))?;
        }
        Ok(Some(Self {
            halves: halves.try_into().ok(),
            reference,
            windows,
            current,
        }))
    }
}

/// Whether a column is a feature that both sides have. One that is there on one side only, or of another kind,
/// tells the sides apart by itself.
pub fn is_comparable(input: &Input, column: &ColumnInfo) -> bool {
    let is_readable = matches!(
        column.kind,
        Kind::Numeric | Kind::Categorical | Kind::Boolean | Kind::Embedding | Kind::Text
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
