//! Answers agree with the reference computations that the entries name.
//!
//! `cargo xtask vectors` makes the files that are read here.

use std::path::PathBuf;

use keepwell_core::catalog::Entry;
use keepwell_core::measure::Measure;
use keepwell_core::params::Params;
use keepwell_stats::metric::Metric;
use keepwell_stats::profile::{Mode, OutcomeProfile, TwoSample};
use keepwell_stats::{
    descriptor, detector, drift, estimate, families, metric, multiple, quality, table,
};
use keepwell_testkit::agreement::{Tolerance, of_measure, of_readings, of_table};
use keepwell_testkit::catalog::{params_from_json, params_to_json, variants};
use keepwell_testkit::conformance::Trial;
use keepwell_testkit::generation::Described;
use keepwell_testkit::inputs::{Pair, Rows, samples, series};
use keepwell_testkit::outcomes::of_case;
use keepwell_testkit::tables::Tables;
use keepwell_testkit::vectors::{Run, Vectors, changes, numbers};

use crate::exceptions::EXCEPTIONS;

/// The reference vectors of a family.
pub(crate) fn of(family: &str) -> Vectors {
    let file = format!("tests/vectors/{family}.json");
    Vectors::read(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file))
}

/// Calls `test` for each set of parameters of an entry.
pub(crate) fn for_each_run<E: Entry + ?Sized>(
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
    let mut trial = Trial::new("vectors/classification", EXCEPTIONS);
    let vectors = of("classification");
    for &metric in metric::classification::ALL {
        let tolerance = Tolerance::of(metric.info());
        for_each_run(&mut trial, &vectors, metric, |trial, run, params| {
            for (case, expected) in &run.cases {
                let outcomes = Rows::from_json(&vectors.inputs[case]).profile(Mode::Exact);
                let found = metric.evaluate(&outcomes.into(), params);
                for difference in of_readings(expected, &found, tolerance) {
                    trial.fail(metric, format!("{case} {}: {difference}", run.params));
                }
            }
        });
    }
    trial.finish();
}

/// Compares every metric of a family with its vectors.
fn compare_metrics(
    family: &str,
    law: &'static str,
    metrics: &[&dyn Metric],
    profile: impl Fn(&Vectors, &str) -> OutcomeProfile,
) {
    let mut trial = Trial::new(law, EXCEPTIONS);
    let vectors = of(family);
    for &metric in metrics {
        let tolerance = Tolerance::of(metric.info());
        for_each_run(&mut trial, &vectors, metric, |trial, run, params| {
            for (case, expected) in &run.cases {
                let found = metric.evaluate(&profile(&vectors, case), params);
                for difference in of_readings(expected, &found, tolerance) {
                    trial.fail(metric, format!("{case} {}: {difference}", run.params));
                }
            }
        });
    }
    trial.finish();
}

#[test]
fn regression_metrics_agree() {
    let metrics = metric::regression::ALL;
    compare_metrics(
        "regression",
        "vectors/regression",
        metrics,
        |vectors, case| of_case("regression", &vectors.inputs[case]).profile(Mode::Exact),
    );
}

#[test]
fn multilabel_metrics_agree() {
    let metrics = metric::multilabel::ALL;
    compare_metrics(
        "multilabel",
        "vectors/multilabel",
        metrics,
        |vectors, case| of_case("multilabel", &vectors.inputs[case]).profile(Mode::Exact),
    );
}

#[test]
fn ranking_metrics_agree() {
    let metrics = metric::ranking::ALL;
    compare_metrics("ranking", "vectors/ranking", metrics, |vectors, case| {
        of_case("ranking", &vectors.inputs[case]).profile(Mode::Exact)
    });
}

#[test]
fn text_metrics_agree() {
    compare_metrics(
        "text",
        "vectors/text",
        metric::text::ALL,
        |vectors, case| of_case("text", &vectors.inputs[case]).profile(Mode::Exact),
    );
}

#[test]
fn detection_metrics_agree() {
    let metrics = metric::detection::ALL;
    compare_metrics(
        "detection",
        "vectors/detection",
        metrics,
        |vectors, case| of_case("detection", &vectors.inputs[case]).profile(Mode::Exact),
    );
}

#[test]
fn descriptors_agree() {
    let mut trial = Trial::new("vectors/descriptor", EXCEPTIONS);
    let vectors = of("descriptor");
    for &descriptor in descriptor::ALL {
        let tolerance = Tolerance::of(descriptor.info());
        let (least, greatest) = descriptor.range();
        for_each_run(&mut trial, &vectors, descriptor, |trial, run, _| {
            for (case, expected) in &run.cases {
                let described = Described::from_json(&vectors.inputs[case]);
                let found = descriptor.describe(described.subject());
                if let Some(&value) = found.defined() {
                    trial.check(descriptor, (least..=greatest).contains(&value), || {
                        format!("{case}: {value} in [{least}, {greatest}]")
                    });
                }
                if let Some(difference) = of_measure(expected, &found.map(Measure::new), tolerance)
                {
                    trial.fail(descriptor, format!("{case}: {difference}"));
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
fn table_checks_agree() {
    let mut trial = Trial::new("vectors/table", EXCEPTIONS);
    let vectors = of("table");
    for &check in table::ALL {
        let tolerance = Tolerance::of(check.info());
        for_each_run(&mut trial, &vectors, check, |trial, run, params| {
            for (case, expected) in &run.cases {
                let tables = Tables::from_json(&vectors.inputs[case], Mode::Exact);
                let found = check.check(tables.sample(), params);
                for difference in of_table(expected, &found, tolerance) {
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

#[test]
fn corrections_agree() {
    let mut trial = Trial::new("vectors/multiple", EXCEPTIONS);
    let vectors = of("multiple");
    for &correction in multiple::ALL {
        let tolerance = Tolerance::of(correction.info());
        for_each_run(&mut trial, &vectors, correction, |trial, run, _| {
            for (case, expected) in &run.cases {
                let expected = numbers(&expected["adjusted"]);
                let found = correction.adjust(&numbers(&vectors.inputs[case]["p_values"]));
                let do_agree = expected.len() == found.len()
                    && expected
                        .iter()
                        .zip(&found)
                        .all(|(&expected, &found)| tolerance.accepts(expected, found));
                trial.check(correction, do_agree, || {
                    format!("{case}: expected {expected:?}; found {found:?}")
                });
            }
        });
    }
    trial.finish();
}
