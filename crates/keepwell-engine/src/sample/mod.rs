//! Uniform samples of whole rows: which rows, and their values.
//!
//! Rows are chosen first, by a hash of their position in the table, so the choice does not depend on threads
//! or on the columns; then their values are picked out of a scan, or on the side while columns are profiled.

mod choice;
mod column;

use std::ops::Range;
use std::sync::Arc;

use keepwell_core::schema::Kind;
use keepwell_stats::profile::row_sample::{RowSample, SampleColumn, SampleConfig};

use crate::error::EngineError;
use crate::fold::VALUE_BYTES;
use crate::memory::Memory;
use crate::plan::{Input, Plan, Share};
use crate::request::{Request, TimeSlices};
use crate::scan::{Batch, Fold, units};
use crate::session::Session;
use crate::table::Table;
use crate::values::Values;

pub use choice::SampleWindows;
pub(crate) use column::GatheredColumn;

/// What to sample.
#[derive(Debug, Clone)]
pub struct SampleRequest {
    /// Columns, each with the kind as which it is read.
    pub columns: Vec<(String, Kind)>,
    /// How many rows are kept, of each window if there are windows.
    pub config: SampleConfig,
    /// Windows of time, each with a sample of its own; `None` for one sample of all rows.
    pub time: Option<TimeSlices>,
}

/// Rows of a table that were chosen for samples, by [`Session::choose`]. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ChosenRows(Arc<Chosen>);

#[derive(Debug)]
pub(crate) struct Chosen {
    config: SampleConfig,
    /// Rows of the table.
    table_rows: u64,
    windows: Vec<ChosenWindow>,
    /// Positions in the table of the rows of all windows, ascending, each once.
    ids: Vec<u64>,
}

#[derive(Debug, Clone, Default)]
struct ChosenWindow {
    n_rows: u64,
    /// Ascending.
    ids: Vec<u64>,
}

impl ChosenRows {
    fn new(config: SampleConfig, table: &Table, windows: Vec<ChosenWindow>) -> Self {
        let mut ids: Vec<u64> = windows.iter().flat_map(|own| &own.ids).copied().collect();
        ids.sort_unstable();
        ids.dedup();
        Self(Arc::new(Chosen {
            config,
            table_rows: table.rows,
            windows,
            ids,
        }))
    }

    /// Number of rows, of all windows.
    pub fn n_rows(&self) -> usize {
        self.0.ids.len()
    }

    /// The choice, if it was made from a table of as many rows.
    pub(crate) fn of(&self, table: &Table) -> Result<Arc<Chosen>, EngineError> {
        if self.0.table_rows != table.rows {
            return Err(EngineError::Request {
                expected: "rows that were chosen from this table",
                found: format!("a choice of {} rows", self.0.table_rows),
            });
        }
        Ok(Arc::clone(&self.0))
    }
}

impl Chosen {
    /// The chosen ones of these rows of the table.
    fn within(&self, rows: Range<u64>) -> &[u64] {
        let start = self.ids.partition_point(|&id| id < rows.start);
        let end = self.ids.partition_point(|&id| id < rows.end);
        &self.ids[start..end]
    }

    /// One sample for each window.
    pub(crate) fn samples<'a>(
        &self,
        columns: impl Iterator<Item = (&'a Input, GatheredColumn)>,
    ) -> Result<Vec<RowSample>, EngineError> {
        let columns: Vec<(&Input, GatheredColumn)> = columns
            .filter(|(_, column)| !matches!(column, GatheredColumn::Nothing))
            .map(|(input, column)| (input, column.with_width()))
            .collect();
        if columns
            .iter()
            .any(|(_, column)| column.len() != self.ids.len())
        {
            return Err(EngineError::internal(&"a table changes while it is read"));
        }
        let samples = self.windows.iter().map(|window| {
            let positions: Vec<usize> = window
                .ids
                .iter()
                .filter_map(|id| self.ids.binary_search(id).ok())
                .collect();
            let columns = columns.iter().map(|(input, column)| SampleColumn {
                name: input.name.clone(),
                values: column.pick(&positions),
            });
            RowSample::new(
                self.config,
                window.n_rows,
                window.ids.clone(),
                columns.collect(),
            )
        });
        Ok(samples.collect())
    }
}

/// Chosen rows of some columns, as far as they were read.
#[derive(Debug)]
pub(crate) struct Gathered {
    chosen: Arc<Chosen>,
    pub(crate) columns: Vec<GatheredColumn>,
}

impl Gathered {
    pub(crate) fn new(chosen: &Arc<Chosen>, kinds: impl Iterator<Item = Kind>) -> Self {
        Self {
            chosen: Arc::clone(chosen),
            columns: kinds.map(GatheredColumn::new).collect(),
        }
    }

