//! A series as trend, seasons and residual: STL and MSTL.

/// How a series is decomposed by [`stl`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StlConfig {
    /// Steps of the season; at least 2.
    pub period: usize,
    /// Values of one phase of the season that are smoothed together; odd, at least 3.
    pub seasonal_window: usize,
    /// How points weigh.
    pub weights: Weights,
}

/// How points weigh in a decomposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// All the same.
    Equal,
    /// Less the further they are out, so that outliers move neither trend nor season.
    Robust,
}

/// Parts of a series, which add up to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decomposition {
    /// One a period, in ascending order of the periods.
    pub seasons: Vec<Vec<f64>>,
    /// What is left once the seasons and the residual are taken off.
    pub trend: Vec<f64>,
    /// What neither trend nor season explains.
    pub residual: Vec<f64>,
}

/// Passes over the data: inner ones, which refine trend and season, and rounds of weighting.
struct Passes {
    inner: usize,
    outer: usize,
}

impl StlConfig {
    /// The smallest odd number that is at least 1.5 periods, corrected for the seasonal window.
    fn trend_window(&self) -> usize {
        let window = 1.5 * self.period as f64 / (1.0 - 1.5 / self.seasonal_window as f64);
        odd(window.ceil() as usize)
    }

    fn low_pass_window(&self) -> usize {
        odd(self.period + 1)
    }

    fn passes(&self) -> Passes {
        match self.weights {
            Weights::Equal => Passes { inner: 5, outer: 0 },
            Weights::Robust => Passes {
                inner: 2,
                outer: 15,
            },
        }
    }
}

fn odd(n: usize) -> usize {
    n | 1
}

/// Splits a series of finite values into trend, season and residual: Cleveland, Cleveland, McRae and Terpenning
/// (1990), Journal of Official Statistics 6(1), 3–73, with the defaults of statsmodels. `None` if the series is
/// shorter than two periods.
///
/// # Panics
/// If the period is below 2.
pub fn stl(series: &[f64], config: StlConfig) -> Option<Decomposition> {
    assert!(config.period >= 2, "a period of at least two steps");
    if series.len() / 2 < config.period {
        return None;
    }
    let n = series.len();
    let (mut season, mut trend) = (vec![0.0; n], vec![0.0; n]);
    let mut weights: Option<Vec<f64>> = None;
    let passes = config.passes();
    for round in 0..=passes.outer {
        for _ in 0..passes.inner {
            let own = weights.as_deref();
            let without_trend = difference(series, &trend);
            let cycles = cycle_subseries(&without_trend, &config, own);
            let level = loess(
                &low_pass(&cycles, config.period),
                config.low_pass_window(),
                None,
            );
            season = difference(&cycles[config.period..], &level);
            trend = loess(&difference(series, &season), config.trend_window(), own);
        }
        if round < passes.outer {
            let residual = difference(&difference(series, &trend), &season);
            weights = Some(robust_weights(&residual));
        }
    }
    let residual = difference(&difference(series, &season), &trend);
    Some(Decomposition {
        seasons: vec![season],
        trend,
        residual,
    })
}

/// Splits a series into trend, several seasons and residual: Bandara, Hyndman and Bergmeir (2025),
/// International Journal of Operational Research 52(1), 79–98, as in statsmodels. Periods of half the series
/// or more are left out; `None` if none is left.
pub fn mstl(series: &[f64], periods: &[usize], weights: Weights) -> Option<Decomposition> {
    let mut periods: Vec<usize> = periods.to_vec();
    periods.sort_unstable();
    periods.retain(|period| 2 * period < series.len());
    let n_rounds = if periods.len() == 1 { 1 } else { 2 };
    let mut seasons = vec![vec![0.0; series.len()]; periods.len()];
    let mut rest = series.to_vec();
    let mut trend = None;
    for _ in 0..n_rounds {
        for (idx, (&period, season)) in periods.iter().zip(&mut seasons).enumerate() {
            rest.iter_mut().zip(&*season).for_each(|(x, y)| *x += y);
            let config = StlConfig {
                period,
                seasonal_window: 11 + 4 * idx,
                weights,
            };
            let parts = stl(&rest, config)?;
            season.clone_from(&parts.seasons[0]);
            rest = difference(&rest, season);
            trend = Some(parts.trend);
        }
    }
    let trend = trend?;
    Some(Decomposition {
        residual: difference(&rest, &trend),
        seasons,
        trend,
    })
}

fn difference(left: &[f64], right: &[f64]) -> Vec<f64> {
    left.iter().zip(right).map(|(x, y)| x - y).collect()
}

/// Smooths the values of each phase of the season, and goes on by one period at either end.
fn cycle_subseries(series: &[f64], config: &StlConfig, weights: Option<&[f64]>) -> Vec<f64> {
    let period = config.period;
    let window = config.seasonal_window;
    let mut smooth = vec![0.0; series.len() + 2 * period];
    let every = |values: &[f64], phase: usize| -> Vec<f64> {
        values.iter().copied().skip(phase).step_by(period).collect()
    };
    for phase in 0..period {
        let values = every(series, phase);
        let weights = weights.map(|weights| every(weights, phase));
        let n = values.len();
        let fit = |at, from, upto| {
            let near = Neighbours { from, upto, window };
            near.fit(&values, weights.as_deref(), at)
        };
        let inner = loess(&values, window, weights.as_deref());
        let before = fit(-1.0, 0, window.min(n)).unwrap_or(inner[0]);
        let after = fit(n as f64, n.saturating_sub(window), n).unwrap_or(inner[n - 1]);
        let places = smooth.iter_mut().skip(phase).step_by(period);
        let values = std::iter::once(before).chain(inner).chain([after]);
        for (place, value) in places.zip(values) {
            *place = value;
        }
    }
    smooth
}

