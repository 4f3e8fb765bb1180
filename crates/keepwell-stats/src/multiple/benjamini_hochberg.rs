//! The false-discovery rate after Benjamini and Hochberg.

/// The p-values adjusted so that `adjusted <= alpha` keeps the expected share of false alarms among all
/// alarms at or below `alpha`, in the order of the input.
///
/// Each p-value must be in `[0, 1]` and not NaN: leave undefined results out. Holds for independent and
/// for positively dependent tests; columns of one table usually are that. Benjamini and Hochberg (1995),
/// Journal of the Royal Statistical Society B 57(1), 289–300. `O(n log n)`.
///
/// ```
/// # use keepwell_stats::multiple::benjamini_hochberg;
/// assert_eq!(benjamini_hochberg(&[0.01, 0.5, 0.02]), [0.03, 0.5, 0.03]);
/// ```
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    debug_assert!(p_values.iter().all(|p| (0.0..=1.0).contains(p)));
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&left, &right| p_values[left].total_cmp(&p_values[right]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least = 1.0_f64;
    let n = p_values.len() as f64;
    for (rank, &idx) in order.iter().enumerate().rev() {
        least = least.min(p_values[idx] * (n / (rank + 1) as f64));
        adjusted[idx] = least;
    }
    adjusted
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
