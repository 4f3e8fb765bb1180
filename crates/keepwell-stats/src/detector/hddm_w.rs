//! Drift detection by McDiarmid's bound on weighted means.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::direction::Watched;
use super::state::{Reader, Writer};
use super::{Detector, DetectorState, Signal};
use crate::profile::DecodeError;

entry! {
    /// Signals that the exponentially weighted mean after the best cut departs from that before it by more
    /// than McDiarmid's bound allows.
    ///
    /// # Inputs
    /// A series of numbers in `[0, 1]`: errors as 0 and 1, or shares. The bound does not hold for others.
    /// # Result
    /// A change where the weighted mean of the points after the cut exceeds that of the points up to it by
    /// the bound at confidence `drift_confidence`, a warning where by the bound at `warning_confidence`.
    /// The cut is where the weighted mean plus its bound was least; for decreases all is mirrored. After a
    /// change the method begins afresh.
    /// # Undefined
    /// Never.
    /// # Cost
    /// `O(1)` time a point, eighteen numbers of state.
    /// # When to use, and when not
    /// For large changes of a small error rate. Since the weights forget, the bound does not shrink with
    /// more points: with the defaults it is 0.42 at best for changes, so that a rise from 0.1 to 0.2 is
    /// mostly missed, and at a rate of 0.5 there are about eight false alarms in 10,000 points, since the
    /// extremes of one series are compared. `hddm_a` sees more. By default degradation alone is signalled.
    /// # Reference
    /// Frías-Blanco, del Campo-Ávila, Ramos-Jiménez, Morales-Bueno, Ortiz-Díaz and Caballero-Mota (2015),
    /// IEEE Transactions on Knowledge and Data Engineering 27(3), 810–823 (the W-test); parameters as in
    /// river, whose `two_sided_test` is a `mode` of `both`.
    /// ```python oracle
    /// mode = params.pop("mode")
    /// detector = river.drift.binary.HDDMW(two_sided_test=mode == "both", **params)
    /// changes = []
    /// for index, value in enumerate(series):
    ///     detector.update(1 - value if mode == "down" else value)
    ///     if detector.drift_detected:
    ///         changes.append(index)
    /// changes
    /// ```
    pub struct HddmW = "hddm_w" since "0.1" with [
        Parameter {
            name: "drift_confidence",
            doc: "Chance, at most, that a test on a quiet series signals a change.",
            domain: Domain::Float { default: 0.001, min: 1e-12, max: 1.0 },
        },
        Parameter {
            name: "warning_confidence",
            doc: "Chance, at most, that a test on a quiet series signals a warning.",
            domain: Domain::Float { default: 0.005, min: 1e-12, max: 1.0 },
        },
        Parameter {
            name: "lambda_val",
            doc: "Weight of a new point in the mean, the rest being that of all before it.",
            domain: Domain::Float { default: 0.05, min: 0.0, max: 1.0 },
        },
        Parameter {
            name: "mode",
            doc: "Whether to look for an increase of the mean, for a decrease, or for both.",
            domain: Domain::Choice { default: "up", of: &["both", "up", "down"] },
        },
    ];
}

impl Detector for HddmW {
    fn start(&self, params: &Params) -> Box<dyn DetectorState> {
        Box::new(State::new(params))
    }

    fn load(&self, params: &Params, bytes: &[u8]) -> Result<Box<dyn DetectorState>, DecodeError> {
        let mut reader = Reader::new(bytes)?;
        let state = State {
            all: Sample::read(&mut reader)?,
            up: Cut::read(&mut reader)?,
            down: Cut::read(&mut reader)?,
            has_signalled: reader.flag()?,
            ..State::new(params)
        };
        reader.finish()?;
        Ok(Box::new(state))
    }
}

#[derive(Debug)]
struct State {
    lambda: f64,
    /// Logarithms of one over the confidences of a change and of a warning.
    log_tests: [f64; 2],
    watched: Watched,
    all: Sample,
    up: Cut,
    down: Cut,
    /// The last point was signalled, so the next one begins afresh.
    has_signalled: bool,
}

/// Exponentially weighted mean of some points.
#[derive(Debug, Clone, Copy)]
struct Sample {
    mean: f64,
    /// Sum of the squared weights, which McDiarmid's bound needs; one before the first point, as in river.
    squared_weights: f64,
    has_points: bool,
}

/// The points up to a cut, and those after it.
#[derive(Debug, Clone, Copy)]
struct Cut {
    /// Least mean plus bound so far, or greatest mean less bound; at the far end before the first point.
    extreme: f64,
    before: Sample,
    after: Sample,
}

