//! Automation of the repository: `cargo xtask <task>`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "headings, durations and errors are what the tasks are asked for"
)]

mod bench;

mod demo;

mod docs;

mod fuzz;

mod process;

mod python;

mod setup;

mod simulate;

mod suite;

#[cfg(test)]
mod tidy;

mod vectors;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};

/// A task: its name, its arguments and what it does, and the function that does it.
type Task = (&'static str, &'static str, fn(&[String]) -> Result<()>);

const TASKS: &[Task] = &[
    (
        "demo",
        "build keepwell and check the flights of examples/",
        demo::run,
    ),
    (
        "test",
        "set up what the tests need, then run every check and test",
        suite::run,
    ),
    (
        "docs",
        "[--check]  write docs/reference/ from the catalog, or fail if it is stale",
        docs::run,
    ),
    (
        "vectors",
        "[--family FAMILY]  compute the reference vectors with SciPy, scikit-learn and other peers",
        vectors::run,
    ),
    (
        "bench",
        "[WORKLOAD...]  time `keepwell check` beside DuckDB's bare scan and beside its peers",
        bench::run,
    ),
    (
        "simulate",
        "[--quick] [--rule RULE]  measure how often the decision rule and those of its peers are wrong",
        simulate::run,
    ),
    (
        "fuzz",
        "[SECONDS]  run each fuzz target for so long (60)",
        fuzz::run,
    ),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("error: {fault}");
            for cause in fault.chain().skip(1) {
                eprintln!("  because {cause}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let name = arguments.first().map_or("", String::as_str);
    match TASKS.iter().find(|(task, ..)| *task == name) {
        Some((_, _, run)) => run(&arguments[1..]),
        None => {
            let known: Vec<String> = TASKS
                .iter()
                .map(|(task, about, _)| format!("  cargo xtask {task:<8} {about}"))
                .collect();
            bail!(
                "expected one of these tasks; found `{name}`\n{}",
                known.join("\n")
            )
        }
    }
}

/// The folder of the workspace.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The folder where cargo and the tasks put what they make.
fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
