//! E-values: evidence against a null hypothesis that may be averaged and multiplied.
//!
//! An e-value is a number from 0 up whose expectation is at most 1 while the null hypothesis holds, so that
//! by Markov's inequality it reaches `1 / alpha` with a chance of at most `alpha`. Read it as a bet: 20 means
//! that a stake grew twentyfold against the hypothesis. Vovk and Wang (2021), "E-values: calibration,
//! combination and applications", Annals of Statistics 49(3), 1736–1754.
//!
//! A product of sequential e-values is one, too, and so is any average, whatever the dependence. P-values
//! have neither property.

/// Logarithms of p-values below this one take the series of [`from_p_value`]: where it begins, both forms
/// have an error of about 1e-14.
const SERIES_MAX: f64 = 0.5;

/// The e-value of a p-value in `[0, 1]`: `(1 - p + p ln p) / (p (ln p)^2)`, the average of `k p^(k - 1)` over
/// all `k` in `(0, 1)`.
///
/// Between 0.5 for a p-value of 1 and infinity for one of 0. A p-value of 0.05 is worth 1.8, one of 0.01 is
/// worth 4.5, one of 1e-6 is worth 5,239: the price of what e-values can do. Shafer, Shen, Vereshchagin and
/// Vovk (2011), Statistical Science 26(1), 84–101; Vovk and Wang (2021), equation 3.
pub fn from_p_value(p_value: f64) -> f64 {
    // With t = -ln p the value is (e^t - 1 - t) / t^2.
    let t = -libm::log(p_value);
    if t.is_infinite() {
        return f64::INFINITY;
    }
    if t >= SERIES_MAX {
        return (libm::expm1(t) - t) / (t * t);
    }
    // 1/2! + t/3! + t^2/4! + …, of which 12 terms are below the last digit.
    let (mut term, mut sum) = (0.5, 0.0);
    for k in 3..16 {
        sum += term;
        term *= t / f64::from(k);
    }
    sum
}

/// The p-value of an e-value: `1 / e`, at most 1.
pub fn to_p_value(e_value: f64) -> f64 {
    (1.0 / e_value).min(1.0)
}

/// The e-value of one null hypothesis from several of it, however they depend on one another: their average.
/// `None` if there are none. Up to a constant no other symmetric rule is better: Vovk and Wang (2021),
/// proposition 3.1.
pub fn average(e_values: &[f64]) -> Option<f64> {
    (!e_values.is_empty()).then(|| e_values.iter().sum::<f64>() / e_values.len() as f64)
}

/// The e-value of one null hypothesis from several of it that are independent or sequential (each one valid
/// given those before it): their product, 1 if there are none.
///
/// Zero, once reached, stays: no later evidence counts against a hypothesis that a stake was lost on.
pub fn product(e_values: &[f64]) -> f64 {
    if e_values.contains(&0.0) {
        return 0.0;
    }
    libm::exp(e_values.iter().map(|&e_value| libm::log(e_value)).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::tests::assert_close;

    #[test]
    fn calibration_agrees_with_the_formula_at_high_precision() {
        // mpmath at 50 digits: (1 - p + p * log(p)) / (p * log(p)**2)
        for &(p_value, expected) in CALIBRATED {
            assert_close(from_p_value(p_value), expected, 4e-14);
        }
        assert_eq!(from_p_value(0.0), f64::INFINITY);
        assert_eq!(from_p_value(1.0), 0.5);
    }

    #[test]
    fn calibrated_p_values_are_worth_one_on_average() {
        // Midpoints of a fine grid on the scale of the logarithm; the tail below e^-80 is worth 1/80.
        let n = 800_000;
        let width = 80.0 / f64::from(n);
        let total: f64 = (0..n)
            .map(|idx| {
                let p_value = (-(f64::from(idx) + 0.5) * width).exp();
                from_p_value(p_value) * p_value * width
            })
            .sum();
        assert!((total + 1.0 / 80.0 - 1.0).abs() < 1e-4, "{total}");
    }

    #[test]
    fn merging() {
        assert_eq!(average(&[]), None);
        assert_eq!(average(&[1.0, 5.0, 0.0]), Some(2.0));
        assert_eq!(product(&[]), 1.0);
        assert_close(product(&[2.0, 0.25, 8.0]), 4.0, 1e-15);
        assert_eq!(product(&[f64::INFINITY, 0.0]), 0.0);
        assert_eq!(to_p_value(0.2), 1.0);
        assert_eq!(to_p_value(40.0), 0.025);
        assert_eq!(to_p_value(0.0), 1.0);
    }

    const CALIBRATED: &[(f64, f64)] = &[
        (0.999999, 0.5000001666667917),
        (0.99, 0.501679273168364),
        (0.9, 0.518032541215405),
        (0.61, 0.5936586622839278),
        (0.6, 0.5972229630893265),
        (0.5, 0.6386739401166444),
        (0.05, 1.783322181482338),
        (0.01, 4.450992260085819),
        (0.001, 20.791133540988064),
        (1e-06, 5239.1361842507085),
        (1e-50, 7.544467880464557e+45),
        (1e-300, 2.0956855223512657e+294),
    ];
}
