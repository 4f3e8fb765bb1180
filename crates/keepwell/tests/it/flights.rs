//! The flights report is true: every number agrees with scikit-learn, SciPy and pandas.

use serde_json::Value;

use crate::command::{keepwell, root, stderr};

/// Relative agreement that exact mode promises.
const TOLERANCE: f64 = 1e-9;

fn report() -> Value {
    let output = keepwell([
        "check",
        "examples/flights/flights.parquet",
        "--spec",
        "examples/flights/flights.yaml",
        "--max-segments",
        "50",
        "--json",
        "-",
        "--fail-on",
        "never",
    ]);
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).expect("the report is JSON")
}

fn truth() -> Value {
    let text =
        std::fs::read_to_string(root().join("examples/flights/truth.json")).expect("shipped");
    serde_json::from_str(&text).expect("the truth is JSON")
}

/// The row of the report with these attributes; panics unless there is exactly one.
fn row<'a>(rows: &'a [Value], attributes: &[(&str, &Value)]) -> &'a Value {
    let mut found = rows
        .iter()
        .filter(|row| attributes.iter().all(|(key, value)| row[*key] == **value));
    let row = found
        .next()
        .unwrap_or_else(|| panic!("no row with {attributes:?}"));
    assert!(found.next().is_none(), "two rows with {attributes:?}");
    row
}

/// Compares a value of the report with the truth, where null stands for undefined.
fn compare(found: &Value, expected: &Value, what: &str, faults: &mut Vec<String>) {
    let agree = match (found["value"].as_f64(), expected.as_f64()) {
        (Some(found), Some(expected)) => {
            (found - expected).abs() <= TOLERANCE * expected.abs().max(1e-3)
        }
        (None, None) => found["verdict"] == "undefined" || found["reason"].is_string(),
        _ => false,
    };
    if !agree {
        faults.push(format!("{what}: expected {expected}, found {found}"));
    }
}

#[test]
fn every_metric_agrees_with_scikit_learn() {
    let (report, truth) = (report(), truth());
    let results = report["results"].as_array().expect("rows");
    let reference = report["reference"]["metrics"].as_array().expect("rows");
    let mut faults = Vec::new();
    let mut n_compared = 0;
    let windows = truth["windows"].as_array().expect("windows");
    let sides = std::iter::once((&truth["reference"], reference, true))
        .chain(windows.iter().map(|window| (window, results, false)));
    for (side, rows, is_reference) in sides {
        let start = Value::String(format!(
            "{}-01T00:00:00Z",
            side["window"].as_str().expect("a month")
        ));
        for expected in side["metrics"].as_array().expect("metrics") {
            // The reference is not cut by version, and a version that did not serve has no row.
            if !expected["version"].is_null() && (is_reference || expected["rows"] == 0) {
                continue;
            }
            for name in [
                "accuracy",
                "precision",
                "recall",
                "f1",
                "roc_auc",
                "log_loss",
            ] {
                let name_value = Value::from(name);
                let mut attributes = vec![
                    ("name", &name_value),
                    ("version", &expected["version"]),
                    ("segment", &expected["segment"]),
                ];
                if !is_reference {
                    attributes.push(("window_start", &start));
                }
                let found = rows
                    .iter()
                    .find(|row| attributes.iter().all(|(key, value)| row[*key] == **value));
                let Some(found) = found else {
                    // A lone version is all rows, and has no rows of its own.
                    if expected["rows"].as_u64() > Some(0) {
                        faults.push(format!("no row with {attributes:?}"));
                    }
                    continue;
                };
                n_compared += 1;
                compare(
                    found,
                    &expected[name],
                    &format!("{name} {attributes:?}"),
                    &mut faults,
                );
                assert_eq!(found["rows"], expected["rows"], "{attributes:?}");
                assert_eq!(found["targets"], expected["targets"], "{attributes:?}");
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} of {n_compared}:\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert!(n_compared > 900, "{n_compared}");
}

#[test]
fn every_confusion_count_agrees_with_scikit_learn() {
    let (report, truth) = (report(), truth());
    let results = report["results"].as_array().expect("rows");
    let cells = [
        ("no", "no", "tn"),
        ("no", "yes", "fp"),
        ("yes", "no", "fn"),
        ("yes", "yes", "tp"),
    ];
    for window in truth["windows"].as_array().expect("windows") {
        let month = window["window"].as_str().expect("a month");
        let start = Value::from(format!("{month}-01T00:00:00Z"));
        let overall = &window["metrics"][0];
        if overall["targets"] == 0 {
            continue;
        }
        for (target, prediction, key) in cells {
            let found = results
                .iter()
                .find(|row| {
                    row["name"] == "confusion_matrix"
                        && row["window_start"] == start
                        && row["segment"].is_null()
                        && row["version"].is_null()
                        && row["params"]["target"] == target
                        && row["params"]["prediction"] == prediction
                })
                .unwrap_or_else(|| panic!("no cell {target} {prediction} in {month}"));
            assert_eq!(
                found["value"].as_f64(),
                overall[key].as_f64(),
                "{key} in {month}"
            );
        }
    }
}

#[test]
fn every_drift_statistic_agrees_with_scipy() {
    let (report, truth) = (report(), truth());
    let results = report["results"].as_array().expect("rows");
    let pairs = [
        ("ks", "ks", "value"),
        ("ks", "ks_p_value", "p_value"),
        ("wasserstein", "wasserstein", "value"),
        ("chi_squared", "chi_squared", "value"),
        ("jensen_shannon", "jensen_shannon", "value"),
        ("missing", "null_ratio", "value"),
    ];
    let mut faults = Vec::new();
    let mut n_compared = 0;
    for window in truth["windows"].as_array().expect("windows") {
        let start = Value::from(format!(
            "{}-01T00:00:00Z",
            window["window"].as_str().expect("a month")
        ));
        for expected in window["drift"].as_array().expect("drift") {
            for (name, key, field) in pairs {
                let Some(value) = expected.get(key) else {
                    continue;
                };
                let name = Value::from(name);
                let null = Value::Null;
                let found = row(
                    results,
                    &[
                        ("name", &name),
                        ("column", &expected["column"]),
                        ("window_start", &start),
                        ("segment", &null),
                    ],
                );
                n_compared += 1;
                let agree = match (found[field].as_f64(), value.as_f64()) {
                    (Some(found), Some(value)) => {
                        (found - value).abs() <= TOLERANCE * value.abs() + 1e-15
                    }
                    (None, None) => true,
                    _ => false,
                };
                if !agree {
                    faults.push(format!(
                        "{name} {key} of {}: expected {value}, found {found}",
                        expected["column"]
                    ));
                }
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} of {n_compared}:\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert!(n_compared > 500, "{n_compared}");
}
