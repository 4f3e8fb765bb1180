//! Profiles of the columns and outcomes of a table, by window and group.

use std::ops::Range;
use std::sync::Arc;

use datafusion::execution::memory_pool::MemoryReservation;
use keepwell_core::schema::Kind;
use keepwell_core::time::Window;
use keepwell_stats::profile::{ColumnProfile, Mode, OutcomeConfig, OutcomeProfile};

use crate::accumulate::{OutcomeValues, Scratch, push_column, push_outcomes};
use crate::cells::Cells;
use crate::error::EngineError;
use crate::names::{Names, Spelling};
use crate::scan::{Batch, Fold};
use crate::table::Table;
use crate::values::{Reading, Values};

/// What to profile.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Columns, each with the kind as which it is read.
    pub columns: Vec<(String, Kind)>,
    /// Target, prediction and scores, if outcomes are wanted.
    pub outcomes: Option<OutcomeColumns>,
    /// Windows of time; `None` for all rows, whatever their time.
    pub time: Option<TimeSlices>,
    /// Values of a column that are kept apart; `None` for one group of all.
    pub group_by: Option<GroupBy>,
}

/// Columns that tell outcomes.
#[derive(Debug, Clone)]
pub struct OutcomeColumns {
    /// Column of the ground truth.
    pub target: Option<String>,
    /// Column of the decision; without one it is taken from the scores.
    pub prediction: Option<String>,
    /// Columns of the scores, parallel to [`OutcomeConfig::scored_classes`].
    pub scores: Vec<String>,
    /// What is the same for all parts.
    pub config: OutcomeConfig,
}

/// Windows of time.
#[derive(Debug, Clone)]
pub struct TimeSlices {
    /// Column of the event time.
    pub column: String,
    /// In order; they do not overlap.
    pub windows: Vec<Window>,
}

/// Values of a column that are kept apart.
#[derive(Debug, Clone)]
pub struct GroupBy {
    /// The column.
    pub column: String,
    /// Values in the canonical spelling of [`keepwell_core::class`], as
    /// [`Session::values`](crate::Session::values) gives them. All else, null included, is one group
    /// of others.
    pub values: Vec<String>,
}

/// Profiles by window and group.
#[derive(Debug)]
pub struct Profiled {
    /// One for each window and group, in their order; those without rows are there too.
    pub cells: Vec<Cell>,
    /// Rows whose time is null.
    pub rows_without_time: u64,
    /// Rows whose time is in no window.
    pub rows_outside_windows: u64,
}

/// The rows of one window and one group.
#[derive(Debug)]
pub struct Cell {
    /// Position in [`TimeSlices::windows`]; `None` if no windows were asked for.
    pub window: Option<usize>,
    /// The group.
    pub group: Group,
    /// Number of rows.
    pub rows: u64,
    /// Profiles, sealed, parallel to [`Request::columns`].
    pub columns: Vec<ColumnProfile>,
    /// Profile of the outcomes, sealed, if they were asked for.
    pub outcomes: Option<OutcomeProfile>,
}

/// A group of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Group {
    /// All rows: no groups were asked for.
    All,
    /// Rows with this value.
    Value(String),
    /// Rows with any other value, or none.
    Other,
}

/// A request with its names resolved.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) cells: Cells,
    /// Columns of the request.
    columns: Vec<Input>,
    time: Option<Input>,
    group: Option<Input>,
    outcomes: Option<OutcomeInputs>,
    pub(crate) mode: Mode,
}

#[derive(Debug, Clone)]
struct Input {
    column_idx: usize,
    name: String,
    reading: Reading,
}

#[derive(Debug)]
struct OutcomeInputs {
    target: Option<Input>,
    prediction: Option<Input>,
    scores: Vec<Input>,
    config: OutcomeConfig,
}

