//! `keepwell tensorboard` on logs that our writer made.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use keepwell_interop::tensorboard::{
    Histogram, HparamValue, Hparams, RunStatus, RunWriter, Stamp, Text,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{keepwell, stderr, stdout};

/// 2024-05-01, in seconds since 1970.
const BEGUN: f64 = 1_714_521_600.0;

fn stamp(step: i64) -> Stamp {
    Stamp {
        step,
        wall_time: BEGUN + step as f64 * 0.25,
    }
}

/// Writes the values of one scalar, step by step, and gives the file.
fn scalar(folder: &Path, tag: &str, values: &[f64]) -> PathBuf {
    let mut run = RunWriter::create(folder, BEGUN).expect("a file");
    for (step, value) in (0..).zip(values) {
        run.scalar(tag, stamp(step), *value).expect("written");
    }
    run.path().to_owned()
}

fn tensorboard(command: &str, folder: &TempDir, more: &[&str]) -> Output {
    let path = folder.path().to_str().expect("UTF-8");
    let mut arguments = vec!["tensorboard", command, path];
    arguments.extend(more);
    keepwell(arguments)
}

#[track_caller]
fn read_json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", stderr(output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// A loss that falls, and does not stop falling.
fn falling() -> Vec<f64> {
    (0..50)
        .map(|step| (-f64::from(step) / 20.0).exp())
        .collect()
}

#[test]
fn json_has_every_point_as_it_was_written() {
    let folder = TempDir::new().expect("a folder");
    let values = [0.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -2.0];
    scalar(folder.path(), "loss", &values);
    scalar(&folder.path().join("a/b"), "übung, \"1\"", &[0.25]);
    let expected = json!({
        ".": {"loss": [
            [0, BEGUN, 0.5],
            [1, BEGUN + 0.25, "NaN"],
            [2, BEGUN + 0.5, "Infinity"],
            [3, BEGUN + 0.75, "-Infinity"],
            [4, BEGUN + 1.0, -2.0],
        ]},
        "a/b": {"übung, \"1\"": [[0, BEGUN, 0.25]]},
    });
    let output = tensorboard("read", &folder, &["--json", "-"]);
    assert_eq!(read_json(&output), expected);

    let path = folder.path().join("points.json");
    let path = path.to_str().expect("UTF-8");
    let output = tensorboard("read", &folder, &["--json", path, "--run", "a/*"]);
    let text = fs::read_to_string(path).expect("a file");
    let written: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(written, json!({"a/b": expected["a/b"]}));
    assert!(stdout(&output).contains("a/b"), "{}", stdout(&output));

    let csv = stdout(&tensorboard("read", &folder, &["--csv", "-"]));
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "run,tag,step,wall_time,value");
    assert_eq!(lines[2], ".,loss,1,1714521600.25,NaN");
    assert_eq!(lines[6], "a/b,\"übung, \"\"1\"\"\",0,1714521600,0.25");
    assert_eq!(lines.len(), 7);
}

#[test]
fn points_before_a_restart_are_read_on_request() {
    let folder = TempDir::new().expect("a folder");
    let mut run = RunWriter::create(folder.path(), BEGUN).expect("a file");
    for (step, value) in [(0, 1.0), (1, 2.0), (2, 3.0), (1, 4.0)] {
        run.scalar("loss", stamp(step), value).expect("written");
    }
    run.flush().expect("written");
    let values = |more: &[&str]| -> Vec<(i64, f64)> {
        let points = read_json(&tensorboard("read", &folder, more));
        let points = points["."]["loss"].as_array().expect("points").clone();
        let pair = |point: &Value| Some((point[0].as_i64()?, point[2].as_f64()?));
        points.iter().filter_map(pair).collect()
    };
    assert_eq!(values(&["--json", "-"]), [(0, 1.0), (1, 4.0)]);
    assert_eq!(
        values(&["--json", "-", "--points", "written"]),
        [(0, 1.0), (1, 2.0), (2, 3.0), (1, 4.0)]
    );
    let table = tensorboard("read", &folder, &[]);
    assert!(stderr(&table).contains("went back"), "{}", stderr(&table));
}

