//! Items in the order that was predicted, against their relevance.

pub mod background;

pub mod query;

use std::borrow::Cow;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashSet;
use keepwell_core::outcome::Reason;

use super::super::{MergeError, Mode};
use crate::sketch::{Hash128, hash};

pub use background::Background;
pub use query::{Query, TieGroup};

/// Most rows that a sketched profile keeps, unless one query has more: 2 MiB.
pub(crate) const ROWS_KEPT_MAX: usize = 1 << 16;

/// Most halvings of the sample of queries.
pub(crate) const LEVEL_MAX: u32 = 63;

/// Stands for a score or a relevance that is not known.
pub(crate) const UNKNOWN: f64 = f64::NEG_INFINITY;

/// One item of the answer to one query, or of what would have been relevant to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankedItem {
    /// Key of the query or user; see [`key`].
    pub query: u64,
    /// Key of the item.
    pub item: u64,
    /// The higher, the earlier in the list; finite, or [`None`] through [`RankedItem::score`].
    pub(crate) score: f64,
    /// Likewise, through [`RankedItem::relevance`].
    pub(crate) relevance: f64,
}

impl RankedItem {
    /// An item. `score` orders the list, the highest first; for ranks take their negative. Without one the item
    /// is not in the list: something relevant that was not shown. `relevance` is `None` where not known. Numbers
    /// that are not finite count as `None`.
    pub fn new(query: u64, item: u64, score: Option<f64>, relevance: Option<f64>) -> Self {
        let known = |value: Option<f64>| match value {
            // Adding zero turns negative zero into zero and nothing else.
            Some(value) if value.is_finite() => value + 0.0,
            _ => UNKNOWN,
        };
        Self {
            query,
            item,
            score: known(score),
            relevance: known(relevance),
        }
    }

    /// Where the item stands in the list, the highest first; `None` where it is not in the list.
    pub fn score(&self) -> Option<f64> {
        (self.score != UNKNOWN).then_some(self.score)
    }

    /// How relevant it is; `None` where not known.
    pub fn relevance(&self) -> Option<f64> {
        (self.relevance != UNKNOWN).then_some(self.relevance)
    }
}

/// The key of a query or an item from its canonical name.
pub fn key(name: &str) -> u64 {
    Hash128::of(name.as_bytes()).first
}

/// Lists of items by query, with their relevance.
///
/// Rows of one query may come in any order and in any parts; of rows with the same query and item the highest
/// score and the highest relevance count. In exact mode all rows are kept, 32 bytes each. In sketched mode a
/// sample of whole queries is kept, chosen by the hash of their keys, so that parts keep the same ones.
#[derive(Debug, Clone)]
pub struct RankingOutcomes {
    pub(crate) mode: Mode,
    /// Sorted as [`RankingOutcomes::seal`] says if `is_sealed`.
    pub(crate) items: Vec<RankedItem>,
    is_sealed: bool,
    pub(crate) rows: u64,
    pub(crate) incomplete: u64,
    /// One of `2^level` queries is kept.
    pub(crate) level: u32,
    pub(crate) background: Option<Arc<Background>>,
}

impl RankingOutcomes {
    /// An empty profile.
    pub fn new(mode: Mode) -> Self {
        Self {
            mode,
            items: Vec::new(),
            is_sealed: true,
            rows: 0,
            incomplete: 0,
            level: 0,
            background: None,
        }
    }

    /// Adds what was known before these lists were made: who had what, and how items are alike. Replaces what
    /// was there.
    #[must_use]
    pub fn with_background(mut self, background: Arc<Background>) -> Self {
        self.background = Some(background);
        self
    }

    /// What was known before; see [`RankingOutcomes::with_background`].
    pub fn background(&self) -> Option<&Background> {
        self.background.as_deref()
    }

    /// Takes one row.
    pub fn push(&mut self, item: RankedItem) {
        self.extend_from_slice(&[item]);
    }

    /// Takes many rows.
    pub fn extend_from_slice(&mut self, items: &[RankedItem]) {
        self.rows += items.len() as u64;
        if items.is_empty() {
            return;
        }
        self.is_sealed = false;
        // A part at a time, so that a sketch does not hold all rows for a moment.
        for part in items.chunks(ROWS_KEPT_MAX) {
            let level = self.level;
            self.items
                .extend(part.iter().filter(|item| is_kept(item.query, level)));
            self.shrink();
        }
    }

    /// Counts rows of which query or item is null.
    pub fn push_incomplete(&mut self, n: u64) {
        self.rows += n;
        self.incomplete += n;
    }

    /// Drops queries until what is left fits.
    fn shrink(&mut self) {
        while self.mode == Mode::Sketched
            && self.items.len() > ROWS_KEPT_MAX
            && self.level < LEVEL_MAX
        {
            let first = self.items[0].query;
            if self.items.iter().all(|item| item.query == first) {
                return;
            }
            self.thin(self.level + 1);
        }
    }

