//! Share of the catalogue that is recommended.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Reason;
use keepwell_core::params::Params;

use super::{Direction, K, Metric, Reading, UNIT, background, complete, k, reading};
use crate::profile::{OutcomeProfile, RankingOutcomes};

entry! {
    /// Share of the known items that are among the first `k` of some list.
    ///
    /// # Inputs
    /// The items at the top of each list, and the items of the earlier interactions that the outcomes were
    /// given: the catalogue. Recommended items outside the catalogue do not count. Of items with one score at
    /// the end of the first `k`, those with the lowest keys are taken.
    /// # Result
    /// One value in `[0, 1]`, no unit, higher is better. There is no interval: other users would have got other
    /// items, and these lists do not tell how many new ones.
    /// # Undefined
    /// `no_reference` without earlier interactions; `no_rows`; `no_scores` if no item has a score; `all_null` if
    /// no row has a query and an item; `not_applicable` on a sketched profile that had to drop queries.
    /// # Cost
    /// `O(n)` time for `n` items on sealed profiles, `O(n log n)` on others.
    /// # When to use, and when not
    /// Use it to see whether a recommender has narrowed to a part of the catalogue. Compare windows with about
    /// as many lists: it grows with their number whatever the model. One showing is as good as a thousand;
    /// the `gini` of `popularity_bias` sees how even they are.
    /// # Reference
    /// Herlocker, Konstan, Terveen and Riedl (2004), ACM Transactions on Information Systems 22(1), 5–53, section
    /// 4.4; the definition of Evidently 0.7, `Coverage`.
    /// ```python oracle
    /// shown = {item for query in listed for item in top(query, params)}
    /// {"": len(shown & set(popularity)) / len(popularity) if shown else None}
    /// ```
    pub struct ItemCoverage = "item_coverage" since "0.1" with [K];
}

impl Metric for ItemCoverage {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        UNIT
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        reading(outcomes, |outcomes| coverage(outcomes, k(params)))
    }
}

fn coverage(outcomes: &RankingOutcomes, k: usize) -> Result<Measure, Reason> {
    outcomes.listed()?;
    complete(outcomes)?;
    let background = background(outcomes)?;
    let mut shown: Vec<u64> = outcomes
        .queries()
        .flat_map(|query| query.top(k))
        .map(|item| item.item)
        .filter(|&item| background.popularity(item).is_some())
        .collect();
    shown.sort_unstable();
    shown.dedup();
    Ok(Measure::new(shown.len() as f64 / background.items() as f64))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_close, profile, recommended, value};
    use super::*;

    #[test]
    fn known_items_that_are_shown() {
        let outcomes = recommended(
            &["ab", "bz"],
            &[(1, 'a'), (1, 'b'), (2, 'c'), (2, 'b')],
            &[],
        );
        assert_close(value(&ItemCoverage, &outcomes, 10), 2.0 / 3.0);
        assert_close(value(&ItemCoverage, &outcomes, 1), 2.0 / 3.0);
        let bare = profile(&["10"]);
        assert_eq!(value(&ItemCoverage, &bare, 10), Err(Reason::NoReference));
    }
}
