//! Laws of metrics, over the outcomes of every task.

use std::collections::BTreeMap;

use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_stats::metric::{self, Metric};
use keepwell_stats::profile::{Mode, OutcomeProfile};
use keepwell_testkit::agreement::key_of;
use keepwell_testkit::catalog::contrasts;
use keepwell_testkit::conformance::Trial;
use keepwell_testkit::outcomes::{OutcomeRows, Source, of_case, sources};
use keepwell_testkit::random::Random;
use keepwell_testkit::simulate::{BinaryModel, three_classes};

use crate::exceptions::EXCEPTIONS;
use crate::vectors;

type Readings = BTreeMap<String, Outcome<Measure>>;

const MODES: [Mode; 2] = [Mode::Exact, Mode::Sketched];

/// The metrics of a task.
struct Task {
    family: &'static str,
    metrics: &'static [&'static dyn Metric],
}

const TASKS: [Task; 6] = [
    Task {
        family: "classification",
        metrics: metric::classification::ALL,
    },
    Task {
        family: "multilabel",
        metrics: metric::multilabel::ALL,
    },
    Task {
        family: "regression",
        metrics: metric::regression::ALL,
    },
    Task {
        family: "ranking",
        metrics: metric::ranking::ALL,
    },
    Task {
        family: "text",
        metrics: metric::text::ALL,
    },
    Task {
        family: "detection",
        metrics: metric::detection::ALL,
    },
];

/// Rows of a task, by name.
type Cases = Vec<(String, Box<dyn OutcomeRows>)>;

impl Task {
    /// Every shared input of the family.
    fn shared(&self) -> Cases {
        vectors::of(self.family)
            .inputs
            .iter()
            .map(|(name, case)| (name.clone(), of_case(self.family, case)))
            .collect()
    }

    fn sources(&self) -> Vec<Source> {
        sources(self.family)
    }

    /// Shared inputs and larger simulated ones, with which a sketch has to drop values.
    fn shared_and_large(&self) -> Cases {
        let mut random = Random::new(11);
        let mut all = self.shared();
        for source in self.sources() {
            let rows = source.draw(source.large, &mut random);
            all.push((format!("large_{}", source.name), rows));
        }
        all
    }
}

fn readings(metric: &dyn Metric, outcomes: &OutcomeProfile) -> Readings {
    readings_with(metric, outcomes, &Params::defaults(metric.parameters()))
}

fn readings_with(metric: &dyn Metric, outcomes: &OutcomeProfile, params: &Params) -> Readings {
    let readings = metric.evaluate(outcomes, params);
    readings
        .iter()
        .map(|reading| (key_of(reading), reading.outcome.clone()))
        .collect()
}

/// Whether two outcomes agree up to rounding and up to what their error bounds allow.
fn agree(left: &Outcome<Measure>, right: &Outcome<Measure>) -> bool {
    let (Outcome::Defined(left), Outcome::Defined(right)) = (left, right) else {
        return left == right;
    };
    let bound = left.error_bound.unwrap_or(0.0) + right.error_bound.unwrap_or(0.0);
    (left.value - right.value).abs() <= bound + 1e-12 + 1e-9 * left.value.abs()
}

/// Notes where two sets of readings differ.
fn compare(trial: &mut Trial, metric: &dyn Metric, case: &str, left: &Readings, right: &Readings) {
    trial.check(metric, left.keys().eq(right.keys()), || {
        format!("{case}: readings {:?} and {:?}", left.keys(), right.keys())
    });
    for (key, left) in left {
        if let Some(right) = right.get(key) {
            trial.check(metric, agree(left, right), || {
                format!("{case} `{key}`: {left:?} and {right:?}")
            });
        }
    }
}

/// Notes where two sets of exact readings differ in anything, intervals included, up to rounding.
fn compare_in_full(
    trial: &mut Trial,
    metric: &dyn Metric,
    case: &str,
    left: &Readings,
    right: &Readings,
) {
    compare(trial, metric, case, left, right);
    let numbers = |outcome: &Outcome<Measure>| {
        let measure = outcome.defined()?;
        let interval = measure.interval?;
        let error = measure.standard_error.unwrap_or(0.0);
        Some([interval.lower, interval.upper, error])
    };
    for (key, left) in left {
        let (left, right) = (numbers(left), right.get(key).and_then(numbers));
        let is_close = match (left, right) {
            (Some(left), Some(right)) => left
                .iter()
                .zip(right)
                .all(|(left, right)| (left - right).abs() <= 1e-9 * (1.0 + left.abs())),
            (left, right) => left.is_none() && right.is_none(),
        };
        trial.check(metric, is_close, || {
            format!("{case} `{key}`: intervals {left:?} and {right:?}")
        });
    }
}

