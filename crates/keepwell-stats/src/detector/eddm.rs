//! The early drift detection method, on distances between errors.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::spread::Spread;
use super::state::{Reader, Writer};
use super::{Detector, DetectorState, Signal};
use crate::profile::DecodeError;

entry! {
    /// Signals that errors come closer together than at their best so far.
    ///
    /// # Inputs
    /// A series of 0 (right) and 1 (wrong). Whatever is not 1 counts as right.
    /// # Result
    /// With `p` the mean and `s` the standard deviation of the number of points from one error to the next,
    /// since the last change: a warning where `p + 2 s` is below `alpha` times its greatest value, until the
    /// next error; a change where it is below `beta` times that value; then the method begins afresh.
    /// # Undefined
    /// Never; up to `warm_start` errors it is quiet.
    /// # Cost
    /// `O(1)` time a point, eight numbers of state.
    /// # When to use, and when not
    /// For slow degradation of a classifier that errs often, where an alarm is cheap. It does not see
    /// improvement. It is restless: with the defaults about fifteen false alarms in 10,000 points at an
    /// error rate of 0.1. `hddm_a` and `ddm` are quieter.
    /// # Reference
    /// Baena-García, del Campo-Ávila, Fidalgo, Bifet, Gavaldà and Morales-Bueno (2006), Fourth
    /// International Workshop on Knowledge Discovery from Data Streams; parameters as in river.
    /// ```python oracle
    /// if not set(series) <= {0.0, 1.0}:
    ///     raise NotImplementedError
    /// detector = river.drift.binary.EDDM(**params)
    /// changes = []
    /// for index, value in enumerate(series):
    ///     detector.update(value)
    ///     if detector.drift_detected:
    ///         changes.append(index)
    /// changes
    /// ```
    pub struct Eddm = "eddm" since "0.1" with [
        Parameter {
            name: "warm_start",
            doc: "Number of errors, and of points, without a signal at the beginning.",
            domain: Domain::Integer { default: 30, min: 1, max: 1_000_000 },
        },
        Parameter {
            name: "alpha",
            doc: "Share of the best level below which there is a warning, exclusive; none if not above `beta`.",
            domain: Domain::Float { default: 0.95, min: 0.0, max: 1.0 },
        },
        Parameter {
            name: "beta",
            doc: "Share of the best level below which there is a change, exclusive.",
            domain: Domain::Float { default: 0.9, min: 0.0, max: 1.0 },
        },
    ];
}

impl Detector for Eddm {
    fn start(&self, params: &Params) -> Box<dyn DetectorState> {
        Box::new(State::new(params))
    }

    fn load(&self, params: &Params, bytes: &[u8]) -> Result<Box<dyn DetectorState>, DecodeError> {
        let mut reader = Reader::new(bytes)?;
        let state = State {
            n: reader.points()?,
            last_error: reader.points()?,
            distances: Spread::read(&mut reader)?,
            best: reader.number()?,
            has_warned: reader.flag()?,
            has_signalled: reader.flag()?,
            ..State::new(params)
        };
        if state.last_error > state.n {
            return Err(DecodeError::Invalid {
                expected: "a last error that is among the points",
                found: format!("error {} of {} points", state.last_error, state.n),
            });
        }
        reader.finish()?;
        Ok(Box::new(state))
    }
}

#[derive(Debug)]
struct State {
    warm_start: u64,
    alpha: f64,
    beta: f64,
    /// Points since the last fresh start, and how many there were at the last error; zero before one.
    n: u64,
    last_error: u64,
    /// Number of points from one error to the next.
    distances: Spread,
    /// Greatest level so far; negative before one.
    best: f64,
    /// The last error was a warning.
    has_warned: bool,
    /// The last point was signalled, so the next one begins afresh.
    has_signalled: bool,
}

impl State {
    fn new(params: &Params) -> Self {
        Self {
            warm_start: params.integer("warm_start"),
            alpha: params.float("alpha"),
            beta: params.float("beta"),
            n: 0,
            last_error: 0,
            distances: Spread::FRESH,
            best: -1.0,
            has_warned: false,
            has_signalled: false,
        }
    }

    fn take_error(&mut self) {
        self.distances.push((self.n - self.last_error) as f64);
        self.last_error = self.n;
        if self.n <= self.warm_start {
            return;
        }
        let level = self.distances.mean + 2.0 * self.distances.deviation();
        if level > self.best {
            self.best = level;
            self.has_warned = false;
        } else if self.distances.n > self.warm_start {
            let share = level / self.best;
            self.has_signalled = share < self.beta;
            self.has_warned = share < self.alpha;
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
        if value == 1.0 {
            self.take_error();
        }
        if self.has_signalled {
            Signal::Change
        } else if self.has_warned {
            Signal::Warning
        } else {
            Signal::Quiet
        }
    }

    fn reset(&mut self) {
        self.n = 0;
        self.last_error = 0;
        self.distances = Spread::FRESH;
        self.best = -1.0;
        self.has_warned = false;
        self.has_signalled = false;
    }

    fn save(&self) -> Vec<u8> {
        let writer = Writer::new().count(self.n).count(self.last_error);
        self.distances
            .write(writer)
            .number(self.best)
            .flag(self.has_warned)
            .flag(self.has_signalled)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;

    use super::*;

    /// Errors at every `step`-th point, `n` points in all.
    fn every(step: usize, n: usize) -> impl Iterator<Item = f64> {
        (0..n).map(move |idx| f64::from(u8::from(idx % step == step - 1)))
    }

    #[test]
    fn a_warning_lasts_until_the_next_error() {
        let mut state = Eddm.start(&Params::defaults(Eddm.parameters()));
        for value in every(10, 500) {
            assert_eq!(state.update(value), Signal::Quiet);
        }
        let signals: Vec<Signal> = every(5, 1000).map(|value| state.update(value)).collect();
        let warned = signals
            .iter()
            .position(|&signal| signal == Signal::Warning)
            .expect("errors come twice as often");
        assert_eq!(signals[warned..warned + 5], [Signal::Warning; 5]);
        assert!(signals.contains(&Signal::Change));
    }

    #[test]
    fn improvement_is_silent() {
        let mut state = Eddm.start(&Params::defaults(Eddm.parameters()));
        let improving = every(5, 1000).chain(every(10, 1000)).chain(every(50, 5000));
        for value in improving {
            assert_eq!(state.update(value), Signal::Quiet);
        }
    }
}
