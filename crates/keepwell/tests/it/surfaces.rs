//! The reports agree with one another, and formats and modes with each other.

use crate::command::{keepwell, stderr, stdout};

fn flights(more: &[&str]) -> std::process::Output {
    let mut arguments = vec![
        "check",
        "examples/flights/flights.parquet",
        "--spec",
        "examples/flights/flights.yaml",
    ];
    arguments.extend(more);
    keepwell(arguments)
}

#[test]
fn exit_codes_follow_the_verdict_that_was_asked_for() {
    for (fail_on, code) in [("alert", 1), ("warning", 1), ("never", 0)] {
        let output = flights(&["--fail-on", fail_on, "--quiet"]);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{fail_on}: {}",
            stderr(&output)
        );
        assert!(output.stdout.is_empty());
    }
    let quiet = keepwell([
        "check",
        "--reference",
        "examples/flights/flights.parquet",
        "--current",
        "examples/flights/flights.parquet",
        "--spec",
        "examples/flights/flights.yaml",
    ]);
    assert_eq!(
        quiet.status.code(),
        Some(1),
        "months of one file differ from the whole"
    );
}

#[test]
fn a_file_does_not_differ_from_itself() {
    let output = keepwell([
        "check",
        "--reference",
        "examples/bike-sharing/bike-sharing.parquet",
        "--current",
        "examples/bike-sharing/bike-sharing.parquet",
        "--target",
        "bikers",
        "--fail-on",
        "warning",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
}

#[test]
fn the_summary_has_no_colour_when_it_is_not_on_a_terminal() {
    let plain = stdout(&flights(&[]));
    assert!(!plain.contains('\u{1b}'));
    assert!(plain.contains("ALERT"));
    let coloured = stdout(&flights(&["--color", "always"]));
    assert!(coloured.contains('\u{1b}'));
    let chinese = stdout(&flights(&["--lang", "zh-CN"]));
    assert!(chinese.contains("精确率"), "{chinese}");
}

#[test]
fn junit_and_markdown_tell_the_same_story_as_the_json() {
    let json: serde_json::Value =
        serde_json::from_slice(&flights(&["--json", "-"]).stdout).expect("JSON");
    let count = |verdict: &str| {
        let rows = json["results"].as_array().expect("rows");
        // Without a threshold nothing was to be decided, and an undefined value is no open question.
        let decided = rows.iter().filter(|row| !row["threshold"].is_null());
        decided.filter(|row| row["verdict"] == verdict).count()
    };
    let junit = stdout(&flights(&["--junit", "-"]));
    assert_eq!(junit.matches("<failure").count(), count("alert"));
    assert_eq!(junit.matches("<skipped").count(), count("undefined"));
    let markdown = stdout(&flights(&["--markdown", "-"]));
    assert!(markdown.contains("| "), "{markdown}");
}

#[test]
fn a_sketched_run_reports_the_same_columns_as_an_exact_one() {
    let verdicts = |more: &[&str]| {
        let mut arguments = vec!["--json", "-"];
        arguments.extend(more);
        let json: serde_json::Value =
            serde_json::from_slice(&flights(&arguments).stdout).expect("JSON");
        let rows = json["results"].as_array().expect("rows").clone();
        rows.into_iter()
            .filter(|row| row["name"] == "ks" && row["verdict"] == "alert")
            .map(|row| (row["column"].to_string(), row["window_start"].to_string()))
            .collect::<std::collections::BTreeSet<_>>()
    };
    let (exact, sketched) = (verdicts(&[]), verdicts(&["--approx"]));
    assert!(!exact.is_empty());
    let differing = exact.symmetric_difference(&sketched).count();
    assert!(differing * 10 <= exact.len(), "{exact:?}\n{sketched:?}");
}

#[test]
fn windows_of_a_width_are_cut_at_the_end_of_the_reference() {
    let output = keepwell([
        "check",
        "examples/bike-sharing/bike-sharing.parquet",
        "--target",
        "bikers",
        "--until",
        "2011-07-15",
        "--every",
        "1mo",
        "--json",
        "-",
    ]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let windows = json["windows"].as_array().expect("windows");
    assert!(
        windows[0].to_string().contains("2011-07-15T00:00:00Z"),
        "{}",
        windows[0]
    );
    assert!(
        windows[1].to_string().contains("2011-08-01T00:00:00Z"),
        "{}",
        windows[1]
    );
}

#[test]
fn windows_whose_targets_may_still_come_are_provisional() {
    let json: serde_json::Value =
        serde_json::from_slice(&flights(&["--json", "-"]).stdout).expect("JSON");
    let rows = json["results"].as_array().expect("rows");
    let reason = |month: &str| {
        let start = format!("2013-{month}-01T00:00:00Z");
        let row = rows.iter().find(|row| {
            row["name"] == "accuracy"
                && row["window_start"] == start.as_str()
                && row["segment"].is_null()
                && row["version"].is_null()
        });
        row.expect("a row")["reason"].clone()
    };
    assert_eq!(reason("06"), serde_json::Value::Null);
    assert_eq!(reason("12"), "provisional");
}

#[test]
fn keys_that_cannot_be_followed_are_refused_and_protected_columns_are_segments() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let check = |spec: &str| {
        let path = folder.path().join("model.yaml");
        std::fs::write(&path, spec).expect("writable");
        let path = path.display().to_string();
        let file = "examples/flights/flights.parquet";
        keepwell([
            "check",
            "--reference",
            file,
            "--current",
            file,
            "--spec",
            &path,
            "--target",
            "late",
            "--json",
            "-",
        ])
    };
    for (spec, key) in [
        ("monitors: [{}]", "monitor 1: expected one of"),
        ("monitors: [{drift: kuipr}]", "did you mean `kuiper`?"),
        (
            "monitors: [{drift: kuiper, columns: [nope]}]",
            "expected a column of the reference",
        ),
    ] {
        let output = check(spec);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(key), "{}", stderr(&output));
    }
    let json: serde_json::Value =
        serde_json::from_slice(&check("columns: {protected: [origin]}").stdout).expect("JSON");
    let rows = json["results"].as_array().expect("rows");
    assert!(rows.iter().any(|row| row["segment"] == "origin=JFK"));
    let disparity = rows
        .iter()
        .find(|row| row["kind"] == "fairness" && row["name"] == "equalized_odds_difference")
        .expect("a comparison of the groups");
    assert_eq!(disparity["column"], "origin");
    assert!(disparity["params"]["least"].is_string(), "{disparity}");
    assert!(disparity["verdict"].is_string(), "{disparity}");
}

#[test]
fn a_monitor_asks_for_what_is_not_computed_by_itself() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let spec = folder.path().join("model.yaml");
    let text = "columns: {timestamp: timestamp}\nmonitors:\n- {drift: kuiper, columns: [temp], warning: 0.1}\n";
    std::fs::write(&spec, text).expect("writable");
    let output = keepwell([
        "check",
        "examples/bike-sharing/bike-sharing.parquet",
        "--spec",
        "examples/bike-sharing/bike-sharing.yaml",
        "--json",
        "-",
    ]);
    let usual = stdout(&output);
    assert!(!usual.contains("\"kuiper\""));
    let file = "examples/bike-sharing/bike-sharing.parquet";
    let output = keepwell([
        "check",
        "--reference",
        file,
        "--current",
        file,
        "--spec",
        &spec.display().to_string(),
        "--json",
        "-",
    ]);
    let json: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let rows = json["results"].as_array().expect("rows");
    let asked: Vec<_> = rows.iter().filter(|row| row["name"] == "kuiper").collect();
    assert_eq!(asked.len(), 1, "of one column");
    assert_eq!(asked[0]["column"], "temp");
    assert_eq!(asked[0]["threshold"], 0.1);
    assert_eq!(asked[0]["verdict"], "ok");
}

