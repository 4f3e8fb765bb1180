//! Confidence intervals at level 0.95: for shares of rows, means, weighted sums and rank statistics.
//!
//! Every function returns an interval that holds its value. The standard error of an interval that does
//! not come from one is its half-width over [`Z`], so that perfect agreement in few rows never claims
//! perfect certainty.

use keepwell_core::measure::{Interval, Measure};

use crate::profile::Moments;
use crate::special::{beta_sf, binomial_cdf};

/// Quantile of the standard normal distribution at 0.975.
pub const Z: f64 = 1.959_963_984_540_054;

/// No share is of more rows than can be counted: a variance that says so is a rounded zero.
const ROWS_MAX: f64 = 9_007_199_254_740_992.0;

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
    Some(measure(value, wilson(value, n as f64, Z), (0.0, 1.0)))
}

/// Interval of Wilson for a share in `[0, 1]` of `n` rows, `z` being the quantile of the standard normal
/// distribution that belongs to its level.
pub fn wilson(value: f64, n: f64, z: f64) -> Interval {
    let shrink = 1.0 + z * z / n;
    let centre = (value + z * z / (2.0 * n)) / shrink;
    let half = z * (value * (1.0 - value) / n + z * z / (4.0 * n * n)).sqrt() / shrink;
    Interval {
        lower: centre - half,
        upper: centre + half,
    }
}

/// A value in `[0, 1]` of known variance, with Wilson's interval for the number of rows of which a share
/// would have this variance. Where the variance says nothing, because the value is 0 or 1, `n_at_end`
/// is this number.
///
/// Unlike the value plus and minus its standard error, it stays in the range and claims no certainty where
/// few rows happen to agree.
pub fn effective_share(value: f64, variance: f64, n_at_end: f64) -> Measure {
    let n = value * (1.0 - value) / variance;
    let n = if 0.0 < n && n < ROWS_MAX { n } else { n_at_end };
    measure(value, wilson(value, n, Z), (0.0, 1.0))
}

/// Applies an increasing function of `[0, 1]` into itself to a share and its interval.
pub fn transformed(share: &Measure, increasing: impl Fn(f64) -> f64) -> Measure {
    mapped(share, increasing, (0.0, 1.0))
}

/// Applies an increasing function of `[0, 1]` to a share and its interval, which is cut to `range`.
pub fn mapped(share: &Measure, increasing: impl Fn(f64) -> f64, range: (f64, f64)) -> Measure {
    let interval = share.interval.unwrap_or(Interval {
        lower: 0.0,
        upper: 1.0,
    });
    let mapped = Interval {
        lower: increasing(interval.lower),
        upper: increasing(interval.upper),
    };
    measure(increasing(share.value), mapped, range)
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

/// Quantile of Student's t distribution at 0.975, by bisection of its distribution function; `degrees` is at
/// least 1.
pub fn t_quantile(degrees: u64) -> f64 {
    let degrees = degrees as f64;
    if degrees > 1e6 {
        // First term of the expansion of Cornish and Fisher; the next is below 1e-11.
        return Z * (1.0 + (Z * Z + 1.0) / (4.0 * degrees));
    }
    // Where the square of t has its quantile at 0.95: t² / (t² + degrees) follows a beta law.
    let (mut below, mut above) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(below, above);
        if beta_sf(0.5, degrees / 2.0, middle) > 0.05 {
            below = middle;
        } else {
            above = middle;
        }
    }
    (degrees * below / (1.0 - below)).sqrt()
}

/// The mean of the values, of which there is one, with Student's interval, cut to `range`; without an
/// interval for a single value and where the variance is beyond the range of `f64`.
pub fn t_mean(values: &Moments, range: (f64, f64)) -> Measure {
    let Some(standard_error) = mean_error(values) else {
        return Measure::new(values.mean);
    };
    let half = t_quantile(values.count - 1) * standard_error;
    let interval = Interval {
        lower: values.mean - half,
        upper: values.mean + half,
    };
    finite(measure(values.mean, interval, range).with_standard_error(standard_error))
}

/// As [`t_mean`] for values that are never negative: symmetric on the scale of the logarithm, because such
/// values are skewed to the right. A mean of zero has no width.
pub fn t_positive_mean(values: &Moments, range: (f64, f64)) -> Measure {
    match mean_error(values) {
        Some(standard_error) => t_positive(values.mean, standard_error, values.count, range),
        None => Measure::new(values.mean),
    }
}

/// A value that is never negative, from `n >= 2` rows, with the interval of [`t_positive_mean`].
pub fn t_positive(value: f64, standard_error: f64, n: u64, range: (f64, f64)) -> Measure {
    let factor = if value > 0.0 {
        (t_quantile(n - 1) * standard_error / value).exp()
    } else {
        1.0
    };
    let interval = Interval {
        lower: value / factor,
        upper: value * factor,
    };
    finite(measure(value, interval, range).with_standard_error(standard_error))
}

