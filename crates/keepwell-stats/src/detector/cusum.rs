//! The cumulative sum chart.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::direction::{Direction, Watched};
use super::spread::Spread;
use super::state::{Reader, Writer};
use super::{Detector, DetectorState, Signal};
use crate::profile::DecodeError;

entry! {
    /// Signals a lasting shift of the mean, when deviations from it, each less a slack, have added up.
    ///
    /// # Inputs
    /// A series of finite numbers, in any unit.
    /// # Result
    /// With `z` a point's deviation from the mean of all points before it since the last change, in their
    /// standard deviations (times `sqrt(n / (n + 1))`): the sums `max(0, up + z - slack)` and
    /// `max(0, down - z - slack)`, and a change where one exceeds `threshold`; then the chart begins afresh,
    /// also where `mode` does not name that direction, so that a better level becomes the one to compare
    /// with. Never a warning.
    /// # Undefined
    /// Never; up to `warm_start` points, and while all points are equal, it is quiet.
    /// # Cost
    /// `O(1)` time a point, six numbers of state.
    /// # When to use, and when not
    /// For a shift of about twice `slack` or more in a series of unknown level and scale; `page_hinkley` is
    /// for a known one. With the defaults a shift by one standard deviation takes about 25 points, and
    /// false alarms are fewer than one in 10,000 independent points of a normal distribution or of errors
    /// at a rate of 0.1. Not for rare errors, whose deviations are far from normal: at a rate of 0.02 it
    /// gives two. Correlated points add up faster: they need a larger `threshold`.
    /// # Reference
    /// Page (1954), Biometrika 41(1/2), 100–115; with the running mean and deviation of Hawkins (1987),
    /// The Statistician 36(4), 299–316, without his transformation to normal scores.
    /// ```python oracle
    /// up, down, n, mean, squares = 0.0, 0.0, 0, 0.0, 0.0
    /// changes = []
    /// for index, value in enumerate(series):
    ///     change = None
    ///     deviation = math.sqrt(squares / (n - 1)) if n > 1 else 0.0
    ///     if n >= params["warm_start"] and deviation > 0:
    ///         z = (value - mean) / deviation * math.sqrt(n / (n + 1))
    ///         up = max(0.0, up + z - params["slack"])
    ///         down = max(0.0, down - z - params["slack"])
    ///         change = "up" if up > params["threshold"] else "down" if down > params["threshold"] else None
    ///     n += 1
    ///     before = value - mean
    ///     mean += before / n
    ///     squares += before * (value - mean)
    ///     if change is not None:
    ///         up, down, n, mean, squares = 0.0, 0.0, 0, 0.0, 0.0
    ///         if params["mode"] in ("both", change):
    ///             changes.append(index)
    /// changes
    /// ```
    pub struct Cusum = "cusum" since "0.1" with [
        Parameter {
            name: "warm_start",
            doc: "Number of points without a signal at the beginning.",
            domain: Domain::Integer { default: 30, min: 2, max: 1_000_000 },
        },
        Parameter {
            name: "slack",
            doc: "Standard deviations that count as none; half of the shift that matters.",
            domain: Domain::Float { default: 0.25, min: 0.0, max: f64::MAX },
        },
        Parameter {
            name: "threshold",
            doc: "Sum of standard deviations that signals a change, exclusive.",
            domain: Domain::Float { default: 20.0, min: 0.0, max: f64::MAX },
        },
        Parameter {
            name: "mode",
            doc: "Whether to signal an increase of the mean, a decrease, or both.",
            domain: Domain::Choice { default: "both", of: &["both", "up", "down"] },
        },
    ];
}

impl Detector for Cusum {
    fn start(&self, params: &Params) -> Box<dyn DetectorState> {
        Box::new(State::new(params))
    }

    fn load(&self, params: &Params, bytes: &[u8]) -> Result<Box<dyn DetectorState>, DecodeError> {
        let mut reader = Reader::new(bytes)?;
        let state = State {
            spread: Spread::read(&mut reader)?,
            up: reader.number()?,
            down: reader.number()?,
            has_changed: reader.flag()?,
            ..State::new(params)
        };
        reader.finish()?;
        Ok(Box::new(state))
    }
}

#[derive(Debug)]
struct State {
    warm_start: u64,
    slack: f64,
    threshold: f64,
    watched: Watched,
    spread: Spread,
    up: f64,
    down: f64,
    /// The last point was a change, signalled or not, so the next one begins afresh.
    has_changed: bool,
}

impl State {
    fn new(params: &Params) -> Self {
        Self {
            warm_start: params.integer("warm_start"),
            slack: params.float("slack"),
            threshold: params.float("threshold"),
            watched: Watched::new(params),
            spread: Spread::FRESH,
            up: 0.0,
            down: 0.0,
            has_changed: false,
        }
    }

    fn add(&mut self, score: f64) -> Option<Direction> {
        self.up = (self.up + score - self.slack).max(0.0);
        self.down = (self.down - score - self.slack).max(0.0);
        if self.up > self.threshold {
            Some(Direction::Up)
        } else if self.down > self.threshold {
            Some(Direction::Down)
        } else {
            None
        }
    }
}

impl DetectorState for State {
    fn update(&mut self, value: f64) -> Signal {
        if !value.is_finite() {
            return Signal::Quiet;
        }
        if self.has_changed {
            self.reset();
        }
        let score = if self.spread.n >= self.warm_start {
            self.spread.score(value)
        } else {
            None
        };
        let change = score.and_then(|score| self.add(score));
        self.spread.push(value);
        self.has_changed = change.is_some();
        self.watched.signal(change)
    }

    fn reset(&mut self) {
        self.spread = Spread::FRESH;
        self.up = 0.0;
        self.down = 0.0;
        self.has_changed = false;
    }

    fn save(&self) -> Vec<u8> {
        self.spread
            .write(Writer::new())
            .number(self.up)
            .number(self.down)
            .flag(self.has_changed)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_core::params::ParamValue;

    use super::*;

    fn changes(mode: &str, series: &[f64]) -> Vec<usize> {
        let mut params = Params::defaults(Cusum.parameters());
        params
            .set("mode", ParamValue::Text(mode.to_owned()))
            .expect("a mode");
        let mut state = Cusum.start(&params);
        series
            .iter()
            .enumerate()
            .filter(|&(_, &value)| state.update(value) == Signal::Change)
            .map(|(idx, _)| idx)
            .collect()
    }

    /// A level with a ripple of about one unit.
    fn at(level: f64) -> impl Iterator<Item = f64> {
        (0..300_u32).map(move |idx| level + f64::from(idx * 7 % 11) / 5.0 - 1.0)
    }

    #[test]
    fn an_improvement_is_silent_and_becomes_the_level() {
        let series: Vec<f64> = at(8.0).chain(at(5.0)).chain(at(8.0)).collect();
        let both = changes("both", &series);
        assert_eq!(both.len(), 2, "{both:?}");
        assert_eq!(changes("down", &series), both[..1]);
        assert_eq!(changes("up", &series), both[1..]);
    }

    #[test]
    fn the_first_difference_of_a_constant_series_is_not_a_change_but_the_second_may_be() {
        let mut series = vec![3.0; 500];
        series.extend([4.0; 5]);
        assert!(changes("both", &series[..501]).is_empty());
        assert!(!changes("both", &series).is_empty());
    }
}
