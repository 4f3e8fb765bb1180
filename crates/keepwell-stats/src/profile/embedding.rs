//! Profile of a column of embeddings.

use std::collections::BTreeMap;

use super::scatter::{COMPONENTS, Scatter};
use super::{Counts, MergeError, Mode, NumericProfile};
use crate::sketch::hash::finish;

/// Most components that a vector may have.
pub const DIMENSION_MAX: usize = 1 << 16;

/// Most different numbers of components that are kept apart.
pub const DIMENSIONS_KEPT_MAX: usize = 8;

/// From this magnitude on a component counts as infinite, so that no square overflows.
const MAGNITUDE_MAX: f64 = 1e100;

/// Mean, spread and lengths of vectors.
///
/// A vector with a NaN among its components counts as NaN, one with an infinite component (or one of 1e100 or
/// more) as infinite, and one of zeros only as zero. Vectors of different numbers of components are
/// profiled apart: [`EmbeddingProfile::vectors`] are those of the most frequent one, the rest is
/// [`EmbeddingProfile::other_dimension`]. Of more than eight different numbers the eight least are kept.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddingProfile {
    pub(super) counts: Counts,
    pub(super) mode: Mode,
    /// By number of components; none is empty.
    pub(super) by_dimension: BTreeMap<usize, Vectors>,
    /// Usable vectors that are not in `by_dimension`.
    pub(super) dropped: u64,
}

/// Usable vectors of one number of components.
#[derive(Debug, Clone, PartialEq)]
pub struct Vectors {
    /// Arithmetic mean of each component.
    pub(super) mean: Vec<f64>,
    /// Sum of squared deviations of each component.
    pub(super) m2: Vec<f64>,
    pub(super) norms: NumericProfile,
    /// Of the vectors as they are up to 64 components, else of 64 sums of components with random signs.
    pub(super) projected: Scatter,
}

impl EmbeddingProfile {
    /// An empty profile.
    pub fn new(mode: Mode) -> Self {
        Self {
            counts: Counts::default(),
            mode,
            by_dimension: BTreeMap::new(),
            dropped: 0,
        }
    }

    /// Takes one vector. A vector without components counts as null.
    pub fn push(&mut self, vector: &[f64]) {
        if vector.is_empty() {
            self.push_nulls(1);
            return;
        }
        self.counts.rows += 1;
        if vector.iter().any(|component| component.is_nan()) {
            self.counts.nan += 1;
            return;
        }
        if vector
            .iter()
            .any(|component| component.abs() >= MAGNITUDE_MAX)
        {
            self.counts.positive_infinity += 1;
            return;
        }
        self.counts.zero += u64::from(vector.iter().all(|&component| component == 0.0));
        let dimension = vector.len();
        if dimension > DIMENSION_MAX || self.is_beyond(dimension) {
            self.dropped += 1;
            return;
        }
        self.by_dimension
            .entry(dimension)
            .or_insert_with(|| Vectors::new(dimension, self.mode))
            .push(vector);
        self.drop_surplus();
    }

    /// Takes `n` rows that hold null.
    pub fn push_nulls(&mut self, n: u64) {
        self.counts.rows += n;
        self.counts.null += n;
    }

    /// Adds another part.
    ///
    /// # Errors
    /// If one is exact and the other sketched.
    pub fn merge(&mut self, other: Self) -> Result<(), MergeError> {
        if self.mode != other.mode {
            return Err(MergeError::Mode);
        }
        self.counts.merge(&other.counts);
        self.dropped += other.dropped;
        for (dimension, vectors) in other.by_dimension {
            match self.by_dimension.get_mut(&dimension) {
                Some(own) => own.merge(vectors)?,
                None => {
                    self.by_dimension.insert(dimension, vectors);
                }
            }
        }
        self.drop_surplus();
        Ok(())
    }

    fn is_beyond(&self, dimension: usize) -> bool {
        self.by_dimension.len() == DIMENSIONS_KEPT_MAX
            && self
                .by_dimension
                .last_key_value()
                .is_some_and(|(&greatest, _)| dimension > greatest)
    }

    fn drop_surplus(&mut self) {
        while self.by_dimension.len() > DIMENSIONS_KEPT_MAX {
            if let Some((_, vectors)) = self.by_dimension.pop_last() {
                self.dropped += vectors.count();
            }
        }
    }

    /// Prepares for evaluation; see [`NumericProfile::seal`].
    pub fn seal(&mut self) {
        for vectors in self.by_dimension.values_mut() {
            vectors.norms.seal();
        }
    }

    /// Counts of all rows. `positive_infinity` holds every row with an infinite component.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Whether all lengths of vectors are kept.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The vectors of the most frequent number of components, of equally frequent ones the least; `None`
    /// where there is no usable vector.
    pub fn vectors(&self) -> Option<&Vectors> {
        self.by_dimension
            .values()
            .rev()
            .max_by_key(|vectors| vectors.count())
    }

    /// Rows whose number of components is another one than that of [`EmbeddingProfile::vectors`].
    pub fn other_dimension(&self) -> u64 {
        let all: u64 = self.by_dimension.values().map(Vectors::count).sum();
        all + self.dropped - self.vectors().map_or(0, Vectors::count)
    }
}

impl Vectors {
    fn new(dimension: usize, mode: Mode) -> Self {
        Self {
            mean: vec![0.0; dimension],
            m2: vec![0.0; dimension],
            norms: NumericProfile::new(mode),
            projected: Scatter::default(),
        }
    }

