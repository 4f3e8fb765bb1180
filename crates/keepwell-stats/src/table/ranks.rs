//! Ranks of the values of a sample, and what follows from them.

/// Values by rank: centred middle ranks as shares of the rows, so that they lie in `(-1/2, 1/2)`.
pub(super) struct Ranks {
    /// One a row.
    ranks: Vec<f64>,
    /// Rows in ascending order of their value.
    order: Vec<usize>,
    /// Mean of the squares of the ranks.
    square: f64,
}

impl Ranks {
    /// The ranks of values without NaN; equal ones share their mean rank.
    pub(super) fn of(values: &[f64]) -> Self {
        Self::ordered(values, order(values))
    }

    /// As `Ranks::of`, where the rows are known in ascending order of their value.
    pub(super) fn ordered(values: &[f64], order: Vec<usize>) -> Self {
        let n = values.len() as f64;
        let mut ranks = vec![0.0; values.len()];
        let mut start = 0;
        for ties in order.chunk_by(|&left, &right| values[left] == values[right]) {
            let end = start + ties.len();
            let rank = ((start + end) as f64 / n - 1.0) / 2.0;
            ties.iter().for_each(|&row| ranks[row] = rank);
            start = end;
        }
        let square = ranks.iter().map(|rank| rank * rank).sum::<f64>() / n;
        Self {
            ranks,
            order,
            square,
        }
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.ranks.len()
    }

    /// Whether all values are equal.
    pub(super) fn is_constant(&self) -> bool {
        self.square <= 0.0
    }

    /// The mean over all rows with a value at or above that of each row, ties by half, of the rank that
    /// another variable has there.
    fn means_above(&self, other: &Self) -> Vec<f64> {
        let n = self.ranks.len() as f64;
        let mut means = vec![0.0; self.ranks.len()];
        let mut above = 0.0;
        let ties = |&left: &usize, &right: &usize| self.ranks[left] == self.ranks[right];
        for ties in self.order.chunk_by(ties).rev() {
            let sum: f64 = ties.iter().map(|&row| other.ranks[row]).sum();
            ties.iter()
                .for_each(|&row| means[row] = (above + sum / 2.0) / n);
            above += sum;
        }
        means
    }
}

/// The rows with a value, in ascending order of it.
pub(super) fn order(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len())
        .filter(|&row| !values[row].is_nan())
        .collect();
    order.sort_by(|&left, &right| values[left].total_cmp(&values[right]));
    order
}

/// Spearman's rank correlation of two variables over the same rows, in `[-1, 1]`; neither may be constant.
pub(super) fn spearman(left: &Ranks, right: &Ranks) -> f64 {
    let n = left.ranks.len() as f64;
    let products = left.ranks.iter().zip(&right.ranks).map(|(a, b)| a * b);
    let mean = products.sum::<f64>() / n;
    (mean / (left.square * right.square).sqrt()).clamp(-1.0, 1.0)
}

/// Variance of [`spearman`] over samples of any distribution, from its influence function: that of the
/// product of the ranks, and of each row on the ranks of the others.
pub(super) fn spearman_variance(left: &Ranks, right: &Ranks) -> f64 {
    let n = left.ranks.len() as f64;
    let influence = spearman_influence(left, right);
    influence.iter().map(|own| own * own).sum::<f64>() / (n * n)
}

/// What each row does to [`spearman`], times the rows: about zero on average.
pub(super) fn spearman_influence(left: &Ranks, right: &Ranks) -> Vec<f64> {
    let n = left.ranks.len() as f64;
    let (by_left, by_right) = (left.means_above(right), right.means_above(left));
    let raw = |row: usize| left.ranks[row] * right.ranks[row] + by_left[row] + by_right[row];
    let mean = (0..left.ranks.len()).map(raw).sum::<f64>() / n;
    let scale = (left.square * right.square).sqrt();
    (0..left.ranks.len())
        .map(|row| (raw(row) - mean) / scale)
        .collect()
}

/// Area under the ROC curve of a score for marked rows; `None` where all or none are marked.
pub(super) fn area(score: &Ranks, is_marked: &[bool]) -> Option<f64> {
    let n = is_marked.len() as f64;
    let n_marked = is_marked.iter().filter(|&&marked| marked).count() as f64;
    let n_rest = n - n_marked;
    if n_marked == 0.0 || n_rest == 0.0 {
        return None;
    }
    let sum: f64 = score
        .ranks
        .iter()
        .zip(is_marked)
        .filter(|(_, marked)| **marked)
        .map(|(rank, _)| rank)
        .sum();
    // Centred ranks of all rows sum to zero, so that no skill gives a sum of zero.
    Some((0.5 + sum * n / (n_marked * n_rest)).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use keepwell_testkit::random::Random;

    use super::*;

    #[test]
    fn agrees_with_scipy() {
        // scipy.stats.spearmanr and sklearn.metrics.roc_auc_score
        let x = [3.0, 1.0, 2.0, 2.0, 5.0, 8.0];
        let y = [1.0, 2.0, 2.0, 0.0, 7.0, 4.0];
        let found = spearman(&Ranks::of(&x), &Ranks::of(&y));
        assert!((found - 0.544_117_647_058_823_5).abs() < 1e-12, "{found}");
        let found = area(&Ranks::of(&x), &[true, false, false, true, true, true]);
        assert_eq!(found, Some(0.9375));
        assert_eq!(area(&Ranks::of(&x), &[true; 6]), None);
        assert!(Ranks::of(&[2.0; 4]).is_constant());
    }

    #[test]
    fn variance_is_that_of_simulated_samples() {
        // Independence, a monotone dependence, and one without correlation that has a larger variance.
        let mut random = Random::new(71);
        for (slope, curve, noise) in [(0.0, 0.0, 1.0), (1.0, 0.0, 1.0), (0.0, 1.0, 0.1)] {
            let n_runs = 400;
            let (mut values, mut variances) = (Vec::new(), 0.0);
            for _ in 0..n_runs {
                let (mut x, mut y) = (Vec::new(), Vec::new());
                for _ in 0..300 {
                    let value = random.normal();
                    x.push(value);
                    y.push(slope * value + curve * value.abs() + noise * random.normal());
                }
                let (left, right) = (Ranks::of(&x), Ranks::of(&y));
                values.push(spearman(&left, &right));
                variances += spearman_variance(&left, &right) / f64::from(n_runs);
            }
            let mean = values.iter().sum::<f64>() / f64::from(n_runs);
            let variance =
                values.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / f64::from(n_runs - 1);
            let ratio = variances / variance;
            assert!((0.8..1.25).contains(&ratio), "{slope} {curve}: {ratio}");
        }
    }
}
