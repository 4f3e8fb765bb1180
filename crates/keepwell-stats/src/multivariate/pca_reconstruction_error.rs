//! How badly the principal components of the reference describe the current rows.

use keepwell_core::decide::Limits;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use super::{Comparison, MultivariateTest, require_rows, shares};
use crate::features::{Encoder, Rows, Standardiser};
use crate::interval::Z;
use crate::matrix::{Matrix, dot, eigen};
use crate::profile::TwoSample;
use crate::profile::row_sample::RowSample;
use crate::random::Random;
use crate::special::beta_cdf;

/// Fewest rows a side.
const ROWS_MIN: usize = 30;

entry! {
    /// Mean distance of the current rows from the subspace in which the rows of the reference vary most.
    ///
    /// # Inputs
    /// `reference` and `current`: whole rows of numbers, names, flags and vectors; every component of a vector
    /// is a feature. A missing number or vector counts as the mean of the reference, a missing flag as its
    /// share of true; a name counts as its share in the reference, a missing one as that of the most frequent,
    /// and one that the reference does not have as zero. Infinite numbers count as missing. Columns that are
    /// not on both sides are left out.
    /// # Result
    /// `value` in `[0, inf)`, in standard deviations of the reference: each feature is standardised by the
    /// reference, rows are projected on the principal components of the reference that explain more than
    /// `variance_share` of its variance, and the distances from the projections are averaged. It has no fixed
    /// scale: compare it with that of other windows.
    ///
    /// `p_value`, two-sided: Welch's test of the distances from the components of one half of the reference,
    /// chosen at random, between the other half and the current rows. `columns`: each column's share in the
    /// change of the squared distances.
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows; `too_few_rows`: below 30 a side; `column_absent`: no
    /// column in common; `constant`: no feature of the reference varies.
    /// # Cost
    /// `O((n + m) · d² + d³)` for `d` features.
    /// # When to use, and when not
    /// To see linear relations between columns break while each column stays as it was. It falls as well as
    /// rises: rows that follow the components more closely than before are a change, too. Changes within the
    /// subspace are not seen, nor relations that are not linear.
    /// # Reference
    /// Qahtan, Alharbi, Wang and Zhang (2015), A PCA-Based Change Detection Framework for Multidimensional Data
    /// Streams, KDD, 935–944; encoding and components as in NannyML's data reconstruction.
    /// ```python oracle
    /// if len(reference) < 30 or len(current) < 30:
    ///     raise ValueError("too few rows")
    /// x, y = pd.DataFrame(index=reference.index), pd.DataFrame(index=current.index)
    /// for name in reference:
    ///     if reference[name].dtype == object:
    ///         shares = reference[name].value_counts(normalize=True)
    ///         for rows, side in [(x, reference), (y, current)]:
    ///             known = side[name].map(shares).astype(float)
    ///             rows[name] = known.fillna(0.0).where(side[name].notna(), shares.max())
    ///     else:
    ///         mean = reference[name].replace([np.inf, -np.inf], np.nan).astype(float).mean()
    ///         for rows, side in [(x, reference), (y, current)]:
    ///             rows[name] = side[name].replace([np.inf, -np.inf], np.nan).astype(float).fillna(mean)
    /// scaler = sklearn.preprocessing.StandardScaler().fit(x.to_numpy())
    /// x, y = scaler.transform(x.to_numpy()), scaler.transform(y.to_numpy())
    /// if not x.any():
    ///     raise ValueError("constant")
    /// pca = sklearn.decomposition.PCA(n_components=params["variance_share"]).fit(x)
    /// dict(value=np.linalg.norm(y - pca.inverse_transform(pca.transform(y)), axis=1).mean())
    /// ```
    pub struct PcaReconstructionError = "pca_reconstruction_error" since "0.1" with [
        Parameter {
            name: "variance_share",
            doc: "Share of the reference's variance that the components must explain; 0.65 is NannyML's.",
            domain: Domain::Float { default: 0.65, min: 0.01, max: 0.99 },
        },
        Parameter {
            name: "seed",
            doc: "Chooses the half of the reference that the test takes the components from.",
            domain: Domain::Integer { default: 0, min: 0, max: u64::MAX },
        },
    ];
}

impl MultivariateTest for PcaReconstructionError {
    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn unchanged(&self) -> Option<f64> {
        None
    }

    /// Relative, since the error has no fixed scale; a fall counts, too.
    fn size(&self, value: f64, (low, high): (f64, f64)) -> f64 {
        let outside = (value - high).max(low - value).max(0.0);
        if low > 0.0 { outside / low } else { outside }
    }

    fn limits(&self) -> Limits {
        Limits {
            warning: 0.1,
            alert: 0.2,
        }
    }

    fn test(&self, sample: TwoSample<'_, RowSample>, params: &Params) -> Outcome<Comparison> {
        compare(sample, params).into()
    }
}

