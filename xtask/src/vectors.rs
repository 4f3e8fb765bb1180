//! `cargo xtask vectors`: computes the reference vectors that the tests of `keepwell-stats` read.
//!
//! The catalog gives each entry's reference computation (the fence `python oracle` of its doc comment)
//! and the sets of parameters to run; `xtask/vectors/oracle.py` runs them on the shared inputs of the
//! family, in a Python environment of its own with pinned packages.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::process::{cargo, output, succeed};
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
    let python = environment()?;
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

/// The Python of an environment that has the pinned packages; made anew when the pins change.
fn environment() -> Result<PathBuf> {
    let pins_path = root().join("xtask/vectors/requirements.txt");
    let pins =
        fs::read_to_string(&pins_path).with_context(|| format!("read {}", pins_path.display()))?;
    let folder = target_dir().join("vectors-venv");
    let python = folder.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    // Written last, so that an interrupted installation is not taken for a complete one.
    let stamp = folder.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == pins) {
        return Ok(python);
    }
    let base = env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    succeed(
        Command::new(&base)
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    let quiet = ["-m", "pip", "install", "--quiet", "--requirement"];
    succeed(Command::new(&python).args(quiet).arg(&pins_path))?;
    fs::write(&stamp, pins).with_context(|| format!("write {}", stamp.display()))?;
    Ok(python)
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
