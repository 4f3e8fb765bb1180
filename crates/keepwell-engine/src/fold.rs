//! What jobs do with their batches: profiles grow, values are counted.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use keepwell_core::schema::Kind;
use keepwell_stats::profile::{ColumnProfile, Mode, OutcomeProfile};

use crate::accumulate::{Scratch, push_column};
use crate::cells::Split;
use crate::error::EngineError;
use crate::memory::Memory;
use crate::outcomes::{OutcomePart, OutcomeScratch, OutcomeValues, SKETCH_VALUES, push_outcomes};
use crate::plan::{Input, Plan, Share};
use crate::sample::Gathered;
use crate::scan::{Batch, Fold};
use crate::values::Values;

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

    /// Words that the profiles of texts keep, roughly.
    fn words(&self) -> u64 {
        let words = self.columns.iter().map(|profile| match profile {
            ColumnProfile::Text(profile) => profile.vocabulary().distinct().min(WORDS_MAX),
            _ => 0,
        });
        words.sum()
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
    /// Of the columns of the share that a sample can hold.
    pub(crate) sample: Option<Gathered>,
    scratch: Scratch,
    outcome_scratch: OutcomeScratch,
    /// Numbers that a row adds to the profiles of columns.
    numbers_per_row: u64,
    has_texts: bool,
    memory: Memory,
}

/// Bytes that a kept value costs, room for growth included.
pub(crate) const VALUE_BYTES: u64 = 16;
/// Bytes that a kept word costs, room for growth included.
pub(crate) const WORD_BYTES: u64 = 112;
/// Most words that a profile of texts keeps.
pub(crate) const WORDS_MAX: u64 = 1 << 18;

/// Numbers that a row of a column adds to its profile.
pub(crate) fn numbers_kept(kind: Kind) -> u64 {
    match kind {
        Kind::Numeric | Kind::Embedding => 1,
        Kind::Text => 2,
        _ => 0,
    }
}

impl ProfileFold {
    pub(crate) fn new(plan: Arc<Plan>, share: Share, memory: Memory) -> Self {
        let columns = &plan.columns[share.columns.clone()];
        Self {
            cells: (0..plan.cells.len()).map(|_| None).collect(),
            rows_without_time: 0,
            rows_outside_windows: 0,
            sample: plan
                .sample
                .as_ref()
                .map(|rows| Gathered::new(rows, columns.iter().map(Input::kind))),
            scratch: Scratch::default(),
            outcome_scratch: OutcomeScratch::default(),
            numbers_per_row: columns.iter().map(|input| numbers_kept(input.kind())).sum(),
            has_texts: columns.iter().any(|input| input.kind() == Kind::Text),
            memory,
            plan,
            share,
        }
    }

    /// Adds the results of a later unit, and what memory they take.
    pub(crate) fn merge(&mut self, other: Self) -> Result<(), EngineError> {
        self.memory.take_over(&other.memory);
        self.rows_without_time += other.rows_without_time;
        self.rows_outside_windows += other.rows_outside_windows;
        if let (Some(own), Some(other)) = (&mut self.sample, other.sample) {
            own.append(other);
        }
        for (own, other) in self.cells.iter_mut().zip(other.cells) {
            match (own, other) {
                (_, None) => {}
                (Some(own), Some(other)) => own.merge(other)?,
                (own, other) => *own = other,
            }
        }
        Ok(())
    }

    fn reserve(&self, bytes: u64) -> Result<(), EngineError> {
        let n_columns = self.share.columns.len();
        self.memory.reserve(bytes, || {
            format!("the profiles of {n_columns} columns need more")
        })
    }

    /// Asks for the memory that more rows of a cell need.
    fn reserve_rows(
        &self,
        cell: usize,
        rows: &Range<usize>,
        outcomes: Option<&OutcomeValues>,
    ) -> Result<(), EngineError> {
        let rows_before = self.cells[cell].as_ref().map_or(0, |state| state.rows);
        let kept = match self.plan.mode {
            Mode::Exact => rows.len() as u64,
            Mode::Sketched => {
                let room = SKETCH_VALUES.saturating_sub(rows_before);
                room.min(rows.len() as u64)
            }
        };
        let of_outcomes = outcomes.map_or(0, |values| {
            values.numbers_kept(self.plan.mode, rows_before, rows)
        });
        self.reserve((kept * self.numbers_per_row + of_outcomes) * VALUE_BYTES)
    }

