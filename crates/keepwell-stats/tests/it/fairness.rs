//! Laws of measures of fairness, and their reference vectors.

use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{ParamValue, Params};
use keepwell_stats::fairness::{self, Disparity, FairnessMetric, Group};
use keepwell_stats::profile::{ClassOutcomes, Mode};
use keepwell_testkit::agreement::{Tolerance, of_measure};
use keepwell_testkit::catalog::contrasts;
use keepwell_testkit::conformance::Trial;
use keepwell_testkit::inputs::{Row, Rows, groups};
use keepwell_testkit::random::Random;

use crate::exceptions::EXCEPTIONS;
use crate::vectors;

/// Outcomes by name of the group.
type Groups = Vec<(String, ClassOutcomes)>;

fn evaluate(metric: &dyn FairnessMetric, groups: &Groups, params: &Params) -> Outcome<Disparity> {
    let groups: Vec<Group<'_>> = groups
        .iter()
        .map(|(name, outcomes)| Group { name, outcomes })
        .collect();
    metric.evaluate(&groups, params)
}

fn by_default(metric: &dyn FairnessMetric, groups: &Groups) -> Outcome<Disparity> {
    evaluate(metric, groups, &Params::defaults(metric.parameters()))
}

fn profiles(groups: Vec<(String, Rows)>) -> Groups {
    let profile = |(name, rows): (String, Rows)| (name, rows.profile(Mode::Exact));
    groups.into_iter().map(profile).collect()
}

/// Every shared input of the family, by name.
fn shared() -> Vec<(String, Groups)> {
    vectors::of("fairness")
        .inputs
        .iter()
        .map(|(name, case)| (name.clone(), profiles(groups(case))))
        .collect()
}

/// A group of a binary model: share of the positive class, and how it is decided.
#[derive(Debug, Clone, Copy)]
struct Population {
    rate: f64,
    recall: f64,
    alarms: f64,
}

const POPULATION: Population = Population {
    rate: 0.4,
    recall: 0.7,
    alarms: 0.2,
};

impl Population {
    fn draw(self, n: usize, random: &mut Random) -> ClassOutcomes {
        let name = |flag: bool| Some(if flag { "1" } else { "0" }.to_owned());
        let rows = (0..n).map(|_| {
            let is_positive = random.bernoulli(self.rate);
            let chance = if is_positive {
                self.recall
            } else {
                self.alarms
            };
            Row {
                target: name(is_positive),
                prediction: name(random.bernoulli(chance)),
                scores: Vec::new(),
            }
        });
        let rows = Rows {
            positive: name(true),
            scored_classes: Vec::new(),
            rows: rows.collect(),
        };
        rows.profile(Mode::Exact)
    }

    /// The value of a measure for two groups of unlimited size.
    fn disparity(self, other: Self, id: &str) -> f64 {
        let selected = |own: Self| own.rate * own.recall + (1.0 - own.rate) * own.alarms;
        let precision = |own: Self| own.rate * own.recall / selected(own);
        let difference = |of: &dyn Fn(Self) -> f64| (of(self) - of(other)).abs();
        let ratio = |of: &dyn Fn(Self) -> f64| (of(self) / of(other)).min(of(other) / of(self));
        let (recall, alarms) = (|own: Self| own.recall, |own: Self| own.alarms);
        match id {
            "demographic_parity_difference" => difference(&selected),
            "demographic_parity_ratio" | "disparate_impact" => ratio(&selected),
            "equal_opportunity_difference" => difference(&recall),
            "predictive_parity_difference" => difference(&precision),
            "equalized_odds_difference" => difference(&recall).max(difference(&alarms)),
            "equalized_odds_ratio" => ratio(&recall).min(ratio(&alarms)),
            other => panic!("no truth is known for {other}"),
        }
    }
}

fn named(outcomes: Vec<ClassOutcomes>) -> Groups {
    let names = ["a", "b", "c", "d", "e", "f"].map(str::to_owned);
    names.into_iter().zip(outcomes).collect()
}

