//! Hotelling's test of whether two samples of vectors have one mean.

use crate::profile::scatter::{COMPONENTS, Scatter};
use crate::special::{beta_cdf, ln_gamma};

/// Share of the variance of a component below which what the others leave of it is rounding.
const RANK_TOLERANCE: f64 = 1e-9;

/// p-value of "both samples have one mean" by Hotelling's T² with its F law.
///
/// Components are added up to as many sums as the samples bear: at most a sixteenth of all vectors and a quarter
/// of those of the smaller sample, a power of two, at least two. So the law holds for components that are far
/// from normal; the loss of power is that of random projections: Lopes, Jacob and Wainwright (2011), Advances
/// in Neural Information Processing Systems 24, 1206–1214. The p-value is never below that of the most extreme
/// of all permutations of the rows. 1 where nothing varies and nothing differs, and below four vectors.
pub(super) fn p_value(reference: &Scatter, current: &Scatter) -> f64 {
    let [n, m] = [reference.count(), current.count()];
    if n == 0 || m == 0 || n + m < 4 {
        return 1.0;
    }
    let bearable = ((n + m) / 16).min(n.min(m) / 4).max(2);
    let n_sums = (1_usize << bearable.ilog2().min(63)).min(COMPONENTS);
    let (n_used, squares) = standardised([reference, current], n_sums);
    let floor = (-ln_choose(n + m, m)).exp();
    let Some(squares) = squares else {
        return floor;
    };
    let [n, m] = [n as f64, m as f64];
    let df = n + m - 2.0;
    let rest = df - n_used as f64 + 1.0;
    if n_used == 0 || rest < 1.0 {
        return 1.0;
    }
    let statistic = n * m / (n + m) * squares;
    // The F law with `n_used` and `rest` degrees of freedom as a beta law.
    beta_cdf(rest / 2.0, n_used as f64 / 2.0, df / (df + statistic)).max(floor)
}

/// Number of directions in which the sums of components vary, and the squared distance of the means in units
/// of the pooled covariance; `None` where the means differ in a component that does not vary.
fn standardised(samples: [&Scatter; 2], n_sums: usize) -> (usize, Option<f64>) {
    let df = (samples[0].count() + samples[1].count() - 2) as f64;
    let mut covariance = vec![vec![0.0; n_sums]; n_sums];
    let mut difference = vec![0.0; n_sums];
    // Sum of the variances of the components of a sum: what its own variance is measured by.
    let mut scale = vec![0.0; n_sums];
    for row in 0..COMPONENTS {
        let difference_here = samples[1].mean()[row] - samples[0].mean()[row];
        difference[row % n_sums] += difference_here;
        for column in 0..COMPONENTS {
            let products = samples.map(|sample| sample.product(row, column));
            covariance[row % n_sums][column % n_sums] += (products[0] + products[1]) / df;
        }
        let variance = (samples[0].product(row, row) + samples[1].product(row, row)) / df;
        scale[row % n_sums] += variance;
        if variance == 0.0 && difference_here != 0.0 {
            return (0, None);
        }
    }
    // Elimination without pivoting; what the sums before determine is left out.
    let (mut n_used, mut squares) = (0, 0.0);
    for pivot in 0..n_sums {
        let variance = covariance[pivot][pivot];
        if variance <= RANK_TOLERANCE * scale[pivot] {
            continue;
        }
        n_used += 1;
        squares += difference[pivot].powi(2) / variance;
        let (done, rest) = covariance.split_at_mut(pivot + 1);
        for (row, offset) in rest.iter_mut().zip(pivot + 1..) {
            let factor = row[pivot] / variance;
            difference[offset] -= factor * difference[pivot];
            for (cell, known) in row.iter_mut().zip(&done[pivot]).skip(pivot) {
                *cell -= factor * known;
            }
        }
    }
    (n_used, Some(squares))
}

/// Logarithm of the number of ways to choose `k` of `n`.
fn ln_choose(n: u64, k: u64) -> f64 {
    ln_gamma(n as f64 + 1.0) - ln_gamma(k as f64 + 1.0) - ln_gamma((n - k) as f64 + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors of which the first two components are given, the rest zero.
    fn sample(rows: &[[f64; 2]]) -> Scatter {
        let mut scatter = Scatter::default();
        for row in rows {
            let mut vector = [0.0; COMPONENTS];
            vector[..2].copy_from_slice(row);
            scatter.push(&vector, 1);
        }
        scatter
    }

    #[test]
    fn two_components_agree_with_the_textbook() {
        let left = [[1.0, 2.0], [2.0, 1.0], [3.0, 5.0], [4.0, 3.0], [2.0, 2.0]];
        let right = [[4.0, 2.0], [6.0, 4.0], [5.0, 1.0], [7.0, 3.0]];
        // NumPy's pooled covariance gives T² = 22.21005…; scipy.stats.f.sf(6 / 14 T², 2, 6).
        let found = p_value(&sample(&left), &sample(&right));
        assert!((found - 0.013_762_493_821_009_485).abs() < 1e-12, "{found}");
    }

    #[test]
    fn what_does_not_vary_decides_alone_or_not_at_all() {
        let same = sample(&[[1.0, 0.5], [2.0, 0.5], [3.0, 0.5]]);
        let moved = sample(&[[1.0, 0.6], [2.0, 0.6], [3.0, 0.6]]);
        assert_eq!(p_value(&same, &same), 1.0);
        // The least that a permutation of three against three rows can say.
        assert!((p_value(&same, &moved) - 1.0 / 20.0).abs() < 1e-12);
        let constant = sample(&[[1.0, 0.5]; 5]);
        assert_eq!(p_value(&constant, &constant), 1.0);
        assert_eq!(p_value(&constant, &sample(&[])), 1.0);
    }

    #[test]
    fn dependent_components_are_left_out() {
        let rows: Vec<[f64; 2]> = (0..40)
            .map(|row| f64::from(row * 7 % 11) / 11.0)
            .map(|share| [share, 1.0 - share])
            .collect();
        let alone: Vec<[f64; 2]> = rows.iter().map(|row| [row[0], 0.0]).collect();
        let both = p_value(&sample(&rows[..25]), &sample(&rows[20..]));
        let first = p_value(&sample(&alone[..25]), &sample(&alone[20..]));
        assert!((both - first).abs() < 1e-9, "{both} and {first}");
    }
}
