//! The engine's cells, sorted into groups of rows: the reference's, with its past, and one per window.

use keepwell_engine::{Cell, Group, Request};
use keepwell_monitor::evaluation::{ColumnInfo, OutcomeHistory};
use keepwell_monitor::history::ColumnHistory;
use keepwell_stats::profile::{ColumnProfile, MergeError, Mode, OutcomeProfile};

use super::plan::Plan;
use crate::failure::Failure;

/// Cells of one group of rows: the reference's and one per window.
pub struct GroupCells {
    /// Which rows.
    pub group: Group,
    /// The reference's.
    pub reference: Cell,
    /// By column, what is known of the windows of the reference; empty where it has none.
    pub histories: Vec<Option<ColumnHistory>>,
    /// The same for the outcomes.
    pub outcome_history: Option<OutcomeHistory>,
    /// One per window of the plan, or one for the current events as a whole.
    pub currents: Vec<Cell>,
}

/// Cells sorted into groups.
pub struct Groups<'a> {
    plan: &'a Plan,
    mode: Mode,
    parts: Vec<Parts>,
}

/// Cells of one group as they come.
struct Parts {
    group: Group,
    references: Vec<Option<Cell>>,
    currents: Vec<Option<Cell>>,
}

impl<'a> Groups<'a> {
    /// No cells yet.
    pub fn new(plan: &'a Plan, mode: Mode) -> Self {
        Self {
            plan,
            mode,
            parts: Vec::new(),
        }
    }

    fn entry(&mut self, group: &Group) -> &mut Parts {
        let idx = match self.parts.iter().position(|known| known.group == *group) {
            Some(idx) => idx,
            None => {
                let n_past = self.plan.past.as_ref().map_or(1, |past| past.windows.len());
                let none = |n: usize| std::iter::repeat_with(|| None).take(n).collect();
                self.parts.push(Parts {
                    group: group.clone(),
                    references: none(n_past),
                    currents: none(self.plan.windows.len().max(1)),
                });
                self.parts.len() - 1
            }
        };
        &mut self.parts[idx]
    }

    /// Takes the cell of a window of the reference, or of all of it.
    pub fn reference(&mut self, window: usize, cell: Cell) {
        let group = cell.group.clone();
        self.entry(&group).references[window] = Some(cell);
    }

    /// Takes the cell of a current window, or of all current events.
    pub fn current(&mut self, window: usize, cell: Cell) {
        let group = cell.group.clone();
        self.entry(&group).currents[window] = Some(cell);
    }

    /// Adds the group of all rows, joined from those that there are, at the end.
    ///
    /// # Errors
    /// If the parts do not fit together, which is a fault of the program.
    pub fn join_all(&mut self) -> Result<(), Failure> {
        let joined = |slot: fn(&Parts) -> &Vec<Option<Cell>>| {
            let n_slots = self.parts.first().map_or(0, |parts| slot(parts).len());
            let cells = (0..n_slots).map(|idx| {
                let cells = self
                    .parts
                    .iter()
                    .filter_map(|parts| slot(parts)[idx].clone());
                let whole = join(cells.collect())?;
                Ok(whole.map(|cell| Cell {
                    group: Group::All,
                    ..cell
                }))
            });
            cells.collect::<Result<Vec<_>, MergeError>>()
        };
        let (Ok(references), Ok(currents)) = (
            joined(|parts| &parts.references),
            joined(|parts| &parts.currents),
        ) else {
            return Err(Failure::internal(
                "groups that do not fit together".to_owned(),
            ));
        };
        self.parts.push(Parts {
            group: Group::All,
            references,
            currents,
        });
        Ok(())
    }

    /// Every group with all its cells; where there were no rows, empty ones.
    ///
    /// # Errors
    /// If the parts of the reference do not fit together, which is a fault of the program.
    pub fn finish(self, columns: &[ColumnInfo]) -> Result<Vec<GroupCells>, Failure> {
        let Self { plan, mode, parts } = self;
        let empty = |group: &Group| Cell {
            window: None,
            group: group.clone(),
            rows: 0,
            columns: columns
                .iter()
                .map(|column| ColumnProfile::new(column.kind, mode))
                .collect(),
            outcomes: plan.outcomes.as_ref().map(OutcomeProfile::new),
        };
        let finish = |parts: Parts| {
            let fill = |cells: Vec<Option<Cell>>| -> Vec<Cell> {
                let filled = cells.into_iter();
                filled
                    .map(|cell| cell.unwrap_or_else(|| empty(&parts.group)))
                    .collect()
            };
            let references = fill(parts.references);
            let (histories, outcome_history) = histories(plan, &references, columns);
            let reference = join(references)
                .map_err(|fault| Failure::internal(fault.to_string()))?
                .unwrap_or_else(|| empty(&parts.group));
            Ok(GroupCells {
                reference,
                histories,
                outcome_history,
                currents: fill(parts.currents),
                group: parts.group,
            })
        };
        parts.into_iter().map(finish).collect()
    }
}

/// What the windows of the reference say about themselves, before they are joined.
fn histories(
    plan: &Plan,
    references: &[Cell],
    infos: &[ColumnInfo],
) -> (Vec<Option<ColumnHistory>>, Option<OutcomeHistory>) {
    let Some(past) = &plan.past else {
        return (Vec::new(), None);
    };
    let complete = &references[past.complete.clone()];
    let columns = infos
        .iter()
        .enumerate()
        .map(|(idx, info)| {
            let windows: Vec<&ColumnProfile> =
                complete.iter().map(|cell| &cell.columns[idx]).collect();
            let history = ColumnHistory::of(&past.table, &windows)?;
            Some(history.with_checks(&plan.monitors, &info.name, &windows))
        })
        .collect();
    let outcomes: Option<Vec<&OutcomeProfile>> =
        complete.iter().map(|cell| cell.outcomes.as_ref()).collect();
    let outcomes =
        outcomes.map(|windows| OutcomeHistory::of(&past.table, &windows, &plan.monitors));
    (columns, outcomes)
}

/// The parts of the reference as one cell; `None` where there is no part.
fn join(parts: Vec<Cell>) -> Result<Option<Cell>, MergeError> {
    let n_parts = parts.len();
    let mut parts = parts.into_iter();
    let Some(mut whole) = parts.next() else {
        return Ok(None);
    };
    for part in parts {
        whole.rows += part.rows;
        for (own, other) in whole.columns.iter_mut().zip(part.columns) {
            own.merge(other)?;
        }
        if let (Some(own), Some(other)) = (&mut whole.outcomes, part.outcomes) {
            own.merge(other)?;
        }
    }
    if n_parts > 1 {
        whole.columns.iter_mut().for_each(ColumnProfile::seal);
        whole.outcomes.iter_mut().for_each(OutcomeProfile::seal);
    }
    Ok(Some(whole))
}

/// Puts an all-null profile where the table lacks a column: a column that vanished is wholly missing.
pub fn complete(mut cell: Cell, columns: &[ColumnInfo], request: &Request, mode: Mode) -> Cell {
    if request.columns.len() == columns.len() {
        return cell;
    }
    let mut found = std::mem::take(&mut cell.columns).into_iter();
    cell.columns = columns
        .iter()
        .map(|column| {
            let is_there = request.columns.iter().any(|(name, _)| *name == column.name);
            match is_there.then(|| found.next()).flatten() {
                Some(profile) => profile,
                None => ColumnProfile::all_null(column.kind, mode, cell.rows),
            }
        })
        .collect();
    cell
}
