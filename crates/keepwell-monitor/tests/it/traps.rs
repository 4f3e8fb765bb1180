//! Traps that monitoring tools fall into, each with the behaviour that is right.

use keepwell_core::decide::Verdict;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::schema::Role;
use keepwell_core::time::{Timestamp, Window};
use keepwell_monitor::evaluation::{ColumnInfo, Evaluation};
use keepwell_monitor::report::{Facts, Report};
use keepwell_monitor::row::Scope;
use keepwell_monitor::rule::Rule;
use keepwell_stats::profile::{ColumnProfile, Mode, NumericProfile};
use keepwell_testkit::random::Random;

use crate::sample::{NUMERIC, categorical, evaluate, normal, numeric, outcomes, row, zipf};

#[test]
fn trap_01_an_empty_window_is_a_row_with_a_reason() {
    let reference = numeric(&[1.0; 100]);
    let evaluated = evaluate(&[(&reference, &ColumnProfile::new(NUMERIC, Mode::Exact))]);
    let ks = row(&evaluated, 0, "ks");
    assert_eq!(ks.rows, 0);
    assert_eq!(ks.verdict, Some(Verdict::Undefined(Reason::NoRows)));
}

#[test]
fn trap_02_an_all_null_column_alerts_by_its_missing_values_and_spares_the_others() {
    let mut random = Random::new(1);
    let reference = numeric(&normal(&mut random, 500, 0.0, 1.0));
    let mut nulls = NumericProfile::new(Mode::Exact);
    nulls.push_nulls(500);
    let evaluated = evaluate(&[
        (&reference, &ColumnProfile::Numeric(nulls)),
        (&reference, &reference),
    ]);
    assert_eq!(row(&evaluated, 0, "missing").verdict, Some(Verdict::Alert));
    assert_eq!(
        row(&evaluated, 0, "ks").verdict,
        Some(Verdict::Undefined(Reason::AllNull))
    );
    assert_eq!(row(&evaluated, 1, "ks").verdict, Some(Verdict::Ok));
}

#[test]
fn trap_03_nan_null_infinity_and_the_empty_string_are_counted_apart() {
    let mut profile = NumericProfile::new(Mode::Exact);
    profile.extend_from_slice(&[
        1.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NEG_INFINITY,
    ]);
    profile.push_nulls(3);
    let counts = *profile.counts();
    assert_eq!(
        (
            counts.rows,
            counts.null,
            counts.nan,
            counts.positive_infinity,
            counts.negative_infinity
        ),
        (8, 3, 1, 1, 2)
    );
    let names = categorical(["", "a", ""]);
    assert_eq!((names.counts().empty, names.counts().null), (2, 0));
}

#[test]
fn trap_04_new_and_vanished_categories_are_compared_and_named() {
    let reference = categorical(["a", "b"].into_iter().cycle().take(400));
    let current = categorical(["a", "c"].into_iter().cycle().take(400));
    let evaluated = evaluate(&[(&reference, &current)]);
    let unseen = row(&evaluated, 0, "unseen_category");
    assert_eq!(
        unseen.outcome.defined().map(|measure| measure.value),
        Some(0.5)
    );
    assert_eq!(unseen.verdict, Some(Verdict::Alert));
    assert_eq!(
        row(&evaluated, 0, "jensen_shannon").verdict,
        Some(Verdict::Alert)
    );
}

#[test]
fn trap_05_an_empty_bin_does_not_make_psi_infinite() {
    let reference = categorical(["a", "b", "c"].into_iter().cycle().take(300));
    let current = categorical(["a", "b"].into_iter().cycle().take(300));
    let evaluated = evaluate(&[(&reference, &current)]);
    let psi = row(&evaluated, 0, "psi").outcome.clone();
    assert!(
        psi.defined()
            .is_some_and(|measure| measure.value.is_finite() && measure.value > 0.5)
    );
}

#[test]
fn trap_06_an_outlier_in_the_window_does_not_hide_a_shift() {
    let mut random = Random::new(6);
    let reference = numeric(&normal(&mut random, 1000, 0.0, 1.0));
    let mut shifted = normal(&mut random, 1000, 3.0, 1.0);
    let without = numeric(&shifted);
    shifted[0] = 1e6;
    let with = numeric(&shifted);
    let evaluated = evaluate(&[(&reference, &without), (&reference, &with)]);
    for test in ["psi", "jensen_shannon", "ks"] {
        let value = |column| {
            row(&evaluated, column, test)
                .outcome
                .defined()
                .map(|measure| measure.value)
                .expect("defined")
        };
        assert!(
            (value(0) - value(1)).abs() < 0.02 * value(0),
            "{test}: {} {}",
            value(0),
            value(1)
        );
    }
}

