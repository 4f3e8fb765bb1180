//! What reads a series: detectors point by point, anomalies the whole.

use keepwell_core::catalog::Entry;
use keepwell_core::decide::Limits;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{ParamValue, Params};
use keepwell_stats::anomaly::{self, SeriesAnomaly, Shape};
use keepwell_stats::detector::{self, Detector, Signal};

use super::Worse;
use crate::monitors::Watched;

/// Id of the method that finds changes of level.
pub(super) const CHANGE_POINTS: &str = "change_points";

/// Parameters of detectors that say how many points they take before they can signal.
const WARM_UPS: [&str; 5] = [
    "clock",
    "grace_period",
    "min_instances",
    "warm_start",
    "window_size",
];

/// What a detector says, as a value: see [`Judged::value`].
const WARNING: f64 = 0.5;
const CHANGE: f64 = 1.0;

/// A method that reads a series.
#[derive(Clone, Copy)]
pub(super) enum Method {
    Detector(&'static dyn Detector),
    Anomaly(&'static dyn SeriesAnomaly),
}

/// What a method says of a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Judged {
    /// Of a detector 0 for quiet, 0.5 for a warning and 1 for a change; of an anomaly its score, with its sign.
    pub(super) value: f64,
    /// The extent of what is found if it is for the worse; else zero.
    pub(super) size: f64,
}

impl Method {
    /// The member of a family with this id; `None` where it reads no series.
    pub(super) fn of(family: Watched, id: &str) -> Option<Self> {
        match family {
            Watched::Detector => {
                let mut all = detector::ALL.iter();
                all.find(|own| own.info().id == id)
                    .map(|own| Self::Detector(*own))
            }
            Watched::Anomaly => {
                let mut all = anomaly::ALL.iter();
                all.find(|own| own.info().id == id)
                    .and_then(|own| match own.shape() {
                        Shape::Series(method) => Some(Self::Anomaly(method)),
                        Shape::Rows(_) => None,
                    })
            }
            _ => None,
        }
    }

    pub(super) fn entry(self) -> &'static dyn Entry {
        match self {
            Self::Detector(detector) => detector,
            Self::Anomaly(method) => method,
        }
    }

    pub(super) fn defaults(self) -> Params {
        Params::defaults(self.entry().parameters())
    }

    /// From which size on a finding matters, where a specification sets nothing else: for a detector a warning
    /// and a change; for a score the threshold of the method and twice that; for a change of level one standard
    /// deviation of the noise and three.
    pub(super) fn limits(self, params: &Params) -> Limits {
        match self {
            Self::Detector(_) => Limits {
                warning: WARNING,
                alert: CHANGE,
            },
            Self::Anomaly(_) => match number(params, "threshold") {
                Some(threshold) => Limits {
                    warning: threshold,
                    alert: 2.0 * threshold,
                },
                None => Limits {
                    warning: 1.0,
                    alert: 3.0,
                },
            },
        }
    }

    /// What is found at each window; `None` for one without a value.
    pub(super) fn judge(
        self,
        values: &[f64],
        worse: Worse,
        params: &Params,
    ) -> Vec<Option<Outcome<Judged>>> {
        match self {
            Self::Detector(detector) => signals(detector, values, worse, params),
            Self::Anomaly(method) => scores(method, values, worse, params),
        }
    }
}

/// The value of a parameter that is a number.
fn number(params: &Params, name: &str) -> Option<f64> {
    let mut found = params.iter().filter(|(own, _)| *own == name);
    found.find_map(|(_, value)| match value {
        ParamValue::Float(number) => Some(number),
        ParamValue::Integer(number) => Some(number as f64),
        ParamValue::Text(_) => None,
    })
}

/// Reads the series turned so that larger is worse, as detectors of errors expect it.
fn signals(
    detector: &dyn Detector,
    values: &[f64],
    worse: Worse,
    params: &Params,
) -> Vec<Option<Outcome<Judged>>> {
    let needed = WARM_UPS
        .iter()
        .filter_map(|name| number(params, name))
        .fold(0.0, f64::max) as u64;
    let mut state = detector.start(params);
    let mut n_points = 0;
    // Points since the last change.
    let mut level: Vec<f64> = Vec::new();
    let judge = |value: &f64| {
        if !value.is_finite() {
            return None;
        }
        n_points += 1;
        level.push(worse.turned(*value));
        let signal = state.update(worse.turned(*value));
        let value = match signal {
            // Before that it could not have said anything.
            Signal::Quiet if n_points < needed => {
                return Some(Outcome::Undefined(Reason::TooFewWindows {
                    needed,
                    found: n_points,
                }));
            }
            Signal::Quiet => 0.0,
            Signal::Warning => WARNING,
            Signal::Change => CHANGE,
        };
        let is_worse = value > 0.0 && (worse == Worse::Either || has_risen(&level));
        if signal == Signal::Change {
            level.clear();
        }
        Some(Outcome::Defined(Judged {
            value,
            size: if is_worse { value } else { 0.0 },
        }))
    };
    values.iter().map(judge).collect()
}