impl Plan {
    /// Resolves and checks a request.
    pub(crate) fn try_new(
        table: &Table,
        request: &Request,
        mode: Mode,
    ) -> Result<Self, EngineError> {
        let input = |name: &str, kind: Kind| -> Result<Input, EngineError> {
            let column_idx = table.column_idx(name)?;
            Ok(Input {
                column_idx,
                name: name.to_owned(),
                reading: Reading {
                    kind,
                    epoch: table.columns[column_idx].epoch,
                },
            })
        };
        let class = |name: &Option<String>| {
            name.as_deref()
                .map(|name| input(name, Kind::Categorical))
                .transpose()
        };
        let outcomes = match &request.outcomes {
            None => None,
            Some(asked) if asked.scores.len() != asked.config.scored_classes.len() => {
                return Err(EngineError::Request {
                    expected: "one column of scores for each scored class",
                    found: format!(
                        "{} columns for {} classes",
                        asked.scores.len(),
                        asked.config.scored_classes.len()
                    ),
                });
            }
            Some(asked) => Some(OutcomeInputs {
                target: class(&asked.target)?,
                prediction: class(&asked.prediction)?,
                scores: asked
                    .scores
                    .iter()
                    .map(|name| input(name, Kind::Numeric))
                    .collect::<Result<_, _>>()?,
                config: asked.config.clone(),
            }),
        };
        let time = request.time.as_ref();
        let group = request.group_by.as_ref();
        Ok(Self {
            cells: Cells::try_new(
                time.map(|time| time.windows.clone()),
                group.map(|group| group.values.clone()),
            )?,
            columns: request
                .columns
                .iter()
                .map(|(name, kind)| input(name, *kind))
                .collect::<Result<_, _>>()?,
            time: time
                .map(|time| input(&time.column, Kind::Timestamp))
                .transpose()?,
            group: group
                .map(|group| input(&group.column, Kind::Categorical))
                .transpose()?,
            outcomes,
            mode,
        })
    }

    /// Whether rows are parted at all.
    fn is_split(&self) -> bool {
        self.time.is_some() || self.group.is_some()
    }

    /// Divides the columns into shares that threads can work on, so that there are about `jobs_min`
    /// jobs for `n_units` units.
    pub(crate) fn shares(&self, n_units: usize, jobs_min: usize) -> Vec<Share> {
        let n_columns = self.columns.len();
        // Where rows are parted, each share finds out the cell of each row again.
        let jobs = if self.is_split() { jobs_min } else { jobs_min * 2 };
        let n_shares = jobs.div_ceil(n_units.max(1)).clamp(1, n_columns.max(1));
        (0..n_shares)
            .map(|idx| Share {
                columns: idx * n_columns / n_shares..(idx + 1) * n_columns / n_shares,
                // The last share is never the largest.
                has_outcomes: self.outcomes.is_some() && idx + 1 == n_shares,
                is_first: idx == 0,
            })
            .collect()
    }

    /// The inputs of a share: time, group, columns, target, prediction, scores.
    fn inputs(&self, share: &Share) -> Vec<&Input> {
        let outcomes = self.outcomes.as_ref().filter(|_| share.has_outcomes);
        self.time
            .iter()
            .chain(&self.group)
            .chain(&self.columns[share.columns.clone()])
            .chain(outcomes.into_iter().flat_map(|outcomes| {
                outcomes
                    .target
                    .iter()
                    .chain(&outcomes.prediction)
                    .chain(&outcomes.scores)
            }))
            .collect()
    }

    /// Positions in the table of the columns that a share reads.
    pub(crate) fn wanted(&self, share: &Share) -> Vec<usize> {
        let inputs = self.inputs(share);
        inputs.iter().map(|input| input.column_idx).collect()
    }

    /// An empty state of a cell.
    pub(crate) fn empty(&self, share: &Share) -> CellState {
        CellState {
            rows: 0,
            columns: self.columns[share.columns.clone()]
                .iter()
                .map(|input| ColumnProfile::new(input.reading.kind, self.mode))
                .collect(),
            outcomes: self
                .outcomes
                .as_ref()
                .filter(|_| share.has_outcomes)
                .map(|outcomes| OutcomeProfile::new(outcomes.config.clone())),
        }
    }
}

/// Columns that one job takes care of.
#[derive(Debug, Clone)]
pub(crate) struct Share {
    columns: Range<usize>,
    has_outcomes: bool,
    /// The first share counts the rows outside of all cells.
    is_first: bool,
}

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
        let scores = plan.outcomes.as_ref().map_or(0, |outcomes| outcomes.scores.len());
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
            let state =
                self.cells[cell].get_or_insert_with(|| self.plan.empty(&self.share));
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
    pub(crate) counts: std::collections::HashMap<String, u64>,
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
