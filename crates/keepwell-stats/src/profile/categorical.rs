//! Profile of a categorical column.

use std::borrow::Cow;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::{Counts, MergeError, Mode};
use crate::sketch::Hash128;

/// Most categories that are kept in exact mode.
pub const CATEGORIES_EXACT_MAX: usize = 65_536;

/// Most categories that are kept in sketched mode.
pub const CATEGORIES_SKETCHED_MAX: usize = 1_024;

/// Longest name that is kept whole, in bytes.
pub const NAME_BYTES_MAX: usize = 256;

/// Most bytes of a longer name that are kept; the rest of [`NAME_BYTES_MAX`] is for length and hash.
const PREFIX_BYTES_MAX: usize = 184;

/// Largest sampling level: no hash of 64 bits has so many leading zeros.
pub(super) const LEVEL_MAX: u32 = 65;

/// Counts by category.
///
/// While there are few categories, each is kept with its exact count. With more than the limit of the mode
/// the profile keeps a sample: those whose hash begins with at least so many zero bits that they fit. The
/// hash depends on the name only, so the sample is the same for any order and any parts, each kept count is
/// exact, and a category that was dropped never returns. This is the adaptive sampling of Flajolet (1990),
/// Computing 43(4), 391–400.
///
/// A name longer than [`NAME_BYTES_MAX`] is kept as its beginning with its length and a hash of 128 bits.
///
/// # Cost
/// Time of a hash table per push; memory at most about 25 MB in exact and 0.4 MB in sketched mode.
#[derive(Debug, Clone, PartialEq)]
pub struct CategoricalProfile {
    pub(super) counts: Counts,
    pub(super) mode: Mode,
    /// Leading zero bits that the hash of a kept category has at least; zero means that all are kept.
    pub(super) level: u32,
    /// Rows by category; no count is zero.
    pub(super) categories: HashMap<Box<str>, u64, FixedState>,
}

