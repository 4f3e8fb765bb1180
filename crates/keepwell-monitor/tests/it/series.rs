//! Detectors, anomalies and changes of level over the windows of a metric and of a quality check.

use keepwell_core::decide::Verdict;
use keepwell_core::schema::Role;
use keepwell_core::time::{Every, Timestamp, Window};
use keepwell_monitor::evaluation::{ColumnInfo, Evaluated, Evaluation, OutcomeHistory};
use keepwell_monitor::history::{ColumnHistory, Timetable};
use keepwell_monitor::monitors::Monitors;
use keepwell_monitor::report::{Facts, Report};
use keepwell_monitor::row::{ResultKind, ResultRow, Scope};
use keepwell_monitor::rule::Rule;
use keepwell_monitor::spec;
use keepwell_stats::profile::{ColumnProfile, Mode, NumericProfile, OutcomeProfile};

use crate::sample::{NUMERIC, outcomes};

const DAY: i64 = 86_400_000_000;
const N_PAST: usize = 20;
/// The current window from which on the model is worse.
const FALL: usize = 5;
/// A current window whose targets have not come.
const BARE: usize = 2;

fn monitors(yaml: &str) -> Monitors {
    let spec = spec::parse(&format!("monitors:\n{yaml}"), "m.yaml").expect("YAML");
    Monitors::resolve(&spec.monitors).expect("valid")
}

fn window(idx: usize) -> Window {
    let start = idx as i64 * DAY;
    Window {
        start: Timestamp(start),
        end: Timestamp(start + DAY),
    }
}

fn current(idx: usize) -> Scope {
    Scope {
        window: Some(window(N_PAST + idx)),
        ..Scope::default()
    }
}

fn table() -> Timetable {
    let windows: Vec<Window> = (0..N_PAST).map(window).collect();
    Timetable::of(&windows, Every::Fixed(DAY)).expect("enough windows")
}

/// 400 rows, of which one in `period` is wrong, and a few more that differ from window to window.
fn day(idx: usize, period: usize) -> OutcomeProfile {
    let extra = idx * 7 % 5;
    let rows: Vec<_> = (0..400)
        .map(|row| {
            let target = if row % 2 == 0 { "1" } else { "0" };
            let is_wrong = row % period == 0 || row < 2 * extra;
            let is_positive = (target == "1") != is_wrong;
            let prediction = if is_positive { "1" } else { "0" };
            (
                Some(target),
                Some(prediction),
                f64::from(u8::from(is_positive)),
            )
        })
        .collect();
    outcomes(&rows)
}

fn bare() -> OutcomeProfile {
    outcomes(&[(None, Some("1"), 1.0); 400])
}

/// Twelve current windows after twenty of the reference, of which those from [`FALL`] on have one error in
/// `period` rows.
fn evaluate(period: usize, yaml: &str) -> Evaluated {
    let monitors = monitors(yaml);
    let past: Vec<OutcomeProfile> = (0..N_PAST).map(|idx| day(idx, 11)).collect();
    let past: Vec<&OutcomeProfile> = past.iter().collect();
    let history = OutcomeHistory::of(&table(), &past, &monitors);
    let now = |idx: usize| match idx {
        BARE => bare(),
        idx if idx < FALL => day(idx, 11),
        idx => day(idx, period),
    };
    let now: Vec<OutcomeProfile> = (0..12).map(now).collect();
    let scopes: Vec<(Scope, &OutcomeProfile)> = now
        .iter()
        .enumerate()
        .map(|(idx, outcomes)| (current(idx), outcomes))
        .collect();
    let mut evaluation = Evaluation::new(Rule::default()).with_monitors(monitors);
    evaluation.outcome_history(&history);
    evaluation.outcomes(&day(0, 11), Some(&history), &scopes);
    evaluation.finish()
}

fn rows_of<'a>(evaluated: &'a Evaluated, name: &str, series: &str) -> Vec<&'a ResultRow> {
    let has_series = |row: &&ResultRow| row.params.contains(&("series", series.to_owned()));
    let of_kind = |row: &&ResultRow| row.kind == ResultKind::Anomaly && row.name == name;
    let rows = evaluated.rows.iter().filter(of_kind);
    rows.filter(has_series).collect()
}

