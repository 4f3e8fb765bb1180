//! Tail probabilities by feature.

use keepwell_core::entry;
use keepwell_core::outcome::Reason;
use keepwell_core::params::Params;

use super::rows::{CONTAMINATION, RowAnomaly, RowModel, SEED};
use super::{Anomaly, Shape};
use crate::matrix::Matrix;

entry! {
    /// Sum over the features of the logarithm of how far out in the tail of the reference a row lies: outlier
    /// detection by empirical cumulative distributions.
    ///
    /// # Inputs
    /// `reference` and `current`: whole rows of numbers, names, flags and vectors; every component of a vector
    /// is a feature. A missing number or vector counts as the mean of the reference, a missing flag as its
    /// share of true; a name counts as its share in the reference, a missing one as that of the most frequent,
    /// and one that the reference does not have as zero. Infinite numbers count as missing. Columns that are
    /// not on both sides are left out.
    /// # Result
    /// `scores` in `[0, inf)`, natural logarithms. For each feature the larger of the two tails counts, or that
    /// on the side to which the feature is skewed if it is larger. Each row is added to the reference by
    /// itself, so its score does not depend on the other current rows.
    /// `measure`: the share of current rows above the threshold, with Wilson's interval and the one-sided
    /// p-value of the exact test for the order of scores.
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows; `too_few_rows`: fewer reference rows than
    /// `2 / contamination`; `column_absent`: no column in common.
    /// # Cost
    /// `O((n + m) · d · log n)` for `d` features.
    /// # When to use, and when not
    /// For rows that are extreme in one feature or in several: it needs no parameter and takes skewed columns
    /// as they are. It does not see rows whose values are usual one by one and only together are not.
    /// # Reference
    /// Li, Zhao, Hu, Botta, Ionescu and Chen (2022), ECOD, IEEE Transactions on Knowledge and Data Engineering
    /// 35(12), 12181–12193; PyOD's implementation, called for one row at a time.
    /// ```python oracle
    /// if params["contamination"] != 0.01:
    ///     raise NotImplementedError("scores do not depend on it")
    /// model = pyod.models.ecod.ECOD().fit(reference)
    /// dict(scores=[model.decision_function(row[None, :])[0] for row in current])
    /// ```
    pub struct Ecod = "ecod" since "0.1" with [CONTAMINATION, SEED];
}

impl Anomaly for Ecod {
    fn shape(&self) -> Shape {
        Shape::Rows(&Self)
    }
}

impl RowAnomaly for Ecod {
    fn fit(&self, reference: &Matrix, _params: &Params) -> Result<Box<dyn RowModel>, Reason> {
        let features = (0..reference.n_columns())
            .map(|idx| Feature::of(reference.column(idx).collect()))
            .collect();
        Ok(Box::new(Model { features }))
    }
}

struct Model {
    features: Vec<Feature>,
}

impl RowModel for Model {
    fn scores(&self, rows: &Matrix) -> Vec<f64> {
        let score = |row: &[f64]| -> f64 {
            let values = self.features.iter().zip(row);
            values.map(|(feature, &value)| feature.score(value)).sum()
        };
        rows.rows().map(score).collect()
    }

    fn parts(&self, row: &[f64]) -> Option<Vec<f64>> {
        let values = self.features.iter().zip(row);
        Some(
            values
                .map(|(feature, &value)| feature.score(value))
                .collect(),
        )
    }
}

/// One feature of the reference.
struct Feature {
    sorted: Vec<f64>,
    mean: f64,
    /// Sums of the second and third powers of the distances from the mean.
    sums: [f64; 2],
}

impl Feature {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        let n = values.len().max(1) as f64;
        let mean = values.iter().sum::<f64>() / n;
        let sum = |power| values.iter().map(|value| (value - mean).powi(power)).sum();
        Self {
            mean,
            sums: [sum(2), sum(3)],
            sorted: values,
        }
    }

    /// How far out the value lies.
    fn score(&self, value: f64) -> f64 {
        let n = self.sorted.len() as f64 + 1.0;
        let below = self.sorted.partition_point(|&other| other < value);
        let upto = self.sorted.partition_point(|&other| other <= value);
        let tail = |count: usize| -((count as f64 + 1.0) / n).ln();
        let (left, right) = (tail(upto), tail(self.sorted.len() - below));
        let skew = self.skew_with(value);
        let by_skew = if skew < 0.0 {
            left
        } else if skew > 0.0 {
            right
        } else {
            left + right
        };
        left.max(right).max(by_skew)
    }

    /// A number of the sign of the skewness once the value is added, by the formulas of Pébay (2008),
    /// SAND2008-6212; zero for a constant.
    fn skew_with(&self, value: f64) -> f64 {
        let n = self.sorted.len() as f64;
        let total = n + 1.0;
        let distance = value - self.mean;
        let squares = self.sums[0] + distance * distance * n / total;
        let mean = self.mean + distance / total;
        if squares / total <= (ROUNDING * mean).powi(2) {
            return 0.0;
        }
        self.sums[1] + distance.powi(3) * n * (n - 1.0) / (total * total)
            - 3.0 * distance * self.sums[0] / total
    }
}

/// A standard deviation below this share of the mean comes from rounding; that of SciPy's `skew`.
const ROUNDING: f64 = 1.0 / (1_u64 << 52) as f64;
