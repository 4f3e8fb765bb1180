//! Corrections that go through the p-values in their order.

/// Positions of the p-values, smallest first; equal ones in the order of the input.
fn ascending(p_values: &[f64]) -> Vec<usize> {
    debug_assert!(p_values.iter().all(|p| *p >= 0.0));
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&left, &right| p_values[left].total_cmp(&p_values[right]));
    order
}

/// From the largest to the smallest: each p-value times `factor` of its rank (1 for the smallest), at most
/// what a larger one got and at most 1.
pub(super) fn up(p_values: &[f64], factor: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least = 1.0_f64;
    for (place, &idx) in ascending(p_values).iter().enumerate().rev() {
        least = least.min(p_values[idx] * factor((place + 1) as f64));
        adjusted[idx] = least;
    }
    adjusted
}

/// From the smallest to the largest: each p-value times `factor` of its rank (1 for the smallest), at least
/// what a smaller one got and at most 1.
pub(super) fn down(p_values: &[f64], factor: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut adjusted = vec![1.0; p_values.len()];
    let mut largest = 0.0_f64;
    for (place, &idx) in ascending(p_values).iter().enumerate() {
        largest = largest
            .max(p_values[idx] * factor((place + 1) as f64))
            .min(1.0);
        adjusted[idx] = largest;
    }
    adjusted
}
