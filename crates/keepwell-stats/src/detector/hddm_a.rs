//! Drift detection by Hoeffding's bound on means.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::direction::Watched;
use super::state::{Reader, Writer};
use super::{Detector, DetectorState, Signal};
use crate::profile::DecodeError;

entry! {
    /// Signals that the mean of all points departs from the mean up to the best cut by more than Hoeffding's
    /// bound allows.
    ///
    /// # Inputs
    /// A series of numbers in `[0, 1]`: errors as 0 and 1, or shares. The bound does not hold for others.
    /// # Result
    /// A change where the mean since the last fresh start exceeds that of the points before the cut by the
    /// bound at confidence `drift_confidence`, a warning where by the bound at `warning_confidence`. The cut
    /// is where the mean plus its bound was least; for decreases all is mirrored. After a change the method
    /// begins afresh.
    /// # Undefined
    /// Never.
    /// # Cost
    /// `O(1)` time a point, six numbers of state.
    /// # When to use, and when not
    /// For changes of an error rate, without a distribution in mind; with the defaults fewer than one false
    /// alarm in 10,000 points, while a rise from 0.1 to 0.2 takes about 460. By default degradation alone
    /// is signalled. Not for values beyond `[0, 1]`, where it alarms all the time.
    /// # Reference
    /// Frías-Blanco, del Campo-Ávila, Ramos-Jiménez, Morales-Bueno, Ortiz-Díaz and Caballero-Mota (2015),
    /// IEEE Transactions on Knowledge and Data Engineering 27(3), 810–823 (the A-test); parameters as in
    /// river, whose `two_sided_test` is a `mode` of `both`.
    /// ```python oracle
    /// mode = params.pop("mode")
    /// detector = river.drift.binary.HDDMA(two_sided_test=mode == "both", **params)
    /// changes = []
    /// for index, value in enumerate(series):
    ///     detector.update(1 - value if mode == "down" else value)
    ///     if detector.drift_detected:
    ///         changes.append(index)
    /// changes
    /// ```
    pub struct HddmA = "hddm_a" since "0.1" with [
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
            name: "mode",
            doc: "Whether to look for an increase of the mean, for a decrease, or for both.",
            domain: Domain::Choice { default: "up", of: &["both", "up", "down"] },
        },
    ];
}

impl Detector for HddmA {
    fn start(&self, params: &Params) -> Box<dyn DetectorState> {
        Box::new(State::new(params))
    }

    fn load(&self, params: &Params, bytes: &[u8]) -> Result<Box<dyn DetectorState>, DecodeError> {
        let mut reader = Reader::new(bytes)?;
        let state = State {
            all: Mean::read(&mut reader)?,
            lowest: Mean::read(&mut reader)?,
            highest: Mean::read(&mut reader)?,
            has_signalled: reader.flag()?,
            ..State::new(params)
        };
        reader.finish()?;
        let n = state.all.n;
        for cut in [state.lowest, state.highest] {
            if cut.n > n || (cut.n == 0) != (n == 0) {
                return Err(DecodeError::Invalid {
                    expected: "cuts that are among the points",
                    found: format!("a cut after {} of {n} points", cut.n),
                });
            }
        }
        Ok(Box::new(state))
    }
}

#[derive(Debug)]
struct State {
    /// Logarithm of one over the confidence of a change.
    log_drift: f64,
    /// Logarithms of two over the confidences of a change and of a warning.
    log_tests: [f64; 2],
    watched: Watched,
    all: Mean,
    /// The points before the cut that suits an increase, and before the one that suits a decrease.
    lowest: Mean,
    highest: Mean,
    /// The last point was signalled, so the next one begins afresh.
    has_signalled: bool,
}

/// Mean of the first `n` points.
#[derive(Debug, Clone, Copy)]
struct Mean {
    n: u64,
    value: f64,
}

impl Mean {
    const NONE: Self = Self { n: 0, value: 0.0 };

    /// How far the mean may be from its expectation.
    fn bound(self, log_term: f64) -> f64 {
        (1.0 / (2.0 * self.n as f64) * log_term).sqrt()
    }

    fn write(self, writer: Writer) -> Writer {
        writer.count(self.n).number(self.value)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            n: reader.points()?,
            value: reader.number()?,
        })
    }
}

impl State {
    fn new(params: &Params) -> Self {
        let (drift, warning) = (
            params.float("drift_confidence"),
            params.float("warning_confidence"),
        );
        Self {
            log_drift: libm::log(1.0 / drift),
            log_tests: [libm::log(2.0 / drift), libm::log(2.0 / warning)],
            watched: Watched::new(params),
            all: Mean::NONE,
            lowest: Mean::NONE,
            highest: Mean::NONE,
            has_signalled: false,
        }
    }

    fn move_cuts(&mut self) {
        let all = self.all;
        let bound = all.bound(self.log_drift);
        if self.lowest.n == 0
            || self.lowest.value + self.lowest.bound(self.log_drift) >= all.value + bound
        {
            self.lowest = all;
        }
        if self.highest.n == 0
            || self.highest.value - self.highest.bound(self.log_drift) <= all.value - bound
        {
            self.highest = all;
        }
    }

    /// Whether the mean moved by `gap` since `cut` by more than chance allows.
    fn has_moved(&self, cut: Mean, gap: f64, log_term: f64) -> bool {
        if cut.n == self.all.n {
            return false;
        }
        let (n, before) = (self.all.n as f64, cut.n as f64);
        let inverse_size = (n - before) / before * (1.0 / n);
        gap >= (inverse_size / 2.0 * log_term).sqrt()
    }

    fn is_found(&self, log_term: f64) -> bool {
        let rise = self.all.value - self.lowest.value;
        let fall = self.highest.value - self.all.value;
        self.watched.up && self.has_moved(self.lowest, rise, log_term)
            || self.watched.down && self.has_moved(self.highest, fall, log_term)
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
        self.all.n += 1;
        self.all.value += (1.0 / self.all.n as f64) * (value - self.all.value);
        self.move_cuts();
        let [log_change, log_warning] = self.log_tests;
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
        self.all = Mean::NONE;
        self.lowest = Mean::NONE;
        self.highest = Mean::NONE;
        self.has_signalled = false;
    }

    fn save(&self) -> Vec<u8> {
        let writer = self.all.write(Writer::new());
        let writer = self.highest.write(self.lowest.write(writer));
        writer.flag(self.has_signalled).finish()
    }
}
