//! Methods for anomalies agree with their references and keep the laws of the family.

use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{ParamValue, Params};
use keepwell_stats::anomaly::{self, Anomaly, RowAnomalies, RowAnomaly, SeriesAnomalies, Shape};
use keepwell_stats::profile::TwoSample;
use keepwell_stats::profile::row_sample::{RowSample, SampleValues};
use keepwell_testkit::agreement::Tolerance;
use keepwell_testkit::catalog::variants;
use keepwell_testkit::conformance::Trial;
use keepwell_testkit::inputs::series;
use keepwell_testkit::random::Random;
use keepwell_testkit::rows::{Answer, matrix, numbers};

use crate::exceptions::EXCEPTIONS;
use crate::vectors;

/// Every entry that judges rows.
fn on_rows() -> impl Iterator<Item = (&'static dyn Anomaly, &'static dyn RowAnomaly)> {
    anomaly::ALL
        .iter()
        .filter_map(|&entry| match entry.shape() {
            Shape::Rows(method) => Some((entry, method)),
            Shape::Series(_) => None,
        })
}

fn detect(
    entry: &dyn Anomaly,
    series: &[f64],
    params: &Params,
) -> Option<Outcome<SeriesAnomalies>> {
    match entry.shape() {
        Shape::Rows(_) => None,
        Shape::Series(method) => Some(method.detect(series, params)),
    }
}

/// Describes the first score that differs.
fn difference(
    expected: &[Option<f64>],
    found: &[Option<f64>],
    tolerance: Tolerance,
) -> Option<String> {
    if expected.len() != found.len() {
        return Some(format!(
            "expected {} scores; found {}",
            expected.len(),
            found.len()
        ));
    }
    let is_equal = |pair: (&Option<f64>, &Option<f64>)| match pair {
        (None, None) => true,
        (Some(expected), Some(found)) => tolerance.accepts(*expected, *found),
        _ => false,
    };
    let idx = expected
        .iter()
        .zip(found)
        .position(|pair| !is_equal(pair))?;
    Some(format!(
        "score {idx}: expected {:?}; found {:?}",
        expected[idx], found[idx]
    ))
}

#[test]
fn scores_of_rows_agree() {
    let mut trial = Trial::new("vectors/anomaly/rows", EXCEPTIONS);
    let vectors = vectors::of("anomaly");
    for (entry, method) in on_rows() {
        let tolerance = Tolerance::of(entry.info());
        vectors::for_each_run(&mut trial, &vectors, entry, |trial, run, params| {
            for (case, expected) in &run.cases {
                let input = &vectors.inputs[case];
                let found = method
                    .fit(&matrix(&input["reference"]), params)
                    .map(|model| model.scores(&matrix(&input["current"])));
                let difference = match (Answer::from_json(expected), found) {
                    (None, Err(_)) => None,
                    (Some(expected), Ok(found)) => {
                        let found: Vec<Option<f64>> = found.into_iter().map(Some).collect();
                        difference(&expected.scores, &found, tolerance)
                    }
                    (expected, found) => Some(format!("expected {expected:?}; found {found:?}")),
                };
                if let Some(difference) = difference {
                    trial.fail(entry, format!("{case} {}: {difference}", run.params));
                }
            }
        });
    }
    trial.finish();
}

#[test]
fn series_agree() {
    let mut trial = Trial::new("vectors/anomaly/series", EXCEPTIONS);
    let vectors = vectors::of("anomaly");
    for &entry in anomaly::ALL {
        let Shape::Series(method) = entry.shape() else {
            continue;
        };
        let tolerance = Tolerance::of(entry.info());
        vectors::for_each_run(&mut trial, &vectors, entry, |trial, run, params| {
            for (case, expected) in &run.cases {
                let found = method.detect(&series(&vectors.inputs[case]), params);
                let difference = match (Answer::from_json(expected), found) {
                    (None, Outcome::Undefined(_)) => None,
                    (Some(expected), Outcome::Defined(found)) => {
                        if expected.positions.as_ref() == Some(&found.positions) {
                            let has_scores = !expected.scores.is_empty();
                            let scores = difference(&expected.scores, &found.scores, tolerance);
                            scores.filter(|_| has_scores)
                        } else {
                            let (expected, found) = (expected.positions, found.positions);
                            Some(format!("expected positions {expected:?}; found {found:?}"))
                        }
                    }
                    (expected, found) => Some(format!("expected {expected:?}; found {found:?}")),
                };
                if let Some(difference) = difference {
                    trial.fail(entry, format!("{case} {}: {difference}", run.params));
                }
            }
        });
    }
    trial.finish();
}

/// Ranks from zero, equal values having their mean rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let below = |value: f64| values.iter().filter(|&&other| other < value).count();
    let upto = |value: f64| values.iter().filter(|&&other| other <= value).count();
    values
        .iter()
        .map(|&value| (below(value) + upto(value)) as f64 / 2.0)
        .collect()
}

fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_x, mean_y) = (mean(x), mean(y));
    let sum = |pairs: &dyn Fn(f64, f64) -> f64| -> f64 {
        x.iter()
            .zip(y)
            .map(|(&x, &y)| pairs(x - mean_x, y - mean_y))
            .sum()
    };
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}

#[test]
fn isolation_forest_ranks_as_scikit_learn_does() {
    let vectors = vectors::of("anomaly");
    let run = &vectors.entries["isolation_forest"].runs[0];
    let (_, method) = on_rows()
        .find(|(entry, _)| entry.info().id == "isolation_forest")
        .expect("in the catalog");
    let mut params = Params::defaults(method.parameters());
    // So many that chance does not hide a difference of the method.
    params
        .set("n_trees", ParamValue::Integer(1_000))
        .expect("declared");
    for (case, expected) in &run.cases {
        let input = &vectors.inputs[case];
        let expected = Answer::from_json(expected).map_or_else(Vec::new, |answer| answer.scores);
        let expected: Vec<f64> = expected.into_iter().flatten().collect();
        if expected.len() < 30 {
            continue;
        }
        let model = method
            .fit(&matrix(&input["reference"]), &params)
            .expect("varies");
        let found = model.scores(&matrix(&input["current"]));
        let agreement = correlation(&ranks(&expected), &ranks(&found));
        assert!(agreement >= 0.95, "{case}: rank correlation {agreement}");
    }
}

