//! What jobs do with their batches: profiles grow, values are counted.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::execution::memory_pool::MemoryReservation;
use keepwell_core::schema::Kind;
use keepwell_stats::profile::{ColumnProfile, Mode, OutcomeProfile};

use crate::accumulate::{OutcomeValues, Scratch, push_column, push_outcomes};
use crate::error::EngineError;
use crate::names::{Names, Spelling};
use crate::plan::{Plan, Share};
use crate::scan::{Batch, Fold};
use crate::values::{Reading, Values};

/// Profiles of a cell while they grow.
#[derive(Debug)]
pub(crate) struct CellState {
    pub(crate) rows: u64,
    pub(crate) columns: Vec<ColumnProfile>,
    pub(crate) outcomes: Option<OutcomeProfile>,
}

impl CellState {
    fn merge(&mut self, other: Self) -> Result<(), EngineError> {
        self.rows += other.rows;
        let fault = |fault| EngineError::internal(&fault);
        for (own, other) in self.columns.iter_mut().zip(other.columns) {
            own.merge(other).map_err(fault)?;
        }
        if let (Some(own), Some(other)) = (&mut self.outcomes, other.outcomes) {
            own.merge(other).map_err(fault)?;
        }
        Ok(())
    }
}

/// A share of a unit while it is read.
pub(crate) struct ProfileFold {
    plan: Arc<Plan>,
    share: Share,
    /// By the number of the cell; `None` where no row was seen.
    pub(crate) cells: Vec<Option<CellState>>,
    pub(crate) rows_without_time: u64,
    pub(crate) rows_outside_windows: u64,
    scratch: Scratch,
    /// Numbers that a row adds to the profiles.
    numbers_per_row: u64,
    memory: MemoryReservation,
    memory_limit_bytes: u64,
}

/// Values that a sketch keeps at most, roughly.
const SKETCH_VALUES: u64 = 2_048;
/// Bytes that a kept value costs, room for growth included.
pub(crate) const VALUE_BYTES: u64 = 16;

impl ProfileFold {
    pub(crate) fn new(
        plan: Arc<Plan>,
        share: Share,
        memory: MemoryReservation,
        memory_limit_bytes: u64,
    ) -> Self {
        let columns = plan.columns[share.columns.clone()].iter();
        let numeric = columns.filter(|input| input.reading.kind == Kind::Numeric);
        let scores = plan
            .outcomes
            .as_ref()
            .map_or(0, |outcomes| outcomes.scores.len());
        let n_numbers = numeric.count() + if share.has_outcomes { scores } else { 0 };
        Self {
            cells: (0..plan.cells.len()).map(|_| None).collect(),
            rows_without_time: 0,
            rows_outside_windows: 0,
            scratch: Scratch::default(),
            numbers_per_row: n_numbers as u64,
            memory,
            memory_limit_bytes,
            plan,
            share,
        }
    }

    /// Adds the results of a later unit.
    pub(crate) fn merge(&mut self, other: Self) -> Result<(), EngineError> {
        self.rows_without_time += other.rows_without_time;
        self.rows_outside_windows += other.rows_outside_windows;
        for (own, other) in self.cells.iter_mut().zip(other.cells) {
            match (own, other) {
                (_, None) => {}
                (Some(own), Some(other)) => own.merge(other)?,
                (own, other) => *own = other,
            }
        }
        Ok(())
    }

    /// Asks for the memory that `rows` more rows of a cell need.
    fn reserve(&self, cell_rows: u64, rows: u64) -> Result<(), EngineError> {
        let kept = match self.plan.mode {
            Mode::Exact => rows,
            Mode::Sketched => rows.min(SKETCH_VALUES.saturating_sub(cell_rows)),
        };
        let bytes = kept * self.numbers_per_row * VALUE_BYTES;
        self.memory
            .try_grow(bytes as usize)
            .map_err(|_| EngineError::MemoryExceeded {
                limit_bytes: self.memory_limit_bytes,
                needed: format!(
                    "the profiles of {} columns need more",
                    self.share.columns.len()
                ),
            })
    }

