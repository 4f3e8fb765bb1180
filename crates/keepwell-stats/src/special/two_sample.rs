//! The law of the two-sample Kolmogorov–Smirnov statistic.

use super::divisor::greatest_common_divisor;

/// A distance between two empirical distribution functions, as a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TwoSampleDistance {
    /// Sizes of the samples, each at least 1.
    pub sizes: [u64; 2],
    /// Greatest difference of the functions times the least common multiple of the sizes.
    pub steps: u64,
}

/// Probability of a two-sided distance this large or larger, if both samples come from one continuous
/// distribution: exact for finite samples.
///
/// Costs `O(n)` for equal sizes and `O(n m d)` for a distance of `d` otherwise.
pub fn two_sample_sf(distance: TwoSampleDistance) -> f64 {
    let TwoSampleDistance { sizes, steps } = distance;
    if steps == 0 {
        return 1.0;
    }
    let [n, m] = sizes;
    let p_value = if n == m {
        outside_square(n, steps)
    } else {
        outside_band(n.max(m), n.min(m), steps)
    };
    p_value.clamp(0.0, 1.0)
}

/// Share of the lattice paths from `(0, 0)` to `(n, n)` that reach a distance of `steps` from the
/// diagonal: the alternating sum of Gnedenko and Korolyuk (1951), nested so that nothing cancels.
fn outside_square(n: u64, steps: u64) -> f64 {
    let count = n as f64;
    let mut nested = 0.0;
    for k in (0..=n / steps).rev() {
        let first = (k * steps) as f64;
        let ratio: f64 = (0..steps)
            .map(|j| (count - first - j as f64) / (count + first + j as f64 + 1.0))
            .product();
        nested = ratio * (1.0 - nested);
    }
    2.0 * nested
}

/// Share of the lattice paths from `(0, 0)` to `(m, n)`, `m > n`, that reach a distance of `steps` from
/// the diagonal, in units of the least common multiple.
///
/// The last step to a point `(i, j)` comes from `(i - 1, j)` in a share `i / (i + j)` of the paths to
/// it, so the share that went outside is a weighted mean of two earlier ones: Hodges (1958), Arkiv för
/// Matematik 3(43), 469–486, in the form of Viehmann (2021), arXiv:2102.08037, which has no
/// cancellation in the tail. Taken by diagonals of equal `i + j`, whose points do not depend on each
/// other.
fn outside_band(m: u64, n: u64, steps: u64) -> f64 {
    let divisor = greatest_common_divisor(m, n);
    // Outside means |i step_i - j step_j| >= steps.
    let (step_i, step_j) = ((n / divisor) as i128, (m / divisor) as i128);
    let (both, steps) = (step_i + step_j, i128::from(steps));
    let size = m as usize + 2;
    // Position i + 1 holds the share for i; whatever is not inside the band is certain.
    let mut before = vec![1.0; size];
    let mut now = vec![1.0; size];
    let places: Vec<f64> = (0..size).map(|i| i as f64).collect();
    before[1] = 0.0;
    for k in 1..=(m + n) {
        let centre = i128::from(k) * step_j;
        let start = (centre - steps).div_euclid(both) + 1;
        let start = start.max(i128::from(k.saturating_sub(n)));
        let end = (centre + steps - 1).div_euclid(both);
        let end = end.min(i128::from(m.min(k)));
        if end < start {
            return 1.0;
        }
        let (start, end) = (start as usize, end as usize);
        // The band moves up by at most one place a step, and this buffer is two steps old.
        now[start.saturating_sub(1)..=start].fill(1.0);
        let total = k as f64;
        let targets = &mut now[start + 1..end + 2];
        let sources = before[start..end + 2].windows(2);
        for ((share, pair), i) in targets.iter_mut().zip(sources).zip(&places[start..]) {
            *share = (pair[0] * i + pair[1] * (total - i)) / total;
        }
        std::mem::swap(&mut before, &mut now);
    }
    before[m as usize + 1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::tests::assert_close;

    /// Counts paths one by one.
    fn enumerated(n: u64, m: u64, steps: u64) -> f64 {
        fn walk(at: [u64; 2], sizes: [u64; 2], bound: u64, is_outside: bool) -> [f64; 2] {
            let [n, m] = sizes;
            let distance = (at[0] * m).abs_diff(at[1] * n);
            let is_outside = is_outside || distance >= bound;
            if at == sizes {
                return [1.0, f64::from(u8::from(is_outside))];
            }
            let mut sums = [0.0, 0.0];
            for next in [[at[0] + 1, at[1]], [at[0], at[1] + 1]] {
                if next[0] <= n && next[1] <= m {
                    let counts = walk(next, sizes, bound, is_outside);
                    sums = [sums[0] + counts[0], sums[1] + counts[1]];
                }
            }
            sums
        }
        let divisor = greatest_common_divisor(n, m);
        let [all, outside] = walk([0, 0], [n, m], steps * divisor, false);
        outside / all
    }

    #[test]
    fn agrees_with_enumeration() {
        for sizes in [
            [1, 1],
            [1, 2],
            [3, 2],
            [4, 4],
            [6, 4],
            [5, 6],
            [7, 3],
            [1, 8],
            [6, 6],
        ] {
            let [n, m] = sizes;
            let divisor = greatest_common_divisor(n, m);
            for steps in 0..=(n * m / divisor) {
                let found = two_sample_sf(TwoSampleDistance { sizes, steps });
                assert_close(found, enumerated(n, m, steps), 1e-13);
            }
        }
    }

    #[test]
    fn agrees_with_scipy() {
        // scipy.stats.ks_2samp(method="exact"), by its own path counting
        for &(sizes, steps, expected) in TWO_SAMPLE_SF {
            assert_close(
                two_sample_sf(TwoSampleDistance { sizes, steps }),
                expected,
                1e-11,
            );
        }
    }

    const TWO_SAMPLE_SF: &[([u64; 2], u64, f64)] = &[
        ([20, 20], 7, 0.17453300569806826),
        ([100, 70], 140, 0.06366854489240799),
        ([1000, 1000], 70, 0.014870029418858987),
        ([1000, 900], 450, 0.17989496048297784),
        ([999, 1000], 299700, 2.9621985973084236e-40),
        ([5000, 300], 1200, 0.05054805305677354),
        ([10000, 10000], 300, 0.00024659749681697865),
        ([2000, 1500], 270, 0.06051824797289872),
        ([4000, 4001], 320080, 0.3928464024721023),
        ([300, 1], 270, 0.20598006644518263),
    ];
}
