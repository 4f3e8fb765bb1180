//! The confidence sequence of a mean of bounded values.

use keepwell_core::measure::Interval;

use super::{SequenceError, UNIT, bisection, in_open_unit, in_range};
use crate::special::{gamma_cdf, ln_gamma};

/// The means that the values so far leave possible, for values in a known range.
///
/// What it holds at all times, with the stated probability, is the average so far of the means of the values,
/// each given those before it. So the mean may move: no assumption is made but the range. The empirical
/// Bernstein bound with the gamma-exponential mixture of Howard et al. (2021), theorem 4 and proposition 9,
/// in the form of their package confseq; it adapts to the variance of the values.
///
/// `O(1)` memory and time a value; an interval takes about 100 evaluations of the incomplete gamma function.
#[derive(Debug, Clone, PartialEq)]
pub struct MeanSequence {
    range: Interval,
    /// Logarithm of one over the chance of ever missing the mean on one side.
    ln_threshold: f64,
    mixture: Mixture,
    n: f64,
    /// Sum of the values, in shares of the range.
    total: f64,
    /// Sum of the squared differences of each value from the mean of those before it, in the same unit.
    variation: f64,
}

impl MeanSequence {
    /// A sequence without values.
    ///
    /// `range` holds every value. `alpha` is the chance that the interval ever misses the mean. `n_best` is
    /// the number of values at which the interval is to be tightest, if they vary as much as the range
    /// allows; it matters little within a factor of ten.
    ///
    /// # Errors
    /// If `range` is empty, a point or infinite, `alpha` not in `(0, 1)`, or `n_best` not at least 1.
    pub fn try_new(range: Interval, alpha: f64, n_best: f64) -> Result<Self, SequenceError> {
        let width = range.upper - range.lower;
        if !(0.0 < width && width.is_finite()) {
            return Err(SequenceError::Option {
                expected: "a range with two finite ends, the lower one first",
                found: width,
            });
        }
        if !(1.0..=1e15).contains(&n_best) {
            return Err(SequenceError::Option {
                expected: "a number of values from 1 to 1e15",
                found: n_best,
            });
        }
        let alpha = in_open_unit(alpha, "a chance between 0 and 1")?;
        Ok(Self {
            range,
            ln_threshold: libm::log(2.0 / alpha),
            mixture: Mixture::tightest_at(n_best / 4.0, alpha),
            n: 0.0,
            total: 0.0,
            variation: 0.0,
        })
    }

    /// Takes one value.
    ///
    /// # Errors
    /// If it is outside the range; the state then stays as it was.
    pub fn push(&mut self, value: f64) -> Result<(), SequenceError> {
        let value = in_range(value, self.range)?;
        let share = (value - self.range.lower) / (self.range.upper - self.range.lower);
        // Before the first value the middle of the range stands for the mean, as in confseq.
        let before = if self.n > 0.0 { self.mean() } else { 0.5 };
        self.n += 1.0;
        self.total += share;
        self.variation += (share - before) * (share - before);
        Ok(())
    }

    /// Whether the values so far leave this mean possible.
    pub fn is_possible(&self, mean: f64) -> bool {
        let share = (mean - self.range.lower) / (self.range.upper - self.range.lower);
        self.is_possible_sum((self.total - self.n * share).abs())
    }

    /// All possible means, that of the values among them; the whole range before the first.
    pub fn interval(&self) -> Interval {
        if self.n == 0.0 {
            return self.range;
        }
        let mean = self.mean();
        let half = if self.is_possible_sum(self.n) {
            1.0
        } else {
            bisection::edge(0.0, self.n, |sum| self.is_possible_sum(sum)) / self.n
        };
        let at = |share: f64| {
            let share = share.clamp(UNIT.lower, UNIT.upper);
            self.range.lower * (1.0 - share) + self.range.upper * share
        };
        Interval {
            lower: at(mean - half),
            upper: at(mean + half),
        }
    }

    fn mean(&self) -> f64 {
        (self.total / self.n).min(1.0)
    }

    /// Whether the sum of the values may be this far from the sum of their means.
    fn is_possible_sum(&self, distance: f64) -> bool {
        self.mixture.ln_value(distance, self.variation) < self.ln_threshold
    }
}

/// The gamma-exponential mixture for a range of width 1.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Mixture {
    rho: f64,
    /// What makes the mixture 1 at the beginning.
    ln_norm: f64,
}

