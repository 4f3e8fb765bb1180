//! Bad input ends with exit code 2 and a message that says what, where, and what would be right.
//!
//! The engine's own tests cover each format; these show that the message reaches the user.

use tempfile::TempDir;

use crate::command::{keepwell, stderr, stdout};

const GOOD: &str = "x,prediction,target\n1,yes,yes\n2,no,yes\n3,no,no\n";

/// Checks `current` against a good reference and gives exit code and standard error.
fn check(name: &str, current: &[u8], more: &[&str]) -> (Option<i32>, String) {
    let folder = TempDir::new().expect("a temporary folder");
    let write = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("the folder is writable");
        path.display().to_string()
    };
    let reference = write("reference.csv", GOOD.as_bytes());
    let current = write(name, current);
    let mut arguments = vec!["check", "--reference", &reference, "--current", &current];
    arguments.extend(more);
    let output = keepwell(arguments);
    (output.status.code(), stderr(&output))
}

#[track_caller]
fn assert_refused(name: &str, current: &[u8], more: &[&str], parts: &[&str]) {
    let (code, message) = check(name, current, more);
    assert_eq!(code, Some(2), "{message}");
    assert!(!message.contains("panicked"), "{message}");
    for part in parts {
        assert!(message.contains(part), "expected `{part}` in: {message}");
    }
}

#[test]
fn files_that_cannot_be_read_are_named_with_place_and_remedy() {
    assert_refused("e.csv", b"", &[], &["engine.file.empty", "e.csv", "hint"]);
    assert_refused(
        "t.parquet",
        b"PAR1 and no more",
        &[],
        &["engine.file.malformed", "t.parquet"],
    );
    assert_refused(
        "r.csv",
        b"x,prediction,target\n1,yes,yes\n2,no\n",
        &[],
        &[
            "engine.csv.ragged_row",
            "line 3",
            "expected 3 fields",
            "found 2",
        ],
    );
    assert_refused(
        "d.csv",
        b"a,a\n1,2\n",
        &[],
        &["engine.column.duplicate", "`a` twice"],
    );
    assert_refused(
        "u.csv",
        b"x,target\n1,\xff\n",
        &[],
        &["engine.text.not_utf8", "line 2", "0xff"],
    );
    assert_refused(
        "j.ndjson",
        b"{\"x\":1}\n{no\n",
        &[],
        &["engine.ndjson.bad_line", "line 2"],
    );
    assert_refused("x.docx", b"PK", &[], &["engine.", "x.docx"]);
}

#[test]
fn values_of_the_wrong_kind_are_named_with_row_and_column() {
    assert_refused(
        "k.csv",
        b"x,prediction,target\n1,yes,yes\nmany,no,no\n",
        &["--kind", "x=numeric"],
        &["line 3", "column `x`", "`many`"],
    );
    assert_refused(
        "t.csv",
        b"at,x\n2026-01-01,1\n01/02/2026,2\n1767225600,3\n",
        &["--timestamp", "at"],
        &[
            "line 3",
            "column `at`",
            "`01/02/2026`",
            "2026-01-31T09:30:00Z",
        ],
    );
}

