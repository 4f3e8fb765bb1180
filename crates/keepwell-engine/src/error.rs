//! What can go wrong between a path and a profile, and what to do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use datafusion::error::DataFusionError;
use keepwell_core::fault::Fault;

/// Where in the input something was found. Lines and rows count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// Line of a text file, or row of a file that has no lines.
    pub position: Position,
    /// Name of the column, where one is concerned.
    pub column: Option<String>,
}

/// Position within a file, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Line of a text file, the header being line 1.
    Line(u64),
    /// Row of the data.
    Row(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        match self.position {
            Position::Line(line) => write!(f, ", line {line}")?,
            Position::Row(row) => write!(f, ", row {row}")?,
        }
        match &self.column {
            Some(column) => write!(f, ", column `{column}`"),
            None => Ok(()),
        }
    }
}

/// Why files could not be opened or profiled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The path names nothing.
    #[error("expected a file, a folder or a pattern; `{path}` does not exist")]
    FileMissing {
        /// What was asked for.
        path: String,
    },
    /// The pattern is not one, or matches nothing.
    #[error("expected files that match `{pattern}`; found none")]
    NothingMatches {
        /// What was asked for.
        pattern: String,
    },
    /// The folder holds no file of a known format.
    #[error("expected data files in the folder `{}`; found none", path.display())]
    FolderEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The name of the file ends in nothing known.
    #[error("expected a file name that tells its format; found `{}`", path.display())]
    FormatUnknown {
        /// The file.
        path: PathBuf,
    },
    /// Files of one table have different formats.
    #[error("expected files of one format; found `{}` and `{}`", first.display(), second.display())]
    FormatMixed {
        /// A file of one format.
        first: PathBuf,
        /// A file of another.
        second: PathBuf,
    },
    /// The file has no bytes.
    #[error("expected data in `{}`; found an empty file", path.display())]
    FileEmpty {
        /// The file.
        path: PathBuf,
    },
    /// The system refuses to give the file.
    #[error("expected to read `{}`; the system says: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Bytes that are not what the name of the file promises, or a part of them is missing.
    #[error("expected {expected} in `{}`; {found}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The format that was expected.
        expected: &'static str,
        /// What its decoder says.
        found: String,
    },
    /// A row with another number of fields than the header.
    #[error("{place}: expected {expected} fields as in the header; found {found}")]
    RaggedRow {
        /// The line on which the row starts.
        place: Place,
        /// Fields of the header.
        expected: usize,
        /// Fields of the row.
        found: usize,
    },
    /// A quote that is opened and never closed.
    #[error("{place}: expected a closing double quote; found the end of the file")]
    UnclosedQuote {
        /// The line on which the row with the quote starts.
        place: Place,
    },
    /// A row longer than any sensible row.
    #[error("{place}: expected a row of at most {limit_bytes} bytes; found a longer one")]
    RowTooLong {
        /// The line on which the row starts.
        place: Place,
        /// Greatest length of a row.
        limit_bytes: usize,
    },
    /// Bytes that are not UTF-8.
    #[error("{place}: expected text in UTF-8; found the byte 0x{byte:02x}")]
    NotUtf8 {
        /// The line.
        place: Place,
        /// The first byte that does not belong there.
        byte: u8,
    },
    /// A text file in UTF-16.
    #[error("expected text in UTF-8 in `{}`; found UTF-16", path.display())]
    Utf16 {
        /// The file.
        path: PathBuf,
    },
    /// A line that is not a JSON object.
    #[error("{place}: expected one JSON object per line; {found}")]
    JsonLine {
        /// The line.
        place: Place,
        /// What was found.
        found: String,
    },
    /// Two columns of one name.
    #[error("expected column names that differ in `{}`; found `{column}` twice, as columns {first} and {second}", path.display())]
    DuplicateColumn {
        /// The file.
        path: PathBuf,
        /// The name.
        column: String,
        /// Position of the first, from 1.
        first: usize,
        /// Position of the second, from 1.
        second: usize,
    },
    /// A value that its column cannot hold.
    #[error("{place}: expected {expected}; found `{found}`")]
    Value {
        /// Where it stands.
        place: Place,
        /// What would be right.
        expected: &'static str,
        /// The value, shortened.
        found: String,
    },
    /// Files of one table give a column types that have nothing in common.
    #[error("expected one type of column `{}`; found {} in `{}` and {} in `{}`", conflict.column, conflict.first_type, conflict.first.display(), conflict.second_type, conflict.second.display())]
    TypeConflict {
        /// The two files and types.
        conflict: Box<TypeConflict>,
    },
    /// A column that the table does not have.
    #[error("expected a column `{column}` in {table}; there is none")]
    ColumnMissing {
        /// The table.
        table: String,
        /// The name that was asked for.
        column: String,
        /// Names of the columns that there are, the most similar first, a few of them.
        similar: Vec<String>,
    },
    /// A column whose type cannot be read as what was asked for.
    #[error("expected a column that can be read as {expected}; `{column}` is {data_type}")]
    KindImpossible {
        /// The column.
        column: String,
        /// What it was to be read as: a kind, or what the task needs.
        expected: &'static str,
        /// What it is.
        data_type: String,
    },
    /// The request contradicts itself.
    #[error("expected {expected}; found {found}")]
    Request {
        /// What would be right.
        expected: &'static str,
        /// What was found.
        found: String,
    },
    /// The limit of memory does not suffice.
    #[error("expected to stay within {} MiB of memory; {needed}", limit_bytes >> 20)]
    MemoryExceeded {
        /// The limit.
        limit_bytes: u64,
        /// What needs more.
        needed: String,
    },
    /// A temporary file could not be written.
    #[error("expected to write a temporary file in `{}`; the system says: {source}", path.display())]
    Staging {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A query that is not valid.
    #[error("expected a valid query; {source}")]
    Query {
        /// What the planner says.
        source: Box<DataFusionError>,
    },
    /// A fault of ours or of a library below.
    #[error("the engine failed: {message}")]
    Internal {
        /// What is known.
        message: String,
    },
}

