//! Which rows a sample holds.

use std::ops::Range;
use std::sync::Arc;

use keepwell_core::schema::Kind;
use keepwell_stats::profile::row_sample::SampleConfig;

use super::{ChosenRows, ChosenWindow};
use crate::cells::Cells;
use crate::error::EngineError;
use crate::plan::Input;
use crate::request::TimeSlices;
use crate::scan::{Batch, Fold, units};
use crate::session::Session;
use crate::table::Table;
use crate::values::Values;

/// Windows of which rows are chosen.
#[derive(Debug, Clone)]
pub struct SampleWindows {
    /// The windows.
    pub time: TimeSlices,
    /// Positions of those that share the rows of one sample, each having what falls into it; all others have as
    /// many rows as a sample may. Where it is not empty, there is one more sample, the last: theirs as a whole.
    pub shared: Range<usize>,
}

/// Rows beyond the capacity that wait before the surplus is dropped.
const SURPLUS_ROWS: usize = 1 << 16;

/// Rows that are chosen together, as far as they were seen.
#[derive(Debug, Clone, Default)]
struct Pool {
    /// Positions in the table, and of the window.
    rows: Vec<(u64, u32)>,
}

impl Pool {
    /// Keeps the rows of least hash, in the order of the table.
    fn shrink(&mut self, config: SampleConfig) {
        let ids = self.rows.iter().map(|&(id, _)| id).collect();
        let kept = config.choose_among(ids);
        self.rows.retain(|(id, _)| kept.binary_search(id).is_ok());
        self.rows.sort_unstable();
    }
}

/// Finds out which rows have the least hashes.
struct ChoiceFold {
    config: SampleConfig,
    cells: Arc<Cells>,
    input: Input,
    shared: Range<usize>,
    /// Rows of each window.
    n_rows: Vec<u64>,
    /// One for each window, of which those that share one use the first.
    pools: Vec<Pool>,
}

impl ChoiceFold {
    fn merge(&mut self, other: Self) {
        for (own, other) in self.n_rows.iter_mut().zip(other.n_rows) {
            *own += other;
        }
        for (own, other) in self.pools.iter_mut().zip(other.pools) {
            if !other.rows.is_empty() {
                own.rows.extend(other.rows);
                own.shrink(self.config);
            }
        }
    }

    /// The chosen rows of each window, and of those that share a sample as a whole.
    fn finish(mut self) -> Vec<ChosenWindow> {
        let of_window = |&n_rows: &u64| ChosenWindow {
            n_rows,
            ids: Vec::new(),
        };
        let mut windows: Vec<ChosenWindow> = self.n_rows.iter().map(of_window).collect();
        for pool in &mut self.pools {
            pool.shrink(self.config);
            for &(id, window) in &pool.rows {
                windows[window as usize].ids.push(id);
            }
        }
        if !self.shared.is_empty() {
            let pool = &self.pools[self.shared.start];
            windows.push(ChosenWindow {
                n_rows: self.n_rows[self.shared].iter().sum(),
                ids: pool.rows.iter().map(|&(id, _)| id).collect(),
            });
        }
        windows
    }
}

impl Fold for ChoiceFold {
    fn take(&mut self, batch: &Batch<'_>) -> Result<(), EngineError> {
        let Values::Instants(time) = self.input.read(&batch.arrays[0], batch)? else {
            return Ok(());
        };
        let split = self.cells.split(batch.rows, Some(&time), None);
        for (window, rows) in split.runs {
            self.n_rows[window] += rows.len() as u64;
            let pool_idx = match self.shared.contains(&window) {
                true => self.shared.start,
                false => window,
            };
            let pool = &mut self.pools[pool_idx];
            pool.rows.extend(rows.map(|row_idx| {
                let row = match &split.order {
                    None => row_idx as u64,
                    Some(order) => u64::from(order.value(row_idx)),
                };
                (batch.table_row + row, window as u32)
            }));
            if pool.rows.len() > self.config.capacity.saturating_add(SURPLUS_ROWS) {
                pool.shrink(self.config);
            }
        }
        Ok(())
    }
}

impl Session {
    /// Chooses rows for samples: of all rows, or of windows. With windows the column of the time is read.
    ///
    /// The choice depends on the seed and on the positions of rows in the table, on nothing else.
    ///
    /// # Errors
    /// If windows are out of order, those that share a sample do not exist, or a time cannot be read.
    pub async fn choose(
        &self,
        table: &Table,
        config: SampleConfig,
        windows: Option<&SampleWindows>,
    ) -> Result<ChosenRows, EngineError> {
        let Some(SampleWindows { time, shared }) = windows else {
            let window = ChosenWindow {
                n_rows: table.rows,
                ids: config.choose(0..table.rows),
            };
            return Ok(ChosenRows::new(config, table, vec![window]));
        };
        let n_windows = time.windows.len();
        if shared.end > n_windows {
            return Err(EngineError::Request {
                expected: "shared windows that exist",
                found: format!("{shared:?} of {n_windows}"),
            });
        }
        let cells = Arc::new(Cells::try_new(Some(time.windows.clone()), None)?);
        let input = Input::of_kind(table, &time.column, Kind::Timestamp)?;
        let empty = || ChoiceFold {
            config,
            cells: Arc::clone(&cells),
            input: input.clone(),
            shared: shared.clone(),
            n_rows: vec![0; n_windows],
            pools: vec![Pool::default(); n_windows],
        };
        let jobs = units(table).into_iter();
        let jobs = jobs.map(|unit| (unit, vec![input.column_idx], empty()));
        let mut whole = empty();
        self.each_fold(table, jobs.collect(), |_, fold| {
            whole.merge(fold);
            Ok(())
        })
        .await?;
        Ok(ChosenRows::new(config, table, whole.finish()))
    }
}
