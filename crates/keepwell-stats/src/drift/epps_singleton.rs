//! The Epps–Singleton test.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::DriftTest;
use super::pooled::{self, Class, Scale, Sum};
use crate::comparison;
use crate::profile::{ColumnProfile, TwoSample};
use crate::special::QuadraticForm;

/// Points of the characteristic function, in units of half the interquartile range.
const POINT: f64 = 0.4;

/// Below this size of both sides the statistic is corrected.
const CORRECTED_BELOW: u64 = 25;

/// Cosine and sine at the point and at twice the point.
type Features = [f64; 4];

type Matrix = [[f64; 4]; 4];

entry! {
    /// Distance between the two empirical characteristic functions at two points, with the test of Epps and
    /// Singleton.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, numeric columns of any unit, in any order. Only finite
    /// values are compared; null, NaN and infinities are the business of the quality checks.
    ///
    /// # Result
    /// `value` in `[0, inf)`, no unit: the statistic `W2`, a sum of at most 4 squared standardised
    /// differences of means of `cos` and `sin` of the values; about 4 on average if both sides come from one
    /// distribution; grows with the number of rows. `p_value` of "both sides come from one distribution": by
    /// the law of `QuadraticForm` (Pearson's chi-squared with the exact mean and variance under exchange of
    /// rows) for the same differences, standardised by the covariance of both sides together. The usual
    /// chi-squared law of `W2` takes the covariance of each side from its own rows: beside a reference of 1,000
    /// it alarms in 45 % of unchanged windows of 30 rows at a level of 5 %.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: not numeric. `all_null`: a side without values. `non_finite`: a side with
    /// infinities only. `too_few_rows`: fewer than 5 finite values on a side. `zero_denominator`: the middle
    /// half of all values is one value, so that there is no scale. `sketched`: a profile that does not keep all
    /// values, for which no bound of the error is known.
    ///
    /// # Cost
    /// `O(n + m)` on sorted values.
    ///
    /// # When to use, and when not
    /// For a change of any shape, in counts and other whole numbers as well as in continuous values; often
    /// with more power than `ks` against changes of spread. The value itself is a test statistic, not a size.
    /// Assumes independent rows.
    ///
    /// # Reference
    /// Epps and Singleton (1986), Journal of Statistical Computation and Simulation 26, 177–203; the law:
    /// Imhof (1961), Biometrika 48, 419–426.
    /// ```python oracle
    /// x, y = finite(reference), finite(current)
    /// assert min(len(x), len(y)) >= 5
    /// # The statistic depends neither on unit nor on origin; so that neither costs digits:
    /// half, n = np.append(x, y) / 2, len(x)
    /// rows = half - half.min()
    /// rows = rows / np.subtract(*np.percentile(rows, [75, 25]))
    /// assert np.isfinite(rows).all()
    /// terms = np.array([f(t * 2 * rows) for f in (np.cos, np.sin) for t in (0.4, 0.8)])
    /// left, right, N = terms[:, :n], terms[:, n:], len(rows)
    /// spread = N / n * np.cov(left, bias=True) + N / (N - n) * np.cov(right, bias=True)
    /// gap = left.mean(1) - right.mean(1)
    /// value = N * gap @ np.linalg.pinv(spread, rcond=1e-12, hermitian=True) @ gap
    /// if max(n, N - n) < 25:
    ///     value /= 1 + N**-0.45 + 10.1 * (n**-1.7 + (N - n) ** -1.7)
    /// # SciPy takes what rounding leaves of a singular matrix for a direction.
    /// assert np.linalg.cond(spread) > 1e10 or math.isclose(
    ///     value, scipy.stats.epps_singleton_2samp(rows[:n], rows[n:]).statistic, rel_tol=1e-7,
    ///     abs_tol=1e-12)
    /// centred = terms - terms.mean(1, keepdims=True)
    /// spread, axes = np.linalg.eigh(centred @ centred.T / N)
    /// kept = spread > 1e-10 * spread.max()
    /// terms = (axes[:, kept] / np.sqrt(spread[kept])).T @ centred
    /// form = labels.quadratic_form(terms.T @ terms, n)
    /// dict(value=value, p_value=form.sf(form.statistic))
    /// ```
    ///
    /// # Tolerance
    /// relative 1e-7: the inverse of a covariance matrix that can be nearly singular loses digits, in SciPy
    /// as well.
    pub struct EppsSingleton = "epps_singleton" since "0.1";
}

