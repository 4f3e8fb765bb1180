//! Profile of a boolean column.

use super::Counts;

/// Counts of true, false and null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BooleanProfile {
    pub(super) counts: Counts,
    pub(super) n_true: u64,
}

impl BooleanProfile {
    /// Takes rows: how many are true, false and null.
    pub fn push(&mut self, n_true: u64, n_false: u64, n_null: u64) {
        self.n_true += n_true;
        self.counts.null += n_null;
        self.counts.rows += n_true + n_false + n_null;
    }

    /// Adds another part.
    pub fn merge(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
        self.n_true += other.n_true;
    }

    /// Counts of all rows.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Rows that are true.
    pub fn n_true(&self) -> u64 {
        self.n_true
    }

    /// Rows that are false.
    pub fn n_false(&self) -> u64 {
        self.counts.present() - self.n_true
    }
}
