//! How much lists favour what is popular.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;

use super::{Direction, K, Metric, Reading, Scale, background, complete, k, mean};
use crate::profile::{OutcomeProfile, RankingOutcomes};

entry! {
    /// How popular the first `k` items of a list were before, and how unevenly the lists use the items.
    ///
    /// # Inputs
    /// The items at the top of each list and, for the average, the earlier interactions that the outcomes were
    /// given. Of items with one score at the end of the first `k`, those with the lowest keys are taken.
    /// # Result
    /// Two values, labelled `statistic`, neither good nor bad.
    ///
    /// `average`: in `[0, inf)` users, the average recommendation popularity: the number of earlier users of an
    /// item, averaged over the known items of a list and over lists. The interval is Student's over lists, on the
    /// scale of the logarithm; with one list there is none.
    ///
    /// `gini`: in `[0, 1]`, no unit, the Gini index of how often each recommended item is shown: 0 if all are
    /// shown equally often, 1 if one has nearly all. Items that are never shown do not count; see
    /// `item_coverage`. No interval.
    ///
    /// On a sketched profile that had to drop queries, the `error_bound` of the average is four standard errors
    /// of the sample.
    /// # Undefined
    /// `average`: `no_reference` without earlier interactions, `zero_denominator` if no recommended item is known.
    /// `gini`: `constant` if only one item is shown, `not_applicable` on a sketched profile that had to drop
    /// queries. Both: `no_rows`; `no_scores` if no item has a score; `all_null` if no row has a query and an item.
    /// # Cost
    /// `O(n log n)` time for `n` items.
    /// # When to use, and when not
    /// Use it to see whether a recommender feeds on its own success: lists show what is popular, which becomes
    /// more popular by being shown. Compare the average only between windows with the same earlier interactions:
    /// it has their size. Compare `gini` between windows with about as many lists.
    /// # Reference
    /// Abdollahpouri, Mansoury, Burke, Mobasher and Malthouse (2021), UMAP, 119–129; the definitions of Evidently
    /// 0.7, `PopularityBias`.
    /// ```python oracle
    /// def known(query):
    ///     return [popularity[item] for item in top(query, params) if item in popularity]
    ///
    /// means = [np.mean(known(query)) for query in listed if known(query)]
    /// shown = Counter(item for query in listed for item in top(query, params))
    /// counts, n = np.sort(list(shown.values())), len(shown)
    /// {
    ///     "statistic=average": np.mean(means) if means else None,
    ///     "statistic=gini": np.sum((2 * np.arange(1, n + 1) - n - 1) * counts) / ((n - 1) * counts.sum()) if n > 1 else None,
    /// }
    /// ```
    pub struct PopularityBias = "popularity_bias" since "0.1" with [K];
}

impl Metric for PopularityBias {
    fn direction(&self) -> Direction {
        Direction::Neutral
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        let Some(outcomes) = outcomes.rankings() else {
            return Vec::new();
        };
        let (outcomes, k) = (outcomes.sealed(), k(params));
        let statistic = |name: &str, outcome: Outcome<Measure>| Reading {
            class: None,
            labels: vec![("statistic", name.to_owned())],
            outcome,
        };
        vec![
            statistic("average", average(&outcomes, k).into()),
            statistic("gini", gini(&outcomes, k).into()),
        ]
    }
}

fn average(outcomes: &RankingOutcomes, k: usize) -> Result<Measure, Reason> {
    outcomes.listed()?;
    let background = background(outcomes)?;
    let mut values = Vec::new();
    for query in outcomes.queries() {
        let known = query.top(k).iter();
        let (n, users) = known
            .filter_map(|item| background.popularity(item.item))
            .fold((0_u64, 0_u64), |(n, sum), users| {
                (n + 1, sum.saturating_add(users))
            });
        if n > 0 {
            values.push(users as f64 / n as f64);
        }
    }
    mean(outcomes, &values, Scale::Positive)
}

fn gini(outcomes: &RankingOutcomes, k: usize) -> Result<Measure, Reason> {
    outcomes.listed()?;
    complete(outcomes)?;
    let mut shown: HashMap<u64, u64, FixedState> = HashMap::default();
    for query in outcomes.queries() {
        for item in query.top(k) {
            *shown.entry(item.item).or_insert(0) += 1;
        }
    }
    if shown.len() < 2 {
        return Err(Reason::Constant);
    }
    let mut counts: Vec<u64> = shown.into_values().collect();
    counts.sort_unstable();
    let n = counts.len() as f64;
    let total: u64 = counts.iter().sum();
    let weighted: f64 = counts
        .iter()
        .enumerate()
        .map(|(idx, &count)| (2.0 * (idx as f64 + 1.0) - n - 1.0) * count as f64)
        .sum();
    let value = weighted / ((n - 1.0) * total as f64);
    Ok(Measure::new(value.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_close, profile, recommended, value};
    use super::*;

    fn gini_of(lists: &[&str]) -> Result<f64, Reason> {
        gini(&recommended(lists, &[], &[]).sealed(), 10).map(|measure| measure.value)
    }

    #[test]
    fn average_is_over_known_items_and_lists() {
        let known = [(1, 'a'), (2, 'a'), (3, 'a'), (1, 'b')];
        let outcomes = recommended(&["abz", "b", "z"], &known, &[]);
        assert_close(value(&PopularityBias, &outcomes, 10), 1.5);
        let bare = value(&PopularityBias, &profile(&["10"]), 10);
        assert_eq!(bare, Err(Reason::NoReference));
    }

    #[test]
    fn gini_is_zero_for_even_and_high_for_uneven_use() {
        assert_close(gini_of(&["ab", "ba"]), 0.0);
        // Shown 1, 1 and 4 times: (-2·1 + 0·1 + 2·4) / (2·6).
        assert_close(gini_of(&["ab", "ac", "a", "a"]), 0.5);
        assert_eq!(gini_of(&["a", "a"]), Err(Reason::Constant));
    }
}