impl DriftTest for EppsSingleton {
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
    pooled::require_rows(&sides, 5)?;
    pooled::require_all_values(&sides)?;
    let sizes = pooled::sizes(&sides);
    let scale = Scale::of(&sides);
    // So that a spread that is small beside the values themselves keeps its digits.
    let origin = scale.apply(sides.reference.range.0);
    let classes: Vec<Class> = pooled::classes(&sides)
        .map(|class| Class {
            value: scale.apply(class.value) - origin,
            ..class
        })
        .collect();
    let [low, middle, high] = [0.25, 0.5, 0.75].map(|share| quantile(&classes, sizes, share));
    if low == high {
        return Err(Reason::ZeroDenominator);
    }
    let unit = 0.5 * (high - low);
    let rows: Vec<(Features, [u64; 2])> = classes
        .iter()
        .map(|class| (features((class.value - middle) / unit), class.rows))
        .collect();
    let value = statistic(&rows, sizes);
    let (form, squared) = null_form(&rows, sizes);
    Ok(Measure::new(value).with_p_value(form.sf(sizes, squared)))
}

/// The value at this share of all rows, between two values in proportion (NumPy's `linear`).
fn quantile(classes: &[Class], sizes: [u64; 2], share: f64) -> f64 {
    let place = share * (sizes[0] + sizes[1] - 1) as f64;
    let idx = place.floor() as u64;
    // The values of row `idx` and of the next one.
    let mut ends = [f64::NAN; 2];
    let mut seen = 0;
    for class in classes {
        for (end, row) in ends.iter_mut().zip([idx, idx + 1]) {
            if seen <= row {
                *end = class.value;
            }
        }
        seen += class.total();
    }
    ends[0] + place.fract() * (ends[1] - ends[0])
}

fn features(value: f64) -> Features {
    let (sin, cos) = (POINT * value).sin_cos();
    [cos, 2.0 * cos * cos - 1.0, sin, 2.0 * sin * cos]
}

/// `W2` of Epps and Singleton, with their correction for small samples.
fn statistic(rows: &[(Features, [u64; 2])], sizes: [u64; 2]) -> f64 {
    let [n, m] = sizes.map(|size| size as f64);
    let total = n + m;
    let means = [0, 1].map(|side| mean(rows, |counts| counts[side]));
    let covariances = [0, 1].map(|side| covariance(rows, &means[side], |counts| counts[side]));
    let mut sum = Matrix::default();
    let mut difference = Features::default();
    for i in 0..4 {
        difference[i] = means[0][i] - means[1][i];
        for j in 0..4 {
            sum[i][j] = total / n * covariances[0][i][j] + total / m * covariances[1][i][j];
        }
    }
    let axes = Axes::of(sum, 1e-12);
    let value = total * axes.norm_square(&difference);
    if sizes.into_iter().all(|size| size < CORRECTED_BELOW) {
        value / (1.0 + total.powf(-0.45) + 10.1 * (n.powf(-1.7) + m.powf(-1.7)))
    } else {
        value
    }
}

/// The squared difference of means standardised by the covariance of all rows, and its matrix: the
/// projection on the standardised features.
fn null_form(rows: &[(Features, [u64; 2])], sizes: [u64; 2]) -> (QuadraticForm, f64) {
    let [n, m] = sizes.map(|size| size as f64);
    let total = n + m;
    let both = |counts: &[u64; 2]| counts[0] + counts[1];
    let centre = mean(rows, both);
    let axes = Axes::of(covariance(rows, &centre, both), 1e-10);
    let sides = [0, 1].map(|side| mean(rows, |counts| counts[side]));
    let difference = [0, 1, 2, 3].map(|i| sides[0][i] - sides[1][i]);
    let mut diagonal = Sum::default();
    for (features, counts) in rows {
        let deviation = [0, 1, 2, 3].map(|i| features[i] - centre[i]);
        diagonal.add(both(counts) as f64 * axes.norm_square(&deviation).powi(2));
    }
    let rank = axes.kept.len() as f64;
    let form = QuadraticForm {
        trace: total * rank,
        square: total * total * rank,
        cube: total * total * total * rank,
        diagonal: diagonal.total(),
    };
    (form, n * m / total * axes.norm_square(&difference))
}