/// Moving averages over one period, one period, and three steps.
fn low_pass(series: &[f64], period: usize) -> Vec<f64> {
    let once = moving_average(series, period);
    moving_average(&moving_average(&once, period), 3)
}

fn moving_average(series: &[f64], n: usize) -> Vec<f64> {
    let mut sum: f64 = series[..n].iter().sum();
    let mut averages = vec![sum / n as f64];
    for (new, old) in series[n..].iter().zip(series) {
        sum += new - old;
        averages.push(sum / n as f64);
    }
    averages
}

/// Local linear regression at each point over the `window` nearest points.
fn loess(values: &[f64], window: usize, weights: Option<&[f64]>) -> Vec<f64> {
    let n = values.len();
    if n < 2 {
        return values.to_vec();
    }
    let span = window.min(n);
    (0..n)
        .map(|at| {
            let from = at.saturating_sub(window / 2).min(n - span);
            let near = Neighbours {
                from,
                upto: from + span,
                window,
            };
            near.fit(values, weights, at as f64).unwrap_or(values[at])
        })
        .collect()
}

/// The points that a local regression sees.
struct Neighbours {
    from: usize,
    upto: usize,
    /// Points that it would see of a longer series.
    window: usize,
}

impl Neighbours {
    /// Value at `at` of the regression line through the points, which weigh by the tricube of their distance.
    /// `None` if all weights are zero.
    fn fit(&self, values: &[f64], weights: Option<&[f64]>, at: f64) -> Option<f64> {
        let n = values.len();
        let (first, last) = (self.from as f64, self.upto as f64 - 1.0);
        let mut reach = (at - first).max(last - at);
        if self.window > n {
            reach += ((self.window - n) / 2) as f64;
        }
        let weight = |idx: usize| {
            let distance = (idx as f64 - at).abs();
            let by_distance = if distance <= 0.001 * reach {
                1.0
            } else if distance <= 0.999 * reach {
                (1.0 - (distance / reach).powi(3)).powi(3)
            } else {
                0.0
            };
            by_distance * weights.map_or(1.0, |weights| weights[idx])
        };
        let mut near: Vec<f64> = (self.from..self.upto).map(weight).collect();
        let total: f64 = near.iter().sum();
        if total <= 0.0 {
            return None;
        }
        near.iter_mut().for_each(|weight| *weight /= total);
        let points = || (self.from..self.upto).map(|idx| idx as f64);
        if reach > 0.0 {
            let centre: f64 = near.iter().zip(points()).map(|(w, x)| w * x).sum();
            let square = |(w, x): (&f64, f64)| w * (x - centre).powi(2);
            let spread: f64 = near.iter().zip(points()).map(square).sum();
            // Of points that lie on one place there is no slope.
            if spread.sqrt() > 0.001 * (n as f64 - 1.0) {
                let slope = (at - centre) / spread;
                for (weight, x) in near.iter_mut().zip(points()) {
                    *weight *= slope * (x - centre) + 1.0;
                }
            }
        }
        let values = &values[self.from..self.upto];
        Some(near.iter().zip(values).map(|(w, y)| w * y).sum())
    }
}

/// Bisquare weights of residuals, zero from six median absolute residuals on.
fn robust_weights(residual: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = residual.iter().map(|x| x.abs()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len();
    let reach = 3.0 * (sorted[n / 2] + sorted[n - n / 2 - 1]);
    let weight = |x: &f64| {
        let distance = x.abs();
        // Without a spread no point is out.
        if reach == 0.0 || distance <= 0.001 * reach {
            1.0
        } else if distance <= 0.999 * reach {
            (1.0 - (distance / reach).powi(2)).powi(2)
        } else {
            0.0
        }
    };
    residual.iter().map(weight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(n: usize, period: usize) -> Vec<f64> {
        let angle = |idx: usize| std::f64::consts::TAU * idx as f64 / period as f64;
        (0..n).map(|idx| angle(idx).sin() * 3.0).collect()
    }

    #[test]
    fn a_line_and_a_wave_are_told_apart() {
        let wave = wave(96, 12);
        let series: Vec<f64> = wave
            .iter()
            .enumerate()
            .map(|(idx, x)| x + 0.5 * idx as f64)
            .collect();
        for weights in [Weights::Equal, Weights::Robust] {
            let parts = stl(
                &series,
                StlConfig {
                    period: 12,
                    seasonal_window: 7,
                    weights,
                },
            )
            .expect("eight periods");
            assert!(parts.residual.iter().all(|x| x.abs() < 1e-6));
            for (found, expected) in parts.seasons[0].iter().zip(&wave) {
                assert!((found - expected).abs() < 1e-6, "{found}, {expected}");
            }
        }
    }

    #[test]
    fn two_seasons_are_told_apart() {
        let (short, long) = (wave(400, 8), wave(400, 50));
        let series: Vec<f64> = short.iter().zip(&long).map(|(x, y)| x + y).collect();
        let parts = mstl(&series, &[50, 8, 200], Weights::Equal).expect("long enough");
        assert_eq!(parts.seasons.len(), 2);
        let squares = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>();
        assert!(squares(&parts.residual) < 0.02 * squares(&series));
        assert!(squares(&difference(&parts.seasons[0], &short)) < 0.05 * squares(&short));
    }

    #[test]
    fn short_series_have_no_season() {
        let config = StlConfig {
            period: 5,
            seasonal_window: 7,
            weights: Weights::Equal,
        };
        assert_eq!(stl(&[1.0; 9], config), None);
        assert!(stl(&[1.0; 10], config).is_some());
        assert_eq!(mstl(&[1.0; 10], &[5], Weights::Robust), None);
        assert_eq!(mstl(&[], &[5], Weights::Robust), None);
    }
}
