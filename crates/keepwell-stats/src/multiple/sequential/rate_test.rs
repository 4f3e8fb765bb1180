//! The sequential test of a rate against a limit.

use super::mixture::{RateCounts, Tally};
use super::{SequenceError, UNIT, in_open_unit, in_range};

/// Evidence that a rate is above a limit, which may be looked at after every value.
///
/// An e-process: while each value, given those before it, has a mean of at most the limit, the chance that
/// [`e_value`](Self::e_value) ever reaches `1 / alpha` is at most `alpha`. The rate may move below the limit as
/// it likes. The mixture of likelihood ratios over the rates above the limit, with the beta distribution of
/// parameters 1/2 (Howard et al. 2021; Ramdas, Grünwald, Vovk and Shafer 2023, Statistical Science 38(4),
/// 576–601). For "below", push one less each value and take one less the limit.
///
/// It asks about all values from the first one on. After a long quiet time it takes long to turn, so begin
/// afresh with each period, or watch for the moment of a change with a detector.
#[derive(Debug, Clone, PartialEq)]
pub struct RateTest {
    limit: f64,
    tally: Tally,
    /// Greatest logarithm of the evidence so far.
    ln_best: f64,
}

impl RateTest {
    /// A test without values.
    ///
    /// # Errors
    /// If `limit`, the greatest rate that is no finding, is not in `(0, 1)`.
    pub fn try_new(limit: f64) -> Result<Self, SequenceError> {
        Ok(Self {
            limit: in_open_unit(limit, "a rate between 0 and 1")?,
            tally: Tally::default(),
            ln_best: 0.0,
        })
    }

    /// Takes one value.
    ///
    /// # Errors
    /// If it is not in `[0, 1]`; the state then stays as it was.
    pub fn push(&mut self, value: f64) -> Result<(), SequenceError> {
        self.tally.push(in_range(value, UNIT)?);
        self.look();
        Ok(())
    }

    /// Takes all rows of a window at once.
    pub fn push_counts(&mut self, counts: RateCounts) {
        self.tally.push_counts(counts);
        self.look();
    }

    /// The evidence now, from 0 up, 1 before the first value: by how much a stake on "above" would have grown.
    pub fn e_value(&self) -> f64 {
        libm::exp(self.ln_evidence())
    }

    /// A p-value in `[0, 1]` that holds at every moment: one over the greatest evidence so far. It never rises.
    pub fn p_value(&self) -> f64 {
        libm::exp(-self.ln_best)
    }

    fn look(&mut self) {
        self.ln_best = self.ln_best.max(self.ln_evidence());
    }

    fn ln_evidence(&self) -> f64 {
        self.tally.ln_mixture_above(self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::tests::assert_close;

    #[test]
    fn evidence_agrees_with_the_formula_in_scipy() {
        // betaln and scipy.stats.beta.logsf
        for &((total, n), limit, expected) in EVIDENCE {
            let mut test = RateTest::try_new(limit).expect("a rate");
            test.tally = Tally { n, total };
            assert_close(test.e_value(), expected, 1e-10);
        }
    }

    #[test]
    fn the_p_value_keeps_the_best_moment() {
        let mut test = RateTest::try_new(0.2).expect("a rate");
        assert_eq!(test.p_value(), 1.0);
        test.push_counts(RateCounts {
            successes: 15,
            failures: 5,
        });
        let (evidence, p_value) = (test.e_value(), test.p_value());
        assert!(evidence > 1e4);
        assert_close(p_value, 1.0 / evidence, 1e-14);
        for _ in 0..2000 {
            test.push(0.0).expect("in range");
        }
        assert!(test.e_value() < 1e-3);
        assert_eq!(test.p_value(), p_value);
    }

    #[test]
    fn limits_and_values_out_of_range_are_refused() {
        for limit in [0.0, 1.0, f64::NAN] {
            assert!(RateTest::try_new(limit).is_err());
        }
        let mut test = RateTest::try_new(0.2).expect("a rate");
        assert!(test.push(-0.1).is_err() && test.push(f64::NAN).is_err());
        assert_eq!(test, RateTest::try_new(0.2).expect("a rate"));
    }

    type Case = ((f64, f64), f64, f64);

    const EVIDENCE: &[Case] = &[
        ((0.0, 0.0), 0.1, 1.0),
        ((1.0, 1.0), 0.1, 6.20091675833456),
        ((0.0, 50.0), 0.1, 0.022089866011724447),
        ((10.0, 50.0), 0.1, 1.2778889423528967),
        ((20.0, 50.0), 0.1, 809518.9560489445),
        ((90.0, 1000.0), 0.05, 27714.10133995893),
        ((2.5, 10.0), 0.3, 0.15792074889743732),
        ((700.0, 1000.0), 0.9, 0.002321182059170761),
    ];
}
