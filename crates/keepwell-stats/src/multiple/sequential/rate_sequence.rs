//! The confidence sequence of a rate.

use keepwell_core::measure::Interval;

use super::mixture::{RateCounts, Tally};
use super::{SequenceError, UNIT, bisection, in_open_unit, in_range};

/// The rates that the values so far leave possible, for a rate that stays the same.
///
/// Inverts the beta-binomial mixture martingale with parameters 1/2 (Robbins 1970, Annals of Mathematical
/// Statistics 41(5), 1397–1409; Howard et al. 2021): exact for values of 0 and 1, valid for any values in
/// `[0, 1]`, wider than [`MeanSequence`](super::MeanSequence) where those vary little. If the rate moves, no
/// one rate holds at all times and the interval means little: take
/// [`MeanSequence`](super::MeanSequence) there.
///
/// `O(1)` memory and time a value; an interval takes about 100 evaluations of the martingale. Up to 10^9
/// values the interval is right to a millionth of its width.
#[derive(Debug, Clone, PartialEq)]
pub struct RateSequence {
    /// Logarithm of one over the chance of ever missing the rate.
    ln_threshold: f64,
    tally: Tally,
}

impl RateSequence {
    /// A sequence without values.
    ///
    /// # Errors
    /// If `alpha`, the chance that the interval ever misses the rate, is not in `(0, 1)`.
    pub fn try_new(alpha: f64) -> Result<Self, SequenceError> {
        let alpha = in_open_unit(alpha, "a chance between 0 and 1")?;
        Ok(Self {
            ln_threshold: -libm::log(alpha),
            tally: Tally::default(),
        })
    }

    /// Takes one value.
    ///
    /// # Errors
    /// If it is not in `[0, 1]`; the state then stays as it was.
    pub fn push(&mut self, value: f64) -> Result<(), SequenceError> {
        self.tally.push(in_range(value, UNIT)?);
        Ok(())
    }

    /// Takes all rows of a window at once.
    pub fn push_counts(&mut self, counts: RateCounts) {
        self.tally.push_counts(counts);
    }

    /// Whether the values so far leave this rate in `[0, 1]` possible.
    pub fn is_possible(&self, rate: f64) -> bool {
        self.tally.ln_mixture(rate) < self.ln_threshold
    }

    /// All possible rates, the mean of the values among them; `[0, 1]` before the first.
    pub fn interval(&self) -> Interval {
        if self.tally.n == 0.0 {
            return UNIT;
        }
        let mean = (self.tally.total / self.tally.n).min(1.0);
        let end = |end: f64| {
            if self.is_possible(end) {
                end
            } else {
                bisection::edge(mean, end, |rate| self.is_possible(rate))
            }
        };
        Interval {
            lower: end(0.0),
            upper: end(1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::tests::assert_close;

    #[test]
    fn intervals_are_the_roots_of_the_martingale() {
        // scipy.optimize.brentq on betaln(.5 + s, .5 + n - s) - log(pi) - s log(p) - (n - s) log(1 - p)
        for &((total, n), alpha, (lower, upper)) in INTERVALS {
            let mut sequence = RateSequence::try_new(alpha).expect("a chance");
            sequence.tally = Tally { n, total };
            let found = sequence.interval();
            assert_close(found.lower, lower, 1e-8);
            assert_close(found.upper, upper, 1e-8);
        }
    }

    #[test]
    fn very_long_streams_lose_no_more_than_a_millionth_of_the_width() {
        // The same roots with mpmath at 60 digits.
        let mut sequence = RateSequence::try_new(0.05).expect("a chance");
        sequence.push_counts(RateCounts {
            successes: 300_000_000,
            failures: 700_000_000,
        });
        let found = sequence.interval();
        assert!((found.lower - 0.2999244726637676).abs() < 1.5e-10);
        assert!((found.upper - 0.3000755345805825).abs() < 1.5e-10);
    }

    #[test]
    fn counts_are_values_in_one_step() {
        let mut one_by_one = RateSequence::try_new(0.05).expect("a chance");
        assert_eq!(one_by_one.interval(), UNIT);
        for value in [1.0, 0.0, 0.0, 1.0, 0.0] {
            one_by_one.push(value).expect("in range");
        }
        let mut at_once = RateSequence::try_new(0.05).expect("a chance");
        at_once.push_counts(RateCounts {
            successes: 2,
            failures: 3,
        });
        assert_eq!(one_by_one, at_once);
    }

    #[test]
    fn values_out_of_range_and_impossible_levels_are_refused() {
        let mut sequence = RateSequence::try_new(0.05).expect("a chance");
        for value in [-0.1, 1.5, f64::NAN, f64::INFINITY] {
            assert!(sequence.push(value).is_err());
        }
        assert_eq!(sequence, RateSequence::try_new(0.05).expect("a chance"));
        for alpha in [0.0, 1.0, -3.0, f64::NAN] {
            assert!(RateSequence::try_new(alpha).is_err());
        }
    }

    type Case = ((f64, f64), f64, (f64, f64));

    const INTERVALS: &[Case] = &[
        ((0.0, 1.0), 0.05, (0.0, 0.975)),
        ((1.0, 1.0), 0.05, (0.025, 1.0)),
        ((0.0, 100.0), 0.05, (0.0, 0.057028597638772355)),
        (
            (3.0, 40.0),
            0.05,
            (0.005649167587453805, 0.27417181264538454),
        ),
        (
            (81.0, 263.0),
            0.01,
            (0.20561964288317355, 0.4249201100734666),
        ),
        (
            (900.0, 1000.0),
            0.05,
            (0.8618164156483983, 0.9310985031382104),
        ),
        (
            (123456.0, 1e6),
            0.05,
            (0.12198045623737086, 0.12494171467380699),
        ),
        ((2.5, 10.0), 0.1, (0.02586817915578036, 0.6709067604369763)),
    ];
}
