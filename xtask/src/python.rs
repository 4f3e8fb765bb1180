//! Python environments of the tasks.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result};

use crate::process::succeed;
use crate::target_dir;

/// The Python of an environment that has the packages pinned in the file `pins_path`; made anew when the
/// pins change.
///
/// # Errors
/// If Python or a package cannot be had, or the folder cannot be written.
pub(crate) fn environment(name: &str, pins_path: &Path) -> Result<PathBuf> {
    let pins =
        fs::read_to_string(pins_path).with_context(|| format!("read {}", pins_path.display()))?;
    let folder = target_dir().join(format!("{name}-venv"));
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
    succeed(Command::new(&python).args(quiet).arg(pins_path))?;
    fs::write(&stamp, pins).with_context(|| format!("write {}", stamp.display()))?;
    Ok(python)
}
