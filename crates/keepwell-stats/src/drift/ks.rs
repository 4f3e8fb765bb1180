//! The two-sample Kolmogorov–Smirnov test.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};
use keepwell_core::schema::Kind;

use super::DriftTest;
use crate::comparison::{self, Numbers, Sides};
use crate::profile::{ColumnProfile, TwoSample};
use crate::special::{TwoSampleDistance, greatest_common_divisor, kstwo_sf, two_sample_sf};

/// Largest sample for which `auto` takes the exact law, as in SciPy.
const AUTO_EXACT_MAX: u64 = 10_000;

/// Bound on the least common multiple of reduced sizes for the exact law, as in SciPy.
const EXACT_MULTIPLE_MAX: f64 = i32::MAX as f64;

entry! {
    /// Largest gap between the two empirical distribution functions, with the two-sided test of
    /// Kolmogorov and Smirnov.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, numeric columns of any unit, in any order. Only finite
    /// values are compared; null, NaN and infinities are the business of the quality checks.
    ///
    /// # Result
    /// `value` in `[0, 1]`, no unit: 0 if the functions are equal, 1 if the ranges do not overlap.
    /// `p_value` of "both sides come from one distribution", exact or asymptotic by `method`; it is
    /// conservative where there are ties. `error_bound` on sketched profiles: the sum of their rank
    /// errors. There `p_value` is that of `value - error_bound` by the asymptotic law, so that the
    /// sketch alone raises no alarm.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: not numeric. `all_null`: a side without values. `non_finite`: a side with
    /// infinities only.
    ///
    /// # Cost
    /// `O(n + m)` on sorted values, on sketched profiles in what they keep. The exact law adds
    /// `O(n m d)` for a distance of `d`, or `O(n)` for equal sizes.
    ///
    /// # When to use, and when not
    /// For a change of any shape in a number. Sees shifts best and rare outliers hardly at all. With
    /// millions of rows every difference is significant: look at `value`, which has a meaning of its
    /// own (a share of rows that moved), or at a distance in units such as `wasserstein`. Assumes
    /// independent rows.
    ///
    /// # Reference
    /// Hodges (1958), Arkiv för Matematik 3(43), 469–486; Simard and L'Ecuyer (2011), Journal of
    /// Statistical Software 39(11).
    /// ```python oracle
    /// x, y = finite(reference), finite(current)
    /// method = {"auto": "auto", "exact": "exact", "asymptotic": "asymp"}[params["method"]]
    /// result = scipy.stats.ks_2samp(x, y, method=method)
    /// dict(value=result.statistic, p_value=result.pvalue)
    /// ```
    pub struct KolmogorovSmirnov = "ks" since "0.1" with [
        Parameter {
            name: "method",
            doc: "Law of the p-value: `exact` counts paths, unless the least common multiple of the \
                  sizes is above 2^31; `asymptotic` takes the law of one sample of n m / (n + m) \
                  rows; `auto` is exact up to 10,000 rows a side.",
            domain: Domain::Choice {
                default: "auto",
                of: &["auto", "exact", "asymptotic"],
            },
        },
    ];
}

