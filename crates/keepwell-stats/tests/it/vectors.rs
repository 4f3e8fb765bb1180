//! Answers agree with the reference computations that the entries name.
//!
//! `cargo xtask vectors` makes the files that are read here.

use std::path::PathBuf;

use keepwell_core::catalog::Entry;
use keepwell_core::params::Params;
use keepwell_stats::profile::{Mode, TwoSample};
use keepwell_stats::{detector, drift, estimate, families, metric, quality};
use keepwell_testkit::agreement::{Tolerance, of_measure, of_readings};
use keepwell_testkit::catalog::{params_from_json, params_to_json, variants};
use keepwell_testkit::conformance::Trial;
use keepwell_testkit::inputs::{Pair, Rows, samples, series};
use keepwell_testkit::vectors::{Run, Vectors, changes};

use crate::exceptions::EXCEPTIONS;

/// The reference vectors of a family.
pub(crate) fn of(family: &str) -> Vectors {
    let file = format!("tests/vectors/{family}.json");
    Vectors::read(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file))
}

/// Calls `test` for each set of parameters of an entry.
fn for_each_run<E: Entry + ?Sized>(
    trial: &mut Trial,
    vectors: &Vectors,
    entry: &E,
    mut test: impl FnMut(&mut Trial, &Run, &Params),
) {
    let Some(stored) = vectors.entries.get(entry.info().id) else {
        trial.fail(entry, "has no vectors; run `cargo xtask vectors`");
        return;
    };
    for run in &stored.runs {
        match params_from_json(entry.parameters(), &run.params) {
            Some(params) => test(trial, run, &params),
            None => trial.fail(
                entry,
                format!(
                    "parameters changed since {}; run `cargo xtask vectors`",
                    run.params
                ),
            ),
        }
    }
}

#[test]
fn vectors_are_those_of_the_documented_oracles() {
    let mut trial = Trial::new("vectors/fresh", EXCEPTIONS);
    for family in families() {
        let vectors = of(family.id);
        for member in &family.members {
            let entry = member.entry;
            let Some(stored) = vectors.entries.get(entry.info().id) else {
                trial.fail(entry, "has no vectors; run `cargo xtask vectors`");
                continue;
            };
            trial.check(
                entry,
                entry.info().oracle().as_deref() == Some(stored.oracle.as_str()),
                || "the oracle changed; run `cargo xtask vectors`".to_owned(),
            );
            let declared: Vec<_> = variants(entry.parameters())
                .iter()
                .map(params_to_json)
                .collect();
            for run in &stored.runs {
                trial.check(entry, declared.contains(&run.params), || {
                    format!(
                        "no longer runs with {}; run `cargo xtask vectors`",
                        run.params
                    )
                });
            }
            let n_defined = stored
                .runs
                .iter()
                .flat_map(|run| run.cases.values())
                .filter(|answer| !answer.is_null())
                .count();
            trial.check(entry, n_defined > 0, || {
                "the oracle defines no case".to_owned()
            });
        }
    }
    trial.finish();
}

#[test]
fn metrics_agree() {
    let mut trial = Trial::new("vectors/metric", EXCEPTIONS);
    let vectors = of("metric");
    for &metric in metric::ALL {
        let tolerance = Tolerance::of(metric.info());
        for_each_run(&mut trial, &vectors, metric, |trial, run, params| {
            for (case, expected) in &run.cases {
                let outcomes = Rows::from_json(&vectors.inputs[case]).profile(Mode::Exact);
                let found = metric.evaluate(&outcomes, params);
                for difference in of_readings(expected, &found, tolerance) {
                    trial.fail(metric, format!("{case} {}: {difference}", run.params));
                }
            }
        });
    }
    trial.finish();
}

#[test]
fn drift_tests_agree() {
    let mut trial = Trial::new("vectors/drift", EXCEPTIONS);
    let vectors = of("drift");
    for &test in drift::ALL {
        let tolerance = Tolerance::of(test.info());
        for_each_run(&mut trial, &vectors, test, |trial, run, params| {
            for (case, expected) in &run.cases {
                let (reference, current) = samples(&vectors.inputs[case]);
                let pair = Pair::new(&reference, &current, Mode::Exact);
                let found = test.test(pair.sample(), params);
                if let Some(difference) = of_measure(expected, &found, tolerance) {
                    trial.fail(test, format!("{case} {}: {difference}", run.params));
                }
            }
        });
    }
    trial.finish();
}

#[test]
fn quality_checks_agree() {
    let mut trial = Trial::new("vectors/quality", EXCEPTIONS);
    let vectors = of("quality");
    for &check in quality::ALL {
        let tolerance = Tolerance::of(check.info());
        for_each_run(&mut trial, &vectors, check, |trial, run, params| {
            for (case, expected) in &run.cases {
                let (reference, current) = samples(&vectors.inputs[case]);
                let pair = Pair::new(&reference, &current, Mode::Exact);
                let found = check.check(pair.sample(), params);
                if let Some(difference) = of_measure(expected, &found, tolerance) {
                    trial.fail(check, format!("{case} {}: {difference}", run.params));
                }
            }
        });
    }
    trial.finish();
}

#[test]
fn detectors_agree() {
    let mut trial = Trial::new("vectors/detector", EXCEPTIONS);
    let vectors = of("detector");
    for &detector in detector::ALL {
        for_each_run(&mut trial, &vectors, detector, |trial, run, params| {
            for (case, expected) in &run.cases {
                let mut state = detector.start(params);
                let found: Vec<usize> = series(&vectors.inputs[case])
                    .into_iter()
                    .enumerate()
                    .filter(|&(_, value)| state.update(value) == detector::Signal::Change)
                    .map(|(idx, _)| idx)
                    .collect();
                let expected = changes(expected);
                trial.check(detector, expected == found, || {
                    format!(
                        "{case} {}: expected changes at {expected:?}; found {found:?}",
                        run.params
                    )
                });
            }
        });
    }
    trial.finish();
}

#[test]
fn estimators_agree() {
    let mut trial = Trial::new("vectors/estimate", EXCEPTIONS);
    let vectors = of("estimate");
    for &estimator in estimate::ALL {
        let tolerance = Tolerance::of(estimator.info());
        for_each_run(&mut trial, &vectors, estimator, |trial, run, params| {
            for (case, expected) in &run.cases {
                let input = &vectors.inputs[case];
                let reference = Rows::from_json(&input["reference"]).profile(Mode::Exact);
                let current = Rows::from_json(&input["current"]).without_targets();
                let current = current.profile(Mode::Exact);
                let sample = TwoSample {
                    reference: &reference,
                    current: &current,
                };
                let found = estimator.estimate(sample, params);
                for difference in of_readings(expected, &found, tolerance) {
                    trial.fail(estimator, format!("{case} {}: {difference}", run.params));
                }
            }
        });
    }
    trial.finish();
}
