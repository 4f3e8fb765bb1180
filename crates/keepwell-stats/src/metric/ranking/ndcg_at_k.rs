//! Normalised discounted cumulative gain.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::outcome::Reason;
use keepwell_core::params::{Domain, Parameter, Params};

use super::{
    Direction, Judged, K, Metric, NO_RELEVANT, RELEVANCE_MIN, Reading, UNIT, mean_over_judged,
};
use crate::profile::OutcomeProfile;

entry! {
    /// Gain of the first `k` items of a list, discounted by the logarithm of their position, over the greatest
    /// that any order could have; averaged over queries.
    ///
    /// # Inputs
    /// The queries with an item of known relevance. The gain of an item is its relevance, or `2^relevance - 1`
    /// for `gain = exponential`, divided by the logarithm to base 2 of its position plus one; a relevance that
    /// is negative or not known gains nothing. Items without a score are not in the list, but belong to the best
    /// order. Items with one score are taken in every order: each gains their mean.
    /// # Result
    /// One value in `[0, 1]`, no unit, higher is better. The interval is that of Wilson with the variance
    /// between the queries and Student's quantile; with one query there is none.
    ///
    /// On a sketched profile that had to drop queries, `error_bound` is four standard errors of the sample.
    /// # Undefined
    /// `zero_denominator` if no query has a relevant item, that is one of at least `relevance_min`; `non_finite`
    /// if a gain is beyond the range of a 64-bit float; `no_rows`; `no_targets` if no relevance is known;
    /// `no_scores` if no item has a score; `all_null` if no row has a query and an item.
    /// # Cost
    /// `O(n log n)` time for `n` items.
    /// # When to use, and when not
    /// Use it as the first metric of a ranking: it takes grades of relevance, sees the order, and can reach 1 for
    /// each query. It says little where nearly all items are relevant, since every order is then good, and where
    /// a query has one item. scikit-learn averages 0 for queries without relevant items; here they are left out
    /// unless asked for.
    /// # Reference
    /// Järvelin and Kekäläinen (2002), ACM Transactions on Information Systems 20(4), 422–446; Burges et al.
    /// (2005), ICML, 89–96, for the exponential gain; McSherry and Najork (2008), ECIR, 414–421, for equal scores.
    /// ```python oracle
    /// def gain(relevance):
    ///     return max(relevance, 0.0) if params["gain"] == "linear" else 2.0 ** max(relevance, 0.0) - 1
    ///
    /// def discounted(gains, scores):
    ///     # One item more, without gain and last, because scikit-learn wants at least two.
    ///     return sklearn.metrics.dcg_score([[*gains, 0]], [[*scores, min(scores) - 1]], k=params["k"])
    ///
    /// def value(query):
    ///     every = [gain(relevance) for relevance in query.relevances]
    ///     ranked = [gain(relevance) for relevance in query.ranked]
    ///     if len(ranked) == len(every) > 1:
    ///         return sklearn.metrics.ndcg_score([ranked], [query.scores], k=params["k"])
    ///     return discounted(ranked, query.scores) / discounted(every, every) if ranked else 0
    ///
    /// {"": mean_over_judged(queries, params, value)}
    /// ```
    pub struct NdcgAtK = "ndcg_at_k" since "0.1" with [
        K,
        RELEVANCE_MIN,
        NO_RELEVANT,
        Parameter {
            name: "gain",
            doc: "Gain of an item: `linear` for its relevance, as in scikit-learn; `exponential` for two to its power, minus one, as in Burges et al. (2005).",
            domain: Domain::Choice {
                default: "linear",
                of: &["linear", "exponential"],
            },
        },
    ];
}

impl Metric for NdcgAtK {
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
        let gain = match params.choice("gain").as_str() {
            "exponential" => |relevance: f64| relevance.exp2() - 1.0,
            _ => |relevance: f64| relevance,
        };
        mean_over_judged(outcomes, params, |judged| ndcg(judged, gain))
    }
}

fn ndcg(judged: &Judged<'_>, gain: impl Fn(f64) -> f64) -> Result<f64, Reason> {
    let gain = |relevance: Option<f64>| gain(relevance.unwrap_or(0.0).max(0.0));
    let items = judged.query.items();
    let mut best: Vec<f64> = items.iter().map(|item| gain(item.relevance())).collect();
    best.sort_unstable_by(|left, right| right.total_cmp(left));
    let ideal: f64 = best
        .iter()
        .take(judged.k)
        .enumerate()
        .map(|(place, gain)| gain * discount(place))
        .sum();
    if !ideal.is_finite() {
        return Err(Reason::NonFinite);
    }
    let mut found = 0.0;
    for group in judged.query.groups(judged.k) {
        let total: f64 = group.items.iter().map(|item| gain(item.relevance())).sum();
        let places = group.before..group.before + group.places(judged.k);
        let discounts: f64 = places.map(discount).sum();
        found += total / group.items.len() as f64 * discounts;
    }
    Ok((found / ideal).min(1.0))
}

/// Weight of a place, counted from zero.
fn discount(place: usize) -> f64 {
    1.0 / (place as f64 + 2.0).log2()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_close, profile, value};
    use super::*;

    #[test]
    fn gain_over_the_best_order() {
        let at = |list: &str, k| value(&NdcgAtK, &profile(&[list]), k);
        let second = 1.0 / 3.0_f64.log2();
        assert_close(at("21", 10), 1.0);
        assert_close(at("12", 10), (1.0 + 2.0 * second) / (2.0 + second));
        assert_close(at("(12)", 10), (1.5 + 1.5 * second) / (2.0 + second));
        assert_close(at("01", 1), 0.0);
        assert_close(at("1|3", 1), 1.0 / 3.0);
        assert_close(at("1.", 10), 1.0);
    }

    #[test]
    fn gains_out_of_reach_are_said_so() {
        use crate::profile::outcome::rankings::RankedItem;
        let mut outcomes = profile(&[]);
        for item in 0..3 {
            outcomes.push(RankedItem::new(0, item, Some(0.0), Some(1e308)));
        }
        assert_eq!(value(&NdcgAtK, &outcomes, 10), Err(Reason::NonFinite));
    }
}
