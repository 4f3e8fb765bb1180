//! Welch's t test.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::DriftTest;
use super::pooled::{self, Scale};
use crate::comparison::{self, Numbers, Sides};
use crate::profile::{ColumnProfile, Moments, TwoSample};
use crate::special::student_two_sided;

/// Error of the stated moments: of a mean as a share of mean and deviation, of a deviation as a share of
/// itself (see [`Moments`]).
const MOMENTS_ERROR: f64 = 1e-14;

entry! {
    /// Difference of the means in standard deviations, with Welch's test.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, numeric columns of the same unit, in any order. Only
    /// finite values are compared; null, NaN and infinities are the business of the quality checks.
    ///
    /// # Result
    /// `value` in `(-inf, inf)`, no unit: mean of the current side less that of the reference, divided by
    /// `s`, the root of the mean of both variances. Above zero if the current mean is greater. `p_value` of
    /// "both means are equal", two-sided, without the assumption of equal variances: by Student's law with
    /// the degrees of freedom of Welch and Satterthwaite. In terms of SciPy's statistic: `value = -statistic
    /// sqrt(a / n + b / m) / s` for the variances `a` and `b`. Sketched profiles keep means and variances in
    /// full; their `error_bound` is what rounding leaves of a difference of two means.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: not numeric. `all_null`: a side without values. `non_finite`: a side with
    /// infinities only; or a variance of a sketched profile beyond the greatest number. `too_few_rows`:
    /// fewer than 2 finite values on a side. `constant`: both sides without spread.
    ///
    /// # Cost
    /// `O(n + m)`; on sketched profiles `O(1)`.
    ///
    /// # When to use, and when not
    /// Where the mean is what matters, as for amounts that add up. One outlier can make or hide a
    /// difference; for heavy tails and few rows the p-value is off. A change that leaves the mean as it is it
    /// cannot see. Assumes independent rows.
    ///
    /// # Reference
    /// Welch (1947), Biometrika 34(1/2), 28–35; the value: Bonett (2008), Psychological Methods 13(2), 99–109.
    /// ```python oracle
    /// x, y = finite(reference), finite(current)
    /// # Distances from the first value, in a unit in which their squares can be taken.
    /// half = np.append(x, y) / 2
    /// unit = (half.max() - half.min())
    /// x, y = (x / 2 - half[0]) / unit, (y / 2 - half[0]) / unit
    /// result = scipy.stats.ttest_ind(y, x, equal_var=False)
    /// spread = math.sqrt((x.var(ddof=1) + y.var(ddof=1)) / 2)
    /// error = math.sqrt(x.var(ddof=1) / len(x) + y.var(ddof=1) / len(y))
    /// dict(value=result.statistic * error / spread, p_value=result.pvalue)
    /// ```
    pub struct WelchTest = "t_test" since "0.1";
}

impl DriftTest for WelchTest {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Numeric]
    }

    // The sign tells the direction.
    fn is_symmetric(&self) -> bool {
        false
    }

    fn range(&self) -> (f64, f64) {
        (f64::NEG_INFINITY, f64::INFINITY)
    }

    fn test(&self, sample: TwoSample<'_, ColumnProfile>, _params: &Params) -> Outcome<Measure> {
        measure(sample).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>) -> Result<Measure, Reason> {
    let sides = comparison::numeric(sample)?;
    pooled::require_rows(&sides, 2)?;
    let is_sketched = pooled::rank_error(&sides) > 0.0;
    let moments = if is_sketched {
        kept(sample)?
    } else {
        centred(&sides)
    };
    let [a, b] = moments.map(|side| side.variance().ok_or(Reason::NonFinite));
    let (a, b) = (a?, b?);
    let spread = (0.5 * a + 0.5 * b).sqrt();
    if spread == 0.0 {
        return Err(Reason::Constant);
    }
    let [reference, current] = moments;
    let [n, m] = [reference, current].map(|side| side.count as f64);
    let difference = current.mean - reference.mean;
    let value = difference / spread;
    if !value.is_finite() {
        return Err(Reason::NonFinite);
    }
    // Shares of the squared standard error; in units of the spread, so that no square overflows.
    let [left, right] =
        [(a, n), (b, m)].map(|(variance, rows)| variance / (spread * spread) / rows);
    let total = left + right;
    let df = total * total / (left * left / (n - 1.0) + right * right / (m - 1.0));
    let p_value = student_two_sided(value / total.sqrt(), df);
    let measure = Measure::new(value).with_p_value(p_value);
    if !is_sketched {
        return Ok(measure);
    }
    let means = reference.mean.abs() / spread + current.mean.abs() / spread;
    Ok(measure.with_error_bound(MOMENTS_ERROR * (means + 2.0 + value.abs())))
}

