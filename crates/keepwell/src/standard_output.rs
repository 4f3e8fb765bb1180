//! Standard output, which may be a pipe whose reader has seen enough.

use std::io::Write;
use std::path::Path;

use crate::failure::Failure;

/// Writes to standard output. A reader that closed its end (`| head`) is no error.
///
/// # Errors
/// If the output cannot take what is written, for example because its disk is full.
pub fn write(content: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), Failure> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    match content(&mut out).and_then(|()| out.flush()) {
        Err(fault) if fault.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(unwritable(Path::new("-"), &fault))
        }
        _ => Ok(()),
    }
}

/// What the user is told of an output that cannot be written.
pub fn unwritable(path: &Path, fault: &std::io::Error) -> Failure {
    Failure::usage(
        "keepwell.output.unwritable",
        format!("expected to write {}; found: {fault}", path.display()),
        None,
    )
}
