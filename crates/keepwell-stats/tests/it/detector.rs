//! Laws of detectors.

use keepwell_core::params::Params;
use keepwell_stats::detector::{self, Detector, DetectorState, Signal};
use keepwell_testkit::catalog::{contrasts, variants};
use keepwell_testkit::conformance::Trial;
use keepwell_testkit::inputs::series;
use keepwell_testkit::random::Random;

use crate::exceptions::EXCEPTIONS;
use crate::vectors;

fn fresh(detector: &dyn Detector) -> Box<dyn DetectorState> {
    detector.start(&Params::defaults(detector.parameters()))
}

fn signals(state: &mut dyn DetectorState, series: &[f64]) -> Vec<Signal> {
    series.iter().map(|&value| state.update(value)).collect()
}

fn shared() -> Vec<(String, Vec<f64>)> {
    vectors::of("detector")
        .inputs
        .iter()
        .map(|(name, case)| (name.clone(), series(case)))
        .collect()
}

/// Errors of a classifier: 1 with this probability, else 0.
fn errors(n: usize, rate: f64, random: &mut Random) -> Vec<f64> {
    (0..n)
        .map(|_| f64::from(u8::from(random.bernoulli(rate))))
        .collect()
}

#[test]
fn reset_equals_fresh() {
    let mut trial = Trial::new("detector/reset", EXCEPTIONS);
    let shared = shared();
    for &detector in detector::ALL {
        let mut used = fresh(detector);
        for (case, series) in &shared {
            used.reset();
            let (again, first) = (
                signals(used.as_mut(), series),
                signals(fresh(detector).as_mut(), series),
            );
            trial.check(detector, again == first, || {
                format!("{case}: signals differ after a reset")
            });
        }
        used.reset();
        trial.check(detector, used.save() == fresh(detector).save(), || {
            "bytes differ after a reset".to_owned()
        });
    }
    trial.finish();
}

#[test]
fn a_saved_state_goes_on_as_if_never_interrupted() {
    let mut trial = Trial::new("detector/save_load", EXCEPTIONS);
    for (case, series) in shared() {
        for &detector in detector::ALL {
            for params in variants(detector.parameters()) {
                let expected = signals(detector.start(&params).as_mut(), &series);
                let mut state = detector.start(&params);
                let mut found = Vec::new();
                for part in series.chunks(37) {
                    found.extend(signals(state.as_mut(), part));
                    state = detector
                        .load(&params, &state.save())
                        .expect("what was saved can be loaded");
                }
                trial.check(detector, found == expected, || {
                    format!("{case}: signals differ after loading")
                });
            }
        }
    }
    trial.finish();
}

#[test]
fn other_bytes_are_refused() {
    let mut trial = Trial::new("detector/bytes", EXCEPTIONS);
    let mut random = Random::new(41);
    for &detector in detector::ALL {
        let params = Params::defaults(detector.parameters());
        let mut state = fresh(detector);
        signals(state.as_mut(), &errors(100, 0.2, &mut random));
        let bytes = state.save();
        for length in 0..bytes.len() {
            trial.check(
                detector,
                detector.load(&params, &bytes[..length]).is_err(),
                || format!("takes {length} of {} bytes for a state", bytes.len()),
            );
        }
        for _ in 0..2_000 {
            let mut damaged = bytes.clone();
            let place = random.below(damaged.len());
            damaged[place] = random.bits() as u8;
            if let Ok(mut state) = detector.load(&params, &damaged) {
                // Whatever was loaded must go on without a panic.
                signals(state.as_mut(), &[0.0, 1.0, 1e308, -1e308, 0.5]);
            }
        }
    }
    trial.finish();
}

#[test]
fn a_constant_stream_is_silent() {
    let mut trial = Trial::new("detector/constant", EXCEPTIONS);
    for level in [0.0, 1.0, 0.3, -3e5, 12345.678, 1e-9, 1e300] {
        for &detector in detector::ALL {
            let found = signals(fresh(detector).as_mut(), &vec![level; 5_000]);
            let idx = found.iter().position(|&signal| signal != Signal::Quiet);
            trial.check(detector, idx.is_none(), || {
                format!("signals at point {idx:?} of a constant {level}")
            });
        }
    }
    trial.finish();
}

#[test]
fn a_step_is_found_soon() {
    const SERIES: u32 = 60;
    const DELAY_MAX: usize = 400;
    let mut trial = Trial::new("detector/step", EXCEPTIONS);
    for &detector in detector::ALL {
        let mut random = Random::new(42);
        let mut found = 0;
        for _ in 0..SERIES {
            let mut state = fresh(detector);
            signals(state.as_mut(), &errors(1_000, 0.1, &mut random));
            let after = signals(state.as_mut(), &errors(DELAY_MAX, 0.5, &mut random));
            found += u32::from(after.contains(&Signal::Change));
        }
        trial.check(
            detector,
            f64::from(found) >= 0.95 * f64::from(SERIES),
            || format!("{found} of {SERIES} steps from 0.1 to 0.5 found within {DELAY_MAX} points"),
        );
    }
    trial.finish();
}

#[test]
fn false_alarms_are_rare() {
    const SERIES: u32 = 30;
    let mut trial = Trial::new("detector/false_alarms", EXCEPTIONS);
    for &detector in detector::ALL {
        let mut random = Random::new(43);
        let mut alarms = 0;
        for _ in 0..SERIES {
            let found = signals(fresh(detector).as_mut(), &errors(10_000, 0.1, &mut random));
            alarms += found
                .iter()
                .filter(|&&signal| signal == Signal::Change)
                .count();
        }
        let rate = alarms as f64 / f64::from(SERIES);
        trial.check(detector, rate <= 2.0, || {
            format!("{rate} false alarms in 10,000 points")
        });
    }
    trial.finish();
}

