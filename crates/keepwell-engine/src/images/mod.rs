//! Columns of images become columns of what they are like.
//!
//! A file with such columns is written again to a temporary Parquet file, in which each of them is replaced by one
//! column of numbers for each descriptor of images, so that nothing after this knows of images.

#[cfg(feature = "images")]
mod decode;

#[cfg(feature = "images")]
mod pictures;

#[cfg(feature = "images")]
mod stage;

use std::path::Path;

use crate::error::EngineError;
use crate::note::Note;
use crate::part::Part;

/// Replaces the columns of images of a file; a file without stays as it is.
///
/// # Errors
/// If a column holds neither paths nor bytes, the file is damaged, or the temporary file cannot be written. Images
/// that cannot be read are no errors: their descriptors are null, and a note says how many they are.
#[cfg(feature = "images")]
pub(crate) fn describe(
    part: Part,
    columns: &[String],
    folder: &Path,
    threads: usize,
) -> Result<(Part, Vec<Note>), EngineError> {
    let has_images = |name: &String| part.schema.index_of(name).is_ok();
    match columns.iter().any(has_images) {
        true => stage::describe(&part, columns, folder, threads),
        false => Ok((part, Vec::new())),
    }
}

/// This build knows nothing of images.
#[cfg(not(feature = "images"))]
pub(crate) fn describe(
    part: Part,
    columns: &[String],
    _: &Path,
    _: usize,
) -> Result<(Part, Vec<Note>), EngineError> {
    match columns.first() {
        None => Ok((part, Vec::new())),
        Some(column) => Err(EngineError::Request {
            expected: "a build with the feature `images`, to read columns of images",
            found: format!("one without, and the column `{column}`"),
        }),
    }
}
