//! The Mann–Whitney U test.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::{DriftTest, pooled};
use crate::comparison;
use crate::profile::{ColumnProfile, TwoSample};
use crate::special::{normal_sf, rank_sum_sf};

/// Largest smaller side for which the exact law is taken, as in SciPy.
const EXACT_ROWS_MAX: u64 = 8;

/// Bound on the product of the sizes for the exact law, whose memory is four bytes times that.
const EXACT_PRODUCT_MAX: u64 = 8_000_000;

entry! {
    /// How much more often a current value is above a reference value than below it, with the test of Mann
    /// and Whitney.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, numeric columns of any unit, in any order. Only finite
    /// values are compared; null, NaN and infinities are the business of the quality checks.
    ///
    /// # Result
    /// `value` in `[-1, 1]`, no unit: of all pairs of a current and a reference value the share where the
    /// current one is greater less the share where it is smaller (Cliff's delta, also called the
    /// rank-biserial correlation). 0 means no shift, 1 that all current values are above all reference values.
    /// In terms of the statistic `U` of the current side: `2 U / (n m) - 1`; the probability that a current
    /// value is the greater one, ties counted half, is `(value + 1) / 2`. `p_value` of "both sides come from
    /// one distribution", two-sided: exact if a side has at most 8 rows and there are no ties (and `n m` is
    /// at most 8 million), else by the normal law with corrections for ties and continuity. `error_bound` on
    /// sketched profiles: twice the sum of their rank errors. There `p_value` is that of the least absolute
    /// value within the error, so that the sketch alone raises no alarm.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: not numeric. `all_null`: a side without values. `non_finite`: a side with
    /// infinities only.
    ///
    /// # Cost
    /// `O(n + m)` on sorted values, on sketched profiles in what they keep; the exact law up to `O(8 n m)`.
    ///
    /// # When to use, and when not
    /// To see whether values went up or down, and how consistently, whatever their unit and outliers.
    /// A change that leaves the order balanced, such as a wider spread, it cannot see. With sides of
    /// different spread the p-value is not that of "no shift". Assumes independent rows.
    ///
    /// # Reference
    /// Mann and Whitney (1947), Annals of Mathematical Statistics 18(1), 50–60; Cliff (1993), Psychological
    /// Bulletin 114(3), 494–509.
    /// ```python oracle
    /// x, y = finite(reference), finite(current)
    /// result = scipy.stats.mannwhitneyu(y, x)
    /// dict(value=2 * result.statistic / (len(x) * len(y)) - 1, p_value=result.pvalue)
    /// ```
    pub struct MannWhitney = "mann_whitney" since "0.1";
}

impl DriftTest for MannWhitney {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Numeric]
    }

    // The sign tells the direction.
    fn is_symmetric(&self) -> bool {
        false
    }

    fn range(&self) -> (f64, f64) {
        (-1.0, 1.0)
    }

    fn test(&self, sample: TwoSample<'_, ColumnProfile>, _params: &Params) -> Outcome<Measure> {
        measure(sample).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>) -> Result<Measure, Reason> {
    let sides = comparison::numeric(sample)?;
    let [n, m] = pooled::sizes(&sides);
    // Reference rows seen so far; pairs won by the current side less pairs lost; and the sum over values of
    // `t^3 - t` for `t` rows that hold it.
    let (mut seen, mut balance, mut ties) = (0, 0_i128, 0_u128);
    for class in pooled::classes(&sides) {
        let [left, right] = class.rows;
        balance += i128::from(right) * (2 * i128::from(seen) + i128::from(left) - i128::from(n));
        seen += left;
        ties += cube_less_self(class.total());
    }
    let product = n as f64 * m as f64;
    let value = balance as f64 / product;
    let error_bound = 2.0 * pooled::rank_error(&sides);
    let measure = Measure::new(value).with_error_bound(error_bound);
    let is_exact = n.min(m) <= EXACT_ROWS_MAX
        && ties == 0
        && n.checked_mul(m)
            .is_some_and(|product| product <= EXACT_PRODUCT_MAX);
    if is_exact && error_bound == 0.0 {
        // Twice the greater of both statistics is the product of the sizes plus the balance.
        let greater = (u128::from(n * m) + balance.unsigned_abs()) / 2;
        let greater = u64::try_from(greater).expect("at most the product");
        return Ok(measure.with_p_value((2.0 * rank_sum_sf([n, m], greater)).min(1.0)));
    }
    let total = (n + m) as f64;
    let untied = (cube_less_self(n + m) - ties) as f64;
    let deviation = (product / 12.0 * untied / (total * (total - 1.0))).sqrt();
    let excess = 0.5 * product * (value.abs() - error_bound).max(0.0) - 0.5;
    // All rows hold one value: the excess is below zero, and the deviation zero.
    let p_value = (2.0 * normal_sf(excess / deviation)).min(1.0);
    Ok(measure.with_p_value(p_value))
}

