//! Share of lists with something relevant at the top.

use keepwell_core::entry;
use keepwell_core::params::Params;

use super::{
    Direction, Judged, K, Metric, NO_RELEVANT, RELEVANCE_MIN, Reading, UNIT, mean_over_judged,
};
use crate::profile::OutcomeProfile;

entry! {
    /// Share of the queries with a relevant item among the first `k` of their list.
    ///
    /// # Inputs
    /// The queries with an item of known relevance; items whose relevance is not known are not relevant.
    /// Items without a score are not in the list, but are among the relevant ones. Items with one score are
    /// taken in every order: the value is the mean over these orders.
    /// # Result
    /// One value in `[0, 1]`, no unit, higher is better. The interval is that of Wilson with the variance
    /// between the queries and Student's quantile; with one query there is none.
    ///
    /// On a sketched profile that had to drop queries, `error_bound` is four standard errors of the sample.
    /// # Undefined
    /// `zero_denominator` if no query has a relevant item; `no_rows`; `no_targets` if no relevance is known;
    /// `no_scores` if no item has a score; `all_null` if no row has a query and an item.
    /// # Cost
    /// `O(n)` time for `n` items on sealed profiles, `O(n log n)` on others.
    /// # When to use, and when not
    /// Use it where one good item is all that the user needs, as in navigation, and because everybody
    /// understands it. It does not see how far up the item is (`mrr` does) nor whether there is a second one. It
    /// grows with `k` whatever the model.
    /// # Reference
    /// Deshpande and Karypis (2004), ACM Transactions on Information Systems 22(1), 143–177; McSherry and Najork
    /// (2008), ECIR, 414–421, for equal scores.
    /// ```python oracle
    /// {"": mean_over_orders(queries, params, lambda order, n_relevant: float(any(order[: params["k"]])))}
    /// ```
    pub struct HitRate = "hit_rate" since "0.1" with [K, RELEVANCE_MIN, NO_RELEVANT];
}

impl Metric for HitRate {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        UNIT
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        mean_over_judged(outcomes, params, |judged| Ok(hit(judged)))
    }
}

/// Probability that the first `k` hold something relevant.
fn hit(judged: &Judged<'_>) -> f64 {
    for group in judged.query.groups(judged.k) {
        let (n, relevant) = (group.items.len(), group.relevant(judged.relevance_min));
        if relevant > 0 {
            // None of the places of the group goes to a relevant item: draws without replacement.
            let misses = (0..group.places(judged.k))
                .map(|place| n.saturating_sub(relevant + place) as f64 / (n - place) as f64);
            return 1.0 - misses.product::<f64>();
        }
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_close, profile, value};
    use super::*;

    #[test]
    fn one_relevant_item_is_enough() {
        let at = |list: &str, k| value(&HitRate, &profile(&[list]), k);
        assert_close(at("0011", 2), 0.0);
        assert_close(at("0011", 3), 1.0);
        assert_close(at("0(0011)", 2), 0.5);
        // Both places of three miss the one relevant item with probability 1/3.
        assert_close(at("(001)", 2), 2.0 / 3.0);
        assert_close(at("(111)", 2), 1.0);
        assert_close(at("0|1", 2), 0.0);
    }
}
