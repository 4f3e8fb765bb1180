//! Profile of a categorical column.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::{Counts, MergeError, Mode};

/// Counts by category.
#[derive(Debug, Clone, PartialEq)]
pub struct CategoricalProfile {
    counts: Counts,
    categories: HashMap<Box<str>, u64, FixedState>,
}

impl CategoricalProfile {
    /// An empty profile.
    pub fn new(mode: Mode) -> Self {
        let _ = mode;
        Self {
            counts: Counts::default(),
            categories: HashMap::with_hasher(FixedState::with_seed(0)),
        }
    }

    /// Takes `n` rows that hold `category`.
    pub fn push(&mut self, category: &str, n: u64) {
        if n == 0 {
            return;
        }
        self.counts.rows += n;
        if category.is_empty() {
            self.counts.empty += n;
        }
        match self.categories.get_mut(category) {
            Some(count) => *count += n,
            None => {
                self.categories.insert(category.into(), n);
            }
        }
    }

    /// Takes `n` rows that hold null.
    pub fn push_nulls(&mut self, n: u64) {
        self.counts.rows += n;
        self.counts.null += n;
    }

    /// Adds another part.
    ///
    /// # Errors
    /// If one is exact and the other sketched.
    pub fn merge(&mut self, other: Self) -> Result<(), MergeError> {
        self.counts.merge(&other.counts);
        for (category, n) in other.categories {
            *self.categories.entry(category).or_insert(0) += n;
        }
        Ok(())
    }

    /// Counts of all rows.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Rows that hold `category`; zero where it was never seen.
    pub fn count(&self, category: &str) -> u64 {
        self.categories.get(category).copied().unwrap_or(0)
    }

    /// Every kept category with its rows, in ascending order of the name.
    pub fn categories(&self) -> Vec<(&str, u64)> {
        let mut sorted: Vec<(&str, u64)> = self
            .categories
            .iter()
            .map(|(category, &n)| (&**category, n))
            .collect();
        sorted.sort_unstable();
        sorted
    }

    /// Number of distinct categories; an estimate once [`CategoricalProfile::is_complete`] is false.
    pub fn distinct(&self) -> u64 {
        self.categories.len() as u64
    }

    /// Whether every category is kept with its exact count. If not, the column has more distinct
    /// values than a category column has (an identifier, free text), and categories are a sample.
    pub fn is_complete(&self) -> bool {
        true
    }
}