    fn read(&self, batch: &Batch<'_>) -> Result<Read, EngineError> {
        let mut arrays = batch.arrays.iter();
        let mut next = |input: &Input| match arrays.next() {
            Some(array) => input.read(array, batch),
            None => Err(EngineError::internal(&"a batch lacks a column")),
        };
        let time = self.plan.time.as_ref().map(&mut next).transpose()?;
        let group = self.plan.group.as_ref().map(&mut next).transpose()?;
        let columns = self.plan.columns[self.share.columns.clone()].iter();
        let columns = columns.map(&mut next).collect::<Result<_, _>>()?;
        let outcomes = self.plan.outcomes_of(&self.share);
        let outcomes = outcomes.iter().flat_map(|outcomes| &outcomes.inputs);
        let outcomes = outcomes
            .map(|(part, input)| Ok((*part, next(input)?)))
            .collect::<Result<_, EngineError>>()?;
        Ok(Read {
            time,
            group,
            columns,
            outcomes,
        })
    }

    fn push(
        &mut self,
        split: Split,
        columns: &[Values],
        outcomes: Option<&OutcomeValues>,
    ) -> Result<(), EngineError> {
        for (cell, rows) in split.runs {
            self.reserve_rows(cell, &rows, outcomes)?;
            let state = self.cells[cell].get_or_insert_with(|| self.plan.empty(&self.share));
            let words_before = if self.has_texts { state.words() } else { 0 };
            state.rows += rows.len() as u64;
            for (profile, values) in state.columns.iter_mut().zip(columns) {
                push_column(profile, values, rows.clone(), &mut self.scratch);
            }
            if let (Some(profile), Some(values)) = (&mut state.outcomes, outcomes) {
                push_outcomes(profile, values, rows, &mut self.outcome_scratch);
            }
            if self.has_texts {
                let n_words = state.words().saturating_sub(words_before);
                self.reserve(n_words * WORD_BYTES)?;
            }
        }
        Ok(())
    }
}

/// The values of a batch.
struct Read {
    time: Option<Values>,
    group: Option<Values>,
    columns: Vec<Values>,
    outcomes: Vec<(OutcomePart, Values)>,
}

impl Fold for ProfileFold {
    fn take(&mut self, batch: &Batch<'_>) -> Result<(), EngineError> {
        let read = self.read(batch)?;
        if let Some(sample) = &mut self.sample {
            let n_numbers = sample.take(batch, &read.columns);
            self.reserve(n_numbers * VALUE_BYTES)?;
        }
        let time = match &read.time {
            Some(Values::Instants(array)) => Some(array),
            _ => None,
        };
        let group = match &read.group {
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
        let columns = read.columns.into_iter().map(reorder);
        let columns: Vec<Values> = columns.collect::<Result<_, _>>()?;
        let outcomes = read.outcomes.into_iter();
        let outcomes: Vec<(OutcomePart, Values)> = outcomes
            .map(|(part, values)| Ok((part, reorder(values)?)))
            .collect::<Result<_, EngineError>>()?;
        let outcomes = self
            .plan
            .outcomes_of(&self.share)
            .map(|inputs| OutcomeValues::new(&inputs.config, outcomes));
        self.push(split, &columns, outcomes.as_ref())
    }
}

/// Counts the distinct values of one column.
pub(crate) struct ValuesFold {
    pub(crate) counts: HashMap<String, u64>,
    pub(crate) n_null: u64,
    pub(crate) input: Input,
}

impl Fold for ValuesFold {
    fn take(&mut self, batch: &Batch<'_>) -> Result<(), EngineError> {
        let Values::Names(names) = self.input.read(&batch.arrays[0], batch)? else {
            return Ok(());
        };
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
