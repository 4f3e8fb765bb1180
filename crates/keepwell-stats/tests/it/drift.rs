//! Laws of drift tests.

use std::collections::BTreeSet;

use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;
use keepwell_stats::drift::{self, DriftTest};
use keepwell_stats::profile::{ColumnProfile, Mode, TwoSample};
use keepwell_testkit::catalog::contrasts;
use keepwell_testkit::conformance::Trial;
use keepwell_testkit::inputs::{Column, Pair, samples};
use keepwell_testkit::random::Random;
use keepwell_testkit::simulate::{KINDS, column};

use crate::exceptions::EXCEPTIONS;
use crate::vectors;

/// Two samples with a name.
pub(crate) type Case = (String, Column, Column);

/// The shared inputs that are of one kind on both sides.
pub(crate) fn shared() -> Vec<Case> {
    vectors::of("drift")
        .inputs
        .iter()
        .map(|(name, case)| {
            let (reference, current) = samples(case);
            (name.clone(), reference, current)
        })
        .filter(|(_, reference, current)| reference.kind == current.kind)
        .collect()
}

/// Larger samples, with which a sketch has to drop values, with and without a shift.
pub(crate) fn large() -> Vec<Case> {
    let mut random = Random::new(21);
    let mut all = Vec::new();
    for kind in KINDS {
        for shift in [0.0, 0.1] {
            let reference = column(kind, 30_000, 0.0, &mut random);
            let current = column(kind, 12_000, shift, &mut random);
            all.push((format!("large_{kind}_{shift}"), reference, current));
        }
    }
    let names = |n: usize, random: &mut Random| {
        Column::categorical((0..n).map(|_| format!("k{}", random.zipf(600))))
    };
    let (reference, current) = (names(12_000, &mut random), names(6_000, &mut random));
    all.push(("large_many_categories".to_owned(), reference, current));
    let lognormal =
        |n: usize, random: &mut Random| Column::numeric((0..n).map(|_| random.normal().exp()));
    let (reference, current) = (
        lognormal(20_000, &mut random),
        lognormal(20_000, &mut random),
    );
    all.push(("large_skewed".to_owned(), reference, current));
    all
}

fn defaults(test: &dyn DriftTest) -> Params {
    Params::defaults(test.parameters())
}

fn applies(test: &dyn DriftTest, column: &Column) -> bool {
    test.kinds().contains(&column.kind)
}

fn run(test: &dyn DriftTest, sample: TwoSample<'_, ColumnProfile>) -> Outcome<Measure> {
    test.test(sample, &defaults(test))
}

/// Whether two outcomes agree up to rounding, both in value and in p-value.
fn agree(left: &Outcome<Measure>, right: &Outcome<Measure>) -> bool {
    let (Outcome::Defined(left), Outcome::Defined(right)) = (left, right) else {
        return left == right;
    };
    let is_close = |left: f64, right: f64| (left - right).abs() <= 1e-12 + 1e-9 * left.abs();
    is_close(left.value, right.value)
        && match (left.p_value, right.p_value) {
            (Some(left), Some(right)) => is_close(left, right),
            (left, right) => left.is_none() && right.is_none(),
        }
}

#[test]
fn identical_samples_do_not_differ() {
    let mut trial = Trial::new("drift/identical", EXCEPTIONS);
    for (case, reference, current) in shared().into_iter().chain(large()) {
        for side in [reference, current] {
            for mode in [Mode::Exact, Mode::Sketched] {
                let pair = Pair::new(&side, &side, mode);
                for &test in drift::ALL.iter().filter(|test| applies(**test, &side)) {
                    let outcome = run(test, pair.sample());
                    let Outcome::Defined(measure) = &outcome else {
                        continue;
                    };
                    trial.check(test, measure.value.abs() <= 1e-12, || {
                        format!("{case}: value {} of a sample and itself", measure.value)
                    });
                    trial.check(test, measure.p_value.is_none_or(|p| p >= 0.99), || {
                        format!(
                            "{case}: p-value {:?} of a sample and itself",
                            measure.p_value
                        )
                    });
                }
            }
        }
    }
    trial.finish();
}

