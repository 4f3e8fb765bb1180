//! Numbers that the reference never reached.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::QualityCheck;
use crate::comparison::{self, Numbers};
use crate::interval::proportion;
use crate::profile::{ColumnProfile, TwoSample};
use crate::special::ln_all_marked;

entry! {
    /// Share of finite values below the least or above the greatest one of the reference.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, numeric columns. Only finite values count, on both sides.
    ///
    /// # Result
    /// `value` in `[0, 1]`: such values over all finite values of the current window, with the interval
    /// of Wilson. `p_value` of "both sides come from one distribution": the probability that so many
    /// of `m` values fall outside the range of `n` others, which is the same for every continuous
    /// distribution and smaller where there are ties. `error_bound` on sketched profiles; there
    /// `p_value` is that of the least number of such values within the error.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: not numeric. `all_null`: a side without values. `non_finite`: a side with
    /// infinities only.
    ///
    /// # Cost
    /// `O(log m)` on sorted values.
    ///
    /// # When to use, and when not
    /// For broken units and sensors. A small reference has a narrow range, which the p-value takes into
    /// account and the value does not. Says nothing about how far outside a value is.
    ///
    /// # Reference
    /// Exceedances: Gumbel and von Schelling (1950), Annals of Mathematical Statistics 21(2), 247–262.
    /// All of the `j` values that are next to the ends come from the current side with probability
    /// `q_j = m (m - 1) … / ((n + m) (n + m - 1) …)` of `j` factors, so that `k` or more values
    /// outside have probability `q_k + k (q_k - q_(k+1))`.
    /// ```python oracle
    /// from fractions import Fraction
    /// x, y = finite(reference), finite(current)
    /// n, m = len(x), len(y)
    /// k = int(((y < x.min()) | (y > x.max())).sum())
    /// def all_current(j):
    ///     return Fraction(math.comb(m, j), math.comb(n + m, j))
    /// p_value = all_current(k) + k * (all_current(k) - all_current(k + 1))
    /// dict(value=k / m, p_value=p_value)
    /// ```
    pub struct OutOfRange = "out_of_range" since "0.1";
}

impl QualityCheck for OutOfRange {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Numeric]
    }

    fn check(&self, sample: TwoSample<'_, ColumnProfile>, _params: &Params) -> Outcome<Measure> {
        measure(sample).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>) -> Result<Measure, Reason> {
    let sides = comparison::numeric(sample)?;
    let outside = Outside::count(sides.reference.range, &sides.current);
    let share = proportion(outside.n_outside, outside.m).ok_or(Reason::AllNull)?;
    Ok(share
        .with_error_bound(outside.error_bound)
        .with_p_value(outside.p_value(sides.reference.distribution.n())))
}

struct Outside {
    n_outside: u64,
    /// Number of current values.
    m: u64,
    /// Bound on the error of the share of values outside.
    error_bound: f64,
}

impl Outside {
    fn count((least, greatest): (f64, f64), current: &Numbers<'_>) -> Self {
        let values = &current.distribution;
        let m = values.n();
        let (has_below, has_above) = (current.range.0 < least, current.range.1 > greatest);
        // The range is exact even where ranks are not.
        let below = if has_below { values.rank_lt(least) } else { 0 };
        let above = if has_above {
            m - values.rank_le(greatest)
        } else {
            0
        };
        let n_unsure = f64::from(u8::from(has_below) + u8::from(has_above));
        Self {
            n_outside: (below + above).min(m),
            m,
            error_bound: (n_unsure * values.rank_error()).min(1.0),
        }
    }

    fn p_value(&self, n: u64) -> f64 {
        let error_rows = (self.error_bound * self.m as f64).ceil() as u64;
        let k = self.n_outside.saturating_sub(error_rows);
        if k == 0 {
            return 1.0;
        }
        let total = n + self.m;
        let all_current = ln_all_marked(k, self.m, total).exp();
        // q_k - q_(k+1) = q_k n / (total - k)
        (all_current * (1.0 + k as f64 * n as f64 / (total - k) as f64)).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use keepwell_testkit::random::Random;

    use super::*;
    use crate::comparison::tests::{numbers, numbers_in};
    use crate::profile::Mode;

    fn check(reference: &ColumnProfile, current: &ColumnProfile) -> Measure {
        let outcome = OutOfRange.check(TwoSample { reference, current }, &Params::default());
        *outcome.defined().expect("values on both sides")
    }

    #[test]
    fn ends_of_the_range_are_inside() {
        let found = check(
            &numbers(&[0.0, 10.0]),
            &numbers(&[0.0, 10.0, 10.1, -0.1, f64::INFINITY]),
        );
        assert_eq!(found.value, 0.5);
    }

    #[test]
    fn law_holds_in_dealings_of_all_ranks() {
        // Every way to give 3 of 7 ranks to the reference.
        let (n, m) = (3, 4);
        let mut outside = [0; 5];
        for mask in 0_u32..128 {
            if mask.count_ones() == n {
                let below = mask.trailing_zeros();
                let above = 6 - (31 - mask.leading_zeros());
                outside[(below + above) as usize] += 1;
            }
        }
        for k in 0..=m {
            let expected = f64::from(outside[k as usize..].iter().sum::<i32>()) / 35.0;
            let found = Outside {
                n_outside: k,
                m,
                error_bound: 0.0,
            }
            .p_value(u64::from(n));
            assert!((found - expected).abs() < 1e-12, "{k}: {found} {expected}");
        }
    }

    #[test]
    fn false_alarms_are_as_rare_as_the_level_says() {
        let mut random = Random::new(17);
        let n_runs = 2000;
        for (n, m) in [(30, 30), (30, 1000), (1000, 100)] {
            let mut alarms = 0;
            for _ in 0..n_runs {
                let mut side =
                    |size| numbers(&(0..size).map(|_| random.normal()).collect::<Vec<_>>());
                alarms += u32::from(check(&side(n), &side(m)).p_value.is_some_and(|p| p <= 0.05));
            }
            // Four standard errors of a share of 0.05 in 2000.
            assert!(alarms <= 100 + 39, "{n}, {m}: {alarms}");
        }
    }

    #[test]
    fn sketch_alone_raises_no_alarm() {
        let mut random = Random::new(19);
        let mut side = |size| -> Vec<f64> { (0..size).map(|_| random.normal()).collect() };
        let (reference, current) = (side(100), side(50_000));
        let exact = check(&numbers(&reference), &numbers(&current));
        let sketched = check(
            &numbers_in(Mode::Sketched, &reference),
            &numbers_in(Mode::Sketched, &current),
        );
        let bound = sketched.error_bound.expect("sketched");
        assert!((sketched.value - exact.value).abs() <= bound);
        assert!(sketched.p_value >= exact.p_value);
    }
}
