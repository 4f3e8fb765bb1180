//! Profile of a timestamp column.

use keepwell_core::time::Timestamp;

use super::Counts;

/// Counts and range of instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimestampProfile {
    pub(super) counts: Counts,
    pub(super) range: Option<(Timestamp, Timestamp)>,
}

impl TimestampProfile {
    /// Takes one instant.
    pub fn push(&mut self, at: Timestamp) {
        self.counts.rows += 1;
        self.widen(at, at);
    }

    /// Takes `n` rows that hold null.
    pub fn push_nulls(&mut self, n: u64) {
        self.counts.rows += n;
        self.counts.null += n;
    }

    /// Adds another part.
    pub fn merge(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
        if let Some((first, last)) = other.range {
            self.widen(first, last);
        }
    }

    /// Counts of all rows.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// First and last instant; `None` where there is none.
    pub fn range(&self) -> Option<(Timestamp, Timestamp)> {
        self.range
    }

    fn widen(&mut self, first: Timestamp, last: Timestamp) {
        self.range = Some(match self.range {
            Some((start, end)) => (start.min(first), end.max(last)),
            None => (first, last),
        });
    }
}
