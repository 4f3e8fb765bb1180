//! Which window and which group each row of a batch belongs to.

use std::collections::HashMap;
use std::ops::Range;

use datafusion::arrow::array::{Array, Int64Array, UInt32Array};
use keepwell_core::time::Window;

use crate::error::EngineError;
use crate::names::{NULL, Names};
use crate::request::Group;

/// Windows times groups. A cell has the number `window * n_groups + group`.
#[derive(Debug)]
pub(crate) struct Cells {
    /// Sorted and disjoint; `None` means that time does not matter.
    windows: Option<Vec<Window>>,
    /// Number of each kept group; `None` means that groups do not matter.
    groups: Option<HashMap<String, u32>>,
    names: Vec<String>,
}

/// Rows of a batch by cell.
#[derive(Debug)]
pub(crate) struct Split {
    /// Old row of each new row; `None` where rows can stay where they are.
    pub(crate) order: Option<UInt32Array>,
    /// Cells with their (new) rows. A cell can occur several times.
    pub(crate) runs: Vec<(usize, Range<usize>)>,
    pub(crate) rows_without_time: u64,
    pub(crate) rows_outside_windows: u64,
}

/// The cell of a row that belongs to none.
const NOWHERE: u32 = u32::MAX;

/// Runs shorter than this on average are brought together by sorting.
const RUN_ROWS_MIN: usize = 64;

impl Cells {
    /// Checks that windows are in order and groups differ.
    pub(crate) fn try_new(
        windows: Option<Vec<Window>>,
        names: Option<Vec<String>>,
    ) -> Result<Self, EngineError> {
        let request = |expected, found: &dyn std::fmt::Display| EngineError::Request {
            expected,
            found: found.to_string(),
        };
        for pair in windows.iter().flat_map(|windows| windows.windows(2)) {
            if pair[1].start < pair[0].end {
                return Err(request(
                    "windows in order that do not overlap",
                    &pair[1].start,
                ));
            }
        }
        let mut groups = names.as_ref().map(|_| HashMap::new());
        let names = names.unwrap_or_default();
        if let Some(groups) = &mut groups {
            for (idx, name) in names.iter().enumerate() {
                if groups.insert(name.clone(), idx as u32).is_some() {
                    return Err(request("groups that differ", name));
                }
            }
        }
        let cells = Self {
            windows,
            groups,
            names,
        };
        if cells.len() >= NOWHERE as usize {
            return Err(request("fewer windows and groups", &cells.len()));
        }
        Ok(cells)
    }

    /// Number of cells.
    pub(crate) fn len(&self) -> usize {
        self.windows.as_ref().map_or(1, Vec::len) * self.n_groups()
    }

    fn n_groups(&self) -> usize {
        // What is in no kept group is one more.
        match &self.groups {
            Some(groups) => groups.len() + 1,
            None => 1,
        }
    }

    /// Window and group of a cell.
    pub(crate) fn describe(&self, cell: usize) -> (Option<usize>, Group) {
        let window = self.windows.as_ref().map(|_| cell / self.n_groups());
        let group = match (&self.groups, self.names.get(cell % self.n_groups())) {
            (None, _) => Group::All,
            (Some(_), Some(name)) => Group::Value(name.clone()),
            (Some(_), None) => Group::Other,
        };
        (window, group)
    }

    /// Parts the rows of a batch.
    pub(crate) fn split(
        &self,
        rows: usize,
        time: Option<&Int64Array>,
        group: Option<&Names>,
    ) -> Split {
        let mut split = Split {
            order: None,
            runs: Vec::new(),
            rows_without_time: 0,
            rows_outside_windows: 0,
        };
        if time.is_none() && group.is_none() {
            split.runs.push((0, 0..rows));
            return split;
        }
        let mut cells = vec![0_u32; rows];
        if let (Some(groups), Some(names)) = (&self.groups, group) {
            let other = groups.len() as u32;
            let by_code: Vec<u32> = (0..names.len() as u32)
                .map(|code| groups.get(names.name(code)).copied().unwrap_or(other))
                .collect();
            for (cell, &code) in cells.iter_mut().zip(names.codes()) {
                *cell = if code == NULL {
                    other
                } else {
                    by_code[code as usize]
                };
            }
        }
        if let (Some(windows), Some(time)) = (&self.windows, time) {
            self.add_windows(windows, time, &mut cells, &mut split);
        }
        split.arrange(&cells);
        split
    }