impl Sample {
    const NONE: Self = Self {
        mean: 0.0,
        squared_weights: 1.0,
        has_points: false,
    };

    fn push(&mut self, value: f64, lambda: f64) {
        if self.has_points {
            // In this form equal points keep the mean where it is, to the last digit.
            self.mean += lambda * (value - self.mean);
        } else {
            self.mean = value;
            self.has_points = true;
        }
        let kept = 1.0 - lambda;
        self.squared_weights = lambda * lambda + kept * kept * self.squared_weights;
    }

    fn write(self, writer: Writer) -> Writer {
        writer
            .number(self.mean)
            .number(self.squared_weights)
            .flag(self.has_points)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            mean: reader.number()?,
            squared_weights: reader.number()?,
            has_points: reader.flag()?,
        })
    }
}

impl Cut {
    fn at(extreme: f64) -> Self {
        Self {
            extreme,
            before: Sample::NONE,
            after: Sample::NONE,
        }
    }

    fn move_to(&mut self, extreme: f64, all: Sample) {
        *self = Self {
            extreme,
            before: all,
            after: Sample::NONE,
        };
    }

    /// Whether a move of the mean by `gap` is more than chance allows.
    fn has_moved(&self, gap: f64, log_term: f64) -> bool {
        self.before.has_points
            && self.after.has_points
            && gap
                > bound(
                    self.before.squared_weights + self.after.squared_weights,
                    log_term,
                )
    }

    fn write(self, writer: Writer) -> Writer {
        self.after
            .write(self.before.write(writer.number(self.extreme)))
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            extreme: reader.number()?,
            before: Sample::read(reader)?,
            after: Sample::read(reader)?,
        })
    }
}

fn bound(squared_weights: f64, log_term: f64) -> f64 {
    (squared_weights * log_term / 2.0).sqrt()
}

impl State {
    fn new(params: &Params) -> Self {
        let log_of = |name: &str| libm::log(1.0 / params.float(name));
        Self {
            lambda: params.float("lambda_val"),
            log_tests: [log_of("drift_confidence"), log_of("warning_confidence")],
            watched: Watched::new(params),
            all: Sample::NONE,
            up: Cut::at(f64::INFINITY),
            down: Cut::at(f64::NEG_INFINITY),
            has_signalled: false,
        }
    }

    fn is_found(&self, log_term: f64) -> bool {
        let rise = self.up.after.mean - self.up.before.mean;
        let fall = self.down.before.mean - self.down.after.mean;
        self.watched.up && self.up.has_moved(rise, log_term)
            || self.watched.down && self.down.has_moved(fall, log_term)
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
        let [log_change, log_warning] = self.log_tests;
        self.all.push(value, self.lambda);
        let bound = bound(self.all.squared_weights, log_change);
        let (lowest, highest) = (self.all.mean + bound, self.all.mean - bound);
        if lowest < self.up.extreme {
            self.up.move_to(lowest, self.all);
        } else {
            self.up.after.push(value, self.lambda);
        }
        if highest > self.down.extreme {
            self.down.move_to(highest, self.all);
        } else {
            self.down.after.push(value, self.lambda);
        }
        self.has_signalled = self.is_found(log_change);
        if self.has_signalled {
            Signal::Change
        } else if self.is_found(log_warning) {
            Signal::Warning
        } else {
            Signal::Quiet
        }
    }

    fn reset(&mut self) {
        self.all = Sample::NONE;
        self.up = Cut::at(f64::INFINITY);
        self.down = Cut::at(f64::NEG_INFINITY);
        self.has_signalled = false;
    }

    fn save(&self) -> Vec<u8> {
        let writer = self.all.write(Writer::new());
        let writer = self.down.write(self.up.write(writer));
        writer.flag(self.has_signalled).finish()
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;

    use super::*;

    #[test]
    fn the_bound_of_long_samples_does_not_shrink() {
        let state = State::new(&Params::defaults(HddmW.parameters()));
        let mut sample = Sample::NONE;
        for _ in 0..10_000 {
            sample.push(0.0, state.lambda);
        }
        let least = bound(2.0 * sample.squared_weights, state.log_tests[0]);
        assert!((least - 0.42).abs() < 0.005, "{least}");
    }

    #[test]
    fn a_mean_of_equal_points_is_that_point() {
        let mut sample = Sample::NONE;
        for _ in 0..1_000 {
            sample.push(0.3, 0.05);
        }
        assert_eq!(sample.mean, 0.3);
    }
}
