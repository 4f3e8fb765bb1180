//! The windows of the reference, against which each current window is held.

use std::ops::Range;

use keepwell_core::time::{Every, Timestamp, Window};
use keepwell_monitor::history::Timetable;

/// Most windows of the reference that are looked at one by one, the latest ones.
const WINDOWS_MAX: usize = 1_000;
/// Into how many stretches a reference is cut where the current events are judged as a whole.
const STRETCHES: i64 = 20;
/// Into how many where windows are judged, of which the reference has too few. The longer a stretch, the more it
/// is like a window, and the fewer there are.
const STRETCHES_FOR_WINDOWS: i64 = 16;
/// Least rows in a stretch, on average.
const STRETCH_ROWS_MIN: u64 = 50;
/// Least days of a month.
const MONTH: i64 = 28 * 86_400_000_000;

/// The windows of the reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// All of them, in order; together they hold every instant of the reference.
    pub windows: Vec<Window>,
    /// Which of them are complete, and so stand for what is usual.
    pub complete: Range<usize>,
    /// Their rhythm.
    pub table: Timetable,
}

impl Past {
    /// Cuts a reference from its `first` event up to `end` (exclusive) as the current events are cut; `None`
    /// where that gives too few windows.
    pub fn by_windows(first: Timestamp, end: Timestamp, every: Every) -> Option<Self> {
        let last = Timestamp(end.0.checked_sub(1)?);
        let mut windows = every.windows(first, last, 100 * WINDOWS_MAX).ok()?;
        let is_joined = windows.len() > WINDOWS_MAX;
        if is_joined {
            let n_joined = windows.len() - WINDOWS_MAX;
            let joined = Window {
                start: windows[0].start,
                end: windows[n_joined].end,
            };
            windows.splice(0..=n_joined, [joined]);
        }
        // A tenth of a window may lack: the first event of a day need not come at midnight.
        let tenth = |window: &Window| window.end.0.saturating_sub(window.start.0) / 10;
        let is_cut = windows.first().is_some_and(|window| {
            is_joined || first.0.saturating_sub(window.start.0) > tenth(window)
        });
        let is_short = windows
            .last()
            .is_some_and(|window| window.end.0.saturating_sub(end.0) > tenth(window));
        let until = windows.len().saturating_sub(usize::from(is_short));
        let complete = usize::from(is_cut).min(until)..until;
        let table = Timetable::of(&windows[complete.clone()], every)?;
        if let Some(window) = windows.last_mut() {
            window.end = window.end.min(end);
        }
        Some(Self {
            windows,
            complete,
            table,
        })
    }

    /// Cuts a reference of `rows` rows into stretches, for current events that are judged as a whole.
    pub fn by_stretches(
        reference: (Timestamp, Timestamp),
        current: (Timestamp, Timestamp),
        rows: u64,
    ) -> Option<Self> {
        let length = current.1.0.saturating_sub(current.0.0);
        Self::cut(reference, STRETCHES, length, rows)
    }

    /// Cuts a reference of `rows` rows that has too few windows into stretches, for windows of width `every`.
    pub fn by_few_windows(
        reference: (Timestamp, Timestamp),
        every: Every,
        rows: u64,
    ) -> Option<Self> {
        let length = match every {
            Every::Fixed(width) => width,
            // Rather too short than too long: what is averaged over more time is expected to vary less.
            Every::Months(months) => i64::from(months).saturating_mul(MONTH),
        };
        let past = Self::cut(reference, STRETCHES_FOR_WINDOWS, length, rows)?;
        Some(Self {
            table: past.table.for_windows(),
            ..past
        })
    }

    /// Cuts a reference into `n` stretches, for current events of this length.
    fn cut(
        (first, last): (Timestamp, Timestamp),
        n: i64,
        current_length: i64,
        rows: u64,
    ) -> Option<Self> {
        let length = last.0.checked_sub(first.0)?.checked_add(1)?;
        let width = length / n;
        if width == 0 || rows < n.unsigned_abs() * STRETCH_ROWS_MIN {
            return None;
        }
        let windows: Vec<Window> = (0..n)
            .map(|idx| Window {
                start: Timestamp(first.0 + idx * width),
                end: Timestamp(if idx + 1 == n {
                    last.0.saturating_add(1)
                } else {
                    first.0 + (idx + 1) * width
                }),
            })
            .collect();
        let span = current_length as f64 / width as f64;
        Some(Self {
            complete: 0..windows.len(),
            table: Timetable::without_rhythm(windows.len(), span)?,
            windows,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    fn by_hours(first: i64, end: i64) -> Option<Past> {
        Past::by_windows(Timestamp(first), Timestamp(end), Every::Fixed(HOUR))
    }

    #[test]
    fn windows_that_are_not_complete_are_no_measure() {
        let past = by_hours(HOUR / 2, 10 * HOUR + HOUR / 4).expect("enough windows");
        assert_eq!(past.windows.len(), 11);
        assert_eq!(past.complete, 1..10);
        assert_eq!(past.windows[10].end, Timestamp(10 * HOUR + HOUR / 4));
        assert_eq!(past.table.windows(), 9);
        assert_eq!(by_hours(0, 3 * HOUR), None);
    }

    #[test]
    fn a_long_past_is_looked_at_from_its_end() {
        let past = by_hours(0, 1_500 * HOUR).expect("enough windows");
        assert_eq!(past.windows.len(), WINDOWS_MAX);
        assert_eq!(past.windows[0].start, Timestamp(0));
        assert_eq!(past.complete, 1..WINDOWS_MAX);
    }

    #[test]
    fn stretches_hold_all_of_the_reference() {
        let range = (Timestamp(0), Timestamp(1_003));
        let past = Past::by_stretches(range, (Timestamp(2_000), Timestamp(2_500)), 5_000)
            .expect("enough rows");
        assert_eq!(past.windows[0].start, Timestamp(0));
        assert_eq!(past.windows[19].end, Timestamp(1_004));
        let is_gapless = |pair: &[Window]| pair[0].end == pair[1].start;
        assert!(past.windows.windows(2).all(is_gapless));
        assert_eq!(Past::by_stretches(range, range, 100), None);
    }

    #[test]
    fn too_few_windows_are_cut_smaller() {
        const DAY: i64 = 24 * HOUR;
        let every = Every::Fixed(10 * DAY);
        let range = (Timestamp(DAY), Timestamp(25 * DAY - 1));
        assert_eq!(Past::by_windows(range.0, Timestamp(25 * DAY), every), None);
        let past = Past::by_few_windows(range, every, 5_000).expect("enough rows");
        assert_eq!(past.windows.len(), 16);
        assert_eq!(past.windows[0].end, Timestamp(DAY + 36 * HOUR));
        assert_eq!(past.windows[15].end, Timestamp(25 * DAY));
        // Between windows of ten days, less variance than between stretches of one and a half.
        let table = Timetable::without_rhythm(16, 10.0 / 1.5).expect("enough stretches");
        assert_eq!(past.table, table.for_windows());
        assert_eq!(Past::by_few_windows(range, every, 700), None);
    }
}
