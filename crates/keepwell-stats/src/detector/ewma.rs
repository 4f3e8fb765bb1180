//! The control chart of the exponentially weighted mean.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::direction::{Direction, Watched};
use super::spread::Spread;
use super::state::{Reader, Writer};
use super::{Detector, DetectorState, Signal};
use crate::profile::DecodeError;

entry! {
    /// Signals that the exponentially weighted mean of the latest points leaves its control limits.
    ///
    /// # Inputs
    /// A series of finite numbers, in any unit.
    /// # Result
    /// With `z` a point's deviation from the mean of all points before it since the last change, in their
    /// standard deviations (times `sqrt(n / (n + 1))`): the weighted mean of `z`, which begins at 0, and a
    /// change where it is further from 0 than `threshold` of its own standard deviations; then the chart
    /// begins afresh, also where `mode` does not name that direction, so that a better level becomes the
    /// one to compare with. Never a warning.
    /// # Undefined
    /// Never; up to `warm_start` points, and while all points are equal, it is quiet.
    /// # Cost
    /// `O(1)` time a point, six numbers of state.
    /// # When to use, and when not
    /// For small lasting shifts in a series of unknown level and scale. With the defaults a shift by one
    /// standard deviation takes about 30 points, and false alarms are fewer than one in 10,000 independent
    /// points of a normal distribution or of errors at a rate of 0.1. A greater `lambda_val` sees large
    /// shifts sooner and needs points that are closer to normal. Correlated points need a larger
    /// `threshold`.
    /// # Reference
    /// Roberts (1959), Technometrics 1(3), 239–250; with the running mean and deviation of Hawkins (1987),
    /// The Statistician 36(4), 299–316, without his transformation to normal scores.
    /// ```python oracle
    /// average, variance, n, mean, squares = 0.0, 0.0, 0, 0.0, 0.0
    /// weight = params["lambda_val"]
    /// changes = []
    /// for index, value in enumerate(series):
    ///     change = None
    ///     deviation = math.sqrt(squares / (n - 1)) if n > 1 else 0.0
    ///     if n >= params["warm_start"] and deviation > 0:
    ///         z = (value - mean) / deviation * math.sqrt(n / (n + 1))
    ///         average += weight * (z - average)
    ///         variance = weight**2 + (1 - weight) ** 2 * variance
    ///         limit = params["threshold"] * math.sqrt(variance)
    ///         change = "up" if average > limit else "down" if average < -limit else None
    ///     n += 1
    ///     before = value - mean
    ///     mean += before / n
    ///     squares += before * (value - mean)
    ///     if change is not None:
    ///         average, variance, n, mean, squares = 0.0, 0.0, 0, 0.0, 0.0
    ///         if params["mode"] in ("both", change):
    ///             changes.append(index)
    /// changes
    /// ```
    pub struct Ewma = "ewma" since "0.1" with [
        Parameter {
            name: "warm_start",
            doc: "Number of points without a signal at the beginning.",
            domain: Domain::Integer { default: 30, min: 2, max: 1_000_000 },
        },
        Parameter {
            name: "lambda_val",
            doc: "Weight of a new point in the mean, the rest being that of all before it.",
            domain: Domain::Float { default: 0.02, min: 1e-6, max: 1.0 },
        },
        Parameter {
            name: "threshold",
            doc: "Standard deviations of the weighted mean that are a change, exclusive.",
            domain: Domain::Float { default: 4.5, min: 0.0, max: f64::MAX },
        },
        Parameter {
            name: "mode",
            doc: "Whether to signal an increase of the mean, a decrease, or both.",
            domain: Domain::Choice { default: "both", of: &["both", "up", "down"] },
        },
    ];
}

impl Detector for Ewma {
    fn start(&self, params: &Params) -> Box<dyn DetectorState> {
        Box::new(State::new(params))
    }

    fn load(&self, params: &Params, bytes: &[u8]) -> Result<Box<dyn DetectorState>, DecodeError> {
        let mut reader = Reader::new(bytes)?;
        let state = State {
            spread: Spread::read(&mut reader)?,
            average: reader.number()?,
            variance: reader.number()?,
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
    lambda: f64,
    threshold: f64,
    watched: Watched,
    spread: Spread,
    /// Weighted mean of the scores, and its variance while nothing changes.
    average: f64,
    variance: f64,
    /// The last point was a change, signalled or not, so the next one begins afresh.
    has_changed: bool,
}

impl State {
    fn new(params: &Params) -> Self {
        Self {
            warm_start: params.integer("warm_start"),
            lambda: params.float("lambda_val"),
            threshold: params.float("threshold"),
            watched: Watched::new(params),
            spread: Spread::FRESH,
            average: 0.0,
            variance: 0.0,
            has_changed: false,
        }
    }

    fn add(&mut self, score: f64) -> Option<Direction> {
        let kept = 1.0 - self.lambda;
        self.average += self.lambda * (score - self.average);
        self.variance = self.lambda * self.lambda + kept * kept * self.variance;
        let limit = self.threshold * self.variance.sqrt();
        if self.average > limit {
            Some(Direction::Up)
        } else if self.average < -limit {
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
        self.average = 0.0;
        self.variance = 0.0;
        self.has_changed = false;
    }

    fn save(&self) -> Vec<u8> {
        self.spread
            .write(Writer::new())
            .number(self.average)
            .number(self.variance)
            .flag(self.has_changed)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;

    use super::*;

    #[test]
    fn limits_are_those_of_the_weights() {
        // After two points the weights are 0.98 * 0.02 and 0.02.
        let mut state = State::new(&Params::defaults(Ewma.parameters()));
        state.add(0.0);
        state.add(0.0);
        let expected = (0.02_f64 * 0.98).powi(2) + 0.02_f64.powi(2);
        assert!((state.variance - expected).abs() < 1e-18);
    }

    #[test]
    fn an_infinite_score_is_a_change_and_leaves_nothing_behind() {
        let mut state = Ewma.start(&Params::defaults(Ewma.parameters()));
        for idx in 0..100_u8 {
            state.update(f64::from(idx % 3) * 1e-100);
        }
        assert_eq!(state.update(1e300), Signal::Change);
        for idx in 0..100_u8 {
            assert_eq!(state.update(f64::from(idx % 3)), Signal::Quiet);
        }
    }
}
