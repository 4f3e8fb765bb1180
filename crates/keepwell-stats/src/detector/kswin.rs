//! The Kolmogorov–Smirnov test on a sliding window.

use std::collections::VecDeque;

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::state::{Reader, Writer};
use super::{Detector, DetectorState, Signal};
use crate::profile::DecodeError;
use crate::special::{TwoSampleDistance, greatest_common_divisor, two_sample_sf};

entry! {
    /// Compares the distribution of the latest points of a sliding window with that of the older ones, by
    /// the test of Kolmogorov and Smirnov.
    ///
    /// # Inputs
    /// A series of finite numbers, in any unit.
    /// # Result
    /// A change where the exact two-sided p-value of the latest `stat_size` points against the other points
    /// of the window is at most `alpha` and the distance of their distribution functions above 0.1; then
    /// the method begins afresh. Never a warning. The published method draws `stat_size` of the older
    /// points by chance at each step; this one takes them all, so that it needs no seed and is quieter.
    /// # Undefined
    /// Never; it is quiet until the window is full.
    /// # Cost
    /// `O(window_size)` time a point and numbers of state.
    /// # When to use, and when not
    /// For a change of any shape, of spread too, that happens within about a window; a slower one is not
    /// seen. `alpha` is the error rate of one test, of which there is one a point, though most agree with
    /// their neighbours: with the defaults expect ten false alarms in 10,000 independent points of a
    /// continuous distribution, with an `alpha` of 0.0001 less than one. Not for errors of a classifier,
    /// whose ties blunt the test. It does not tell up from down.
    /// # Reference
    /// Raab, Heusinger and Schleif (2020), Neurocomputing 416, 340–351; parameters, the least distance of
    /// 0.1 and the fresh start after a change as in river, from whose class the oracle takes all but the
    /// draw.
    /// ```python oracle
    /// if len(series) > 1200:
    ///     raise NotImplementedError
    /// class WholeWindow(river.drift.KSWIN):
    ///     sample = staticmethod(lambda older, size: older)
    ///     def _reset(self):
    ///         super()._reset()
    ///         self._rng = WholeWindow
    /// detector = WholeWindow(**params)
    /// changes = []
    /// for index, value in enumerate(series):
    ///     detector.update(value)
    ///     if detector.drift_detected:
    ///         changes.append(index)
    /// changes
    /// ```
    pub struct Kswin = "kswin" since "0.1" with [
        Parameter {
            name: "alpha",
            doc: "Greatest p-value that is a change, inclusive.",
            domain: Domain::Float { default: 0.005, min: 1e-12, max: 1.0 },
        },
        Parameter {
            name: "window_size",
            doc: "Number of points in the window.",
            domain: Domain::Integer { default: 100, min: 2, max: 10_000 },
        },
        Parameter {
            name: "stat_size",
            doc: "Number of its points that are the latest; fewer than `window_size`, else one fewer is taken.",
            domain: Domain::Integer { default: 30, min: 1, max: 9_999 },
        },
    ];
}

/// Distances up to this one are no change whatever their p-value, as in river.
const DISTANCE_MIN: f64 = 0.1;

impl Detector for Kswin {
    fn start(&self, params: &Params) -> Box<dyn DetectorState> {
        Box::new(State::new(params))
    }

    fn load(&self, params: &Params, bytes: &[u8]) -> Result<Box<dyn DetectorState>, DecodeError> {
        let mut reader = Reader::new(bytes)?;
        let mut state = State::new(params);
        state.has_signalled = reader.flag()?;
        for _ in 0..reader.count_up_to(state.sizes.window() as u64)? {
            let value = reader.number()?;
            if !value.is_finite() {
                return Err(DecodeError::Invalid {
                    expected: "a window of finite numbers",
                    found: value.to_string(),
                });
            }
            state.push(value);
        }
        reader.finish()?;
        Ok(Box::new(state))
    }
}

#[derive(Debug)]
struct State {
    sizes: Sizes,
    /// Least distance that is a change, in steps of [`Sizes::scale`].
    critical: u64,
    /// In order of time.
    window: VecDeque<f64>,
    /// The points of a full window in ascending order, else empty.
    older: Vec<f64>,
    latest: Vec<f64>,
    /// The last point was signalled, so the next one begins afresh.
    has_signalled: bool,
}

/// Numbers of points in the two parts of the window, each at least 1.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    older: usize,
    latest: usize,
}

impl Sizes {
    fn new(params: &Params) -> Self {
        let size = |name: &str| usize::try_from(params.integer(name)).unwrap_or(usize::MAX);
        let window = size("window_size");
        let latest = size("stat_size").min(window - 1);
        Self {
            older: window - latest,
            latest,
        }
    }

    fn window(self) -> usize {
        self.older + self.latest
    }

    /// Distances are whole multiples of one over this: the least common multiple of the sizes.
    fn scale(self) -> u64 {
        let (older, latest) = (self.older as u64, self.latest as u64);
        older * (latest / greatest_common_divisor(older, latest))
    }

    /// The least distance that is a change, in steps; `u64::MAX` if none is.
    fn critical(self, alpha: f64) -> u64 {
        let scale = self.scale();
        let is_change = |steps: u64| {
            let distance = TwoSampleDistance {
                sizes: [self.older as u64, self.latest as u64],
                steps,
            };
            steps as f64 / scale as f64 > DISTANCE_MIN && two_sample_sf(distance) <= alpha
        };
        // Exact p-values cost more the larger the distance, so the search begins at a small one.
        let mut above = (scale as f64 * DISTANCE_MIN) as u64 + 1;
        while !is_change(above) {
            if above == scale {
                return u64::MAX;
            }
            above = (2 * above).min(scale);
        }
        let mut below = 0;
        while above - below > 1 {
            let middle = below.midpoint(above);
            if is_change(middle) {
                above = middle;
            } else {
                below = middle;
            }
        }
        above
    }
}

