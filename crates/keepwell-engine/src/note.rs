//! What was assumed while reading, for the user to see.

use std::fmt;
use std::path::PathBuf;

use crate::error::Place;

/// An assumption that was made about the input, which the user may want to correct.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// Values of several types stand in one column, which is therefore read as text.
    MixedTypes {
        /// The first value that does not fit those before it.
        place: Place,
        /// What the values before it are, for example `integers`.
        before: &'static str,
        /// That value, shortened.
        found: String,
    },
    /// Numbers were taken as time since 1970.
    EpochUnit {
        /// The column.
        column: String,
        /// Unit of its numbers: `seconds`, `milliseconds`, `microseconds` or `nanoseconds`.
        unit: &'static str,
    },
    /// Times without a zone were taken as UTC.
    NaiveTime {
        /// The column.
        column: String,
    },
    /// A column without a name was given one.
    UnnamedColumn {
        /// The file.
        path: PathBuf,
        /// The name that it was given.
        column: String,
    },
    /// The fields of a CSV file are parted by something else than its name tells.
    Delimiter {
        /// The file.
        path: PathBuf,
        /// What parts them.
        delimiter: char,
    },
    /// A key occurs twice in a JSON object; the last value counts.
    DuplicateKey {
        /// The first such line, and the key as the column.
        place: Place,
    },
    /// A column of long texts that mostly differ is read as free text.
    FreeText {
        /// The column.
        column: String,
    },
    /// Some values of a column are lists or objects, so that only its rows and nulls are counted.
    Nested {
        /// The first such value.
        place: Place,
    },
}

impl Note {
    /// Stable identifier in snake case.
    pub fn id(&self) -> &'static str {
        match self {
            Self::MixedTypes { .. } => "mixed_types",
            Self::EpochUnit { .. } => "epoch_unit",
            Self::NaiveTime { .. } => "naive_time",
            Self::UnnamedColumn { .. } => "unnamed_column",
            Self::Delimiter { .. } => "delimiter",
            Self::DuplicateKey { .. } => "duplicate_key",
            Self::FreeText { .. } => "free_text",
            Self::Nested { .. } => "nested",
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MixedTypes {
                place,
                before,
                found,
            } => write!(
                f,
                "{place}: found `{found}` after {before}; the column is read as text"
            ),
            Self::EpochUnit { column, unit } => {
                write!(f, "column `{column}` is read as {unit} since 1970, UTC")
            }
            Self::NaiveTime { column } => {
                write!(f, "column `{column}` names no time zone and is read as UTC")
            }
            Self::UnnamedColumn { path, column } => write!(
                f,
                "a column of {} has no name and is called `{column}`",
                path.display()
            ),
            Self::Delimiter { path, delimiter } => write!(
                f,
                "the fields of {} are parted by {delimiter:?}",
                path.display()
            ),
            Self::DuplicateKey { place } => {
                write!(f, "{place}: the key occurs twice; its last value counts")
            }
            Self::FreeText { column } => write!(
                f,
                "column `{column}` holds long texts and is read as free text, not as categories"
            ),
            Self::Nested { place } => write!(
                f,
                "{place}: found a list or an object; only rows and nulls of the column are counted"
            ),
        }
    }
}
