//! The energy distance.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::DriftTest;
use super::pooled::{self, Class, Scale, Sum};
use crate::comparison;
use crate::profile::{ColumnProfile, TwoSample};
use crate::special::{QuadraticForm, Step};

entry! {
    /// How much further values of different sides lie from each other than values of one side.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, numeric columns of the same unit, in any order. Only
    /// finite values are compared; null, NaN and infinities are the business of the quality checks.
    ///
    /// # Result
    /// `value` in `[0, inf)`, in the square root of the unit of the column: the root of twice the area below
    /// the squared gap between the two distribution functions. Its square is `2 E|X - Y| - E|X - X'| - E|Y -
    /// Y'|`. 0 only if the functions are equal. `p_value` of "both sides come from one distribution" by the
    /// law of `QuadraticForm`: Pearson's chi-squared with the exact mean and variance of the squared distance
    /// under exchange of rows. `error_bound` on sketched profiles: the sum of their rank errors times the root
    /// of twice the joint range; there `p_value` is that of the least value within the error.
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
    /// For a change of any shape, where outliers should count, but less than for `wasserstein`. The value
    /// has an odd unit and is above zero by chance, the more so the fewer rows: it suits comparison over time
    /// rather than a fixed limit. Values with tails so heavy that they have no mean are beyond the method: of
    /// unchanged windows of 20 Cauchy rows beside 400, 2 % are below a p-value of 0.01. Assumes independent
    /// rows.
    ///
    /// # Reference
    /// Székely and Rizzo (2013), Journal of Statistical Planning and Inference 143(8), 1249–1272; the law:
    /// Imhof (1961), Biometrika 48, 419–426.
    /// ```python oracle
    /// x, y = finite(reference), finite(current)
    /// assert len(x) and len(y)
    /// # In a unit in which differences do not overflow.
    /// half, n, m = np.append(x, y) / 2, len(x), len(y)
    /// unit = max(half.max() - half.min(), 5e-324)
    /// rows = (half - half.min()) / unit
    /// distance = scipy.stats.energy_distance(rows[:n], rows[n:])
    /// values = np.unique(rows)
    /// form = labels.quadratic_form(labels.term_matrix(rows <= values[:-1, None], np.diff(values)), n)
    /// dict(value=math.sqrt(2) * math.sqrt(unit) * distance,
    ///     p_value=form.sf(n * m / (n + m) * distance**2 / 2))
    /// ```
    pub struct EnergyDistance = "energy_distance" since "0.1";
}

impl DriftTest for EnergyDistance {
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
    // All that follows is in a unit in which nothing overflows.
    let scale = Scale::of(&sides);
    let classes: Vec<Class> = pooled::classes(&sides)
        .map(|class| Class {
            value: scale.apply(class.value),
            ..class
        })
        .collect();
    let distance = (2.0 * squared_area(&classes, sizes)).sqrt();
    let range = classes[classes.len() - 1].value - classes[0].value;
    let error_bound = pooled::rank_error(&sides) * (2.0 * range).sqrt();
    let [n, m] = sizes.map(|size| size as f64);
    let least = (distance - error_bound).max(0.0);
    let statistic = n * m / (n + m) * 0.5 * least * least;
    let p_value = QuadraticForm::of_steps(&steps(&classes)).sf(sizes, statistic);
    let unit = scale.root_back();
    Ok(Measure::new(distance * unit)
        .with_error_bound(error_bound * unit)
        .with_p_value(p_value))
}

/// The way to the next value from each one; zero from the last one.
fn ways(classes: &[Class]) -> impl Iterator<Item = (&Class, f64)> {
    let nexts = classes.iter().skip(1).map(Some).chain([None]);
    classes.iter().zip(nexts).map(|(class, next)| {
        let way = next.map_or(0.0, |next| next.value - class.value);
        (class, way)
    })
}

/// Area below the squared gap between the distribution functions.
fn squared_area(classes: &[Class], sizes: [u64; 2]) -> f64 {
    let [n, m] = sizes.map(i128::from);
    let mut cross = 0;
    let mut sum = Sum::default();
    for (class, way) in ways(classes) {
        let [left, right] = class.rows.map(i128::from);
        cross += left * m - right * n;
        let gap = cross.unsigned_abs() as f64 / (n * m) as f64;
        sum.add(way * gap * gap);
    }
    sum.total()
}

fn steps(classes: &[Class]) -> Vec<Step> {
    ways(classes)
        .map(|(class, way)| Step {
            rows: class.total(),
            own: 1.0,
            weight: way,
        })
        .collect()
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
        let outcome = EnergyDistance.test(sample, &Params::defaults(EnergyDistance.parameters()));
        *outcome.defined().expect("values on both sides")
    }

    #[test]
    fn equal_constants_do_not_differ() {
        let measure = test(&numbers(&[3.0; 40]), &numbers(&[3.0; 7]));
        assert_eq!((measure.value, measure.p_value), (0.0, Some(1.0)));
    }

    #[test]
    fn greatest_numbers_do_not_overflow() {
        let measure = test(&numbers(&[-f64::MAX]), &numbers(&[f64::MAX]));
        assert!((measure.value / (2.0 * f64::MAX.sqrt()) - 1.0).abs() < 1e-15);
        let measure = test(&numbers(&[0.0]), &numbers(&[1e-320]));
        assert!((measure.value / 2e-320_f64.sqrt() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn false_alarms_are_as_rare_as_the_level_says() {
        let mut random = Random::new(61);
        let lognormal = |x: f64| (1.5 * crate::special::normal_quantile(x)).exp();
        let few = |x: f64| (x * 3.0).floor();
        let shapes: [(&str, &dyn Fn(f64) -> f64); 3] = [
            ("uniform", &|x| x),
            ("lognormal", &lognormal),
            ("few", &few),
        ];
        for (shape, values) in shapes {
            for (n, m) in [(30, 30), (400, 20), (60, 80)] {
                let n_runs = 2000;
                let mut alarms = [0, 0];
                for _ in 0..n_runs {
                    let mut side = |size| {
                        let side: Vec<f64> = (0..size).map(|_| values(random.uniform())).collect();
                        numbers(&side)
                    };
                    let p_value = test(&side(n), &side(m)).p_value.expect("has a law");
                    alarms[0] += u32::from(p_value <= 0.05);
                    alarms[1] += u32::from(p_value <= 0.01);
                }
                // Four standard errors of a binomial share above the level.
                assert!(alarms[0] <= 139, "{shape}, {n}, {m}: {alarms:?}");
                assert!(alarms[1] <= 38, "{shape}, {n}, {m}: {alarms:?}");
            }
        }
    }

    #[test]
    fn sketch_alone_raises_no_alarm() {
        let mut random = Random::new(62);
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

    proptest! {
        #[test]
        fn square_is_the_excess_of_distances_between_the_sides(
            left in prop::collection::vec(-1e3..1e3_f64, 1..20),
            right in prop::collection::vec(-1e3..1e3_f64, 1..20),
        ) {
            let mean = |a: &[f64], b: &[f64]| {
                let sum: f64 = a.iter().flat_map(|x| b.iter().map(move |y| (x - y).abs())).sum();
                sum / (a.len() * b.len()) as f64
            };
            let expected = 2.0 * mean(&left, &right) - mean(&left, &left) - mean(&right, &right);
            let value = test(&numbers(&left), &numbers(&right)).value;
            prop_assert!((value * value - expected).abs() < 1e-9);
        }
    }
}
