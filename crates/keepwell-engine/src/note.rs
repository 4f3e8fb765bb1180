//! What was assumed while reading, for the user to see; reports put it into words.

use std::path::PathBuf;

use crate::error::Place;

/// An assumption that was made about the input, which the user may want to correct.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Some images cannot be read; what describes them is null.
    UnreadImages {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// Rows with an image.
        n_images: u64,
        /// Those whose image cannot be read.
        n_unread: u64,
        /// Some of them.
        examples: Vec<UnreadImage>,
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
            Self::UnreadImages { .. } => "unread_images",
            Self::Nested { .. } => "nested",
        }
    }
}

/// An image that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadImage {
    /// Its path as the column has it; `None` where the column holds bytes.
    pub name: Option<String>,
    /// Row of the table's file, from 1.
    pub row: u64,
    /// Why not.
    pub fault: ImageFault,
}

impl ImageFault {
    /// Stable identifier in snake case.
    pub fn id(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
            Self::UnknownFormat => "unknown_format",
            Self::Damaged => "damaged",
            Self::TooLarge => "too_large",
        }
    }
}

/// Why an image cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageFault {
    /// There is no such file.
    Missing,
    /// The system refuses to give it, or it is no file.
    Unreadable,
    /// It is none of PNG, JPEG, WebP, GIF and BMP.
    UnknownFormat,
    /// Its decoder does not accept it.
    Damaged,
    /// It has more than 50 million pixels, or its file more than 256 MiB.
    TooLarge,
}
