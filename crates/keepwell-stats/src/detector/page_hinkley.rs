//! The Page–Hinkley test.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::direction::Watched;
use super::state::{Reader, Writer};
use super::{Detector, DetectorState, Signal};
use crate::profile::DecodeError;

entry! {
    /// Signals a change of the mean, when the faded sum of deviations from the running mean leaves its
    /// extreme by more than a threshold.
    ///
    /// # Inputs
    /// A series of finite numbers, in any unit. `delta` and `threshold` are in that unit, so they must
    /// fit its scale: the defaults suit shares and rates between 0 and 1.
    /// # Result
    /// A change at the first point where a sum has moved by more than `threshold`, from
    /// `min_instances` points on; then the test begins afresh. Never a warning.
    /// # Undefined
    /// Never; before `min_instances` points it is quiet.
    /// # Cost
    /// `O(1)` time a point, six numbers of state.
    /// # When to use, and when not
    /// For a lasting shift of the mean of a series with a known scale, such as an error rate. A mode of
    /// `both` also signals improvement. Not for a change of spread, and not where the scale is unknown:
    /// `adwin` adapts itself.
    /// # Reference
    /// Page (1954), Biometrika 41(1/2), 100–115; with the fading of Sebastião and Fernandes (2017),
    /// Advances in Methodologies for Intelligent Systems, 492–498, as in river.
    /// ```python oracle
    /// detector = river.drift.PageHinkley(**params)
    /// changes = []
    /// for index, value in enumerate(series):
    ///     detector.update(value)
    ///     if detector.drift_detected:
    ///         changes.append(index)
    /// changes
    /// ```
    pub struct PageHinkley = "page_hinkley" since "0.1" with [
        Parameter {
            name: "min_instances",
            doc: "Number of points before the first signal.",
            domain: Domain::Integer { default: 30, min: 1, max: 1_000_000 },
        },
        Parameter {
            name: "delta",
            doc: "Deviation from the mean that counts as none, in the unit of the series.",
            domain: Domain::Float { default: 0.005, min: 0.0, max: f64::MAX },
        },
        Parameter {
            name: "threshold",
            doc: "Move of the sum that signals a change, exclusive, in the unit of the series.",
            domain: Domain::Float { default: 50.0, min: 0.0, max: f64::MAX },
        },
        Parameter {
            name: "alpha",
            doc: "Factor by which the sum fades at each point; 1 means that it does not.",
            domain: Domain::Float { default: 0.9999, min: 0.0, max: 1.0 },
        },
        Parameter {
            name: "mode",
            doc: "Whether to look for an increase of the mean, for a decrease, or for both.",
            domain: Domain::Choice { default: "both", of: &["both", "up", "down"] },
        },
    ];
}

impl Detector for PageHinkley {
    fn start(&self, params: &Params) -> Box<dyn DetectorState> {
        Box::new(State::new(params))
    }

    fn load(&self, params: &Params, bytes: &[u8]) -> Result<Box<dyn DetectorState>, DecodeError> {
        let mut reader = Reader::new(bytes)?;
        let state = State {
            sums: Sums {
                n: reader.points()?,
                mean: reader.number()?,
                increase: reader.number()?,
                increase_min: reader.number()?,
                decrease: reader.number()?,
                decrease_max: reader.number()?,
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
    min_instances: u64,
    delta: f64,
    threshold: f64,
    alpha: f64,
    watched: Watched,
    sums: Sums,
    /// The last point was signalled, so the next one begins afresh.
    has_signalled: bool,
}

#[derive(Debug, Clone, Copy)]
struct Sums {
    n: u64,
    mean: f64,
    /// Faded sum of deviations, each less `delta`, and its least value so far.
    increase: f64,
    increase_min: f64,
    /// Faded sum of deviations, each plus `delta`, and its greatest value so far.
    decrease: f64,
    decrease_max: f64,
}

impl Sums {
    // The greatest sum begins at −1, not at −∞, as in river: the first points of a falling series then
    // measure from there.
    const FRESH: Self = Self {
        n: 0,
        mean: 0.0,
        increase: 0.0,
        increase_min: f64::INFINITY,
        decrease: 0.0,
        decrease_max: -1.0,
    };
}

impl State {
    fn new(params: &Params) -> Self {
        Self {
            min_instances: params.integer("min_instances"),
            delta: params.float("delta"),
            threshold: params.float("threshold"),
            alpha: params.float("alpha"),
            watched: Watched::new(params),
            sums: Sums::FRESH,
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
        let sums = &mut self.sums;
        sums.n += 1;
        sums.mean += (1.0 / sums.n as f64) * (value - sums.mean);
        let deviation = value - sums.mean;
        sums.increase = self.alpha * sums.increase + deviation - self.delta;
        sums.decrease = self.alpha * sums.decrease + deviation + self.delta;
        sums.increase_min = sums.increase_min.min(sums.increase);
        sums.decrease_max = sums.decrease_max.max(sums.decrease);
        let has_risen = self.watched.up && sums.increase - sums.increase_min > self.threshold;
        let has_fallen = self.watched.down && sums.decrease_max - sums.decrease > self.threshold;
        self.has_signalled = sums.n >= self.min_instances && (has_risen || has_fallen);
        if self.has_signalled {
            Signal::Change
        } else {
            Signal::Quiet
        }
    }

    fn reset(&mut self) {
        self.sums = Sums::FRESH;
        self.has_signalled = false;
    }

    fn save(&self) -> Vec<u8> {
        let sums = &self.sums;
        Writer::new()
            .count(sums.n)
            .number(sums.mean)
            .number(sums.increase)
            .number(sums.increase_min)
            .number(sums.decrease)
            .number(sums.decrease_max)
            .flag(self.has_signalled)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_core::params::ParamValue;

    use super::*;

    fn changes(mode: &str, series: &[f64]) -> Vec<usize> {
        let mut params = Params::defaults(PageHinkley.parameters());
        params
            .set("mode", ParamValue::Text(mode.to_owned()))
            .expect("a mode");
        params
            .set("threshold", ParamValue::Float(5.0))
            .expect("in range");
        let mut state = PageHinkley.start(&params);
        series
            .iter()
            .enumerate()
            .filter(|&(_, &value)| state.update(value) == Signal::Change)
            .map(|(idx, _)| idx)
            .collect()
    }

    #[test]
    fn each_mode_sees_its_direction_only() {
        let up: Vec<f64> = (0..200).map(|idx| f64::from(idx >= 100)).collect();
        let down: Vec<f64> = up.iter().map(|value| 1.0 - value).collect();
        assert!(!changes("up", &up).is_empty());
        assert!(changes("down", &up).is_empty());
        assert!(changes("up", &down).is_empty());
        assert_eq!(changes("both", &up), changes("up", &up));
        assert_eq!(changes("both", &down), changes("down", &down));
    }
}