impl DriftTest for KolmogorovSmirnov {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Numeric]
    }

    fn is_symmetric(&self) -> bool {
        true
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn standing(&self) -> Standing {
        Standing::Decided
    }

    fn test(&self, sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Outcome<Measure> {
        measure(sample, params).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Result<Measure, Reason> {
    Ok(of_numbers(
        &comparison::numeric(sample)?,
        &params.choice("method"),
    ))
}

/// Statistic and p-value, which is by `method`.
pub(super) fn of_numbers(sides: &Sides<Numbers<'_>>, method: &str) -> Measure {
    let gap = Gap::between(sides);
    let error_bound =
        sides.reference.distribution.rank_error() + sides.current.distribution.rank_error();
    let measure = Measure::new(gap.share()).with_error_bound(error_bound);
    if error_bound == 0.0 && gap.is_exact(method) {
        return measure.with_p_value(two_sample_sf(gap.distance()));
    }
    let least = (gap.share() - error_bound).max(0.0);
    match gap.asymptotic_p_value(least) {
        Some(p_value) => measure.with_p_value(p_value),
        None => measure,
    }
}

/// The largest gap, in whole numbers.
struct Gap {
    /// Rows of each side.
    sizes: [u64; 2],
    /// The gap times the product of the sizes.
    product: u128,
}

impl Gap {
    fn between(sides: &Sides<Numbers<'_>>) -> Self {
        let (reference, current) = (&sides.reference.distribution, &sides.current.distribution);
        let sizes = [reference.n(), current.n()];
        let [n, m] = sizes.map(i128::from);
        let (left, right) = (reference.values(), current.values());
        let (mut i, mut j) = (0, 0);
        let (mut left_rank, mut right_rank) = (0, 0);
        let mut product = 0;
        // Once one side is used up, the gap can only close.
        while i < left.len() && j < right.len() {
            let value = left[i].min(right[j]);
            while i < left.len() && left[i] <= value {
                left_rank = reference.cumulative(i);
                i += 1;
            }
            while j < right.len() && right[j] <= value {
                right_rank = current.cumulative(j);
                j += 1;
            }
            let cross = i128::from(left_rank) * m - i128::from(right_rank) * n;
            product = product.max(cross.unsigned_abs());
        }
        Self { sizes, product }
    }

    fn share(&self) -> f64 {
        let [n, m] = self.sizes.map(u128::from);
        self.product as f64 / (n * m) as f64
    }

    fn divisor(&self) -> u64 {
        let [n, m] = self.sizes;
        greatest_common_divisor(n, m)
    }

    fn distance(&self) -> TwoSampleDistance {
        TwoSampleDistance {
            sizes: self.sizes,
            steps: u64::try_from(self.product / u128::from(self.divisor()))
                .expect("the exact law is taken for a small least common multiple only"),
        }
    }

    fn is_exact(&self, method: &str) -> bool {
        let [n, m] = self.sizes;
        match method {
            "auto" => n.max(m) <= AUTO_EXACT_MAX,
            "exact" => {
                let divisor = self.divisor();
                ((n / divisor) as f64) < EXACT_MULTIPLE_MAX / (m / divisor) as f64
            }
            _ => false,
        }
    }

    /// `None` for one row a side, for which there is no such law.
    fn asymptotic_p_value(&self, gap: f64) -> Option<f64> {
        let [n, m] = self.sizes.map(|size| size as f64);
        let rows = (n * m / (n + m)).round_ties_even() as u64;
        (rows > 0).then(|| kstwo_sf(rows, gap))
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_core::params::ParamValue;
    use keepwell_testkit::random::Random;
    use proptest::prelude::*;

    use super::*;
    use crate::comparison::tests::{numbers, numbers_in};
    use crate::profile::Mode;

    fn test(reference: &ColumnProfile, current: &ColumnProfile, method: &str) -> Measure {
        let mut params = Params::defaults(KolmogorovSmirnov.parameters());
        params
            .set("method", ParamValue::Text(method.to_owned()))
            .expect("declared");
        let sample = TwoSample { reference, current };
        let outcome = KolmogorovSmirnov.test(sample, &params);
        *outcome.defined().expect("values on both sides")
    }

    fn p_value(measure: &Measure) -> f64 {
        measure.p_value.expect("has a law")
    }

    #[test]
    fn ties_are_taken_together() {
        // Steps of both functions at 1 and at 2, whatever the order of the equal values.
        let measure = test(
            &numbers(&[1.0, 1.0, 2.0, 2.0]),
            &numbers(&[1.0, 2.0, 2.0, 2.0]),
            "auto",
        );
        assert_eq!(measure.value, 0.25);
        let measure = test(&numbers(&[0.0, -0.0]), &numbers(&[-0.0, 0.0]), "auto");
        assert_eq!(measure.value, 0.0);
    }

    #[test]
    fn equal_constants_do_not_differ() {
        let measure = test(&numbers(&[3.0; 40]), &numbers(&[3.0; 7]), "auto");
        assert_eq!((measure.value, measure.p_value), (0.0, Some(1.0)));
    }

    #[test]
    fn one_row_a_side_has_no_asymptotic_law() {
        let (reference, current) = (numbers(&[1.0]), numbers(&[2.0]));
        assert_eq!(test(&reference, &current, "asymptotic").p_value, None);
        assert_eq!(test(&reference, &current, "exact").p_value, Some(1.0));
    }

    #[test]
    fn sketch_alone_raises_no_alarm() {
        let mut random = Random::new(7);
        let mut side = || -> Vec<f64> { (0..60_000).map(|_| random.normal()).collect() };
        let (reference, current) = (side(), side());
        let exact = test(&numbers(&reference), &numbers(&current), "auto");
        let [reference, current] =
            [reference, current].map(|values| numbers_in(Mode::Sketched, &values));
        let sketched = test(&reference, &current, "auto");
        let bound = sketched.error_bound.expect("sketched");
        assert!((sketched.value - exact.value).abs() <= bound);
        assert_eq!(sketched.p_value, Some(1.0));
    }

    #[test]
    fn false_alarms_are_as_rare_as_the_level_says() {
        let mut random = Random::new(11);
        for (n, m) in [(30, 30), (100, 30), (100, 100), (1000, 100)] {
            let n_runs = 2000;
            let mut alarms = [0, 0];
            for _ in 0..n_runs {
                let mut side =
                    |size| numbers(&(0..size).map(|_| random.uniform()).collect::<Vec<_>>());
                let p_value = p_value(&test(&side(n), &side(m), "auto"));
                alarms[0] += u32::from(p_value <= 0.05);
                alarms[1] += u32::from(p_value <= 0.01);
            }
            // Four standard errors of a binomial share above the level.
            assert!(alarms[0] <= 100 + 39, "{n}, {m}: {alarms:?}");
            assert!(alarms[1] <= 20 + 18, "{n}, {m}: {alarms:?}");
            assert!(alarms[0] >= 30, "{n}, {m}: {alarms:?}");
        }
    }

    proptest! {
        #[test]
        fn value_is_the_largest_gap(
            left in prop::collection::vec(-5_i8..5, 1..40),
            right in prop::collection::vec(-5_i8..5, 1..40),
        ) {
            let share = |values: &[i8], x: i8| {
                values.iter().filter(|&&value| value <= x).count() as f64 / values.len() as f64
            };
            let expected = (-5..5)
                .map(|x| (share(&left, x) - share(&right, x)).abs())
                .fold(0.0, f64::max);
            let [left, right] = [left, right].map(|values| {
                numbers(&values.into_iter().map(f64::from).collect::<Vec<_>>())
            });
            let measure = test(&left, &right, "auto");
            prop_assert!((measure.value - expected).abs() < 1e-14);
            let exchanged = test(&right, &left, "auto");
            prop_assert_eq!(measure, exchanged);
        }

        #[test]
        fn laws_agree_for_large_samples(shift in 0.0..0.3_f64, seed in 0_u64..1000) {
            let mut random = Random::new(seed);
            let mut side = |size, shift| {
                numbers(&(0..size).map(|_| random.uniform() + shift).collect::<Vec<_>>())
            };
            let (reference, current) = (side(800, 0.0), side(700, shift));
            let exact = p_value(&test(&reference, &current, "exact"));
            let asymptotic = p_value(&test(&reference, &current, "asymptotic"));
            prop_assert!((exact.ln() - asymptotic.ln()).abs() < 0.1 + 0.1 * exact.ln().abs());
        }
    }
}
