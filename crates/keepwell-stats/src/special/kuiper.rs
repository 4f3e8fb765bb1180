//! The limit law of Kuiper's statistic.

/// Below this the law differs from one by less than 1e-16.
const MIN: f64 = 0.3;

/// Probability that the range of a Brownian bridge exceeds `z`: the limit of `P(sqrt(n) V > z)` for Kuiper's
/// statistic `V` (Kuiper 1960).
pub fn kuiper_sf(z: f64) -> f64 {
    if z < MIN {
        return 1.0;
    }
    let term = |j: u32| {
        let square = 2.0 * f64::from(j * j) * z * z;
        (2.0 * square - 1.0) * (-square).exp()
    };
    // From the smallest term on, which is below 1e-17 even for the least `z`.
    (2.0 * (1..=16).rev().map(term).sum::<f64>()).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::tests::assert_close;

    #[test]
    fn agrees_with_the_series_in_exact_arithmetic() {
        // mpmath.nsum at 40 digits
        for (z, expected) in KUIPER_SF {
            assert_close(kuiper_sf(z), expected, 1e-13);
        }
    }

    #[test]
    fn agrees_with_the_printed_table() {
        // Stephens (1965), Biometrika 52, 309–321: upper points of the limit law.
        for (z, level) in [(1.620, 0.10), (1.747, 0.05), (2.001, 0.01)] {
            assert!((kuiper_sf(z) - level).abs() < 5e-4, "{z}");
        }
    }

    #[test]
    fn ends_are_certain() {
        assert_eq!(kuiper_sf(0.0), 1.0);
        assert!(1.0 - kuiper_sf(MIN) < 1e-14);
        assert_eq!(kuiper_sf(1e3), 0.0);
    }

    const KUIPER_SF: [(f64, f64); 5] = [
        (0.5, 0.9999994705192119),
        (1.0, 0.8220766443569293),
        (1.747, 0.05007468185374525),
        (4.0, 1.595684859185866e-12),
        (15.0, 6.641601757140087e-193),
    ];
}
