//! From the shares of jobs to the answer.

use keepwell_stats::profile::ColumnProfile;

use crate::error::EngineError;
use crate::fold::{CellState, ProfileFold};
use crate::plan::{Plan, Share};
use crate::request::{Cell, Profiled};

/// Joins the shares of each cell and seals all profiles.
pub(crate) fn assemble(
    plan: &Plan,
    shares: &[Share],
    mut folds: Vec<ProfileFold>,
    threads: usize,
) -> Result<Profiled, EngineError> {
    let rows_without_time = folds.iter().map(|fold| fold.rows_without_time).sum();
    let rows_outside_windows = folds.iter().map(|fold| fold.rows_outside_windows).sum();
    let mut cells: Vec<Cell> = (0..plan.cells.len())
        .map(|number| {
            let (window, group) = plan.cells.describe(number);
            let mut cell = Cell {
                window,
                group,
                rows: 0,
                columns: Vec::new(),
                outcomes: None,
            };
            for (fold, share) in folds.iter_mut().zip(shares) {
                let state: CellState = fold.cells[number]
                    .take()
                    .unwrap_or_else(|| plan.empty(share));
                cell.rows = cell.rows.max(state.rows);
                cell.columns.extend(state.columns);
                cell.outcomes = cell.outcomes.or(state.outcomes);
            }
            cell
        })
        .collect();
    seal(&mut cells, threads);
    let samples = match &plan.sample {
        Some(chosen) => {
            let columns = folds.into_iter().filter_map(|fold| fold.sample);
            let columns = columns.flat_map(|sample| sample.columns);
            chosen.samples(plan.columns.iter().zip(columns))?
        }
        None => Vec::new(),
    };
    Ok(Profiled {
        cells,
        samples,
        rows_without_time,
        rows_outside_windows,
    })
}

/// Sealing sorts all values, which is worth all threads.
fn seal(cells: &mut [Cell], threads: usize) {
    let mut columns: Vec<Vec<&mut ColumnProfile>> = (0..threads).map(|_| Vec::new()).collect();
    let mut outcomes = Vec::new();
    let mut turn = 0;
    for cell in cells {
        for column in &mut cell.columns {
            columns[turn % threads].push(column);
            turn += 1;
        }
        outcomes.extend(&mut cell.outcomes);
    }
    std::thread::scope(|scope| {
        for share in columns {
            scope.spawn(move || share.into_iter().for_each(ColumnProfile::seal));
        }
        for profile in outcomes {
            profile.seal();
        }
    });
}
