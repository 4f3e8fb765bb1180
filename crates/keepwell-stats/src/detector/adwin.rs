//! Adaptive windowing.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::direction::{Direction, Watched};
use super::state::{Reader, Writer};
use super::{Detector, DetectorState, Signal};
use crate::profile::DecodeError;

entry! {
    /// Keeps the longest window whose mean has not changed, and signals when it must be cut.
    ///
    /// # Inputs
    /// A series of finite numbers. The bound behind the test is proven for values in `[0, 1]`; for
    /// other scales the error rate is not that of `delta`, and a smaller scale makes it slower to see.
    /// # Result
    /// A change where some cut of the window leaves two parts whose means differ by more than
    /// the bound at confidence `delta`. Never a warning. The window then begins afresh, while the method
    /// as published keeps the part after the cut; afresh also where `mode` does not name the direction,
    /// so that a better level becomes the one to compare with.
    /// # Undefined
    /// Never; it is quiet for up to `grace_period` points, and between two checks.
    /// # Cost
    /// `O(log w)` amortised time a point and `O(log w)` numbers of state for a window of `w` points.
    /// # When to use, and when not
    /// Where neither level nor scale of the change is known. A `mode` of `both` signals improvement too.
    /// It needs more points than a test with a fitting threshold, such as `page_hinkley`.
    /// # Reference
    /// Bifet and Gavaldà (2007), Proceedings of the SIAM International Conference on Data Mining,
    /// 443–448 (ADWIN2); checks, bound and the fresh start after a change as in river, which has no other
    /// `mode` than `both`.
    /// ```python oracle
    /// if params.pop("mode") != "both":
    ///     raise NotImplementedError
    /// detector = river.drift.ADWIN(**params)
    /// changes = []
    /// for index, value in enumerate(series):
    ///     detector.update(value)
    ///     if detector.drift_detected:
    ///         changes.append(index)
    /// changes
    /// ```
    pub struct Adwin = "adwin" since "0.1" with [
        Parameter {
            name: "delta",
            doc: "Confidence of a check: the chance, at most, that a quiet window is cut.",
            domain: Domain::Float { default: 0.002, min: 1e-12, max: 1.0 },
        },
        Parameter {
            name: "clock",
            doc: "Number of points from one check to the next.",
            domain: Domain::Integer { default: 32, min: 1, max: 1_000_000 },
        },
        Parameter {
            name: "max_buckets",
            doc: "Number of summaries of each size; more of them means finer cuts.",
            domain: Domain::Integer { default: 5, min: 1, max: 1000 },
        },
        Parameter {
            name: "min_window_length",
            doc: "Least number of points on either side of a cut.",
            domain: Domain::Integer { default: 5, min: 1, max: 1_000_000 },
        },
        Parameter {
            name: "grace_period",
            doc: "Number of points in the window up to which nothing is checked.",
            domain: Domain::Integer { default: 10, min: 1, max: 1_000_000 },
        },
        Parameter {
            name: "mode",
            doc: "Whether to signal an increase of the mean, a decrease, or both.",
            domain: Domain::Choice { default: "both", of: &["both", "up", "down"] },
        },
    ];
}

impl Detector for Adwin {
    fn start(&self, params: &Params) -> Box<dyn DetectorState> {
        Box::new(State::new(params))
    }

    fn load(&self, params: &Params, bytes: &[u8]) -> Result<Box<dyn DetectorState>, DecodeError> {
        let mut reader = Reader::new(bytes)?;
        let mut state = State::new(params);
        state.tick = reader.points()?;
        state.has_changed = reader.flag()?;
        state.window = Window::read(&mut reader, state.max_buckets)?;
        reader.finish()?;
        Ok(Box::new(state))
    }
}

/// More levels than a window of any real length has: the last one holds summaries of 2^59 points.
const LEVELS_MAX: u64 = 60;

#[derive(Debug)]
struct State {
    delta: f64,
    clock: u64,
    max_buckets: usize,
    min_window_length: f64,
    grace_period: f64,
    watched: Watched,
    window: Window,
    /// Points since the last fresh start.
    tick: u64,
    /// The last point was a change, signalled or not, so the next one begins afresh.
    has_changed: bool,
}

