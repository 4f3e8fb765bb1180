//! Distance from the median in units of the median absolute deviation.

use keepwell_core::entry;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use super::series::{Centre, SeriesAnomalies, SeriesAnomaly, THRESHOLD};
use super::{Anomaly, Shape};

/// Fewest values that a centre and a spread are taken from.
const VALUES_MIN: usize = 5;

entry! {
    /// How many robust standard deviations each point of a series lies from the median.
    ///
    /// # Inputs
    /// A series of equal steps, oldest first; points that are not finite are missing.
    /// # Result
    /// `scores`: for each point its distance from the median over 1.4826 times the median absolute deviation,
    /// with its sign; none for a missing point. If more than half of the values are equal, the spread is
    /// 1.2533 times the mean absolute deviation instead. With `of = seasonal_difference`, the same of the
    /// differences from the point `period` steps before; points without one have no score, and a single
    /// anomalous point shows a second time, with the opposite sign, one period later.
    /// `positions`: points whose score has a magnitude above `threshold`.
    /// # Undefined
    /// `no_rows`: an empty series; `too_few_rows`: below 5 values or differences; `constant`: all are equal.
    /// # Cost
    /// `O(n log n)`.
    /// # When to use, and when not
    /// For series that vary about a level, such as a share of nulls or an error by hour: up to half of the
    /// points may be wrong without moving the centre. With a rhythm take `of = seasonal_difference` or
    /// `seasonal_residual`; with a trend `change_points`. Of normal points, one in 2,150 exceeds 3.5.
    /// # Reference
    /// Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers, ASQC Basic References in Quality
    /// Control 16.
    /// ```python oracle
    /// x = np.array(series, float)
    /// if len(x) == 0:
    ///     raise ValueError("no rows")
    /// x[~np.isfinite(x)] = np.nan
    /// if params["of"] == "seasonal_difference":
    ///     lag = params["period"]
    ///     x = np.concatenate([np.full(min(lag, len(x)), np.nan), x[lag:] - x[:-lag]])
    /// values = x[~np.isnan(x)]
    /// if len(values) < 5:
    ///     raise ValueError("too few values")
    /// spread = scipy.stats.median_abs_deviation(values, scale="normal")
    /// if spread == 0:
    ///     spread = np.abs(values - np.median(values)).mean() * math.sqrt(math.pi / 2)
    /// if spread == 0:
    ///     raise ValueError("constant")
    /// scores = (x - np.median(values)) / spread
    /// dict(scores=scores, positions=np.flatnonzero(np.abs(scores) > params["threshold"]))
    /// ```
    pub struct RobustZ = "robust_z" since "0.1" with [
        Parameter {
            name: "of",
            doc: "Whether the values are judged, or their differences from one period before.",
            domain: Domain::Choice { default: "value", of: &["value", "seasonal_difference"] },
        },
        Parameter {
            name: "period",
            doc: "Steps of a period, for differences.",
            domain: Domain::Integer { default: 24, min: 1, max: 1_000_000 },
        },
        THRESHOLD,
    ];
}

impl Anomaly for RobustZ {
    fn shape(&self) -> Shape {
        Shape::Series(&Self)
    }
}

impl SeriesAnomaly for RobustZ {
    fn detect(&self, series: &[f64], params: &Params) -> Outcome<SeriesAnomalies> {
        let finite = |value: f64| value.is_finite().then_some(value);
        let values: Vec<Option<f64>> = if params.choice("of") == "value" {
            series.iter().map(|&value| finite(value)).collect()
        } else {
            let period = params.integer("period") as usize;
            (0..series.len())
                .map(|idx| {
                    let before = series[idx.checked_sub(period)?];
                    finite(series[idx] - before)
                })
                .collect()
        };
        scores(&values)
            .map(|scores| SeriesAnomalies::above(scores, params.float("threshold")))
            .into()
    }
}

/// Distances from the median in robust standard deviations.
pub(super) fn scores(values: &[Option<f64>]) -> Result<Vec<Option<f64>>, Reason> {
    let present: Vec<f64> = values.iter().copied().flatten().collect();
    if values.is_empty() {
        return Err(Reason::NoRows);
    }
    if present.len() < VALUES_MIN {
        return Err(Reason::TooFewRows {
            needed: VALUES_MIN as u64,
            found: present.len() as u64,
        });
    }
    let centre = Centre::of(&present).filter(|centre| centre.deviation > 0.0);
    let centre = centre.ok_or(Reason::Constant)?;
    let score = |value: f64| (value - centre.median) / centre.deviation;
    Ok(values
        .iter()
        .map(|value| value.map(score).filter(|score| score.is_finite()))
        .collect())
}
