//! The correction of Bonferroni.

use keepwell_core::entry;

use super::{Adjustment, ErrorRate};

entry! {
    /// Keeps the chance of any false alarm at or below the level, by multiplication with the number of tests.
    ///
    /// # Inputs
    /// `p_values`: `[n]`, each in `[0, 1]`, in any order.
    /// # Result
    /// `[n]` in the order of the input, each in `[0, 1]`: `n` times the p-value, at most 1. Alarm where it is
    /// at most the level.
    /// # Undefined
    /// Never; no p-values give no result. Undefined p-values must be left out.
    /// # Cost
    /// `O(n)` time and memory.
    /// # When to use, and when not
    /// For an error rate that can be worked out in the head. Holds for any dependence, as `holm` does, which
    /// is never weaker and often stronger: prefer that.
    /// # Reference
    /// Dunn (1961), Journal of the American Statistical Association 56, 52–64.
    /// ```python oracle
    /// statsmodels.stats.multitest.multipletests(p_values, method="bonferroni")[1]
    /// ```
    pub struct Bonferroni = "bonferroni" since "0.1";
}

impl Adjustment for Bonferroni {
    fn adjust(&self, p_values: &[f64]) -> Vec<f64> {
        let n = p_values.len() as f64;
        p_values.iter().map(|p| (n * p).min(1.0)).collect()
    }

    fn controls(&self) -> ErrorRate {
        ErrorRate::Familywise
    }
}
