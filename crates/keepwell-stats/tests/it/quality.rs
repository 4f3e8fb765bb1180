//! Laws of quality checks.

use keepwell_core::measure::Measure;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;
use keepwell_stats::profile::{ColumnProfile, Mode, TwoSample};
use keepwell_stats::quality::{self, QualityCheck};
use keepwell_testkit::catalog::contrasts;
use keepwell_testkit::conformance::Trial;
use keepwell_testkit::inputs::{Column, Pair, samples};
use keepwell_testkit::random::Random;
use keepwell_testkit::simulate::{KINDS, column};

use crate::drift::large;
use crate::exceptions::EXCEPTIONS;
use crate::vectors;

/// Every shared input of the family, changes of kind included.
fn shared() -> Vec<(String, Column, Column)> {
    vectors::of("quality")
        .inputs
        .iter()
        .map(|(name, case)| {
            let (reference, current) = samples(case);
            (name.clone(), reference, current)
        })
        .collect()
}

fn applies(check: &dyn QualityCheck, column: &Column) -> bool {
    check.kinds().contains(&column.kind)
}

fn run(check: &dyn QualityCheck, sample: TwoSample<'_, ColumnProfile>) -> Outcome<Measure> {
    check.check(sample, &Params::defaults(check.parameters()))
}

#[test]
fn clean_data_have_no_fault() {
    const PAIRS: u32 = 400;
    const LEVEL: f64 = 0.05;
    let mut trial = Trial::new("quality/clean", EXCEPTIONS);
    for kind in KINDS {
        let mut random = Random::new(31);
        let pairs: Vec<Pair> = (0..PAIRS)
            .map(|_| {
                let reference = column(kind, 500, 0.0, &mut random);
                let current = column(kind, 300, 0.0, &mut random);
                Pair::new(&reference, &current, Mode::Exact)
            })
            .collect();
        for &check in quality::ALL
            .iter()
            .filter(|check| check.kinds().contains(&kind))
        {
            let alarms = pairs
                .iter()
                .filter(|pair| match run(check, pair.sample()) {
                    Outcome::Defined(found) => {
                        found.value > 0.0 && found.p_value.is_none_or(|p| p <= LEVEL)
                    }
                    Outcome::Undefined(_) => true,
                })
                .count();
            let rate = alarms as f64 / f64::from(PAIRS);
            // Three standard errors of a share of 0.05 in 400 pairs are 0.033.
            trial.check(check, rate <= LEVEL + 0.033, || {
                format!("{kind}: a fault in {rate} of clean windows")
            });
        }
    }
    trial.finish();
}

#[test]
fn a_sample_has_no_fault_against_itself() {
    let mut trial = Trial::new("quality/identical", EXCEPTIONS);
    let mut random = Random::new(32);
    for kind in KINDS {
        let side = column(kind, 300, 0.0, &mut random);
        let pair = Pair::new(&side, &side, Mode::Exact);
        for &check in quality::ALL
            .iter()
            .filter(|check| check.kinds().contains(&kind))
        {
            let outcome = run(check, pair.sample());
            let is_clean = outcome.defined().is_some_and(|found| {
                found.value.abs() < 1e-12 && found.p_value.is_none_or(|p| p > 0.99)
            });
            trial.check(check, is_clean, || format!("{kind}: {outcome:?}"));
        }
    }
    trial.finish();
}

#[test]
fn each_fault_is_found_somewhere() {
    let mut trial = Trial::new("quality/power", EXCEPTIONS);
    let shared = shared();
    for &check in quality::ALL {
        let is_found = shared.iter().any(|(_, reference, current)| {
            let pair = Pair::new(reference, current, Mode::Exact);
            applies(check, reference)
                && run(check, pair.sample()).defined().is_some_and(|found| {
                    found.value > 0.0 && found.p_value.is_none_or(|p| p < 0.01)
                })
        });
        trial.check(check, is_found, || {
            "finds no fault in any shared input".to_owned()
        });
    }
    trial.finish();
}

