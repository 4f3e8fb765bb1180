//! The correction of Benjamini and Yekutieli.

use keepwell_core::entry;

use super::{Adjustment, ErrorRate, steps};

entry! {
    /// Keeps the expected share of false alarms among all alarms at or below the level, however the tests
    /// depend on one another.
    ///
    /// # Inputs
    /// `p_values`: `[n]`, each in `[0, 1]`, in any order.
    /// # Result
    /// `[n]` in the order of the input, each in `[0, 1]` and never below its p-value: that of
    /// `benjamini_hochberg` times `1 + 1/2 + … + 1/n`, at most 1. Alarm where it is at most the level.
    /// # Undefined
    /// Never; no p-values give no result. Undefined p-values must be left out.
    /// # Cost
    /// `O(n log n)` time, `O(n)` memory.
    /// # When to use, and when not
    /// Where tests may contradict one another, such as one-sided tests of differences against a shared
    /// group. The price is the power of a level that is lower by the factor, about 5 for 100 tests; where
    /// tests depend positively, `benjamini_hochberg` holds without it.
    /// # Reference
    /// Benjamini and Yekutieli (2001), Annals of Statistics 29(4), 1165–1188.
    /// ```python oracle
    /// statsmodels.stats.multitest.multipletests(p_values, method="fdr_by")[1]
    /// ```
    pub struct BenjaminiYekutieli = "benjamini_yekutieli" since "0.1";
}

impl Adjustment for BenjaminiYekutieli {
    fn adjust(&self, p_values: &[f64]) -> Vec<f64> {
        let n = p_values.len();
        // From the smallest term, so that no digit is lost.
        let harmonic: f64 = (1..=n).rev().map(|rank| 1.0 / rank as f64).sum();
        steps::up(p_values, |rank| harmonic * (n as f64 / rank))
    }

    fn controls(&self) -> ErrorRate {
        ErrorRate::FalseDiscovery
    }
}
