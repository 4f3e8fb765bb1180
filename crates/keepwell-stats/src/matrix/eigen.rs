//! Eigenvalues of a symmetric matrix.

use super::Matrix;

/// Eigenvalues and eigenvectors of a symmetric matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Eigen {
    /// Eigenvalues, largest first.
    pub values: Vec<f64>,
    /// Row `i` is the eigenvector of value `i`: of length one, its largest component positive.
    pub vectors: Matrix,
}

/// Decomposes a symmetric matrix of finite values, of which the lower triangle is read.
///
/// Householder's reduction to a tridiagonal matrix and the implicit QL method: procedures `tred2` and
/// `tql2` of Bowdler, Martin, Reinsch and Wilkinson (1968), Numerische Mathematik 11, 293–306, in `O(n³)`.
///
/// # Panics
/// If the matrix is not square.
pub fn eigen(matrix: &Matrix) -> Eigen {
    let n = matrix.n_rows();
    assert_eq!(n, matrix.n_columns(), "a square matrix");
    let mut work = Work {
        // Columns of the eigenvectors are kept as rows, along which all inner loops run.
        vectors: (0..n).map(|row_idx| matrix.row(row_idx).to_vec()).collect(),
        diagonal: vec![0.0; n],
        off_diagonal: vec![0.0; n],
    };
    work.tridiagonalise();
    work.diagonalise();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| work.diagonal[b].total_cmp(&work.diagonal[a]));
    let vectors = order.iter().map(|&idx| with_sign(&work.vectors[idx]));
    Eigen {
        values: order.iter().map(|&idx| work.diagonal[idx]).collect(),
        vectors: Matrix::from_rows(n, vectors),
    }
}

fn with_sign(vector: &[f64]) -> Vec<f64> {
    let largest = vector.iter().fold(
        0.0_f64,
        |best, &x| if x.abs() > best.abs() { x } else { best },
    );
    vector.iter().map(|x| x * largest.signum()).collect()
}

struct Work {
    vectors: Vec<Vec<f64>>,
    diagonal: Vec<f64>,
    /// Element `i` stands between rows `i - 1` and `i` of the tridiagonal matrix.
    off_diagonal: Vec<f64>,
}

/// Steps per eigenvalue; the method needs two or three.
const STEPS_MAX: usize = 60;

/// Off-diagonal elements are zero below this share of their neighbours: the unit roundoff of `f64`.
const NEGLIGIBLE: f64 = 1.0 / (1_u64 << 52) as f64;

impl Work {
    fn tridiagonalise(&mut self) {
        let n = self.diagonal.len();
        for (value, vector) in self.diagonal.iter_mut().zip(&self.vectors) {
            *value = vector[n - 1];
        }
        for i in (1..n).rev() {
            self.reflect(i);
        }
        for i in 1..n {
            self.accumulate(i);
        }
        for (idx, vector) in self.vectors.iter_mut().enumerate() {
            self.diagonal[idx] = vector[n - 1];
            vector[n - 1] = if idx == n - 1 { 1.0 } else { 0.0 };
        }
    }