    fn thin(&mut self, level: u32) {
        self.level = level;
        self.items.retain(|item| is_kept(item.query, level));
    }

    /// Adds another part. One without a background takes that of the other.
    ///
    /// # Errors
    /// If one is exact and the other sketched, or if their backgrounds differ.
    pub fn merge(&mut self, other: Self) -> Result<(), MergeError> {
        if self.mode != other.mode {
            return Err(MergeError::Mode);
        }
        match (&self.background, &other.background) {
            (Some(own), Some(others)) if own != others => return Err(MergeError::Config),
            (None, Some(others)) => self.background = Some(Arc::clone(others)),
            _ => {}
        }
        self.rows += other.rows;
        self.incomplete += other.incomplete;
        if other.level > self.level {
            self.thin(other.level);
        }
        if !other.items.is_empty() {
            self.is_sealed = self.items.is_empty() && other.is_sealed && other.level >= self.level;
            let level = self.level;
            let others = other.items.into_iter();
            self.items
                .extend(others.filter(|item| is_kept(item.query, level)));
            self.shrink();
        }
        Ok(())
    }

    /// Prepares for evaluation: brings rows of a query together, the list first, by descending score and
    /// ascending item, and leaves one of those with the same item.
    pub fn seal(&mut self) {
        if self.is_sealed {
            return;
        }
        self.items
            .sort_unstable_by_key(|item| (item.query, item.item));
        self.items.dedup_by(|later, kept| {
            let is_same = (later.query, later.item) == (kept.query, kept.item);
            if is_same {
                kept.score = kept.score.max(later.score);
                kept.relevance = kept.relevance.max(later.relevance);
            }
            is_same
        });
        for query in self
            .items
            .chunk_by_mut(|left, right| left.query == right.query)
        {
            query.sort_unstable_by(|left, right| {
                let by_score = right.score.total_cmp(&left.score);
                by_score.then(left.item.cmp(&right.item))
            });
        }
        self.is_sealed = true;
    }

    /// This profile sealed; cheap where it is.
    pub fn sealed(&self) -> Cow<'_, Self> {
        if self.is_sealed {
            return Cow::Borrowed(self);
        }
        let mut sealed = self.clone();
        sealed.seal();
        Cow::Owned(sealed)
    }

    /// The kept queries, ascending by key. Rows that are not yet sealed make queries of their own: call it on
    /// what [`RankingOutcomes::sealed`] gives.
    pub fn queries(&self) -> impl Iterator<Item = Query<'_>> {
        self.items
            .chunk_by(|left, right| left.query == right.query)
            .map(Query::new)
    }

    /// How much is kept.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Share of the queries that are kept: one but for sketched profiles that had to drop some.
    pub fn kept(&self) -> f64 {
        0.5_f64.powi(self.level as i32)
    }

    /// Rows as they came, those without a query or an item included.
    pub fn items(&self) -> u64 {
        self.rows
    }

    /// Rows of which query or item is null.
    pub fn incomplete(&self) -> u64 {
        self.incomplete
    }

    /// Number of queries; estimated where some were dropped.
    pub fn rows(&self) -> u64 {
        self.count(|_| true)
    }

    /// Number of queries with an item of known relevance; estimated where some were dropped.
    pub fn targets(&self) -> u64 {
        self.count(|item| item.relevance().is_some())
    }

    fn count(&self, is_counted: impl Fn(&RankedItem) -> bool) -> u64 {
        let counted = self.items.iter().filter(|item| is_counted(item));
        let queries: HashSet<u64, FixedState> = counted.map(|item| item.query).collect();
        (queries.len() as u64).saturating_mul(1_u64 << self.level)
    }

    /// Whether there is a list.
    ///
    /// # Errors
    /// `NoRows`, `AllNull` if no row has a query and an item, `NoScores` if no row has a score.
    pub fn listed(&self) -> Result<(), Reason> {
        if self.rows == 0 {
            Err(Reason::NoRows)
        } else if self.items.is_empty() {
            Err(Reason::AllNull)
        } else if self.items.iter().all(|item| item.score().is_none()) {
            Err(Reason::NoScores)
        } else {
            Ok(())
        }
    }

    /// Whether there is a list and an item of known relevance.
    ///
    /// # Errors
    /// As [`RankingOutcomes::listed`], and `NoTargets` if the relevance of no item is known.
    pub fn judged(&self) -> Result<(), Reason> {
        if self.rows > 0 && self.items.iter().all(|item| item.relevance().is_none()) {
            return Err(Reason::NoTargets);
        }
        self.listed()
    }

    /// A sealed profile from its parts, for the codec. The caller vouches for order and level.
    pub(crate) fn from_items(mode: Mode, level: u32, items: Vec<RankedItem>) -> Self {
        Self {
            items,
            level,
            ..Self::new(mode)
        }
    }
}

