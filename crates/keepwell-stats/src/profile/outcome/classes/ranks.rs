//! Ranks of targets among scores.

/// Rows of a model of more than two classes by the rank of their target among the scores of the row.
///
/// The highest score has rank 0. Of equal scores that of the later class is higher, as scikit-learn's
/// `top_k_accuracy_score` breaks ties. A model with one score column has no ranks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetRanks {
    /// By rank; last the rows whose target has no score column. Empty for fewer than two scored classes.
    counts: Vec<u64>,
}

impl TargetRanks {
    /// No rows, for so many scored classes.
    pub(crate) fn new(n_classes: usize) -> Self {
        Self {
            counts: if n_classes < 2 {
                Vec::new()
            } else {
                vec![0; n_classes + 1]
            },
        }
    }

    /// Ranks from their counts, in the order of [`TargetRanks::counts`].
    pub(crate) fn from_counts(counts: Vec<u64>) -> Self {
        Self { counts }
    }

    /// Takes a row: the index of its target, which may be beyond the scores, and its finite scores.
    pub(crate) fn push(&mut self, target: usize, scores: &[f64]) {
        self.push_rows(target, scores, 1);
    }

    /// Takes so many equal rows.
    pub(crate) fn push_rows(&mut self, target: usize, scores: &[f64], rows: u64) {
        if self.counts.is_empty() {
            return;
        }
        let rank = match scores.get(target) {
            Some(&own) => {
                let is_higher =
                    |(idx, &score): (usize, &f64)| score > own || (score == own && idx > target);
                scores
                    .iter()
                    .enumerate()
                    .filter(|&each| is_higher(each))
                    .count()
            }
            None => scores.len(),
        };
        if let Some(count) = self.counts.get_mut(rank) {
            *count += rows;
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (own, other) in self.counts.iter_mut().zip(&other.counts) {
            *own += other;
        }
    }

    /// Whether both are of so many classes.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.counts.len() == other.counts.len()
    }

    /// Rows by rank, the highest score first; last those whose target has no score column. Empty for a
    /// model with fewer than two score columns.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// All rows.
    pub fn n(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Rows whose target has one of the `k` highest scores.
    pub fn within(&self, k: usize) -> u64 {
        let scored = self
            .counts
            .split_last()
            .map_or(&[][..], |(_, scored)| scored);
        scored.iter().take(k).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_of_equal_scores_is_higher_and_a_class_without_score_is_never_found() {
        let mut ranks = TargetRanks::new(3);
        ranks.push(0, &[0.4, 0.4, 0.2]);
        ranks.push(1, &[0.4, 0.4, 0.2]);
        ranks.push(2, &[0.4, 0.4, 0.2]);
        ranks.push(7, &[0.4, 0.4, 0.2]);
        assert_eq!(ranks.counts(), [1, 1, 1, 1]);
        assert_eq!([0, 1, 2, 3, 9].map(|k| ranks.within(k)), [0, 1, 2, 3, 3]);
        assert_eq!(ranks.n(), 4);
    }

    #[test]
    fn one_score_has_no_rank() {
        let mut ranks = TargetRanks::new(1);
        ranks.push(0, &[0.4]);
        assert_eq!((ranks.n(), ranks.within(1)), (0, 0));
    }
}
