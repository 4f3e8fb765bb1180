//! Values of the same entities on both sides: `--pair-by`.

use std::fmt::Write;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use crate::command::{keepwell, stderr};

/// Entities of the offline table.
const N: usize = 400;

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("the folder is writable");
    path.display().to_string()
}

/// Checks two tables that are paired by these columns.
fn check(offline: (&str, &str), served: (&str, &str), key: &[&str]) -> (Output, Option<Value>) {
    let folder = TempDir::new().expect("a temporary folder");
    let offline = write(folder.path(), offline.0, offline.1);
    let served = write(folder.path(), served.0, served.1);
    let json = folder.path().join("report.json").display().to_string();
    let mut arguments = vec!["check", "--reference", &offline, "--current", &served];
    arguments.extend(["--quiet", "--json", &json]);
    for column in key {
        arguments.extend(["--pair-by", column]);
    }
    let output = keepwell(arguments);
    let text = std::fs::read_to_string(&json).ok();
    (
        output,
        text.map(|text| serde_json::from_str(&text).expect("JSON")),
    )
}

/// The rows of the check, the whole table first.
fn rows(report: &Value) -> Vec<&Value> {
    let rows = report["results"].as_array().expect("rows");
    rows.iter()
        .filter(|row| row["name"] == "serving_skew")
        .collect()
}

fn of_column<'a>(report: &'a Value, column: &str) -> &'a Value {
    let found = rows(report).into_iter().find(|row| row["column"] == column);
    found.unwrap_or_else(|| panic!("a row of {column}"))
}

#[track_caller]
fn assert_close(value: &Value, expected: f64) {
    let value = value.as_f64().expect("a number");
    assert!((value - expected).abs() < 1e-9, "{value}, not {expected}");
}

fn notes(report: &Value) -> String {
    report["notes"].to_string()
}

/// The lines of a CSV file, in another order.
fn shuffled(mut lines: Vec<String>) -> String {
    let n = lines.len();
    for idx in 0..n {
        lines.swap(idx, (idx * 7919 + 13) % n);
    }
    lines.join("\n")
}

#[test]
fn values_are_compared_by_entity_and_not_by_distribution() {
    let offline: Vec<String> = (0..N)
        .map(|id| format!("{id},2026-01-01,{},{},same{}", id % 50, id % 7, id % 3))
        .collect();
    // Of each 20 entities one has the value of another, so that the distribution stays; of each 100 one has none.
    let served: Vec<String> = (0..N)
        .map(|id| {
            let amount = match id % 20 {
                0 => ((id + 20) % N) % 50,
                _ => id % 50,
            };
            let visits = match id % 100 {
                99 => String::new(),
                _ => format!("{}.0", id % 7),
            };
            format!("{id},2026-01-01T00:00:00Z,{amount},{visits},same{}", id % 3)
        })
        .collect();
    let header = "id,day,amount,visits,name\n";
    let (output, report) = check(
        ("offline.csv", &format!("{header}{}", offline.join("\n"))),
        ("served.csv", &format!("{header}{}", shuffled(served))),
        &["id", "day"],
    );
    let report = report.unwrap_or_else(|| panic!("{}", stderr(&output)));
    assert_eq!(output.status.code(), Some(1), "an alert");
    let amount = of_column(&report, "amount");
    assert_close(&amount["value"], 0.05);
    assert_eq!(amount["verdict"], "alert");
    assert_eq!(amount["rows"], N);
    assert_eq!(amount["params"]["pair_differing"], "20");
    // Wilson's interval of 20 of 400, as in statsmodels: proportion_confint(20, 400, method="wilson").
    assert_close(&amount["lower"], 0.032_597_429_837_147_25);
    assert_close(&amount["upper"], 0.075_963_635_063_719_61);
    let example = amount["params"]["pair_examples"].as_str().expect("a text");
    assert_eq!(example.split("; ").count(), 3);
    assert!(example.contains("id=") && example.contains("day=2026-01-01: "));
    let visits = of_column(&report, "visits");
    assert_close(&visits["value"], 0.01);
    assert_eq!(visits["verdict"], "warning");
    assert_eq!(visits["params"]["pair_missing_current"], "4");
    assert_eq!(of_column(&report, "name")["verdict"], "ok");
    let whole = rows(&report)[0];
    assert!(whole["column"].is_null() && whole["verdict"].is_null());
    assert_close(&whole["value"], 0.05);
    // The keys are no features.
    let results = report["results"].as_array().expect("rows");
    assert!(results.iter().all(|row| row["column"] != "id"));
    let drift = results
        .iter()
        .find(|row| row["column"] == "amount" && row["name"] == "ks");
    assert_eq!(drift.expect("a row")["verdict"], "ok");
}

#[test]
fn the_first_row_of_a_key_counts_and_rows_without_partner_are_told() {
    let (mut offline, mut served) = ("id,x\n".to_owned(), "id,x\n".to_owned());
    for id in 0..60 {
        writeln!(offline, "{id},{id}").expect("text grows");
        writeln!(served, "{},{}", id + 10, id + 10).expect("text grows");
    }
    // Later rows of known keys, and rows without a key; their values would differ.
    offline.push_str("11,-1\n12,-1\n,-1\n");
    served.push_str("20,-5\n,-5\n,-5\n");
    let (output, report) = check(("a.csv", &offline), ("b.csv", &served), &["id"]);
    let report = report.unwrap_or_else(|| panic!("{}", stderr(&output)));
    let x = of_column(&report, "x");
    assert_eq!((&x["rows"], &x["verdict"]), (&50.into(), &"ok".into()));
    assert_close(&x["value"], 0.0);
    let notes = notes(&report);
    for part in [
        "paired by `id`: 50 entities on both sides",
        "left out in the reference: 10 without a partner, 2 with the key of an earlier row, 1 with a null",
        "left out now: 10 without a partner, 1 with the key of an earlier row, 2 with a null",
    ] {
        assert!(notes.contains(part), "{part}: {notes}");
    }
}

