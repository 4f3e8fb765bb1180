//! The drift detection method for error rates.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::state::{Reader, Writer};
use super::{Detector, DetectorState, Signal};
use crate::profile::DecodeError;

entry! {
    /// Signals a rise of an error rate above its best level so far, in units of that level's standard
    /// deviation.
    ///
    /// # Inputs
    /// A series of 0 (right) and 1 (wrong). Shares between 0 and 1 are taken as they are.
    /// # Result
    /// With `p` the error rate since the last change and `s = sqrt(p (1 − p) / n)`: a warning where
    /// `p + s` exceeds its least value by `warning_threshold` times the `s` of that point, a change
    /// where by `drift_threshold` times; then the method begins afresh.
    /// # Undefined
    /// Never; up to `warm_start` points it is quiet.
    /// # Cost
    /// `O(1)` time a point, four numbers of state.
    /// # When to use, and when not
    /// For abrupt degradation of a classifier, point by point. It does not see improvement, is slow
    /// for a slow rise, and slower the longer the quiet time before, since `p` covers all of it. On a
    /// quiet series it alarms about once in 10,000 points, more often while the rate is small.
    /// # Reference
    /// Gama, Medas, Castillo and Rodrigues (2004), Advances in Artificial Intelligence – SBIA 2004,
    /// 286–295; thresholds exclusive and parameters as in river.
    /// ```python oracle
    /// if not set(series) <= {0.0, 1.0}:
    ///     raise NotImplementedError
    /// detector = river.drift.binary.DDM(**params)
    /// changes = []
    /// for index, value in enumerate(series):
    ///     detector.update(value)
    ///     if detector.drift_detected:
    ///         changes.append(index)
    /// changes
    /// ```
    pub struct Ddm = "ddm" since "0.1" with [
        Parameter {
            name: "warm_start",
            doc: "Number of points without a signal at the beginning.",
            domain: Domain::Integer { default: 30, min: 1, max: 1_000_000 },
        },
        Parameter {
            name: "warning_threshold",
            doc: "Standard deviations above the best level that are a warning, exclusive.",
            domain: Domain::Float { default: 2.0, min: 0.0, max: f64::MAX },
        },
        Parameter {
            name: "drift_threshold",
            doc: "Standard deviations above the best level that are a change, exclusive.",
            domain: Domain::Float { default: 3.0, min: 0.0, max: f64::MAX },
        },
    ];
}

impl Detector for Ddm {
    fn start(&self, params: &Params) -> Box<dyn DetectorState> {
        Box::new(State::new(params))
    }

    fn load(&self, params: &Params, bytes: &[u8]) -> Result<Box<dyn DetectorState>, DecodeError> {
        let mut reader = Reader::new(bytes)?;
        let state = State {
            n: reader.points()?,
            rate: reader.number()?,
            best: Level {
                rate: reader.number()?,
                deviation: reader.number()?,
            },
            has_signalled: reader.flag()?,
            ..State::new(params)
        };
        reader.finish()?;
        Ok(Box::new(state))
    }
}

#[derive(Debug)]
struct State {
    warm_start: u64,
    warning_threshold: f64,
    drift_threshold: f64,
    n: u64,
    rate: f64,
    best: Level,
    /// The last point was signalled, so the next one begins afresh.
    has_signalled: bool,
}

/// Error rate and its standard deviation.
#[derive(Debug, Clone, Copy)]
struct Level {
    rate: f64,
    deviation: f64,
}

impl Level {
    const NONE: Self = Self {
        rate: f64::INFINITY,
        deviation: 0.0,
    };

    fn upper(self) -> f64 {
        self.rate + self.deviation
    }
}

impl State {
    fn new(params: &Params) -> Self {
        Self {
            warm_start: params.integer("warm_start"),
            warning_threshold: params.float("warning_threshold"),
            drift_threshold: params.float("drift_threshold"),
            n: 0,
            rate: 0.0,
            best: Level::NONE,
            has_signalled: false,
        }
    }
}

impl DetectorState for State {
    fn update(&mut self, value: f64) -> Signal {
        if !value.is_finite() {
            return Signal::Quiet;
        }
        if self.has_signalled {
            self.reset();
        }
        self.n += 1;
        self.rate += (1.0 / self.n as f64) * (value - self.rate);
        if self.n <= self.warm_start {
            return Signal::Quiet;
        }
        // Below zero only for values outside [0, 1], for which this variance means nothing.
        let variance = (self.rate * (1.0 - self.rate) / self.n as f64).max(0.0);
        let level = Level {
            rate: self.rate,
            deviation: variance.sqrt(),
        };
        if level.upper() <= self.best.upper() {
            self.best = level;
        }
        let exceeds =
            |threshold: f64| level.upper() > self.best.rate + threshold * self.best.deviation;
        if exceeds(self.drift_threshold) {
            self.has_signalled = true;
            Signal::Change
        } else if exceeds(self.warning_threshold) {
            Signal::Warning
        } else {
            Signal::Quiet
        }
    }

    fn reset(&mut self) {
        self.n = 0;
        self.rate = 0.0;
        self.best = Level::NONE;
        self.has_signalled = false;
    }

    fn save(&self) -> Vec<u8> {
        Writer::new()
            .count(self.n)
            .number(self.rate)
            .number(self.best.rate)
            .number(self.best.deviation)
            .flag(self.has_signalled)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;

    use super::*;

    #[test]
    fn a_warning_comes_before_the_change() {
        let mut state = Ddm.start(&Params::defaults(Ddm.parameters()));
        let mut signals = Vec::new();
        for idx in 0..600_u32 {
            let is_wrong = if idx < 300 {
                idx % 10 == 0
            } else {
                idx % 3 == 0
            };
            let signal = state.update(f64::from(u8::from(is_wrong)));
            if signals.last() != Some(&signal) {
                signals.push(signal);
            }
        }
        let change = signals
            .iter()
            .position(|&signal| signal == Signal::Change)
            .expect("the rate rises from 0.1 to 0.33");
        assert_eq!(signals[change - 1], Signal::Warning);
    }
}
