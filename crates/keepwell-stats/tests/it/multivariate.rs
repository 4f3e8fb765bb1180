//! Multivariate tests agree with their references and keep the laws of the family.

use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_stats::multivariate::{self, Comparison, MultivariateTest};
use keepwell_stats::profile::TwoSample;
use keepwell_stats::profile::row_sample::{Names, RowSample, SampleValues, Vectors};
use keepwell_testkit::agreement::{Tolerance, of_measure};
use keepwell_testkit::conformance::Trial;
use keepwell_testkit::random::Random;
use keepwell_testkit::rows::{from_json, sample};

use crate::exceptions::EXCEPTIONS;
use crate::vectors;

fn compare(
    test: &dyn MultivariateTest,
    reference: &RowSample,
    current: &RowSample,
) -> Outcome<Comparison> {
    let params = Params::defaults(test.parameters());
    test.test(TwoSample { reference, current }, &params)
}

fn p_value(test: &dyn MultivariateTest, reference: &RowSample, current: &RowSample) -> f64 {
    let found = compare(test, reference, current);
    let found = found.defined().expect("enough rows");
    found.measure.p_value.expect("has a law")
}

#[test]
fn multivariate_tests_agree() {
    let mut trial = Trial::new("vectors/multivariate", EXCEPTIONS);
    let vectors = vectors::of("multivariate");
    for &test in multivariate::ALL {
        let tolerance = Tolerance::of(test.info());
        vectors::for_each_run(&mut trial, &vectors, test, |trial, run, params| {
            for (case, expected) in &run.cases {
                let input = &vectors.inputs[case];
                let (reference, current) =
                    (from_json(&input["reference"]), from_json(&input["current"]));
                let sample = TwoSample {
                    reference: &reference,
                    current: &current,
                };
                let found = test.test(sample, params).map(|found| found.measure);
                if let Some(difference) = of_measure(expected, &found, tolerance) {
                    trial.fail(test, format!("{case} {}: {difference}", run.params));
                }
            }
        });
    }
    trial.finish();
}

#[test]
fn answers_are_complete_and_in_range() {
    let mut trial = Trial::new("multivariate/range", EXCEPTIONS);
    let vectors = vectors::of("multivariate");
    for (case, input) in &vectors.inputs {
        let (reference, current) = (from_json(&input["reference"]), from_json(&input["current"]));
        for &test in multivariate::ALL {
            let Outcome::Defined(found) = compare(test, &reference, &current) else {
                continue;
            };
            let (least, greatest) = test.range();
            let measure = found.measure;
            let p_value = measure.p_value.unwrap_or(-1.0);
            let is_right = (least..=greatest).contains(&measure.value)
                && (0.0..=1.0).contains(&p_value)
                && measure.interval.is_none_or(|interval| {
                    interval.lower <= measure.value && measure.value <= interval.upper
                });
            trial.check(test, is_right, || format!("{case}: {measure:?}"));
            let total: f64 = found.columns.iter().map(|part| part.share).sum();
            let is_sum = found.columns.is_empty() || (total - 1.0).abs() < 1e-12;
            let is_sorted = found.columns.is_sorted_by(|a, b| a.share >= b.share);
            trial.check(test, is_sum && is_sorted, || {
                format!("{case}: shares of columns {:?}", found.columns)
            });
        }
    }
    trial.finish();
}

#[test]
fn reasons_for_samples_that_cannot_be_compared() {
    let mut trial = Trial::new("multivariate/reasons", EXCEPTIONS);
    let column = |name: &str, n: usize| {
        sample([(
            name,
            SampleValues::Numbers((0..n).map(|idx| idx as f64).collect()),
        )])
    };
    for &test in multivariate::ALL {
        for (reference, current, expected) in [
            (column("x", 0), column("x", 100), Reason::NoReference),
            (column("x", 100), column("x", 0), Reason::NoRows),
            (column("x", 100), column("y", 100), Reason::ColumnAbsent),
        ] {
            let found = compare(test, &reference, &current);
            trial.check(test, found.reason() == Some(&expected), || {
                format!("expected `{expected}`; found {:?}", found.reason())
            });
        }
        let found = compare(test, &column("x", 100), &column("x", 5));
        let is_too_few = matches!(found.reason(), Some(Reason::TooFewRows { found: 5, .. }));
        trial.check(test, is_too_few, || format!("{found:?}"));
    }
    trial.finish();
}

/// Four numbers of which two are correlated, a flag, and names, one of them rare.
fn mixed(n: usize, correlation: f64, random: &mut Random) -> RowSample {
    let mut numbers = vec![Vec::new(); 4];
    let (mut flags, mut names) = (Vec::new(), Vec::new());
    for _ in 0..n {
        let x = random.normal();
        numbers[0].push(x);
        numbers[1]
            .push(correlation * x + (1.0 - correlation * correlation).sqrt() * random.normal());
        numbers[2].push(random.normal().exp());
        numbers[3].push(if random.bernoulli(0.1) {
            f64::NAN
        } else {
            random.uniform()
        });
        flags.push(Some(random.bernoulli(0.3)));
        names.push(Some(format!("name {}", random.zipf(60))));
    }
    let mut columns: Vec<(String, SampleValues)> = numbers
        .into_iter()
        .enumerate()
        .map(|(idx, values)| (format!("x{idx}"), SampleValues::Numbers(values)))
        .collect();
    columns.push(("flag".to_owned(), SampleValues::Flags(flags)));
    columns.push(("name".to_owned(), SampleValues::Names(Names::of(&names))));
    sample(columns)
}

