//! Laws of estimators.

use std::collections::BTreeMap;

use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{ParamValue, Params};
use keepwell_stats::estimate::{self, Estimator};
use keepwell_stats::metric::{self, Metric};
use keepwell_stats::profile::{ClassOutcomes, Mode, TwoSample};
use keepwell_testkit::agreement::key_of;
use keepwell_testkit::catalog::{contrasts, params_to_json, variants};
use keepwell_testkit::conformance::Trial;
use keepwell_testkit::inputs::Rows;
use keepwell_testkit::random::Random;
use keepwell_testkit::simulate::{BinaryModel, three_classes};

use crate::exceptions::EXCEPTIONS;
use crate::vectors;

type Readings = BTreeMap<String, Outcome<Measure>>;

const MODEL: BinaryModel = BinaryModel {
    rate: 0.35,
    separation: 1.3,
};

/// Draws so many rows.
type Draw = fn(usize, &mut Random) -> Rows;

const DRAWS: [Draw; 2] = [|n, random| MODEL.rows(n, random), three_classes];

fn readings(
    estimator: &dyn Estimator,
    reference: &ClassOutcomes,
    current: &ClassOutcomes,
    params: &Params,
) -> Readings {
    let sample = TwoSample { reference, current };
    estimator
        .estimate(sample, params)
        .iter()
        .map(|reading| (key_of(reading), reading.outcome.clone()))
        .collect()
}

fn by_default(
    estimator: &dyn Estimator,
    reference: &ClassOutcomes,
    current: &ClassOutcomes,
) -> Readings {
    let params = Params::defaults(estimator.parameters());
    readings(estimator, reference, current, &params)
}

/// Every shared input of the family: its name, reference and current rows.
fn shared() -> Vec<(String, Rows, Rows)> {
    vectors::of("estimate")
        .inputs
        .iter()
        .map(|(name, case)| {
            let (reference, current) = (&case["reference"], &case["current"]);
            (
                name.clone(),
                Rows::from_json(reference),
                Rows::from_json(current),
            )
        })
        .collect()
}

fn large() -> (String, Rows, Rows) {
    let mut random = Random::new(51);
    let (reference, current) = (
        MODEL.rows(20_000, &mut random),
        MODEL.rows(8_000, &mut random),
    );
    ("large".to_owned(), reference, current)
}

/// The metric that the reading of this key is an estimate of, and the key of its own reading.
fn metric_of(key: &str) -> Option<(&'static dyn Metric, &str)> {
    let key = key.strip_prefix("metric=")?;
    let (id, rest) = key.split_once(',').unwrap_or((key, ""));
    let mut all = metric::classification::ALL.iter();
    Some((*all.find(|metric| metric.info().id == id)?, rest))
}

/// What the metric that an estimate stands for says once the targets are known. Where both have a parameter
/// of one name, they have the same value.
fn realised(key: &str, outcomes: &ClassOutcomes, params: &Params) -> Option<f64> {
    let (metric, own_key) = metric_of(key)?;
    let mut own = Params::defaults(metric.parameters());
    for (name, value) in params.iter() {
        // Parameters of the estimator alone are not those of the metric.
        let _ = own.set(name, value);
    }
    let readings = metric.evaluate(&outcomes.clone().into(), &own);
    let same = readings.iter().find(|reading| key_of(reading) == own_key)?;
    same.outcome.defined().map(|measure| measure.value)
}

#[test]
fn estimates_are_of_known_metrics() {
    let mut trial = Trial::new("estimate/metrics", EXCEPTIONS);
    let mut random = Random::new(52);
    for draw in DRAWS {
        let [reference, current] = [500, 300].map(|n| draw(n, &mut random).profile(Mode::Exact));
        for &estimator in estimate::ALL {
            let params = Params::defaults(estimator.parameters());
            let readings = by_default(estimator, &reference, &current);
            trial.check(estimator, !readings.is_empty(), || {
                "estimates nothing".to_owned()
            });
            for (key, outcome) in readings {
                let is_known = realised(&key, &current, &params).is_some();
                trial.check(estimator, is_known, || {
                    format!("`{key}` is no reading of a metric of the catalog")
                });
                let is_complete = outcome.defined().is_some_and(|found| {
                    found.interval.is_some() && found.standard_error.is_some()
                });
                trial.check(estimator, is_complete, || {
                    format!("`{key}`: expected a value with its interval; found {outcome:?}")
                });
            }
        }
    }
    trial.finish();
}

