//! How different the lists of users are.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Reason;
use keepwell_core::params::Params;

use super::{Direction, K, Metric, Reading, UNIT, k, reading, sampled};
use crate::interval;
use crate::profile::outcome::rankings::RankedItem;
use crate::profile::{OutcomeProfile, RankingOutcomes};

entry! {
    /// One minus the mean overlap of the first `k` items of two users.
    ///
    /// # Inputs
    /// The items at the top of each list. The overlap of two lists is the number of items in both, over the root
    /// of the product of their lengths: the cosine of the two sets. Of items with one score at the end of the
    /// first `k`, those with the lowest keys are taken.
    /// # Result
    /// One value in `[0, 1]`, no unit, higher is more personal: 0 if everybody gets the same items, 1 if no two
    /// users share any. The interval is Student's with the variance that leaving out one list at a time shows
    /// (jackknife); with two lists there is none.
    ///
    /// On a sketched profile that had to drop queries, `error_bound` is four standard errors of the sample.
    /// # Undefined
    /// `too_few_rows` below two lists; `no_rows`; `no_scores` if no item has a score; `all_null` if no row has a
    /// query and an item.
    /// # Cost
    /// `O(n)` time for `n` items on sealed profiles, however many pairs of users there are.
    /// # When to use, and when not
    /// Use it to see whether a recommender still tells users apart: a fault that gives everybody the same
    /// fallback list brings it to 0 at once. It does not say whether the lists are good; random ones are very
    /// personal. It falls with a larger `k` in a small catalogue whatever the model.
    /// # Reference
    /// Zhou et al. (2010), PNAS 107(10), 4511–4515; the definition of Evidently 0.7, `PersonalizationMetric`, whose
    /// lists all have the length `k`; Arvesen (1969), Annals of Mathematical Statistics 40(6), 2076–2100, for the
    /// interval.
    /// ```python oracle
    /// lists = [set(top(query, params)) for query in listed]
    /// overlaps = [
    ///     len(lists[i] & lists[j]) / math.sqrt(len(lists[i]) * len(lists[j]))
    ///     for i in range(len(lists))
    ///     for j in range(i)
    /// ]
    /// {"": 1 - np.mean(overlaps) if overlaps else None}
    /// ```
    pub struct Personalization = "personalization" since "0.1" with [K];
}

impl Metric for Personalization {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        UNIT
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        reading(outcomes, |outcomes| personalization(outcomes, k(params)))
    }
}

fn personalization(outcomes: &RankingOutcomes, k: usize) -> Result<Measure, Reason> {
    outcomes.listed()?;
    let lists: Vec<&[RankedItem]> = outcomes
        .queries()
        .map(|query| query.top(k))
        .filter(|list| !list.is_empty())
        .collect();
    let n = lists.len() as f64;
    if lists.len() < 2 {
        return Err(Reason::TooFewRows {
            needed: 2,
            found: lists.len() as u64,
        });
    }
    // A list gives each of its items one over the root of its length, so that products are cosines.
    let weight = |list: &[RankedItem]| 1.0 / (list.len() as f64).sqrt();
    let mut totals: HashMap<u64, f64, FixedState> = HashMap::default();
    for list in &lists {
        for item in *list {
            *totals.entry(item.item).or_insert(0.0) += weight(list);
        }
    }
    // Mean overlap of each list with all others.
    let overlaps: Vec<f64> = lists
        .iter()
        .map(|list| {
            let all: f64 = list.iter().filter_map(|item| totals.get(&item.item)).sum();
            ((weight(list) * all - 1.0) / (n - 1.0)).clamp(0.0, 1.0)
        })
        .collect();
    let overlap = overlaps.iter().sum::<f64>() / n;
    let value = (1.0 - overlap).clamp(0.0, 1.0);
    if lists.len() < 3 {
        return Ok(sampled(outcomes, Measure::new(value)));
    }
    let squares: f64 = overlaps.iter().map(|own| (own - overlap).powi(2)).sum();
    let standard_error = ((n - 1.0) / n * squares).sqrt() * 2.0 / (n - 2.0);
    let half = interval::t_quantile(lists.len() as u64 - 1) * standard_error;
    let measure = Measure::new(value)
        .with_interval((value - half).max(0.0), (value + half).min(1.0))
        .with_standard_error(standard_error);
    Ok(sampled(outcomes, measure))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_close, outcome, recommended, value};
    use super::*;

    #[test]
    fn overlap_of_every_pair() {
        let at = |lists: &[&str], k| value(&Personalization, &recommended(lists, &[], &[]), k);
        assert_close(at(&["ab", "ba"], 10), 0.0);
        assert_close(at(&["ab", "cd"], 10), 1.0);
        // Overlaps 1/2, 0 and 1/√2.
        assert_close(
            at(&["ab", "bc", "c"], 10),
            1.0 - (0.5 + 0.5_f64.sqrt()) / 3.0,
        );
        assert_close(at(&["ab", "ac"], 1), 0.0);
        let single = Reason::TooFewRows {
            needed: 2,
            found: 1,
        };
        assert_eq!(at(&["ab"], 10), Err(single));
    }

    #[test]
    fn standard_error_is_that_of_leaving_out_one() {
        let lists = ["ab", "bc", "cd", "ad", "ab"];
        let measure = |lists: &[&str]| {
            let outcomes = recommended(lists, &[], &[]);
            outcome(&Personalization, &outcomes, 10)
                .into_result()
                .expect("defined")
        };
        let without: Vec<f64> = (0..5)
            .map(|left_out| {
                let mut rest = lists.to_vec();
                rest.remove(left_out);
                measure(&rest).value
            })
            .collect();
        let mean = without.iter().sum::<f64>() / 5.0;
        let squares: f64 = without.iter().map(|value| (value - mean).powi(2)).sum();
        let expected = (4.0 / 5.0 * squares).sqrt();
        let found = measure(&lists).standard_error.expect("five lists");
        assert!((found - expected).abs() < 1e-14, "{found} {expected}");
    }
}
