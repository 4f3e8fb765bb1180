//! Small dense matrices: rows by columns, covariances, symmetric eigenvalues, Cholesky factors.

mod cholesky;

mod eigen;

pub use cholesky::Cholesky;
pub use eigen::{Eigen, eigen};

/// A dense matrix, row after row.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    n_columns: usize,
    n_rows: usize,
    values: Vec<f64>,
}

impl Matrix {
    /// Zeros.
    pub fn zeros(n_rows: usize, n_columns: usize) -> Self {
        Self {
            n_columns,
            n_rows,
            values: vec![0.0; n_rows * n_columns],
        }
    }

    /// The rows in order.
    ///
    /// # Panics
    /// If a row has another length than `n_columns`.
    pub fn from_rows<R: AsRef<[f64]>>(n_columns: usize, rows: impl IntoIterator<Item = R>) -> Self {
        let mut matrix = Self::zeros(0, n_columns);
        for row in rows {
            let row = row.as_ref();
            assert_eq!(row.len(), n_columns, "rows of one length");
            matrix.values.extend_from_slice(row);
            matrix.n_rows += 1;
        }
        matrix
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Number of columns.
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// One row.
    pub fn row(&self, row_idx: usize) -> &[f64] {
        &self.values[row_idx * self.n_columns..][..self.n_columns]
    }

    /// One row, to be changed.
    pub fn row_mut(&mut self, row_idx: usize) -> &mut [f64] {
        &mut self.values[row_idx * self.n_columns..][..self.n_columns]
    }

    /// The rows in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        (0..self.n_rows).map(|row_idx| self.row(row_idx))
    }

    /// The values of one column.
    pub fn column(&self, column_idx: usize) -> impl Iterator<Item = f64> {
        self.rows().map(move |row| row[column_idx])
    }

    /// Mean of each column; zeros without rows.
    pub fn means(&self) -> Vec<f64> {
        let mut means = vec![0.0; self.n_columns];
        // The running mean neither overflows nor loses the small values behind a large sum.
        for (idx, row) in self.rows().enumerate() {
            for (mean, value) in means.iter_mut().zip(row) {
                *mean += (value - *mean) / (idx + 1) as f64;
            }
        }
        means
    }

    /// Covariances of the columns about `centre`, divided by the number of rows.
    pub fn covariance(&self, centre: &[f64]) -> Self {
        let mut covariance = Self::zeros(self.n_columns, self.n_columns);
        let mut distance = vec![0.0; self.n_columns];
        for row in self.rows() {
            for (place, (value, mean)) in distance.iter_mut().zip(row.iter().zip(centre)) {
                *place = value - mean;
            }
            for (left, &own) in distance.iter().enumerate() {
                let sums = &mut covariance.row_mut(left)[..=left];
                for (sum, &other) in sums.iter_mut().zip(&distance) {
                    *sum += own * other;
                }
            }
        }
        let n = self.n_rows.max(1) as f64;
        for left in 0..self.n_columns {
            for right in 0..=left {
                let value = covariance.row(left)[right] / n;
                covariance.row_mut(left)[right] = value;
                covariance.row_mut(right)[left] = value;
            }
        }
        covariance
    }
}

/// Scalar product.
pub fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_definition() {
        let rows = [[1.0, 2.0], [2.0, 0.0], [6.0, 4.0]];
        let matrix = Matrix::from_rows(2, rows);
        assert_eq!(matrix.means(), [3.0, 2.0]);
        let covariance = matrix.covariance(&[3.0, 2.0]);
        // Squares 4 + 1 + 9 and 0 + 4 + 4, products 0 + 2 + 6, over 3.
        let expected = [[14.0 / 3.0, 8.0 / 3.0], [8.0 / 3.0, 8.0 / 3.0]];
        assert_eq!(covariance, Matrix::from_rows(2, expected));
        assert_eq!(Matrix::zeros(0, 2).means(), [0.0, 0.0]);
    }

    #[test]
    fn no_columns_are_no_problem() {
        let matrix = Matrix::zeros(3, 0);
        assert_eq!(matrix.rows().len(), 3);
        assert_eq!(matrix.covariance(&matrix.means()), Matrix::zeros(0, 0));
    }
}
