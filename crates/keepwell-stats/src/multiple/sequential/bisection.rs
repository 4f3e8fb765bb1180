//! The edge of a set on a line.

/// Halvings that bring any interval of numbers near 1 to neighbours; more do not move the result.
const STEPS_MAX: u32 = 200;

/// Where `is_inside` ends between a point inside and one outside, to the last digits; the result is not
/// inside, so that an interval up to it holds the whole set.
pub(super) fn edge(inside: f64, outside: f64, is_inside: impl Fn(f64) -> bool) -> f64 {
    let (mut inside, mut outside) = (inside, outside);
    for _ in 0..STEPS_MAX {
        let middle = f64::midpoint(inside, outside);
        if middle.to_bits() == inside.to_bits() || middle.to_bits() == outside.to_bits() {
            break;
        }
        if is_inside(middle) {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    outside
}