#[test]
fn measures_agree_with_their_oracles() {
    let mut trial = Trial::new("vectors/fairness", EXCEPTIONS);
    let vectors = vectors::of("fairness");
    for &metric in fairness::ALL {
        let tolerance = Tolerance::of(metric.info());
        vectors::for_each_run(&mut trial, &vectors, metric, |trial, run, params| {
            for (case, expected) in &run.cases {
                let groups = profiles(groups(&vectors.inputs[case]));
                let found = evaluate(metric, &groups, params).map(|found| found.measure);
                if let Some(difference) = of_measure(expected, &found, tolerance) {
                    trial.fail(metric, format!("{case} {}: {difference}", run.params));
                }
            }
        });
    }
    trial.finish();
}

#[test]
fn order_of_groups_does_not_matter() {
    let mut trial = Trial::new("fairness/order", EXCEPTIONS);
    for (case, groups) in shared() {
        let mut reversed = groups.clone();
        reversed.reverse();
        for &metric in fairness::ALL {
            let (left, right) = (by_default(metric, &groups), by_default(metric, &reversed));
            trial.check(metric, left == right, || {
                format!("{case}: {left:?}, {right:?}")
            });
        }
    }
    trial.finish();
}

#[test]
fn groups_that_are_treated_alike_are_at_parity() {
    let mut trial = Trial::new("fairness/parity", EXCEPTIONS);
    let one = POPULATION.draw(500, &mut Random::new(1));
    let groups = named(vec![one.clone(), one.clone(), one]);
    for &metric in fairness::ALL {
        let found = by_default(metric, &groups);
        let is_parity = found.defined().is_some_and(|found| {
            let value = found.measure.value;
            value == metric.parity() && found.measure.p_value == Some(1.0)
        });
        trial.check(metric, is_parity, || format!("{found:?}"));
    }
    trial.finish();
}

#[test]
fn values_are_inside_their_intervals_and_name_two_groups() {
    let mut trial = Trial::new("fairness/range", EXCEPTIONS);
    for (case, groups) in shared() {
        for &metric in fairness::ALL {
            let Outcome::Defined(found) = by_default(metric, &groups) else {
                continue;
            };
            let interval = found.measure.interval.expect("always there");
            let value = found.measure.value;
            let p_value = found.measure.p_value.expect("always there");
            let is_known = |name: &String| groups.iter().any(|(own, _)| own == name);
            let is_sound = (0.0..=1.0).contains(&value)
                && (0.0..=value).contains(&interval.lower)
                && (value..=1.0).contains(&interval.upper)
                && (0.0..=1.0).contains(&p_value)
                && found.least != found.greatest
                && is_known(&found.least)
                && is_known(&found.greatest);
            trial.check(metric, is_sound, || format!("{case}: {found:?}"));
        }
    }
    trial.finish();
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    const WINDOWS: u32 = 400;
    let mut trial = Trial::new("fairness/coverage", EXCEPTIONS);
    let other = Population {
        rate: 0.3,
        recall: 0.5,
        alarms: 0.1,
    };
    for (second, n) in [(POPULATION, 150), (other, 150), (other, 600)] {
        let mut random = Random::new(2);
        let windows: Vec<Groups> = (0..WINDOWS)
            .map(|_| {
                let draw = |own: Population, random: &mut Random| own.draw(n, random);
                named(vec![
                    draw(POPULATION, &mut random),
                    draw(second, &mut random),
                ])
            })
            .collect();
        for &metric in fairness::ALL {
            let truth = POPULATION.disparity(second, metric.info().id);
            let (mut inside, mut all) = (0, 0);
            for groups in &windows {
                if let Outcome::Defined(found) = by_default(metric, groups) {
                    let interval = found.measure.interval.expect("always there");
                    let is_inside = interval.lower <= truth && truth <= interval.upper;
                    inside += u32::from(is_inside);
                    all += 1;
                }
            }
            let share = f64::from(inside) / f64::from(all);
            // Three standard errors of a share of 0.95 in 400 windows are 0.033.
            trial.check(metric, share >= 0.917, || {
                format!("{second:?} of {n}: {share} of the intervals hold {truth}")
            });
        }
    }
    trial.finish();
}

