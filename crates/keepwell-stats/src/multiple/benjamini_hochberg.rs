//! The correction of Benjamini and Hochberg.

use keepwell_core::entry;

use super::{Adjustment, ErrorRate, steps};

entry! {
    /// Keeps the expected share of false alarms among all alarms at or below the level, for tests that do
    /// not contradict one another.
    ///
    /// # Inputs
    /// `p_values`: `[n]`, each in `[0, 1]`, in any order.
    /// # Result
    /// `[n]` in the order of the input, each in `[0, 1]` and never below its p-value: of the p-values from
    /// this one up, the least after multiplication by `n` over its rank. Alarm where it is at most the
    /// level.
    /// # Undefined
    /// Never; no p-values give no result. Undefined p-values must be left out.
    /// # Cost
    /// `O(n log n)` time, `O(n)` memory.
    /// # When to use, and when not
    /// The usual choice for many columns at once: a few false alarms among many right ones are no harm. Holds
    /// for independent and for positively dependent tests, as those of the columns of one table usually are.
    /// `benjamini_yekutieli` and `e_benjamini_hochberg` hold for any dependence; where one false alarm is
    /// one too many, take `holm`.
    /// # Reference
    /// Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57(1), 289–300; dependence:
    /// Benjamini and Yekutieli (2001), Annals of Statistics 29(4), 1165–1188.
    /// ```python oracle
    /// statsmodels.stats.multitest.multipletests(p_values, method="fdr_bh")[1]
    /// ```
    pub struct BenjaminiHochberg = "benjamini_hochberg" since "0.1";
}

impl Adjustment for BenjaminiHochberg {
    fn adjust(&self, p_values: &[f64]) -> Vec<f64> {
        benjamini_hochberg(p_values)
    }

    fn controls(&self) -> ErrorRate {
        ErrorRate::FalseDiscovery
    }
}

/// [`Adjustment::adjust`] of `benjamini_hochberg`.
///
/// ```
/// # use keepwell_stats::multiple::benjamini_hochberg;
/// assert_eq!(benjamini_hochberg(&[0.01, 0.5, 0.02]), [0.03, 0.5, 0.03]);
/// ```
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let n = p_values.len() as f64;
    steps::up(p_values, |rank| n / rank)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn agrees_with_scipy() {
        // scipy.stats.false_discovery_control(method="bh")
        for &(p_values, expected) in BH {
            let found = benjamini_hochberg(p_values);
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() <= 1e-15 * expected, "{p_values:?}");
            }
            assert_eq!(found.len(), expected.len());
        }
    }

    #[test]
    fn nothing_to_benjamini_hochberg() {
        assert!(benjamini_hochberg(&[]).is_empty());
        assert_eq!(benjamini_hochberg(&[0.2]), [0.2]);
    }

    proptest! {
        #[test]
        fn keeps_order_and_never_lowers(p_values in prop::collection::vec(0.0..=1.0_f64, 0..50)) {
            let adjusted = benjamini_hochberg(&p_values);
            for (left, &p) in p_values.iter().enumerate() {
                prop_assert!(p <= adjusted[left] && adjusted[left] <= 1.0);
                for (right, &other) in p_values.iter().enumerate() {
                    prop_assert!(p > other || adjusted[left] <= adjusted[right]);
                }
            }
        }

        #[test]
        fn order_of_input_does_not_matter(p_values in prop::collection::vec(0.0..=1.0_f64, 1..50)) {
            let mut reversed = p_values.clone();
            reversed.reverse();
            let mut back = benjamini_hochberg(&reversed);
            back.reverse();
            prop_assert_eq!(benjamini_hochberg(&p_values), back);
        }
    }

    const BH: &[(&[f64], &[f64])] = &[
        (
            &[0.01, 0.04, 0.03, 0.005],
            &[0.02, 0.04, 0.039999999999999994, 0.02],
        ),
        (&[0.9, 0.9, 0.9], &[0.9, 0.9, 0.9]),
        (&[0.0, 1.0, 0.5], &[0.0, 1.0, 0.75]),
        (
            &[1e-300, 0.2, 0.2, 0.049, 0.05],
            &[5e-300, 0.2, 0.2, 0.08333333333333334, 0.08333333333333334],
        ),
        (
            &[
                0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324,
                0.4262, 0.5719, 0.6528, 0.759, 1.0,
            ],
            &[
                0.0015,
                0.003,
                0.0095,
                0.035625,
                0.0603,
                0.06385714285714286,
                0.06385714285714286,
                0.0645,
                0.07650000000000001,
                0.486,
                0.5811818181818181,
                0.7148749999999999,
                0.7532307692307693,
                0.8132142857142857,
                1.0,
            ],
        ),
    ];
}
