//! `cargo xtask test`: set-up, every check and every test, in the order of what fails fastest.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::{cargo, succeed};
use crate::{root, setup};

/// The scripts of the HTML report, with a `tsconfig.json`.
const REPORT_SCRIPTS: &str = "crates/keepwell/src/report/html";

/// A part of the suite.
struct Step {
    name: &'static str,
    run: fn() -> Result<()>,
    /// What to do if it fails.
    advice: &'static str,
}

// The compiler flags are the same in every step: others would build all packages again.
const STEPS: &[Step] = &[
    Step {
        name: "set-up",
        run: setup::system_packages,
        advice: "what it installs can as well be installed by hand",
    },
    Step {
        name: "format",
        run: || succeed(cargo().args(["fmt", "--all", "--check"])),
        advice: "run `cargo fmt --all`",
    },
    Step {
        name: "lints",
        run: || {
            succeed(
                cargo()
                    .args(["clippy", "--workspace", "--all-targets", "--locked"])
                    .args(["--", "--deny", "warnings"]),
            )
        },
        advice: "each message names the lint; the lists are in Cargo.toml and clippy.toml",
    },
    Step {
        name: "tests",
        run: || succeed(cargo().args(["test", "--workspace", "--locked"])),
        advice: "run one again with `cargo test -p CRATE NAME`; CONTRIBUTING.md says what each kind is for",
    },
    Step {
        name: "types of the report's scripts",
        run: report_scripts,
        advice: "the scripts are checked as they are written, with types in JSDoc comments",
    },
];

/// Runs the task.
///
/// # Errors
/// If an argument is given, or at the first step that fails.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if !arguments.is_empty() {
        bail!("expected no argument; found {arguments:?}");
    }
    let begun = Instant::now();
    let mut done = Vec::new();
    for step in STEPS {
        println!("\n== {}", step.name);
        let step_begun = Instant::now();
        let result = (step.run)();
        done.push((step.name, step_begun.elapsed()));
        if let Err(fault) = result {
            print!("\n{}", summary(&done, Some(STEPS.len() - done.len())));
            return Err(fault.context(format!("step `{}` failed: {}", step.name, step.advice)));
        }
    }
    print!("\n{}", summary(&done, None));
    println!("All passed in {}.", shown(begun.elapsed()));
    Ok(())
}

/// A line per step; `not_run` is set after a failure, which was the last step.
fn summary(done: &[(&str, Duration)], not_run: Option<usize>) -> String {
    let width = done.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (idx, (name, took)) in done.iter().enumerate() {
        let is_failure = not_run.is_some() && idx + 1 == done.len();
        let word = if is_failure { "FAILED" } else { "ok" };
        text.push_str(&format!("{name:width$}  {word:6}  {:>8}\n", shown(*took)));
    }
    match not_run {
        Some(n) if n > 0 => text.push_str(&format!("{n} further steps were not run.\n")),
        _ => {}
    }
    text
}

fn shown(took: Duration) -> String {
    let seconds = took.as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{} min {:02} s", took.as_secs() / 60, took.as_secs() % 60)
    }
}

fn report_scripts() -> Result<()> {
    let folder = root().join(REPORT_SCRIPTS);
    if !folder.join("tsconfig.json").is_file() {
        bail!("{REPORT_SCRIPTS}/tsconfig.json is missing");
    }
    let compiler = setup::typescript()?;
    succeed(
        Command::new("node")
            .arg(compiler)
            .args(["--noEmit", "--project"])
            .arg(folder),
    )
    .context("type errors in the scripts of the HTML report")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_names_the_step_that_failed() {
        let done = [
            ("format", Duration::from_millis(1_200)),
            ("lints", Duration::from_secs(125)),
        ];
        assert_eq!(
            summary(&done, Some(2)),
            "format  ok         1.2 s\nlints   FAILED  2 min 05 s\n2 further steps were not run.\n"
        );
        assert!(!summary(&done, None).contains("FAILED"));
    }
}
