//! Maximum mean discrepancy of whole rows.

use std::collections::BTreeMap;

use keepwell_core::decide::Limits;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use super::{Comparison, MultivariateTest, require_rows};
use crate::features::{Encoder, Rows, Standardiser};
use crate::matrix::Matrix;
use crate::profile::TwoSample;
use crate::profile::row_sample::{RowSample, SampleValues};
use crate::random::Random;

/// Fewest rows a side.
const ROWS_MIN: usize = 10;

entry! {
    /// Squared distance between the mean embeddings of the two windows in the space of a Gaussian kernel.
    ///
    /// # Inputs
    /// `reference` and `current`: whole rows of numbers, names, flags and vectors, of which at most
    /// `n_rows_max` a side are used. Missing numbers, flags and vectors count as the mean, infinite numbers as
    /// missing; a missing name is a name of its own. Columns that are not on both sides are left out.
    /// # Result
    /// `value`: the unbiased estimate, in `[-2, 2]`, about zero where the windows do not differ. The distance of
    /// two rows adds up columns that all weigh the same, their mean square over all pairs being two: numbers
    /// and flags are standardised over both sides, names differ or do not, and a vector is standardised by
    /// component and divided by the root of its length. The width of the kernel is the median distance.
    /// `p_value`: the share of `n_permutations` random assignments of the rows to the sides, and of the one
    /// that was found, with a value that is at least as large; so it is exact, and at least
    /// `1 / (n_permutations + 1)`. No columns are named.
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows; `too_few_rows`: below 10 a side; `column_absent`: no
    /// column in common; `constant`: all rows are equal.
    /// # Cost
    /// `O(n² · (d + n_permutations))` for the `n` rows of both sides that are used.
    /// # When to use, and when not
    /// For embeddings, and wherever a change is spread over many columns at once. With many unrelated columns
    /// the change of a few drowns; trees (`domain_classifier`) find that better.
    /// # Reference
    /// Gretton, Borgwardt, Rasch, Schölkopf and Smola (2012), A Kernel Two-Sample Test, Journal of Machine
    /// Learning Research 13, 723–773.
    /// ```python oracle
    /// if min(len(reference), len(current)) < 10:
    ///     raise ValueError("too few rows")
    /// if max(len(reference), len(current)) > params["n_rows_max"]:
    ///     raise NotImplementedError("rows are chosen at random")
    /// both = pd.concat([reference, current], ignore_index=True)
    /// squares = np.zeros((len(both), len(both)))
    /// for name in both:
    ///     if both[name].dtype == object:
    ///         codes = pd.factorize(both[name])[0]
    ///         differ = 1.0 * (codes[:, None] != codes[None, :])
    ///         if differ.any():
    ///             squares += differ * 2 / differ.mean()
    ///     else:
    ///         x = both[name].astype(float).replace([np.inf, -np.inf], np.nan)
    ///         x = sklearn.preprocessing.scale(x.fillna(x.mean()))
    ///         squares += (x[:, None] - x[None, :]) ** 2
    /// width = np.median(squares[np.triu_indices(len(both), 1)])
    /// if width == 0:
    ///     raise ValueError("constant")
    /// kernel = np.exp(-squares / (2 * width))
    /// np.fill_diagonal(kernel, 0)
    /// n, m = len(reference), len(current)
    /// within = kernel[:n, :n].sum() / (n * (n - 1)) + kernel[n:, n:].sum() / (m * (m - 1))
    /// dict(value=within - 2 * kernel[:n, n:].mean())
    /// ```
    /// # Tolerance
    /// relative 1e-7, since it is a difference of means, whose rounding shows where it is near zero.
    pub struct MaximumMeanDiscrepancy = "mmd_multivariate" since "0.1" with [
        Parameter {
            name: "n_permutations",
            doc: "Random assignments that the p-value rests on.",
            domain: Domain::Integer { default: 199, min: 19, max: 10_000 },
        },
        Parameter {
            name: "n_rows_max",
            doc: "Most rows of a side; of more, so many are chosen at random.",
            domain: Domain::Integer { default: 1000, min: 50, max: 5000 },
        },
        Parameter {
            name: "seed",
            doc: "Chooses the rows and the assignments.",
            domain: Domain::Integer { default: 0, min: 0, max: u64::MAX },
        },
    ];
}

impl MultivariateTest for MaximumMeanDiscrepancy {
    fn range(&self) -> (f64, f64) {
        (-2.0, 2.0)
    }

    fn unchanged(&self) -> Option<f64> {
        Some(0.0)
    }

    fn limits(&self) -> Limits {
        Limits {
            warning: 0.01,
            alert: 0.05,
        }
    }

