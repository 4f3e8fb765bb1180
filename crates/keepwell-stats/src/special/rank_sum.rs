//! The exact law of the Mann–Whitney statistic.

/// Probability that the Mann–Whitney statistic `U` of samples of these sizes is `>= u`, if both come from
/// one continuous distribution.
///
/// Coefficients of the Gaussian binomial `[n + m choose n]` (Mann and Whitney 1947), built up one row of the
/// smaller sample at a time. Costs `O(min(n, m) (n m - u))` time and `O(n m - u)` memory; the relative
/// error is below 1e-12.
pub fn rank_sum_sf(sizes: [u64; 2], u: u64) -> f64 {
    let [n, m] = sizes;
    let (few, many) = (n.min(m) as usize, n.max(m) as usize);
    if u == 0 {
        return 1.0;
    }
    let Some(last) = (n * m).checked_sub(u) else {
        return 0.0;
    };
    // counts[v]: arrangements with `U == v`, which are as many as those with `U == n m - v`.
    let mut counts = vec![0.0; last as usize + 1];
    counts[0] = 1.0;
    let mut total = 1.0;
    for i in 1..=few {
        // Times 1 - q^(many + i), then divided by 1 - q^i.
        for v in (many + i..counts.len()).rev() {
            counts[v] -= counts[v - many - i];
        }
        for v in i..counts.len() {
            counts[v] += counts[v - i];
        }
        total *= (many + i) as f64 / i as f64;
    }
    (counts.iter().sum::<f64>() / total).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::tests::assert_close;

    #[test]
    fn agrees_with_enumeration() {
        for [n, m] in [[1, 1], [1, 4], [2, 3], [4, 4], [5, 3], [6, 6]] {
            let rows = n + m;
            // U by the choice of the rows of the first sample, as bits.
            let statistics: Vec<u32> = (0..1_u32 << rows)
                .filter(|chosen| chosen.count_ones() == n)
                .map(|chosen| {
                    (0..rows)
                        .filter(|row| chosen >> row & 1 == 1)
                        .map(|row| row - (chosen & ((1 << row) - 1)).count_ones())
                        .sum()
                })
                .collect();
            for u in 0..=n * m + 1 {
                let above = statistics.iter().filter(|&&found| found >= u).count();
                let expected = above as f64 / statistics.len() as f64;
                let found = rank_sum_sf([u64::from(n), u64::from(m)], u64::from(u));
                assert_close(found, expected, 1e-14);
            }
        }
    }

    #[test]
    fn agrees_with_scipy() {
        // In whole numbers; the small ones as by scipy.stats.mannwhitneyu(method="exact")
        for &(sizes, u, expected) in RANK_SUM_SF {
            assert_close(rank_sum_sf(sizes, u), expected, 1e-12);
        }
    }

    const RANK_SUM_SF: &[([u64; 2], u64, f64)] = &[
        ([8, 8], 50, 0.03247863247863248),
        ([8, 300], 1500, 0.1165260647478726),
        ([8, 300], 2300, 1.2610318640732225e-08),
        ([3, 2000], 4000, 0.16704145838555168),
        ([8, 5000], 20003, 0.49976053291049105),
        ([8, 5000], 33000, 0.00037100926706349187),
        ([20, 30], 420, 0.008480630096744785),
    ];
}