fn compare(sample: TwoSample<'_, RowSample>, params: &Params) -> Result<Comparison, Reason> {
    require_rows(sample, ROWS_MIN)?;
    let share = params.float("variance_share");
    let current: Vec<usize> = (0..sample.current.n_kept()).collect();
    let mut reference: Vec<usize> = (0..sample.reference.n_kept()).collect();
    let value = mean(
        &Subspace::fit(sample, &reference, share)?
            .errors(sample.current, &current)
            .distances,
    );

    // Rows are nearer to components that were taken from them. So half of the reference gives components
    // for the test, and the other half is compared with the current rows.
    Random::new(params.integer("seed")).shuffle(&mut reference);
    let (fitted, left) = reference.split_at(reference.len() / 2);
    let subspace = Subspace::fit(sample, fitted, share)?;
    let before = subspace.errors(sample.reference, left);
    let after = subspace.errors(sample.current, &current);
    let difference = welch(&before.distances, &after.distances);
    let names = subspace
        .encoder
        .columns()
        .iter()
        .map(|column| column.name.as_str());
    let changes = before
        .by_column
        .iter()
        .zip(&after.by_column)
        .map(|(before, after)| (after - before).abs());
    Ok(Comparison {
        measure: Measure::new(value)
            .with_interval(
                (value - Z * difference.standard_error).max(0.0),
                value + Z * difference.standard_error,
            )
            .with_standard_error(difference.standard_error)
            .with_p_value(difference.p_value),
        columns: shares(names.zip(changes)),
    })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The principal components of some rows of the reference.
struct Subspace {
    encoder: Encoder,
    standardiser: Standardiser,
    /// One a row.
    components: Matrix,
}

impl Subspace {
    fn fit(
        sample: TwoSample<'_, RowSample>,
        positions: &[usize],
        share: f64,
    ) -> Result<Self, Reason> {
        let rows = Rows {
            sample: sample.reference,
            positions,
        };
        // The current side decides which columns there are, not what is learned of them.
        let none = Rows {
            sample: sample.current,
            positions: &[],
        };
        let encoder = Encoder::fit(&[rows, none]);
        let dense = encoder.dense(rows);
        let standardiser = Standardiser::fit(&dense);
        let scaled = standardiser.apply(&dense);
        let found = eigen(&scaled.covariance(&scaled.means()));
        let total: f64 = found.values.iter().map(|value| value.max(0.0)).sum();
        if total <= CONSTANT {
            return Err(Reason::Constant);
        }
        let mut explained = 0.0;
        let n_components = found
            .values
            .iter()
            .take_while(|value| {
                let is_needed = explained <= share * total;
                explained += value.max(0.0);
                is_needed
            })
            .count();
        let components = (0..n_components).map(|idx| found.vectors.row(idx));
        Ok(Self {
            components: Matrix::from_rows(encoder.n_features(), components),
            encoder,
            standardiser,
        })
    }

    fn errors(&self, sample: &RowSample, positions: &[usize]) -> Errors {
        let dense = self.encoder.dense(Rows { sample, positions });
        let mut rows = self.standardiser.apply(&dense);
        let mut squares = vec![0.0; rows.n_columns()];
        let mut distances = Vec::with_capacity(positions.len());
        for row_idx in 0..rows.n_rows() {
            let row = rows.row_mut(row_idx);
            let weights: Vec<f64> = self.components.rows().map(|axis| dot(axis, row)).collect();
            for (axis, weight) in self.components.rows().zip(weights) {
                row.iter_mut().zip(axis).for_each(|(x, y)| *x -= weight * y);
            }
            for (sum, x) in squares.iter_mut().zip(&*row) {
                *sum += x * x / positions.len() as f64;
            }
            let distance = dot(row, row).sqrt();
            distances.push(if distance > ROUNDING { distance } else { 0.0 });
        }
        Errors {
            distances,
            by_column: self.encoder.by_column(&squares),
        }
    }
}

/// Sum of variances below which standardised features are constant: what rounding leaves.
const CONSTANT: f64 = 1e-20;

/// Distances that rounding leaves where the subspace holds a row, in standard deviations.
const ROUNDING: f64 = 1e-9;

/// Distances from a subspace.
struct Errors {
    /// One a row.
    distances: Vec<f64>,
    /// Mean squared distance along the features of each column.
    by_column: Vec<f64>,
}

struct Difference {
    standard_error: f64,
    p_value: f64,
}

/// Welch's test of equal means, two-sided; the standard error is that of the mean of the second sample.
fn welch(first: &[f64], second: &[f64]) -> Difference {
    let moments = |values: &[f64]| {
        let n = values.len() as f64;
        let mean = mean(values);
        let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
        (mean, squares / (n - 1.0) / n, n)
    };
    let ((mean_1, variance_1, n_1), (mean_2, variance_2, n_2)) = (moments(first), moments(second));
    let variance = variance_1 + variance_2;
    let freedom = variance * variance
        / (variance_1 * variance_1 / (n_1 - 1.0) + variance_2 * variance_2 / (n_2 - 1.0));
    let distance = mean_1 - mean_2;
    let p_value = if distance == 0.0 {
        1.0
    } else if variance > 0.0 {
        let share = freedom * variance / (freedom * variance + distance * distance);
        beta_cdf(0.5 * freedom, 0.5, share)
    } else {
        0.0
    };
    Difference {
        standard_error: variance_2.sqrt(),
        p_value,
    }
}
