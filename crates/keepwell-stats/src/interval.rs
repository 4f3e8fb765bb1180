//! Confidence intervals at level 0.95: for shares of rows, means, weighted sums and rank statistics.
//!
//! Every function returns an interval that holds its value. The standard error of an interval that does
//! not come from one is its half-width over [`Z`], so that perfect agreement in few rows never claims
//! perfect certainty.

use keepwell_core::measure::{Interval, Measure};

/// Quantile of the standard normal distribution at 0.975.
pub const Z: f64 = 1.959_963_984_540_054;

/// A value in `range` with the interval `[lower, upper]`, cut to the range.
fn measure(value: f64, interval: Interval, range: (f64, f64)) -> Measure {
    let standard_error = (interval.upper - interval.lower) / (2.0 * Z);
    Measure::new(value)
        .with_interval(
            interval.lower.max(range.0).min(value),
            interval.upper.min(range.1).max(value),
        )
        .with_standard_error(standard_error)
}

/// The share of `successes` among `n` independent rows, with the score interval of Wilson (1927),
/// Journal of the American Statistical Association 22, 209–212; `None` where `n` is zero.
pub fn proportion(successes: u64, n: u64) -> Option<Measure> {
    if n == 0 {
        return None;
    }
    let value = successes as f64 / n as f64;
    let n = n as f64;
    let shrink = 1.0 + Z * Z / n;
    let centre = (value + Z * Z / (2.0 * n)) / shrink;
    let half = Z * (value * (1.0 - value) / n + Z * Z / (4.0 * n * n)).sqrt() / shrink;
    let interval = Interval {
        lower: centre - half,
        upper: centre + half,
    };
    Some(measure(value, interval, (0.0, 1.0)))
}

/// Applies an increasing function of `[0, 1]` into itself to a share and its interval.
pub fn transformed(share: &Measure, increasing: impl Fn(f64) -> f64) -> Measure {
    let interval = share.interval.unwrap_or(Interval {
        lower: 0.0,
        upper: 1.0,
    });
    let mapped = Interval {
        lower: increasing(interval.lower),
        upper: increasing(interval.upper),
    };
    measure(increasing(share.value), mapped, (0.0, 1.0))
}

/// The mean of values that are never negative, with a standard error from the central limit theorem and an
/// interval that is symmetric on the scale of the logarithm, because such values are skewed to the right.
/// A mean of zero has no width. `range` cuts the interval.
pub fn positive_mean(mean: f64, standard_error: f64, range: (f64, f64)) -> Measure {
    let factor = if mean > 0.0 {
        (Z * standard_error / mean).exp()
    } else {
        1.0
    };
    let interval = Interval {
        lower: mean / factor,
        upper: mean * factor,
    };
    measure(mean, interval, range).with_standard_error(standard_error)
}

/// Interval of a value in `(0, 1)` that is symmetric on the scale of its logit and so stays in `(0, 1)`.
pub fn logit(value: f64, standard_error: f64) -> Interval {
    let centre = (value / (1.0 - value)).ln();
    let half = Z * standard_error / (value * (1.0 - value));
    let inverse = |x: f64| 1.0 / (1.0 + (-x).exp());
    Interval {
        lower: inverse(centre - half).min(value),
        upper: inverse(centre + half).max(value),
    }
}

/// What sets the uncertainty of a weighted sum apart from that of independent terms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dependence {
    /// Factor on the variance of the sum of independent terms, for their correlation; at least one.
    pub inflation: f64,
    /// Variance that the intervals of the terms do not hold, for example that of the weights.
    pub extra_variance: f64,
}