    /// Makes row `i` zero up to the place before its diagonal.
    fn reflect(&mut self, i: usize) {
        let (d, e) = (&mut self.diagonal[..i], &mut self.off_diagonal[..=i]);
        let scale: f64 = d.iter().map(|x| x.abs()).sum();
        if scale == 0.0 {
            e[i] = d[i - 1];
            for (j, value) in d.iter_mut().enumerate() {
                *value = self.vectors[j][i - 1];
                self.vectors[j][i] = 0.0;
                self.vectors[i][j] = 0.0;
            }
            self.diagonal[i] = 0.0;
            return;
        }
        d.iter_mut().for_each(|x| *x /= scale);
        let squares: f64 = d.iter().map(|x| x * x).sum();
        let last = d[i - 1];
        let root = -squares.sqrt().copysign(if last > 0.0 { 1.0 } else { -1.0 });
        e[i] = scale * root;
        let h = squares - last * root;
        d[i - 1] = last - root;
        e[..i].fill(0.0);
        for j in 0..i {
            self.vectors[i][j] = d[j];
            let column = &self.vectors[j];
            e[j] += column[j] * d[j];
            for k in j + 1..i {
                e[j] += column[k] * d[k];
                e[k] += column[k] * d[j];
            }
        }
        e[..i].iter_mut().for_each(|x| *x /= h);
        let half = e.iter().zip(&*d).map(|(x, y)| x * y).sum::<f64>() / (h + h);
        e.iter_mut().zip(&*d).for_each(|(x, y)| *x -= half * y);
        for j in 0..i {
            let (f, g) = (d[j], e[j]);
            let column = &mut self.vectors[j];
            for k in j..i {
                column[k] -= f * e[k] + g * d[k];
            }
            d[j] = column[i - 1];
            column[i] = 0.0;
        }
        self.diagonal[i] = h;
    }

    /// Multiplies the reflection of row `i` into the vectors before it.
    fn accumulate(&mut self, i: usize) {
        let n = self.diagonal.len();
        let (before, from) = self.vectors.split_at_mut(i);
        let column = &mut before[i - 1];
        column[n - 1] = column[i - 1];
        column[i - 1] = 1.0;
        let reflection = &mut from[0][..i];
        let h = self.diagonal[i];
        if h != 0.0 {
            for column in before {
                let product: f64 = column.iter().zip(&*reflection).map(|(x, y)| x * y).sum();
                for (x, y) in column.iter_mut().zip(&*reflection) {
                    *x -= product * y / h;
                }
            }
        }
        reflection.fill(0.0);
    }

    fn diagonalise(&mut self) {
        let n = self.diagonal.len();
        self.off_diagonal.rotate_left(1.min(n));
        if let Some(last) = self.off_diagonal.last_mut() {
            *last = 0.0;
        }
        let (mut shift, mut largest) = (0.0, 0.0_f64);
        for l in 0..n {
            largest = largest.max(self.diagonal[l].abs() + self.off_diagonal[l].abs());
            let is_zero = |x: f64| x.abs() <= NEGLIGIBLE * largest;
            let end = (l..n)
                .find(|&m| is_zero(self.off_diagonal[m]))
                .unwrap_or(n - 1);
            for _ in 0..STEPS_MAX {
                if end == l || is_zero(self.off_diagonal[l]) {
                    break;
                }
                shift += self.shift(l);
                self.chase(l, end);
            }
            self.diagonal[l] += shift;
            self.off_diagonal[l] = 0.0;
        }
    }

    /// Takes the shift of the block that begins at `l` off its diagonal.
    fn shift(&mut self, l: usize) -> f64 {
        let (d, e) = (&mut self.diagonal, &self.off_diagonal);
        let p = (d[l + 1] - d[l]) / (2.0 * e[l]);
        let r = p.hypot(1.0).copysign(p);
        let value = e[l] / (p + r);
        let shift = d[l] - value;
        d[l] = value;
        d[l + 1] = e[l] * (p + r);
        d[l + 2..].iter_mut().for_each(|x| *x -= shift);
        shift
    }