#[test]
fn other_kinds_are_read_by_name() {
    let folder = TempDir::new().expect("a folder");
    let mut run = RunWriter::create(folder.path().join("x"), BEGUN).expect("a file");
    let hparams = Hparams {
        values: [
            ("lr".to_owned(), HparamValue::Number(0.5)),
            ("name".to_owned(), HparamValue::Text("adam".to_owned())),
        ]
        .into(),
        ..Hparams::default()
    };
    run.hparams(BEGUN, &hparams).expect("written");
    let histogram = Histogram::of_values(&[0.0, 1.0, 4.0], 2);
    run.histogram("weights", stamp(3), &histogram)
        .expect("written");
    let text = Text {
        shape: vec![],
        texts: vec!["hello".to_owned()],
    };
    run.text("note", stamp(4), &text).expect("written");
    run.ended(BEGUN, RunStatus::Success).expect("written");
    drop(run);
    let kind = |kind| {
        read_json(&tensorboard(
            "read",
            &folder,
            &["--json", "-", "--kind", kind],
        ))
    };
    assert_eq!(
        kind("histograms"),
        json!({"x": {"weights": [[3, BEGUN + 0.75, [[0.0, 2.0, 2.0], [2.0, 4.0, 1.0]]]]}})
    );
    assert_eq!(
        kind("text"),
        json!({"x": {"note": [[4, BEGUN + 1.0, {"shape": [], "texts": ["hello"]}]]}})
    );
    let hparams = &kind("hparams")["x"];
    assert_eq!(hparams["values"], json!({"lr": 0.5, "name": "adam"}));
    assert_eq!(hparams["status"], "success");
    let table = stdout(&tensorboard("read", &folder, &["--kind", "hparams"]));
    assert!(table.contains("lr=0.5, name=adam"), "{table}");
    assert_eq!(kind("images"), json!({}));
}

#[test]
fn a_damaged_file_is_named_and_the_rest_is_read() {
    let folder = TempDir::new().expect("a folder");
    let path = scalar(folder.path(), "loss", &falling());
    let mut bytes = fs::read(&path).expect("a file");
    // The last bytes are the checksum of the last point.
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, &bytes).expect("written");
    let output = tensorboard("read", &folder, &["--json", "-"]);
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.expect("a name in UTF-8");
    assert!(stderr(&output).contains(name), "{}", stderr(&output));
    let points = &read_json(&output)["."]["loss"];
    assert_eq!(points.as_array().map(Vec::len), Some(49));

    let lint = tensorboard("lint", &folder, &["--json", "-"]);
    assert_eq!(lint.status.code(), Some(1));
    let lint: Value = serde_json::from_slice(&lint.stdout).expect("JSON");
    assert_eq!(lint["severity"], "warning");
    assert_eq!(lint["files"][0]["kind"], "bad_payload");
    assert_eq!(lint["files"][0]["count"], 1);
}

#[test]
fn lint_ends_with_the_code_of_what_it_found() {
    let folder = TempDir::new().expect("a folder");
    scalar(&folder.path().join("good"), "loss", &falling());
    let output = tensorboard("lint", &folder, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));

    let mut values = falling();
    values.push(f64::NAN);
    scalar(&folder.path().join("lost"), "loss", &values);
    let code = |more: &[&str]| tensorboard("lint", &folder, more).status.code();
    assert_eq!(code(&[]), Some(1));
    assert_eq!(code(&["--fail-on", "alert"]), Some(1));
    assert_eq!(code(&["--fail-on", "never"]), Some(0));
    assert_eq!(code(&["--run", "good"]), Some(0));
    assert_eq!(code(&["--run", "none"]), Some(2));

    let output = tensorboard("lint", &folder, &["--json", "-"]);
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let names: Vec<&Value> = (0..2)
        .map(|idx| &document["trainings"][idx]["training"])
        .collect();
    assert_eq!(names, ["lost", "good"]);
    let finding = &document["trainings"][0]["findings"][0];
    assert_eq!(finding["judgement"], "non_finite");
    assert_eq!(finding["step"], 50);
    assert_eq!(finding["evidence"]["count"], 1.0);
    let text = stdout(&tensorboard("lint", &folder, &["--lang", "zh"]));
    assert!(text.contains("警报"), "{text}");
}