fn cube_less_self(rows: u64) -> u128 {
    let rows = u128::from(rows);
    rows * rows * rows - rows
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_testkit::random::Random;
    use proptest::prelude::*;

    use super::*;
    use crate::comparison::tests::{numbers, numbers_in};
    use crate::profile::Mode;

    fn test(reference: &ColumnProfile, current: &ColumnProfile) -> Measure {
        let sample = TwoSample { reference, current };
        let outcome = MannWhitney.test(sample, &Params::defaults(MannWhitney.parameters()));
        *outcome.defined().expect("values on both sides")
    }

    #[test]
    fn sign_is_the_direction() {
        let up = test(&numbers(&[1.0, 2.0, 3.0]), &numbers(&[4.0, 5.0]));
        assert_eq!(up.value, 1.0);
        // One of ten arrangements in each direction.
        assert!((up.p_value.expect("has a law") - 0.2).abs() < 1e-15);
        let down = test(&numbers(&[4.0, 5.0]), &numbers(&[1.0, 2.0, 3.0]));
        assert_eq!((down.value, down.p_value), (-1.0, up.p_value));
    }

    #[test]
    fn equal_constants_do_not_differ() {
        let measure = test(&numbers(&[3.0; 40]), &numbers(&[3.0; 7]));
        assert_eq!((measure.value, measure.p_value), (0.0, Some(1.0)));
    }

    #[test]
    fn exact_law_is_near_the_normal_one() {
        let reference: Vec<f64> = (0..200).map(f64::from).collect();
        let current: Vec<f64> = (0..8).map(|i| 70.5 + 16.0 * f64::from(i)).collect();
        let exact = test(&numbers(&reference), &numbers(&current))
            .p_value
            .expect("has a law");
        let u: f64 = current.iter().map(|x| x.ceil()).sum();
        let excess = (u - 800.0).abs() - 0.5;
        let normal = 2.0 * normal_sf(excess / (8.0_f64 * 200.0 * 209.0 / 12.0).sqrt());
        assert!(
            exact != normal && (exact - normal).abs() < 0.01,
            "{exact}, {normal}"
        );
    }

    #[test]
    fn sketch_alone_raises_no_alarm() {
        let mut random = Random::new(33);
        let mut side = || -> Vec<f64> { (0..60_000).map(|_| random.normal()).collect() };
        let [reference, current] = [side(), side()].map(|x| numbers_in(Mode::Sketched, &x));
        assert_eq!(test(&reference, &current).p_value, Some(1.0));
    }

    proptest! {
        #[test]
        fn value_counts_pairs(
            left in prop::collection::vec(-5_i8..5, 1..40),
            right in prop::collection::vec(-5_i8..5, 1..40),
        ) {
            let pairs = right.iter().flat_map(|y| left.iter().map(move |x| y.cmp(x) as i32));
            let expected = f64::from(pairs.sum::<i32>()) / (left.len() * right.len()) as f64;
            let [left, right] = [left, right].map(|values| {
                numbers(&values.into_iter().map(f64::from).collect::<Vec<_>>())
            });
            let (there, back) = (test(&left, &right), test(&right, &left));
            prop_assert!((there.value - expected).abs() < 1e-15);
            prop_assert_eq!((there.value, there.p_value), (-back.value, back.p_value));
        }
    }
}
