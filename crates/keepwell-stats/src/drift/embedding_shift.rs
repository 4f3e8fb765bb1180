//! Whether the centre of embeddings moved.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::{DriftTest, hotelling};
use crate::comparison;
use crate::profile::embedding::Vectors;
use crate::profile::{ColumnProfile, TwoSample};

entry! {
    /// Distance between the mean vectors, in units of the typical distance of a vector from its mean.
    ///
    /// # Inputs
    /// `reference`: `[n, d]`, `current`: `[m, d]`, columns of vectors. Null and vectors with a component that is
    /// NaN or infinite are left out; of vectors of several lengths those of the most frequent one count.
    /// # Result
    /// `value` in `[0, inf)`, no unit: the Euclidean distance of the means over the root of the summed variances
    /// of the components, pooled over both sides. `p_value` of "both sides have one mean" by Hotelling's T²
    /// over the components, or, above 64 components and for few rows, over sums of components with
    /// random signs.
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind or in the number
    /// of components. `not_applicable`: no vectors. `all_null`: a side without values. `non_finite`: a
    /// side with infinities only. `too_few_rows`: fewer than 2 usable vectors on a side. `constant`: nothing
    /// varies on either side, but the means differ.
    /// # Cost
    /// `O(d)` on profiles, which take `O(d)` time a row.
    /// # When to use, and when not
    /// For embeddings of texts, images or users, as a first look: a new topic, a new encoder. It sees the mean
    /// alone; two new clusters on opposite sides leave it where it is: take a domain classifier or a
    /// distance between distributions for those.
    /// # Reference
    /// Hotelling (1931), Annals of Mathematical Statistics 2(3), 360–378; Lopes, Jacob and Wainwright (2011),
    /// Advances in Neural Information Processing Systems 24, 1206–1214.
    /// ```python oracle
    /// def vectors(side):
    ///     side = [v for v in side if v and all(math.isfinite(x) for x in v)]
    ///     lengths = [len(v) for v in side]
    ///     usual = max(sorted(set(lengths)), key=lengths.count)
    ///     return np.array([v for v in side if len(v) == usual])
    /// x, y = vectors(reference), vectors(current)
    /// (n, d), m = x.shape, len(y)
    /// assert n > 1 and m > 1 and d == y.shape[1]
    /// pooled = (n * np.cov(x.T, bias=True) + m * np.cov(y.T, bias=True)).reshape(d, d) / (n + m - 2)
    /// delta = y.mean(0) - x.mean(0)
    /// value = np.linalg.norm(delta) / np.sqrt(np.trace(pooled)) if delta.any() else 0.0
    /// assert math.isfinite(value)
    /// def p_value():
    ///     k = 2 ** int(np.log2(max(min((n + m) // 16, n // 4, m // 4), 2)))
    ///     k = min(k, 64)
    ///     fold = np.array([[j % k == i for j in range(d)] for i in range(k)], float)
    ///     fold = fold[fold.any(1)]
    ///     k, mean, covariance = len(fold), fold @ delta, fold @ pooled @ fold.T
    ///     statistic = n * m / (n + m) * mean @ np.linalg.solve(covariance, mean)
    ///     f = (n + m - k - 1) / ((n + m - 2) * k) * statistic
    ///     return max(scipy.stats.f.sf(f, k, n + m - k - 1), 1 / math.comb(n + m, m))
    /// known = d <= 64 and np.linalg.matrix_rank(pooled) == d and n + m > d
    /// dict(value=value, p_value=p_value()) if known else dict(value=value)
    /// ```
    pub struct EmbeddingShift = "embedding_shift" since "0.1";
}