/// `n` rows of two correlated columns and a skewed one; a share of them lies apart.
fn sample(n: usize, share: f64, random: &mut Random) -> RowSample {
    let mut columns = vec![Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..n {
        let x = random.normal();
        let y = 0.9 * x + 0.44 * random.normal();
        let (x, y) = if random.bernoulli(share) {
            (x + 6.0, y - 6.0)
        } else {
            (x, y)
        };
        columns[0].push(x);
        columns[1].push(y);
        columns[2].push(random.normal().exp());
    }
    numbers(columns)
}

fn rows_of(method: &dyn RowAnomaly, reference: &RowSample, current: &RowSample) -> RowAnomalies {
    let params = Params::defaults(method.parameters());
    let sample = TwoSample { reference, current };
    method
        .detect(sample, &params)
        .into_result()
        .expect("enough rows")
}

#[test]
fn unchanged_rows_are_rarely_called_more_anomalous() {
    const RUNS: u32 = 400;
    let mut trial = Trial::new("anomaly/false_alarms", EXCEPTIONS);
    for (entry, method) in on_rows() {
        let mut random = Random::new(71);
        let mut params = Params::defaults(entry.parameters());
        if entry.info().id == "isolation_forest" {
            params
                .set("n_trees", ParamValue::Integer(20))
                .expect("declared");
        }
        let (mut alarms, mut share, mut expected) = (0, 0.0, 0.0);
        for _ in 0..RUNS {
            let (reference, current) =
                (sample(240, 0.0, &mut random), sample(100, 0.0, &mut random));
            let sample = TwoSample {
                reference: &reference,
                current: &current,
            };
            let found = method
                .detect(sample, &params)
                .into_result()
                .expect("enough rows");
            alarms += u32::from(found.measure.p_value.expect("has a law") <= 0.05);
            share += found.measure.value / f64::from(RUNS);
            expected = found.expected_share;
        }
        // 20 are expected at most; three standard deviations are 13.
        trial.check(entry, alarms <= 33, || {
            format!("{alarms} of {RUNS} windows at level 0.05")
        });
        trial.check(entry, (share - expected).abs() < 0.003, || {
            format!("share {share} of anomalous rows; expected {expected}")
        });
    }
    trial.finish();
}

#[test]
fn rows_that_lie_apart_are_found() {
    let mut trial = Trial::new("anomaly/power", EXCEPTIONS);
    for (entry, method) in on_rows() {
        let mut random = Random::new(72);
        let (reference, current) = (
            sample(2_000, 0.0, &mut random),
            sample(500, 0.05, &mut random),
        );
        let found = rows_of(method, &reference, &current);
        let p_value = found.measure.p_value.expect("has a law");
        trial.check(entry, p_value < 1e-4, || format!("p-value {p_value}"));
        let column = current.columns()[0].values.clone();
        let positions = found.positions();
        trial.check(entry, positions.len() >= 15, || {
            format!("{} rows found", positions.len())
        });
        let SampleValues::Numbers(x) = column else {
            panic!("a column of numbers");
        };
        let n_apart = positions
            .iter()
            .take(15)
            .filter(|&&idx| x[idx] > 2.5)
            .count();
        trial.check(entry, n_apart >= 12, || {
            format!("{n_apart} of the first 15 lie apart")
        });
    }
    trial.finish();
}

#[test]
fn reasons_for_rows_that_cannot_be_judged() {
    let mut random = Random::new(73);
    let (many, few) = (sample(400, 0.0, &mut random), sample(50, 0.0, &mut random));
    let none = sample(0, 0.0, &mut random);
    let mut trial = Trial::new("anomaly/reasons", EXCEPTIONS);
    for (entry, method) in on_rows() {
        let params = Params::defaults(entry.parameters());
        for (reference, current, reason) in [
            (&none, &many, Reason::NoReference),
            (&many, &none, Reason::NoRows),
            (
                &few,
                &many,
                Reason::TooFewRows {
                    needed: 200,
                    found: 50,
                },
            ),
        ] {
            let found = method.detect(TwoSample { reference, current }, &params);
            trial.check(entry, found.reason() == Some(&reason), || {
                format!("expected `{reason}`; found {:?}", found.reason())
            });
        }
    }
    trial.finish();
}

#[test]
fn series_scores_are_finite_and_positions_are_theirs() {
    let vectors = vectors::of("anomaly");
    let mut trial = Trial::new("anomaly/series", EXCEPTIONS);
    for (case, input) in &vectors.inputs {
        if input["kind"] != "series" {
            continue;
        }
        let series = series(input);
        for &entry in anomaly::ALL {
            for params in variants(entry.parameters()) {
                let Some(Outcome::Defined(found)) = detect(entry, &series, &params) else {
                    continue;
                };
                let is_whole = found.scores.len() == series.len()
                    && found.scores.iter().flatten().all(|score| score.is_finite())
                    && found.positions.is_sorted_by(|a, b| a < b)
                    && found
                        .positions
                        .iter()
                        .all(|&idx| found.scores[idx].is_some());
                trial.check(entry, is_whole, || format!("{case}: {found:?}"));
                let at_gaps = series.iter().zip(&found.scores);
                let mut at_gaps = at_gaps.filter(|(value, _)| !value.is_finite());
                trial.check(entry, at_gaps.all(|(_, score)| score.is_none()), || {
                    format!("{case}: a missing point has a score")
                });
            }
        }
    }
    trial.finish();
}

#[test]
fn scale_and_level_of_a_series_do_not_matter() {
    let mut random = Random::new(74);
    let mut trial = Trial::new("anomaly/affine", EXCEPTIONS);
    let series: Vec<f64> = (0..150)
        .map(|idx| {
            f64::from(u8::from(idx > 90)) * 3.0 + (f64::from(idx) / 3.0).sin() + random.normal()
        })
        .collect();
    let scaled: Vec<f64> = series.iter().map(|x| 1024.0 * x - 64.0).collect();
    for &entry in anomaly::ALL {
        let params = Params::defaults(entry.parameters());
        let (Some(one), Some(other)) = (
            detect(entry, &series, &params),
            detect(entry, &scaled, &params),
        ) else {
            continue;
        };
        let (one, other) = (
            one.into_result().expect("defined"),
            other.into_result().expect("defined"),
        );
        let scores = one
            .scores
            .iter()
            .flatten()
            .zip(other.scores.iter().flatten());
        let is_equal = one.positions == other.positions
            && scores.fold(true, |all, (x, y)| {
                all && (x - y).abs() < 1e-6 * (1.0 + x.abs())
            });
        trial.check(entry, is_equal, || {
            "the scores depend on scale or level".to_owned()
        });
    }
    trial.finish();
}

#[test]
fn noise_seldom_has_change_points_and_steps_are_found() {
    let entry = anomaly::ALL
        .iter()
        .find(|entry| entry.info().id == "change_points")
        .expect("in the catalog");
    for params in variants(entry.parameters()) {
        // A price that is not the default's has another rate.
        if params.float("penalty") > 4.0 {
            continue;
        }
        let mut random = Random::new(75);
        let (mut alarms, mut found) = (0, 0);
        for n in [50, 200, 500].repeat(40) {
            let noise: Vec<f64> = (0..n).map(|_| random.normal()).collect();
            let positions = |series: &[f64]| {
                let found = detect(*entry, series, &params).expect("looks at series");
                found.into_result().expect("defined").positions
            };
            alarms += u32::from(!positions(&noise).is_empty());
            let step: Vec<f64> = (0..n)
                .zip(&noise)
                .map(|(idx, x)| x + if idx >= n / 2 { 3.0 } else { 0.0 })
                .collect();
            let positions = positions(&step);
            found += u32::from(positions.iter().any(|idx| idx.abs_diff(n / 2) <= 2));
        }
        assert!(alarms <= 6, "{alarms} of 120 series of noise have a change");
        assert!(
            found >= 114,
            "{found} of 120 steps of three standard deviations found"
        );
    }
}
