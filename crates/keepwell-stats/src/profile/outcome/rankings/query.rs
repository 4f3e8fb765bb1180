//! The list of one query.

use super::RankedItem;

/// One query: its list in order, and what else is known to be relevant to it.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// Those of the list first, by descending score and ascending item; never empty.
    items: &'a [RankedItem],
    n_ranked: usize,
}

/// Neighbours in a list that have one score, so that their order among themselves is chance.
#[derive(Debug, Clone, Copy)]
pub struct TieGroup<'a> {
    /// Number of items before the group.
    pub before: usize,
    /// The items of the group; never empty.
    pub items: &'a [RankedItem],
}

impl<'a> Query<'a> {
    pub(super) fn new(items: &'a [RankedItem]) -> Self {
        Self {
            items,
            n_ranked: items.partition_point(|item| item.score().is_some()),
        }
    }

    /// Key of the query.
    pub fn key(&self) -> u64 {
        self.items[0].query
    }

    /// All its items, those of the list first.
    pub fn items(&self) -> &'a [RankedItem] {
        self.items
    }

    /// The list, best first.
    pub fn ranked(&self) -> &'a [RankedItem] {
        &self.items[..self.n_ranked]
    }

    /// The first `k` of the list, or all of a shorter one; of items with one score at the end those with the
    /// lowest keys.
    pub fn top(&self, k: usize) -> &'a [RankedItem] {
        &self.items[..self.n_ranked.min(k)]
    }

    /// Whether the relevance of some item is known. Then others count as not relevant.
    pub fn is_judged(&self) -> bool {
        self.items.iter().any(|item| item.relevance().is_some())
    }

    /// Items with a relevance of at least `relevance_min`, those outside the list included.
    pub fn relevant(&self, relevance_min: f64) -> usize {
        relevant(self.items, relevance_min)
    }

    /// The groups of equal scores that reach into the first `k` of the list.
    pub fn groups(&self, k: usize) -> impl Iterator<Item = TieGroup<'a>> {
        let mut before = 0;
        self.ranked()
            .chunk_by(|left, right| left.score == right.score)
            .map(move |items| {
                let group = TieGroup { before, items };
                before += items.len();
                group
            })
            .take_while(move |group| group.before < k)
    }
}

impl TieGroup<'_> {
    /// How many of the first `k` places the group takes.
    pub fn places(&self, k: usize) -> usize {
        self.items.len().min(k.saturating_sub(self.before))
    }

    /// Items with a relevance of at least `relevance_min`.
    pub fn relevant(&self, relevance_min: f64) -> usize {
        relevant(self.items, relevance_min)
    }
}

fn relevant(items: &[RankedItem], relevance_min: f64) -> usize {
    items
        .iter()
        .filter(|item| item.relevance >= relevance_min)
        .count()
}