#[test]
fn errors_of_a_regression_keep_their_unit() {
    let output = keepwell([
        "check",
        "examples/bike-sharing/bike-sharing.parquet",
        "--spec",
        "examples/bike-sharing/bike-sharing.yaml",
        "--markdown",
        "-",
    ]);
    let markdown = stdout(&output);
    let row = markdown
        .lines()
        .find(|line| line.starts_with("| RMSE |"))
        .expect("a line of the table");
    let reference = row.split('|').nth(2).expect("a cell").trim();
    let value: f64 = reference.parse().expect("a plain number");
    assert!(value > 1.0, "bikes, and no share: {row}");
    assert!(markdown.contains("R² fell from 0."), "{markdown}");
}

#[test]
fn columns_are_matched_by_name_and_what_comes_or_goes_is_said() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let rows = |header: &str, row: &dyn Fn(usize) -> String| {
        let lines: Vec<String> = (0..200).map(row).collect();
        format!("{header}\n{}\n", lines.join("\n"))
    };
    let reference = rows("kept,gone,moved", &|idx| {
        format!("{},{},{}", idx % 9, idx % 5, idx % 7)
    });
    let current = rows("moved,kept,new", &|idx| {
        format!("{},{},{}", idx % 7, idx % 9, idx)
    });
    std::fs::write(path("reference.csv"), reference).expect("writable");
    std::fs::write(path("current.csv"), current).expect("writable");
    let (reference, current) = (path("reference.csv"), path("current.csv"));
    let output = keepwell([
        "check",
        "--reference",
        &reference,
        "--current",
        &current,
        "--json",
        "-",
    ]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let verdict = |column: &str, name: &str| {
        let rows = json["results"].as_array().expect("rows");
        let row = rows
            .iter()
            .find(|row| row["column"] == column && row["name"] == name);
        row.expect("a row")["verdict"].clone()
    };
    assert_eq!(verdict("gone", "missing"), "alert");
    assert_eq!(verdict("kept", "ks"), "ok");
    assert_eq!(verdict("moved", "ks"), "ok");
    assert!(
        json["notes"].to_string().contains("does not have: `new`"),
        "{}",
        json["notes"]
    );
}