fn found(rows: &[&ResultRow]) -> Vec<Window> {
    let is_found =
        |row: &&&ResultRow| matches!(row.verdict, Some(Verdict::Warning | Verdict::Alert));
    let windows = rows.iter().filter(is_found).map(|row| row.scope.window);
    windows.map(|window| window.expect("set")).collect()
}

const PAGE_HINKLEY: &str =
    "- {detector: page_hinkley, of: accuracy, params: {min_instances: 10, threshold: 0.1}}\n";

#[test]
fn a_fall_is_signalled_once_and_a_steady_metric_never() {
    let evaluated = evaluate(4, PAGE_HINKLEY);
    let rows = rows_of(&evaluated, "page_hinkley", "accuracy");
    // A window without targets is skipped.
    assert_eq!(rows.len(), 11);
    assert!(
        rows.iter()
            .all(|row| row.scope.window != Some(window(N_PAST + BARE)))
    );
    assert_eq!(found(&rows), [window(N_PAST + FALL)]);
    let steady = evaluate(11, PAGE_HINKLEY);
    assert!(found(&rows_of(&steady, "page_hinkley", "accuracy")).is_empty());
}

#[test]
fn an_improvement_is_no_finding() {
    let evaluated = evaluate(400, PAGE_HINKLEY);
    let rows = rows_of(&evaluated, "page_hinkley", "accuracy");
    let has_signalled = |row: &&ResultRow| {
        let value = row.outcome.defined().map(|measure| measure.value);
        value == Some(1.0)
    };
    assert_eq!(rows.into_iter().filter(has_signalled).count(), 1);
    assert_eq!(found(&rows_of(&evaluated, "page_hinkley", "accuracy")), []);
}

#[test]
fn a_finding_says_since_when_the_level_is_another() {
    let evaluated = evaluate(4, "  []\n");
    let rows = rows_of(&evaluated, "change_points", "accuracy");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].scope.window, Some(window(N_PAST + FALL)));
    assert_eq!(rows[0].verdict, None);
    let report = Report::new(Facts::default(), evaluated);
    let accuracy = report
        .findings
        .iter()
        .flat_map(|finding| &finding.episodes)
        .find(|episode| report.rows[episode.worst.row_idx].name == "accuracy")
        .expect("a fall is found");
    assert_eq!(accuracy.level_since, Some(window(N_PAST + FALL).start));
    let steady = evaluate(11, "  []\n");
    assert!(rows_of(&steady, "change_points", "accuracy").is_empty());
}

#[test]
fn missing_values_are_a_series_too() {
    let monitors = monitors("- {anomaly: robust_z, of: missing, columns: [a]}\n");
    let profile = |idx: usize| {
        let nulls = [4, 6, 5, 8, 7][idx % 5] + if idx == N_PAST + FALL { 40 } else { 0 };
        let mut profile = NumericProfile::new(Mode::Exact);
        profile.extend_from_slice(&[1.0; 100]);
        profile.push_nulls(nulls);
        ColumnProfile::Numeric(profile)
    };
    let all: Vec<ColumnProfile> = (0..N_PAST + 12).map(profile).collect();
    let past: Vec<&ColumnProfile> = all[..N_PAST].iter().collect();
    let currents: Vec<(Scope, &ColumnProfile)> = all[N_PAST..]
        .iter()
        .enumerate()
        .map(|(idx, profile)| (current(idx), profile))
        .collect();
    let evaluated = |name: &str| {
        let history = ColumnHistory::of(&table(), &past).expect("numbers");
        let history = history.with_checks(&monitors, name, &past);
        let info = ColumnInfo {
            name: name.to_owned(),
            role: Role::Feature,
            kind: NUMERIC,
        };
        let mut evaluation = Evaluation::new(Rule::default()).with_monitors(monitors.clone());
        evaluation.column(&info, past[0], Some(&history), &currents);
        evaluation.finish()
    };
    let read = evaluated("a");
    let rows = rows_of(&read, "robust_z", "missing");
    assert_eq!(rows.len(), 12);
    assert_eq!(found(&rows), [window(N_PAST + FALL)]);
    assert!(rows_of(&evaluated("b"), "robust_z", "missing").is_empty());
}