fn mean(rows: &[(Features, [u64; 2])], count: impl Fn(&[u64; 2]) -> u64) -> Features {
    let n: u64 = rows.iter().map(|(_, counts)| count(counts)).sum();
    let mut sums = [Sum::default(); 4];
    for (features, counts) in rows {
        for (sum, feature) in sums.iter_mut().zip(features) {
            sum.add(count(counts) as f64 * feature);
        }
    }
    sums.map(|sum| sum.total() / n as f64)
}

/// Mean products of the deviations from `mean`.
fn covariance(
    rows: &[(Features, [u64; 2])],
    mean: &Features,
    count: impl Fn(&[u64; 2]) -> u64,
) -> Matrix {
    let n: u64 = rows.iter().map(|(_, counts)| count(counts)).sum();
    let mut sums = [[Sum::default(); 4]; 4];
    for (features, counts) in rows {
        let count = count(counts) as f64;
        for i in 0..4 {
            for j in 0..=i {
                sums[i][j].add(count * (features[i] - mean[i]) * (features[j] - mean[j]));
            }
        }
    }
    let mut matrix = Matrix::default();
    for i in 0..4 {
        for j in 0..=i {
            matrix[i][j] = sums[i][j].total() / n as f64;
            matrix[j][i] = matrix[i][j];
        }
    }
    matrix
}

/// The axes of a covariance matrix along which there is any variance.
struct Axes {
    /// Variance above zero, and the direction.
    kept: Vec<(f64, Features)>,
}

impl Axes {
    /// Eigenvalues and eigenvectors by Jacobi's rotations; those below `limit` times the greatest are
    /// left out.
    fn of(mut matrix: Matrix, limit: f64) -> Self {
        let mut vectors = Matrix::default();
        for (i, row) in vectors.iter_mut().enumerate() {
            row[i] = 1.0;
        }
        // Convergence is quadratic: five rounds suffice for four rows.
        for _ in 0..12 {
            for p in 0..3 {
                for q in p + 1..4 {
                    rotate(&mut matrix, &mut vectors, [p, q]);
                }
            }
        }
        let greatest = (0..4).map(|i| matrix[i][i]).fold(0.0, f64::max);
        let kept = (0..4)
            .filter(|&i| matrix[i][i] > limit * greatest)
            .map(|i| (matrix[i][i], [0, 1, 2, 3].map(|j| vectors[j][i])))
            .collect();
        Self { kept }
    }

    /// Squared length in units of the standard deviations.
    fn norm_square(&self, vector: &Features) -> f64 {
        let along = |axis: &Features| axis.iter().zip(vector).map(|(a, b)| a * b).sum::<f64>();
        self.kept
            .iter()
            .map(|(variance, axis)| along(axis).powi(2) / variance)
            .sum()
    }
}

