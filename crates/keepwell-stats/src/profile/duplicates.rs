//! How often rows, or identifiers, occur more than once.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::sketch::Hash128;

/// Most keys that a profile keeps where nothing else is said.
pub const KEYS_MAX: usize = 1 << 16;

/// Rows and distinct ones among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DistinctCount {
    /// Rows that were counted.
    pub rows: u64,
    /// Distinct rows among them, never more than `rows`.
    pub distinct: u64,
}

impl DistinctCount {
    /// Rows that repeat another one.
    pub fn copies(&self) -> u64 {
        self.rows.saturating_sub(self.distinct)
    }
}

/// Counts of keys (whole rows, or identifiers) by their hash.
///
/// Up to 65,536 distinct keys, or as many as were allowed, it is exact. Beyond that it keeps the keys whose hash begins with enough zero
/// bits, each with its exact count: a fair sample of the distinct keys, the same in whatever order and
/// parts they came.
#[derive(Debug, Clone)]
pub struct DuplicateProfile {
    rows: u64,
    keys_max: usize,
    /// Leading zero bits that the hash of a kept key has at least.
    level: u32,
    keys: HashMap<(u64, u64), u64, FixedState>,
}

impl Default for DuplicateProfile {
    fn default() -> Self {
        Self::keeping(KEYS_MAX)
    }
}

impl PartialEq for DuplicateProfile {
    fn eq(&self, other: &Self) -> bool {
        (self.rows, self.level) == (other.rows, other.level) && self.keys == other.keys
    }
}

impl DuplicateProfile {
    /// One that keeps at most `keys_max` keys. Only those that keep as many merge to what the whole would give.
    pub fn keeping(keys_max: usize) -> Self {
        Self {
            rows: 0,
            keys_max,
            level: 0,
            keys: HashMap::with_hasher(FixedState::with_seed(0)),
        }
    }

    /// Takes a row by the hash of its key.
    pub fn push(&mut self, key: Hash128) {
        self.rows += 1;
        self.add((key.first, key.second), 1);
    }

    /// Adds another part.
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        if other.level > self.level {
            self.raise(other.level);
        }
        for (&key, &count) in &other.keys {
            self.add(key, count);
        }
    }

    /// Rows that were taken.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows and distinct rows: all of them, or those of the sample of keys.
    pub fn count(&self) -> DistinctCount {
        DistinctCount {
            rows: self.keys.values().sum(),
            distinct: self.keys.len() as u64,
        }
    }

    /// Whether every key is kept.
    pub fn is_complete(&self) -> bool {
        self.level == 0
    }

    fn add(&mut self, key: (u64, u64), count: u64) {
        if key.0.leading_zeros() < self.level {
            return;
        }
        *self.keys.entry(key).or_insert(0) += count;
        while self.keys.len() > self.keys_max && self.level < u64::BITS {
            self.raise(self.level + 1);
        }
    }

    fn raise(&mut self, level: u32) {
        self.level = level;
        self.keys.retain(|key, _| key.0.leading_zeros() >= level);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: u64) -> Hash128 {
        Hash128::of(&id.to_le_bytes())
    }

    fn profile(ids: impl Iterator<Item = u64>) -> DuplicateProfile {
        let mut profile = DuplicateProfile::default();
        ids.for_each(|id| profile.push(key(id)));
        profile
    }

    #[test]
    fn few_keys_are_counted_exactly() {
        let found = profile([1, 2, 2, 3, 3, 3].into_iter());
        let expected = DistinctCount {
            rows: 6,
            distinct: 3,
        };
        assert_eq!(found.count(), expected);
        assert_eq!(expected.copies(), 3);
        assert!(found.is_complete());
    }

    #[test]
    fn many_keys_become_a_fair_sample() {
        // Every fiftieth row is sent twice.
        let ids = || (0..400_000_u64).chain((0..400_000).step_by(50));
        let whole = profile(ids());
        assert!(!whole.is_complete());
        assert_eq!(whole.rows(), 408_000);
        let count = whole.count();
        assert!(count.distinct <= KEYS_MAX as u64 && count.distinct > 20_000);
        let share = count.copies() as f64 / count.rows as f64;
        assert!((share * 51.0 - 1.0).abs() < 0.15, "{share}");
        let mut few = DuplicateProfile::keeping(1_000);
        ids().for_each(|id| few.push(key(id)));
        assert!((300..=1_000).contains(&few.count().distinct));
        let mut parts = profile(ids().skip(150_000));
        parts.merge(&profile(ids().take(150_000)));
        assert_eq!(parts, whole);
    }
}
