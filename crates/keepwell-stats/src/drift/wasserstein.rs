//! The Wasserstein distance of first order.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};
use keepwell_core::schema::Kind;

use super::DriftTest;
use super::pooled::Sum;
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
    /// functions. A shift of all values by `c` gives `|c|`. With `scale = reference_std` divided by the
    /// standard deviation of the reference, which has no unit, but is not the same after exchanging the
    /// sides. No p-value. `error_bound` on sketched profiles: the sum of their rank errors times the joint
    /// range of the values.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: not numeric. `all_null`: a side without values. `non_finite`: a side with
    /// infinities only, or a distance or deviation beyond the greatest number. `zero_denominator`: a
    /// reference without spread by which to divide.
    ///
    /// # Cost
    /// `O(n + m)` on sorted values, on sketched profiles in what they keep.
    ///
    /// # When to use, and when not
    /// To say how far a number moved in units that its owner understands, and to see outliers: one
    /// value of a million at a distance of a million counts as one. For the same reason a single
    /// broken value can hide everything else. Columns of different units can be compared only with
    /// `scale = reference_std`; an outlier in the reference then makes all drift look small. A limit
    /// of 0.1 on that, as some tools have it, is passed by chance alone in most windows of 100 rows.
    ///
    /// # Reference
    /// Ramdas, García Trillos and Cuturi (2017), Entropy 19(2), 47; division by the deviation of the
    /// reference: as in Evidently 0.7.
    /// ```python oracle
    /// x, y = finite(reference), finite(current)
    /// value = scipy.stats.wasserstein_distance(x, y)
    /// if params["scale"] == "reference_std":
    ///     deviation = np.std(x - x[0])  # NumPy's mean of numbers above 2^53 is off by a few
    ///     assert 0 < deviation < np.inf
    ///     value /= deviation
    /// dict(value=value)
    /// ```
    pub struct Wasserstein = "wasserstein" since "0.1" with [
        Parameter {
            name: "scale",
            doc: "What the distance is divided by: `none`, which leaves the unit of the column, or \
                  `reference_std`, the standard deviation of the reference (with divisor `n`).",
            domain: Domain::Choice {
                default: "none",
                of: &["none", "reference_std"],
            },
        },
    ];
}

impl DriftTest for Wasserstein {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Numeric]
    }

    // With the default of `scale`.
    fn is_symmetric(&self) -> bool {
        true
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn standing(&self) -> Standing {
        Standing::Shown
    }

    fn test(&self, sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Outcome<Measure> {
        measure(sample, params).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Result<Measure, Reason> {
    let sides = comparison::numeric(sample)?;
    let unit = if params.choice("scale") == "reference_std" {
        reference_deviation(sample)?
    } else {
        1.0
    };
    let value = 2.0 * half_area_between(&sides) / unit;
    let rank_error =
        sides.reference.distribution.rank_error() + sides.current.distribution.rank_error();
    let error_bound = rank_error * 2.0 * half_range(&sides) / unit;
    if value.is_finite() && error_bound.is_finite() {
        Ok(Measure::new(value).with_error_bound(error_bound))
    } else {
        Err(Reason::NonFinite)
    }
}

/// Standard deviation of the reference, as of a whole population; above zero.
fn reference_deviation(sample: TwoSample<'_, ColumnProfile>) -> Result<f64, Reason> {
    let ColumnProfile::Numeric(reference) = sample.reference else {
        return Err(Reason::NotApplicable);
    };
    let moments = reference.moments();
    let deviation = (moments.m2 / moments.count as f64).sqrt();
    if !deviation.is_finite() {
        Err(Reason::NonFinite)
    } else if deviation == 0.0 {
        Err(Reason::ZeroDenominator)
    } else {
        Ok(deviation)
    }
}

/// Half of the area between the distribution functions. Halves of values are subtracted, because the
/// distance of two numbers can be beyond the greatest number even where the area is not.
fn half_area_between(sides: &Sides<Numbers<'_>>) -> f64 {
    let (reference, current) = (&sides.reference.distribution, &sides.current.distribution);
    let [n, m] = [reference.n(), current.n()].map(i128::from);
    let product = n as f64 * m as f64;
    // Conversion from 128 bits takes longer than all the rest.
    let is_small = i64::try_from(n * m).is_ok();
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
            let cross = if is_small {
                (cross as i64).unsigned_abs() as f64
            } else {
                cross.unsigned_abs() as f64
            };
            let gap = cross / product;
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

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_core::params::ParamValue;
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

    fn scaled(reference: &[f64], current: &[f64]) -> Outcome<Measure> {
        let (reference, current) = (numbers(reference), numbers(current));
        let sample = TwoSample {
            reference: &reference,
            current: &current,
        };
        let mut params = Params::defaults(Wasserstein.parameters());
        params
            .set("scale", ParamValue::Text("reference_std".to_owned()))
            .expect("declared");
        Wasserstein.test(sample, &params)
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

    #[test]
    fn scaled_distance_has_no_unit() {
        // A deviation of 2 and a shift of 3, in metres and in millimetres.
        for unit in [1.0, 1000.0] {
            let [reference, current] = [[-2.0, 2.0], [1.0, 5.0]].map(|side| side.map(|x| x * unit));
            let found = scaled(&reference, &current);
            assert!((found.defined().expect("a spread").value - 1.5).abs() < 1e-12);
        }
        let flat = scaled(&[4.0; 5], &[4.0, 5.0]);
        assert_eq!(flat.reason(), Some(&Reason::ZeroDenominator));
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
