//! Harmonic mean of precision and recall at the top.

use keepwell_core::entry;
use keepwell_core::params::Params;

use super::{Direction, K, Metric, NO_RELEVANT, RELEVANCE_MIN, Reading, UNIT, mean_over_judged};
use crate::profile::OutcomeProfile;

entry! {
    /// Harmonic mean of precision and recall of the first `k` items of a list, averaged over queries.
    ///
    /// # Inputs
    /// The queries with an item of known relevance; items whose relevance is not known are not relevant.
    /// Items without a score are not in the list, but are among the relevant ones. A list shorter than `k`
    /// counts by its own length. Items with one score are taken in every order: the value is the mean over
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
    /// Use it where one number must stand for both `precision_at_k` and `recall_at_k`. It does not see the order
    /// within the first `k`, and its best value depends on how many items are relevant: prefer `ndcg_at_k`.
    /// It is a mean of harmonic means; the harmonic mean of the two means, which Evidently 0.7 shows, is another
    /// number.
    /// # Reference
    /// van Rijsbergen (1979), Information Retrieval, chapter 7; McSherry and Najork (2008), ECIR, 414–421, for
    /// equal scores.
    /// ```python oracle
    /// def value(order, n_relevant):
    ///     top = order[: params["k"]]
    ///     precision, recall = sum(top) / max(len(top), 1), sum(top) / n_relevant
    ///     return 2 * precision * recall / (precision + recall) if sum(top) else 0
    ///
    /// {"": mean_over_orders(queries, params, value)}
    /// ```
    pub struct F1AtK = "f1_at_k" since "0.1" with [K, RELEVANCE_MIN, NO_RELEVANT];
}

impl Metric for F1AtK {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        UNIT
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        mean_over_judged(outcomes, params, |judged| {
            Ok(2.0 * judged.hits() / (judged.shown() + judged.relevant) as f64)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_close, profile, value};
    use super::*;

    #[test]
    fn harmonic_mean_of_precision_and_recall() {
        // Precision 1/2 and recall 1/3.
        assert_close(value(&F1AtK, &profile(&["10110"]), 2), 0.4);
        assert_close(value(&F1AtK, &profile(&["00|1"]), 2), 0.0);
    }
}