impl CategoricalProfile {
    /// An empty profile.
    pub fn new(mode: Mode) -> Self {
        Self {
            counts: Counts::default(),
            mode,
            level: 0,
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
        let name = kept_name(category);
        match self.categories.get_mut(&*name) {
            Some(count) => *count += n,
            None if level(&name) >= self.level => {
                self.categories.insert(name.into(), n);
                self.drop_surplus();
            }
            None => {}
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
        if self.mode != other.mode {
            return Err(MergeError::Mode);
        }
        self.counts.merge(&other.counts);
        if other.level > self.level {
            self.raise_level(other.level);
        }
        for (name, n) in other.categories {
            if self.level == 0 || level(&name) >= self.level {
                *self.categories.entry(name).or_insert(0) += n;
                self.drop_surplus();
            }
        }
        Ok(())
    }

    fn drop_surplus(&mut self) {
        while self.categories.len() > categories_max(self.mode) {
            self.raise_level(self.level + 1);
        }
    }

    fn raise_level(&mut self, to: u32) {
        self.level = to;
        self.categories.retain(|name, _| level(name) >= to);
    }

    /// Counts of all rows.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Whether all categories are kept as long as there are no more than [`CATEGORIES_EXACT_MAX`].
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Rows that hold `category`; zero where it was never seen or is not kept.
    pub fn count(&self, category: &str) -> u64 {
        self.categories
            .get(&*kept_name(category))
            .copied()
            .unwrap_or(0)
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

    /// The `n` most frequent of the kept categories with their rows, of equally frequent ones the first by
    /// name.
    pub fn top(&self, n: usize) -> Vec<(&str, u64)> {
        let mut sorted = self.categories();
        sorted.sort_by_key(|&(_, rows)| std::cmp::Reverse(rows));
        sorted.truncate(n);
        sorted
    }

    /// Number of distinct categories; an estimate once [`CategoricalProfile::is_complete`] is false.
    pub fn distinct(&self) -> u64 {
        let scale = 2_f64.powi(self.level as i32);
        (self.categories.len() as f64 * scale) as u64
    }

    /// Standard error of [`CategoricalProfile::distinct`] as a share of it: zero while it is exact, about
    /// 3 to 5 % in sketched mode and 0.4 to 0.6 % in exact mode once there are too many categories.
    pub fn distinct_error(&self) -> f64 {
        let share = 0.5_f64.powi(self.level as i32);
        ((1.0 - share) / self.categories.len().max(1) as f64).sqrt()
    }

    /// Whether every category is kept with its exact count. If not, the column has more distinct
    /// values than a category column has (an identifier, free text), and categories are a sample.
    pub fn is_complete(&self) -> bool {
        self.level == 0
    }
}

/// Most categories that a profile of this mode keeps.
pub fn categories_max(mode: Mode) -> usize {
    match mode {
        Mode::Exact => CATEGORIES_EXACT_MAX,
        Mode::Sketched => CATEGORIES_SKETCHED_MAX,
    }
}

/// Level up to which a category stays in the sample.
pub(super) fn level(name: &str) -> u32 {
    Hash128::of(name.as_bytes()).first.leading_zeros()
}

/// The name under which a category is kept, at most [`NAME_BYTES_MAX`] bytes long.
pub fn kept_name(category: &str) -> Cow<'_, str> {
    if category.len() <= NAME_BYTES_MAX {
        return Cow::Borrowed(category);
    }
    let prefix = &category[..category.floor_char_boundary(PREFIX_BYTES_MAX)];
    let hash = Hash128::of(category.as_bytes());
    Cow::Owned(format!(
        "{prefix}… ({} bytes, {:016x}{:016x})",
        category.len(),
        hash.first,
        hash.second
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_categories_are_counted_exactly() {
        let mut profile = CategoricalProfile::new(Mode::Exact);
        profile.push("b", 2);
        profile.push("", 1);
        profile.push("a", 2);
        profile.push("a", 0);
        profile.push("c", 5);
        profile.push_nulls(4);
        assert_eq!(profile.counts().rows, 14);
        assert_eq!(profile.counts().empty, 1);
        assert_eq!(profile.counts().null, 4);
        assert_eq!(
            profile.categories(),
            [("", 1), ("a", 2), ("b", 2), ("c", 5)]
        );
        assert_eq!(profile.top(2), [("c", 5), ("a", 2)]);
        assert_eq!(profile.count("a"), 2);
        assert_eq!(profile.count("absent"), 0);
        assert_eq!(profile.distinct(), 4);
        assert_eq!(profile.distinct_error(), 0.0);
        assert!(profile.is_complete());
    }

    #[test]
    fn many_categories_become_a_sample() {
        for (mode, n) in [(Mode::Sketched, 50_000_u64), (Mode::Exact, 100_000)] {
            let mut profile = CategoricalProfile::new(mode);
            for round in 1..=2 {
                for i in 0..n {
                    profile.push(&format!("user-{i}"), round);
                }
            }
            assert!(!profile.is_complete());
            assert_eq!(profile.counts().rows, 3 * n);
            let kept = profile.categories();
            assert!(kept.len() <= categories_max(mode));
            assert!(kept.len() >= categories_max(mode) / 3, "{}", kept.len());
            assert!(kept.iter().all(|&(_, rows)| rows == 3), "counts are exact");
            let error = profile.distinct() as f64 / n as f64 - 1.0;
            assert!(
                error.abs() <= 4.0 * profile.distinct_error(),
                "{mode:?}: {error}"
            );
        }
    }

    #[test]
    fn limit_itself_is_complete() {
        let mut profile = CategoricalProfile::new(Mode::Sketched);
        for i in 0..CATEGORIES_SKETCHED_MAX {
            profile.push(&i.to_string(), 1);
        }
        assert!(profile.is_complete());
        assert_eq!(profile.distinct(), CATEGORIES_SKETCHED_MAX as u64);
        profile.push("one more", 1);
        assert!(!profile.is_complete());
    }

    #[test]
    fn long_names_are_bounded_and_stay_distinct() {
        let long = "é".repeat(5_000_000);
        let longer = format!("{long}x");
        let mut profile = CategoricalProfile::new(Mode::Exact);
        profile.push(&long, 1);
        profile.push(&longer, 2);
        profile.push(&long, 3);
        assert_eq!(profile.distinct(), 2);
        assert_eq!(profile.count(&long), 4);
        assert_eq!(profile.count(&longer), 2);
        for (name, _) in profile.categories() {
            assert!(name.len() <= NAME_BYTES_MAX);
            assert!(name.starts_with("éé") && name.contains("bytes"));
            assert_eq!(kept_name(name), name, "a kept name is kept as it is");
        }
        let largest = kept_name(&"z".repeat(300)).len() + 20;
        assert!(largest <= NAME_BYTES_MAX, "with room for any length");
    }

    #[test]
    fn modes_do_not_mix() {
        let mut exact = CategoricalProfile::new(Mode::Exact);
        assert_eq!(
            exact.merge(CategoricalProfile::new(Mode::Sketched)),
            Err(MergeError::Mode)
        );
    }
}
