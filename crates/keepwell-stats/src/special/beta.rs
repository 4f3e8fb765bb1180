//! The incomplete beta function and the tails of the binomial distribution.

use std::f64::consts::TAU;

use super::gamma::{STEPS_MAX, away_from_zero, deviance_of_difference, stirling_error};

/// Probability that a beta variable with parameters `a` and `b` is `<= x`: the regularised incomplete
/// beta function. `a > 0`, `b > 0`; `x` outside `[0, 1]` counts as the nearer end.
pub fn beta_cdf(a: f64, b: f64, x: f64) -> f64 {
    lower_tail([a, b], [x, 1.0 - x])
}

/// Probability that a beta variable with parameters `a` and `b` is `> x`.
pub fn beta_sf(a: f64, b: f64, x: f64) -> f64 {
    lower_tail([b, a], [1.0 - x, x])
}

/// Probability of `successes` or fewer in `trials` with success probability `p` each.
pub fn binomial_cdf(successes: u64, trials: u64, p: f64) -> f64 {
    if successes >= trials {
        return 1.0;
    }
    beta_sf((successes + 1) as f64, (trials - successes) as f64, p)
}

/// Probability of more than `successes` in `trials` with success probability `p` each.
pub fn binomial_sf(successes: u64, trials: u64, p: f64) -> f64 {
    if successes >= trials {
        return 0.0;
    }
    beta_cdf((successes + 1) as f64, (trials - successes) as f64, p)
}

/// `I_x(a, b)` for parameters `[a, b]` and point `[x, 1 - x]`.
pub(super) fn lower_tail([a, b]: [f64; 2], [x, y]: [f64; 2]) -> f64 {
    if a.is_nan() || b.is_nan() || x.is_nan() {
        return f64::NAN;
    }
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    let density = binomial_density([a, b], [x, y]);
    let tail = if x < (a + 1.0) / (a + b + 2.0) {
        density * b / (a + b) * fraction([a, b], [x, y])
    } else {
        1.0 - density * a / (a + b) * fraction([b, a], [y, x])
    };
    tail.clamp(0.0, 1.0)
}

/// `Gamma(k + l + 1) / (Gamma(k + 1) Gamma(l + 1)) p^k q^l` for counts `[k, l]` and probabilities
/// `[p, q]` with `p + q = 1`. Counts need not be whole.
pub(super) fn binomial_density(counts: [f64; 2], probabilities: [f64; 2]) -> f64 {
    ln_binomial_density(counts, probabilities).exp()
}

/// Logarithm of [`binomial_density`], in Loader's saddle-point form.
pub(super) fn ln_binomial_density(counts: [f64; 2], probabilities: [f64; 2]) -> f64 {
    let [k, l] = counts;
    let [p, q] = probabilities;
    let n = k + l;
    if k == 0.0 {
        return if l == 0.0 {
            0.0
        } else {
            l * ln_of_complement(q, p)
        };
    }
    if l == 0.0 {
        return k * ln_of_complement(p, q);
    }
    // The smaller probability has the smaller absolute rounding error.
    let difference = if p <= q { k - n * p } else { n * q - l };
    stirling_error(n)
        - stirling_error(k)
        - stirling_error(l)
        - deviance_of_difference(k, n * p, difference)
        - deviance_of_difference(l, n * q, -difference)
        + 0.5 * (n / (TAU * k * l)).ln()
}

/// `ln p`, from its complement `q` where `p` is near one.
fn ln_of_complement(p: f64, q: f64) -> f64 {
    if q < 0.5 { (-q).ln_1p() } else { p.ln() }
}