#[test]
fn symmetry_is_as_declared() {
    let mut trial = Trial::new("drift/symmetry", EXCEPTIONS);
    let shared = shared();
    for &test in drift::ALL {
        let mut has_difference = false;
        for (case, reference, current) in &shared {
            if !applies(test, reference) {
                continue;
            }
            let pair = Pair::new(reference, current, Mode::Exact);
            let (there, back) = (run(test, pair.sample()), run(test, pair.exchanged()));
            let is_undefined = there.reason().is_some() && back.reason().is_some();
            let is_equal = is_undefined || agree(&there, &back);
            has_difference |= !is_equal;
            trial.check(test, is_equal || !test.is_symmetric(), || {
                format!("{case}: {there:?}, exchanged {back:?}")
            });
        }
        trial.check(test, has_difference || test.is_symmetric(), || {
            "declares itself asymmetric, but no shared input shows it".to_owned()
        });
    }
    trial.finish();
}

#[test]
fn order_and_partition_do_not_matter() {
    let mut trial = Trial::new("drift/split_merge", EXCEPTIONS);
    let mut random = Random::new(22);
    for (case, reference, current) in shared() {
        let mut shuffled = current.clone();
        random.shuffle(&mut shuffled.cells);
        let rest = shuffled
            .cells
            .split_off(random.below(shuffled.cells.len() + 1));
        let rest = Column {
            kind: shuffled.kind,
            cells: rest,
        };
        let mut merged = rest.profile(Mode::Exact);
        merged
            .merge(shuffled.profile(Mode::Exact))
            .expect("one kind and mode");
        merged.seal();
        let pair = Pair::new(&reference, &current, Mode::Exact);
        for &test in drift::ALL.iter().filter(|test| applies(**test, &reference)) {
            let whole = run(test, pair.sample());
            let parts = run(
                test,
                TwoSample {
                    reference: pair.sample().reference,
                    current: &merged,
                },
            );
            trial.check(test, agree(&whole, &parts), || {
                format!("{case}: {whole:?}, in two parts {parts:?}")
            });
        }
    }
    trial.finish();
}

#[test]
fn bytes_bring_back_the_same_answer() {
    let mut trial = Trial::new("drift/codec", EXCEPTIONS);
    for (case, reference, current) in shared().into_iter().chain(large()) {
        for mode in [Mode::Exact, Mode::Sketched] {
            let pair = Pair::new(&reference, &current, mode);
            let back = |profile: &ColumnProfile| {
                ColumnProfile::decode(&profile.encode()).expect("our own bytes")
            };
            let (reference_back, current_back) =
                (back(pair.sample().reference), back(pair.sample().current));
            for &test in drift::ALL.iter().filter(|test| applies(**test, &reference)) {
                let before = run(test, pair.sample());
                let after = run(
                    test,
                    TwoSample {
                        reference: &reference_back,
                        current: &current_back,
                    },
                );
                trial.check(test, before == after, || {
                    format!("{case}: {before:?} became {after:?}")
                });
            }
        }
    }
    trial.finish();
}

