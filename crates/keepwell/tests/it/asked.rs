//! Keys of a model spec do what the guide says.

use std::path::Path;

use serde_json::Value;

use crate::command::{keepwell, stderr, stdout};

const FLIGHTS: &str = "examples/flights/flights.parquet";

/// Runs a check with this spec; the exit code, and the report or what was said instead.
fn check(folder: &Path, spec: &str, more: &[&str]) -> (Option<i32>, Result<Value, String>) {
    let path = folder.join("model.yaml");
    std::fs::write(&path, spec).expect("writable");
    let path = path.display().to_string();
    let mut args = vec![
        "check",
        "--spec",
        &path,
        "--json",
        "-",
        "--fail-on",
        "never",
    ];
    args.extend(more);
    let output = keepwell(args);
    let report = serde_json::from_str(&stdout(&output)).map_err(|_| stderr(&output));
    (output.status.code(), report)
}

fn report(folder: &Path, spec: &str, more: &[&str]) -> Value {
    let (_, report) = check(folder, spec, more);
    report.unwrap_or_else(|fault| panic!("{spec}: {fault}"))
}

fn assert_refused(folder: &Path, spec: &str, more: &[&str], parts: &[&str]) {
    let (code, report) = check(folder, spec, more);
    let fault = report.expect_err("refused");
    assert_eq!(code, Some(2), "{fault}");
    for part in parts {
        assert!(fault.contains(part), "expected {part} in: {fault}");
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::TempDir::new().expect("a temporary folder")
}

/// A note that holds this text.
fn has_note(report: &Value, text: &str) -> bool {
    let notes = report["notes"].as_array().expect("notes");
    notes.iter().any(|note| note.to_string().contains(text))
}

const COLUMNS: &str = "columns: {timestamp: timestamp, version: model_version, prediction: prediction, \
                       score: score, target: late, positive: \"yes\", features: {exclude: [target_at]}}\n";

#[test]
fn a_version_is_the_reference_of_the_later_ones() {
    let folder = folder();
    let spec = |reference: &str| format!("{COLUMNS}reference: {reference}\n");
    let found = report(folder.path(), &spec("{version: 1}"), &[FLIGHTS]);
    let until = report(
        folder.path(),
        &spec("{until: 2013-10-01T00:00:00Z}"),
        &[FLIGHTS],
    );
    // The second version took over at midnight.
    for side in ["reference", "current"] {
        assert_eq!(found[side]["rows"], until[side]["rows"], "{side}");
    }
    let f1 = |report: &Value| {
        let rows = report["results"].as_array().expect("rows").iter();
        let mut found = rows.filter(|row| row["name"] == "f1" && row["segment"].is_null());
        found.next().expect("a row")["value"].clone()
    };
    assert_eq!(f1(&found), f1(&until));
    let by_month = report(
        folder.path(),
        &spec("{version: \"1\"}"),
        &[FLIGHTS, "--every", "1mo"],
    );
    assert_eq!(by_month["windows"].as_array().map(Vec::len), Some(4));

    for (reference, more, parts) in [
        (
            "{version: 7}",
            &[FLIGHTS][..],
            &["version `7`", "found 1, 2"][..],
        ),
        ("{version: 2}", &[FLIGHTS], &["later version than `2`"]),
        ("{version: 1, file: a.csv}", &[FLIGHTS], &["found several"]),
        (
            "{version: 1}",
            &[FLIGHTS, "--model-version", "nope"],
            &["`nope`"],
        ),
    ] {
        assert_refused(folder.path(), &spec(reference), more, parts);
    }
    let events = folder.path().join("a.csv");
    std::fs::write(&events, "x\n1\n").expect("writable");
    let events = events.display().to_string();
    let parts = ["keepwell.usage.no_version", "--model-version"];
    assert_refused(folder.path(), "reference: {version: 1}", &[&events], &parts);
    // What is typed goes before what is written.
    let both = ["--reference", FLIGHTS, "--current", FLIGHTS];
    let typed = report(folder.path(), &spec("{version: 1}"), &both);
    assert_eq!(typed["reference"]["rows"], typed["current"]["rows"]);
}

#[test]
fn an_alarm_budget_sets_the_level() {
    let folder = folder();
    let spec = |budget: &str| {
        format!("{COLUMNS}reference: {{until: 2013-12-30T00:00:00Z}}\nalarm_budget: {budget}\n")
    };
    // Two days and the last evening in New York, of thirty.
    let found = report(
        folder.path(),
        &spec("{false_alarms: 1, per: 30d}"),
        &[FLIGHTS],
    );
    let alpha = found["rule"]["alpha"].as_f64().expect("a number");
    let expected = alpha / (1.0 - alpha).powi(2);
    assert!((2.0 / 30.0..=2.25 / 30.0).contains(&expected), "{expected}");
    assert!(has_note(&found, "alarm budget"), "{}", found["notes"]);
    let typed = ["--alpha", "0.02", FLIGHTS];
    let typed = report(folder.path(), &spec("{false_alarms: 1, per: 30d}"), &typed);
    assert_eq!(typed["rule"]["alpha"], 0.02);
    for budget in [
        "{false_alarms: 0, per: 30d}",
        "{false_alarms: 1}",
        "{per: 1mo, false_alarms: 1}",
    ] {
        assert_refused(folder.path(), &spec(budget), &[FLIGHTS], &["alarm_budget"]);
    }
}

#[test]
fn a_correction_is_chosen_by_its_id() {
    let folder = folder();
    let spec = format!("{COLUMNS}reference: {{until: 2013-06-01T00:00:00Z}}\n");
    let n_found = |more: &[&str]| {
        let found = report(folder.path(), &spec, more);
        let rows = found["results"].as_array().expect("rows").iter();
        rows.filter(|row| row["verdict"] == "warning" || row["verdict"] == "alert")
            .count()
    };
    let usual = n_found(&[FLIGHTS, "--every", "1mo"]);
    let strict = n_found(&[
        FLIGHTS,
        "--every",
        "1mo",
        "--correction",
        "benjamini_yekutieli",
    ]);
    assert!(0 < strict && strict <= usual, "{strict} of {usual}");
    let wrong = format!("{spec}correction: holms\n");
    assert_refused(folder.path(), &wrong, &[FLIGHTS], &["did you mean `holm`?"]);
}

/// Lists of five items for each of 60 users; the items drift upwards from `first`.
fn lists(folder: &Path, name: &str, first: usize) -> String {
    let mut text = "user,item,score,relevance\n".to_owned();
    for user in 0..60 {
        for place in 0..5 {
            let item = (first + user * place) % 40;
            let relevance = u8::from((user + place) % 3 == 0);
            text += &format!("u{user},i{item},{},{relevance}\n", 5 - place);
        }
    }
    let path = folder.join(name);
    std::fs::write(&path, text).expect("writable");
    path.display().to_string()
}

#[test]
fn recommenders_are_measured_against_what_was_known() {
    let folder = folder();
    let reference = lists(folder.path(), "reference.csv", 0);
    let current = lists(folder.path(), "current.csv", 7);
    let files = ["--reference", &reference, "--current", &current];
    let spec =
        "task: ranking\ncolumns: {query: user, item: item, score: score, target: relevance}\n";
    let values = |report: &Value, name: &str| -> Vec<Value> {
        let rows = report["results"].as_array().expect("rows").iter();
        rows.filter(|row| row["name"] == name)
            .map(|row| row["value"].clone())
            .collect()
    };
    let found = report(folder.path(), spec, &files);
    for name in [
        "novelty",
        "item_coverage",
        "popularity_bias",
        "personalization",
    ] {
        let values = values(&found, name);
        assert!(
            !values.is_empty() && values.iter().all(Value::is_number),
            "{name}: {values:?}"
        );
    }
    for name in ["serendipity", "intra_list_diversity"] {
        assert!(values(&found, name).iter().all(Value::is_null), "{name}");
    }

    let vectors: String = (0..40)
        .map(|item| format!("{{\"sku\": \"i{item}\", \"v\": [{}, 1]}}\n", item % 7))
        .collect();
    std::fs::write(folder.path().join("items.ndjson"), vectors).expect("writable");
    std::fs::write(
        folder.path().join("past.csv"),
        "user,item\nu1,i1\nu2,i1\nu2,i9\n",
    )
    .expect("writable");
    let spec = format!(
        "{spec}ranking:\n  interactions: {{file: past.csv}}\n  \
         items: {{file: items.ndjson, item: sku, vector: v}}\n"
    );
    let with_files = report(folder.path(), &spec, &files);
    for name in ["serendipity", "intra_list_diversity", "item_coverage"] {
        let values = values(&with_files, name);
        assert!(
            !values.is_empty() && values.iter().all(Value::is_number),
            "{name}: {values:?}"
        );
    }
    // Both items of the catalogue are shown.
    assert_eq!(values(&with_files, "item_coverage"), [1.0]);

    let other = "columns: {target: relevance}\nranking: {interactions: {file: past.csv}}\n";
    assert_refused(folder.path(), other, &files, &["task: ranking"]);
}

#[test]
fn columns_that_a_task_needs_are_named() {
    let folder = folder();
    let file = lists(folder.path(), "lists.csv", 0);
    let files = ["--reference", &file, "--current", &file];
    for (columns, key) in [("{item: item}", "`query:`"), ("{query: user}", "`item:`")] {
        let spec = format!("task: ranking\ncolumns: {columns}\n");
        assert_refused(folder.path(), &spec, &files, &["monitor.task.ranking", key]);
    }
    for task in ["text", "multilabel", "regression"] {
        let target = if task == "text" { "item" } else { "relevance" };
        let spec = format!("task: {task}\ncolumns: {{target: {target}}}\n");
        let found = report(folder.path(), &spec, &files);
        assert!(
            has_note(&found, "`prediction:`"),
            "{task}: {}",
            found["notes"]
        );
    }
    let complete =
        "task: ranking\ncolumns: {query: user, item: item, score: score, target: relevance}\n";
    assert!(!has_note(
        &report(folder.path(), complete, &files),
        "columns:"
    ));
}