/// Equal content, whatever the order in which rows came.
impl PartialEq for RankingOutcomes {
    fn eq(&self, other: &Self) -> bool {
        let parts = |outcomes: &Self| {
            (
                outcomes.mode,
                outcomes.rows,
                outcomes.incomplete,
                outcomes.level,
            )
        };
        parts(self) == parts(other)
            && self.background == other.background
            && self.sealed().items == other.sealed().items
    }
}

/// Whether a query belongs to the sample of one in `2^level`.
pub(crate) fn is_kept(query: u64, level: u32) -> bool {
    hash::finish(query).trailing_zeros() >= level
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(query: u64, item: u64, score: f64, relevance: f64) -> RankedItem {
        RankedItem::new(query, item, Some(score), Some(relevance))
    }

    #[test]
    fn lists_are_ordered_and_items_stand_once() {
        let mut outcomes = RankingOutcomes::new(Mode::Exact);
        outcomes.extend_from_slice(&[
            item(2, 7, 0.5, 0.0),
            item(1, 9, f64::NAN, 1.0),
            item(1, 5, 0.1, 0.0),
            item(1, 6, 0.3, 1.0),
            item(1, 4, 0.3, 0.0),
            item(1, 5, 0.2, -1.0),
        ]);
        outcomes.push_incomplete(2);
        assert_eq!(
            (outcomes.rows(), outcomes.items(), outcomes.incomplete()),
            (2, 8, 2)
        );
        let sealed = outcomes.sealed();
        let first = sealed.queries().next().expect("two queries");
        let keys: Vec<u64> = first.ranked().iter().map(|item| item.item).collect();
        assert_eq!(keys, [4, 6, 5]);
        assert_eq!(first.ranked()[2].score(), Some(0.2));
        assert_eq!(first.ranked()[2].relevance(), Some(0.0));
        assert_eq!(first.items().len(), 4);
        assert_eq!(sealed.queries().count(), 2);
    }

    #[test]
    fn reasons_say_what_is_absent() {
        let with = |items: &[RankedItem], incomplete| {
            let mut outcomes = RankingOutcomes::new(Mode::Exact);
            outcomes.extend_from_slice(items);
            outcomes.push_incomplete(incomplete);
            (outcomes.listed().err(), outcomes.judged().err())
        };
        let (unjudged, unranked) = (
            RankedItem::new(1, 1, Some(0.5), None),
            RankedItem::new(1, 1, None, Some(1.0)),
        );
        assert_eq!(with(&[], 0), (Some(Reason::NoRows), Some(Reason::NoRows)));
        assert_eq!(with(&[], 3).0, Some(Reason::AllNull));
        assert_eq!(with(&[unjudged], 0), (None, Some(Reason::NoTargets)));
        assert_eq!(
            with(&[unranked], 0),
            (Some(Reason::NoScores), Some(Reason::NoScores))
        );
    }

    #[test]
    fn samples_hold_whole_queries_and_the_same_in_every_part() {
        let rows: Vec<RankedItem> = (0..40_000_u64)
            .flat_map(|query| (0..8).map(move |idx| item(query, idx, idx as f64, 0.0)))
            .collect();
        let mut whole = RankingOutcomes::new(Mode::Sketched);
        whole.extend_from_slice(&rows);
        assert!(whole.items.len() <= ROWS_KEPT_MAX && whole.kept() <= 0.25);
        assert!(
            whole
                .sealed()
                .queries()
                .all(|query| query.items().len() == 8)
        );
        let estimate = whole.rows() as f64 / 40_000.0;
        assert!((estimate - 1.0).abs() < 0.05, "{estimate}");
        let mut merged = RankingOutcomes::new(Mode::Sketched);
        for part in rows.chunks(70_001).rev() {
            let mut outcomes = RankingOutcomes::new(Mode::Sketched);
            outcomes.extend_from_slice(part);
            outcomes.seal();
            merged.merge(outcomes).expect("one mode");
        }
        assert_eq!(merged, whole);
    }

    #[test]
    fn one_long_list_is_kept() {
        let rows: Vec<RankedItem> = (0..ROWS_KEPT_MAX as u64 + 9)
            .map(|idx| item(3, idx, 0.0, 0.0))
            .collect();
        let mut outcomes = RankingOutcomes::new(Mode::Sketched);
        outcomes.extend_from_slice(&rows);
        assert_eq!((outcomes.items.len(), outcomes.rows()), (rows.len(), 1));
    }

    #[test]
    fn backgrounds_that_differ_do_not_mix() {
        let with = |items: &[(u64, u64)]| {
            let background = Background::new(items.to_vec(), []);
            RankingOutcomes::new(Mode::Exact).with_background(Arc::new(background))
        };
        let mut own = with(&[(1, 2)]);
        assert_eq!(own.merge(with(&[(1, 3)])), Err(MergeError::Config));
        assert_eq!(own.merge(with(&[(1, 2)])), Ok(()));
        let mut bare = RankingOutcomes::new(Mode::Exact);
        bare.merge(own).expect("one has none");
        assert_eq!(bare.background().map(Background::users), Some(1));
    }
}