/// The points of the window, as an exponential histogram.
#[derive(Debug, Clone, PartialEq)]
struct Window {
    /// `levels[i]` holds summaries of `2^i` points each, oldest first; higher levels are older. Never
    /// empty, and no level but the first is.
    levels: Vec<Vec<Summary>>,
    n: f64,
    total: f64,
    /// Sum of squared deviations from the mean of the window.
    m2: f64,
}

/// Points that stand together.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Summary {
    total: f64,
    /// Sum of squared deviations from their mean.
    m2: f64,
}

impl Window {
    fn new() -> Self {
        Self {
            levels: vec![Vec::new()],
            n: 0.0,
            total: 0.0,
            m2: 0.0,
        }
    }

    fn push(&mut self, value: f64, max_buckets: usize) {
        self.n += 1.0;
        if self.n > 1.0 {
            let deviation = value - self.total / (self.n - 1.0);
            self.m2 += (self.n - 1.0) * deviation * deviation / self.n;
        }
        self.total += value;
        self.levels[0].push(Summary {
            total: value,
            m2: 0.0,
        });
        self.compress(max_buckets);
    }

    /// Merges the two oldest summaries of each level that has one too many into the level above.
    fn compress(&mut self, max_buckets: usize) {
        let mut level = 0;
        while self.levels[level].len() > max_buckets {
            let size = points(level);
            let (older, newer) = (self.levels[level][0], self.levels[level][1]);
            self.levels[level].drain(..2);
            let gap = older.total / size - newer.total / size;
            let merged = Summary {
                total: older.total + newer.total,
                m2: older.m2 + newer.m2 + size * 0.5 * gap * gap,
            };
            level += 1;
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            self.levels[level].push(merged);
        }
    }

    /// The first cut that leaves two parts of different means: which way they differ.
    fn cut(&self, bound: &Bound) -> Option<Direction> {
        let (mut n_old, mut total_old) = (0.0, 0.0);
        let (mut n_new, mut total_new) = (self.n, self.total);
        for (level, summaries) in self.levels.iter().enumerate().rev() {
            for (idx, summary) in summaries.iter().enumerate() {
                let size = points(level);
                n_old += size;
                total_old += summary.total;
                n_new -= size;
                total_new -= summary.total;
                if level == 0 && idx + 1 == summaries.len() {
                    return None;
                }
                let gap = total_old / n_old - total_new / n_new;
                if bound.is_exceeded(gap, n_old, n_new) {
                    return Some(if gap < 0.0 {
                        Direction::Up
                    } else {
                        Direction::Down
                    });
                }
            }
        }
        None
    }

    fn write(&self, mut writer: Writer) -> Writer {
        writer = writer
            .number(self.n)
            .number(self.total)
            .number(self.m2)
            .count(self.levels.len() as u64);
        for level in &self.levels {
            writer = writer.count(level.len() as u64);
            for summary in level {
                writer = writer.number(summary.total).number(summary.m2);
            }
        }
        writer
    }

    fn read(reader: &mut Reader<'_>, max_buckets: usize) -> Result<Self, DecodeError> {
        let (n, total, m2) = (reader.number()?, reader.number()?, reader.number()?);
        let mut levels = Vec::new();
        let mut found = 0.0;
        for level in 0..reader.count_up_to(LEVELS_MAX)? {
            let length = reader.count_up_to(max_buckets as u64)?;
            let mut summaries = Vec::new();
            for _ in 0..length {
                summaries.push(Summary {
                    total: reader.number()?,
                    m2: reader.number()?,
                });
            }
            found += length as f64 * points(level as usize);
            levels.push(summaries);
        }
        let is_sound = match levels.as_slice() {
            [] => false,
            [_] => true,
            [_, above @ ..] => above.iter().all(|level| !level.is_empty()),
        };
        if !is_sound || found.to_bits() != n.to_bits() {
            return Err(DecodeError::Invalid {
                expected: "a window whose summaries hold all of its points",
                found: format!("{} levels with {found} of {n} points", levels.len()),
            });
        }
        Ok(Self {
            levels,
            n,
            total,
            m2,
        })
    }
}

/// Number of points in a summary of this level.
fn points(level: usize) -> f64 {
    (1_u64 << level.min(63)) as f64
}

