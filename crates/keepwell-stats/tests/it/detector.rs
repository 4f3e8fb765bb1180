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