    fn test(&self, sample: TwoSample<'_, RowSample>, params: &Params) -> Outcome<Comparison> {
        compare(sample, params).into()
    }
}

fn compare(sample: TwoSample<'_, RowSample>, params: &Params) -> Result<Comparison, Reason> {
    require_rows(sample, ROWS_MIN)?;
    let mut random = Random::new(params.integer("seed"));
    let n_rows_max = params.integer("n_rows_max") as usize;
    let positions =
        [sample.reference, sample.current].map(|side| random.subset(n_rows_max, side.n_kept()));
    let sides = [
        Rows {
            sample: sample.reference,
            positions: &positions[0],
        },
        Rows {
            sample: sample.current,
            positions: &positions[1],
        },
    ];
    let kernel = Kernel::of(sides).ok_or(Reason::Constant)?;
    let n_reference = positions[0].len();
    let value = kernel.discrepancy(n_reference);
    let n_permutations = params.integer("n_permutations") as usize;
    let p_value = kernel.p_value(n_reference, n_permutations, &mut random);
    Ok(Comparison {
        measure: Measure::new(value).with_p_value(p_value),
        columns: Vec::new(),
    })
}

/// Similarities of all pairs of rows, those of the reference first.
struct Kernel {
    n: usize,
    /// Row after row: the pairs of row `i` with the rows before it.
    pairs: Vec<f64>,
}