/// Whether the level after the cut that divides the points best, by least squares, is above that before it.
fn has_risen(points: &[f64]) -> bool {
    let n = points.len() as f64;
    let total: f64 = points.iter().sum();
    let (mut sum, mut gain_max, mut is_rise) = (0.0, 0.0, false);
    for (idx, point) in points.iter().enumerate().take(points.len() - 1) {
        sum += point;
        let n_before = (idx + 1) as f64;
        let step = (total - sum) / (n - n_before) - sum / n_before;
        let gain = n_before * (n - n_before) * step * step;
        if gain > gain_max {
            (gain_max, is_rise) = (gain, step > 0.0);
        }
    }
    is_rise
}

fn scores(
    method: &dyn SeriesAnomaly,
    values: &[f64],
    worse: Worse,
    params: &Params,
) -> Vec<Option<Outcome<Judged>>> {
    let quiet = Judged {
        value: 0.0,
        size: 0.0,
    };
    let of_all = |outcome: Outcome<Judged>| {
        let known = values.iter().map(|value| value.is_finite());
        known.map(|known| known.then(|| outcome.clone())).collect()
    };
    let found = match method.detect(values, params) {
        Outcome::Defined(found) => found,
        // Where all are equal, none is out of line.
        Outcome::Undefined(Reason::Constant) => return of_all(Outcome::Defined(quiet)),
        Outcome::Undefined(Reason::TooFewRows { needed, found }) => {
            return of_all(Outcome::Undefined(Reason::TooFewWindows { needed, found }));
        }
        Outcome::Undefined(reason) => return of_all(Outcome::Undefined(reason)),
    };
    let judge = |(idx, score): (usize, &Option<f64>)| {
        let value = (*score)?;
        let is_found = found.positions.binary_search(&idx).is_ok();
        Some(Outcome::Defined(Judged {
            value,
            size: if is_found { worse.extent(value) } else { 0.0 },
        }))
    };
    found.scores.iter().enumerate().map(judge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ERROR: Worse = Worse::Up;
    const SHARE: Worse = Worse::Down { best: 1.0 };

    fn judged(family: Watched, id: &str, set: &[(&str, ParamValue)], values: &[f64]) -> Vec<f64> {
        let method = Method::of(family, id).expect("in the catalog");
        let mut params = method.defaults();
        for (name, value) in set {
            params.set(name, value.clone()).expect("declared");
        }
        let found = method.judge(values, SHARE, &params);
        let size = |own: &Option<Outcome<Judged>>| {
            let judged = own.as_ref().and_then(Outcome::defined);
            judged.map_or(f64::NAN, |judged| judged.size)
        };
        found.iter().map(size).collect()
    }

    /// A share of 0.9 that moves by `step` at the fortieth of sixty windows, and ripples.
    fn series(step: f64) -> Vec<f64> {
        let ripple = |idx: usize| ((idx * 7 % 11) as f64 - 5.0) / 1000.0;
        let level = |idx: usize| if idx < 40 { 0.9 } else { 0.9 + step };
        (0..60).map(|idx| level(idx) + ripple(idx)).collect()
    }

    fn first_of(sizes: &[f64]) -> Option<usize> {
        sizes.iter().position(|size| *size > 0.0)
    }

    #[test]
    fn a_fall_is_found_at_its_window_and_neither_a_rise_nor_a_steady_level() {
        let adwin = [
            ("clock", ParamValue::Integer(1)),
            ("delta", ParamValue::Float(1.0)),
        ];
        let page_hinkley = [("threshold", ParamValue::Float(0.2))];
        for (family, id, set, latest) in [
            (Watched::Anomaly, CHANGE_POINTS, &[][..], 40),
            (Watched::Anomaly, "robust_z", &[], 40),
            (Watched::Detector, "adwin", &adwin, 55),
            (Watched::Detector, "page_hinkley", &page_hinkley, 45),
            (Watched::Detector, "cusum", &[], 45),
            (Watched::Detector, "ewma", &[], 45),
        ] {
            let first = |step| first_of(&judged(family, id, set, &series(step)));
            let at = first(-0.5).expect(id);
            assert!((40..=latest).contains(&at), "{id} at {at}");
            assert_eq!(first(0.0), None, "{id}");
            assert_eq!(first(0.05), None, "{id}");
        }
    }

    #[test]
    fn windows_without_a_value_are_skipped() {
        let mut gaps = series(-0.2);
        gaps.insert(20, f64::NAN);
        gaps.insert(42, f64::NAN);
        let found = judged(Watched::Anomaly, CHANGE_POINTS, &[], &gaps);
        assert_eq!(first_of(&found), Some(41));
        assert!(found[20].is_nan() && found[42].is_nan());
        let method = Method::of(Watched::Detector, "cusum").expect("in the catalog");
        let found = method.judge(&gaps, SHARE, &method.defaults());
        assert_eq!(found[20], None);
        assert!(matches!(found[19], Some(Outcome::Undefined(_))));
    }

    #[test]
    fn what_cannot_have_signalled_is_not_judged() {
        let method = Method::of(Watched::Detector, "page_hinkley").expect("in the catalog");
        let found = method.judge(&[0.1; 31], ERROR, &method.defaults());
        let needed = Reason::TooFewWindows {
            needed: 30,
            found: 29,
        };
        assert_eq!(found[28], Some(Outcome::Undefined(needed)));
        assert!(matches!(found[29], Some(Outcome::Defined(_))));
    }

    #[test]
    fn equal_values_are_in_line() {
        let found = judged(Watched::Anomaly, "robust_z", &[], &[0.5; 20]);
        assert_eq!(found, [0.0; 20]);
    }
}
