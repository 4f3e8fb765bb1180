//! Mean and covariance of vectors of a fixed, small number of components.

/// Number of components.
pub const COMPONENTS: usize = 64;

/// Number of products of two components, each pair once.
pub(super) const PRODUCTS: usize = COMPONENTS * (COMPONENTS + 1) / 2;

/// Count, mean and centred products of vectors of [`COMPONENTS`] finite components.
///
/// Parts are merged by the formulas of Chan, Golub and LeVeque (1983), The American Statistician 37(3),
/// 242–247; the order of vectors and parts changes the last digits only.
#[derive(Debug, Clone, PartialEq)]
pub struct Scatter {
    pub(super) count: u64,
    /// [`COMPONENTS`] numbers; zero while there is no vector.
    pub(super) mean: Vec<f64>,
    /// [`PRODUCTS`] sums of products of two deviations, row by row of the lower triangle.
    pub(super) products: Vec<f64>,
}

impl Default for Scatter {
    fn default() -> Self {
        Self {
            count: 0,
            mean: vec![0.0; COMPONENTS],
            products: vec![0.0; PRODUCTS],
        }
    }
}

impl Scatter {
    /// Takes a vector `n` times.
    pub fn push(&mut self, vector: &[f64; COMPONENTS], n: u64) {
        if n == 0 {
            return;
        }
        self.shift(vector, n);
    }

    /// Adds another part.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        self.shift(&other.mean, other.count);
        for (own, other) in self.products.iter_mut().zip(&other.products) {
            *own += other;
        }
    }

    /// Moves the mean by `n` vectors, not zero, of mean `mean`, and adds what their distance from the
    /// present mean adds to the products.
    fn shift(&mut self, mean: &[f64], n: u64) {
        let total = (self.count + n) as f64;
        let share = n as f64 / total;
        let factor = self.count as f64 * share;
        let mut delta = [0.0; COMPONENTS];
        for ((delta, own), other) in delta.iter_mut().zip(&mut self.mean).zip(mean) {
            *delta = other - *own;
            *own += *delta * share;
        }
        self.count += n;
        let mut rest = self.products.as_mut_slice();
        for (row, &own) in delta.iter().enumerate() {
            let (products, after) = rest.split_at_mut(row + 1);
            let scaled = own * factor;
            for (product, other) in products.iter_mut().zip(&delta) {
                *product += scaled * other;
            }
            rest = after;
        }
    }

    /// Number of vectors.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean of the vectors; zeros while there is none.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// Sum over all vectors of the product of their deviations from the mean in two components.
    ///
    /// # Panics
    /// If a position is not below [`COMPONENTS`].
    pub fn product(&self, row: usize, column: usize) -> f64 {
        let (row, column) = (row.max(column), row.min(column));
        self.products[row * (row + 1) / 2 + column]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(seed: usize) -> [f64; COMPONENTS] {
        std::array::from_fn(|idx| ((seed * 67 + idx * 13) as f64 * 0.37).sin() + idx as f64)
    }

    #[test]
    fn agrees_with_the_definition() {
        let vectors: Vec<[f64; COMPONENTS]> = (0..9).map(vector).collect();
        let mut scatter = Scatter::default();
        vectors.iter().for_each(|vector| scatter.push(vector, 1));
        let mean = |idx: usize| vectors.iter().map(|vector| vector[idx]).sum::<f64>() / 9.0;
        for (row, column) in [(0, 0), (5, 2), (2, 5), (63, 63), (63, 0)] {
            let expected: f64 = vectors
                .iter()
                .map(|vector| (vector[row] - mean(row)) * (vector[column] - mean(column)))
                .sum();
            assert!((scatter.product(row, column) - expected).abs() < 1e-10);
            assert!((scatter.mean()[row] - mean(row)).abs() < 1e-12);
        }
    }

    #[test]
    fn parts_and_repetitions_equal_the_whole() {
        let mut whole = Scatter::default();
        let mut parts = [const { 0 }; 3].map(|_: i32| Scatter::default());
        for seed in 0..30 {
            whole.push(&vector(seed), 1);
            whole.push(&vector(seed), 1);
            parts[seed % 2].push(&vector(seed), 2);
        }
        let [mut merged, second, empty] = parts;
        merged.merge(&second);
        merged.merge(&empty);
        merged.push(&vector(0), 0);
        assert_eq!(merged.count(), whole.count());
        for (own, other) in merged.products.iter().zip(&whole.products) {
            assert!((own - other).abs() < 1e-9);
        }
    }
}
