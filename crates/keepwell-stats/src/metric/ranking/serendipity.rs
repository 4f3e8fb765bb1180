//! How surprising the relevant recommendations are.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Reason;
use keepwell_core::params::Params;

use super::{
    Direction, K, Metric, RELEVANCE_MIN, Reading, Scale, VectorSum, background, k, mean, reading,
};
use crate::profile::{OutcomeProfile, RankingOutcomes};

/// Range of the cosine distance.
const DISTANCE: (f64, f64) = (0.0, 2.0);

entry! {
    /// Mean cosine distance between the relevant ones of the first `k` items and what the user had before,
    /// averaged over users.
    ///
    /// # Inputs
    /// The relevant items at the top of each list, the earlier interactions of the same user, and the vectors of
    /// items, both of which the outcomes were given. Items without a vector are left out, and users without a
    /// relevant recommendation or without a history. A vector of zeros is at distance 1 from every other. Of
    /// items with one score at the end of the first `k`, those with the lowest keys are taken.
    /// # Result
    /// One value in `[0, 2]`, no unit, higher is more surprising: 0 if what hits is more of the same, 1 if it has
    /// nothing in common with it. The interval is Student's over users; with one there is none.
    ///
    /// On a sketched profile that had to drop queries, `error_bound` is four standard errors of the sample.
    /// # Undefined
    /// `no_reference` without earlier interactions; `not_applicable` without vectors; `zero_denominator` if no
    /// user has both a relevant recommendation and a history; `no_rows`; `no_targets` if no relevance is known;
    /// `no_scores` if no item has a score; `all_null` if no row has a query and an item.
    /// # Cost
    /// `O((n + h) d)` time for `n` items, `h` earlier interactions and `d` dimensions on sealed profiles.
    /// # When to use, and when not
    /// Use it to see whether a recommender still opens new fields to its users with success. It does not say how
    /// often that happens: a single surprising hit counts as much as many; read it beside `recall_at_k`.
    /// Evidently 0.7 documents this mean, but takes one minus the sum of similarities; both agree for users with
    /// one relevant recommendation.
    /// # Reference
    /// Zhang, Ó Séaghdha, Quercia and Jambor (2012), Auralist, WSDM, 13–22; the definition of Evidently 0.7,
    /// `SerendipityMetric`.
    /// ```python oracle
    /// values = []
    /// for query in listed:
    ///     hits = [item for item in top(query, params) if query.relevance[item] >= params["relevance_min"]]
    ///     rows = [vectors[item] for item in hits if item in vectors]
    ///     before = [vectors[item] for item in history.get(query.id, []) if item in vectors]
    ///     if rows and before:
    ///         values.append(np.mean(sklearn.metrics.pairwise_distances(rows, before, metric="cosine")))
    /// {"": np.mean(values) if values else None}
    /// ```
    pub struct Serendipity = "serendipity" since "0.1" with [K, RELEVANCE_MIN];
}

impl Metric for Serendipity {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        DISTANCE
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        let relevance_min = params.float(RELEVANCE_MIN.name);
        reading(outcomes, |outcomes| {
            serendipity(outcomes, k(params), relevance_min)
        })
    }
}

fn serendipity(
    outcomes: &RankingOutcomes,
    k: usize,
    relevance_min: f64,
) -> Result<Measure, Reason> {
    outcomes.judged()?;
    let background = background(outcomes)?;
    if background.vectors().len() == 0 {
        return Err(Reason::NotApplicable);
    }
    let mut values = Vec::new();
    for query in outcomes.queries() {
        let hits = query.top(k).iter().filter(|item| {
            item.relevance()
                .is_some_and(|relevance| relevance >= relevance_min)
        });
        let hits = VectorSum::of(hits.filter_map(|item| background.vector(item.item)));
        if hits.n == 0 {
            continue;
        }
        let history = background.history(query.key());
        let history = VectorSum::of(history.filter_map(|item| background.vector(item)));
        if history.n > 0 {
            let pairs = (hits.n * history.n) as f64;
            let distance = 1.0 - hits.cosines(&history) / pairs;
            values.push(distance.clamp(DISTANCE.0, DISTANCE.1));
        }
    }
    mean(outcomes, &values, Scale::Symmetric(DISTANCE.0, DISTANCE.1))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_close, recommended, value};
    use super::*;

    #[test]
    fn distance_of_hits_from_the_history() {
        let vectors = [
            ('a', &[1.0, 0.0][..]),
            ('b', &[0.0, 2.0]),
            ('c', &[-3.0, 0.0]),
        ];
        let known = [(0, 'a'), (1, 'a'), (1, 'b')];
        let at = |lists: &[&str]| value(&Serendipity, &recommended(lists, &known, &vectors), 10);
        // User 0 had a: c is at distance 2, b at 1; what is not relevant does not count.
        assert_close(at(&["CBa"]), 1.5);
        // User 1 had a and b: b is at distances 1 and 0.
        assert_close(at(&["C", "B"]), (2.0 + 0.5) / 2.0);
        assert_eq!(at(&["abc"]), Err(Reason::ZeroDenominator));
        let bare = recommended(&["A"], &[], &vectors);
        assert_eq!(value(&Serendipity, &bare, 10), Err(Reason::NoReference));
    }
}