impl DriftTest for EmbeddingShift {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Embedding]
    }

    fn is_symmetric(&self) -> bool {
        true
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn standing(&self) -> Standing {
        Standing::Decided
    }

    fn test(&self, sample: TwoSample<'_, ColumnProfile>, _params: &Params) -> Outcome<Measure> {
        measure(sample).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>) -> Result<Measure, Reason> {
    comparison::require_values(sample)?;
    let reference = vectors(sample.reference)?;
    let current = vectors(sample.current)?;
    if reference.dimension() != current.dimension() {
        return Err(Reason::KindMismatch);
    }
    let found = reference.count().min(current.count());
    if found < 2 {
        return Err(Reason::TooFewRows { needed: 2, found });
    }
    let p_value = hotelling::p_value(reference.projected(), current.projected());
    Ok(Measure::new(distance(reference, current)?).with_p_value(p_value))
}

/// The usable vectors of a column with values.
fn vectors(column: &ColumnProfile) -> Result<&Vectors, Reason> {
    match column {
        ColumnProfile::Embedding(profile) => profile.vectors().ok_or(Reason::NonFinite),
        _ => Err(Reason::NotApplicable),
    }
}

fn distance(reference: &Vectors, current: &Vectors) -> Result<f64, Reason> {
    let squares: f64 = reference
        .mean()
        .iter()
        .zip(current.mean())
        .map(|(left, right)| (left - right).powi(2))
        .sum();
    if squares == 0.0 {
        return Ok(0.0);
    }
    let df = (reference.count() + current.count() - 2) as f64;
    let variance = reference.m2().iter().chain(current.m2()).sum::<f64>() / df;
    let value = (squares / variance).sqrt();
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Reason::Constant)
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;

    use super::*;
    use crate::profile::{EmbeddingProfile, Mode};

    fn run(reference: &[Vec<f64>], current: &[Vec<f64>]) -> Outcome<Measure> {
        let column = |vectors: &[Vec<f64>]| {
            let mut profile = EmbeddingProfile::new(Mode::Exact);
            vectors.iter().for_each(|vector| profile.push(vector));
            ColumnProfile::Embedding(profile)
        };
        let (reference, current) = (column(reference), column(current));
        let sample = TwoSample {
            reference: &reference,
            current: &current,
        };
        EmbeddingShift.test(sample, &Params::defaults(EmbeddingShift.parameters()))
    }

    #[test]
    fn distance_is_in_units_of_the_spread() {
        let reference: Vec<Vec<f64>> = vec![vec![0.0, 0.0], vec![2.0, 0.0], vec![1.0, 0.0]];
        let current: Vec<Vec<f64>> = vec![vec![1.0, 3.0], vec![1.0, 3.0], vec![1.0, 3.0]];
        let measure = run(&reference, &current).into_result().expect("vectors");
        // The means are 3 apart; the summed variance is 2 / 4.
        assert!((measure.value - 3.0 / 0.5_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn shifts_in_many_components_are_seen_through_projections() {
        let vectors = |seed: u64, shift: f64| -> Vec<Vec<f64>> {
            (0..200)
                .map(|row: u64| {
                    (0..300_u64)
                        .map(|idx| {
                            let bits = crate::sketch::hash::finish(seed << 40 | row << 20 | idx);
                            (bits >> 11) as f64 / (1_u64 << 53) as f64 + shift * (idx % 2) as f64
                        })
                        .collect()
                })
                .collect()
        };
        let p_value = |outcome: Outcome<Measure>| outcome.defined().and_then(|m| m.p_value);
        let same = p_value(run(&vectors(1, 0.0), &vectors(2, 0.0)));
        let moved = p_value(run(&vectors(1, 0.0), &vectors(2, 0.1)));
        assert!(same.is_some_and(|p| p > 0.01), "{same:?}");
        assert!(moved.is_some_and(|p| p < 1e-9), "{moved:?}");
    }

    #[test]
    fn what_cannot_be_compared_has_a_reason() {
        let plane = vec![vec![1.0, 2.0]; 3];
        let reasons = [
            (vec![vec![1.0]; 3], Reason::KindMismatch),
            (vec![vec![9.0, 2.0]; 3], Reason::Constant),
            (vec![vec![f64::INFINITY, 2.0]; 3], Reason::NonFinite),
            (
                vec![vec![1.0, 2.0]],
                Reason::TooFewRows {
                    needed: 2,
                    found: 1,
                },
            ),
        ];
        for (current, expected) in reasons {
            assert_eq!(run(&plane, &current).reason(), Some(&expected));
        }
        let same = run(&plane, &plane).into_result().expect("vectors");
        assert_eq!((same.value, same.p_value), (0.0, Some(1.0)));
    }
}
