//! What the variances of all columns have in common.

/// Prior of a ratio of variances: scaled inverse chi-squared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Prior {
    /// The common ratio.
    ratio: f64,
    /// Degrees of freedom that it is worth; zero means that nothing is known, infinity that all ratios are one.
    freedom: f64,
}

/// Fewest ratios from which something common is learnt.
const RATIOS_MIN: usize = 8;

impl Prior {
    /// Nothing is known.
    pub(crate) const NONE: Self = Self {
        ratio: 1.0,
        freedom: 0.0,
    };

    /// Learns from ratios with their degrees of freedom, by the moments of their logarithms: Smyth (2004),
    /// section 6.2.
    pub(crate) fn learn(ratios: &[(f64, f64)]) -> Self {
        let logs: Vec<(f64, f64)> = ratios
            .iter()
            .filter(|(ratio, freedom)| *ratio > 0.0 && *freedom > 0.0)
            .map(|&(ratio, freedom)| {
                let half = freedom / 2.0;
                (ratio.ln() - digamma(half) + half.ln(), trigamma(half))
            })
            .collect();
        if logs.len() < RATIOS_MIN {
            return Self::NONE;
        }
        let n = logs.len() as f64;
        let mean = logs.iter().map(|(log, _)| log).sum::<f64>() / n;
        let spread = logs
            .iter()
            .map(|(log, _)| (log - mean).powi(2))
            .sum::<f64>()
            / (n - 1.0);
        let chance = logs.iter().map(|(_, variance)| variance).sum::<f64>() / n;
        let excess = spread - chance;
        if excess <= 0.0 {
            return Self {
                ratio: mean.exp(),
                freedom: f64::INFINITY,
            };
        }
        let half = trigamma_inverse(excess);
        Self {
            ratio: (mean + digamma(half) - half.ln()).exp(),
            freedom: 2.0 * half,
        }
    }

    /// A ratio with its degrees of freedom, drawn towards the common one.
    pub(crate) fn moderate(self, ratio: f64, freedom: f64) -> (f64, f64) {
        if self.freedom.is_infinite() {
            return (self.ratio, f64::INFINITY);
        }
        let all = self.freedom + freedom;
        ((self.freedom * self.ratio + freedom * ratio) / all, all)
    }
}

/// Derivative of the logarithm of the gamma function, for `x > 0`, to 1e-12: recurrence up to 8, then the
/// asymptotic series (Abramowitz and Stegun 6.3.18).
fn digamma(mut x: f64) -> f64 {
    let mut shift = 0.0;
    while x < 8.0 {
        shift -= 1.0 / x;
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    let series = r
        * (1.0 / 12.0
            - r * (1.0 / 120.0 - r * (1.0 / 252.0 - r * (1.0 / 240.0 - r * (1.0 / 132.0)))));
    shift + x.ln() - 0.5 / x - series
}

/// Second derivative (Abramowitz and Stegun 6.4.12), for `x > 0`, to 1e-12.
fn trigamma(mut x: f64) -> f64 {
    let mut shift = 0.0;
    while x < 12.0 {
        shift += 1.0 / (x * x);
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    let series =
        r * (1.0 / 6.0 - r * (1.0 / 30.0 - r * (1.0 / 42.0 - r * (1.0 / 30.0 - r * (5.0 / 66.0)))));
    shift + 1.0 / x + r / 2.0 + series / x
}

/// The `x` with `trigamma(x) = y`, for `y > 0`. Trigamma falls, and lies between `1/x` and `1/x + 1/x²`.
fn trigamma_inverse(y: f64) -> f64 {
    let (mut low, mut high) = (1.0 / y, 1.0 / y + 1.0 / y.sqrt() + 1.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if trigamma(middle) > y {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polygamma_functions_agree_with_scipy() {
        // scipy.special.digamma, scipy.special.polygamma(1, x).
        for (x, of_digamma, of_trigamma) in [
            (0.5, -1.963_510_026_021_423_4, 4.934_802_200_544_679),
            (1.0, -0.577_215_664_901_532_9, 1.644_934_066_848_226_4),
            (7.3, 1.917_820_335_637_986, 0.146_795_768_131_427_03),
        ] {
            assert!(
                (digamma(x) - of_digamma).abs() < 1e-10,
                "{x}: {}",
                digamma(x)
            );
            assert!(
                (trigamma(x) - of_trigamma).abs() < 1e-10,
                "{x}: {}",
                trigamma(x)
            );
            assert!((trigamma_inverse(of_trigamma) - x).abs() < 1e-8, "{x}");
        }
    }

    #[test]
    fn equal_variances_are_taken_as_one() {
        // The median of a chi-squared variable over its degrees of freedom, each: no spread at all.
        let ratios = vec![(0.9, 6.0); 40];
        assert_eq!(Prior::learn(&ratios).freedom, f64::INFINITY);
    }

    #[test]
    fn variances_far_apart_stand_each_for_itself() {
        let ratios: Vec<(f64, f64)> = (0..40).map(|idx| (10_f64.powi(idx % 5), 20.0)).collect();
        let prior = Prior::learn(&ratios);
        assert!(prior.freedom < 1.0, "{prior:?}");
        let (ratio, freedom) = prior.moderate(100.0, 20.0);
        assert!((90.0..110.0).contains(&ratio) && freedom < 21.0);
    }

    #[test]
    fn few_variances_teach_nothing() {
        assert_eq!(Prior::learn(&[(2.0, 5.0); 3]), Prior::NONE);
    }
}