/// Moments of all values, measured from the middle of the reference. Means far from zero would not hold a
/// difference that is small beside them.
fn centred(sides: &Sides<Numbers<'_>>) -> [Moments; 2] {
    const BLOCK: usize = 1024;
    let scale = Scale::of(sides);
    let values = sides.reference.distribution.values();
    let origin = scale.apply(values[values.len() / 2]);
    [&sides.reference, &sides.current].map(|side| {
        let mut moments = Moments::default();
        let mut buffer = [0.0; BLOCK];
        for block in side.distribution.values().chunks(BLOCK) {
            for (place, &value) in buffer.iter_mut().zip(block) {
                *place = scale.apply(value) - origin;
            }
            moments.merge(&Moments::of(&buffer[..block.len()]));
        }
        moments
    })
}

/// Moments as the profiles hold them.
fn kept(sample: TwoSample<'_, ColumnProfile>) -> Result<[Moments; 2], Reason> {
    match (sample.reference, sample.current) {
        (ColumnProfile::Numeric(reference), ColumnProfile::Numeric(current)) => {
            Ok([*reference.moments(), *current.moments()])
        }
        _ => Err(Reason::NotApplicable),
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_testkit::random::Random;

    use super::*;
    use crate::comparison::tests::{numbers, numbers_in};
    use crate::profile::Mode;
    use crate::special::tests::assert_close;

    fn outcome(reference: &ColumnProfile, current: &ColumnProfile) -> Outcome<Measure> {
        let sample = TwoSample { reference, current };
        WelchTest.test(sample, &Params::defaults(WelchTest.parameters()))
    }

    fn test(reference: &ColumnProfile, current: &ColumnProfile) -> Measure {
        *outcome(reference, current)
            .defined()
            .expect("values on both sides")
    }

    #[test]
    fn value_counts_standard_deviations() {
        // Variances 1 and 3.
        let reference = numbers(&[1.0, 2.0, 3.0]);
        let measure = test(&reference, &numbers(&[5.0, 5.0, 8.0]));
        assert_close(measure.value, 4.0 / 2.0_f64.sqrt(), 1e-14);
        let back = test(&numbers(&[5.0, 5.0, 8.0]), &reference);
        assert_close(back.value, -measure.value, 1e-14);
    }

    #[test]
    fn unit_and_origin_do_not_matter() {
        let (left, right) = ([0.5, 1.0, 2.25, 4.0, -3.0], [0.75, 1.5, 2.0, 6.0]);
        let expected = test(&numbers(&left), &numbers(&right));
        for (unit, origin) in [(1.0, 1e12), (1e307, 0.0), (1e-300, 0.0), (-2.0, 5e11)] {
            let moved = |values: &[f64]| {
                numbers(&values.iter().map(|x| x * unit + origin).collect::<Vec<_>>())
            };
            let found = test(&moved(&left), &moved(&right));
            assert_close(found.value * f64::signum(unit), expected.value, 1e-12);
            let [found, expected] = [found, expected].map(|measure| measure.p_value);
            assert_close(
                found.expect("has a law"),
                expected.expect("has a law"),
                1e-12,
            );
        }
    }

    #[test]
    fn without_spread_there_is_no_test() {
        let constant = outcome(&numbers(&[3.0; 4]), &numbers(&[4.0; 7]));
        assert_eq!(constant.reason(), Some(&Reason::Constant));
        let one_sided = test(&numbers(&[3.0; 4]), &numbers(&[4.0, 5.0]));
        assert_eq!(one_sided.value, 3.0);
        let few = outcome(&numbers(&[3.0, 4.0]), &numbers(&[4.0]));
        assert_eq!(few.reason().map(Reason::id), Some("too_few_rows"));
    }

    #[test]
    fn sketches_lose_nothing() {
        let mut random = Random::new(71);
        let mut side =
            |shift| -> Vec<f64> { (0..60_000).map(|_| random.normal() + shift).collect() };
        let (reference, current) = (side(5.0), side(5.02));
        let exact = test(&numbers(&reference), &numbers(&current));
        let [reference, current] = [reference, current].map(|x| numbers_in(Mode::Sketched, &x));
        let sketched = test(&reference, &current);
        let bound = sketched.error_bound.expect("sketched");
        assert!((sketched.value - exact.value).abs() <= bound && bound < 1e-12);
        let [exact, sketched] = [exact, sketched].map(|measure| measure.p_value);
        assert_close(
            sketched.expect("has a law"),
            exact.expect("has a law"),
            1e-9,
        );
    }
}