#[test]
fn estimates_come_near_what_is_found_later() {
    const WINDOWS: u32 = 200;
    let mut trial = Trial::new("estimate/coverage", EXCEPTIONS);
    for draw in DRAWS {
        let mut random = Random::new(53);
        let windows: Vec<[ClassOutcomes; 2]> = (0..WINDOWS)
            .map(|_| [1_000, 300].map(|n| draw(n, &mut random).profile(Mode::Exact)))
            .collect();
        for &estimator in estimate::ALL {
            for params in variants(estimator.parameters()) {
                // The scores of three classes are no probabilities.
                let is_raw = |(name, value)| {
                    (name, value) == ("calibration", ParamValue::Text("none".to_owned()))
                };
                if windows[0][0].config().positive.is_some() || !params.iter().any(is_raw) {
                    check_rates(&mut trial, estimator, &windows, &params);
                }
            }
        }
    }
    trial.finish();
}

/// Compares the estimates of many windows with what their targets say.
fn check_rates(
    trial: &mut Trial,
    estimator: &dyn Estimator,
    windows: &[[ClassOutcomes; 2]],
    params: &Params,
) {
    let mut errors: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut inside: BTreeMap<String, u32> = BTreeMap::new();
    for [reference, current] in windows {
        for (key, outcome) in readings(estimator, reference, current, params) {
            let truth = realised(&key, current, params);
            let (Some(found), Some(truth)) = (outcome.defined(), truth) else {
                continue;
            };
            if let Some(interval) = found.interval {
                *inside.entry(key.clone()).or_default() +=
                    u32::from(interval.lower <= truth && truth <= interval.upper);
            }
            errors.entry(key).or_default().push(found.value - truth);
        }
    }
    let params = params_to_json(params);
    for (key, errors) in errors {
        let n = errors.len() as f64;
        let bias = errors.iter().sum::<f64>() / n;
        let variance = errors.iter().map(|e| (e - bias).powi(2)).sum::<f64>() / (n - 1.0);
        // Four standard errors, and a quarter of the error of one window for what isotonic regression
        // gains by fitting to chance.
        let allowed = (4.0 / n.sqrt() + 0.25) * variance.sqrt();
        trial.check(estimator, bias.abs() <= allowed, || {
            format!("`{key}` {params}: bias {bias}, allowed {allowed}")
        });
        let share = f64::from(inside[&key]) / n;
        // Three standard errors of a share of 0.95 in 200 windows are 0.046.
        trial.check(estimator, share >= 0.904, || {
            format!("`{key}` {params}: {share} of the intervals at 0.95 hold what is found")
        });
    }
}

#[test]
fn targets_of_the_current_window_are_not_read() {
    let mut trial = Trial::new("estimate/blind", EXCEPTIONS);
    for (case, reference, current) in shared() {
        let reference = reference.profile(Mode::Exact);
        let seen = current.profile(Mode::Exact);
        let blind = current.without_targets().profile(Mode::Exact);
        for &estimator in estimate::ALL {
            let seen = by_default(estimator, &reference, &seen);
            let blind = by_default(estimator, &reference, &blind);
            let is_equal = seen.keys().eq(blind.keys())
                && seen.iter().zip(&blind).all(|((_, a), (_, b))| agree(a, b));
            trial.check(estimator, is_equal, || {
                format!("{case}: {seen:?} with targets, {blind:?} without")
            });
        }
    }
    trial.finish();
}

fn agree(left: &Outcome<Measure>, right: &Outcome<Measure>) -> bool {
    match (left, right) {
        (Outcome::Defined(left), Outcome::Defined(right)) => {
            let bound = left.error_bound.unwrap_or(0.0) + right.error_bound.unwrap_or(0.0);
            (left.value - right.value).abs() <= bound + 1e-9 * (1.0 + left.value.abs())
        }
        (left, right) => left == right,
    }
}

