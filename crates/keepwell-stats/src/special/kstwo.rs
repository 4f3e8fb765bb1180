//! The two-sided law of Kolmogorov for a finite sample.

use std::f64::consts::{LN_2, PI, TAU};

use super::gamma::stirling_error;
use super::kolmogorov::smirnov_sf;

/// Probability that the two-sided Kolmogorov statistic of `n` values is `>= d`; `n >= 1`.
///
/// Chooses the method by `n` and `d` as Simard and L'Ecuyer (2011), Journal of Statistical Software
/// 39(11), and SciPy do, and agrees with `scipy.stats.kstwo.sf`:
/// - exact by Ruben and Gambino at both ends of `d`,
/// - twice the one-sided law in the upper tail (exact for `d >= 0.5`; else what is counted twice is
///   below 1e-13 of the result for `n <= 140` and below 1e-5 of it beyond),
/// - the matrix method of Durbin, Marsaglia, Tsang and Wang, or the recursion of Pomeranz, exact,
/// - the expansion of Pelz and Good for `n > 140`, good to at least 5 digits.
pub fn kstwo_sf(n: u64, d: f64) -> f64 {
    if d.is_nan() || n == 0 {
        return f64::NAN;
    }
    if d >= 1.0 {
        return 0.0;
    }
    let count = n as f64;
    let t = count * d;
    if t <= 0.5 {
        return 1.0;
    }
    if t <= 1.0 {
        // n! ((2 t - 1) / n)^n
        let ln_cdf = ln_factorial_over_power(n) + count * (2.0 * t - 1.0).ln();
        return 1.0 - ln_cdf.exp();
    }
    if t >= count - 1.0 {
        return 2.0 * (count * (-d).ln_1p()).exp();
    }
    let size = t * d;
    if size >= 370.0 {
        return 0.0;
    }
    let twice_from = if n <= 140 { 4.0 } else { 2.2 };
    if d >= 0.5 || size > twice_from || (n > 140 && size >= twice_from) {
        return (2.0 * smirnov_sf(n, d)).min(1.0);
    }
    let cdf = if n <= 140 {
        if size <= 0.754_693 {
            durbin_cdf(n, d)
        } else {
            pomeranz_cdf(n, d)
        }
    } else if size < CERTAIN_BELOW {
        0.0
    } else if n <= 100_000 && count * d.powf(1.5) <= 1.4 {
        durbin_cdf(n, d)
    } else {
        pelz_good_cdf(count, d)
    };
    (1.0 - cdf).clamp(0.0, 1.0)
}

/// Below this `n d^2` the distribution function is less than 1e-17, so that its complement is one.
const CERTAIN_BELOW: f64 = 0.029;

/// `ln(n! / n^n)`.
fn ln_factorial_over_power(n: u64) -> f64 {
    let count = n as f64;
    0.5 * (TAU * count).ln() - count + stirling_error(count)
}

/// A square matrix that is scaled by `2^exponent`.
struct Scaled {
    size: usize,
    values: Vec<f64>,
    exponent: i64,
}

/// What intermediate results are scaled by when they leave `[2^-SCALE, 2^SCALE]`.
const SCALE: i64 = 128;

impl Scaled {
    fn multiply(&self, other: &Self) -> Self {
        let size = self.size;
        let mut values = vec![0.0; size * size];
        for (row, out) in values.chunks_exact_mut(size).enumerate() {
            for (inner, other_row) in other.values.chunks_exact(size).enumerate() {
                let factor = self.values[row * size + inner];
                for (sum, &value) in out.iter_mut().zip(other_row) {
                    *sum += factor * value;
                }
            }
        }
        let mut product = Self {
            size,
            values,
            exponent: self.exponent + other.exponent,
        };
        if product.values[(size / 2) * size + size / 2] > power_of_two(SCALE) {
            for value in &mut product.values {
                *value *= power_of_two(-SCALE);
            }
            product.exponent += SCALE;
        }
        product
    }
}

fn power_of_two(exponent: i64) -> f64 {
    // Far outside the range of f64 both ends are reached, so the clamp loses nothing.
    libm::scalbn(1.0, exponent.clamp(-5000, 5000) as i32)
}

/// The matrix `H` of Durbin for `t = n d`; its power `n` holds the probability at the centre.
fn durbin_matrix(t: f64) -> Scaled {
    let k = t.ceil() as usize;
    let h = k as f64 - t;
    let size = 2 * k - 1;
    // 1 / j! for j up to size
    let inverse_factorial: Vec<f64> =
        std::iter::successors(Some((1.0, 1.0)), |&(value, j)| Some((value / j, j + 1.0)))
            .map(|(value, _)| value)
            .take(size + 1)
            .collect();
    let border: Vec<f64> = (1..=size)
        .map(|j| {
            let power = h.powi(j as i32);
            let value = if j < size {
                1.0 - power
            } else {
                1.0 - 2.0 * power + (2.0 * h - 1.0).max(0.0).powi(j as i32)
            };
            value * inverse_factorial[j]
        })
        .collect();
    let mut values = vec![0.0; size * size];
    for row in 0..size {
        for column in 1..size.min(row + 2) {
            values[row * size + column] = inverse_factorial[row + 1 - column];
        }
        values[row * size] = border[row];
    }
    for column in 0..size {
        values[(size - 1) * size + column] = border[size - 1 - column];
    }
    Scaled {
        size,
        values,
        exponent: 0,
    }
}

