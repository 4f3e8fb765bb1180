//! The null law of statistics that are quadratic in the labels of rows.

use super::gamma::chi_squared_sf;

/// What the null law of a statistic `z' Q z` needs to know of the symmetric matrix `Q` over all rows, each
/// row and column of which sums to zero.
///
/// The label `z` of a reference row is `sqrt(n m / N) / n`, that of a current row `-sqrt(n m / N) / m`, for
/// `n` and `m` rows, `N` together: labels sum to zero, their squares to one. The statistics of
/// Cramér–von Mises and of Anderson and Darling, the energy distance and the maximum mean discrepancy have
/// this form. Under the null hypothesis every assignment of the labels to the rows is equally likely,
/// whatever the distribution and its ties.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuadraticForm {
    /// Sum of the eigenvalues of `Q`.
    pub trace: f64,
    /// Sum of their squares.
    pub square: f64,
    /// Sum of their cubes.
    pub cube: f64,
    /// Sum of the squares on the diagonal of `Q`.
    pub diagonal: f64,
}

/// Rows of one class, such as those with one value, and the term that stands at it.
///
/// The term is a weight times the square of `sum of h z` with `h = 1` for rows of earlier classes, `own` for
/// rows of this class, and 0 for later ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Number of rows, of both samples together.
    pub rows: u64,
    /// `1` for a term at the upper border of the class, `0.5` for one at its middle.
    pub own: f64,
    /// Zero or more.
    pub weight: f64,
}

/// First two moments under all assignments of the labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NullMoments {
    /// Expectation.
    pub mean: f64,
    /// Zero or more.
    pub variance: f64,
}

impl QuadraticForm {
    /// The form of a sum of terms over classes in ascending order. `O(k)` for `k` classes.
    pub fn of_steps(steps: &[Step]) -> Self {
        let n: u64 = steps.iter().map(|step| step.rows).sum();
        let n = n as f64;
        let mut form = Self {
            trace: 0.0,
            square: 0.0,
            cube: 0.0,
            diagonal: 0.0,
        };
        // Two terms at shares u <= v of all rows have the covariance u (1 - v), as a Brownian bridge.
        // Sums over all earlier terms: w u^2; w^2 u^2 times the variance; and over pairs of them.
        let (mut single, mut squared, mut paired) = (0.0, 0.0, 0.0);
        let mut above = 0.0;
        each_share(steps, n, |step, share| {
            let (w, u) = (step.weight, share.place);
            let v = 1.0 - u;
            let variance = w * share.variance;
            form.trace += variance;
            form.square += variance * variance + 2.0 * w * v * v * single;
            form.cube += variance.powi(3)
                + 3.0 * (w * v * v * squared + w * v * v * variance * single)
                + 6.0 * w * v * v * paired;
            paired += single * w * u * v;
            single += w * u * u;
            squared += w * variance * u * u;
            above += w * v * v;
        });
        let mut below = 0.0;
        each_share(steps, n, |step, share| {
            let (w, u) = (step.weight, share.place);
            above -= w * (1.0 - u) * (1.0 - u);
            let own = w * (step.own - u) * (step.own - u);
            form.diagonal += step.rows as f64 * (above.max(0.0) + own + below).powi(2);
            below += w * u * u;
        });
        form.trace *= n;
        form.square *= n * n;
        form.cube *= n * n * n;
        form
    }

