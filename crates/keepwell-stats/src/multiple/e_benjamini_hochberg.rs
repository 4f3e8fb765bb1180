//! The e-value form of the correction of Benjamini and Hochberg.

use keepwell_core::entry;

use super::{Adjustment, ErrorRate, e_value, steps};

entry! {
    /// Keeps the expected share of false alarms among all alarms at or below the level, however the tests
    /// depend on one another, by way of e-values.
    ///
    /// # Inputs
    /// `p_values`: `[n]`, each in `[0, 1]`, in any order.
    /// # Result
    /// `[n]` in the order of the input, each in `[0, 1]`: each p-value becomes the e-value
    /// `(1 - p + p ln p) / (p (ln p)^2)`, and one over it is adjusted as by `benjamini_hochberg`. Alarm where
    /// it is at most the level.
    /// # Undefined
    /// Never; no p-values give no result. Undefined p-values must be left out.
    /// # Cost
    /// `O(n log n)` time, `O(n)` memory.
    /// # When to use, and when not
    /// Where the evidence itself is e-values, gathered over time or averaged: take the function of this name,
    /// which loses nothing. On p-values `benjamini_yekutieli` promises the same and finds more: it
    /// multiplies by about `ln n`, the way by e-values by about `(ln p)^2`.
    /// # Reference
    /// Wang and Ramdas (2022), Journal of the Royal Statistical Society B 84(3), 822–852; calibration: Vovk
    /// and Wang (2021), Annals of Statistics 49(3), 1736–1754, equation 3.
    /// ```python oracle
    /// p = np.array(p_values)
    /// t = -np.log(p)
    /// with_series = [1 / math.factorial(k + 2) for k in range(25)][::-1]
    /// e = np.where(t < 1, np.polyval(with_series, np.minimum(t, 1)), (1 - p - p * t) / (p * t * t))
    /// e = np.where(p == 0, np.inf, e)
    /// order = np.argsort(-e)
    /// ranked = len(p) / (np.arange(1, len(p) + 1) * e[order])
    /// adjusted = np.empty(len(p))
    /// adjusted[order] = np.minimum.accumulate(ranked[::-1])[::-1]
    /// np.minimum(adjusted, 1)
    /// ```
    pub struct EBenjaminiHochberg = "e_benjamini_hochberg" since "0.1";
}

impl Adjustment for EBenjaminiHochberg {
    fn adjust(&self, p_values: &[f64]) -> Vec<f64> {
        let e_values: Vec<f64> = p_values
            .iter()
            .copied()
            .map(e_value::from_p_value)
            .collect();
        e_benjamini_hochberg(&e_values)
    }

    fn controls(&self) -> ErrorRate {
        ErrorRate::FalseDiscovery
    }
}

/// E-values adjusted so that `adjusted <= alpha` keeps the expected share of false alarms among all alarms at
/// or below `alpha`, in the order of the input, however they depend on one another.
///
/// Each e-value must be at least 0, infinity included, and not NaN.
pub fn e_benjamini_hochberg(e_values: &[f64]) -> Vec<f64> {
    let n = e_values.len() as f64;
    let inverse: Vec<f64> = e_values.iter().map(|e_value| 1.0 / e_value).collect();
    steps::up(&inverse, |rank| n / rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_are_those_of_the_published_rule() {
        // Reject the k largest, for the greatest k with e_(k) >= n / (k alpha).
        let e_values = [0.0, 100.0, 30.0, 1.0, 45.0, 2.0, f64::INFINITY, 33.4];
        for alpha in [0.01, 0.02, 0.05, 0.06, 0.1, 0.5, 0.99] {
            let mut sorted = e_values;
            sorted.sort_by(|left, right| right.total_cmp(left));
            let k = (1..=8)
                .rev()
                .find(|&k| sorted[k - 1] >= 8.0 / (k as f64 * alpha));
            let alarms = e_benjamini_hochberg(&e_values)
                .iter()
                .filter(|&&adjusted| adjusted <= alpha)
                .count();
            assert_eq!(alarms, k.unwrap_or(0), "{alpha}");
        }
    }
}
