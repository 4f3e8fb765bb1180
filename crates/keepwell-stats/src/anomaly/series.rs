//! What methods on series share.

use keepwell_core::catalog::Entry;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::{Domain, Parameter, Params};

/// When a point is anomalous.
pub(super) const THRESHOLD: Parameter = Parameter {
    name: "threshold",
    doc: "Points whose score is above it are anomalous; 3.5 is that of Iglewicz and Hoaglin.",
    domain: Domain::Float {
        default: 3.5,
        min: 0.0,
        max: f64::MAX,
    },
};

/// Finds points of a series that do not fit.
pub trait SeriesAnomaly: Entry {
    /// Judges the points of a series of equal steps, oldest first. A point that is not finite is missing.
    fn detect(&self, series: &[f64], params: &Params) -> Outcome<SeriesAnomalies>;
}

/// Anomalous points of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesAnomalies {
    /// For each point how far it is out, with its sign; `None` where nothing can be said of it.
    pub scores: Vec<Option<f64>>,
    /// Positions of the anomalous points, ascending.
    pub positions: Vec<usize>,
}

impl SeriesAnomalies {
    /// The points whose score has a magnitude above `threshold`.
    pub(super) fn above(scores: Vec<Option<f64>>, threshold: f64) -> Self {
        let is_above = |score: &Option<f64>| score.is_some_and(|score| score.abs() > threshold);
        let positions = (0..scores.len())
            .filter(|&idx| is_above(&scores[idx]))
            .collect();
        Self { scores, positions }
    }
}

/// Makes the median absolute deviation of a normal distribution its standard deviation: one over the quantile
/// of the standard normal distribution at 3/4.
const NORMAL_MAD: f64 = 1.482_602_218_505_602;

/// Makes the mean absolute deviation of a normal distribution its standard deviation.
const NORMAL_MEAN_DEVIATION: f64 = 1.253_314_137_315_500_3;

/// Median and spread that outliers do not move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Centre {
    pub(super) median: f64,
    /// Standard deviation of a normal distribution with this median absolute deviation; from the mean
    /// absolute deviation if more than half of the values are equal. Zero if all are.
    pub(super) deviation: f64,
}

impl Centre {
    /// `None` without values, which must not be NaN.
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        let median = median(&mut values.to_vec())?;
        let mut distances: Vec<f64> = values.iter().map(|value| (value - median).abs()).collect();
        let deviation = normal_deviation(&mut distances)?;
        Some(Self { median, deviation })
    }
}

/// Standard deviation of a normal distribution about zero whose magnitudes have this median, or this mean if
/// more than half of them are zero. `None` without magnitudes.
pub(super) fn normal_deviation(magnitudes: &mut [f64]) -> Option<f64> {
    let middle = median(magnitudes)?;
    Some(if middle > 0.0 {
        NORMAL_MAD * middle
    } else {
        let n = magnitudes.len() as f64;
        NORMAL_MEAN_DEVIATION
            * magnitudes
                .iter()
                .map(|magnitude| magnitude / n)
                .sum::<f64>()
    })
}

/// Median of values that are not NaN; the mean of the middle two of an even number.
pub(super) fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len();
    let upper = *values.get(n / 2)?;
    Some(if n.is_multiple_of(2) {
        f64::midpoint(values[n / 2 - 1], upper)
    } else {
        upper
    })
}
