//! What trend and season leave of a series.

use keepwell_core::entry;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use super::decomposition::{Decomposition, StlConfig, Weights, mstl, stl};
use super::series::{SeriesAnomalies, SeriesAnomaly, THRESHOLD};
use super::{Anomaly, Shape, robust_z};

entry! {
    /// How many robust standard deviations each point of a series lies from its trend and season.
    ///
    /// # Inputs
    /// A series of equal steps, oldest first; points that are not finite are missing, and the decomposition
    /// takes a straight line between their neighbours.
    /// # Result
    /// `scores`: for each point the robust z-score (`robust_z`) of the residual of the decomposition into trend,
    /// season and residual; none for a missing point. `method = stl` knows one season, of `period` steps;
    /// `mstl` a second one, of `longer_period` steps, if the series has four times as many points.
    /// `positions`: points whose score has a magnitude above `threshold`.
    /// # Undefined
    /// `no_rows`: an empty series; `too_few_rows`: fewer points than four periods (with fewer a season can follow
    /// the noise), or below 5 of them finite; `constant`: no residual.
    /// # Cost
    /// `O(n · w)` for windows of `w` points, about 2 periods; with `weights = robust` some 30 times.
    /// # When to use, and when not
    /// For series with a daily or weekly rhythm, such as a count of predictions or an error by hour. Trend and
    /// season are taken from the whole series, so the scores of its last points change as it goes on. A lasting
    /// change becomes part of the trend: use `change_points`.
    /// # Reference
    /// Cleveland, Cleveland, McRae and Terpenning (1990), Journal of Official Statistics 6(1), 3–73; Bandara,
    /// Hyndman and Bergmeir (2025), International Journal of Operational Research 52(1), 79–98.
    /// ```python oracle
    /// if params["threshold"] != 3.5 or (params["method"] == "stl" and params["longer_period"] != 168):
    ///     raise NotImplementedError("nothing new")
    /// x = np.array(series, float)
    /// there = np.isfinite(x)
    /// if there.sum() < 5:
    ///     raise ValueError("too few values")
    /// steps = np.arange(len(x))
    /// x[~there] = np.interp(steps[~there], steps[there], x[there])
    /// robust = params["weights"] == "robust"
    /// if params["method"] == "stl":
    ///     if len(x) < 4 * params["period"]:
    ///         raise ValueError("shorter than four periods")
    ///     found = statsmodels.tsa.seasonal.STL(x, period=params["period"], robust=robust).fit()
    /// else:
    ///     periods = [p for p in (params["period"], params["longer_period"]) if 4 * p <= len(x)]
    ///     if not periods:
    ///         raise ValueError("shorter than four periods")
    ///     found = statsmodels.tsa.seasonal.MSTL(x, periods=periods, stl_kwargs=dict(robust=robust)).fit()
    /// values = found.resid[there]
    /// spread = scipy.stats.median_abs_deviation(values, scale="normal")
    /// if spread <= 1e-12:
    ///     raise ValueError("constant")
    /// scores = np.where(there, (found.resid - np.median(values)) / spread, np.nan)
    /// dict(scores=scores, positions=np.flatnonzero(np.abs(scores) > params["threshold"]))
    /// ```
    /// # Tolerance
    /// relative 1e-7, since residuals are small differences of sums, and the rounds of weighting amplify rounding.
    pub struct SeasonalResidual = "seasonal_residual" since "0.1" with [
        Parameter {
            name: "longer_period",
            doc: "Steps of the longer season, for `mstl`.",
            domain: Domain::Integer { default: 168, min: 2, max: 1_000_000 },
        },
        Parameter {
            name: "method",
            doc: "Decomposition with one season or with two.",
            domain: Domain::Choice { default: "stl", of: &["stl", "mstl"] },
        },
        Parameter {
            name: "period",
            doc: "Steps of the season: 24 for hours of a day, 7 for days of a week.",
            domain: Domain::Integer { default: 24, min: 2, max: 1_000_000 },
        },
        THRESHOLD,
        Parameter {
            name: "weights",
            doc: "Whether outliers may move trend and season.",
            domain: Domain::Choice { default: "robust", of: &["robust", "equal"] },
        },
    ];
}