    /// Mean and variance of the statistic for samples of these sizes, each at least 1: exact, under all
    /// assignments of the labels.
    pub fn null_moments(&self, sizes: [u64; 2]) -> NullMoments {
        let [n, m] = sizes.map(|size| size as f64);
        let total = n + m;
        let mean = self.trace / (total - 1.0);
        // Sum of the fourth powers of the labels, and expectations of products of labels of four rows,
        // named by how often each of different rows occurs.
        let fourth = (n * m / total).powi(2) * (n.powi(-3) + m.powi(-3));
        let four = fourth / total;
        let pairs = total * (total - 1.0);
        let (two_two, three_one) = ((1.0 - fourth) / pairs, -fourth / pairs);
        let triples = pairs * (total - 2.0);
        let two_one_one = over(2.0 * fourth - 1.0, triples);
        let all_different = over(3.0 - 6.0 * fourth, triples * (total - 3.0));
        // How the products of two entries of the matrix fall on these cases.
        let trace_square = self.trace * self.trace;
        let (square, diagonal) = (self.square, self.diagonal);
        let second = diagonal * (four - 4.0 * three_one)
            + (trace_square + 2.0 * square - 3.0 * diagonal) * two_two
            + (12.0 * diagonal - 2.0 * trace_square - 4.0 * square) * two_one_one
            + (trace_square + 2.0 * square - 6.0 * diagonal) * all_different;
        let variance = second - mean * mean;
        // What rounding leaves of a statistic that is the same for all assignments.
        let is_constant = variance <= 1e-12 * mean * mean;
        NullMoments {
            mean,
            variance: if is_constant { 0.0 } else { variance },
        }
    }

    /// Probability of a statistic this large or larger for samples of these sizes, if both come from one
    /// distribution, whatever its ties.
    ///
    /// Pearson's (1959) chi-squared with the degrees of freedom that give the skewness of the limit law, a
    /// sum of squared normal variables weighted by the eigenvalues (Imhof 1961, Biometrika 48, 419–426),
    /// placed at the exact mean and variance. It is exact in the limit where the eigenvalues above zero
    /// are equal, as for two distinct values.
    pub fn sf(&self, sizes: [u64; 2], statistic: f64) -> f64 {
        let moments = self.null_moments(sizes);
        if moments.variance == 0.0 {
            return 1.0;
        }
        let z = (statistic - moments.mean) / moments.variance.sqrt();
        let df = self.square.powi(3) / (self.cube * self.cube);
        chi_squared_sf(df + z * (2.0 * df).sqrt(), df)
    }
}

/// A quotient; zero where there are too few rows for such a choice.
fn over(numerator: f64, n_choices: f64) -> f64 {
    if n_choices > 0.0 {
        numerator / n_choices
    } else {
        0.0
    }
}

/// Where a term stands.
struct Share {
    /// Expectation of `h` over all rows.
    place: f64,
    /// Variance of `h`.
    variance: f64,
}