#[test]
fn diff_puts_two_runs_side_by_side() {
    let folder = TempDir::new().expect("a folder");
    scalar(&folder.path().join("a"), "loss", &[1.0, 0.25, 0.5]);
    scalar(&folder.path().join("b"), "loss", &[1.0, 0.75]);
    scalar(&folder.path().join("b"), "speed", &[3.0]);
    let output = tensorboard("diff", &folder, &["a", "b", "--json", "-"]);
    assert_eq!(
        read_json(&output),
        json!({"before": "a", "after": "b", "tags": {
            "loss": {
                "before": {"last": {"step": 2, "value": 0.5}, "best": {"step": 1, "value": 0.25}},
                "after": {"last": {"step": 1, "value": 0.75}, "best": {"step": 1, "value": 0.75}},
                "difference": 0.25,
            },
            "speed": {
                "before": null,
                "after": {"last": {"step": 0, "value": 3.0}, "best": null},
                "difference": null,
            },
        }})
    );
    let text = stdout(&tensorboard("diff", &folder, &["a", "b", "--tag", "l*"]));
    assert!(text.contains("+0.25") && !text.contains("speed"), "{text}");
    let output = tensorboard("diff", &folder, &["a", "c"]);
    assert_eq!(output.status.code(), Some(2));
    let message = stderr(&output);
    for part in ["keepwell.tensorboard.unknown_run", "`c`", "`a`, `b`"] {
        assert!(message.contains(part), "expected {part} in: {message}");
    }
}

#[test]
fn watch_prints_the_last_values_of_each_run() {
    let folder = TempDir::new().expect("a folder");
    let output = tensorboard("watch", &folder, &["--once"]);
    assert_eq!(stdout(&output), "no event file yet\n");
    scalar(&folder.path().join("a"), "loss", &[1.0, 0.25]);
    scalar(&folder.path().join("b"), "\u{1b}[2J", &[2.0]);
    let output = tensorboard("watch", &folder, &["--once"]);
    assert_eq!(
        stdout(&output),
        "a  step 1  loss 0.25\nb  step 0  \\u{1b}[2J 2\n"
    );
}

#[test]
fn what_is_not_there_is_bad_input() {
    let folder = TempDir::new().expect("a folder");
    let refused = |output: &Output, parts: &[&str]| {
        assert_eq!(output.status.code(), Some(2));
        let message = stderr(output);
        for part in parts {
            assert!(message.contains(part), "expected {part} in: {message}");
        }
    };
    let read = |more: &[&str]| tensorboard("read", &folder, more);
    refused(&read(&[]), &["keepwell.tensorboard.no_runs", "hint"]);
    scalar(&folder.path().join("a"), "loss", &[1.0]);
    let code = "keepwell.tensorboard.nothing_matches";
    refused(&read(&["--run", "b*"]), &[code, "`b*`", "`a`"]);
    refused(&read(&["--tag", "b*"]), &[code, "`b*`", "`loss`"]);
    refused(&read(&["--kind", "pies"]), &["pr_curves"]);
    refused(
        &read(&["--json", "-", "--csv", "-"]),
        &["keepwell.usage.stdout_twice"],
    );
    refused(
        &keepwell(["tensorboard", "lint", "no/such/folder"]),
        &["interop.logdir.unreadable", "no/such/folder"],
    );
}
