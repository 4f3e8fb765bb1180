//! Share of relevant items at the top.

use keepwell_core::entry;
use keepwell_core::params::Params;

use super::{Direction, K, Metric, NO_RELEVANT, RELEVANCE_MIN, Reading, UNIT, mean_over_judged};
use crate::profile::OutcomeProfile;

entry! {
    /// Share of the first `k` items of a list that are relevant, averaged over queries.
    ///
    /// # Inputs
    /// The queries with an item of known relevance; items whose relevance is not known are not relevant.
    /// Items without a score are not in the list. A list shorter than `k` counts by its own length, an empty
    /// one as 0. Items with one score are taken in every order: the value is the mean over these orders.
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
    /// Use it where the user sees `k` items at once and their order matters little. A query with fewer than `k`
    /// relevant items cannot reach 1; `recall_at_k` and `ndcg_at_k` take that into account. Items that were never
    /// shown have no relevance in a log and count against a new model that would show them.
    /// # Reference
    /// Manning, Raghavan and Schütze (2008), Introduction to Information Retrieval, section 8.4; McSherry and
    /// Najork (2008), ECIR, 414–421, for equal scores.
    /// ```python oracle
    /// def value(order, n_relevant):
    ///     top = order[: params["k"]]
    ///     return sum(top) / len(top) if top else 0
    ///
    /// {"": mean_over_orders(queries, params, value)}
    /// ```
    pub struct PrecisionAtK = "precision_at_k" since "0.1" with [K, RELEVANCE_MIN, NO_RELEVANT];
}

impl Metric for PrecisionAtK {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        UNIT
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        mean_over_judged(outcomes, params, |judged| {
            Ok(judged.hits() / judged.shown().max(1) as f64)
        })
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Reason;

    use super::super::testing::{assert_close, profile, value};
    use super::*;

    #[test]
    fn lists_count_by_what_they_show() {
        let at = |list: &str, k| value(&PrecisionAtK, &profile(&[list]), k);
        assert_close(at("10110", 2), 0.5);
        assert_close(at("10110", 10), 0.6);
        assert_close(value(&PrecisionAtK, &profile(&["|1", "11"]), 10), 0.5);
        assert_close(at("0(100)", 2), 1.0 / 6.0);
        assert_eq!(at("|1", 10), Err(Reason::NoScores));
    }

    #[test]
    fn undefined_says_why() {
        for (lists, reason) in [
            (&[][..], Reason::NoRows),
            (&[".."], Reason::NoTargets),
            (&["00"], Reason::ZeroDenominator),
        ] {
            assert_eq!(value(&PrecisionAtK, &profile(lists), 3), Err(reason));
        }
    }
}