fn each_share(steps: &[Step], n: f64, mut take: impl FnMut(&Step, &Share)) {
    let mut before = 0;
    for step in steps {
        let rows = step.rows as f64;
        let place = (before as f64 + step.own * rows) / n;
        before += step.rows;
        let inside = step.own * (1.0 - step.own) * rows / n;
        take(
            step,
            &Share {
                place,
                variance: (place * (1.0 - place) - inside).max(0.0),
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::special::tests::assert_close;

    /// The matrix, row by row.
    fn matrix(steps: &[Step]) -> Vec<Vec<f64>> {
        let class: Vec<usize> = steps
            .iter()
            .enumerate()
            .flat_map(|(idx, step)| vec![idx; step.rows as usize])
            .collect();
        let n = class.len();
        let mut matrix = vec![vec![0.0; n]; n];
        for (idx, step) in steps.iter().enumerate() {
            let place = |&class: &usize| match class.cmp(&idx) {
                std::cmp::Ordering::Less => 1.0,
                std::cmp::Ordering::Equal => step.own,
                std::cmp::Ordering::Greater => 0.0,
            };
            let mean = class.iter().map(place).sum::<f64>() / n as f64;
            let h: Vec<f64> = class.iter().map(|class| place(class) - mean).collect();
            for i in 0..n {
                for j in 0..n {
                    matrix[i][j] += step.weight * h[i] * h[j];
                }
            }
        }
        matrix
    }

    fn of_matrix(matrix: &[Vec<f64>]) -> QuadraticForm {
        let n = matrix.len();
        let product = |i: usize, j: usize| (0..n).map(|k| matrix[i][k] * matrix[k][j]).sum::<f64>();
        let pairs = || (0..n).flat_map(|i| (0..n).map(move |j| (i, j)));
        QuadraticForm {
            trace: (0..n).map(|i| matrix[i][i]).sum(),
            square: pairs().map(|(i, j)| matrix[i][j].powi(2)).sum(),
            cube: pairs().map(|(i, j)| product(i, j) * matrix[i][j]).sum(),
            diagonal: (0..n).map(|i| matrix[i][i].powi(2)).sum(),
        }
    }

    /// Mean and variance over all assignments, one by one.
    fn enumerated(matrix: &[Vec<f64>], n: u32) -> NullMoments {
        let total = matrix.len() as u32;
        let [left, right] = [f64::from(n), f64::from(total - n)];
        let scale = (left * right / f64::from(total)).sqrt();
        let statistics: Vec<f64> = (0..1_u32 << total)
            .filter(|chosen| chosen.count_ones() == n)
            .map(|chosen| {
                let label = |row: usize| {
                    if chosen >> row & 1 == 1 {
                        scale / left
                    } else {
                        -scale / right
                    }
                };
                let mut sum = 0.0;
                for (i, row) in matrix.iter().enumerate() {
                    for (j, entry) in row.iter().enumerate() {
                        sum += label(i) * entry * label(j);
                    }
                }
                sum
            })
            .collect();
        let count = statistics.len() as f64;
        let mean = statistics.iter().sum::<f64>() / count;
        let variance = statistics.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        NullMoments { mean, variance }
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step =
            (1_u64..4, prop::bool::ANY, 0.0..2.0_f64).prop_map(|(rows, is_border, weight)| Step {
                rows,
                own: if is_border { 1.0 } else { 0.5 },
                weight,
            });
        prop::collection::vec(step, 2..5)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn steps_are_their_matrix(steps in steps()) {
            let (found, expected) = (QuadraticForm::of_steps(&steps), of_matrix(&matrix(&steps)));
            for (found, expected) in [
                (found.trace, expected.trace),
                (found.square, expected.square),
                (found.cube, expected.cube),
                (found.diagonal, expected.diagonal),
            ] {
                prop_assert!((found - expected).abs() <= 1e-12 + 1e-11 * expected);
            }
        }

        #[test]
        fn moments_are_those_of_all_assignments(steps in steps(), n in 1_u32..4) {
            let matrix = matrix(&steps);
            let n = n.min(matrix.len() as u32 - 1);
            let found = of_matrix(&matrix).null_moments([u64::from(n), matrix.len() as u64 - u64::from(n)]);
            let expected = enumerated(&matrix, n);
            prop_assert!((found.mean - expected.mean).abs() <= 1e-12);
            prop_assert!((found.variance - expected.variance).abs() <= 1e-10 * (1.0 + expected.variance));
        }
    }

    #[test]
    fn two_values_have_the_law_of_one_squared_normal() {
        let step = |weight| Step {
            rows: 500_000,
            own: 1.0,
            weight,
        };
        let form = QuadraticForm::of_steps(&[step(1.0), step(0.0)]);
        let sizes = [400_000, 600_000];
        let mean = form.null_moments(sizes).mean;
        for z in [0.5, 2.0, 5.0] {
            let expected = 2.0 * crate::special::normal_sf(z);
            assert_close(form.sf(sizes, mean * z * z), expected, 1e-4);
        }
    }

    #[test]
    fn one_class_has_nothing_to_vary() {
        let step = Step {
            rows: 9,
            own: 1.0,
            weight: 1.0,
        };
        let form = QuadraticForm::of_steps(&[step]);
        assert_eq!(form.sf([4, 5], 0.0), 1.0);
        let pair = QuadraticForm::of_steps(&[Step { rows: 1, ..step }; 2]);
        assert_eq!(pair.sf([1, 1], 1.0), 1.0);
    }
}
