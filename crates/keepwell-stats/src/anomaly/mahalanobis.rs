//! Distance from the mean, in units of the covariance.

use keepwell_core::entry;
use keepwell_core::outcome::Reason;
use keepwell_core::params::Params;

use super::rows::{CONTAMINATION, RowAnomaly, RowModel, SEED};
use super::{Anomaly, Shape};
use crate::features::Standardiser;
use crate::matrix::{Eigen, Matrix, dot, eigen};

/// Directions whose share of the largest variance is at most this have none: what rounding leaves of columns
/// that depend on one another.
const NEGLIGIBLE: f64 = 1e-10;

entry! {
    /// Squared Mahalanobis distance of each row from the mean of the reference.
    ///
    /// # Inputs
    /// `reference` and `current`: whole rows of numbers, names, flags and vectors; every component of a vector
    /// is a feature. A missing number or vector counts as the mean of the reference, a missing flag as its
    /// share of true; a name counts as its share in the reference, a missing one as that of the most frequent,
    /// and one that the reference does not have as zero. Infinite numbers count as missing. Columns that are
    /// not on both sides are left out.
    /// # Result
    /// `scores` in `[0, inf)`, without unit, about the number of features for a typical row; from the
    /// covariance of the reference divided by the number of rows, after standardising each feature. Where
    /// features depend on one another the pseudo-inverse is taken, so directions in which the reference does
    /// not vary do not count.
    /// `measure`: the share of current rows above the threshold, with Wilson's interval and the one-sided
    /// p-value of the exact test for the order of scores.
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows; `too_few_rows`: fewer reference rows than
    /// `2 / contamination`; `column_absent`: no column in common; `constant`: no feature of the reference
    /// varies.
    /// # Cost
    /// `O((n + m) · d² + d³)` for `d` features.
    /// # When to use, and when not
    /// For numbers that are roughly normal and correlated: it finds rows that break the correlation although
    /// each value is usual. A few gross errors in the reference widen the covariance and hide others like
    /// them; skewed columns should be taken as logarithms, or ranked (`ecod`, `isolation_forest`).
    /// # Reference
    /// Mahalanobis (1936), Proceedings of the National Institute of Sciences of India 2(1), 49–55.
    /// ```python oracle
    /// if params["contamination"] != 0.01:
    ///     raise NotImplementedError("scores do not depend on it")
    /// varies = reference.std(axis=0) > 1e-12
    /// if not varies.any():
    ///     raise ValueError("constant")
    /// scaler = sklearn.preprocessing.StandardScaler().fit(reference)
    /// x, y = scaler.transform(reference), scaler.transform(current)
    /// covariance = sklearn.covariance.EmpiricalCovariance().fit(x).covariance_
    /// precision = np.linalg.pinv(covariance, rcond=1e-10, hermitian=True)
    /// dict(scores=np.einsum("ij,jk,ik->i", y, precision, y))
    /// ```
    /// # Tolerance
    /// relative 1e-7, since small eigenvalues, and means of values with a large offset, lose digits.
    pub struct Mahalanobis = "mahalanobis" since "0.1" with [CONTAMINATION, SEED];
}

impl Anomaly for Mahalanobis {
    fn shape(&self) -> Shape {
        Shape::Rows(&Self)
    }
}

impl RowAnomaly for Mahalanobis {
    fn fit(&self, reference: &Matrix, _params: &Params) -> Result<Box<dyn RowModel>, Reason> {
        let standardiser = Standardiser::fit(reference);
        let scaled = standardiser.apply(reference);
        let found = eigen(&scaled.covariance(&scaled.means()));
        let largest = found.values.first().copied().unwrap_or(0.0);
        if largest <= NEGLIGIBLE {
            return Err(Reason::Constant);
        }
        let n_kept = found
            .values
            .iter()
            .take_while(|&&value| value > NEGLIGIBLE * largest)
            .count();
        Ok(Box::new(Model {
            standardiser,
            found,
            n_kept,
        }))
    }
}

struct Model {
    standardiser: Standardiser,
    found: Eigen,
    /// Directions in which the reference varies.
    n_kept: usize,
}

impl RowModel for Model {
    fn scores(&self, rows: &Matrix) -> Vec<f64> {
        let scaled = self.standardiser.apply(rows);
        let score = |row: &[f64]| -> f64 {
            let axes = self.found.vectors.rows().zip(&self.found.values);
            axes.take(self.n_kept)
                .map(|(axis, variance)| dot(axis, row).powi(2) / variance)
                .sum()
        };
        scaled.rows().map(score).collect()
    }

    /// Of each feature its deviation times that of the weighted rest: the terms of the quadratic form.
    fn parts(&self, row: &[f64]) -> Option<Vec<f64>> {
        let scaled = self
            .standardiser
            .apply(&Matrix::from_rows(row.len(), [row]));
        let deviations = scaled.row(0);
        let mut parts = vec![0.0; row.len()];
        let axes = self.found.vectors.rows().zip(&self.found.values);
        for (axis, variance) in axes.take(self.n_kept) {
            let along = dot(axis, deviations) / variance;
            for (part, (weight, deviation)) in parts.iter_mut().zip(axis.iter().zip(deviations)) {
                *part += along * weight * deviation;
            }
        }
        Some(parts)
    }
}