    /// Takes the chosen rows of a batch whose values are in the order of its rows, and gives how many numbers
    /// that adds.
    pub(crate) fn take(&mut self, batch: &Batch<'_>, columns: &[Values]) -> u64 {
        let range = batch.table_row..batch.table_row + batch.rows as u64;
        let chosen = self.chosen.within(range).iter();
        let rows = chosen.map(|id| (id - batch.table_row) as usize);
        let columns = self.columns.iter_mut().zip(columns);
        columns
            .map(|(own, values)| own.take(values, rows.clone()))
            .sum()
    }

    pub(crate) fn append(&mut self, other: Self) {
        for (own, other) in self.columns.iter_mut().zip(other.columns) {
            own.append(other);
        }
    }
}

/// Picks the chosen rows out of batches.
struct SampleFold {
    plan: Arc<Plan>,
    share: Share,
    gathered: Gathered,
    memory: Memory,
}

impl Fold for SampleFold {
    fn take(&mut self, batch: &Batch<'_>) -> Result<(), EngineError> {
        let inputs = &self.plan.columns[self.share.columns.clone()];
        let columns = inputs.iter().zip(&batch.arrays);
        let columns = columns.map(|(input, array)| input.read(array, batch));
        let columns: Vec<Values> = columns.collect::<Result<_, _>>()?;
        let columns = self.gathered.columns.iter_mut().zip(&columns);
        let n_numbers: u64 = columns
            .map(|(own, values)| own.take(values, 0..batch.rows))
            .sum();
        self.memory.reserve(n_numbers * VALUE_BYTES, || {
            "the sample of rows needs more".to_owned()
        })
    }
}

/// Joins what several passes over one table gave for one choice of rows, each pass for columns of its own: one
/// sample for each window, with the columns of all passes.
pub fn join_columns(passes: impl IntoIterator<Item = Vec<RowSample>>) -> Vec<RowSample> {
    let mut passes = passes.into_iter();
    let mut joined = passes.next().unwrap_or_default();
    for pass in passes {
        for (own, other) in joined.iter_mut().zip(pass) {
            let columns = [own.columns(), other.columns()].concat();
            *own = RowSample::new(own.config(), own.rows(), own.ids().to_vec(), columns);
        }
    }
    joined
}

impl Session {
    /// Uniform samples of whole rows: one for each window, or one of all rows. Ids are positions in the table,
    /// from 0. Instants become microseconds since 1970; columns of an unsupported kind are left out.
    ///
    /// Where the same columns are profiled anyway, give the choice to the [`Request`] instead, which costs
    /// next to nothing.
    ///
    /// The result depends on the data only, not on the number of threads.
    ///
    /// # Errors
    /// If a column does not exist or a value of it cannot be read as the kind that is asked for, or a file is
    /// damaged.
    pub async fn sample(
        &self,
        table: &Table,
        request: &SampleRequest,
    ) -> Result<Vec<RowSample>, EngineError> {
        let windows = request
            .time
            .clone()
            .map(|time| SampleWindows { time, shared: 0..0 });
        let chosen = self.choose(table, request.config, windows.as_ref()).await?;
        let plan = Arc::new(Plan::try_new(
            table,
            &Request {
                columns: request.columns.clone(),
                sample: Some(chosen.clone()),
                ..Request::default()
            },
            self.config().mode,
        )?);
        let chosen = chosen.of(table)?;
        let units = units(table);
        let shares = plan.shares(units.len(), self.config().threads);
        let empty = |share: &Share| SampleFold {
            plan: Arc::clone(&plan),
            share: share.clone(),
            gathered: Gathered::new(
                &chosen,
                plan.columns[share.columns.clone()].iter().map(Input::kind),
            ),
            memory: self.memory(),
        };
        let mut jobs = Vec::new();
        for unit in &units {
            let rows = chosen.within(unit.table_rows());
            for share in shares.iter().filter(|_| !rows.is_empty()) {
                jobs.push((unit.select(rows), plan.wanted(share), empty(share)));
            }
        }
        let mut merged: Vec<SampleFold> = shares.iter().map(empty).collect();
        self.each_fold(table, jobs, |idx, fold| {
            let own = &mut merged[idx % shares.len()];
            own.memory.take_over(&fold.memory);
            own.gathered.append(fold.gathered);
            Ok(())
        })
        .await?;
        let columns = merged.into_iter().flat_map(|fold| fold.gathered.columns);
        chosen.samples(plan.columns.iter().zip(columns))
    }
}