/// Continued fraction 8.17.22 of the Digital Library of Mathematical Functions for `[a, b]` at
/// `[x, 1 - x]`, two of its steps taken as one. In the form of Didonato and Morris (1992), ACM
/// Transactions on Mathematical Software 18(3), which subtracts nothing as long as the step is below
/// `b`. Converges in about `sqrt(max(a, b))` steps for `x < (a + 1) / (a + b + 2)`. By Lentz's method.
fn fraction([a, b]: [f64; 2], [x, y]: [f64; 2]) -> f64 {
    // a - (a + b) x, from the smaller of x and y
    let distance = if x <= y {
        a - (a + b) * x
    } else {
        (a + b) * y - b
    };
    let start = a * (distance + 1.0) / (a + 1.0);
    let mut fraction = away_from_zero(start);
    let mut c = fraction;
    let mut d = 0.0;
    for step in 1..STEPS_MAX {
        let m = f64::from(step);
        let place = a + 2.0 * m - 1.0;
        let weight = m * (b - m) * x / place;
        let numerator = (a + m - 1.0) * (a + b + m - 1.0) * x / place * weight;
        let denominator = m + weight + (a + m) * (distance + 1.0 + m * (1.0 + y)) / (place + 2.0);
        d = 1.0 / away_from_zero(denominator + numerator * d);
        c = away_from_zero(denominator + numerator / c);
        let factor = d * c;
        fraction *= factor;
        if (factor - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    a / fraction
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::tests::assert_close;

    #[test]
    fn agrees_with_mpmath() {
        // mpmath.betainc(a, b, 0, x, regularized=True) at 60 digits
        for &(a, b, x, expected) in BETA_CDF {
            assert_close(beta_cdf(a, b, x), expected, 1e-12);
        }
    }

    #[test]
    fn binomial_tails_agree_with_sums() {
        for p in [0.02, 0.5, 0.93] {
            let trials = 23;
            let pmf: Vec<f64> = (0..=trials)
                .map(|k| binomial_density([k as f64, (trials - k) as f64], [p, 1.0 - p]))
                .collect();
            for k in 0..=trials {
                let split = k as usize + 1;
                assert_close(binomial_cdf(k, trials, p), pmf[..split].iter().sum(), 1e-13);
                assert_close(binomial_sf(k, trials, p), pmf[split..].iter().sum(), 1e-13);
            }
        }
    }

    #[test]
    fn ends_are_certain() {
        assert_eq!(binomial_sf(5, 5, 0.3), 0.0);
        assert_eq!(binomial_cdf(9, 5, 0.3), 1.0);
        assert_eq!(binomial_sf(0, 5, 0.0), 0.0);
        assert_eq!(binomial_sf(0, 5, 1.0), 1.0);
        assert_eq!(beta_cdf(2.0, 3.0, -0.1), 0.0);
        assert_eq!(beta_sf(2.0, 3.0, 1.1), 0.0);
        assert!(beta_cdf(2.0, 3.0, f64::NAN).is_nan());
    }

    const BETA_CDF: &[(f64, f64, f64, f64)] = &[
        (1.0, 10.0, 0.0079, 0.07624990443166253),
        (1.0, 10.0, 0.5, 0.9990234375),
        (0.5, 0.5, 1e-08, 6.366197734286143e-05),
        (0.5, 0.5, 0.3, 0.36901011956554536),
        (3.0, 1000.0, 1e-06, 1.6704180011115579e-10),
        (3.0, 1000.0, 0.003, 0.5784907621304736),
        (3.0, 1000.0, 0.03, 0.9999999999715367),
        (50.0, 100000.0, 1e-05, 1.248961011529164e-65),
        (50.0, 100000.0, 0.0005, 0.5202023606873575),
        (50.0, 100000.0, 0.0012, 0.9999999999998493),
        (5000.0, 5000.0, 0.4, 4.5185437272610855e-91),
        (5000.0, 5000.0, 0.485, 0.0013472399035299558),
        (5000.0, 5000.0, 0.5, 0.5),
        (5000.0, 5000.0, 0.505, 0.8413447463710368),
        (10.0, 10000000.0, 1e-09, 2.7308065747652687e-27),
        (10.0, 10000000.0, 1e-06, 0.5420714740735225),
        (10.0, 10000000.0, 1.3e-06, 0.834189067952946),
        (500000.0, 500000.0, 0.4985, 0.0013498714406376662),
        (500000.0, 500000.0, 0.4999, 0.42074030933095263),
        (100000.0, 1000000.0, 0.085, 1.6096706928448645e-107),
        (100000.0, 1000000.0, 0.0905, 0.06764057588337025),
    ];
}