#[test]
fn roles_and_references_that_are_missing_are_explained() {
    let good = GOOD.as_bytes();
    assert_refused(
        "a.csv",
        good,
        &["--target", "trget"],
        &["column `trget`", "did you mean `target`?"],
    );
    assert_refused(
        "b.csv",
        b"x,prediction,target\n",
        &[],
        &["keepwell.current.no_rows", "b.csv"],
    );
    assert_refused(
        "c.csv",
        good,
        &["--every", "1d"],
        &["keepwell.usage.no_timestamp", "--timestamp"],
    );
    assert_refused(
        "d.csv",
        b"x,prediction,target\n1,cat,dog\n2,dog,cat\n3,cat,cat\n",
        &["--task", "binary"],
        &["cat", "dog"],
    );
    assert_refused(
        "e.csv",
        good,
        &["--spec", "nowhere.yaml"],
        &["keepwell.spec.unreadable", "nowhere.yaml"],
    );
    let output = keepwell(["check", "examples/flights/flights.parquet"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("keepwell.usage.no_reference"));
    let output = keepwell([
        "check",
        "examples/flights/flights.parquet",
        "--until",
        "2030-01-01",
    ]);
    assert!(
        stderr(&output).contains("keepwell.usage.until_outside"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_report_that_cannot_be_written_is_refused_before_any_work() {
    let good = GOOD.as_bytes();
    assert_refused(
        "a.csv",
        good,
        &["--html", "no/such/folder/r.html"],
        &["keepwell.output.no_folder"],
    );
    assert_refused(
        "a.csv",
        good,
        &["--json", "-", "--junit", "-"],
        &["keepwell.usage.stdout_twice"],
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_not_a_short_report() {
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("Linux has it");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_keepwell"))
        .args(["check", "examples/flights/flights.parquet"])
        .args(["--spec", "examples/flights/flights.yaml", "--json", "-"])
        .current_dir(crate::command::root())
        .stdout(full)
        .output()
        .expect("the binary was built with the tests");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("keepwell.output.unwritable"),
        "{}",
        stderr(&output)
    );
}

#[cfg(unix)]
#[test]
fn a_pipe_and_a_link_stay_what_they_are() {
    use std::os::unix::fs::FileTypeExt;

    let folder = TempDir::new().expect("a temporary folder");
    let (pipe, link) = (folder.path().join("pipe"), folder.path().join("link.md"));
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo runs").success());
    std::os::unix::fs::symlink(folder.path().join("real.md"), &link).expect("a link");
    std::fs::write(folder.path().join("real.md"), "old").expect("writable");
    let source = pipe.clone();
    let reader = std::thread::spawn(move || std::fs::read_to_string(source));
    let output = keepwell([
        "check",
        "examples/flights/flights.parquet",
        "--spec",
        "examples/flights/flights.yaml",
        "--json",
        &pipe.display().to_string(),
        "--markdown",
        &link.display().to_string(),
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let json = reader.join().expect("no panic").expect("text");
    serde_json::from_str::<serde_json::Value>(&json).expect("a whole report");
    let kind = std::fs::metadata(&pipe).expect("there").file_type();
    assert!(kind.is_fifo());
    assert!(link.is_symlink());
    let markdown = std::fs::read_to_string(&link).expect("text");
    assert!(markdown.starts_with('#'), "{markdown:.40}");
}

#[test]
fn odd_columns_are_reported_and_the_others_are_checked() {
    let rows = |odd: &dyn Fn(usize) -> String| {
        let mut text = String::from("odd,even,target,prediction\n");
        for idx in 0..60 {
            let class = if idx % 2 == 0 { "yes" } else { "no" };
            text.push_str(&format!("{},{},{class},{class}\n", odd(idx), idx % 7));
        }
        text
    };
    let folder = TempDir::new().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("reference.csv"), rows(&|idx| format!("{}", idx % 5))).expect("writable");
    let mixed = |idx: usize| {
        if idx == 7 {
            "seven".to_owned()
        } else {
            idx.to_string()
        }
    };
    let long = |idx: usize| format!("{}{}", "long ".repeat(200_000), idx % 3);
    let cases: [(&str, &dyn Fn(usize) -> String); 3] = [
        ("null.csv", &|_| String::new()),
        ("mixed.csv", &mixed),
        ("long.csv", &long),
    ];
    for (name, odd) in cases {
        std::fs::write(path(name), rows(odd)).expect("writable");
        let output = keepwell([
            "check",
            "--reference",
            &path("reference.csv"),
            "--current",
            &path(name),
            "--json",
            "-",
        ]);
        assert_eq!(output.status.code(), Some(1), "{name}: {}", stderr(&output));
        let report: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
        let verdict = |column: &str, test: &str| {
            let rows = report["results"].as_array().expect("rows");
            let row = rows
                .iter()
                .find(|row| row["column"] == column && row["name"] == test);
            row.unwrap_or_else(|| panic!("{name}: a row for {test} of {column}"))["verdict"].clone()
        };
        assert_eq!(verdict("even", "ks"), "ok", "{name}");
        let fault = if name == "null.csv" {
            "missing"
        } else {
            "type_change"
        };
        assert_eq!(verdict("odd", fault), "alert", "{name}");
    }
}

#[test]
fn one_class_and_no_scores_are_said_and_not_guessed() {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("one.csv").display().to_string();
    std::fs::write(&path, format!("prediction,target\n{}", "0,0\n".repeat(50))).expect("writable");
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
    let report: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let row = |name: &str| {
        let rows = report["results"].as_array().expect("rows");
        rows.iter()
            .find(|row| row["name"] == name)
            .expect("a row")
            .clone()
    };
    assert_eq!(row("roc_auc")["reason"], "no_scores");
    assert_eq!(row("precision")["verdict"], "undefined");
    assert_eq!(row("accuracy")["value"], 1.0);
}