    /// One implicit QL step on the block from `l` to `end`.
    fn chase(&mut self, l: usize, end: usize) {
        let (d, e) = (&mut self.diagonal, &mut self.off_diagonal);
        let (next, beside) = (d[l + 1], e[l + 1]);
        let mut p = d[end];
        let (mut cosines, mut sines) = ([1.0; 3], [0.0; 2]);
        for i in (l..end).rev() {
            cosines = [cosines[0], cosines[0], cosines[1]];
            sines = [sines[0], sines[0]];
            let (g, h) = (cosines[0] * e[i], cosines[0] * p);
            let r = p.hypot(e[i]);
            e[i + 1] = sines[0] * r;
            let (s, c) = (e[i] / r, p / r);
            p = c * d[i] - s * g;
            d[i + 1] = h + s * (c * g + s * d[i]);
            (sines[0], cosines[0]) = (s, c);
            let (left, right) = self.vectors.split_at_mut(i + 1);
            for (x, y) in left[i].iter_mut().zip(&mut right[0]) {
                (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
            }
        }
        let p = -sines[0] * sines[1] * cosines[2] * beside * e[l] / next;
        e[l] = sines[0] * p;
        d[l] = cosines[0] * p;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::dot;
    use super::*;

    /// Fails unless `vectorsᵀ · diag(values) · vectors` is the matrix and the vectors are orthonormal.
    fn check(matrix: &Matrix) {
        let n = matrix.n_rows();
        let found = eigen(matrix);
        let scale = matrix
            .rows()
            .flatten()
            .fold(1e-300, |max: f64, x| max.max(x.abs()));
        let is_near = |a: f64, b: f64, unit: f64| (a - b).abs() <= 1e-13 * n as f64 * unit;
        assert!(found.values.is_sorted_by(|a, b| a >= b));
        for i in 0..n {
            for j in 0..n {
                let unit = f64::from(u8::from(i == j));
                let product = dot(found.vectors.row(i), found.vectors.row(j));
                assert!(is_near(product, unit, 1.0), "{i}, {j}: {product}");
                let value: f64 = (0..n)
                    .map(|k| {
                        let vector = found.vectors.row(k);
                        found.values[k] * vector[i] * vector[j]
                    })
                    .sum();
                let expected = matrix.row(i.max(j))[i.min(j)];
                assert!(
                    is_near(value, expected, scale),
                    "{i}, {j}: {value} {expected}"
                );
            }
        }
    }

    #[test]
    fn known_spectra() {
        check(&Matrix::zeros(0, 0));
        check(&Matrix::zeros(4, 4));
        check(&Matrix::from_rows(1, [[-3.0]]));
        check(&Matrix::from_rows(
            3,
            [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]],
        ));
        let found = eigen(&Matrix::from_rows(2, [[2.0, 1.0], [1.0, 2.0]]));
        let root = 0.5_f64.sqrt();
        let expected = [[root, root], [root, -root]];
        for (value, expected) in found.values.iter().zip([3.0, 1.0]) {
            assert!((value - expected).abs() < 1e-15);
        }
        for (row, expected) in found.vectors.rows().zip(expected) {
            assert!((dot(row, &expected).abs() - 1.0).abs() < 1e-15);
        }
    }

    #[test]
    fn hilbert_matrix_agrees_with_mpmath() {
        let rows = (0..6).map(|i| {
            (0..6)
                .map(|j| 1.0 / f64::from(i + j + 1))
                .collect::<Vec<_>>()
        });
        let found = eigen(&Matrix::from_rows(6, rows));
        // Largest and smallest eigenvalue at 30 digits.
        assert!((found.values[0] - 1.618_899_858_924_339).abs() < 1e-14);
        assert!((found.values[5] - 1.082_799_484_565_55e-7).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn decomposes(n in 1..12_usize, seed in proptest::collection::vec(-1.0..1.0_f64, 144), rank in 1..12_usize) {
            // A product of `rank` columns with itself: singular where the rank is below n.
            let product = |i: usize, j: usize| {
                (0..rank).map(|k| seed[i * 12 + k] * seed[j * 12 + k]).sum::<f64>()
            };
            check(&Matrix::from_rows(n, (0..n).map(|i| (0..n).map(|j| product(i, j)).collect::<Vec<_>>())));
        }

        #[test]
        fn decomposes_sparse(n in 1..9_usize, seed in proptest::collection::vec(-2..3_i32, 81)) {
            let value = |i: usize, j: usize| f64::from(seed[i.max(j) * 9 + i.min(j)]);
            check(&Matrix::from_rows(n, (0..n).map(|i| (0..n).map(|j| value(i, j)).collect::<Vec<_>>())));
        }
    }
}