impl State {
    fn new(params: &Params) -> Self {
        let sizes = Sizes::new(params);
        Self {
            sizes,
            critical: sizes.critical(params.float("alpha")),
            window: VecDeque::new(),
            older: Vec::new(),
            latest: Vec::new(),
            has_signalled: false,
        }
    }

    fn push(&mut self, value: f64) {
        self.window.push_back(value);
        if self.window.len() < self.sizes.window() {
            return;
        }
        if self.latest.is_empty() {
            self.older.extend(self.window.range(..self.sizes.older));
            self.latest.extend(self.window.range(self.sizes.older..));
            self.older.sort_by(f64::total_cmp);
            self.latest.sort_by(f64::total_cmp);
        } else if let Some(oldest) = self.window.pop_front() {
            let passing = self.window[self.sizes.older - 1];
            replace(&mut self.older, oldest, passing);
            replace(&mut self.latest, passing, value);
        }
    }

    /// Greatest distance of the distribution functions of both parts, in steps.
    fn distance(&self) -> u64 {
        let divisor = self.sizes.older as u64 * self.sizes.latest as u64 / self.sizes.scale();
        let step_older = (self.sizes.latest as u64 / divisor) as i64;
        let step_latest = (self.sizes.older as u64 / divisor) as i64;
        let (mut older, mut latest) = (self.older.as_slice(), self.latest.as_slice());
        let (mut gap, mut largest) = (0_i64, 0_i64);
        while let ([first, ..], [other, ..]) = (older, latest) {
            let value = first.min(*other);
            while let [first, rest @ ..] = older
                && *first <= value
            {
                gap += step_older;
                older = rest;
            }
            while let [first, rest @ ..] = latest
                && *first <= value
            {
                gap -= step_latest;
                latest = rest;
            }
            largest = largest.max(gap.abs());
        }
        largest.unsigned_abs()
    }
}

/// Takes one value out of an ascending list and puts another in.
fn replace(sorted: &mut [f64], out: f64, new: f64) {
    let from = sorted.partition_point(|value| value.total_cmp(&out).is_lt());
    let to = sorted.partition_point(|value| value.total_cmp(&new).is_lt());
    if from < to {
        sorted.copy_within(from + 1..to, from);
        sorted[to - 1] = new;
    } else {
        sorted.copy_within(to..from, to + 1);
        sorted[to] = new;
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
        self.push(value);
        self.has_signalled = !self.latest.is_empty() && self.distance() >= self.critical;
        if self.has_signalled {
            Signal::Change
        } else {
            Signal::Quiet
        }
    }

    fn reset(&mut self) {
        self.window.clear();
        self.older.clear();
        self.latest.clear();
        self.has_signalled = false;
    }

    fn save(&self) -> Vec<u8> {
        let length = self.window.len().min(self.sizes.window());
        let writer = Writer::new().flag(self.has_signalled).count(length as u64);
        self.window
            .iter()
            .fold(writer, |writer, &value| writer.number(value))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_core::params::ParamValue;

    use super::*;

    #[test]
    fn replacing_keeps_the_order() {
        for out in 0..6 {
            for new in [-1.0, 0.0, 2.0, 2.5, 5.0, 7.0] {
                let mut sorted = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
                let mut expected = sorted;
                expected[out] = new;
                expected.sort_by(f64::total_cmp);
                replace(&mut sorted, out as f64, new);
                assert_eq!(sorted, expected, "{out} by {new}");
            }
        }
    }

    #[test]
    fn the_critical_distance_is_the_least_one() {
        for (older, latest) in [(70, 30), (50, 50), (5, 2), (99, 1), (1, 1), (300, 7)] {
            let sizes = Sizes { older, latest };
            for alpha in [1e-4, 0.005, 0.2, 1.0] {
                let is_change = |steps: u64| {
                    let sizes = [older as u64, latest as u64];
                    two_sample_sf(TwoSampleDistance { sizes, steps }) <= alpha
                };
                let scale = sizes.scale();
                let least = (scale / 10 + 1..=scale).find(|&steps| is_change(steps));
                assert_eq!(sizes.critical(alpha), least.unwrap_or(u64::MAX));
            }
        }
    }

    #[test]
    fn a_change_of_spread_is_seen() {
        let mut state = Kswin.start(&Params::defaults(Kswin.parameters()));
        let ripple = |idx: u32| f64::from(idx * 7 % 11) - 5.0;
        assert!((0..300).all(|idx| state.update(ripple(idx)) == Signal::Quiet));
        assert!((0..60).any(|idx| state.update(20.0 * ripple(idx)) == Signal::Change));
    }

    #[test]
    fn a_part_as_large_as_the_window_leaves_one_older_point() {
        let mut params = Params::defaults(Kswin.parameters());
        for (name, value) in [("window_size", 2), ("stat_size", 9_999)] {
            params
                .set(name, ParamValue::Integer(value))
                .expect("in range");
        }
        params
            .set("alpha", ParamValue::Float(1.0))
            .expect("in range");
        let mut state = Kswin.start(&params);
        assert_eq!(state.update(0.0), Signal::Quiet);
        assert_eq!(state.update(1.0), Signal::Change);
    }
}