#[test]
fn spellings_of_one_class_in_targets_and_predictions_are_one_class() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let path = folder.path().join("events.ndjson");
    let lines: Vec<String> = (0..100)
        .map(|idx| {
            let (target, prediction) = if idx % 2 == 0 {
                ("true", "1.0")
            } else {
                ("false", "0")
            };
            format!("{{\"target\": {target}, \"prediction\": \"{prediction}\", \"x\": {idx}}}")
        })
        .collect();
    std::fs::write(&path, lines.join("\n")).expect("writable");
    let path = path.display().to_string();
    let output = keepwell([
        "check",
        "--reference",
        &path,
        "--current",
        &path,
        "--json",
        "-",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let rows = json["results"].as_array().expect("rows");
    let accuracy = rows
        .iter()
        .find(|row| row["name"] == "accuracy")
        .expect("a row");
    assert_eq!(accuracy["value"], 1.0, "{accuracy}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_fault() {
    for arguments in [&["completions", "bash"][..], &["catalog", "--json"]] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_keepwell"))
            .args(arguments)
            .stdout(writer)
            .output()
            .expect("the binary was built with the tests");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
}

#[test]
fn the_parts_of_a_check_are_those_of_the_whole() {
    let rows = |more: &[&str]| -> Vec<(String, serde_json::Value)> {
        let output = flights(&[&["--json", "-", "--fail-on", "never"], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let report: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
        let rows = report["results"].as_array().expect("rows");
        let place = |row: &serde_json::Value| {
            let parts = [
                "kind",
                "name",
                "column",
                "segment",
                "version",
                "window_start",
            ];
            let mut place = parts.map(|part| row[part].to_string()).join(" ");
            place.push_str(&format!("{} {}", row["class"], row["params"]["average"]));
            place
        };
        rows.iter()
            .map(|row| (place(row), row["value"].clone()))
            .collect()
    };
    let whole = rows(&[]);
    let is_performance = |place: &str| {
        ["\"metric\"", "\"fairness\"", "\"estimate\""]
            .iter()
            .any(|kind| place.starts_with(kind))
    };
    for (part, is_asked) in [("performance", true), ("data", false)] {
        let found = rows(&["--only", part]);
        // Series of metrics are anomalies, and belong to both.
        let expected: Vec<_> = whole
            .iter()
            .filter(|(place, _)| {
                is_performance(place) == is_asked && !place.contains("change_points")
            })
            .cloned()
            .collect();
        let found: Vec<_> = found
            .into_iter()
            .filter(|(place, _)| !place.contains("change_points"))
            .collect();
        assert!(!found.is_empty());
        assert_eq!(found, expected, "{part}");
    }
}