#[test]
fn values_are_shares() {
    let mut trial = Trial::new("quality/range", EXCEPTIONS);
    for (case, reference, current) in shared().into_iter().chain(large()) {
        for mode in [Mode::Exact, Mode::Sketched] {
            let pair = Pair::new(&reference, &current, mode);
            for &check in quality::ALL
                .iter()
                .filter(|check| applies(**check, &reference))
            {
                if let Outcome::Defined(found) = run(check, pair.sample()) {
                    let is_share = |share: f64| (0.0..=1.0).contains(&share);
                    let mut is_sound = is_share(found.value) && found.p_value.is_none_or(is_share);
                    if let Some(interval) = found.interval {
                        is_sound &= is_share(interval.lower) && is_share(interval.upper);
                        is_sound &= interval.lower <= found.value && found.value <= interval.upper;
                    }
                    trial.check(check, is_sound, || format!("{case}: {found:?}"));
                }
            }
        }
    }
    trial.finish();
}

#[test]
fn sketched_profiles_are_within_their_stated_error() {
    let mut trial = Trial::new("quality/sketched", EXCEPTIONS);
    for (case, reference, current) in shared().into_iter().chain(large()) {
        let exact = Pair::new(&reference, &current, Mode::Exact);
        let sketched = Pair::new(&reference, &current, Mode::Sketched);
        for &check in quality::ALL
            .iter()
            .filter(|check| applies(**check, &reference))
        {
            let (exact, sketched) = (run(check, exact.sample()), run(check, sketched.sample()));
            if let (Some(exact), Some(sketched)) = (exact.defined(), sketched.defined()) {
                let bound = sketched.error_bound.unwrap_or(0.0);
                let error = (exact.value - sketched.value).abs();
                trial.check(check, error <= bound + 1e-9, || {
                    format!(
                        "{case}: {} is off by {error}, stated {bound}",
                        sketched.value
                    )
                });
            } else if exact.defined().is_none() {
                trial.check(check, sketched.defined().is_none(), || {
                    format!("{case}: exact {exact:?}, sketched {sketched:?}")
                });
            }
        }
    }
    trial.finish();
}

#[test]
fn nothing_is_undefined_with_a_reason() {
    let mut trial = Trial::new("quality/empty", EXCEPTIONS);
    let mut random = Random::new(33);
    for kind in KINDS {
        let some = column(kind, 50, 0.0, &mut random);
        let none = column(kind, 0, 0.0, &mut random);
        for reference in [&some, &none] {
            let pair = Pair::new(reference, &none, Mode::Exact);
            for &check in quality::ALL
                .iter()
                .filter(|check| check.kinds().contains(&kind))
            {
                let outcome = run(check, pair.sample());
                trial.check(check, outcome.reason().is_some(), || {
                    format!("{kind}: a window without rows gave {outcome:?}")
                });
            }
        }
    }
    trial.finish();
}

#[test]
fn order_and_partition_do_not_matter() {
    let mut trial = Trial::new("quality/split_merge", EXCEPTIONS);
    let mut random = Random::new(34);
    for (case, reference, current) in shared() {
        let mut shuffled = current.clone();
        random.shuffle(&mut shuffled.cells);
        let rest = Column {
            kind: shuffled.kind,
            cells: shuffled
                .cells
                .split_off(random.below(shuffled.cells.len() + 1)),
        };
        let mut merged = rest.profile(Mode::Exact);
        merged
            .merge(shuffled.profile(Mode::Exact))
            .expect("one kind and mode");
        merged.seal();
        let pair = Pair::new(&reference, &current, Mode::Exact);
        for &check in quality::ALL
            .iter()
            .filter(|check| applies(**check, &reference))
        {
            let whole = run(check, pair.sample());
            let parts = run(
                check,
                TwoSample {
                    reference: pair.sample().reference,
                    current: &merged,
                },
            );
            trial.check(check, whole == parts, || {
                format!("{case}: {whole:?}, in two parts {parts:?}")
            });
        }
    }
    trial.finish();
}

#[test]
fn every_parameter_changes_something() {
    let mut trial = Trial::new("quality/parameters", EXCEPTIONS);
    let shared = shared();
    for &check in quality::ALL {
        for parameter in check.parameters() {
            let pairs = contrasts(check.parameters(), parameter.name);
            let has_effect = shared
                .iter()
                .filter(|(_, reference, _)| applies(check, reference))
                .any(|(_, reference, current)| {
                    let samples = Pair::new(reference, current, Mode::Exact);
                    let run = |params: &Params| check.check(samples.sample(), params);
                    pairs.iter().any(|(left, right)| run(left) != run(right))
                });
            trial.check(check, has_effect, || {
                format!("`{}` changes nothing", parameter.name)
            });
        }
    }
    trial.finish();
}