/// Turns the plane of two coordinates so that their covariance becomes zero.
fn rotate(matrix: &mut Matrix, vectors: &mut Matrix, [p, q]: [usize; 2]) {
    if matrix[p][q] == 0.0 {
        return;
    }
    let theta = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
    let tan = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let cos = 1.0 / tan.hypot(1.0);
    let sin = tan * cos;
    for row in matrix.iter_mut().chain(vectors.iter_mut()) {
        (row[p], row[q]) = (cos * row[p] - sin * row[q], sin * row[p] + cos * row[q]);
    }
    let (left, right) = (matrix[p], matrix[q]);
    matrix[p] = [0, 1, 2, 3].map(|j| cos * left[j] - sin * right[j]);
    matrix[q] = [0, 1, 2, 3].map(|j| sin * left[j] + cos * right[j]);
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_testkit::random::Random;

    use super::*;
    use crate::comparison::tests::{numbers, numbers_in};
    use crate::profile::Mode;
    use crate::special::tests::assert_close;

    /// A distribution by its name and its quantiles.
    type Shape = (&'static str, fn(f64) -> f64);

    fn outcome(reference: &ColumnProfile, current: &ColumnProfile) -> Outcome<Measure> {
        let sample = TwoSample { reference, current };
        EppsSingleton.test(sample, &Params::defaults(EppsSingleton.parameters()))
    }

    #[test]
    fn quantiles_lie_between_values_in_proportion() {
        let class = |value, rows| Class { value, rows };
        let classes = [class(1.0, [1, 1]), class(2.0, [0, 1]), class(4.0, [1, 1])];
        for (share, expected) in [
            (0.0, 1.0),
            (0.25, 1.0),
            (0.375, 1.5),
            (0.6, 2.8),
            (1.0, 4.0),
        ] {
            assert_close(quantile(&classes, [2, 3], share), expected, 1e-15);
        }
    }

    #[test]
    fn axes_standardise() {
        let matrix = [
            [2.0, 1.0, 0.0, 0.5],
            [1.0, 3.0, 0.2, 0.0],
            [0.0, 0.2, 1.0, 0.1],
            [0.5, 0.0, 0.1, 4.0],
        ];
        let axes = Axes::of(matrix, 1e-10);
        assert_eq!(axes.kept.len(), 4);
        // matrix times x
        let x = [1.0, -2.0, 0.5, 3.0];
        let image = matrix.map(|row| row.iter().zip(x).map(|(a, b)| a * b).sum::<f64>());
        let expected: f64 = image.iter().zip(x).map(|(a, b)| a * b).sum();
        assert_close(axes.norm_square(&image), expected, 1e-13);
    }

    #[test]
    fn values_without_scale_are_undefined() {
        let mut mostly = vec![0.0; 60];
        mostly.extend([1.0, 2.0, 3.0]);
        let found = outcome(&numbers(&mostly), &numbers(&mostly));
        assert_eq!(found.reason(), Some(&Reason::ZeroDenominator));
        let few = outcome(&numbers(&[1.0, 2.0, 3.0, 4.0]), &numbers(&mostly));
        assert_eq!(few.reason().map(Reason::id), Some("too_few_rows"));
        let many: Vec<f64> = (0..60_000).map(f64::from).collect();
        let sketch = numbers_in(Mode::Sketched, &many);
        assert_eq!(outcome(&sketch, &sketch).reason(), Some(&Reason::Sketched));
    }

    #[test]
    fn false_alarms_are_as_rare_as_the_level_says() {
        let mut random = Random::new(81);
        let shapes: [Shape; 3] = [
            ("normal", crate::special::normal_quantile),
            ("lognormal", |x| crate::special::normal_quantile(x).exp()),
            ("few", |x| (x * 4.0).floor()),
        ];
        for (shape, values) in shapes {
            for (n, m) in [(12, 12), (30, 30), (1000, 30), (400, 60)] {
                let n_runs = 2000;
                let mut alarms = [0, 0];
                for _ in 0..n_runs {
                    let mut side = |size| {
                        let side: Vec<f64> = (0..size)
                            .map(|_| values(random.uniform() + 1e-17))
                            .collect();
                        numbers(&side)
                    };
                    // Undefined where chance puts the middle half of few values into one.
                    let measure = outcome(&side(n), &side(m)).defined().copied();
                    let p_value = measure.and_then(|measure| measure.p_value).unwrap_or(1.0);
                    alarms[0] += u32::from(p_value <= 0.05);
                    alarms[1] += u32::from(p_value <= 0.01);
                }
                // Four standard errors of a binomial share around the level.
                assert!(
                    (61..=139).contains(&alarms[0]),
                    "{shape}, {n}, {m}: {alarms:?}"
                );
                assert!(alarms[1] <= 38, "{shape}, {n}, {m}: {alarms:?}");
            }
        }
    }
}