#[test]
fn types_may_differ_where_values_do_not() {
    let (mut offline, mut served) = (String::new(), "id,n,flag,code,word\n".to_owned());
    for id in 0..40 {
        // Text that stands for a number, a truth value, and a code; the key is text, too.
        writeln!(
            offline,
            r#"{{"id":"{id}.0","n":"{id}.50","flag":"{}","code":"{}","word":"w{id}"}}"#,
            if id % 2 == 0 { "True" } else { "false" },
            id % 4,
        )
        .expect("text grows");
        let n = if id == 7 {
            1_000.0
        } else {
            f64::from(id) + 0.5
        };
        writeln!(served, "{id},{n},{},{},{id}", id % 2 == 0, id % 4).expect("text grows");
    }
    let (output, report) = check(("a.ndjson", &offline), ("b.csv", &served), &["id"]);
    let report = report.unwrap_or_else(|| panic!("{}", stderr(&output)));
    assert_eq!(of_column(&report, "n")["params"]["pair_differing"], "1");
    let examples = &of_column(&report, "n")["params"]["pair_examples"];
    assert_eq!(examples, "id=7: 7.50 → 1000");
    assert_close(&of_column(&report, "flag")["value"], 0.0);
    assert_close(&of_column(&report, "code")["value"], 0.0);
    // Words are no numbers: every entity differs.
    assert_close(&of_column(&report, "word")["value"], 1.0);
}

#[test]
fn digits_and_limits_are_set_by_a_monitor() {
    let folder = TempDir::new().expect("a temporary folder");
    let (mut offline, mut served) = ("id,x\n".to_owned(), "id,x\n".to_owned());
    for id in 1..=100 {
        writeln!(offline, "{id},{id}").expect("text grows");
        let x = f64::from(id) * if id <= 3 { 1.0 + 1e-4 } else { 1.0 };
        writeln!(served, "{id},{x}").expect("text grows");
    }
    let offline = write(folder.path(), "a.csv", &offline);
    let served = write(folder.path(), "b.csv", &served);
    let run = |monitors: &str| {
        let spec = format!("columns: {{key: [id]}}\n{monitors}");
        let spec = write(folder.path(), "m.yaml", &spec);
        let json = folder.path().join("r.json").display().to_string();
        let output = keepwell([
            "check",
            "--reference",
            &offline,
            "--current",
            &served,
            "--spec",
            &spec,
            "--quiet",
            "--json",
            &json,
        ]);
        let text = std::fs::read_to_string(&json);
        let text = text.unwrap_or_else(|_| panic!("{}", stderr(&output)));
        let report: Value = serde_json::from_str(&text).expect("JSON");
        let rows = rows(&report);
        let found = rows.iter().rev().find(|row| row["column"] == "x");
        let x = *found.expect("a row of x");
        (x["value"].as_f64(), x["verdict"].clone())
    };
    assert_eq!(run(""), (Some(0.03), "warning".into()));
    let coarse = "monitors: [{table: serving_skew, params: {digits: 3}}]";
    assert_eq!(run(coarse), (Some(0.0), "ok".into()));
    let strict = "monitors: [{table: serving_skew, warning: 0.01, alert: 0.02}]";
    assert_eq!(run(strict), (Some(0.03), "alert".into()));
}

#[test]
fn keys_that_never_meet_are_no_finding_but_told() {
    let text = |start: i32| {
        let rows: Vec<String> = (start..start + 40).map(|id| format!("{id},1.5")).collect();
        format!("id,x\n{}\n", rows.join("\n"))
    };
    let (output, report) = check(("a.csv", &text(0)), ("b.csv", &text(100)), &["id"]);
    let report = report.unwrap_or_else(|| panic!("{}", stderr(&output)));
    assert_eq!(output.status.code(), Some(0));
    let whole = rows(&report);
    assert_eq!(whole.len(), 1);
    assert_eq!(whole[0]["verdict"], "undefined");
    assert_eq!(whole[0]["reason"], "no_rows");
    assert!(notes(&report).contains("0 entities on both sides"));
    let (_, report) = check(("a.csv", &text(0)), ("b.csv", &text(30)), &["id"]);
    let report = report.expect("a report");
    let x = of_column(&report, "x");
    assert_eq!(x["reason"], "too_few_rows");
}

#[test]
fn keys_that_cannot_be_are_refused() {
    let text = "id,x\n1,2\n2,3\n";
    let (output, _) = check(("a.csv", text), ("b.csv", text), &["idd"]);
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        message.contains("column `idd`") && message.contains("id"),
        "{message}"
    );
    let folder = TempDir::new().expect("a temporary folder");
    let path = write(
        folder.path(),
        "a.csv",
        "id,time,x\n1,2026-01-01,2\n2,2026-01-03,3\n",
    );
    let output = keepwell(["check", &path, "--until", "2026-01-02", "--pair-by", "id"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("expected two tables"),
        "{}",
        stderr(&output)
    );
}