/// `value`, which is the sum of `terms` (weight, measure), with an interval recovered from theirs:
/// the MOVER of Zou and Donner (2008), Statistics in Medicine 27(10), 1693–1702. The range is `[0, 1]`.
///
/// In contrast to the delta method it stays sound where some terms rest on few rows or are 0 or 1.
pub fn weighted_sum(value: f64, terms: &[(f64, Measure)], dependence: Dependence) -> Measure {
    let (mut below, mut above) = (0.0, 0.0);
    for (weight, term) in terms {
        if let Some(interval) = term.interval {
            below += (weight * (term.value - interval.lower)).powi(2);
            above += (weight * (interval.upper - term.value)).powi(2);
        }
    }
    let extra = Z * Z * dependence.extra_variance;
    let half = |squares: f64| (dependence.inflation * squares + extra).sqrt();
    let interval = Interval {
        lower: value - half(below),
        upper: value + half(above),
    };
    measure(value, interval, (0.0, 1.0))
}

/// Interval of the area under the ROC curve from the two group sizes alone, both at least one: the values
/// whose variance, by the formula of Hanley and McNeil with equal group sizes, allows `auc`. Method 5 of
/// Newcombe (2006), Statistics in Medicine 25(4), 559–573. Never empty, also at 0 and 1.
pub fn mann_whitney(auc: f64, positives: u64, negatives: u64) -> Interval {
    let (m, n) = (positives as f64, negatives as f64);
    let pairs = (m + n) / 2.0 - 1.0;
    let standard_error = |x: f64| {
        let spread = 1.0 + pairs * ((1.0 - x) / (2.0 - x) + x / (1.0 + x));
        (x * (1.0 - x) * spread / (m * n)).sqrt()
    };
    // The distance from `auc` in standard errors grows towards either end: bisect it.
    let bisect = |end: f64| {
        let (mut outside, mut inside) = (end, auc);
        for _ in 0..60 {
            let middle = f64::midpoint(outside, inside);
            if (middle - auc).abs() > Z * standard_error(middle) {
                outside = middle;
            } else {
                inside = middle;
            }
        }
        outside
    };
    Interval {
        lower: bisect(0.0),
        upper: bisect(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_agrees_with_published_values() {
        // Newcombe (1998), Statistics in Medicine 17, 857–872, table I, method 3.
        for (successes, n, lower, upper) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let interval = proportion(successes, n)
                .and_then(|share| share.interval)
                .expect("rows exist");
            assert!((interval.lower - lower).abs() < 5e-5, "{successes}/{n}");
            assert!((interval.upper - upper).abs() < 5e-5, "{successes}/{n}");
        }
        assert_eq!(proportion(0, 0), None);
    }

    #[test]
    fn wilson_holds_its_value_and_stays_in_range() {
        for n in 1..60 {
            for successes in 0..=n {
                let share = proportion(successes, n).expect("rows exist");
                let interval = share.interval.expect("always there");
                assert!(0.0 <= interval.lower && interval.lower <= share.value);
                assert!(share.value <= interval.upper && interval.upper <= 1.0);
                assert!(share.standard_error.expect("always there") > 0.0);
            }
        }
    }

    #[test]
    fn rank_interval_is_symmetric_and_never_empty() {
        for (m, n) in [(1, 1), (1, 500), (3, 47), (250, 250)] {
            for auc in [0.0, 0.2, 0.5, 0.93, 1.0] {
                let own = mann_whitney(auc, m, n);
                let mirror = mann_whitney(1.0 - auc, n, m);
                assert!(
                    0.0 <= own.lower && own.lower <= auc && auc <= own.upper && own.upper <= 1.0
                );
                assert!(own.lower < own.upper, "{auc} of {m} and {n}");
                assert!((own.lower - (1.0 - mirror.upper)).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn sum_of_one_term_is_that_term() {
        let term = proportion(3, 40).expect("rows exist");
        let independent = Dependence {
            inflation: 1.0,
            extra_variance: 0.0,
        };
        let sum = weighted_sum(term.value, &[(1.0, term)], independent);
        let (found, expected) = (sum.interval.expect("set"), term.interval.expect("set"));
        assert!((found.lower - expected.lower).abs() < 1e-15);
        assert!((found.upper - expected.upper).abs() < 1e-15);
    }
}
