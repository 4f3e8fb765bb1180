//! The two-sample Anderson–Darling test.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::DriftTest;
use super::pooled::{self, Class, Sum};
use crate::comparison;
use crate::profile::{ColumnProfile, TwoSample};
use crate::special::{QuadraticForm, Step, anderson_darling_sf};

/// Variance of the limit law: `2 (pi^2 - 9) / 3`.
const LIMIT_VARIANCE: f64 = 0.579_736_267_392_905_7;

entry! {
    /// Squared gap between the two empirical distribution functions, weighted up in the tails, with the test
    /// of Anderson and Darling.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, numeric columns of any unit, in any order. Only finite
    /// values are compared; null, NaN and infinities are the business of the quality checks.
    ///
    /// # Result
    /// `value` in `[0, inf)`, no unit: the statistic `A2akN` of Scholz and Stephens with midranks. 0 if the
    /// functions are equal, 1 on average if both sides come from one distribution; grows with the number of
    /// rows. SciPy shows `(value - 1) / s`, where `s` is the deviation without ties. `p_value` of "both sides
    /// come from one distribution": the limit law of the statistic moved to the law's mean 1 and its variance
    /// 0.58 from the exact ones under exchange of rows, or, with ties, the law of `QuadraticForm`: Pearson's
    /// chi-squared with the exact mean and variance. SciPy's p-value is an interpolation that ends at 0.001
    /// and 0.25.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: not numeric. `all_null`: a side without values. `non_finite`: a side with
    /// infinities only. `constant`: all values of both sides are equal. `sketched`: a profile that does not
    /// keep all values, for which no bound of the error is known.
    ///
    /// # Cost
    /// `O(n + m)` on sorted values.
    ///
    /// # When to use, and when not
    /// As `ks`, for a change of any shape, with more power in the tails. The value itself is a test
    /// statistic, not a size: take a distance for that. Assumes independent rows.
    ///
    /// # Reference
    /// Scholz and Stephens (1987), Journal of the American Statistical Association 82(399), 918–924; the limit
    /// law: Anderson and Darling (1952), Annals of Mathematical Statistics 23(2), 193–212; with ties: Imhof
    /// (1961), Biometrika 48, 419–426.
    /// ```python oracle
    /// x, y = finite(reference), finite(current)
    /// pooled, n, N = np.sort(np.append(x, y)), len(x), len(x) + len(y)
    /// values, counts = np.unique(pooled, return_counts=True)
    /// assert n and N > n and len(values) > 1
    /// value = scipy.stats._morestats._anderson_ksamp_midrank(
    ///     [x, y], pooled, values, 2, np.array([n, N - n]), N)
    /// rows = np.append(x, y)
    /// terms = 0.5 * (rows < values[:, None]) + 0.5 * (rows <= values[:, None])
    /// middle = terms.sum(1)
    /// weights = (N - 1) * counts / (middle * (N - middle) - N * counts / 4)
    /// form = labels.quadratic_form(labels.term_matrix(terms, weights), n)
    /// if len(values) < N or N == 2:
    ///     p_value = form.sf(value)
    /// else:
    ///     z = 1 + (value - 1) * math.sqrt(2 * (math.pi**2 - 9) / 3 / form.variance)
    ///     p_value = 1 if z < 0.03 else 1 - math.sqrt(2 * math.pi) / z * sum(
    ///         scipy.special.binom(-0.5, j) * (4 * j + 1) * scipy.integrate.quad(lambda w: math.exp(
    ///             z / (8 * (w * w + 1)) - ((4 * j + 1) * math.pi) ** 2 * (1 + w * w) / (8 * z)),
    ///             0, np.inf, epsabs=0, epsrel=1e-13)[0] for j in range(60))
    /// dict(value=value, p_value=p_value)
    /// ```
    pub struct AndersonDarling = "anderson_darling" since "0.1";
}

impl DriftTest for AndersonDarling {
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
    pooled::require_all_values(&sides)?;
    let sizes = pooled::sizes(&sides);
    let steps = steps(pooled::classes(&sides), sizes[0] + sizes[1]);
    if steps.len() < 2 {
        return Err(Reason::Constant);
    }
    let value = statistic(pooled::classes(&sides), &steps, sizes);
    let form = QuadraticForm::of_steps(&steps);
    let variance = form.null_moments(sizes).variance;
    let is_tied = (steps.len() as u64) < sizes[0] + sizes[1];
    let p_value = if is_tied || variance == 0.0 {
        form.sf(sizes, value)
    } else {
        anderson_darling_sf(1.0 + (value - 1.0) * (LIMIT_VARIANCE / variance).sqrt())
    };
    Ok(Measure::new(value).with_p_value(p_value))
}

/// The statistic as a quadratic form: the share of a class times `N - 1`, divided by the variance of the
/// midrank, which is `(4 below above + rows (below + above)) / (4 N)`.
fn steps(classes: impl Iterator<Item = Class>, total: u64) -> Vec<Step> {
    let n = total as f64;
    let mut seen = 0;
    classes
        .map(|class| {
            let rows = class.total();
            let (below, above) = (seen as f64, (total - seen - rows) as f64);
            seen += rows;
            let spread = below * above + 0.25 * rows as f64 * (below + above);
            Step {
                rows,
                own: 0.5,
                weight: (n - 1.0) * rows as f64 / spread,
            }
        })
        .collect()
}