/// By how much the means of two parts of a quiet window may differ.
#[derive(Debug)]
struct Bound {
    min_window_length: f64,
    variance: f64,
    log_term: f64,
}

impl Bound {
    fn is_exceeded(&self, gap: f64, n_old: f64, n_new: f64) -> bool {
        let least = self.min_window_length;
        if n_old < least || n_new < least {
            return false;
        }
        let inverse_size = 1.0 / (n_old - least + 1.0) + 1.0 / (n_new - least + 1.0);
        let epsilon = (2.0 * inverse_size * self.variance * self.log_term).sqrt()
            + 2.0 / 3.0 * self.log_term * inverse_size;
        gap.abs() > epsilon
    }
}

impl State {
    fn new(params: &Params) -> Self {
        Self {
            delta: params.float("delta"),
            clock: params.integer("clock"),
            max_buckets: usize::try_from(params.integer("max_buckets")).unwrap_or(usize::MAX),
            min_window_length: params.integer("min_window_length") as f64,
            grace_period: params.integer("grace_period") as f64,
            watched: Watched::new(params),
            window: Window::new(),
            tick: 0,
            has_changed: false,
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
        self.window.push(value, self.max_buckets);
        self.tick += 1;
        if !self.tick.is_multiple_of(self.clock) || self.window.n <= self.grace_period {
            return Signal::Quiet;
        }
        let bound = Bound {
            min_window_length: self.min_window_length,
            variance: self.window.m2 / self.window.n,
            log_term: libm::log(2.0 * libm::log(self.window.n) / self.delta),
        };
        let change = self.window.cut(&bound);
        self.has_changed = change.is_some();
        self.watched.signal(change)
    }

    fn reset(&mut self) {
        self.window = Window::new();
        self.tick = 0;
        self.has_changed = false;
    }

    fn save(&self) -> Vec<u8> {
        let writer = Writer::new().count(self.tick).flag(self.has_changed);
        self.window.write(writer).finish()
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_core::params::ParamValue;

    use super::*;

    #[test]
    fn state_stays_small() {
        let mut state = Adwin.start(&Params::defaults(Adwin.parameters()));
        for _ in 0..100_000 {
            state.update(0.5);
        }
        // 15 levels of at most 5 summaries.
        assert!(state.save().len() <= 1 + 8 * (6 + 15 * (1 + 5 * 2)));
    }

    #[test]
    fn nothing_is_checked_in_the_grace_period() {
        let first_change = |grace_period: u64| {
            let mut params = Params::defaults(Adwin.parameters());
            params
                .set("grace_period", ParamValue::Integer(grace_period))
                .expect("in range");
            let mut state = Adwin.start(&params);
            (0..1000_u16).find(|&idx| state.update(f64::from(idx / 100)) == Signal::Change)
        };
        assert!(first_change(10) < Some(200));
        // The first check after 500 points is at the sixteenth tick of the clock.
        assert_eq!(first_change(500), Some(16 * 32 - 1));
    }

    #[test]
    fn an_improvement_is_silent_and_becomes_the_level() {
        let changes = |mode: &str| {
            let mut params = Params::defaults(Adwin.parameters());
            params
                .set("mode", ParamValue::Text(mode.to_owned()))
                .expect("a mode");
            let mut state = Adwin.start(&params);
            (0..1500_u16)
                .filter(|idx| {
                    let level = f64::from(u8::from(idx / 500 != 1));
                    state.update(level) == Signal::Change
                })
                .collect::<Vec<_>>()
        };
        let both = changes("both");
        assert_eq!(both.len(), 2, "{both:?}");
        assert_eq!(changes("down"), both[..1]);
        assert_eq!(changes("up"), both[1..]);
    }

    #[test]
    fn a_window_that_does_not_add_up_is_refused() {
        let params = Params::defaults(Adwin.parameters());
        let mut state = Adwin.start(&params);
        for idx in 0..20_u8 {
            state.update(f64::from(idx));
        }
        let mut bytes = state.save();
        assert!(Adwin.load(&params, &bytes).is_ok());
        // The number of points stands after the version, the tick and the flag.
        bytes[17..25].copy_from_slice(&21.0_f64.to_le_bytes());
        assert!(Adwin.load(&params, &bytes).is_err());
    }
}
