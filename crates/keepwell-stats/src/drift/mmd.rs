//! The maximum mean discrepancy.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::DriftTest;
use super::pooled::{self, Class, Scale};
use crate::comparison;
use crate::profile::{ColumnProfile, TwoSample};
use crate::special::QuadraticForm;

/// Number of groups into which many values are put.
const N_GROUPS: u64 = 256;

entry! {
    /// Squared maximum mean discrepancy with a Gaussian kernel.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, numeric columns of any unit, in any order. Only finite
    /// values are compared; null, NaN and infinities are the business of the quality checks.
    ///
    /// # Result
    /// `value` in `[-2, 2]`, no unit: the mean of `k` over pairs of reference rows plus that over pairs of
    /// current rows less twice that over pairs of one of each, with `k(x, y) = exp(-(x - y)^2 / (2 h^2))` and
    /// `h` the median of the distances above zero between all rows. It is unbiased: 0 on average if both sides
    /// come from one distribution, and slightly below 0 as often as above. Above 256 rows, both sides
    /// together, rows are put into at most 256 groups of about equal size by their rank in both sides
    /// together, equal values into one; each row then counts with the middle value of its group. `p_value` of
    /// "both sides come from one distribution": by the law of `QuadraticForm` (Pearson's chi-squared with the
    /// exact mean and variance under exchange of rows) for the squared distance of the mean embeddings, which
    /// is the value before it was made unbiased. Groups do not depend on the sides, so it holds for them, too.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: not numeric. `all_null`: a side without values. `non_finite`: a side with
    /// infinities only. `too_few_rows`: fewer than 2 finite values on a side. `constant`: all values of both
    /// sides are equal. `sketched`: a profile that does not keep all values, for which no bound of the error
    /// is known.
    ///
    /// # Cost
    /// `O(n + m)` on sorted values, and about 10 ms for 256 groups.
    ///
    /// # When to use, and when not
    /// For a change of any shape in the bulk of the values; outliers count no more than other rows. The size
    /// of the value depends on kernel and bandwidth and has no meaning of its own. Assumes independent rows.
    ///
    /// # Reference
    /// Gretton, Borgwardt, Rasch, Schölkopf and Smola (2012), Journal of Machine Learning Research 13,
    /// 723–773; the law: Imhof (1961), Biometrika 48, 419–426.
    /// ```python oracle
    /// x, y = finite(reference), finite(current)
    /// n, m, N = len(x), len(y), len(x) + len(y)
    /// assert min(n, m) > 1
    /// half = np.append(x, y) / 2
    /// half = (half - half[0]) / (half.max() - half.min())
    /// order = np.sort(half)
    /// groups = np.searchsorted(order, half, "left") * 256 // max(N, 256)
    /// rows = half.copy()
    /// for group in set(groups):
    ///     inside = np.sort(half[groups == group])
    ///     rows[groups == group] = inside[(len(inside) - 1) // 2]
    /// distances = np.sort(np.abs(np.subtract.outer(rows, rows))[np.triu_indices(N, 1)])
    /// distances = distances[distances > 0]
    /// h = distances[(len(distances) - 1) // 2]
    /// kernel = np.exp(-np.subtract.outer(rows, rows)**2 / (2 * h**2))
    /// a, b, c = kernel[:n, :n].sum(), kernel[n:, n:].sum(), kernel[:n, n:].sum()
    /// value = (a - n) / (n * (n - 1)) + (b - m) / (m * (m - 1)) - 2 * c / (n * m)
    /// form = labels.quadratic_form(kernel, n)
    /// dict(value=value, p_value=form.sf(form.statistic))
    /// ```
    pub struct MaximumMeanDiscrepancy = "mmd" since "0.1";
}

impl DriftTest for MaximumMeanDiscrepancy {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Numeric]
    }

    fn is_symmetric(&self) -> bool {
        true
    }

    fn range(&self) -> (f64, f64) {
        (-2.0, 2.0)
    }

    fn test(&self, sample: TwoSample<'_, ColumnProfile>, _params: &Params) -> Outcome<Measure> {
        measure(sample).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>) -> Result<Measure, Reason> {
    let sides = comparison::numeric(sample)?;
    pooled::require_rows(&sides, 2)?;
    pooled::require_all_values(&sides)?;
    let sizes = pooled::sizes(&sides);
    let scale = Scale::of(&sides);
    let classes = pooled::classes(&sides).map(|class| Class {
        value: scale.apply(class.value),
        ..class
    });
    let groups = Groups::of(classes, sizes[0] + sizes[1]);
    let bandwidth = groups.bandwidth().ok_or(Reason::Constant)?;
    let kernel = groups.kernel(bandwidth);
    let value = groups.unbiased(&kernel, sizes);
    let statistic = groups.between(&kernel, sizes);
    let p_value = groups.null_form(kernel).sf(sizes, statistic);
    Ok(Measure::new(value).with_p_value(p_value))
}