    fn add_windows(
        &self,
        windows: &[Window],
        time: &Int64Array,
        cells: &mut [u32],
        split: &mut Split,
    ) {
        let n_groups = self.n_groups() as u32;
        // Rows mostly come in the order of time, so the last window is tried first.
        let mut last = 0;
        for (row_idx, cell) in cells.iter_mut().enumerate() {
            if time.is_null(row_idx) {
                split.rows_without_time += 1;
                *cell = NOWHERE;
                continue;
            }
            let at = time.value(row_idx);
            let holds = |idx: usize| {
                windows
                    .get(idx)
                    .is_some_and(|window| window.start.0 <= at && at < window.end.0)
            };
            if !holds(last) {
                let after = windows.partition_point(|window| window.start.0 <= at);
                last = after.saturating_sub(1);
            }
            if holds(last) {
                *cell += last as u32 * n_groups;
            } else {
                split.rows_outside_windows += 1;
                *cell = NOWHERE;
            }
        }
    }
}

impl Split {
    /// Makes runs of equal cells; sorts rows by cell first if runs would be short. Rows of a cell
    /// keep their order.
    fn arrange(&mut self, cells: &[u32]) {
        let n_runs = 1 + cells.windows(2).filter(|pair| pair[0] != pair[1]).count();
        if n_runs * RUN_ROWS_MIN <= cells.len() || n_runs <= 2 {
            self.push_runs(cells.iter().copied());
            return;
        }
        let mut keys: Vec<u64> = cells
            .iter()
            .enumerate()
            .map(|(row_idx, &cell)| u64::from(cell) << 32 | row_idx as u64)
            .collect();
        keys.sort_unstable();
        self.push_runs(keys.iter().map(|key| (key >> 32) as u32));
        self.order = Some(keys.iter().map(|&key| key as u32).collect());
    }

    fn push_runs(&mut self, cells: impl Iterator<Item = u32>) {
        let mut open: Option<(u32, usize)> = None;
        let mut rows = 0;
        for (row_idx, cell) in cells.enumerate() {
            rows = row_idx + 1;
            match open {
                Some((own, _)) if own == cell => {}
                _ => {
                    self.close(open, row_idx);
                    open = Some((cell, row_idx));
                }
            }
        }
        self.close(open, rows);
    }

    fn close(&mut self, open: Option<(u32, usize)>, end: usize) {
        if let Some((cell, start)) = open
            && cell != NOWHERE
        {
            self.runs.push((cell as usize, start..end));
        }
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::time::Timestamp;

    use super::*;

    fn window(start: i64, end: i64) -> Window {
        Window {
            start: Timestamp(start),
            end: Timestamp(end),
        }
    }

    #[test]
    fn rows_go_to_their_window_in_any_order() {
        let windows = vec![window(0, 10), window(10, 20), window(30, 40)];
        let cells = Cells::try_new(Some(windows), None).expect("windows in order");
        let mut state = 1_u64;
        let times: Vec<Option<i64>> = (0..5_000)
            .map(|row| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                (row % 17 != 0).then_some((state >> 33) as i64 % 60 - 10)
            })
            .collect();
        let split = cells.split(5_000, Some(&times.iter().copied().collect()), None);
        let order = split.order.as_ref().expect("random rows are sorted");
        let mut found = vec![Vec::new(); 3];
        for (cell, rows) in &split.runs {
            found[*cell].extend(order.values()[rows.clone()].iter().copied());
        }
        for (idx, (start, end)) in [(0, 10), (10, 20), (30, 40)].into_iter().enumerate() {
            let expected: Vec<u32> = (0..5_000)
                .filter(|&row| times[row as usize].is_some_and(|at| start <= at && at < end))
                .collect();
            assert_eq!(found[idx], expected);
        }
        let null = times.iter().filter(|time| time.is_none()).count() as u64;
        assert_eq!(split.rows_without_time, null);
        let inside: usize = found.iter().map(Vec::len).sum();
        assert_eq!(split.rows_outside_windows, 5_000 - null - inside as u64);
    }

    #[test]
    fn sorted_rows_stay_where_they_are() {
        let cells = Cells::try_new(Some(vec![window(0, 100), window(100, 300)]), None)
            .expect("windows in order");
        let split = cells.split(256, Some(&(0..256).map(Some).collect()), None);
        assert!(split.order.is_none());
        assert_eq!(split.runs, [(0, 0..100), (1, 100..256)]);
    }

    #[test]
    fn overlapping_windows_are_refused() {
        assert!(Cells::try_new(Some(vec![window(0, 10), window(9, 20)]), None).is_err());
    }
}