#[test]
fn trap_08_a_tiny_difference_in_a_huge_sample_is_no_finding() {
    let mut random = Random::new(8);
    let reference = numeric(&normal(&mut random, 200_000, 0.0, 1.0));
    let current = numeric(&normal(&mut random, 200_000, 0.02, 1.0));
    let evaluated = evaluate(&[(&reference, &current)]);
    let ks = row(&evaluated, 0, "ks");
    assert!(
        ks.outcome
            .defined()
            .and_then(|measure| measure.p_value)
            .is_some_and(|p_value| p_value < 0.01)
    );
    assert_eq!(ks.verdict, Some(Verdict::Ok));
}

#[test]
fn trap_10_one_class_leaves_the_other_metrics_defined() {
    let reference =
        outcomes(&[(Some("1"), Some("1"), 0.9), (Some("0"), Some("0"), 0.1)].repeat(50));
    let current = outcomes(&[(Some("0"), Some("0"), 0.2)].repeat(60));
    let mut evaluation = Evaluation::new(Rule::default());
    evaluation.outcomes(&reference, None, &[(Scope::default(), &current)]);
    let evaluated = evaluation.finish();
    let metric = |name: &str| {
        evaluated
            .rows
            .iter()
            .find(|row| row.name == name)
            .expect("a row")
    };
    assert_eq!(
        metric("roc_auc").outcome,
        Outcome::Undefined(Reason::OneClass)
    );
    assert_eq!(
        metric("accuracy")
            .outcome
            .defined()
            .map(|measure| measure.value),
        Some(1.0)
    );
    assert_eq!(metric("accuracy").verdict, Some(Verdict::Ok));
}

#[test]
fn trap_10_a_constant_column_is_no_drift() {
    let constant = numeric(&[7.0; 200]);
    let evaluated = evaluate(&[(&constant, &constant)]);
    assert_eq!(row(&evaluated, 0, "ks").verdict, Some(Verdict::Ok));
    assert_eq!(row(&evaluated, 0, "constant").verdict, Some(Verdict::Ok));
}

#[test]
fn trap_11_logged_decisions_count_not_the_scores() {
    // All decisions are 1, whatever the score: half of them are right.
    let profile = outcomes(&[(Some("1"), Some("1"), 0.9), (Some("0"), Some("1"), 0.1)].repeat(50));
    let mut evaluation = Evaluation::new(Rule::default());
    evaluation.outcomes(&profile, None, &[(Scope::default(), &profile)]);
    let evaluated = evaluation.finish();
    let value = |name: &str| {
        let row = evaluated
            .rows
            .iter()
            .find(|row| row.name == name)
            .expect("a row");
        row.outcome.defined().map(|measure| measure.value)
    };
    assert_eq!(value("accuracy"), Some(0.5));
    assert_eq!(value("roc_auc"), Some(1.0));
}

#[test]
fn trap_13_rows_without_target_lower_maturity_and_not_the_metric() {
    let reference =
        outcomes(&[(Some("1"), Some("1"), 0.9), (Some("0"), Some("0"), 0.1)].repeat(50));
    let current = outcomes(
        &[
            (Some("1"), Some("1"), 0.9),
            (Some("0"), Some("0"), 0.1),
            (None, Some("0"), 0.2),
        ]
        .repeat(50),
    );
    let mut evaluation = Evaluation::new(Rule::default());
    evaluation.outcomes(&reference, None, &[(Scope::default(), &current)]);
    let evaluated = evaluation.finish();
    let accuracy = evaluated
        .rows
        .iter()
        .find(|row| row.name == "accuracy")
        .expect("a row");
    assert_eq!(
        accuracy.outcome.defined().map(|measure| measure.value),
        Some(1.0)
    );
    assert_eq!((accuracy.rows, accuracy.targets), (150, Some(100)));
    assert!(accuracy.is_provisional);
}

#[test]
fn trap_18_an_identifier_is_said_to_be_one_and_not_drift() {
    let mut reference = keepwell_stats::profile::CategoricalProfile::new(Mode::Sketched);
    let mut current = reference.clone();
    for idx in 0..5_000 {
        reference.push(&format!("id-{idx}"), 1);
        current.push(&format!("id-{}", idx + 5_000), 1);
    }
    let evaluated = evaluate(&[(
        &ColumnProfile::Categorical(reference),
        &ColumnProfile::Categorical(current),
    )]);
    let verdict = row(&evaluated, 0, "jensen_shannon").verdict.clone();
    assert!(
        matches!(
            verdict,
            Some(Verdict::Undefined(Reason::TooManyCategories { .. }))
        ),
        "{verdict:?}"
    );
}

