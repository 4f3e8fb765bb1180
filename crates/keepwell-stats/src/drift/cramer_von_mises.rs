//! The two-sample Cramér–von Mises test.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::DriftTest;
use super::pooled::{self, Class, Sum};
use crate::comparison;
use crate::profile::{ColumnProfile, TwoSample};
use crate::special::{
    NullMoments, QuadraticForm, Step, cramer_von_mises_exact_sf, cramer_von_mises_sf,
};

/// Largest sample for which the exact law is taken, as in SciPy.
const EXACT_ROWS_MAX: u64 = 20;

entry! {
    /// Squared gap between the two empirical distribution functions, summed over all values, with the test
    /// of Cramér and von Mises.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, numeric columns of any unit, in any order. Only finite
    /// values are compared; null, NaN and infinities are the business of the quality checks.
    ///
    /// # Result
    /// `value` in `[0, inf)`, no unit: `n m / N^2` times the sum over all `N = n + m` values of the squared
    /// gap, where a value counts half with the gap before it and half with the gap after it. 0 if the
    /// functions are equal, about 1/6 on average if both sides come from one distribution; grows with the
    /// number of rows. Without ties it is SciPy's statistic; with ties that one grows without any difference
    /// (two constant columns of 500 and 40 rows get 476 and a p-value of 0). `p_value` of "both sides come
    /// from one distribution": exact up to 20 rows a side, ties included; else the limit law at the
    /// statistic moved to the law's mean and variance, or, with ties, the law of `QuadraticForm`: Pearson's
    /// chi-squared with the exact mean and variance under exchange of rows. `error_bound` on sketched
    /// profiles; there `p_value` is that of the least value within the error, so that the sketch alone
    /// raises no alarm.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: not numeric. `all_null`: a side without values. `non_finite`: a side with
    /// infinities only. `too_few_rows`: fewer than 2 finite values on a side.
    ///
    /// # Cost
    /// `O(n + m)` on sorted values, on sketched profiles in what they keep. About 40 ms for two
    /// sides of just under 20 rows.
    ///
    /// # When to use, and when not
    /// As `ks`, for a change of any shape, with more power against shifts that are spread over the whole
    /// range. The value itself is a test statistic, not a size: take a distance for that. Assumes
    /// independent rows.
    ///
    /// # Reference
    /// Anderson (1962), Annals of Mathematical Statistics 33(3), 1148–1159; Xiao, Gordon and Yakovlev (2006),
    /// Journal of Statistical Software 17(8); with ties: Imhof (1961), Biometrika 48, 419–426.
    /// ```python oracle
    /// x, y = finite(reference), finite(current)
    /// n, m, N = len(x), len(y), len(x) + len(y)
    /// assert min(n, m) > 1
    /// result = scipy.stats.cramervonmises_2samp(x, y)
    /// values, counts = np.unique(np.append(x, y), return_counts=True)
    /// gap = np.array([np.mean(x <= v) - np.mean(y <= v) for v in values[:-1]])
    /// weights = (counts[:-1] + counts[1:]) / 2
    /// value, p_value = n * m / N**2 * (weights * gap**2).sum(), result.pvalue
    /// if len(values) < N and max(n, m) > 20:
    ///     terms = (np.append(x, y) <= values[:-1, None]).astype(float)
    ///     p_value = labels.quadratic_form(labels.term_matrix(terms, weights / N), n).sf(value)
    /// elif len(values) < N:
    ///     p_value = labels.exact_sf(lambda a, b: (weights * np.array(
    ///         [np.mean(a <= v) - np.mean(b <= v) for v in values[:-1]]) ** 2).sum(), x, y)
    /// else:
    ///     assert math.isclose(value, result.statistic, rel_tol=1e-9, abs_tol=1e-9)
    /// # SciPy's p-value is a difference from one, without right digits below 1e-10.
    /// dict(value=value, **({"p_value": p_value} if p_value > 1e-9 else {}))
    /// ```
    pub struct CramerVonMises = "cramer_von_mises" since "0.1";
}