#[test]
fn sketched_profiles_are_within_their_stated_error() {
    let mut trial = Trial::new("drift/sketched", EXCEPTIONS);
    for (case, reference, current) in shared().into_iter().chain(large()) {
        let exact = Pair::new(&reference, &current, Mode::Exact);
        let sketched = Pair::new(&reference, &current, Mode::Sketched);
        let has_dropped = match sketched.sample().reference {
            ColumnProfile::Numeric(profile) => profile.distribution().rank_error() > 0.0,
            _ => false,
        };
        for &test in drift::ALL.iter().filter(|test| applies(**test, &reference)) {
            let (exact, sketched) = (run(test, exact.sample()), run(test, sketched.sample()));
            match (&exact, &sketched) {
                (Outcome::Defined(exact), Outcome::Defined(sketched)) => {
                    let bound = sketched.error_bound.unwrap_or(0.0);
                    let error = (exact.value - sketched.value).abs();
                    let is_within = error <= bound + 1e-12 + 1e-9 * exact.value.abs();
                    trial.check(test, is_within, || {
                        format!(
                            "{case}: {} is off by {error}, stated {bound}",
                            sketched.value
                        )
                    });
                    trial.check(test, exact.error_bound.is_none(), || {
                        format!("{case}: an exact profile has no error")
                    });
                    trial.check(test, sketched.error_bound.is_some() || !has_dropped, || {
                        format!("{case}: a sketched profile has an error to state")
                    });
                }
                // A sketch may hold too little to answer, but only where there is too much to hold.
                (_, Outcome::Undefined(Reason::TooManyCategories { .. })) => {}
                (_, Outcome::Undefined(Reason::Sketched)) if has_dropped => {}
                (exact, sketched) => {
                    trial.check(test, exact == sketched, || {
                        format!("{case}: exact {exact:?}, sketched {sketched:?}")
                    });
                }
            }
        }
    }
    trial.finish();
}

#[test]
fn false_alarms_are_as_rare_as_the_level_says() {
    const PAIRS: u32 = 600;
    const LEVEL: f64 = 0.05;
    let mut trial = Trial::new("drift/false_alarms", EXCEPTIONS);
    for kind in KINDS {
        for (n_reference, n_current) in [(400, 60), (60, 80)] {
            let mut random = Random::new(23);
            let pairs: Vec<Pair> = (0..PAIRS)
                .map(|_| {
                    let reference = column(kind, n_reference, 0.0, &mut random);
                    let current = column(kind, n_current, 0.0, &mut random);
                    Pair::new(&reference, &current, Mode::Exact)
                })
                .collect();
            for &test in drift::ALL
                .iter()
                .filter(|test| test.kinds().contains(&kind))
            {
                let alarms = pairs
                    .iter()
                    .filter_map(|pair| run(test, pair.sample()).defined()?.p_value)
                    .filter(|&p_value| p_value <= LEVEL)
                    .count();
                let rate = alarms as f64 / f64::from(PAIRS);
                // Three standard errors of a share of 0.05 in 600 pairs are 0.027.
                trial.check(test, rate <= LEVEL + 0.027, || {
                    format!("{kind}, {n_reference} and {n_current} rows: false alarms {rate}")
                });
            }
        }
    }
    trial.finish();
}

#[test]
fn a_plain_difference_is_seen() {
    let mut trial = Trial::new("drift/power", EXCEPTIONS);
    let mut random = Random::new(24);
    let mut seen = BTreeSet::new();
    for kind in KINDS {
        let reference = column(kind, 800, 0.0, &mut random);
        let same = column(kind, 500, 0.0, &mut random);
        let moved = column(kind, 500, 1.0, &mut random);
        let same = Pair::new(&reference, &same, Mode::Exact);
        let moved = Pair::new(&reference, &moved, Mode::Exact);
        for &test in drift::ALL
            .iter()
            .filter(|test| test.kinds().contains(&kind))
        {
            let (same, moved) = (run(test, same.sample()), run(test, moved.sample()));
            // A kind may hold columns to which a test does not apply, but not every kind.
            let does_not_apply = Some(&Reason::NotApplicable);
            if same.reason() == does_not_apply && moved.reason() == does_not_apply {
                continue;
            }
            let (Some(same), Some(moved)) = (same.defined(), moved.defined()) else {
                trial.fail(test, format!("{kind}: {same:?}, moved {moved:?}"));
                continue;
            };
            seen.insert(test.info().id);
            trial.check(test, moved.value > 3.0 * same.value, || {
                format!(
                    "{kind}: value {} when moved, {} when not",
                    moved.value, same.value
                )
            });
            trial.check(test, moved.p_value.is_none_or(|p| p < 1e-6), || {
                format!("{kind}: p-value {:?} when moved", moved.p_value)
            });
        }
    }
    for &test in drift::ALL {
        let is_simulated = KINDS.iter().any(|kind| test.kinds().contains(kind));
        trial.check(test, !is_simulated || seen.contains(test.info().id), || {
            "applies to no sample".to_owned()
        });
    }
    trial.finish();
}