#[test]
fn trap_19_nulls_shrink_the_sample_but_do_not_fake_drift() {
    let mut random = Random::new(19);
    let reference = numeric(&normal(&mut random, 5_000, 0.0, 1.0));
    let mut sparse = NumericProfile::new(Mode::Exact);
    sparse.extend_from_slice(&normal(&mut random, 100, 0.0, 1.0));
    sparse.push_nulls(900);
    let evaluated = evaluate(&[(&reference, &ColumnProfile::Numeric(sparse))]);
    assert_eq!(row(&evaluated, 0, "missing").verdict, Some(Verdict::Alert));
    assert_eq!(row(&evaluated, 0, "ks").verdict, Some(Verdict::Ok));
}

#[test]
fn trap_22_an_improvement_is_no_finding() {
    let worse = outcomes(&[(Some("1"), Some("1"), 0.6), (Some("0"), Some("1"), 0.55)].repeat(200));
    let better = outcomes(&[(Some("1"), Some("1"), 0.9), (Some("0"), Some("0"), 0.1)].repeat(200));
    let mut evaluation = Evaluation::new(Rule::default());
    evaluation.outcomes(&worse, None, &[(Scope::default(), &better)]);
    let evaluated = evaluation.finish();
    assert!(evaluated.facts.is_empty(), "{:?}", evaluated.facts);
    let mut evaluation = Evaluation::new(Rule::default());
    evaluation.outcomes(&better, None, &[(Scope::default(), &worse)]);
    assert!(!evaluation.finish().facts.is_empty());
}

#[test]
fn trap_23_a_change_that_lasts_is_one_finding() {
    let mut random = Random::new(23);
    let reference = numeric(&normal(&mut random, 1000, 0.0, 1.0));
    let shifted = numeric(&normal(&mut random, 1000, 2.0, 1.0));
    let currents: Vec<(Scope, &ColumnProfile)> = (0..10)
        .map(|idx| {
            let scope = Scope {
                window: Some(Window {
                    start: Timestamp(idx),
                    end: Timestamp(idx + 1),
                }),
                ..Scope::default()
            };
            (scope, if idx < 4 { &reference } else { &shifted })
        })
        .collect();
    let mut evaluation = Evaluation::new(Rule::default());
    let info = ColumnInfo {
        name: "x".to_owned(),
        role: Role::Feature,
        kind: NUMERIC,
    };
    evaluation.column(&info, &reference, None, &currents);
    let report = Report::new(Facts::default(), evaluation.finish());
    let drift: Vec<_> = report
        .findings
        .iter()
        .flat_map(|finding| &finding.episodes)
        .filter(|episode| report.rows[episode.worst.row_idx].name == "ks")
        .collect();
    assert_eq!(drift.len(), 1);
    assert_eq!(drift[0].since, Some(Timestamp(4)));
    assert_eq!(drift[0].n_hit, 6);
}

#[test]
fn trap_25_extreme_numbers_keep_every_statistic_finite_or_undefined() {
    let mut random = Random::new(25);
    let small = numeric(&normal(&mut random, 100, 0.0, 1.0));
    let extreme = numeric(&[1e308, -1e308, 5e-324, -0.0, 0.0].repeat(20));
    for (reference, current) in [(&small, &extreme), (&extreme, &small), (&extreme, &extreme)] {
        for row in evaluate(&[(reference, current)]).rows {
            if let Outcome::Defined(measure) = row.outcome {
                assert!(measure.value.is_finite(), "{}: {measure:?}", row.name);
                assert!(
                    measure
                        .p_value
                        .is_none_or(|p_value| (0.0..=1.0).contains(&p_value)),
                    "{}",
                    row.name
                );
            }
        }
    }
}

#[test]
fn trap_07_a_small_window_of_many_categories_is_quiet() {
    let mut alarms = 0;
    for seed in 0..40 {
        let mut random = Random::new(seed);
        let reference = zipf(&mut random, 5_000, 300);
        let current = zipf(&mut random, 100, 300);
        alarms += evaluate(&[(&reference, &current)]).facts.len();
    }
    assert!(alarms <= 2, "{alarms} of 40 quiet windows were reported");
}

#[test]
fn trap_13_targets_that_are_late_are_no_fault_of_the_data() {
    let mut reference = keepwell_stats::profile::CategoricalProfile::new(Mode::Exact);
    reference.push("yes", 500);
    reference.push("no", 500);
    let mut current = reference.clone();
    current.push_nulls(1_000);
    let info = ColumnInfo {
        name: "target".to_owned(),
        role: Role::Target,
        kind: keepwell_core::schema::Kind::Categorical,
    };
    let mut evaluation = Evaluation::new(Rule::default());
    evaluation.column(
        &info,
        &ColumnProfile::Categorical(reference),
        None,
        &[(Scope::default(), &ColumnProfile::Categorical(current))],
    );
    let evaluated = evaluation.finish();
    assert!(evaluated.facts.is_empty(), "{:?}", evaluated.facts);
    let missing = evaluated
        .rows
        .iter()
        .find(|row| row.name == "missing")
        .expect("a row");
    assert_eq!((missing.verdict.clone(), missing.threshold), (None, None));
}
