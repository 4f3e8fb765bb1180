//! The correction of Holm.

use keepwell_core::entry;

use super::{Adjustment, ErrorRate, steps};

entry! {
    /// Keeps the chance of any false alarm at or below the level, however the tests depend on one another.
    ///
    /// # Inputs
    /// `p_values`: `[n]`, each in `[0, 1]`, in any order.
    /// # Result
    /// `[n]` in the order of the input, each in `[0, 1]` and never below its p-value: of the p-values up to
    /// this one, the greatest after multiplication by the number of those that are not smaller, at most 1.
    /// Alarm where it is at most the level.
    /// # Undefined
    /// Never; no p-values give no result. Undefined p-values must be left out.
    /// # Cost
    /// `O(n log n)` time, `O(n)` memory.
    /// # When to use, and when not
    /// Where one false alarm is one too many: a gate before a release, a page at night. With many tests it
    /// misses more than `benjamini_hochberg` does.
    /// # Reference
    /// Holm (1979), Scandinavian Journal of Statistics 6(2), 65–70.
    /// ```python oracle
    /// statsmodels.stats.multitest.multipletests(p_values, method="holm")[1]
    /// ```
    pub struct Holm = "holm" since "0.1";
}

impl Adjustment for Holm {
    fn adjust(&self, p_values: &[f64]) -> Vec<f64> {
        let n = p_values.len() as f64;
        steps::down(p_values, |rank| n - rank + 1.0)
    }

    fn controls(&self) -> ErrorRate {
        ErrorRate::Familywise
    }
}