#[test]
fn values_are_in_range() {
    let mut trial = Trial::new("drift/range", EXCEPTIONS);
    for (case, reference, current) in shared().into_iter().chain(large()) {
        for mode in [Mode::Exact, Mode::Sketched] {
            let pair = Pair::new(&reference, &current, mode);
            for &test in drift::ALL.iter().filter(|test| applies(**test, &reference)) {
                let (least, greatest) = test.range();
                if let Outcome::Defined(measure) = run(test, pair.sample()) {
                    let value = measure.value;
                    let bound = measure.error_bound.unwrap_or(0.0);
                    let is_sound = value.is_finite()
                        && least <= value
                        && value <= greatest
                        && bound >= 0.0
                        && measure.p_value.is_none_or(|p| (0.0..=1.0).contains(&p));
                    trial.check(test, is_sound, || {
                        format!("{case}: {measure:?} in [{least}, {greatest}]")
                    });
                }
            }
        }
    }
    trial.finish();
}

#[test]
fn nothing_is_undefined_with_a_reason() {
    let mut trial = Trial::new("drift/empty", EXCEPTIONS);
    let mut random = Random::new(25);
    for kind in KINDS {
        let some = column(kind, 50, 0.0, &mut random);
        let none = column(kind, 0, 0.0, &mut random);
        for (reference, current, expected) in [
            (&some, &none, Reason::NoRows),
            (&none, &some, Reason::NoReference),
        ] {
            let pair = Pair::new(reference, current, Mode::Exact);
            for &test in drift::ALL
                .iter()
                .filter(|test| test.kinds().contains(&kind))
            {
                let outcome = run(test, pair.sample());
                trial.check(test, outcome.reason() == Some(&expected), || {
                    format!("{kind}: expected undefined ({expected}); found {outcome:?}")
                });
            }
        }
        let pair = Pair::new(&none, &none, Mode::Exact);
        for &test in drift::ALL
            .iter()
            .filter(|test| test.kinds().contains(&kind))
        {
            let outcome = run(test, pair.sample());
            trial.check(test, outcome.reason().is_some(), || {
                format!("{kind}: nothing and nothing gave {outcome:?}")
            });
        }
    }
    trial.finish();
}

#[test]
fn other_kinds_are_undefined() {
    let mut trial = Trial::new("drift/kinds", EXCEPTIONS);
    let mut random = Random::new(26);
    let mut columns: Vec<ColumnProfile> = KINDS
        .iter()
        .map(|&kind| column(kind, 50, 0.0, &mut random).profile(Mode::Exact))
        .collect();
    columns.push(ColumnProfile::new(Kind::Timestamp, Mode::Exact));
    columns.push(ColumnProfile::new(Kind::Unsupported, Mode::Exact));
    for &test in drift::ALL {
        for reference in &columns {
            for current in &columns {
                let is_known = test.kinds().contains(&reference.kind());
                if is_known && reference.kind() == current.kind() {
                    continue;
                }
                let outcome = run(test, TwoSample { reference, current });
                trial.check(test, outcome.reason().is_some(), || {
                    let (reference, current) = (reference.kind(), current.kind());
                    format!("{reference} and {current}: {outcome:?}")
                });
            }
        }
    }
    trial.finish();
}

#[test]
fn every_parameter_changes_something() {
    let mut trial = Trial::new("drift/parameters", EXCEPTIONS);
    let shared = shared();
    for &test in drift::ALL {
        for parameter in test.parameters() {
            let pairs = contrasts(test.parameters(), parameter.name);
            let has_effect = shared
                .iter()
                .filter(|(_, reference, _)| applies(test, reference))
                .any(|(_, reference, current)| {
                    let samples = Pair::new(reference, current, Mode::Exact);
                    let run = |params: &Params| test.test(samples.sample(), params);
                    pairs.iter().any(|(left, right)| run(left) != run(right))
                });
            trial.check(test, has_effect, || {
                format!("`{}` changes nothing", parameter.name)
            });
        }
    }
    trial.finish();
}
