//! Where a report goes: a file, or standard output.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::failure::Failure;
use crate::standard_output;

/// Refuses destinations that cannot be written before any work is done.
///
/// # Errors
/// If two of them are standard output, or the folder of one does not exist.
pub fn check(destinations: &[&Path]) -> Result<(), Failure> {
    let to_stdout = destinations.iter().filter(|path| is_stdout(path));
    if to_stdout.count() > 1 {
        return Err(Failure::usage(
            "keepwell.usage.stdout_twice",
            "expected at most one report on standard output (`-`); found several",
            None,
        ));
    }
    for path in destinations {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder
            && !folder.is_dir()
        {
            return Err(Failure::usage(
                "keepwell.output.no_folder",
                format!(
                    "expected the folder {} to write {}; it does not exist",
                    folder.display(),
                    path.display()
                ),
                Some("create it first"),
            ));
        }
    }
    Ok(())
}

/// Writes a report.
///
/// # Errors
/// If the destination cannot take it.
pub fn write(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Failure> {
    if is_stdout(path) {
        return standard_output::write(write);
    }
    write_whole(path, write).map_err(|fault| standard_output::unwritable(path, &fault))
}

/// Whether a path means standard output.
pub fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Writes a file by way of a temporary name, so that a full disk leaves no half report under the
/// wanted one. A link is followed, and what is not a file (a pipe, `/dev/null`) is written to as
/// it stands: a rename would put a file in its place.
fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let into = |file: File| {
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        out.flush()
    };
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if target.exists() && !target.is_file() {
        return into(File::options().write(true).open(&target)?);
    }
    let partial = target.with_added_extension("partial");
    File::create(&partial)
        .and_then(into)
        .and_then(|()| std::fs::rename(&partial, &target))
        .inspect_err(|_| {
            // The write has failed already; a left-over is the lesser evil.
            let _ = std::fs::remove_file(&partial);
        })
}
