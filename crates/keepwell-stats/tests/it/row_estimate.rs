//! Estimators on rows agree with their references, and with the errors that are found later.

use std::collections::BTreeMap;

use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_stats::estimate::rows::{self, RegressionRows, RowEstimator};
use keepwell_stats::metric::Reading;
use keepwell_stats::profile::TwoSample;
use keepwell_stats::profile::row_sample::RowSample;
use keepwell_testkit::agreement::{Tolerance, key_of, of_readings};
use keepwell_testkit::conformance::Trial;
use keepwell_testkit::random::Random;
use keepwell_testkit::rows::{numbers, regression_from_json};

use crate::exceptions::EXCEPTIONS;
use crate::vectors;

/// One side, owned.
struct Side {
    features: RowSample,
    predictions: Vec<f64>,
    targets: Vec<f64>,
}

impl Side {
    fn rows(&self) -> RegressionRows<'_> {
        RegressionRows {
            features: &self.features,
            predictions: &self.predictions,
            targets: &self.targets,
        }
    }
}

fn estimate(
    estimator: &dyn RowEstimator,
    reference: &Side,
    current: &Side,
    params: &Params,
) -> Vec<Reading> {
    let sample = TwoSample {
        reference: &reference.rows(),
        current: &current.rows(),
    };
    estimator.estimate(sample, params)
}

fn by_default(
    estimator: &dyn RowEstimator,
    reference: &Side,
    current: &Side,
) -> BTreeMap<String, Outcome<Measure>> {
    let params = Params::defaults(estimator.parameters());
    estimate(estimator, reference, current, &params)
        .into_iter()
        .map(|reading| (key_of(&reading), reading.outcome))
        .collect()
}

#[test]
fn row_estimators_agree() {
    let mut trial = Trial::new("vectors/row_estimate", EXCEPTIONS);
    let vectors = vectors::of("row_estimate");
    let side = |case| {
        let (features, predictions, targets) = regression_from_json(case);
        Side {
            features,
            predictions,
            targets,
        }
    };
    for &estimator in rows::ALL {
        let tolerance = Tolerance::of(estimator.info());
        vectors::for_each_run(&mut trial, &vectors, estimator, |trial, run, params| {
            for (case, expected) in &run.cases {
                let input = &vectors.inputs[case];
                let (reference, current) = (side(&input["reference"]), side(&input["current"]));
                let found = estimate(estimator, &reference, &current, params);
                for difference in of_readings(expected, &found, tolerance) {
                    trial.fail(estimator, format!("{case} {}: {difference}", run.params));
                }
            }
        });
    }
    trial.finish();
}

/// A model whose error grows with its first feature, whose mean is `shift`.
fn model(n: usize, shift: f64, random: &mut Random) -> Side {
    let mut columns = vec![Vec::new(); 3];
    let (mut predictions, mut targets) = (Vec::new(), Vec::new());
    for _ in 0..n {
        let (x, y) = (random.normal() + shift, random.normal());
        let truth = 30.0 + 2.0 * x + y;
        columns[0].push(x);
        columns[1].push(y);
        columns[2].push(random.uniform());
        predictions.push(truth);
        targets.push(truth + 0.8 * (0.35 * x).exp() * random.normal());
    }
    Side {
        features: numbers(columns),
        predictions,
        targets,
    }
}

/// The metrics of these rows, by key.
fn realised(side: &Side) -> BTreeMap<String, f64> {
    let n = side.targets.len() as f64;
    let mean = |loss: &dyn Fn(f64, f64) -> f64| {
        let pairs = side.predictions.iter().zip(&side.targets);
        pairs
            .map(|(&prediction, &target)| loss(prediction, target))
            .sum::<f64>()
            / n
    };
    let mse = mean(&|p, t| (p - t).powi(2));
    let msle = mean(&|p, t| (p.ln_1p() - t.ln_1p()).powi(2));
    let values = [
        ("mae", mean(&|p, t| (p - t).abs())),
        ("mape", mean(&|p, t| ((p - t) / t).abs())),
        ("mse", mse),
        ("msle", msle),
        ("rmse", mse.sqrt()),
        ("rmsle", msle.sqrt()),
    ];
    values
        .map(|(metric, value)| (format!("metric={metric}"), value))
        .into()
}