#[test]
fn false_alarms_are_as_rare_as_the_level_says() {
    let mut trial = Trial::new("multivariate/false_alarms", EXCEPTIONS);
    for &test in multivariate::ALL {
        for (n, m) in [(60, 60), (300, 120)] {
            let mut random = Random::new(81);
            let runs = 200;
            let alarms = (0..runs)
                .filter(|_| {
                    let reference = mixed(n, 0.7, &mut random);
                    let current = mixed(m, 0.7, &mut random);
                    p_value(test, &reference, &current) <= 0.05
                })
                .count();
            // 10 are expected; three standard deviations are 9.
            trial.check(test, alarms <= 19, || {
                format!("{alarms} alarms in {runs} windows of {m} rows at level 0.05")
            });
        }
    }
    trial.finish();
}

#[test]
fn a_joint_change_that_no_column_shows_is_found() {
    let mut trial = Trial::new("multivariate/joint_change", EXCEPTIONS);
    for &test in multivariate::ALL {
        let mut random = Random::new(82);
        let runs = 20;
        let (mut found, mut named) = (0, 0);
        for _ in 0..runs {
            let reference = mixed(1_000, 0.8, &mut random);
            let current = mixed(1_000, -0.8, &mut random);
            let comparison = compare(test, &reference, &current);
            let comparison = comparison.defined().expect("enough rows");
            found += u32::from(
                comparison
                    .measure
                    .p_value
                    .is_some_and(|p_value| p_value <= 0.01),
            );
            let first: Vec<&str> = comparison
                .columns
                .iter()
                .take(2)
                .map(|part| part.column.as_str())
                .collect();
            named +=
                u32::from(first.is_empty() || (first.contains(&"x0") && first.contains(&"x1")));
        }
        trial.check(test, found >= 19, || {
            format!("{found} of {runs} flips of a correlation found")
        });
        trial.check(test, named >= 19, || {
            format!("columns named in {named} of {runs} runs")
        });
    }
    trial.finish();
}

/// Embeddings about `centre`.
fn embeddings(n: usize, centre: f64, random: &mut Random) -> RowSample {
    let width = 16;
    let values = (0..n * width).map(|_| centre + random.normal()).collect();
    sample([(
        "embedding",
        SampleValues::Vectors(Vectors { width, values }),
    )])
}

#[test]
fn shifted_embeddings_are_found() {
    let mut trial = Trial::new("multivariate/embeddings", EXCEPTIONS);
    let mut random = Random::new(83);
    let reference = embeddings(400, 0.0, &mut random);
    let (same, moved) = (
        embeddings(300, 0.0, &mut random),
        embeddings(300, 0.3, &mut random),
    );
    for &test in multivariate::ALL {
        // One that reads texts only has nothing to read.
        if compare(test, &reference, &same).reason() == Some(&Reason::NotApplicable) {
            continue;
        }
        let quiet = p_value(test, &reference, &same);
        trial.check(test, quiet > 0.01, || {
            format!("p-value {quiet} without a change")
        });
        // A shift of all components lies within the principal components of none of them.
        if test.info().id != "pca_reconstruction_error" {
            let found = p_value(test, &reference, &moved);
            trial.check(test, found <= 0.01, || {
                format!("p-value {found} of a shift")
            });
        }
    }
    trial.finish();
}

#[test]
fn the_same_samples_have_the_same_answer() {
    let mut trial = Trial::new("multivariate/deterministic", EXCEPTIONS);
    let mut random = Random::new(84);
    let (reference, current) = (mixed(200, 0.5, &mut random), mixed(150, 0.2, &mut random));
    for &test in multivariate::ALL {
        let is_same = compare(test, &reference, &current) == compare(test, &reference, &current);
        trial.check(test, is_same, || "two answers differ".to_owned());
    }
    trial.finish();
}

#[test]
fn a_column_of_keys_is_no_alarm() {
    // Every row has a name of its own, on both sides: nothing that one could learn.
    let keys = |prefix: &str| {
        let names: Vec<Option<String>> =
            (0..200).map(|idx| Some(format!("{prefix}{idx}"))).collect();
        sample([("key", SampleValues::Names(Names::of(&names)))])
    };
    let test = multivariate::ALL
        .iter()
        .find(|test| test.info().id == "domain_classifier")
        .expect("in the catalog");
    let found = p_value(*test, &keys("a"), &keys("b"));
    assert!(found > 0.05, "p-value {found}");
}