#[test]
fn groups_that_are_treated_alike_seldom_look_different() {
    const WINDOWS: u32 = 400;
    let mut trial = Trial::new("fairness/false_alarms", EXCEPTIONS);
    for (n_groups, n) in [(2, 120), (6, 150)] {
        let mut random = Random::new(3);
        let windows: Vec<Groups> = (0..WINDOWS)
            .map(|_| {
                named(
                    (0..n_groups)
                        .map(|_| POPULATION.draw(n, &mut random))
                        .collect(),
                )
            })
            .collect();
        for &metric in fairness::ALL {
            let (mut by_p_value, mut by_interval) = (0, 0);
            for groups in &windows {
                let Outcome::Defined(found) = by_default(metric, groups) else {
                    continue;
                };
                let measure = found.measure;
                let interval = measure.interval.expect("always there");
                by_p_value += u32::from(measure.p_value.expect("always there") <= 0.05);
                let parity = metric.parity();
                by_interval += u32::from(parity < interval.lower || interval.upper < parity);
            }
            // Three standard errors of a share of 0.05 in 400 windows are 0.033.
            for (by, alarms) in [("p-value", by_p_value), ("interval", by_interval)] {
                let share = f64::from(alarms) / f64::from(WINDOWS);
                trial.check(metric, share <= 0.083, || {
                    format!("{n_groups} equal groups differ by {by} in {share} of the windows")
                });
            }
        }
    }
    trial.finish();
}

#[test]
fn nothing_is_undefined_with_a_reason() {
    let mut trial = Trial::new("fairness/empty", EXCEPTIONS);
    let mut random = Random::new(4);
    let some = POPULATION.draw(200, &mut random);
    let none = POPULATION.draw(0, &mut random);
    let few = POPULATION.draw(12, &mut random);
    let several = keepwell_testkit::simulate::three_classes(200, &mut random).profile(Mode::Exact);
    let is_few = |reason: &Reason| matches!(reason, Reason::TooFewRows { .. });
    for &metric in fairness::ALL {
        for (case, groups, is_right) in [
            ("no groups", vec![], &|reason: &Reason| {
                *reason == Reason::NoRows
            }),
            (
                "empty groups",
                vec![none.clone(), none.clone()],
                &|reason| *reason == Reason::NoRows,
            ),
            ("one group", vec![some.clone(), none.clone()], &is_few),
            ("one large group", vec![some.clone(), few.clone()], &is_few),
            (
                "several classes",
                vec![several.clone(), several.clone()],
                &|reason| *reason == Reason::NotApplicable,
            ),
        ]
            as [(&str, Vec<ClassOutcomes>, &dyn Fn(&Reason) -> bool); 5]
        {
            let found = by_default(metric, &named(groups));
            trial.check(metric, found.reason().is_some_and(is_right), || {
                format!("{case}: {found:?}")
            });
        }
    }
    trial.finish();
}

#[test]
fn small_groups_can_be_let_in() {
    let mut trial = Trial::new("fairness/rows_min", EXCEPTIONS);
    let mut random = Random::new(5);
    let groups = named(vec![
        POPULATION.draw(300, &mut random),
        POPULATION.draw(20, &mut random),
    ]);
    for &metric in fairness::ALL {
        let mut params = Params::defaults(metric.parameters());
        let one = ParamValue::Integer(1);
        params.set("rows_min", one).expect("every measure has it");
        let found = evaluate(metric, &groups, &params);
        trial.check(metric, found.defined().is_some(), || format!("{found:?}"));
    }
    trial.finish();
}

#[test]
fn every_parameter_changes_something() {
    let mut trial = Trial::new("fairness/parameters", EXCEPTIONS);
    let shared = shared();
    for &metric in fairness::ALL {
        for parameter in metric.parameters() {
            let pairs = contrasts(metric.parameters(), parameter.name);
            let has_effect = shared.iter().any(|(_, groups)| {
                let run = |params: &Params| evaluate(metric, groups, params);
                pairs.iter().any(|(left, right)| run(left) != run(right))
            });
            trial.check(metric, has_effect, || {
                format!("`{}` changes nothing", parameter.name)
            });
        }
    }
    trial.finish();
}
