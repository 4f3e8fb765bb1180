//! A request resolved against a table, and its division into jobs.

use std::ops::Range;

use keepwell_core::schema::Kind;
use keepwell_stats::profile::{ColumnProfile, Mode, ClassConfig, ClassOutcomes};

use crate::cells::Cells;
use crate::error::EngineError;
use crate::fold::CellState;
use crate::request::Request;
use crate::table::Table;
use crate::values::Reading;

/// A request with its names resolved.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) cells: Cells,
    /// Columns of the request.
    pub(crate) columns: Vec<Input>,
    pub(crate) time: Option<Input>,
    pub(crate) group: Option<Input>,
    pub(crate) outcomes: Option<OutcomeInputs>,
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
    pub(crate) target: Option<Input>,
    pub(crate) prediction: Option<Input>,
    pub(crate) scores: Vec<Input>,
    config: ClassConfig,
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

    /// The inputs of a share: time, group, columns, target, prediction, scores.
    pub(crate) fn inputs(&self, share: &Share) -> Vec<&Input> {
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
                .map(|outcomes| ClassOutcomes::new(outcomes.config.clone())),
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