    fn push(&mut self, vector: &[f64]) {
        let n = (self.count() + 1) as f64;
        for ((mean, m2), value) in self.mean.iter_mut().zip(&mut self.m2).zip(vector) {
            let delta = value - *mean;
            *mean += delta / n;
            *m2 += delta * (value - *mean);
        }
        self.projected.push(&project(vector), 1);
        let squares: f64 = vector.iter().map(|component| component * component).sum();
        self.norms.push(squares.sqrt());
    }

    fn merge(&mut self, other: Self) -> Result<(), MergeError> {
        self.norms.merge(other.norms)?;
        let (own, others) = (self.count() as f64, other.projected.count() as f64);
        let share = others / (own + others);
        for (idx, mean) in self.mean.iter_mut().enumerate() {
            let delta = other.mean[idx] - *mean;
            *mean += delta * share;
            self.m2[idx] += other.m2[idx] + delta * delta * own * share;
        }
        self.projected.merge(&other.projected);
        Ok(())
    }

    /// Number of vectors, at least one.
    pub fn count(&self) -> u64 {
        self.projected.count()
    }

    /// Number of components.
    pub fn dimension(&self) -> usize {
        self.mean.len()
    }

    /// Arithmetic mean of each component.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// Sum of squared deviations of each component from its mean.
    pub fn m2(&self) -> &[f64] {
        &self.m2
    }

    /// Euclidean lengths.
    pub fn norms(&self) -> &NumericProfile {
        &self.norms
    }

    /// Mean and covariance of the vectors as they are up to 64 components, else of 64 sums of components with
    /// random signs (Charikar, Chen and Farach-Colton 2004, Theoretical Computer Science 312(1), 3–15).
    pub fn projected(&self) -> &Scatter {
        &self.projected
    }
}

fn project(vector: &[f64]) -> [f64; COMPONENTS] {
    let mut projected = [0.0; COMPONENTS];
    for (idx, component) in vector.iter().enumerate() {
        let is_negated = idx >= COMPONENTS && finish(idx as u64) & 1 == 1;
        let place = &mut projected[idx % COMPONENTS];
        *place += if is_negated { -component } else { *component };
    }
    projected
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(seed: usize, dimension: usize) -> Vec<f64> {
        (0..dimension)
            .map(|idx| ((seed * 31 + idx * 7) as f64).sin())
            .collect()
    }

    #[test]
    fn kinds_of_vectors_are_counted_apart() {
        let mut profile = EmbeddingProfile::new(Mode::Exact);
        profile.push(&[3.0, 4.0]);
        profile.push(&[0.0, -0.0]);
        profile.push(&[f64::NAN, 1.0]);
        profile.push(&[1.0, f64::NEG_INFINITY]);
        profile.push(&[1.0, 1e100]);
        profile.push(&[]);
        profile.push(&[1.0, 2.0, 3.0]);
        profile.push_nulls(2);
        let counts = profile.counts();
        assert_eq!((counts.rows, counts.null, counts.nan), (9, 3, 1));
        assert_eq!((counts.infinite(), counts.zero), (2, 1));
        let vectors = profile.vectors().expect("there are vectors");
        assert_eq!((vectors.dimension(), vectors.count()), (2, 2));
        assert_eq!(vectors.mean(), [1.5, 2.0]);
        assert_eq!(vectors.m2(), [4.5, 8.0]);
        assert_eq!(vectors.norms().range(), Some((0.0, 5.0)));
        assert_eq!(profile.other_dimension(), 1);
    }

    #[test]
    fn parts_equal_the_whole() {
        for dimension in [3, 64, 200] {
            let mut whole = EmbeddingProfile::new(Mode::Exact);
            let mut parts = [(); 2].map(|()| EmbeddingProfile::new(Mode::Exact));
            for seed in 0..40 {
                whole.push(&vector(seed, dimension));
                parts[seed % 2].push(&vector(seed, dimension));
            }
            let [mut merged, other] = parts;
            merged.merge(other).expect("one mode");
            let (own, other) = (
                whole.vectors().expect("vectors"),
                merged.vectors().expect("vectors"),
            );
            for (left, right) in own.m2.iter().zip(&other.m2) {
                assert!((left - right).abs() < 1e-12 * left);
            }
            let variance = own.projected().product(2, 2);
            assert!((variance - other.projected().product(2, 2)).abs() < 1e-12 * variance);
        }
    }

    #[test]
    fn numbers_of_components_are_kept_apart_and_bounded() {
        let mut forward = EmbeddingProfile::new(Mode::Sketched);
        let mut backward = EmbeddingProfile::new(Mode::Sketched);
        for seed in 0..20 {
            forward.push(&vector(1, 1 + seed % 10));
            backward.push(&vector(1, 1 + (19 - seed) % 10));
        }
        let others = vec![1.0; DIMENSION_MAX + 1];
        forward.push(&others);
        backward.push(&others);
        forward.push(&[0.5, 2.0]);
        backward.push(&[0.5, 2.0]);
        assert_eq!(forward, backward);
        assert_eq!(forward.vectors().map(Vectors::dimension), Some(2));
        assert_eq!(forward.other_dimension(), 19);
        assert_eq!(forward.by_dimension.len(), DIMENSIONS_KEPT_MAX);
    }
}
