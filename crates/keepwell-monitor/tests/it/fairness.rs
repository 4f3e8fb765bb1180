//! Monitors of fairness.

use keepwell_core::decide::Verdict;
use keepwell_monitor::evaluation::Evaluation;
use keepwell_monitor::monitors::Monitors;
use keepwell_monitor::row::Scope;
use keepwell_monitor::rule::Rule;
use keepwell_monitor::spec;
use keepwell_stats::profile::OutcomeProfile;

use crate::sample::outcomes;

/// 5,000 rows of which this share is decided for the positive class.
fn group(share: f64) -> OutcomeProfile {
    let rows: Vec<_> = (0..5_000)
        .map(|row| {
            let is_positive = f64::from(row % 100) < 100.0 * share;
            let prediction = if is_positive { "1" } else { "0" };
            (
                Some("1"),
                Some(prediction),
                f64::from(u8::from(is_positive)),
            )
        })
        .collect();
    outcomes(&rows)
}

fn verdict(monitors: &str, column: &str) -> Option<Verdict> {
    let spec = spec::parse(monitors, "m.yaml").expect("YAML");
    let monitors = Monitors::resolve(&spec.monitors).expect("valid");
    let (low, high) = (group(0.5), group(0.56));
    let groups = [("a".to_owned(), &low), ("b".to_owned(), &high)];
    let mut evaluation = Evaluation::new(Rule::default()).with_monitors(monitors);
    evaluation.groups(&Scope::default(), column, &groups, &groups);
    let evaluated = evaluation.finish();
    let rows = evaluated.rows.into_iter();
    let mut found = rows.filter(|row| row.name == "demographic_parity_difference");
    found.next().expect("computed in any case").verdict
}

#[test]
fn a_monitor_decides_on_what_is_shown_otherwise() {
    assert_eq!(verdict("", "sex"), None);
    let named =
        "monitors: [{fairness: demographic_parity_difference, columns: [sex], alert: 0.05}]";
    assert_eq!(verdict(named, "sex"), Some(Verdict::Alert));
    assert_eq!(verdict(named, "age"), None);
}