impl Mixture {
    /// The mixture whose bound of two-sided level `alpha` is about tightest at this variation.
    fn tightest_at(variation: f64, alpha: f64) -> Self {
        let twice = -2.0 * libm::log(alpha);
        let rho = variation / (twice + libm::log1p(twice));
        Self {
            rho,
            ln_norm: rho * libm::log(rho) - ln_gamma(rho) - libm::log(gamma_cdf(rho, rho)),
        }
    }

    /// Logarithm of the supermartingale at a sum of deviations and a variation.
    fn ln_value(self, sum: f64, variation: f64) -> f64 {
        let shape = variation + self.rho;
        let point = sum + shape;
        self.ln_norm + ln_gamma(shape) + libm::log(gamma_cdf(shape, point))
            - shape * libm::log(point)
            + sum
            + variation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::tests::assert_close;

    #[test]
    fn the_mixture_is_that_of_confseq() {
        // Their test of the gamma-exponential mixture, (100, 0.05, 2), in units of its scale of 2.
        let mixture = Mixture::tightest_at(25.0, 0.1);
        assert!((mixture.ln_value(5.0, 25.0) + 0.2490165).abs() < 1e-6);
        let threshold = -libm::log(0.05);
        let bound = bisection::edge(0.0, 100.0, |sum| mixture.ln_value(sum, 25.0) < threshold);
        assert!((2.0 * bound - 33.02017).abs() < 1e-5, "{bound}");
    }

    #[test]
    fn intervals_agree_with_the_formula_in_scipy() {
        // conjmix_empbern_lower_cs of confseq, at half of alpha a side, with scipy.special.gammainc and brentq.
        for &(n, alpha, n_best, ends, (lower, upper)) in INTERVALS {
            let range = Interval {
                lower: ends.0,
                upper: ends.1,
            };
            let mut sequence = MeanSequence::try_new(range, alpha, n_best).expect("sound options");
            assert_eq!(sequence.interval(), range);
            for idx in 0..n {
                sequence
                    .push(f64::from(idx * 7 % 11))
                    .expect("in the range");
            }
            let found = sequence.interval();
            assert_close(found.lower, lower, 1e-9);
            assert_close(found.upper, upper, 1e-9);
            assert!(sequence.is_possible(lower + 1e-6) && sequence.is_possible(upper - 1e-6));
            assert!(n == 10 || !sequence.is_possible(lower - 1e-6));
        }
    }

    #[test]
    fn options_without_sense_and_values_out_of_range_are_refused() {
        let range = |lower: f64, upper: f64| Interval { lower, upper };
        for (range, alpha, n_best) in [
            (range(1.0, 1.0), 0.05, 100.0),
            (range(2.0, 1.0), 0.05, 100.0),
            (range(f64::NEG_INFINITY, 1.0), 0.05, 100.0),
            (range(f64::NAN, 1.0), 0.05, 100.0),
            (range(0.0, 1.0), 0.0, 100.0),
            (range(0.0, 1.0), 0.05, 0.0),
            (range(0.0, 1.0), 0.05, f64::NAN),
        ] {
            assert!(MeanSequence::try_new(range, alpha, n_best).is_err());
        }
        let mut sequence = MeanSequence::try_new(range(-1.0, 3.0), 0.05, 100.0).expect("sound");
        let fresh = sequence.clone();
        for value in [-1.1, 3.1, f64::NAN, f64::INFINITY] {
            assert!(sequence.push(value).is_err());
        }
        assert_eq!(sequence, fresh);
    }

    type Case = (u32, f64, f64, (f64, f64), (f64, f64));

    const INTERVALS: &[Case] = &[
        (10, 0.05, 1000.0, (0.0, 10.0), (0.0, 10.0)),
        (
            100,
            0.05,
            1000.0,
            (0.0, 10.0),
            (3.0801595912844046, 6.819840408715594),
        ),
        (
            1000,
            0.05,
            1000.0,
            (0.0, 10.0),
            (4.6592143078841115, 5.342785692115887),
        ),
        (
            1000,
            0.01,
            100.0,
            (-5.0, 20.0),
            (4.529474512311397, 5.47252548768857),
        ),
        (
            20000,
            0.05,
            1000.0,
            (-5.0, 20.0),
            (4.927885695447401, 5.071814304549823),
        ),
    ];
}
