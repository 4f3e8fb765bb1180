//! `cargo xtask bench`: times the command beside DuckDB's bare scan of the same files.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{cargo, succeed};
use crate::python::environment;
use crate::{root, target_dir};

/// Runs the task.
///
/// # Errors
/// If an argument is given, or the build or a run fails.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if !arguments.is_empty() {
        bail!("expected no argument; found {arguments:?}");
    }
    succeed(cargo().args(["build", "--release", "--locked", "--package", "keepwell"]))?;
    let python = environment("bench", &root().join("xtask/bench/requirements.txt"))?;
    let folder = target_dir().join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    succeed(
        Command::new(python)
            .arg(root().join("xtask/bench/bench.py"))
            .arg(target_dir().join("release/keepwell"))
            .arg(folder),
    )
}