/// The mean of values in `[0, 1]`, of which there is one, with the interval of Wilson for as many rows of a
/// share as have its variance: Franco, Little, Louis and Slud (2019), Journal of Survey Statistics and
/// Methodology 7(3), 334–364. Student's quantile stands for the normal one, and one value more, of the
/// greatest variance that the mean allows, keeps few equal values from certainty. No interval for one value.
pub fn bounded_mean(values: &Moments) -> Measure {
    let value = values.mean.clamp(0.0, 1.0);
    let Some(standard_error) = mean_error(values) else {
        return Measure::new(value);
    };
    let (n, greatest) = (values.count as f64, value * (1.0 - value));
    let effective = if greatest > 0.0 {
        n * (greatest * n / (values.m2 + greatest)).max(1.0)
    } else {
        n
    };
    // The width depends on the number of rows and the square of the quantile only by their quotient.
    let widening = (Z / t_quantile(values.count - 1)).powi(2);
    let interval = wilson(value, effective * widening, Z);
    let bounded = measure(value, interval, (0.0, 1.0));
    if standard_error > 0.0 {
        bounded.with_standard_error(standard_error)
    } else {
        bounded
    }
}

/// Ranks, from 1 on, of the two of `n` values in order between which the median of their distribution lies with
/// a probability of at least 0.95, whatever that distribution: David and Nagaraja (2003), Order Statistics,
/// section 7.1. `None` below 6 values.
pub fn median_ranks(n: u64) -> Option<[u64; 2]> {
    let normal = (n as f64 - Z * (n as f64).sqrt()) / 2.0;
    let mut lower = normal.max(0.0) as u64 + 2;
    while lower > 0 && (lower > n || binomial_cdf(lower - 1, n, 0.5) > 0.025) {
        lower -= 1;
    }
    (lower > 0).then(|| [lower, n + 1 - lower])
}

/// Standard error of a mean; `None` below two values, and beyond the range of `f64`.
fn mean_error(values: &Moments) -> Option<f64> {
    Some((values.variance()? / values.count as f64).sqrt())
}

/// Takes away an interval that is beyond the range of `f64`.
fn finite(measure: Measure) -> Measure {
    match measure.interval {
        Some(interval) if !(interval.lower.is_finite() && interval.upper.is_finite()) => Measure {
            interval: None,
            ..measure
        },
        _ => measure,
    }
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
    fn a_share_has_the_effective_size_of_its_rows() {
        let (share, effective) = (
            proportion(30, 40).expect("rows exist"),
            effective_share(0.75, 0.75 * 0.25 / 40.0, 1.0),
        );
        let [found, expected] = [effective, share].map(|one| one.interval.expect("set"));
        assert!((found.lower - expected.lower).abs() < 1e-12);
        assert!((found.upper - expected.upper).abs() < 1e-12);
        assert_eq!(
            effective_share(1.0, 0.0, 40.0),
            proportion(40, 40).expect("rows exist")
        );
    }

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
    fn t_quantiles_agree_with_scipy() {
        // scipy.stats.t.ppf(0.975, degrees)
        for (degrees, expected) in [
            (1, 12.706_204_736_174_694),
            (2, 4.302_652_729_749_462),
            (9, 2.262_157_162_798_205),
            (149, 1.976_013_177_689_192),
            (100_000, 1.959_987_707_534_609_5),
            (2_000_000, 1.959_965_170_676_374_8),
        ] {
            let found = t_quantile(degrees);
            assert!((found - expected).abs() < 1e-9, "{degrees}: {found}");
        }
    }

    #[test]
    fn median_ranks_agree_with_published_tables() {
        // Hahn and Meeker (1991), Statistical Intervals, table A.15a, and the sign test for 6 values.
        for (n, expected) in [
            (5, None),
            (6, Some([1, 6])),
            (20, Some([6, 15])),
            (50, Some([18, 33])),
            (100, Some([40, 61])),
        ] {
            assert_eq!(median_ranks(n), expected, "{n}");
        }
        assert_eq!(median_ranks(1_000_000), Some([499_020, 500_981]));
    }

    #[test]
    fn bounded_means_are_never_certain() {
        let all_right = bounded_mean(&Moments::of(&[1.0; 30]));
        let as_share = proportion(30, 30).expect("rows exist");
        let lower = |measure: &Measure| measure.interval.expect("set").lower;
        assert!(lower(&all_right) < lower(&as_share) && lower(&all_right) > 0.8);
        assert!(all_right.standard_error.expect("set") > 0.0);
        let equal = bounded_mean(&Moments::of(&[0.5; 4])).interval.expect("set");
        assert!(equal.lower < 0.3 && equal.upper > 0.7);
        assert_eq!(bounded_mean(&Moments::of(&[0.5])).interval, None);
    }

    #[test]
    fn bounded_means_of_many_values_have_students_interval() {
        let values: Vec<f64> = (0..2_000).map(|i| 0.4 + 0.1 * f64::from(i).sin()).collect();
        let values = Moments::of(&values);
        let bounded = bounded_mean(&values).interval.expect("set");
        let plain = t_mean(&values, (0.0, 1.0)).interval.expect("set");
        assert!((bounded.lower - plain.lower).abs() < 1e-4);
        assert!((bounded.upper - plain.upper).abs() < 1e-4);
    }

    #[test]
    fn means_out_of_reach_have_no_interval() {
        let apart = Moments::of(&[f64::MAX, -f64::MAX]);
        let everything = (f64::NEG_INFINITY, f64::INFINITY);
        assert_eq!(t_mean(&apart, everything).interval, None);
        let zero = t_positive_mean(&Moments::of(&[0.0; 5]), (0.0, f64::INFINITY));
        let interval = zero.interval.expect("set");
        assert_eq!((interval.lower, interval.upper), (0.0, 0.0));
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
