//! The values of both sides of a comparison, merged in ascending order.

use keepwell_core::outcome::Reason;

use crate::comparison::{Numbers, Sides};

/// A distinct value and the rows of either side that hold it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Class {
    pub(super) value: f64,
    /// Reference first; not both zero.
    pub(super) rows: [u64; 2],
}

impl Class {
    /// Rows of both sides.
    pub(super) fn total(&self) -> u64 {
        self.rows[0] + self.rows[1]
    }
}

/// Rows of either side, reference first; each at least one.
pub(super) fn sizes(sides: &Sides<Numbers<'_>>) -> [u64; 2] {
    [
        sides.reference.distribution.n(),
        sides.current.distribution.n(),
    ]
}

/// Sum of the bounds of both sides on the error of a rank, as a share; zero if all values are kept.
pub(super) fn rank_error(sides: &Sides<Numbers<'_>>) -> f64 {
    sides.reference.distribution.rank_error() + sides.current.distribution.rank_error()
}

/// Checks that both sides have so many finite values.
///
/// # Errors
/// [`Reason::TooFewRows`], with the smaller side.
pub(super) fn require_rows(sides: &Sides<Numbers<'_>>, needed: u64) -> Result<(), Reason> {
    let [n, m] = sizes(sides);
    let found = n.min(m);
    if found < needed {
        Err(Reason::TooFewRows { needed, found })
    } else {
        Ok(())
    }
}

/// Checks that all values of both sides are kept.
///
/// # Errors
/// [`Reason::Sketched`].
pub(super) fn require_all_values(sides: &Sides<Numbers<'_>>) -> Result<(), Reason> {
    if rank_error(sides) > 0.0 {
        Err(Reason::Sketched)
    } else {
        Ok(())
    }
}

/// The distinct values of both sides in ascending order. `O(n + m)` in all.
pub(super) fn classes<'a>(sides: &'a Sides<Numbers<'a>>) -> impl Iterator<Item = Class> + 'a {
    let (reference, current) = (&sides.reference.distribution, &sides.current.distribution);
    let (left, right) = (reference.values(), current.values());
    let (mut i, mut j) = (0, 0);
    let mut ranks = [0, 0];
    std::iter::from_fn(move || {
        let value = match (left.get(i), right.get(j)) {
            (Some(&x), Some(&y)) => x.min(y),
            (Some(&x), None) | (None, Some(&x)) => x,
            (None, None) => return None,
        };
        let before = ranks;
        while i < left.len() && left[i] <= value {
            ranks[0] = reference.cumulative(i);
            i += 1;
        }
        while j < right.len() && right[j] <= value {
            ranks[1] = current.cumulative(j);
            j += 1;
        }
        Some(Class {
            value,
            rows: [ranks[0] - before[0], ranks[1] - before[1]],
        })
    })
}

/// A power of two that brings the values of both sides into `(-1, 1)`, so that neither their differences
/// nor the squares of these overflow, nor vanish unless they are tiny beside the greatest value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    /// Both halves of the factor, which itself can be out of range.
    factors: [f64; 2],
}

impl Scale {
    pub(super) fn of(sides: &Sides<Numbers<'_>>) -> Self {
        let ends = [sides.reference.range, sides.current.range];
        let greatest = ends
            .iter()
            .fold(0.0_f64, |acc, (min, max)| acc.max(-min).max(*max));
        let exponent = -libm::frexp(greatest).1;
        let half = exponent / 2;
        Self {
            factors: [half, exponent - half].map(|exponent| 2_f64.powi(exponent)),
        }
    }

    /// The value in the new unit; exact unless it is tiny beside the greatest one.
    pub(super) fn apply(self, value: f64) -> f64 {
        value * self.factors[0] * self.factors[1]
    }

    /// The factor for what is a square root in the new unit, back in the unit of the column.
    pub(super) fn root_back(self) -> f64 {
        let [first, second] = self.factors.map(|factor| (1.0 / factor).sqrt());
        first * second
    }
}

/// A sum that keeps what rounding loses (Neumaier 1974).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    pub(super) fn add(&mut self, term: f64) {
        let next = self.sum + term;
        self.lost += if self.sum.abs() >= term.abs() {
            (self.sum - next) + term
        } else {
            (term - next) + self.sum
        };
        self.sum = next;
    }

    pub(super) fn total(self) -> f64 {
        self.sum + self.lost
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::comparison;
    use crate::comparison::tests::numbers;
    use crate::profile::TwoSample;

    #[test]
    fn greatest_and_least_numbers_come_into_range() {
        for (greatest, least) in [(f64::MAX, 1.0), (1e-310, 5e-324), (0.75, 0.5), (4.0, 1.0)] {
            let (reference, current) = (numbers(&[-greatest, least]), numbers(&[least]));
            let sample = TwoSample {
                reference: &reference,
                current: &current,
            };
            let scale = Scale::of(&comparison::numeric(sample).expect("values"));
            let scaled = scale.apply(-greatest);
            assert!(-1.0 < scaled && scaled <= -0.5, "{greatest}: {scaled}");
            let ratio = scale.apply(least) / scale.apply(greatest);
            assert!((ratio - least / greatest).abs() <= 1e-15 * ratio);
            let root = scale.apply(greatest).sqrt() * scale.root_back();
            assert!((root - greatest.sqrt()).abs() <= 1e-15 * root);
        }
    }

    #[test]
    fn zeros_have_a_scale() {
        let zeros = numbers(&[0.0, 0.0]);
        let sample = TwoSample {
            reference: &zeros,
            current: &zeros,
        };
        let scale = Scale::of(&comparison::numeric(sample).expect("values"));
        assert_eq!(scale.apply(0.0), 0.0);
    }

    #[test]
    fn sum_keeps_small_terms() {
        let mut sum = Sum::default();
        for term in [1e16, 1.0, -1e16, 1.0] {
            sum.add(term);
        }
        assert_eq!(sum.total(), 2.0);
    }

    proptest! {
        #[test]
        fn classes_count_every_row_once(
            left in prop::collection::vec(-4_i8..4, 1..30),
            right in prop::collection::vec(-4_i8..4, 1..30),
        ) {
            let side = |values: &[i8]| {
                numbers(&values.iter().map(|&value| f64::from(value)).collect::<Vec<_>>())
            };
            let (reference, current) = (side(&left), side(&right));
            let sample = TwoSample { reference: &reference, current: &current };
            let sides = comparison::numeric(sample).expect("values");
            let found: Vec<Class> = classes(&sides).collect();
            let count = |values: &[i8], value: i8| {
                values.iter().filter(|&&other| other == value).count() as u64
            };
            let expected: Vec<Class> = (-4..4)
                .map(|value| Class {
                    value: f64::from(value),
                    rows: [count(&left, value), count(&right, value)],
                })
                .filter(|class| class.total() > 0)
                .collect();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(sizes(&sides), [left.len() as u64, right.len() as u64]);
        }
    }
}