/// `P(D <= d)` by the matrix method of Durbin (1968) as of Marsaglia, Tsang and Wang (2003), for
/// `1 < n d`.
fn durbin_cdf(n: u64, d: f64) -> f64 {
    let count = n as f64;
    let mut square = durbin_matrix(count * d);
    let mut power: Option<Scaled> = None;
    let mut bits = n;
    while bits > 0 {
        if bits % 2 == 1 {
            power = Some(match power {
                None => Scaled {
                    size: square.size,
                    values: square.values.clone(),
                    exponent: square.exponent,
                },
                Some(power) => power.multiply(&square),
            });
        }
        bits /= 2;
        if bits > 0 {
            square = square.multiply(&square);
        }
    }
    let power = power.expect("n is at least one, so one bit is set");
    let centre = power.values[(power.size / 2) * power.size + power.size / 2];
    let ln_cdf = centre.ln() + power.exponent as f64 * LN_2 + ln_factorial_over_power(n);
    ln_cdf.exp()
}

/// `P(D <= d)` by the recursion of Pomeranz (1974), Algorithm 487, Communications of the ACM 17(12),
/// for `n <= 140`.
fn pomeranz_cdf(n: u64, d: f64) -> f64 {
    let count = n as f64;
    let t = count * d;
    let fraction = t - t.floor();
    let near = fraction.min(1.0 - fraction);
    let band = Band {
        n: n as i64,
        whole: t.floor() as i64,
        ceil: i64::from(fraction > 0.0),
        round: i64::from(fraction > 0.5),
    };
    let n_powers = 2 * (band.whole as usize + 1);
    let powers = |step: f64| -> Vec<f64> {
        std::iter::successors(Some((1.0, 1.0)), |&(value, m)| {
            Some((value * step / count / m, m + 1.0))
        })
        .map(|(value, _)| value)
        .take(n_powers)
        .collect()
    };
    let (ends, odd, even) = (powers(near), powers(2.0 * near), powers(1.0 - 2.0 * near));
    let (mut first, _) = band.limits(0);
    let mut row = vec![1.0];
    let mut exponent = 0;
    let last_row = 2 * band.n + 1;
    for i in 1..=last_row {
        let weights = if i == 1 || i == last_row {
            &ends
        } else if i % 2 == 1 {
            &odd
        } else {
            &even
        };
        let (start, end) = band.limits(i);
        let mut next: Vec<f64> = (start..=end)
            .map(|j| {
                row.iter()
                    .zip(first..=j)
                    .map(|(value, from)| {
                        value * weights.get((j - from) as usize).copied().unwrap_or(0.0)
                    })
                    .sum()
            })
            .collect();
        let largest = next.iter().copied().fold(0.0, f64::max);
        if largest > 0.0 && largest < power_of_two(-SCALE) {
            for value in &mut next {
                *value *= power_of_two(SCALE);
            }
            exponent -= SCALE;
        }
        (row, first) = (next, start);
    }
    let Some(&end) = usize::try_from(band.n - first)
        .ok()
        .and_then(|idx| row.get(idx))
    else {
        return 0.0;
    };
    // At most 140!, which is below 1e242.
    let factorial: f64 = (1..=n).map(|m| m as f64).product();
    end * factorial * power_of_two(exponent)
}

/// Which entries of each row of Pomeranz' matrix can differ from zero.
struct Band {
    n: i64,
    /// Whole part of `n d`.
    whole: i64,
    /// Whether its fraction is above zero, and above one half.
    ceil: i64,
    round: i64,
}

impl Band {
    fn limits(&self, i: i64) -> (i64, i64) {
        let half = (i + 1) / 2;
        let (before, after) = if i == 0 {
            (-self.whole - self.ceil - 1, self.whole + self.ceil - 1)
        } else if i % 2 == 0 {
            (half - 2 - self.whole, half - 1 + self.whole + self.round)
        } else if half == self.n + 1 {
            (
                self.n - self.whole - self.ceil - 1,
                self.n + self.whole + self.ceil - 1,
            )
        } else {
            (
                half - 2 - self.whole - self.round,
                half - 2 + self.whole + self.ceil,
            )
        };
        ((before + 2).max(0), after.min(self.n))
    }
}

