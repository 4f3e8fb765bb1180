//! How often judgements find the faults of generated trainings, and how often they find faults in healthy ones.

use std::collections::BTreeMap;

use keepwell_interop::tensorboard::{LogDir, RunWriter};
use keepwell_interop::training::{ALL, Finding, Severity, judge, trainings};
use keepwell_testkit::random::Random;

use crate::curves::{FAULTS, training};
use crate::logs::{BEGUN, stamp};

/// Findings that call for someone.
fn alarms(findings: &[Finding]) -> Vec<&'static str> {
    let loud = findings
        .iter()
        .filter(|finding| finding.severity > Severity::Notice);
    loud.map(|finding| finding.judgement).collect()
}

#[test]
fn healthy_trainings_are_quiet() {
    const TRAININGS: u64 = 600;
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in 0..TRAININGS {
        let findings = judge(&training(&mut Random::new(seed), ""));
        for judgement in alarms(&findings) {
            *counts.entry(judgement).or_default() += 1;
        }
    }
    let total: u64 = counts.values().sum();
    assert!(total <= TRAININGS / 100, "{counts:?} of {TRAININGS}");
}

#[test]
fn each_fault_is_found_and_hardly_another() {
    const TRAININGS: u64 = 150;
    let mut table = String::new();
    let mut is_good = true;
    for fault in FAULTS {
        let (mut n_found, mut n_others) = (0, BTreeMap::new());
        for seed in 0..TRAININGS {
            let findings = judge(&training(&mut Random::new(1_000 + seed), fault));
            let alarms = alarms(&findings);
            n_found += u64::from(alarms.contains(&fault));
            for other in alarms.into_iter().filter(|&other| other != fault) {
                *n_others.entry(other).or_insert(0) += 1;
            }
        }
        table += &format!("{fault}: {n_found} of {TRAININGS}; others {n_others:?}\n");
        is_good &= n_found * 100 >= TRAININGS * 95;
    }
    assert!(is_good, "{table}");
    assert!(ALL.iter().all(|judgement| {
        let id = judgement.info().id;
        FAULTS.contains(&id) || id == "finished"
    }));
}

#[test]
fn short_and_strange_lines_do_not_fail() {
    let mut random = Random::new(5);
    for fault in FAULTS {
        let whole = training(&mut random, fault);
        for n_points in 0..70 {
            let mut cut = whole.clone();
            for line in &mut cut.lines {
                line.points.truncate(n_points);
            }
            judge(&cut);
            for line in &mut cut.lines {
                for (idx, point) in line.points.iter_mut().enumerate() {
                    point.value = [f64::NAN, 0.0, f64::MAX, f64::MIN, f64::INFINITY][idx % 5];
                    point.step = if idx % 2 == 0 { i64::MAX } else { i64::MIN };
                }
            }
            judge(&cut);
        }
    }
}

#[test]
fn a_log_directory_as_keras_writes_it_is_one_training() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["train", "validation"] {
        let mut run = RunWriter::create(folder.path().join(name), BEGUN).expect("a file");
        for step in 0..12 {
            let loss = match name {
                "train" => 1.0 / (step + 1) as f64,
                // Rises from the fifth epoch on.
                _ => 1.0 / (step.min(4) + 1) as f64 + 0.05 * (step - 4).max(0) as f64,
            };
            run.scalar("epoch_loss", stamp(step), loss)
                .expect("written");
        }
    }
    let logdir = LogDir::open(folder.path()).expect("a folder");
    let found = trainings(&logdir, None);
    assert_eq!(found.len(), 1);
    let findings = judge(&found[0]);
    assert_eq!(alarms(&findings), ["overfitting"]);
    assert_eq!(findings[0].step, 4);
    assert_eq!(findings[0].line, "validation/epoch_loss");
}