/// Values with the rows that count with them, ascending.
struct Groups(Vec<Class>);

impl Groups {
    /// Classes of neighbouring ranks are put together if there are many. `total` rows in all.
    fn of(classes: impl Iterator<Item = Class>, total: u64) -> Self {
        let mut groups = Vec::new();
        let mut members: Vec<Class> = Vec::new();
        let (mut seen, mut current) = (0, 0);
        for class in classes {
            let group = u128::from(seen) * u128::from(N_GROUPS) / u128::from(total.max(N_GROUPS));
            if group != current {
                groups.extend(together(&members));
                members.clear();
                current = group;
            }
            seen += class.total();
            members.push(class);
        }
        groups.extend(together(&members));
        Self(groups)
    }

    /// The median of the distances above zero between rows; `None` if there is none.
    fn bandwidth(&self) -> Option<f64> {
        let mut distances: Vec<(f64, u128)> = Vec::new();
        for (idx, right) in self.0.iter().enumerate() {
            for left in &self.0[..idx] {
                let pairs = u128::from(left.total()) * u128::from(right.total());
                distances.push((right.value - left.value, pairs));
            }
        }
        distances.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let pairs: u128 = distances.iter().map(|&(_, pairs)| pairs).sum();
        let mut seen = 0;
        distances.into_iter().find_map(|(distance, pairs_here)| {
            seen += pairs_here;
            (2 * seen >= pairs).then_some(distance)
        })
    }

    /// The kernel between groups, row by row.
    fn kernel(&self, bandwidth: f64) -> Vec<Vec<f64>> {
        let row = |left: &Class| {
            let entry = |right: &Class| {
                let distance = (left.value - right.value) / bandwidth;
                (-0.5 * distance * distance).exp()
            };
            self.0.iter().map(entry).collect()
        };
        self.0.iter().map(row).collect()
    }

    /// Sum of the kernel with these weights for groups at either end.
    fn sum(&self, kernel: &[Vec<f64>], weights: [&dyn Fn(&Class) -> f64; 2]) -> f64 {
        let inner = |row: &Vec<f64>| -> f64 {
            let terms = row.iter().zip(&self.0);
            terms.map(|(entry, group)| entry * weights[1](group)).sum()
        };
        let rows = kernel.iter().zip(&self.0);
        rows.map(|(row, group)| weights[0](group) * inner(row))
            .sum()
    }

    fn unbiased(&self, kernel: &[Vec<f64>], [n, m]: [u64; 2]) -> f64 {
        let left = |group: &Class| group.rows[0] as f64;
        let right = |group: &Class| group.rows[1] as f64;
        let [n, m] = [n as f64, m as f64];
        (self.sum(kernel, [&left, &left]) - n) / (n * (n - 1.0))
            + (self.sum(kernel, [&right, &right]) - m) / (m * (m - 1.0))
            - 2.0 * self.sum(kernel, [&left, &right]) / (n * m)
    }

    /// Squared distance of the mean embeddings times `n m / (n + m)`.
    fn between(&self, kernel: &[Vec<f64>], [n, m]: [u64; 2]) -> f64 {
        let [n, m] = [n as f64, m as f64];
        let gap = |group: &Class| group.rows[0] as f64 / n - group.rows[1] as f64 / m;
        n * m / (n + m) * self.sum(kernel, [&gap, &gap])
    }

    /// What the null law needs to know of the centred kernel over all rows.
    fn null_form(&self, mut kernel: Vec<Vec<f64>>) -> QuadraticForm {
        let counts: Vec<f64> = self.0.iter().map(|group| group.total() as f64).collect();
        let total: f64 = counts.iter().sum();
        let weighted = |values: &[f64]| -> f64 {
            values
                .iter()
                .zip(&counts)
                .map(|(value, count)| value * count)
                .sum::<f64>()
                / total
        };
        let means: Vec<f64> = kernel.iter().map(|row| weighted(row)).collect();
        let mean = weighted(&means);
        let mut form = QuadraticForm {
            trace: 0.0,
            square: 0.0,
            cube: 0.0,
            diagonal: 0.0,
        };
        // Centred, and with the root of the counts at either end, so that its powers are those of the
        // matrix over all rows.
        for (i, row) in kernel.iter_mut().enumerate() {
            for (j, entry) in row.iter_mut().enumerate() {
                *entry = (*entry - means[i] - means[j] + mean) * (counts[i] * counts[j]).sqrt();
            }
            form.trace += row[i];
            form.diagonal += row[i] * row[i] / counts[i];
        }
        for (i, row) in kernel.iter().enumerate() {
            form.square += dot(row, row);
            form.cube += row[i] * dot(row, row);
            for (j, other) in kernel[..i].iter().enumerate() {
                form.cube += 2.0 * row[j] * dot(row, other);
            }
        }
        form
    }
}