impl Kernel {
    /// `None` if all rows are equal.
    fn of(sides: [Rows<'_>; 2]) -> Option<Self> {
        let coordinates = Coordinates::of(sides);
        let n = coordinates.numbers.n_rows();
        let mut pairs = Vec::with_capacity(n * n.saturating_sub(1) / 2);
        for row in 0..n {
            pairs.extend((0..row).map(|other| coordinates.square(row, other)));
        }
        let width = median(&mut pairs.clone());
        let width = if width > 0.0 {
            width
        } else {
            // More than half of the pairs are equal.
            pairs.iter().sum::<f64>() / pairs.len() as f64
        };
        if width.is_nan() || width <= 0.0 {
            return None;
        }
        for pair in &mut pairs {
            *pair = (-*pair / (2.0 * width)).exp();
        }
        Some(Self { n, pairs })
    }

    /// The pairs of row `i` with the rows before it.
    fn row(&self, i: usize) -> &[f64] {
        &self.pairs[i * i.saturating_sub(1) / 2..][..i]
    }

    /// Unbiased squared discrepancy, the first `n_reference` rows being the reference.
    fn discrepancy(&self, n_reference: usize) -> f64 {
        let (mut reference, mut current, mut across) = (0.0, 0.0, 0.0);
        for i in 0..self.n {
            let (left, right) = self.row(i).split_at(n_reference.min(i));
            let sum = left.iter().sum::<f64>();
            if i < n_reference {
                reference += sum;
            } else {
                across += sum;
                current += right.iter().sum::<f64>();
            }
        }
        let (n, m) = (n_reference as f64, (self.n - n_reference) as f64);
        2.0 * (reference / (n * (n - 1.0)) + current / (m * (m - 1.0)) - across / (n * m))
    }

    /// Share of the assignments of `n_reference` rows to the reference, the one found included, whose
    /// discrepancy is at least as large.
    fn p_value(&self, n_reference: usize, n_permutations: usize, random: &mut Random) -> f64 {
        let mut signs: Vec<f32> = (0..self.n)
            .map(|row| if row < n_reference { 1.0 } else { -1.0 })
            .collect();
        let mut assignments = vec![signs.clone()];
        for _ in 0..n_permutations {
            random.shuffle(&mut signs);
            assignments.push(signs.clone());
        }
        let found = self.discrepancies(n_reference, &assignments);
        let n_as_large = found.iter().filter(|&&other| other >= found[0]).count();
        n_as_large as f64 / found.len() as f64
    }

    /// The discrepancy of each assignment, which has 1 for rows of the reference and -1 for the others.
    ///
    /// With signs `s`, the sum over pairs within the reference is a quarter of the sum over all pairs of
    /// `k (1 + s_i) (1 + s_j)`, and so on: all follow from the sums of `k s_i s_j` and of `k (s_i + s_j)`.
    /// Single precision is enough, since all assignments are compared at the same precision.
    fn discrepancies(&self, n_reference: usize, assignments: &[Vec<f32>]) -> Vec<f64> {
        let n_assignments = assignments.len();
        // Row after row, so that one pair meets the signs of all assignments side by side.
        let signs: Vec<f32> = (0..self.n)
            .flat_map(|row| assignments.iter().map(move |signs| signs[row]))
            .collect();
        let row_signs = |row: usize| &signs[row * n_assignments..][..n_assignments];
        let mut products = vec![0.0_f64; n_assignments];
        let mut by_row = vec![0.0_f64; self.n];
        let mut sums = vec![0.0_f32; n_assignments];
        for i in 0..self.n {
            sums.fill(0.0);
            for (j, &pair) in self.row(i).iter().enumerate() {
                by_row[i] += pair;
                by_row[j] += pair;
                let pair = pair as f32;
                for (sum, sign) in sums.iter_mut().zip(row_signs(j)) {
                    *sum += pair * sign;
                }
            }
            for ((product, sum), sign) in products.iter_mut().zip(&sums).zip(row_signs(i)) {
                *product += f64::from(sum * sign);
            }
        }
        let total = by_row.iter().sum::<f64>() / 2.0;
        let (n, m) = (n_reference as f64, (self.n - n_reference) as f64);
        let discrepancy = |(signs, product): (&Vec<f32>, f64)| {
            let sides: f64 = signs
                .iter()
                .zip(&by_row)
                .map(|(sign, sum)| f64::from(*sign) * sum)
                .sum();
            let reference = (total + sides + product) / 4.0;
            let current = (total - sides + product) / 4.0;
            let across = (total - product) / 2.0;
            2.0 * (reference / (n * (n - 1.0)) + current / (m * (m - 1.0)) - across / (n * m))
        };
        assignments.iter().zip(products).map(discrepancy).collect()
    }
}

/// Rows of both sides in the space in which distances are taken.
struct Coordinates {
    /// Numbers, flags and vectors.
    numbers: Matrix,
    /// Of each column of names: code of each row, and the square of the distance of different names.
    names: Vec<(Vec<u32>, f64)>,
}

impl Coordinates {
    fn of(sides: [Rows<'_>; 2]) -> Self {
        let encoder = Encoder::fit(&sides);
        let dense = sides.map(|rows| encoder.dense(rows));
        let mut weights = Vec::with_capacity(encoder.n_features());
        let mut names = Vec::new();
        for column in encoder.columns() {
            let codes = codes(sides, &column.name);
            let is_number = codes.is_none();
            names.extend(codes.and_then(weighted));
            let weight = f64::from(u8::from(is_number)) / (column.n_features() as f64).sqrt();
            weights.extend(vec![weight; column.n_features()]);
        }
        let dense = Matrix::from_rows(encoder.n_features(), dense[0].rows().chain(dense[1].rows()));
        let scaled = Standardiser::fit(&dense).apply(&dense);
        // Names stay out: their weight is zero.
        let kept: Vec<usize> = (0..weights.len())
            .filter(|&idx| weights[idx] > 0.0)
            .collect();
        let rows = scaled.rows().map(|row| {
            kept.iter()
                .map(|&idx| row[idx] * weights[idx])
                .collect::<Vec<_>>()
        });
        Self {
            numbers: Matrix::from_rows(kept.len(), rows),
            names,
        }
    }

    /// Squared distance of two rows.
    fn square(&self, row: usize, other: usize) -> f64 {
        let numbers = self.numbers.row(row).iter().zip(self.numbers.row(other));
        let by_numbers: f64 = numbers.map(|(x, y)| (x - y) * (x - y)).sum();
        let by_names = self.names.iter().map(|(codes, square)| {
            if codes[row] == codes[other] {
                0.0
            } else {
                *square
            }
        });
        by_numbers + by_names.sum::<f64>()
    }
}

/// Codes of the names of a column on both sides, a missing name having its own; `None` for other kinds.
fn codes(sides: [Rows<'_>; 2], column: &str) -> Option<Vec<u32>> {
    let mut known: BTreeMap<Option<&str>, u32> = BTreeMap::new();
    let mut codes = Vec::new();
    for rows in sides {
        let SampleValues::Names(names) = &rows.sample.column(column)?.values else {
            return None;
        };
        for &position in rows.positions {
            let next = known.len() as u32;
            codes.push(*known.entry(names.name(position)).or_insert(next));
        }
    }
    Some(codes)
}

/// The square of the distance of different names that makes its mean over all pairs two; `None` where all
/// names are equal.
fn weighted(codes: Vec<u32>) -> Option<(Vec<u32>, f64)> {
    let mut counts: BTreeMap<u32, f64> = BTreeMap::new();
    for &code in &codes {
        *counts.entry(code).or_default() += 1.0;
    }
    let n = codes.len() as f64;
    let equal: f64 = counts.values().map(|count| count * count).sum();
    let differ = 1.0 - equal / (n * n);
    (counts.len() > 1).then_some((codes, 2.0 / differ))
}

/// Median of values that are not NaN; zero without values.
fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    let is_even = values.len().is_multiple_of(2);
    let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    if is_even {
        let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        f64::midpoint(lower, upper)
    } else {
        upper
    }
}