#[test]
fn errors_that_are_found_later_lie_in_the_interval() {
    const WINDOWS: u32 = 40;
    let mut trial = Trial::new("row_estimate/coverage", EXCEPTIONS);
    for &estimator in rows::ALL {
        for shift in [0.0, 0.4] {
            let mut random = Random::new(91);
            let mut inside: BTreeMap<String, u32> = BTreeMap::new();
            let (mut error, mut unaware) = (0.0, 0.0);
            for _ in 0..WINDOWS {
                let reference = model(1_500, 0.0, &mut random);
                let current = model(400, shift, &mut random);
                let (before, after) = (realised(&reference), realised(&current));
                for (key, outcome) in by_default(estimator, &reference, &current) {
                    let found = outcome.into_result().expect("enough rows");
                    let interval = found.interval.expect("always there");
                    let is_inside = interval.lower <= after[&key] && after[&key] <= interval.upper;
                    error += (found.value / after[&key] - 1.0).abs();
                    unaware += (before[&key] / after[&key] - 1.0).abs();
                    *inside.entry(key).or_default() += u32::from(is_inside);
                }
            }
            trial.check(estimator, inside.len() == 6, || {
                format!("{} metrics", inside.len())
            });
            for (key, n_inside) in inside {
                // 38 are expected at 0.95; 33 is four standard deviations less.
                trial.check(estimator, n_inside >= 33, || {
                    format!("{key}, shift {shift}: {n_inside} of {WINDOWS} within the interval")
                });
            }
            // A shift is foreseen: the estimate comes nearer than the metric of the reference does.
            let is_better = shift == 0.0 || error < 0.6 * unaware;
            trial.check(estimator, is_better, || {
                format!("error {error} with the estimate, {unaware} without")
            });
        }
    }
    trial.finish();
}

#[test]
fn reasons_for_rows_that_tell_nothing() {
    let mut trial = Trial::new("row_estimate/reasons", EXCEPTIONS);
    let mut random = Random::new(92);
    let mut draw = |n| model(n, 0.0, &mut random);
    let (many, few, none) = (draw(300), draw(30), draw(0));
    let mut without_targets = draw(200);
    without_targets.targets.fill(f64::NAN);
    let mut without_predictions = draw(200);
    without_predictions.predictions.fill(f64::NAN);
    let too_few = Reason::TooFewRows {
        needed: 100,
        found: 30,
    };
    for &estimator in rows::ALL {
        for (reference, current, expected) in [
            (&none, &many, Reason::NoReference),
            (&many, &none, Reason::NoRows),
            (&few, &many, too_few.clone()),
            (&without_targets, &many, Reason::NoTargets),
            (&many, &without_predictions, Reason::NoPredictions),
        ] {
            for (key, outcome) in by_default(estimator, reference, current) {
                trial.check(estimator, outcome.reason() == Some(&expected), || {
                    format!("{key}: expected `{expected}`; found {outcome:?}")
                });
            }
        }
        // Targets of the current window change nothing.
        let mut hidden = draw(0);
        hidden.features = many.features.clone();
        hidden.predictions.clone_from(&many.predictions);
        let same = by_default(estimator, &many, &hidden) == by_default(estimator, &many, &many);
        trial.check(estimator, same, || {
            "targets of the current window were read".to_owned()
        });
    }
    trial.finish();
}

#[test]
fn perfect_models_have_no_error() {
    let mut random = Random::new(93);
    let mut side = model(200, 0.0, &mut random);
    side.targets.clone_from(&side.predictions);
    for &estimator in rows::ALL {
        for outcome in by_default(estimator, &side, &side).into_values() {
            assert_eq!(outcome.defined().map(|found| found.value), Some(0.0));
        }
    }
}
