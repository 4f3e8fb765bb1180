//! How different the items of a list are.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Reason;
use keepwell_core::params::Params;

use super::{Direction, K, Metric, Reading, Scale, VectorSum, k, mean, reading};
use crate::profile::{OutcomeProfile, RankingOutcomes};

/// Range of the cosine distance.
const DISTANCE: (f64, f64) = (0.0, 2.0);

entry! {
    /// Mean cosine distance between two of the first `k` items of a list, averaged over lists.
    ///
    /// # Inputs
    /// The items at the top of each list, and the vectors of items that the outcomes were given: features or
    /// embeddings. Items without a vector are left out, and lists with fewer than two items that have one. A
    /// vector of zeros is at distance 1 from every other. Of items with one score at the end of the first `k`,
    /// those with the lowest keys are taken.
    /// # Result
    /// One value in `[0, 2]`, no unit, higher is more diverse: 0 where all items point the same way, 1 where they
    /// have nothing in common. The interval is Student's over lists; with one list there is none.
    ///
    /// On a sketched profile that had to drop queries, `error_bound` is four standard errors of the sample.
    /// # Undefined
    /// `not_applicable` without vectors; `zero_denominator` if no list has two items with vectors; `no_rows`;
    /// `no_scores` if no item has a score; `all_null` if no row has a query and an item.
    /// # Cost
    /// `O(n d)` time for `n` items and `d` dimensions on sealed profiles.
    /// # When to use, and when not
    /// Use it beside a metric of relevance, to see whether lists become monotonous. It is only as good as the
    /// vectors: columns of different scales must be brought to one first. Do not compare values of different
    /// vectors. Evidently 0.7 documents this mean, but divides the sum over pairs by the length of the list, so
    /// its numbers are larger by half of the length minus one.
    /// # Reference
    /// Ziegler, McNee, Konstan and Lausen (2005), WWW, 22–32; the definition of Evidently 0.7, `DiversityMetric`.
    /// ```python oracle
    /// values = []
    /// for query in listed:
    ///     rows = [vectors[item] for item in top(query, params) if item in vectors]
    ///     if len(rows) > 1:
    ///         distances = sklearn.metrics.pairwise_distances(rows, metric="cosine")
    ///         values.append(np.mean(distances[np.triu_indices(len(rows), 1)]))
    /// {"": np.mean(values) if values else None}
    /// ```
    pub struct IntraListDiversity = "intra_list_diversity" since "0.1" with [K];
}

impl Metric for IntraListDiversity {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        DISTANCE
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        reading(outcomes, |outcomes| diversity(outcomes, k(params)))
    }
}

fn diversity(outcomes: &RankingOutcomes, k: usize) -> Result<Measure, Reason> {
    outcomes.listed()?;
    let background = outcomes.background().ok_or(Reason::NotApplicable)?;
    if background.vectors().len() == 0 {
        return Err(Reason::NotApplicable);
    }
    let mut values = Vec::new();
    for query in outcomes.queries() {
        let vectors = || {
            query
                .top(k)
                .iter()
                .filter_map(|item| background.vector(item.item))
        };
        let sum = VectorSum::of(vectors());
        if sum.n > 1 {
            // Both orders of each pair: the square of the sum without the squares.
            let squares: f64 = vectors().flatten().map(|x| x * x).sum();
            let pairs = (sum.n * (sum.n - 1)) as f64;
            let distance = 1.0 - (sum.cosines(&sum) - squares) / pairs;
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
    fn mean_over_pairs() {
        let vectors = [
            ('a', &[1.0, 0.0][..]),
            ('b', &[0.0, 2.0]),
            ('c', &[-3.0, 0.0]),
            ('d', &[0.0, 0.0]),
        ];
        let at =
            |lists: &[&str]| value(&IntraListDiversity, &recommended(lists, &[], &vectors), 10);
        // Distances 1, 2 and 1.
        assert_close(at(&["abc"]), 4.0 / 3.0);
        assert_close(at(&["aa", "ad", "az"]), 1.0);
        assert_eq!(at(&["az"]), Err(Reason::ZeroDenominator));
        let bare = recommended(&["ab"], &[(1, 'a')], &[]);
        assert_eq!(
            value(&IntraListDiversity, &bare, 10),
            Err(Reason::NotApplicable)
        );
    }
}