fn statistic(classes: impl Iterator<Item = Class>, steps: &[Step], sizes: [u64; 2]) -> f64 {
    let [n, m] = sizes.map(i128::from);
    let mut before = 0;
    let mut sum = Sum::default();
    for (class, step) in classes.zip(steps) {
        let [left, right] = class.rows.map(i128::from);
        let after = before + left * m - right * n;
        // Twice the gap at the middle of the class, times the product of the sizes.
        let double = (before + after).unsigned_abs() as f64;
        sum.add(step.weight * double * double);
        before = after;
    }
    let [n, m] = sizes.map(|size| size as f64);
    sum.total() / (4.0 * n * m * (n + m))
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
        AndersonDarling.test(sample, &Params::defaults(AndersonDarling.parameters()))
    }

    fn test(reference: &ColumnProfile, current: &ColumnProfile) -> Measure {
        *outcome(reference, current)
            .defined()
            .expect("values on both sides")
    }

    /// Scholz and Stephens (1987), equation 4, for two samples.
    fn published_variance([n, m]: [u64; 2]) -> f64 {
        let total = n + m;
        let inverses = 1.0 / n as f64 + 1.0 / m as f64;
        let h: f64 = (1..total).map(|i| 1.0 / i as f64).sum();
        let g: f64 = (1..total - 1)
            .map(|i| {
                (i + 1..total)
                    .map(|j| 1.0 / ((total - i) * j) as f64)
                    .sum::<f64>()
            })
            .sum();
        let a = (4.0 * g - 6.0) + (10.0 - 6.0 * g) * inverses;
        let b = (2.0 * g - 4.0) * 4.0 + 16.0 * h + (2.0 * g - 14.0 * h - 4.0) * inverses - 8.0 * h
            + 4.0 * g
            - 6.0;
        let c = (6.0 * h + 2.0 * g - 2.0) * 4.0
            + (4.0 * h - 4.0 * g + 6.0) * 2.0
            + (2.0 * h - 6.0) * inverses
            + 4.0 * h;
        let d = (2.0 * h + 6.0) * 4.0 - 8.0 * h;
        let x = total as f64;
        (a * x.powi(3) + b * x * x + c * x + d) / ((x - 1.0) * (x - 2.0) * (x - 3.0))
    }

    #[test]
    fn variance_is_near_the_published_one_of_the_statistic_without_midranks() {
        for sizes in [[100, 60], [300, 900]] {
            let classes = (0..sizes[0] + sizes[1]).map(|i| Class {
                value: i as f64,
                rows: [u64::from(i < sizes[0]), u64::from(i >= sizes[0])],
            });
            let form = QuadraticForm::of_steps(&steps(classes, sizes[0] + sizes[1]));
            let moments = form.null_moments(sizes);
            assert_close(moments.mean, 1.0, 1e-12);
            let expected = published_variance(sizes);
            assert_close(
                moments.variance,
                expected,
                8.0 / (sizes[0] + sizes[1]) as f64,
            );
        }
    }

    #[test]
    fn one_value_on_both_sides_is_undefined() {
        let constant = outcome(&numbers(&[3.0; 40]), &numbers(&[3.0; 7]));
        assert_eq!(constant.reason(), Some(&Reason::Constant));
        let measure = test(&numbers(&[3.0, 4.0]), &numbers(&[3.0, 4.0]));
        assert_eq!((measure.value, measure.p_value), (0.0, Some(1.0)));
    }

    #[test]
    fn sketches_are_not_enough() {
        let sketch = |n: u32| {
            let values: Vec<f64> = (0..n).map(f64::from).collect();
            numbers_in(Mode::Sketched, &values)
        };
        let large = outcome(&sketch(60_000), &sketch(100));
        assert_eq!(large.reason(), Some(&Reason::Sketched));
        assert!(outcome(&sketch(100), &sketch(100)).defined().is_some());
    }

    #[test]
    fn false_alarms_are_as_rare_as_the_level_says() {
        let mut random = Random::new(51);
        for (n, m, n_values) in [
            (30, 30, 1 << 20),
            (400, 20, 1 << 20),
            (400, 60, 2),
            (60, 80, 3),
            (30, 30, 6),
            (200, 25, 40),
        ] {
            let n_runs = 2000;
            let mut alarms = [0, 0];
            for _ in 0..n_runs {
                let mut side = |size| {
                    let values: Vec<f64> =
                        (0..size).map(|_| random.below(n_values) as f64).collect();
                    numbers(&values)
                };
                let p_value = test(&side(n), &side(m)).p_value.expect("has a law");
                alarms[0] += u32::from(p_value <= 0.05);
                alarms[1] += u32::from(p_value <= 0.01);
            }
            // Four standard errors of a binomial share around the level.
            assert!(
                (61..=139).contains(&alarms[0]),
                "{n}, {m}, {n_values}: {alarms:?}"
            );
            assert!(
                (2..=38).contains(&alarms[1]),
                "{n}, {m}, {n_values}: {alarms:?}"
            );
        }
    }
}