/// `P(D <= d)` by the expansion of Pelz and Good (1976), Journal of the Royal Statistical Society B
/// 38(2), 152–156.
fn pelz_good_cdf(count: f64, d: f64) -> f64 {
    let z = count.sqrt() * d;
    let z2 = z * z;
    let z4 = z2 * z2;
    let z6 = z4 * z2;
    let pi2 = PI * PI;
    let (pi4, pi6) = (pi2 * pi2, pi2 * pi2 * pi2);
    let mut sums = [0.0; 4];
    // Terms beyond this one are below the rounding of the first.
    let n_terms = (16.0 * z / PI).ceil() as u32;
    for k in (1..=n_terms).rev() {
        let m2 = f64::from(2 * k - 1).powi(2);
        let (m4, m6) = (m2 * m2, m2 * m2 * m2);
        let weight = (-pi2 * m2 / (8.0 * z2)).exp();
        sums[0] += weight;
        sums[1] += weight * (pi2 / 4.0 * m2 - z2);
        sums[2] += weight
            * (6.0 * z6
                + 2.0 * z4
                + (2.0 * z4 - 5.0 * z2) * pi2 / 4.0 * m2
                + pi4 * (1.0 - 2.0 * z2) / 16.0 * m4);
        sums[3] += weight
            * (-30.0 * z6 - 90.0 * z4 * z4
                + pi2 * (135.0 * z4 - 96.0 * z6) / 4.0 * m2
                + pi4 * (212.0 * z4 - 60.0 * z2) / 16.0 * m4
                + pi6 * (5.0 - 30.0 * z2) / 64.0 * m6);
    }
    let divisors = [z, 6.0 * z4, 72.0 * z6 * z, 6480.0 * z6 * z4];
    for (sum, divisor) in sums.iter_mut().zip(divisors) {
        *sum *= TAU.sqrt() / divisor;
    }
    let (mut second, mut third) = (0.0, 0.0);
    for k in (1..=n_terms).rev() {
        let k2 = f64::from(k).powi(2);
        let weight = k2 * (-pi2 * k2 / (2.0 * z2)).exp();
        second += weight;
        third += weight * (3.0 * z2 - pi2 * k2);
    }
    sums[2] -= second * pi2 * TAU.sqrt() / (36.0 * z2 * z);
    sums[3] += third * pi2 * TAU.sqrt() / (216.0 * z6);
    let root = count.sqrt();
    sums[0] + sums[1] / root + sums[2] / count + sums[3] / (count * root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::tests::assert_close;

    #[test]
    fn agrees_with_scipy() {
        for &(n, d, expected) in KSTWO_SF {
            assert_close(kstwo_sf(n, d), expected, 3e-12);
        }
    }

    #[test]
    fn falls_without_jumps() {
        for n in [1, 2, 7, 60, 140, 141, 900] {
            let steps = 2000;
            let mut before = 1.0;
            for step in 0..=steps {
                let d = f64::from(step) / f64::from(steps);
                let now = kstwo_sf(n, d);
                assert!((0.0..=1.0).contains(&now));
                // The methods meet to the accuracy of the least exact of them.
                assert!(now <= before + 2e-5, "n {n}, d {d}: {before} then {now}");
                before = now;
            }
            assert_eq!(before, 0.0);
        }
    }

    #[test]
    fn nonsense_is_not_a_number() {
        assert!(kstwo_sf(0, 0.5).is_nan());
        assert!(kstwo_sf(5, f64::NAN).is_nan());
    }

    const KSTWO_SF: &[(u64, f64, f64)] = &[
        (1, 0.7, 0.6000000000000001),
        (2, 0.3, 0.98),
        (3, 0.35, 0.7328333333333334),
        (5, 0.15, 0.9988),
        (5, 0.36, 0.4335907840000002),
        (10, 0.13, 0.9874829346609387),
        (10, 0.9, 1.9999999999999957e-10),
        (10, 0.95, 1.9531250000000172e-13),
        (50, 0.0283, 0.9999999999406346),
        (50, 0.085, 0.8329418188198547),
        (50, 0.123, 0.40322959362026534),
        (50, 0.2404, 0.0049968780767097876),
        (50, 0.3, 0.00017353260202718738),
        (140, 0.06, 0.6719092248862638),
        (140, 0.125, 0.022963665948392758),
        (140, 0.18, 0.0001932001834783552),
        (141, 0.021, 0.9999998573504868),
        (141, 0.042, 0.9558450466322129),
        (141, 0.08, 0.31084170879264117),
        (141, 0.13, 0.015449346308454497),
        (141, 0.5, 4.034017661079683e-33),
        (1000, 0.0079, 0.9999999448003611),
        (1000, 0.0095, 0.9999851371763746),
        (1000, 0.03, 0.3226902143914636),
        (1000, 0.2, 1.5528629204250538e-35),
        (5000, 0.0042, 0.9999912550260008),
        (20000, 0.01, 0.03638603905248727),
        (20000, 0.12, 2.035197231732428e-251),
        (100001, 0.003, 0.32845050055711633),
        (500000, 0.0012, 0.4671992770600679),
        (500000, 0.02, 3.6481966551764204e-174),
    ];
}
