//! `cargo xtask vectors`: computes the reference vectors that the tests of `keepwell-stats` read.
//!
//! The catalog gives each entry's reference computation (the fence `python oracle` of its doc comment)
//! and the sets of parameters to run; `xtask/vectors/oracle.py` runs them on the shared inputs of the
//! family, in a Python environment of its own with pinned packages.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{cargo, output, succeed};
use crate::python::environment;
use crate::{root, target_dir};

/// Runs the task.
///
/// # Errors
/// If the arguments are unknown, a program is missing or fails, or a file cannot be written.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let family = match arguments {
        [] => None,
        [flag, family] if flag == "--family" => Some(family.as_str()),
        _ => bail!("expected nothing or `--family FAMILY`; found {arguments:?}"),
    };
    let python = environment("vectors", &root().join("xtask/vectors/requirements.txt"))?;
    let catalog = target_dir().join("catalog.json");
    fs::write(&catalog, catalog_json()?).with_context(|| format!("write {}", catalog.display()))?;

    let mut oracle = Command::new(python);
    oracle
        .arg(root().join("xtask/vectors/oracle.py"))
        .arg(catalog)
        .arg(root().join("crates/keepwell-stats/tests/vectors"))
        .args(family);
    succeed(&mut oracle)
}

/// What the families of `keepwell-stats` say about their entries, as JSON.
fn catalog_json() -> Result<Vec<u8>> {
    output(
        cargo()
            .args([
                "run",
                "--quiet",
                "--locked",
                "--package",
                "keepwell-testkit",
            ])
            .args(["--bin", "catalog-json"]),
    )
}