/// Two files that give one column types that have nothing in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeConflict {
    /// The column.
    pub column: String,
    /// A file.
    pub first: PathBuf,
    /// Type of the column in it.
    pub first_type: String,
    /// Another file.
    pub second: PathBuf,
    /// Type of the column in it.
    pub second_type: String,
}

impl EngineError {
    /// An error of the system about a file.
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::NotFound => Self::FileMissing {
                path: path.display().to_string(),
            },
            _ => Self::Unreadable {
                path: path.to_owned(),
                source,
            },
        }
    }

    /// Bytes that a decoder does not accept.
    pub(crate) fn malformed(path: &Path, expected: &'static str, found: &dyn fmt::Display) -> Self {
        Self::Malformed {
            path: path.to_owned(),
            expected,
            found: format!("its decoder says: {}", first_line(&found.to_string())),
        }
    }

    /// A fault of a library, from a place where no file is known.
    pub(crate) fn internal(message: &dyn fmt::Display) -> Self {
        Self::Internal {
            message: first_line(&message.to_string()),
        }
    }
}

/// Messages of libraries may carry a trace; people need the first line.
fn first_line(text: &str) -> String {
    shorten(text.lines().next().unwrap_or_default(), 400)
}

/// The text, cut to at most `chars_max` characters.
pub(crate) fn shorten(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The text, cut to its last `chars_max` characters: of a path, the end tells more than the beginning.
pub(crate) fn shorten_start(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth_back(chars_max) {
        Some((last_cut, symbol)) => format!("…{}", &text[last_cut + symbol.len_utf8()..]),
        None => text.to_owned(),
    }
}

impl Fault for EngineError {
    fn code(&self) -> &'static str {
        match self {
            Self::FileMissing { .. } => "engine.file.missing",
            Self::NothingMatches { .. } => "engine.pattern.nothing_matches",
            Self::FolderEmpty { .. } => "engine.folder.empty",
            Self::FormatUnknown { .. } => "engine.format.unknown",
            Self::FormatMixed { .. } => "engine.format.mixed",
            Self::FileEmpty { .. } => "engine.file.empty",
            Self::Unreadable { .. } => "engine.file.unreadable",
            Self::Malformed { .. } => "engine.file.malformed",
            Self::RaggedRow { .. } => "engine.csv.ragged_row",
            Self::UnclosedQuote { .. } => "engine.csv.unclosed_quote",
            Self::RowTooLong { .. } => "engine.text.row_too_long",
            Self::NotUtf8 { .. } => "engine.text.not_utf8",
            Self::Utf16 { .. } => "engine.text.utf16",
            Self::JsonLine { .. } => "engine.ndjson.bad_line",
            Self::DuplicateColumn { .. } => "engine.column.duplicate",
            Self::Value { .. } => "engine.value.invalid",
            Self::TypeConflict { .. } => "engine.column.type_conflict",
            Self::ColumnMissing { .. } => "engine.column.missing",
            Self::KindImpossible { .. } => "engine.column.kind_impossible",
            Self::Request { .. } => "engine.request.invalid",
            Self::MemoryExceeded { .. } => "engine.memory.exceeded",
            Self::Staging { .. } => "engine.staging.failed",
            Self::Query { .. } => "engine.query.invalid",
            Self::Internal { .. } => "engine.internal.fault",
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::FileMissing { .. } => {
                "check the path; it is taken relative to the current folder"
            }
            Self::NothingMatches { .. } => {
                "quote the pattern, so that it is not changed by the shell; `**` matches any depth"
            }
            Self::FolderEmpty { .. } | Self::FormatUnknown { .. } => {
                "known endings are .parquet, .csv, .tsv, .ndjson, .jsonl, .json, .arrow, .feather \
                 and .ipc; text files may also end in .gz or .zst"
            }
            Self::FormatMixed { .. } => {
                "name the files of one format by a pattern such as `data/*.parquet`"
            }
            Self::FileEmpty { .. } => {
                "write the file again; even a table without rows has a header"
            }
            Self::Unreadable { .. } => "check the permissions of the file and of its folder",
            Self::Malformed { .. } => {
                "the file is cut off, damaged or of another format; write or copy it again"
            }
            Self::RaggedRow {
                found, expected, ..
            } if found > expected => "put a value that holds the delimiter between double quotes",
            Self::RaggedRow { .. } => "write an empty field for each value that is not there",
            Self::UnclosedQuote { .. } | Self::RowTooLong { .. } => {
                "a double quote inside a value is written twice, and the value between double quotes"
            }
            Self::NotUtf8 { .. } => {
                "convert the file, for example: iconv --from-code=windows-1252 --to-code=utf-8 OLD > NEW"
            }
            Self::Utf16 { .. } => {
                "convert the file, for example: iconv --from-code=utf-16 --to-code=utf-8 OLD > NEW"
            }
            Self::JsonLine { .. } => {
                "write each row on one line as {\"name\": value, …}; NaN is not JSON, write null"
            }
            Self::DuplicateColumn { .. } => "rename one of the two columns",
            Self::Value { .. } => {
                "correct the value, leave it empty, or declare another kind for the column"
            }
            Self::TypeConflict { .. } => {
                "write both files with one type, or declare the column as categorical"
            }
            Self::ColumnMissing { similar, .. } => {
                return (!similar.is_empty()).then(|| format!("there are: {}", similar.join(", ")));
            }
            Self::KindImpossible { .. } => "declare another kind for the column, or exclude it",
            Self::MemoryExceeded { .. } => {
                "use --approx, which keeps summaries of bounded size, or give a larger --memory-limit"
            }
            Self::Staging { .. } => "free space there, or name another folder in TMPDIR",
            Self::Request { .. } | Self::Query { .. } | Self::Internal { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_as_a_sentence() {
        let place = Place {
            path: "a.csv".into(),
            position: Position::Line(3),
            column: Some("age".to_owned()),
        };
        assert_eq!(place.to_string(), "a.csv, line 3, column `age`");
    }

    #[test]
    fn long_values_are_cut_at_a_character() {
        assert_eq!(shorten("grün", 3), "grü…");
        assert_eq!(shorten("grün", 4), "grün");
    }
}
