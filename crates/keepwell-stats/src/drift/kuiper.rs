//! Kuiper's two-sample test.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::{DriftTest, pooled};
use crate::comparison;
use crate::profile::{ColumnProfile, TwoSample};
use crate::special::kuiper_sf;

entry! {
    /// Largest gap upward plus largest gap downward between the two empirical distribution functions.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, numeric columns of any unit, in any order. Only finite
    /// values are compared; null, NaN and infinities are the business of the quality checks.
    ///
    /// # Result
    /// `value` in `[0, 1]`, no unit: 0 if the functions are equal, 1 if the ranges do not overlap.
    /// `p_value` of "both sides come from one distribution" by Kuiper's limit law at `sqrt(k) + 0.155 +
    /// 0.24 / sqrt(k)` times `value`, `k = n m / (n + m)`; conservative where there are ties. `error_bound`
    /// on sketched profiles: twice the sum of their rank errors. There `p_value` is that of `value -
    /// error_bound`, so that the sketch alone raises no alarm.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: not numeric. `all_null`: a side without values. `non_finite`: a side with
    /// infinities only.
    ///
    /// # Cost
    /// `O(n + m)` on sorted values, on sketched profiles in what they keep.
    ///
    /// # When to use, and when not
    /// For values on a circle (hour of the day, day of the week, direction), where the result does not
    /// depend on the point at which the circle is cut; and for changes of spread or in both tails, which `ks`
    /// sees less well. For shifts `ks` is the better one. Assumes independent rows.
    ///
    /// # Reference
    /// Kuiper (1960), Proceedings of the Koninklijke Nederlandse Akademie van Wetenschappen A 63, 38–47; the
    /// correction for finite samples: Stephens (1970), Journal of the Royal Statistical Society B 32(1),
    /// 115–122. `astropy.stats.kuiper_two` has the same statistic and nearly the same law.
    /// ```python oracle
    /// x, y = finite(reference), finite(current)
    /// gap = [np.mean(x <= v) - np.mean(y <= v) for v in np.unique(np.append(x, y))]
    /// value = max(gap) - min(gap)
    /// root = math.sqrt(len(x) * len(y) / (len(x) + len(y)))
    /// s = 2 * ((root + 0.155 + 0.24 / root) * value * np.arange(1, 101)) ** 2
    /// dict(value=value, p_value=2 * ((2 * s - 1) * np.exp(-s)).sum() if value > 0.3 / root else 1)
    /// ```
    pub struct Kuiper = "kuiper" since "0.1";
}

impl DriftTest for Kuiper {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Numeric]
    }

    fn is_symmetric(&self) -> bool {
        true
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn test(&self, sample: TwoSample<'_, ColumnProfile>, _params: &Params) -> Outcome<Measure> {
        measure(sample).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>) -> Result<Measure, Reason> {
    let sides = comparison::numeric(sample)?;
    let sizes = pooled::sizes(&sides);
    let [n, m] = sizes.map(i128::from);
    // The gap times the product of the sizes, at its greatest and at its least.
    let (mut gap, mut above, mut below) = (0, 0, 0);
    for class in pooled::classes(&sides) {
        let [left, right] = class.rows.map(i128::from);
        gap += left * m - right * n;
        above = above.max(gap);
        below = below.min(gap);
    }
    let value = (above - below) as f64 / (n * m) as f64;
    let error_bound = 2.0 * pooled::rank_error(&sides);
    let root = ((n * m) as f64 / (n + m) as f64).sqrt();
    let least = (value - error_bound).max(0.0);
    Ok(Measure::new(value)
        .with_error_bound(error_bound)
        .with_p_value(kuiper_sf((root + 0.155 + 0.24 / root) * least)))
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
        let outcome = Kuiper.test(sample, &Params::defaults(Kuiper.parameters()));
        *outcome.defined().expect("values on both sides")
    }

    #[test]
    fn gaps_in_both_directions_add_up() {
        // The current side lies within the reference: a quarter below and a quarter above it.
        let measure = test(&numbers(&[1.0, 2.0, 3.0, 4.0]), &numbers(&[2.0, 3.0]));
        assert_eq!(measure.value, 0.5);
        let measure = test(&numbers(&[1.0, 2.0]), &numbers(&[3.0]));
        assert_eq!(measure.value, 1.0);
    }

    #[test]
    fn false_alarms_are_as_rare_as_the_level_says() {
        let mut random = Random::new(31);
        for (n, m) in [(20, 15), (30, 30), (400, 60)] {
            let n_runs = 2000;
            let mut alarms = 0;
            for _ in 0..n_runs {
                let mut side =
                    |size| numbers(&(0..size).map(|_| random.uniform()).collect::<Vec<_>>());
                let p_value = test(&side(n), &side(m)).p_value;
                alarms += u32::from(p_value.expect("has a law") <= 0.05);
            }
            // Four standard errors of a binomial share above the level.
            assert!((40..=139).contains(&alarms), "{n}, {m}: {alarms}");
        }
    }

    #[test]
    fn sketch_alone_raises_no_alarm() {
        let mut random = Random::new(32);
        let mut side = || -> Vec<f64> { (0..60_000).map(|_| random.normal()).collect() };
        let [reference, current] = [side(), side()].map(|x| numbers_in(Mode::Sketched, &x));
        assert_eq!(test(&reference, &current).p_value, Some(1.0));
    }

    proptest! {
        #[test]
        fn point_where_a_circle_is_cut_does_not_matter(
            left in prop::collection::vec(0_u8..24, 1..40),
            right in prop::collection::vec(0_u8..24, 1..40),
            cut in 0_u8..24,
        ) {
            let side = |hours: &[u8], cut: u8| {
                numbers(&hours.iter().map(|hour| f64::from((hour + cut) % 24)).collect::<Vec<_>>())
            };
            let here = test(&side(&left, 0), &side(&right, 0));
            let there = test(&side(&left, cut), &side(&right, cut));
            prop_assert!((here.value - there.value).abs() < 1e-15);
        }
    }
}
