//! Mean average precision.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::{
    Direction, Judged, K, Metric, NO_RELEVANT, RELEVANCE_MIN, Reading, UNIT, mean_over_judged,
};
use crate::profile::OutcomeProfile;

entry! {
    /// Precision at the position of each relevant item among the first `k`, averaged over the relevant items
    /// and over queries.
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
    /// Use it where all relevant items matter and early ones more. Texts differ in what they divide by: all
    /// relevant items, as trec_eval and Evidently 0.7 do (the default), or at most `k` of them, as on Kaggle, which
    /// lets a perfect list reach 1. Compare only numbers of one kind. It knows relevant and not; for grades use
    /// `ndcg_at_k`.
    /// # Reference
    /// Manning, Raghavan and Schütze (2008), Introduction to Information Retrieval, section 8.4; McSherry and
    /// Najork (2008), ECIR, 414–421, for equal scores.
    /// ```python oracle
    /// def value(order, n_relevant):
    ///     top = np.array(order[: params["k"]], float)
    ///     precision = np.cumsum(top) / np.arange(1, len(top) + 1)
    ///     most = n_relevant if params["denominator"] == "relevant" else min(n_relevant, params["k"])
    ///     return np.sum(precision * top) / most
    ///
    /// {"": mean_over_orders(queries, params, value)}
    /// ```
    pub struct MapAtK = "map_at_k" since "0.1" with [
        K,
        RELEVANCE_MIN,
        NO_RELEVANT,
        Parameter {
            name: "denominator",
            doc: "What the sum of precisions of a query is divided by: `relevant` for the number of its relevant items, as in trec_eval; `at_most_k` for this number or `k`, whichever is less.",
            domain: Domain::Choice {
                default: "relevant",
                of: &["relevant", "at_most_k"],
            },
        },
    ];
}

impl Metric for MapAtK {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        UNIT
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        let is_cut = params.choice("denominator") == "at_most_k";
        mean_over_judged(outcomes, params, |judged| {
            let most = if is_cut {
                judged.relevant.min(judged.k)
            } else {
                judged.relevant
            };
            Ok(precisions(judged) / most as f64)
        })
    }
}

/// Sum of the precisions at the positions of relevant items among the first `k`.
fn precisions(judged: &Judged<'_>) -> f64 {
    let (mut sum, mut relevant_before) = (0.0, 0);
    for group in judged.query.groups(judged.k) {
        let (n, relevant) = (group.items.len(), group.relevant(judged.relevance_min));
        if relevant > 0 {
            let share = relevant as f64 / n as f64;
            // Of the others of the group, how many are expected to be relevant, by place before this one.
            let others = (relevant - 1) as f64 / (n - 1).max(1) as f64;
            for place in 0..group.places(judged.k) {
                let expected = (relevant_before + 1) as f64 + place as f64 * others;
                sum += share * expected / (group.before + place + 1) as f64;
            }
        }
        relevant_before += relevant;
    }
    sum
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_core::params::ParamValue;

    use super::super::testing::{assert_close, profile, value};
    use super::*;

    #[test]
    fn precision_at_each_relevant_item() {
        let at = |list: &str, k| value(&MapAtK, &profile(&[list]), k);
        assert_close(at("1010", 10), (1.0 + 2.0 / 3.0) / 2.0);
        assert_close(at("1010|1", 2), 1.0 / 3.0);
        // Both orders of the tie: 1 and 1/2.
        assert_close(at("(10)", 10), 0.75);
        // Orders 011, 101, 110 of two relevant ones.
        let orders = [(0.5 + 2.0 / 3.0), (1.0 + 2.0 / 3.0), 2.0];
        assert_close(at("(011)", 10), orders.iter().sum::<f64>() / 6.0);
    }

    #[test]
    fn a_perfect_short_list_reaches_one_if_asked() {
        let mut params = Params::defaults(MapAtK.parameters());
        params.set("k", ParamValue::Integer(2)).expect("in range");
        params
            .set("denominator", ParamValue::Text("at_most_k".to_owned()))
            .expect("known");
        let readings = MapAtK.evaluate(&profile(&["11|1"]).into(), &params);
        let measure = readings[0].outcome.defined().expect("defined");
        assert_eq!(measure.value, 1.0);
    }
}