impl DriftTest for CramerVonMises {
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
    let sizes = pooled::sizes(&sides);
    pooled::require_rows(&sides, 2)?;
    let classes: Vec<Class> = pooled::classes(&sides).collect();
    let gaps = Gaps::of(&classes, sizes);
    let factor = {
        let [n, m] = sizes.map(|size| size as f64);
        n * m / (n + m)
    };
    let value = factor * gaps.mean_square;
    let rank_error = pooled::rank_error(&sides);
    // The gap is off by the rank error; and the ranks over which the mean is taken are, which matters as
    // far as the squared gap goes up and down, at most by 4 times its greatest root in all.
    let slack = rank_error * (2.0 * gaps.mean + rank_error)
        + 4.0 * rank_error * (gaps.greatest + rank_error);
    let error_bound = factor * slack;
    let measure = Measure::new(value).with_error_bound(error_bound);
    if rank_error == 0.0 && sizes.into_iter().max() <= Some(EXACT_ROWS_MAX) {
        let rows: Vec<[u64; 2]> = classes.iter().map(|class| class.rows).collect();
        return Ok(measure.with_p_value(cramer_von_mises_exact_sf(&rows)));
    }
    let least = (value - error_bound).max(0.0);
    Ok(measure.with_p_value(p_value(&classes, sizes, least)))
}

fn p_value(classes: &[Class], sizes: [u64; 2], statistic: f64) -> f64 {
    let total = sizes[0] + sizes[1];
    if classes.len() as u64 == total {
        let NullMoments { mean, variance } = untied_moments(sizes);
        return cramer_von_mises_sf(1.0 / 6.0 + (statistic - mean) / (45.0 * variance).sqrt());
    }
    let steps: Vec<Step> = borders(classes)
        .map(|(class, weight)| Step {
            rows: class.total(),
            own: 1.0,
            weight: weight / total as f64,
        })
        .collect();
    QuadraticForm::of_steps(&steps).sf(sizes, statistic)
}

/// Anderson (1962), equations 11 and 14; what [`QuadraticForm`] gives, too.
fn untied_moments(sizes: [u64; 2]) -> NullMoments {
    let [n, m] = sizes.map(|size| size as f64);
    let (total, product) = (n + m, n * m);
    let numerator = (total + 1.0) * (4.0 * product * total - 3.0 * (n * n + m * m) - 2.0 * product);
    NullMoments {
        mean: (1.0 + 1.0 / total) / 6.0,
        variance: numerator / (180.0 * total * total * product),
    }
}

/// Each class with the weight of the border after it: half of its rows and half of those of the next one.
fn borders(classes: &[Class]) -> impl Iterator<Item = (&Class, f64)> {
    let nexts = classes.iter().skip(1).map(Some).chain([None]);
    classes.iter().zip(nexts).map(|(class, next)| {
        let weight = next.map_or(0.0, |next| 0.5 * (class.total() + next.total()) as f64);
        (class, weight)
    })
}

/// The gap between the distribution functions, over the ranks of both sides together.
struct Gaps {
    /// Mean of the squared gap.
    mean_square: f64,
    /// Mean of the absolute gap.
    mean: f64,
    /// Greatest absolute gap.
    greatest: f64,
}

