//! Sums over rows of a few numbers and of their products.

/// Sums over rows of `N` numbers each and of the products of two of them: enough for any function of the sums
/// with its variance under resampling of rows, by the delta method.
///
/// Whole numbers are summed exactly as long as each sum stays below 2^53.
#[derive(Debug, Clone, PartialEq)]
pub struct RowSums<const N: usize> {
    pub(super) rows: u64,
    pub(super) sums: [f64; N],
    /// `N (N + 1) / 2` sums, row by row of the lower triangle.
    pub(super) products: Vec<f64>,
}

impl<const N: usize> Default for RowSums<N> {
    fn default() -> Self {
        Self {
            rows: 0,
            sums: [0.0; N],
            products: vec![0.0; N * (N + 1) / 2],
        }
    }
}

impl<const N: usize> RowSums<N> {
    /// Takes the finite numbers of one row.
    pub fn push(&mut self, row: &[f64; N]) {
        self.rows += 1;
        let mut products = self.products.iter_mut();
        for (idx, value) in row.iter().enumerate() {
            self.sums[idx] += value;
            for (product, other) in products.by_ref().take(idx + 1).zip(row) {
                *product += value * other;
            }
        }
    }

    /// Adds another part.
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        for (own, other) in self.sums.iter_mut().zip(other.sums) {
            *own += other;
        }
        for (own, other) in self.products.iter_mut().zip(&other.products) {
            *own += other;
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Sum of each number.
    pub fn sums(&self) -> &[f64; N] {
        &self.sums
    }

    /// Variance of a function of the sums that stays the same if all sums grow by one factor (a ratio, for
    /// example), from its derivatives; `None` below two rows.
    pub fn variance(&self, gradient: &[f64; N]) -> Option<f64> {
        if self.rows < 2 {
            return None;
        }
        // By Euler's theorem the gradient is orthogonal to the sums, so nothing need be centred.
        let mut products = self.products.iter();
        let mut squares = 0.0;
        for (idx, own) in gradient.iter().enumerate() {
            for (other, (product, derivative)) in
                products.by_ref().take(idx + 1).zip(gradient).enumerate()
            {
                let times = if other == idx { 1.0 } else { 2.0 };
                squares += times * own * derivative * product;
            }
        }
        let n = self.rows as f64;
        Some(squares.max(0.0) * n / (n - 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variance_of_a_ratio_is_that_of_its_residuals() {
        let rows = [[1.0, 4.0], [0.0, 3.0], [2.0, 5.0], [1.0, 1.0], [0.0, 6.0]];
        let mut sums = RowSums::<2>::default();
        let mut parts = [RowSums::<2>::default(), RowSums::default()];
        for (idx, row) in rows.iter().enumerate() {
            sums.push(row);
            parts[idx % 2].push(row);
        }
        let [mut merged, other] = parts;
        merged.merge(&other);
        assert_eq!(merged, sums);
        let [top, bottom] = *sums.sums();
        let ratio = top / bottom;
        let residuals: f64 = rows
            .iter()
            .map(|row| (row[0] - ratio * row[1]).powi(2))
            .sum();
        let expected = 5.0 / 4.0 * residuals / (bottom * bottom);
        let found = sums.variance(&[1.0 / bottom, -ratio / bottom]);
        assert!((found.expect("rows") - expected).abs() < 1e-15);
    }

    #[test]
    fn one_row_has_no_variance() {
        let mut sums = RowSums::<1>::default();
        assert_eq!(sums.variance(&[1.0]), None);
        sums.push(&[3.0]);
        assert_eq!(sums.variance(&[1.0]), None);
    }
}