/// Fewest finite points.
const POINTS_MIN: usize = 5;

/// Fewest points, in periods.
const PERIODS_MIN: usize = 4;

/// Residuals up to this share of the largest value are what rounding leaves.
const ROUNDING: f64 = 1e-13;

impl Anomaly for SeasonalResidual {
    fn shape(&self) -> Shape {
        Shape::Series(&Self)
    }
}

impl SeriesAnomaly for SeasonalResidual {
    fn detect(&self, series: &[f64], params: &Params) -> Outcome<SeriesAnomalies> {
        detect(series, params).into()
    }
}

fn detect(series: &[f64], params: &Params) -> Result<SeriesAnomalies, Reason> {
    if series.is_empty() {
        return Err(Reason::NoRows);
    }
    let n_finite = series.iter().filter(|value| value.is_finite()).count();
    if n_finite < POINTS_MIN {
        return Err(Reason::TooFewRows {
            needed: POINTS_MIN as u64,
            found: n_finite as u64,
        });
    }
    let filled = filled(series);
    let parts = decompose(&filled, params)?;
    let largest = filled
        .iter()
        .fold(0.0_f64, |max, value| max.max(value.abs()));
    // What rounding leaves of a perfect fit is no residual.
    let residual = |&rest: &f64| {
        if rest.abs() <= ROUNDING * largest {
            0.0
        } else {
            rest
        }
    };
    let residual: Vec<Option<f64>> = series
        .iter()
        .zip(parts.residual.iter().map(residual))
        .map(|(value, rest)| value.is_finite().then_some(rest))
        .collect();
    let scores = robust_z::scores(&residual)?;
    Ok(SeriesAnomalies::above(scores, params.float("threshold")))
}

fn decompose(series: &[f64], params: &Params) -> Result<Decomposition, Reason> {
    let weights = if params.choice("weights") == "robust" {
        Weights::Robust
    } else {
        Weights::Equal
    };
    let period = params.integer("period") as usize;
    let mut periods = vec![period];
    if params.choice("method") == "mstl" {
        periods.push(params.integer("longer_period") as usize);
    }
    let shortest = periods.iter().copied().min().unwrap_or(period);
    let too_few = Reason::TooFewRows {
        needed: shortest.saturating_mul(PERIODS_MIN) as u64,
        found: series.len() as u64,
    };
    periods.retain(|period| period.saturating_mul(PERIODS_MIN) <= series.len());
    if periods.is_empty() {
        return Err(too_few);
    }
    let parts = if params.choice("method") == "stl" {
        let config = StlConfig {
            period,
            seasonal_window: 7,
            weights,
        };
        stl(series, config)
    } else {
        mstl(series, &periods, weights)
    };
    parts.ok_or(too_few)
}

/// The series with a straight line through each gap; at the ends the nearest value.
fn filled(series: &[f64]) -> Vec<f64> {
    let known: Vec<usize> = (0..series.len())
        .filter(|&idx| series[idx].is_finite())
        .collect();
    let value = |idx: usize| {
        let next = known.partition_point(|&place| place < idx);
        let before = next.checked_sub(1).map(|place| known[place]);
        match (before, known.get(next)) {
            (_, Some(&after)) if after == idx => series[idx],
            (Some(before), Some(&after)) => {
                let share = (idx - before) as f64 / (after - before) as f64;
                series[before] + share * (series[after] - series[before])
            }
            (Some(only), None) => series[only],
            (None, Some(&only)) => series[only],
            (None, None) => 0.0,
        }
    };
    (0..series.len()).map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_bridged() {
        let nan = f64::NAN;
        assert_eq!(
            filled(&[nan, 1.0, nan, f64::INFINITY, 4.0, 5.0, nan]),
            [1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 5.0]
        );
        assert_eq!(filled(&[nan, nan]), [0.0, 0.0]);
        assert_eq!(filled(&[]), [0.0; 0]);
    }
}