impl Gaps {
    fn of(classes: &[Class], sizes: [u64; 2]) -> Self {
        let [n, m] = sizes.map(i128::from);
        let (product, total) = ((n * m) as f64, (n + m) as f64);
        let mut cross = 0;
        let mut greatest = 0.0_f64;
        let (mut squares, mut absolutes) = (Sum::default(), Sum::default());
        for (class, weight) in borders(classes) {
            let [left, right] = class.rows.map(i128::from);
            cross += left * m - right * n;
            let gap = cross.unsigned_abs() as f64 / product;
            squares.add(weight * gap * gap);
            absolutes.add(weight * gap);
            greatest = greatest.max(gap);
        }
        Self {
            mean_square: squares.total() / total,
            mean: absolutes.total() / total,
            greatest,
        }
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

    fn test(reference: &ColumnProfile, current: &ColumnProfile) -> Measure {
        let sample = TwoSample { reference, current };
        let outcome = CramerVonMises.test(sample, &Params::defaults(CramerVonMises.parameters()));
        *outcome.defined().expect("values on both sides")
    }

    #[test]
    fn equal_constants_do_not_differ() {
        let measure = test(&numbers(&[3.0; 500]), &numbers(&[3.0; 40]));
        assert_eq!((measure.value, measure.p_value), (0.0, Some(1.0)));
    }

    #[test]
    fn direction_of_the_scale_does_not_matter() {
        let (left, right) = ([1.0, 2.0, 2.0, 5.0, 5.0, 5.0], [2.0, 2.0, 3.0, 5.0]);
        let there = test(&numbers(&left), &numbers(&right));
        let [left, right] = [left.map(|x| -x).to_vec(), right.map(|x| -x).to_vec()];
        let back = test(&numbers(&left), &numbers(&right));
        assert_close(there.value, back.value, 1e-14);
        assert_eq!(there.p_value, back.p_value);
    }

    #[test]
    fn published_moments_are_those_of_the_form() {
        let classes: Vec<Class> = (0..40)
            .map(|i| Class {
                value: f64::from(i),
                rows: [u64::from(i % 3 == 0), u64::from(i % 3 != 0)],
            })
            .collect();
        let steps: Vec<Step> = borders(&classes)
            .map(|(class, weight)| Step {
                rows: class.total(),
                own: 1.0,
                weight: weight / 40.0,
            })
            .collect();
        let found = QuadraticForm::of_steps(&steps).null_moments([14, 26]);
        let expected = untied_moments([14, 26]);
        assert_close(found.mean, expected.mean, 1e-12);
        assert_close(found.variance, expected.variance, 1e-11);
    }

    #[test]
    fn laws_with_and_without_ties_meet() {
        let mut random = Random::new(41);
        let mut side =
            |n: u32, shift: f64| -> Vec<f64> { (0..n).map(|_| random.uniform() + shift).collect() };
        let (reference, mut current) = (side(800, 0.0), side(600, 0.05));
        let untied = test(&numbers(&reference), &numbers(&current));
        // The value nearest to one of the other side takes its place.
        let nearer =
            |a: &&f64, b: &&f64| (*a - current[0]).abs().total_cmp(&(*b - current[0]).abs());
        current[0] = *reference.iter().min_by(nearer).expect("not empty");
        let tied = test(&numbers(&reference), &numbers(&current));
        let [untied, tied] = [untied, tied].map(|measure| measure.p_value.expect("has a law"));
        assert!((untied.ln() - tied.ln()).abs() < 0.2, "{untied}, {tied}");
    }

    #[test]
    fn false_alarms_are_as_rare_as_the_level_says_with_ties() {
        let mut random = Random::new(42);
        for (n, m, n_values) in [(400, 60, 2), (60, 80, 3), (30, 30, 6), (200, 25, 40)] {
            let n_runs = 2000;
            let mut alarms = 0;
            for _ in 0..n_runs {
                let mut side = |size| {
                    let values: Vec<f64> =
                        (0..size).map(|_| random.below(n_values) as f64).collect();
                    numbers(&values)
                };
                let p_value = test(&side(n), &side(m)).p_value;
                alarms += u32::from(p_value.expect("has a law") <= 0.05);
            }
            // Four standard errors of a binomial share around the level.
            assert!(
                (61..=139).contains(&alarms),
                "{n}, {m}, {n_values}: {alarms}"
            );
        }
    }

    #[test]
    fn sketch_alone_raises_no_alarm() {
        let mut random = Random::new(43);
        let mut side = || -> Vec<f64> { (0..60_000).map(|_| random.normal()).collect() };
        let (reference, current) = (side(), side());
        let exact = test(&numbers(&reference), &numbers(&current));
        let [reference, current] =
            [reference, current].map(|values| numbers_in(Mode::Sketched, &values));
        let sketched = test(&reference, &current);
        let bound = sketched.error_bound.expect("sketched");
        assert!((sketched.value - exact.value).abs() <= bound);
        assert_eq!(sketched.p_value, Some(1.0));
    }
}
