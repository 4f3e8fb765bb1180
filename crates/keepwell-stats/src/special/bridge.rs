//! Laws of the integral of a squared Brownian bridge, plain and weighted.

use std::f64::consts::{FRAC_PI_2, PI};

/// Points at which an integral between two poles is evaluated.
const N_NODES: u32 = 128;

/// Below this the plain law differs from one by less than 1e-17, as in SciPy.
const PLAIN_MIN: f64 = 0.003;

/// Below this the weighted law differs from one by less than 1e-16.
const WEIGHTED_MIN: f64 = 0.03;

/// Probability that the integral over `t` in `[0, 1]` of `B(t)^2` exceeds `x`, for a Brownian bridge `B`:
/// the limit law of the Cramér–von Mises statistic.
pub fn cramer_von_mises_sf(x: f64) -> f64 {
    if x < PLAIN_MIN {
        return 1.0;
    }
    // The poles are the squares of the multiples of pi.
    alternating(x, |s| {
        let root = FRAC_PI_2 * (s - 1.0);
        (root * root, PI / root.sqrt())
    })
}

/// Probability that the integral over `t` in `[0, 1]` of `B(t)^2 / (t (1 - t))` exceeds `x`, for a Brownian
/// bridge `B`: the limit law of the Anderson–Darling statistic.
pub fn anderson_darling_sf(x: f64) -> f64 {
    if x < WEIGHTED_MIN {
        return 1.0;
    }
    // The poles are the products of neighbouring whole numbers.
    alternating(x, |s| {
        let pole = 0.25 * (s * s - 1.0);
        (pole, 0.5 * s * (PI / pole).sqrt())
    })
}

/// Smirnov's (1937) formula for the upper tail of a sum of squared normal variables with weights
/// `1 / pole`: an alternating sum of integrals from each odd pole to the next one.
///
/// `at` gives the point `u` between two poles, and the integrand without its exponential, at `s = 4 k +
/// cos theta` for `theta` in `(0, pi)`. In `theta` the integrand is smooth and periodic, singular ends
/// included, so that the midpoint rule converges faster than any power of the number of nodes.
fn alternating(x: f64, at: impl Fn(f64) -> (f64, f64)) -> f64 {
    let mut total = 0.0;
    let mut sign = 1.0;
    for turn in 1..=40 {
        let mut sum = 0.0;
        for node in 0..N_NODES {
            let half = FRAC_PI_2 * (f64::from(node) + 0.5) / f64::from(N_NODES);
            let (sin, cos) = half.sin_cos();
            // cos(pi/2 cos theta), without cancellation at either end.
            let end = (PI * sin.min(cos).powi(2)).sin();
            let (u, weight) = at(f64::from(4 * turn) + (cos * cos - sin * sin));
            sum += (-0.5 * x * u).exp() * weight * 2.0 * sin * cos / end.sqrt();
        }
        let part = sum / f64::from(N_NODES);
        total += sign * part;
        if part <= 0.01 * f64::EPSILON * total {
            break;
        }
        sign = -sign;
    }
    total.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::tests::assert_close;

    // Both tables: the series of Anderson and Darling (1952) for the lower tails, by mpmath at up to 180
    // digits, so that the difference from one has all of its own.

    #[test]
    fn plain_law_agrees_with_mpmath() {
        for &(x, expected) in PLAIN {
            assert_close(cramer_von_mises_sf(x), expected, 1e-12);
        }
    }

    #[test]
    fn weighted_law_agrees_with_mpmath() {
        for &(x, expected) in WEIGHTED {
            assert_close(anderson_darling_sf(x), expected, 1e-12);
        }
    }

    #[test]
    fn ends_are_certain() {
        for sf in [cramer_von_mises_sf, anderson_darling_sf] {
            assert_eq!(sf(-1.0), 1.0);
            assert_eq!(sf(0.0), 1.0);
            assert_eq!(sf(1e6), 0.0);
        }
        assert!(1.0 - cramer_von_mises_sf(PLAIN_MIN) < 1e-14);
        assert!(1.0 - anderson_darling_sf(WEIGHTED_MIN) < 1e-14);
    }

    const PLAIN: &[(f64, f64)] = &[
        (0.02, 0.9969993856983981),
        (0.05, 0.876280931041349),
        (0.1, 0.584873438406795),
        (0.3, 0.1351712688051058),
        (0.46136, 0.050000383132651274),
        (1.0, 0.002460452180133964),
        (3.0, 7.56774345931602e-08),
        (10.0, 4.178941092885288e-23),
        (60.0, 1.1921523064994654e-130),
    ];

    const WEIGHTED: &[(f64, f64)] = &[
        (0.2, 0.9904125472497941),
        (0.5, 0.7468143735303445),
        (1.0, 0.35726667321401906),
        (2.492, 0.05002218635960787),
        (4.0, 0.008718186913913286),
        (10.0, 1.3815035410685864e-05),
        (25.0, 2.6951386239223034e-12),
        (40.0, 6.534126441475955e-19),
    ];
}