    fn convert(&self, batch: &Batch<'_>) -> Result<Converted, EngineError> {
        let inputs = self.plan.inputs(&self.share);
        let outcomes = self
            .plan
            .outcomes
            .as_ref()
            .filter(|_| self.share.has_outcomes);
        let mut arrays = inputs.iter().zip(&batch.arrays);
        let mut next = |spelling: Option<Spelling>| -> Result<Option<Values>, EngineError> {
            let Some((input, array)) = arrays.next() else {
                return Ok(None);
            };
            let converted = match spelling {
                Some(spelling) => Names::try_new(array, spelling).map(Values::Names),
                None => Values::convert(array, input.reading),
            };
            converted.map(Some).map_err(|fault| {
                let place = |row_idx| batch.place(row_idx, &input.name);
                fault.at(place, &input.name, input.reading, array.data_type())
            })
        };
        let class = Some(Spelling::AsClass);
        let mut converted = Converted {
            time: None,
            group: None,
            columns: Vec::with_capacity(self.share.columns.len()),
            target: None,
            prediction: None,
            scores: Vec::new(),
        };
        if self.plan.time.is_some() {
            converted.time = next(None)?;
        }
        if self.plan.group.is_some() {
            converted.group = next(class)?;
        }
        for _ in self.share.columns.clone() {
            converted.columns.extend(next(None)?);
        }
        if let Some(outcomes) = outcomes {
            if outcomes.target.is_some() {
                converted.target = next(class)?;
            }
            if outcomes.prediction.is_some() {
                converted.prediction = next(class)?;
            }
            for _ in &outcomes.scores {
                converted.scores.extend(next(None)?);
            }
        }
        Ok(converted)
    }
}

/// The values of a batch, in the order of [`Plan::inputs`].
struct Converted {
    time: Option<Values>,
    group: Option<Values>,
    columns: Vec<Values>,
    target: Option<Values>,
    prediction: Option<Values>,
    scores: Vec<Values>,
}

impl Fold for ProfileFold {
    fn take(&mut self, batch: &Batch<'_>) -> Result<(), EngineError> {
        let converted = self.convert(batch)?;
        let time = match &converted.time {
            Some(Values::Instants(array)) => Some(array),
            _ => None,
        };
        let group = match &converted.group {
            Some(Values::Names(names)) => Some(names),
            _ => None,
        };
        let split = self.plan.cells.split(batch.rows, time, group);
        if self.share.is_first {
            self.rows_without_time += split.rows_without_time;
            self.rows_outside_windows += split.rows_outside_windows;
        }
        let reorder = |values: Values| match &split.order {
            None => Ok(values),
            Some(order) => values
                .reorder(order)
                .map_err(|_| EngineError::internal(&"rows could not be sorted")),
        };
        let columns: Vec<Values> = converted
            .columns
            .into_iter()
            .map(reorder)
            .collect::<Result<_, _>>()?;
        let names = |values: Option<Values>| -> Result<Option<Names>, EngineError> {
            Ok(match values.map(reorder).transpose()? {
                Some(Values::Names(names)) => Some(names),
                _ => None,
            })
        };
        let outcomes = OutcomeValues {
            target: names(converted.target)?,
            prediction: names(converted.prediction)?,
            scores: converted
                .scores
                .into_iter()
                .filter_map(|values| match reorder(values) {
                    Ok(Values::Numbers(array)) => Some(Ok(array)),
                    Ok(_) => None,
                    Err(fault) => Some(Err(fault)),
                })
                .collect::<Result<_, _>>()?,
        };
        for (cell, rows) in split.runs {
            let cell_rows = self.cells[cell].as_ref().map_or(0, |state| state.rows);
            self.reserve(cell_rows, rows.len() as u64)?;
            let state = self.cells[cell].get_or_insert_with(|| self.plan.empty(&self.share));
            state.rows += rows.len() as u64;
            for (profile, values) in state.columns.iter_mut().zip(&columns) {
                push_column(profile, values, rows.clone(), &mut self.scratch);
            }
            if let Some(profile) = &mut state.outcomes {
                push_outcomes(profile, &outcomes, rows, &mut self.scratch);
            }
        }
        Ok(())
    }
}

/// Counts the distinct values of one column.
pub(crate) struct ValuesFold {
    pub(crate) counts: HashMap<String, u64>,
    pub(crate) n_null: u64,
    pub(crate) column: String,
}

impl Fold for ValuesFold {
    fn take(&mut self, batch: &Batch<'_>) -> Result<(), EngineError> {
        let array = &batch.arrays[0];
        let reading = Reading {
            kind: Kind::Categorical,
            epoch: None,
        };
        let names = Names::try_new(array, Spelling::AsClass).map_err(|fault| {
            let place = |row_idx| batch.place(row_idx, &self.column);
            fault.at(place, &self.column, reading, array.data_type())
        })?;
        let mut by_code = vec![0_u64; names.len()];
        for &code in names.codes() {
            match by_code.get_mut(code as usize) {
                Some(count) => *count += 1,
                None => self.n_null += 1,
            }
        }
        for (code, count) in by_code.into_iter().enumerate() {
            let name = names.name(code as u32);
            match self.counts.get_mut(name) {
                Some(own) => *own += count,
                None => {
                    self.counts.insert(name.to_owned(), count);
                }
            }
        }
        Ok(())
    }
}
