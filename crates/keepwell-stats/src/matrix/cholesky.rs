//! Symmetric matrices as the product of a triangular one and its transpose.

use super::{Matrix, dot};

/// The lower triangle `L` of a positive definite matrix `A = L Lᵀ`, by which systems with `A` are solved.
#[derive(Debug, Clone)]
pub struct Cholesky {
    lower: Matrix,
}

impl Cholesky {
    /// Takes apart a symmetric matrix, of which only the lower triangle is read; `None` where rounding leaves it
    /// no positive definite one. Golub and Van Loan (2013), Matrix Computations, algorithm 4.2.1.
    pub fn of(matrix: &Matrix) -> Option<Self> {
        let n = matrix.n_rows();
        let mut lower = Matrix::zeros(n, n);
        for row_idx in 0..n {
            for column_idx in 0..=row_idx {
                let known = dot(
                    &lower.row(row_idx)[..column_idx],
                    &lower.row(column_idx)[..column_idx],
                );
                let rest = matrix.row(row_idx)[column_idx] - known;
                let value = if row_idx > column_idx {
                    rest / lower.row(column_idx)[column_idx]
                } else if rest > 0.0 && rest.is_finite() {
                    rest.sqrt()
                } else {
                    return None;
                };
                lower.row_mut(row_idx)[column_idx] = value;
            }
        }
        Some(Self { lower })
    }

    /// The `x` with `L x = right`.
    ///
    /// # Panics
    /// If the sizes differ.
    pub fn half_solve(&self, right: &[f64]) -> Vec<f64> {
        assert_eq!(right.len(), self.lower.n_rows(), "as long as the matrix");
        let mut solved: Vec<f64> = Vec::with_capacity(right.len());
        for (row, value) in self.lower.rows().zip(right) {
            let place = solved.len();
            let known = dot(&row[..place], &solved);
            solved.push((value - known) / row[place]);
        }
        solved
    }

    /// The `x` with `A x = right`.
    ///
    /// # Panics
    /// If the sizes differ.
    pub fn solve(&self, right: &[f64]) -> Vec<f64> {
        let mut solved = self.half_solve(right);
        for place in (0..solved.len()).rev() {
            let row = self.lower.row(place);
            solved[place] /= row[place];
            let value = solved[place];
            for (other, factor) in solved[..place].iter_mut().zip(row) {
                *other -= factor * value;
            }
        }
        solved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_numpy() {
        // numpy.linalg.solve
        let matrix = Matrix::from_rows(3, [[4.0, 2.0, 0.6], [2.0, 5.0, 1.0], [0.6, 1.0, 3.0]]);
        let factor = Cholesky::of(&matrix).expect("positive definite");
        let right = [1.0, -2.0, 0.5];
        let found = factor.solve(&right);
        for (row, expected) in matrix.rows().zip(right) {
            assert!((dot(row, &found) - expected).abs() < 1e-12, "{found:?}");
        }
        // The square of the half solution is the quadratic form of the inverse.
        let half = factor.half_solve(&right);
        assert!((dot(&half, &half) - dot(&right, &found)).abs() < 1e-12);
    }

    #[test]
    fn what_is_singular_has_none() {
        let matrix = Matrix::from_rows(2, [[1.0, 1.0], [1.0, 1.0]]);
        assert!(Cholesky::of(&matrix).is_none());
    }
}
