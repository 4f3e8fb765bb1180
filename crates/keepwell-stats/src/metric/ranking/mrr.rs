//! How far up the first relevant item is.

use keepwell_core::entry;
use keepwell_core::params::Params;

use super::{
    Direction, Judged, K, Metric, NO_RELEVANT, RELEVANCE_MIN, Reading, UNIT, mean_over_judged,
};
use crate::profile::OutcomeProfile;

entry! {
    /// Mean reciprocal rank: one over the position of the first relevant item, averaged over queries.
    ///
    /// # Inputs
    /// The queries with an item of known relevance; items whose relevance is not known are not relevant.
    /// A relevant item beyond the first `k`, or without a score, counts as 0. Items with one score are taken in
    /// every order: the value is the mean over these orders.
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
    /// Use it where the user takes the first good answer and looks no further, as in question answering. It does
    /// not see anything behind that answer. Position 2 instead of 1 costs a half, position 10 instead of 9 almost
    /// nothing; `ndcg_at_k` is gentler.
    /// # Reference
    /// Voorhees (1999), The TREC-8 Question Answering Track Report; McSherry and Najork (2008), ECIR, 414–421,
    /// for equal scores.
    /// ```python oracle
    /// def value(order, n_relevant):
    ///     top = list(order[: params["k"]])
    ///     return 1 / (top.index(1) + 1) if 1 in top else 0
    ///
    /// {"": mean_over_orders(queries, params, value)}
    /// ```
    pub struct Mrr = "mrr" since "0.1" with [K, RELEVANCE_MIN, NO_RELEVANT];
}

impl Metric for Mrr {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        UNIT
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        mean_over_judged(outcomes, params, |judged| Ok(reciprocal_rank(judged)))
    }
}

fn reciprocal_rank(judged: &Judged<'_>) -> f64 {
    for group in judged.query.groups(judged.k) {
        let (n, relevant) = (group.items.len(), group.relevant(judged.relevance_min));
        if relevant == 0 {
            continue;
        }
        let (mut value, mut is_open) = (0.0, 1.0);
        for place in 0..group.places(judged.k) {
            let is_first = relevant as f64 / (n - place) as f64;
            value += is_open * is_first.min(1.0) / (group.before + place + 1) as f64;
            is_open *= (1.0 - is_first).max(0.0);
        }
        return value;
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_close, profile, value};
    use super::*;

    #[test]
    fn first_relevant_item_counts() {
        let at = |list: &str, k| value(&Mrr, &profile(&[list]), k);
        assert_close(at("0011", 10), 1.0 / 3.0);
        assert_close(at("0011", 2), 0.0);
        // First of three with probability 1/3 each, at positions 2, 3 and 4.
        assert_close(at("0(001)", 10), (1.0 / 2.0 + 1.0 / 3.0 + 1.0 / 4.0) / 3.0);
        assert_close(at("(011)", 10), 2.0 / 3.0 + 1.0 / 6.0);
        assert_close(at("(011)", 1), 2.0 / 3.0);
    }
}