#[test]
fn parts_merged_equal_the_whole() {
    let mut trial = Trial::new("metric/split_merge", EXCEPTIONS);
    for task in &TASKS {
        for (case, rows) in task.shared_and_large() {
            for mode in MODES {
                let mut random = Random::new(1);
                let mut parts: Vec<Vec<usize>> = vec![Vec::new(); 4];
                for row_idx in 0..rows.n() {
                    // The last part stays empty.
                    parts[random.below(3)].push(row_idx);
                }
                random.shuffle(&mut parts);
                let mut merged = rows.profile_of(&[], mode);
                for part in &parts {
                    let profile = rows.profile_of(part, mode);
                    merged.merge(profile).expect("one configuration");
                }
                merged.seal();
                let whole = rows.profile(mode);
                for &metric in task.metrics {
                    let (whole, merged) = (readings(metric, &whole), readings(metric, &merged));
                    if mode == Mode::Exact {
                        compare_in_full(&mut trial, metric, &case, &whole, &merged);
                    } else {
                        compare(&mut trial, metric, &case, &whole, &merged);
                    }
                }
            }
        }
    }
    trial.finish();
}

#[test]
fn order_does_not_matter() {
    let mut trial = Trial::new("metric/order", EXCEPTIONS);
    for task in &TASKS {
        for (case, rows) in task.shared() {
            let mut order: Vec<usize> = (0..rows.n()).collect();
            Random::new(2).shuffle(&mut order);
            let ordered = rows.profile(Mode::Exact);
            let shuffled = rows.profile_of(&order, Mode::Exact);
            for &metric in task.metrics {
                let (left, right) = (readings(metric, &ordered), readings(metric, &shuffled));
                compare_in_full(&mut trial, metric, &case, &left, &right);
            }
        }
    }
    trial.finish();
}

#[test]
fn bytes_bring_back_the_same_readings() {
    let mut trial = Trial::new("metric/codec", EXCEPTIONS);
    for task in &TASKS {
        for (case, rows) in task.shared_and_large() {
            for mode in MODES {
                let profile = rows.profile(mode);
                let bytes = profile.encode();
                let back = OutcomeProfile::decode(&bytes).expect("our own bytes");
                assert_eq!(back.encode(), bytes, "{} {case}", task.family);
                for &metric in task.metrics {
                    let (left, right) = (readings(metric, &profile), readings(metric, &back));
                    trial.check(metric, left == right, || {
                        format!("{case}: {left:?} became {right:?}")
                    });
                }
            }
        }
    }
    trial.finish();
}

#[test]
fn sketched_profiles_are_within_their_stated_error() {
    let mut trial = Trial::new("metric/sketched", EXCEPTIONS);
    for task in &TASKS {
        for (case, rows) in task.shared_and_large() {
            let (exact, sketched) = (rows.profile(Mode::Exact), rows.profile(Mode::Sketched));
            for &metric in task.metrics {
                let exact = readings(metric, &exact);
                let mut sketched = readings(metric, &sketched);
                // A sketch may be of no use to a metric, and says so.
                sketched.retain(|_, outcome| outcome.reason() != Some(&Reason::NotApplicable));
                let mut counterparts = exact.clone();
                counterparts.retain(|key, _| sketched.contains_key(key));
                compare(&mut trial, metric, &case, &counterparts, &sketched);
                for (key, outcome) in &exact {
                    let is_exact = outcome.defined().is_none_or(|m| m.error_bound.is_none());
                    trial.check(metric, is_exact, || {
                        format!("{case} `{key}`: an exact profile has no error")
                    });
                }
            }
        }
    }
    trial.finish();
}

#[test]
fn nothing_is_undefined_with_a_reason() {
    let mut trial = Trial::new("metric/empty", EXCEPTIONS);
    let mut random = Random::new(3);
    for task in &TASKS {
        for source in task.sources() {
            let rows = source.draw(50, &mut random);
            let full = rows.profile(Mode::Exact);
            let empty = rows.profile_of(&[], Mode::Exact);
            let without_targets = rows.without_targets().profile(Mode::Exact);
            for &metric in task.metrics {
                let full = readings(metric, &full);
                for (profile, reason) in [
                    (&empty, Reason::NoRows),
                    (&without_targets, Reason::NoTargets),
                ] {
                    let found = readings(metric, profile);
                    trial.check(metric, !found.is_empty(), || {
                        format!("{reason}: must answer, be it undefined")
                    });
                    for (key, outcome) in found {
                        // What needs no targets is the same without them.
                        let is_unmoved =
                            reason == Reason::NoTargets && full.get(&key) == Some(&outcome);
                        trial.check(
                            metric,
                            is_unmoved || outcome.reason() == Some(&reason),
                            || format!("`{key}`: expected undefined ({reason}); found {outcome:?}"),
                        );
                    }
                }
            }
        }
    }
    trial.finish();
}

