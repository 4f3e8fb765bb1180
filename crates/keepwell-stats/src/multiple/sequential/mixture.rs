//! Mixtures of likelihood ratios of a rate: how much better the past was foretold by an average over rates
//! than by one of them.

use crate::special::{beta_sf, ln_gamma};

/// Both parameters of the beta distribution over rates: Jeffreys's, of which the cost grows with the
/// logarithm of the number of values only, whatever the rate.
const PRIOR: f64 = 0.5;

/// Sum and number of values in `[0, 1]`, as they come or as counts of windows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Tally {
    pub(super) n: f64,
    pub(super) total: f64,
}

impl Tally {
    pub(super) fn push(&mut self, value: f64) {
        self.n += 1.0;
        self.total += value;
    }

    pub(super) fn push_counts(&mut self, counts: RateCounts) {
        let n = counts.successes + counts.failures;
        self.n += n as f64;
        self.total += counts.successes as f64;
    }

    fn rest(self) -> f64 {
        (self.n - self.total).max(0.0)
    }

    /// Logarithm of the mixture over all rates, against `rate` in `[0, 1]`.
    ///
    /// For values of 0 and 1 with this probability it is a martingale; for other values in `[0, 1]` with
    /// this mean it is a supermartingale, since the ratio of a value is convex in it and so at most that of
    /// a coin with its mean.
    pub(super) fn ln_mixture(self, rate: f64) -> f64 {
        let (successes, failures) = (self.total, self.rest());
        let mixture = ln_beta(PRIOR + successes, PRIOR + failures) - ln_beta(PRIOR, PRIOR);
        mixture - power(rate, 1.0 - rate, successes) - power(1.0 - rate, rate, failures)
    }

    /// Logarithm of the mixture over the rates above `rate`, against `rate` in `(0, 1)`: a supermartingale
    /// while the mean of each value, given those before it, is at most `rate`.
    pub(super) fn ln_mixture_above(self, rate: f64) -> f64 {
        let (successes, failures) = (PRIOR + self.total, PRIOR + self.rest());
        let share = beta_sf(successes, failures, rate) / beta_sf(PRIOR, PRIOR, rate);
        self.ln_mixture(rate) + libm::log(share)
    }
}

/// Successes and failures of one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RateCounts {
    /// Number of rows that count.
    pub successes: u64,
    /// Number of the other rows.
    pub failures: u64,
}

fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// `exponent` times the logarithm of `base`, which is one less `complement`; zero for an exponent of zero.
fn power(base: f64, complement: f64, exponent: f64) -> f64 {
    if exponent == 0.0 {
        0.0
    } else if complement < 0.5 {
        exponent * libm::log1p(-complement)
    } else {
        exponent * libm::log(base)
    }
}
