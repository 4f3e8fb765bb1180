//! A request resolved against a table, and its division into jobs.

use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use keepwell_core::schema::Kind;
use keepwell_stats::profile::{ColumnProfile, Mode, OutcomeConfig, OutcomeProfile};

use crate::cells::Cells;
use crate::error::EngineError;
use crate::fold::CellState;
use crate::outcomes::{OutcomePart, reading};
use crate::request::{OutcomeColumns, Request};
use crate::sample::Chosen;
use crate::scan::Batch;
use crate::table::Table;
use crate::values::{Reading, Values};

/// A request with its names resolved.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) cells: Cells,
    /// Columns of the request.
    pub(crate) columns: Vec<Input>,
    pub(crate) time: Option<Input>,
    pub(crate) group: Option<Input>,
    pub(crate) outcomes: Option<OutcomeInputs>,
    pub(crate) sample: Option<Arc<Chosen>>,
    pub(crate) mode: Mode,
}

#[derive(Debug, Clone)]
pub(crate) struct Input {
    pub(crate) column_idx: usize,
    pub(crate) name: String,
    pub(crate) reading: Reading,
}

#[derive(Debug)]
pub(crate) struct OutcomeInputs {
    /// Those that were named; scores in the order of the request.
    pub(crate) inputs: Vec<(OutcomePart, Input)>,
    pub(crate) config: OutcomeConfig,
}

impl Input {
    /// A column that is read as a kind.
    pub(crate) fn of_kind(table: &Table, name: &str, kind: Kind) -> Result<Self, EngineError> {
        let epoch = table.column(name)?.epoch;
        Self::try_new(table, name, Reading::Column { kind, epoch })
    }

    pub(crate) fn try_new(
        table: &Table,
        name: &str,
        reading: Reading,
    ) -> Result<Self, EngineError> {
        Ok(Self {
            column_idx: table.column_idx(name)?,
            name: name.to_owned(),
            reading,
        })
    }

    /// The kind as which a column is read.
    pub(crate) fn kind(&self) -> Kind {
        match self.reading {
            Reading::Column { kind, .. } => kind,
            _ => Kind::Unsupported,
        }
    }

    /// The values of the column in a batch.
    pub(crate) fn read(&self, array: &ArrayRef, batch: &Batch<'_>) -> Result<Values, EngineError> {
        Values::convert(array, self.reading).map_err(|fault| {
            let place = |row_idx| batch.place(row_idx, &self.name);
            fault.at(place, &self.name, self.reading, array.data_type())
        })
    }
}

impl OutcomeInputs {
    fn try_new(table: &Table, asked: &OutcomeColumns) -> Result<Self, EngineError> {
        use OutcomePart::{Item, Prediction, Query, Score, Target};
        check(asked)?;
        let scores = asked.scores.iter().map(|name| (Score, Some(name)));
        let parts = [
            (Target, asked.target.as_ref()),
            (Prediction, asked.prediction.as_ref()),
            (Query, asked.query.as_ref()),
            (Item, asked.item.as_ref()),
        ];
        let mut inputs = Vec::new();
        for (part, name) in parts.into_iter().chain(scores) {
            let Some(name) = name else { continue };
            let Some(reading) = reading(&asked.config, part) else {
                return Err(EngineError::Request {
                    expected: "outcomes that have such a column",
                    found: format!("`{name}`"),
                });
            };
            inputs.push((part, Input::try_new(table, name, reading)?));
        }
        Ok(Self {
            inputs,
            config: asked.config.clone(),
        })
    }
}

/// Checks what the configuration needs.
fn check(asked: &OutcomeColumns) -> Result<(), EngineError> {
    match &asked.config {
        OutcomeConfig::Classes(config) if asked.scores.len() != config.scored_classes.len() => {
            Err(EngineError::Request {
                expected: "one column of scores for each scored class",
                found: format!(
                    "{} columns for {} classes",
                    asked.scores.len(),
                    config.scored_classes.len()
                ),
            })
        }
        OutcomeConfig::Rankings(_) if asked.query.is_none() || asked.item.is_none() => {
            Err(EngineError::Request {
                expected: "a column of queries and one of items",
                found: "a ranking without".to_owned(),
            })
        }
        OutcomeConfig::Rankings(_) if asked.scores.len() > 1 => Err(EngineError::Request {
            expected: "one column of scores for a ranking",
            found: asked.scores.len().to_string(),
        }),
        _ => Ok(()),
    }
}

impl Plan {
    /// Resolves and checks a request.
    pub(crate) fn try_new(
        table: &Table,
        request: &Request,
        mode: Mode,
    ) -> Result<Self, EngineError> {
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
                .map(|(name, kind)| Input::of_kind(table, name, *kind))
                .collect::<Result<_, _>>()?,
            time: time
                .map(|time| Input::of_kind(table, &time.column, Kind::Timestamp))
                .transpose()?,
            group: group
                .map(|group| Input::try_new(table, &group.column, Reading::Class))
                .transpose()?,
            outcomes: match &request.outcomes {
                Some(asked) => Some(OutcomeInputs::try_new(table, asked)?),
                None => None,
            },
            sample: match &request.sample {
                Some(rows) => Some(rows.of(table)?),
                None => None,
            },
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
        let jobs = if self.is_split() {
            jobs_min
        } else {
            jobs_min * 2
        };
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

    /// The outcomes, if it is this share that takes care of them.
    pub(crate) fn outcomes_of(&self, share: &Share) -> Option<&OutcomeInputs> {
        self.outcomes.as_ref().filter(|_| share.has_outcomes)
    }

    /// Positions in the table of what a share reads: time, group, columns, outcomes.
    pub(crate) fn wanted(&self, share: &Share) -> Vec<usize> {
        let outcomes = self.outcomes_of(share).into_iter();
        self.time
            .iter()
            .chain(&self.group)
            .chain(&self.columns[share.columns.clone()])
            .chain(outcomes.flat_map(|outcomes| outcomes.inputs.iter().map(|(_, input)| input)))
            .map(|input| input.column_idx)
            .collect()
    }

    /// An empty state of a cell.
    pub(crate) fn empty(&self, share: &Share) -> CellState {
        CellState {
            rows: 0,
            columns: self.columns[share.columns.clone()]
                .iter()
                .map(|input| ColumnProfile::new(input.kind(), self.mode))
                .collect(),
            outcomes: self
                .outcomes_of(share)
                .map(|outcomes| OutcomeProfile::new(&outcomes.config)),
        }
    }
}

/// Columns that one job takes care of.
#[derive(Debug, Clone)]
pub(crate) struct Share {
    pub(crate) columns: Range<usize>,
    pub(crate) has_outcomes: bool,
    /// The first share counts the rows outside of all cells.
    pub(crate) is_first: bool,
}