/// The false alarms in 10,000 points that the entries speak of under "When to use", with an interval that a
/// simulation of 60 series leaves.
const DOCUMENTED: &[(&str, Source, std::ops::RangeInclusive<f64>)] = &[
    ("cusum", Source::Normal, 0.0..=0.5),
    ("cusum", Source::Errors(0.1), 0.0..=1.0),
    ("cusum", Source::Errors(0.02), 1.5..=3.0),
    ("ddm", Source::Errors(0.1), 0.5..=1.8),
    ("eddm", Source::Errors(0.1), 10.0..=20.0),
    ("ewma", Source::Normal, 0.0..=0.5),
    ("ewma", Source::Errors(0.1), 0.0..=1.0),
    ("hddm_a", Source::Errors(0.1), 0.0..=0.5),
    ("hddm_w", Source::Errors(0.1), 0.0..=0.5),
    ("hddm_w", Source::Errors(0.5), 6.0..=10.0),
    ("kswin", Source::Normal, 8.0..=12.0),
];

/// The typical number of points, which the entries speak of there, from a change to its signal.
const DELAYS: &[(&str, [Source; 2], std::ops::RangeInclusive<usize>)] = &[
    ("cusum", [Source::Normal, Source::Raised], 22..=29),
    ("ewma", [Source::Normal, Source::Raised], 26..=34),
    (
        "hddm_a",
        [Source::Errors(0.1), Source::Errors(0.2)],
        400..=520,
    ),
];

#[derive(Debug, Clone, Copy)]
enum Source {
    /// Standard normal values.
    Normal,
    /// Such values and 1.
    Raised,
    /// Errors at this rate.
    Errors(f64),
}

impl Source {
    fn draw(self, random: &mut Random) -> f64 {
        match self {
            Self::Normal => random.normal(),
            Self::Raised => 1.0 + random.normal(),
            Self::Errors(rate) => f64::from(u8::from(random.bernoulli(rate))),
        }
    }
}

fn named(id: &str) -> &'static dyn Detector {
    *detector::ALL
        .iter()
        .find(|detector| detector.info().id == id)
        .expect("a detector of this id")
}

#[test]
fn documented_rates_of_false_alarms_hold() {
    const SERIES: u32 = 60;
    let mut trial = Trial::new("detector/documented_rates", EXCEPTIONS);
    for (id, source, expected) in DOCUMENTED {
        let detector = named(id);
        let mut random = Random::new(44);
        let mut alarms = 0_u32;
        for _ in 0..SERIES {
            let mut state = fresh(detector);
            for _ in 0..10_000 {
                alarms += u32::from(state.update(source.draw(&mut random)) == Signal::Change);
            }
        }
        let rate = f64::from(alarms) / f64::from(SERIES);
        trial.check(detector, expected.contains(&rate), || {
            format!("{rate} false alarms in 10,000 points of {source:?}, not {expected:?}")
        });
    }
    trial.finish();
}

#[test]
fn documented_delays_hold() {
    const SERIES: usize = 201;
    const POINTS_MAX: usize = 3_000;
    let mut trial = Trial::new("detector/documented_delays", EXCEPTIONS);
    for (id, [before, after], expected) in DELAYS {
        let detector = named(id);
        let mut random = Random::new(45);
        let mut delays: Vec<usize> = (0..SERIES)
            .map(|_| {
                let mut state = fresh(detector);
                for _ in 0..1_000 {
                    state.update(before.draw(&mut random));
                }
                (1..POINTS_MAX)
                    .find(|_| state.update(after.draw(&mut random)) == Signal::Change)
                    .unwrap_or(POINTS_MAX)
            })
            .collect();
        delays.sort_unstable();
        let median = delays[SERIES / 2];
        trial.check(detector, expected.contains(&median), || {
            format!("{median} points from {before:?} to {after:?}, not {expected:?}")
        });
    }
    trial.finish();
}

#[test]
fn points_that_are_not_finite_are_skipped() {
    let mut trial = Trial::new("detector/non_finite", EXCEPTIONS);
    for (case, series) in shared() {
        let holed: Vec<f64> = series
            .iter()
            .flat_map(|&value| [value, f64::NAN, f64::INFINITY, f64::NEG_INFINITY])
            .collect();
        for &detector in detector::ALL {
            let plain = signals(fresh(detector).as_mut(), &series);
            let found = signals(fresh(detector).as_mut(), &holed);
            let at_values: Vec<Signal> = found.iter().copied().step_by(4).collect();
            let is_quiet = found
                .chunks(4)
                .all(|group| group[1..].iter().all(|&signal| signal == Signal::Quiet));
            trial.check(detector, at_values == plain && is_quiet, || {
                format!("{case}: NaN or infinity made a difference")
            });
        }
    }
    trial.finish();
}

#[test]
fn every_parameter_changes_something() {
    let mut trial = Trial::new("detector/parameters", EXCEPTIONS);
    let shared = shared();
    for &detector in detector::ALL {
        for parameter in detector.parameters() {
            let pairs = contrasts(detector.parameters(), parameter.name);
            let has_effect = shared.iter().any(|(_, series)| {
                let run = |params: &Params| signals(detector.start(params).as_mut(), series);
                pairs.iter().any(|(left, right)| run(left) != run(right))
            });
            trial.check(detector, has_effect, || {
                format!("`{}` changes nothing", parameter.name)
            });
        }
    }
    trial.finish();
}