/// The members of a group with the middle one's value; `None` if there is none.
fn together(members: &[Class]) -> Option<Class> {
    let rows = [0, 1].map(|side| members.iter().map(|class| class.rows[side]).sum::<u64>());
    let middle = (rows[0] + rows[1]).div_ceil(2);
    let mut seen = 0;
    members
        .iter()
        .find(|class| {
            seen += class.total();
            seen >= middle
        })
        .map(|class| Class {
            value: class.value,
            rows,
        })
}

/// Sum of products, in parts that do not wait for one another.
fn dot(left: &[f64], right: &[f64]) -> f64 {
    const LANES: usize = 8;
    let mut sums = [0.0; LANES];
    let (lefts, left_tail) = left.as_chunks::<LANES>();
    let (rights, right_tail) = right.as_chunks::<LANES>();
    for (left, right) in lefts.iter().zip(rights) {
        for lane in 0..LANES {
            sums[lane] += left[lane] * right[lane];
        }
    }
    let tail: f64 = left_tail.iter().zip(right_tail).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + tail
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
        let params = Params::defaults(MaximumMeanDiscrepancy.parameters());
        MaximumMeanDiscrepancy.test(sample, &params)
    }

    fn test(reference: &ColumnProfile, current: &ColumnProfile) -> Measure {
        *outcome(reference, current)
            .defined()
            .expect("values on both sides")
    }

    #[test]
    fn value_of_two_points_by_hand() {
        // All pairs of different sides lie one bandwidth apart, all pairs of one side none.
        let measure = test(&numbers(&[1.0, 1.0, 1.0]), &numbers(&[3.0, 3.0]));
        assert_close(measure.value, 2.0 - 2.0 * (-0.5_f64).exp(), 1e-15);
    }

    #[test]
    fn form_is_that_of_the_matrix_over_all_rows() {
        let class = |value, rows| Class { value, rows };
        let groups = Groups(vec![
            class(0.0, [1, 1]),
            class(0.5, [2, 1]),
            class(1.5, [0, 1]),
        ]);
        let alone: Vec<Class> = groups
            .0
            .iter()
            .flat_map(|group| vec![class(group.value, [1, 0]); group.total() as usize])
            .collect();
        let (found, expected) = (
            groups.null_form(groups.kernel(0.7)),
            Groups(alone.clone()).null_form(Groups(alone).kernel(0.7)),
        );
        assert_close(found.trace, expected.trace, 1e-14);
        assert_close(found.square, expected.square, 1e-14);
        assert_close(found.cube, expected.cube, 1e-14);
        assert_close(found.diagonal, expected.diagonal, 1e-14);
    }

    #[test]
    fn many_values_are_grouped_and_few_are_not() {
        let classes = |n: u64| {
            (0..n).map(|i| Class {
                value: i as f64,
                rows: [1, 0],
            })
        };
        assert_eq!(Groups::of(classes(256), 256).0.len(), 256);
        let groups = Groups::of(classes(10_000), 10_000).0;
        assert_eq!(groups.len(), 256);
        assert!(
            groups
                .iter()
                .all(|group| (39..=40).contains(&group.total()))
        );
        assert_eq!(groups.iter().map(Class::total).sum::<u64>(), 10_000);
    }

    #[test]
    fn one_value_on_both_sides_is_undefined() {
        let constant = outcome(&numbers(&[3.0; 40]), &numbers(&[3.0; 7]));
        assert_eq!(constant.reason(), Some(&Reason::Constant));
        let many: Vec<f64> = (0..60_000).map(f64::from).collect();
        let sketch = numbers_in(Mode::Sketched, &many);
        assert_eq!(outcome(&sketch, &sketch).reason(), Some(&Reason::Sketched));
    }

    #[test]
    fn false_alarms_are_as_rare_as_the_level_says() {
        let mut random = Random::new(91);
        let shapes: [Shape; 3] = [
            ("uniform", |x| x),
            ("cauchy", |x| (std::f64::consts::PI * (x - 0.5)).tan()),
            ("few", |x| (x * 3.0).floor()),
        ];
        for (shape, values) in shapes {
            for (n, m) in [(15, 15), (60, 10), (120, 20)] {
                let n_runs = 500;
                let mut alarms = 0;
                for _ in 0..n_runs {
                    let mut side = |size| {
                        let side: Vec<f64> = (0..size).map(|_| values(random.uniform())).collect();
                        numbers(&side)
                    };
                    let p_value = test(&side(n), &side(m)).p_value.expect("has a law");
                    alarms += u32::from(p_value <= 0.05);
                }
                // Four standard errors of a binomial share around the level.
                assert!((6..=44).contains(&alarms), "{shape}, {n}, {m}: {alarms}");
            }
        }
    }
}