#[test]
fn order_partition_bytes_and_sketches_do_not_matter() {
    let mut trial = Trial::new("estimate/split_merge", EXCEPTIONS);
    let mut random = Random::new(54);
    for (case, reference, current) in shared().into_iter().chain([large()]) {
        let mut shuffled = current.clone();
        random.shuffle(&mut shuffled.rows);
        let (first, second) = shuffled.rows.split_at(shuffled.rows.len() / 3);
        let mut merged = current.profile_of(second, Mode::Exact);
        merged
            .merge(current.profile_of(first, Mode::Exact))
            .expect("one configuration");
        let merged = ClassOutcomes::decode(&merged.encode()).expect("our own bytes");
        let whole = current.profile(Mode::Exact);
        let sketched = (
            reference.profile(Mode::Sketched),
            current.profile(Mode::Sketched),
        );
        let reference = reference.profile(Mode::Exact);
        for &estimator in estimate::ALL {
            let whole = by_default(estimator, &reference, &whole);
            let merged = by_default(estimator, &reference, &merged);
            let sketched = by_default(estimator, &sketched.0, &sketched.1);
            for (key, expected) in &whole {
                for (form, found) in [("merged", &merged), ("sketched", &sketched)] {
                    let is_equal = found.get(key).is_some_and(|found| agree(expected, found));
                    trial.check(estimator, is_equal, || {
                        format!("{case} `{key}`: {expected:?}, {form} {:?}", found.get(key))
                    });
                }
            }
        }
    }
    trial.finish();
}

#[test]
fn values_are_in_range_and_inside_their_intervals() {
    let mut trial = Trial::new("estimate/range", EXCEPTIONS);
    for (case, reference, current) in shared() {
        let (reference, current) = (reference.profile(Mode::Exact), current.profile(Mode::Exact));
        for &estimator in estimate::ALL {
            for params in variants(estimator.parameters()) {
                for (key, outcome) in readings(estimator, &reference, &current, &params) {
                    let Outcome::Defined(found) = outcome else {
                        continue;
                    };
                    let metric = metric_of(&key);
                    let (least, greatest) = metric.map_or((0.0, 0.0), |(metric, _)| metric.range());
                    let is_inside = |value: f64| least <= value && value <= greatest;
                    let is_sound = is_inside(found.value)
                        && found.interval.is_none_or(|interval| {
                            is_inside(interval.lower)
                                && is_inside(interval.upper)
                                && interval.lower <= found.value
                                && found.value <= interval.upper
                        });
                    trial.check(estimator, is_sound, || format!("{case} `{key}`: {found:?}"));
                }
            }
        }
    }
    trial.finish();
}

#[test]
fn nothing_is_undefined_with_a_reason() {
    let mut trial = Trial::new("estimate/empty", EXCEPTIONS);
    let mut random = Random::new(55);
    let some = MODEL.rows(100, &mut random);
    let mut one_class = some.clone();
    for row in &mut one_class.rows {
        row.target = Some("1".to_owned());
    }
    let full = some.profile(Mode::Exact);
    let none = some.profile_of(&[], Mode::Exact);
    let without_targets = some.clone().without_targets().profile(Mode::Exact);
    let one_class = one_class.profile(Mode::Exact);
    for (reference, current, reason) in [
        (&full, &none, Reason::NoRows),
        (&none, &full, Reason::NoReference),
        (&without_targets, &full, Reason::NoTargets),
        (&one_class, &full, Reason::OneClass),
    ] {
        for &estimator in estimate::ALL {
            let readings = by_default(estimator, reference, current);
            trial.check(estimator, !readings.is_empty(), || {
                format!("{reason}: must answer, be it undefined")
            });
            for (key, outcome) in readings {
                trial.check(estimator, outcome.reason() == Some(&reason), || {
                    format!("`{key}`: expected undefined ({reason}); found {outcome:?}")
                });
            }
        }
    }
    trial.finish();
}

#[test]
fn every_parameter_changes_something() {
    let mut trial = Trial::new("estimate/parameters", EXCEPTIONS);
    let shared = shared();
    for &estimator in estimate::ALL {
        for parameter in estimator.parameters() {
            let pairs = contrasts(estimator.parameters(), parameter.name);
            let has_effect = shared.iter().any(|(_, reference, current)| {
                let reference = reference.profile(Mode::Exact);
                let current = current.profile(Mode::Exact);
                let run = |params: &Params| readings(estimator, &reference, &current, params);
                pairs.iter().any(|(left, right)| run(left) != run(right))
            });
            trial.check(estimator, has_effect, || {
                format!("`{}` changes nothing", parameter.name)
            });
        }
    }
    trial.finish();
}
