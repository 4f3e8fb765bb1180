//! The limit law of Kolmogorov and the one-sided law of Smirnov.

use std::f64::consts::{PI, TAU};

use super::beta::binomial_density;

/// Probability that the supremum of a Brownian bridge in absolute value exceeds `z`: the limit of
/// `P(sqrt(n) D > z)` for the two-sided Kolmogorov statistic `D`.
pub fn kolmogorov_sf(z: f64) -> f64 {
    if z.is_nan() {
        return f64::NAN;
    }
    if z <= 0.0 {
        return 1.0;
    }
    // Two series for the same function; at 0.82 both need few terms.
    if z < 0.82 {
        let ratio = PI / z;
        let cdf: f64 = (0..8)
            .map(|k| (-f64::from((2 * k + 1) * (2 * k + 1)) * ratio * ratio / 8.0).exp())
            .sum();
        1.0 - cdf * TAU.sqrt() / z
    } else {
        let term = |k: i32| (-2.0 * f64::from(k * k) * z * z).exp();
        2.0 * (term(1) - (term(2) - (term(3) - term(4))))
    }
}

/// Number of terms from which on [`smirnov_sf`] looks at evenly spaced ones only.
const NODES: f64 = 4096.0;

/// Probability that the one-sided Kolmogorov statistic of `n` values is `>= d`, exact for finite `n`:
/// Smirnov's (1944) sum, all of whose terms are positive.
///
/// `n >= 1`. With more than 8,192 terms, the sum is replaced by the trapezoid rule on at least 4,096
/// of them. They are samples of a smooth bump that vanishes at both ends with all its derivatives, for
/// which that rule converges faster than any power of their number: the relative error is below 1e-12
/// where the result is below 0.8, and below 1e-6 elsewhere.
pub fn smirnov_sf(n: u64, d: f64) -> f64 {
    if d.is_nan() {
        return f64::NAN;
    }
    if d <= 0.0 {
        return 1.0;
    }
    if d >= 1.0 {
        return 0.0;
    }
    let count = n as f64;
    let last = (count * (1.0 - d)).floor();
    let term = |j: f64| {
        let p = d + j / count;
        let q = (1.0 - d) - j / count;
        // The remainder of `last` may be rounded to below zero; the term is then zero on paper.
        if q <= 0.0 {
            return 0.0;
        }
        d / p * binomial_density([j, count - j], [p, q])
    };
    let stride = (last / NODES).floor().max(1.0);
    let mut sum = 0.0;
    let mut j = 0.0;
    while j <= last {
        sum += term(j);
        j += stride;
    }
    (stride * sum).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::tests::assert_close;

    #[test]
    fn limit_agrees_with_scipy() {
        for &(z, expected) in KOLMOGOROV_SF {
            assert_close(kolmogorov_sf(z), expected, 1e-13);
        }
    }

    #[test]
    fn one_sided_law_agrees_with_scipy() {
        for &(n, d, expected) in SMIRNOV_SF {
            assert_close(smirnov_sf(n, d), expected, 2e-12);
        }
    }

    #[test]
    fn both_series_of_the_limit_meet() {
        assert_close(kolmogorov_sf(0.82 - 1e-15), kolmogorov_sf(0.82), 1e-13);
    }

    #[test]
    fn ends_are_certain() {
        assert_eq!(kolmogorov_sf(0.0), 1.0);
        assert_eq!(smirnov_sf(5, 0.0), 1.0);
        assert_eq!(smirnov_sf(5, 1.0), 0.0);
        assert!(smirnov_sf(5, f64::NAN).is_nan());
        assert!(kolmogorov_sf(f64::NAN).is_nan());
    }

    const KOLMOGOROV_SF: &[(f64, f64)] = &[
        (0.3, 0.9999906941986655),
        (0.5, 0.9639452436648751),
        (0.8, 0.5441424115741981),
        (0.81, 0.5279614323123148),
        (0.83, 0.4961909953505036),
        (1.0, 0.26999967167735456),
        (1.36, 0.049485876755377876),
        (3.0, 3.045995948942526e-08),
        (18.0, 7.554499944724249e-282),
    ];

    const SMIRNOV_SF: &[(u64, f64, f64)] = &[
        (1, 0.3, 0.7),
        (5, 0.25, 0.46199999999999997),
        (50, 0.9, 1.0080305951144073e-50),
        (100, 0.15, 0.009919628413308524),
        (8000, 0.02, 0.0016389064863939365),
        (8200, 0.02, 0.0013965641090308535),
        (30000, 0.01, 0.002462062791036216),
        (30000, 0.12, 0.0),
        (400000, 0.0011, 0.3795636194983223),
        (400000, 0.02, 1.017878106271057e-139),
    ];
}
