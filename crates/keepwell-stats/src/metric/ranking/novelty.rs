//! How rare recommended items are.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Reason;
use keepwell_core::params::Params;

use super::{Direction, K, Metric, Reading, Scale, background, k, mean, reading};
use crate::profile::{OutcomeProfile, RankingOutcomes};

entry! {
    /// Mean information of the first `k` items of a list: how few users had them before.
    ///
    /// # Inputs
    /// The items at the top of each list, and the earlier interactions that the outcomes were given. The
    /// information of an item is minus the logarithm to base 2 of the share of earlier users who interacted with
    /// it; items that nobody did are left out, and lists of none but such. Of items with one score at the end of
    /// the first `k`, those with the lowest keys are taken.
    /// # Result
    /// One value in `[0, inf)` bits, the mean over lists of the mean over their items: 0 if everybody knows
    /// everything that is shown, 1 more for each halving of the users who do. Neither good nor bad. The interval
    /// is Student's over lists, on the scale of the logarithm; with one list there is none.
    ///
    /// On a sketched profile that had to drop queries, `error_bound` is four standard errors of the sample.
    /// # Undefined
    /// `no_reference` without earlier interactions; `zero_denominator` if no recommended item is known; `no_rows`;
    /// `no_scores` if no item has a score; `all_null` if no row has a query and an item.
    /// # Cost
    /// `O(n)` time for `n` items on sealed profiles, `O(n log n)` on others.
    /// # When to use, and when not
    /// Use it beside a metric of relevance, to see whether a recommender drifts towards what everybody knows, or
    /// away from it. Do not maximise it: random items are novel and useless.
    /// # Reference
    /// Castells, Vargas and Wang (2011), Novelty and Diversity Metrics for Recommender Systems, DDR workshop at
    /// ECIR; the definition of Evidently 0.7, `NoveltyMetric`.
    /// ```python oracle
    /// def value(query):
    ///     return [-np.log2(popularity[item] / n_users) for item in top(query, params) if item in popularity]
    ///
    /// values = [np.mean(value(query)) for query in listed if value(query)]
    /// {"": np.mean(values) if values else None}
    /// ```
    pub struct Novelty = "novelty" since "0.1" with [K];
}

impl Metric for Novelty {
    fn direction(&self) -> Direction {
        Direction::Neutral
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        reading(outcomes, |outcomes| novelty(outcomes, k(params)))
    }
}

fn novelty(outcomes: &RankingOutcomes, k: usize) -> Result<Measure, Reason> {
    outcomes.listed()?;
    let background = background(outcomes)?;
    let n_users = background.users() as f64;
    let mut values = Vec::new();
    for query in outcomes.queries() {
        let (mut sum, mut n) = (0.0, 0);
        for item in query.top(k) {
            if let Some(users) = background.popularity(item.item) {
                sum += (n_users / users as f64).log2();
                n += 1;
            }
        }
        if n > 0 {
            values.push(sum / f64::from(n));
        }
    }
    mean(outcomes, &values, Scale::Positive)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_close, recommended, value};
    use super::*;

    #[test]
    fn one_bit_for_each_halving() {
        // Of four users all had a, two had b, one had c.
        let known = [
            (1, 'a'),
            (2, 'a'),
            (3, 'a'),
            (4, 'a'),
            (1, 'b'),
            (2, 'b'),
            (1, 'c'),
        ];
        let outcomes = recommended(&["ab", "cz", "z"], &known, &[]);
        assert_close(value(&Novelty, &outcomes, 10), (0.5 + 2.0) / 2.0);
        let unknown = recommended(&["z"], &known, &[]);
        assert_eq!(value(&Novelty, &unknown, 10), Err(Reason::ZeroDenominator));
    }
}
