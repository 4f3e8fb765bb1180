//! Share of the relevant items that are at the top.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::params::Params;

use super::{Direction, K, Metric, NO_RELEVANT, RELEVANCE_MIN, Reading, UNIT, mean_over_judged};
use crate::profile::OutcomeProfile;

entry! {
    /// Share of the items relevant to a query that are among the first `k` of its list, averaged over queries.
    ///
    /// # Inputs
    /// The queries with an item of known relevance; items whose relevance is not known are not relevant.
    /// Items without a score are not in the list, but are among the relevant ones: give what the user chose
    /// although it was not shown. Items with one score are taken in every order: the value is the mean over
    /// these orders.
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
    /// Use it for the first stage of a search, which must not lose what later stages could still order. It does
    /// not see the order within the first `k`. With more than `k` relevant items it cannot reach 1. Where only
    /// shown items are logged, it is 1 for every list of at most `k`: use it only if relevant items outside the
    /// list are known.
    /// # Reference
    /// Manning, Raghavan and Schütze (2008), Introduction to Information Retrieval, section 8.4; McSherry and
    /// Najork (2008), ECIR, 414–421, for equal scores.
    /// ```python oracle
    /// {"": mean_over_orders(queries, params, lambda order, n_relevant: sum(order[: params["k"]]) / n_relevant)}
    /// ```
    pub struct RecallAtK = "recall_at_k" since "0.1" with [K, RELEVANCE_MIN, NO_RELEVANT];
}

impl Metric for RecallAtK {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        UNIT
    }

    fn standing(&self) -> Standing {
        Standing::Decided
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        mean_over_judged(outcomes, params, |judged| {
            Ok(judged.hits() / judged.relevant as f64)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_close, profile, value};
    use super::*;

    #[test]
    fn relevant_items_outside_the_list_count() {
        let at = |list: &str, k| value(&RecallAtK, &profile(&[list]), k);
        assert_close(at("10110", 2), 1.0 / 3.0);
        assert_close(at("10110|11", 10), 0.6);
        assert_close(at("(0101)", 1), 0.25);
    }
}
