//! The Wasserstein distance of first order.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::DriftTest;
use crate::comparison::{self, Numbers, Sides};
use crate::profile::{ColumnProfile, TwoSample};

entry! {
    /// Mean distance over which values must be moved to turn one distribution into the other.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, numeric columns of the same unit, in any order. Only
    /// finite values are compared; null, NaN and infinities are the business of the quality checks.
    ///
    /// # Result
    /// `value` in `[0, inf)`, in the unit of the column: the area between the two distribution
    /// functions. A shift of all values by `c` gives `|c|`. No p-value. `error_bound` on sketched
    /// profiles: the sum of their rank errors times the joint range of the values.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: not numeric. `all_null`: a side without values. `non_finite`: a side with
    /// infinities only, or a distance beyond the greatest number.
    ///
    /// # Cost
    /// `O(n + m)` on sorted values, on sketched profiles in what they keep.
    ///
    /// # When to use, and when not
    /// To say how far a number moved in units that its owner understands, and to see outliers: one
    /// value of a million at a distance of a million counts as one. For the same reason a single
    /// broken value can hide everything else, and columns of different units cannot be compared.
    ///
    /// # Reference
    /// Ramdas, García Trillos and Cuturi (2017), Entropy 19(2), 47.
    /// ```python oracle
    /// x, y = finite(reference), finite(current)
    /// dict(value=scipy.stats.wasserstein_distance(x, y))
    /// ```
    pub struct Wasserstein = "wasserstein" since "0.1";
}

impl DriftTest for Wasserstein {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Numeric]
    }

    fn is_symmetric(&self) -> bool {
        true
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn test(&self, sample: TwoSample<'_, ColumnProfile>, _params: &Params) -> Outcome<Measure> {
        measure(sample).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>) -> Result<Measure, Reason> {
    let sides = comparison::numeric(sample)?;
    let half_area = half_area_between(&sides);
    let value = 2.0 * half_area;
    let rank_error =
        sides.reference.distribution.rank_error() + sides.current.distribution.rank_error();
    let error_bound = rank_error * 2.0 * half_range(&sides);
    if value.is_finite() && error_bound.is_finite() {
        Ok(Measure::new(value).with_error_bound(error_bound))
    } else {
        Err(Reason::NonFinite)
    }
}

/// Half of the area between the distribution functions. Halves of values are subtracted, because the
/// distance of two numbers can be beyond the greatest number even where the area is not.
fn half_area_between(sides: &Sides<Numbers<'_>>) -> f64 {
    let (reference, current) = (&sides.reference.distribution, &sides.current.distribution);
    let [n, m] = [reference.n(), current.n()].map(i128::from);
    let product = n as f64 * m as f64;
    let (left, right) = (reference.values(), current.values());
    let (mut i, mut j) = (0, 0);
    let (mut left_rank, mut right_rank) = (0, 0);
    let mut before: Option<f64> = None;
    let mut sum = Sum::default();
    while i < left.len() || j < right.len() {
        let value = match (left.get(i), right.get(j)) {
            (Some(&x), Some(&y)) => x.min(y),
            (Some(&x), None) | (None, Some(&x)) => x,
            (None, None) => break,
        };
        if let Some(before) = before {
            let cross = i128::from(left_rank) * m - i128::from(right_rank) * n;
            let gap = cross.unsigned_abs() as f64 / product;
            sum.add(gap * (0.5 * value - 0.5 * before));
        }
        while i < left.len() && left[i] <= value {
            left_rank = reference.cumulative(i);
            i += 1;
        }
        while j < right.len() && right[j] <= value {
            right_rank = current.cumulative(j);
            j += 1;
        }
        before = Some(value);
    }
    sum.total()
}

fn half_range(sides: &Sides<Numbers<'_>>) -> f64 {
    let (reference, current) = (sides.reference.range, sides.current.range);
    0.5 * reference.1.max(current.1) - 0.5 * reference.0.min(current.0)
}

/// A sum that keeps what rounding loses (Neumaier 1974).
#[derive(Default)]
struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    fn add(&mut self, term: f64) {
        let next = self.sum + term;
        self.lost += if self.sum.abs() >= term.abs() {
            (self.sum - next) + term
        } else {
            (term - next) + self.sum
        };
        self.sum = next;
    }

    fn total(&self) -> f64 {
        self.sum + self.lost
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use proptest::prelude::*;

    use super::*;
    use crate::comparison::tests::numbers;

    fn test(reference: &[f64], current: &[f64]) -> Outcome<Measure> {
        let (reference, current) = (numbers(reference), numbers(current));
        let sample = TwoSample {
            reference: &reference,
            current: &current,
        };
        Wasserstein.test(sample, &Params::defaults(Wasserstein.parameters()))
    }

    fn value(reference: &[f64], current: &[f64]) -> f64 {
        test(reference, current).defined().expect("finite").value
    }

    #[test]
    fn outlier_counts_by_its_distance() {
        let mut current = vec![0.0; 999];
        current.push(1e6);
        assert!((value(&[0.0; 10], &current) - 1000.0).abs() < 1e-9);
    }

    #[test]
    fn greatest_numbers_do_not_overflow() {
        let found = value(&[-1.5e308, -1.5e308, 0.0], &[-1.5e308, 1.5e308, 0.0]);
        assert!((found / 1e308 - 1.0).abs() < 1e-12);
        let beyond = test(&[-1.5e308], &[1.5e308]);
        assert_eq!(beyond.reason(), Some(&Reason::NonFinite));
    }

    proptest! {
        #[test]
        fn shift_moves_by_itself(
            values in prop::collection::vec(-1e3..1e3_f64, 1..60),
            shift in -50.0..50.0_f64,
        ) {
            let moved: Vec<f64> = values.iter().map(|value| value + shift).collect();
            prop_assert!((value(&values, &moved) - shift.abs()).abs() < 1e-9);
        }

        #[test]
        fn is_a_distance(
            a in prop::collection::vec(-1e3..1e3_f64, 1..30),
            b in prop::collection::vec(-1e3..1e3_f64, 1..30),
            c in prop::collection::vec(-1e3..1e3_f64, 1..30),
        ) {
            prop_assert_eq!(value(&a, &b), value(&b, &a));
            prop_assert!(value(&a, &c) <= value(&a, &b) + value(&b, &c) + 1e-9);
        }
    }
}