#[test]
fn rows_without_a_usable_score_count_in_full_or_not_at_all() {
    let mut trial = Trial::new("metric/nan_scores", EXCEPTIONS);
    let mut random = Random::new(4);
    let model = BinaryModel {
        rate: 0.4,
        separation: 1.0,
    };
    for rows in [
        model.rows(300, &mut random),
        three_classes(300, &mut random),
    ] {
        for hole in [f64::NAN, f64::INFINITY] {
            let mut holed = rows.clone();
            for row in holed.rows.iter_mut().step_by(4) {
                row.scores[0] = hole;
            }
            let mut kept = holed.clone();
            kept.rows.retain(|row| row.scores[0].is_finite());
            let [full, holed, kept] =
                [&rows, &holed, &kept].map(|rows| rows.profile(Mode::Exact).into());
            for &metric in metric::classification::ALL {
                let [full, holed, kept] =
                    [&full, &holed, &kept].map(|profile| readings(metric, profile));
                trial.check(metric, holed == full || holed == kept, || {
                    format!("score {hole}: {holed:?}, neither {full:?} nor {kept:?}")
                });
            }
        }
    }
    trial.finish();
}

#[test]
fn values_are_in_range_and_inside_their_intervals() {
    let mut trial = Trial::new("metric/range", EXCEPTIONS);
    for task in &TASKS {
        for (case, rows) in task.shared_and_large() {
            for mode in MODES {
                let profile = rows.profile(mode);
                for &metric in task.metrics {
                    let (least, greatest) = metric.range();
                    for (key, outcome) in readings(metric, &profile) {
                        let Outcome::Defined(measure) = outcome else {
                            continue;
                        };
                        trial.check(metric, is_sound(&measure, (least, greatest)), || {
                            format!("{case} `{key}`: {measure:?} in [{least}, {greatest}]")
                        });
                    }
                }
            }
        }
    }
    trial.finish();
}

/// Whether a measure lies in the range with all its parts.
fn is_sound(measure: &Measure, (least, greatest): (f64, f64)) -> bool {
    let value = measure.value;
    let mut is_sound = value.is_finite() && least <= value && value <= greatest;
    if let Some(interval) = measure.interval {
        is_sound &= interval.lower.is_finite() && interval.upper.is_finite();
        is_sound &= least <= interval.lower && interval.upper <= greatest;
        is_sound &= interval.lower <= value && value <= interval.upper;
    }
    let error = measure.standard_error.unwrap_or(0.0);
    let bound = measure.error_bound.unwrap_or(0.0);
    is_sound && error.is_finite() && error >= 0.0 && bound >= 0.0
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    const WINDOWS: u32 = 300;
    let mut trial = Trial::new("metric/coverage", EXCEPTIONS);
    for task in &TASKS {
        for source in task.sources() {
            let mut random = Random::new(5);
            // Its own error is a twentieth to a fifth of that of a window.
            let population = source
                .draw(source.population, &mut random)
                .profile(Mode::Exact);
            let windows: Vec<OutcomeProfile> = (0..WINDOWS)
                .map(|_| source.draw(source.window, &mut random).profile(Mode::Exact))
                .collect();
            for &metric in task.metrics {
                let mut hits: BTreeMap<String, (u32, u32)> = BTreeMap::new();
                let truth = readings(metric, &population);
                for window in &windows {
                    for (key, outcome) in readings(metric, window) {
                        let interval = outcome.defined().and_then(|measure| measure.interval);
                        let truth = truth.get(&key).and_then(Outcome::defined);
                        if let (Some(interval), Some(truth)) = (interval, truth) {
                            let (inside, all) = hits.entry(key).or_default();
                            let value = truth.value;
                            *inside +=
                                u32::from(interval.lower <= value && value <= interval.upper);
                            *all += 1;
                        }
                    }
                }
                for (key, (inside, all)) in hits {
                    let share = f64::from(inside) / f64::from(all);
                    // Three standard errors of a share of 0.95 in 300 windows are 0.038.
                    trial.check(metric, share >= 0.912, || {
                        format!("`{key}`: {share} of the intervals at 0.95 hold the truth")
                    });
                }
            }
        }
    }
    trial.finish();
}

#[test]
fn every_parameter_changes_something() {
    let mut trial = Trial::new("metric/parameters", EXCEPTIONS);
    for task in &TASKS {
        let shared: Vec<OutcomeProfile> = task
            .shared()
            .iter()
            .map(|(_, rows)| rows.profile(Mode::Exact))
            .collect();
        for &metric in task.metrics {
            for parameter in metric.parameters() {
                let pairs = contrasts(metric.parameters(), parameter.name);
                let has_effect = shared.iter().any(|profile| {
                    let run = |params: &Params| readings_with(metric, profile, params);
                    pairs.iter().any(|(left, right)| run(left) != run(right))
                });
                trial.check(metric, has_effect, || {
                    format!("`{}` changes nothing", parameter.name)
                });
            }
        }
    }
    trial.finish();
}

#[test]
fn every_metric_belongs_to_a_task() {
    let tasks: usize = TASKS.iter().map(|task| task.metrics.len()).sum();
    assert_eq!(tasks, metric::all().count());
}
