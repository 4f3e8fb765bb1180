//! From what the user typed to files of known format.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use datafusion::datasource::file_format::file_compression_type::FileCompressionType;

use crate::error::EngineError;

/// Format of the files of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Apache Parquet.
    Parquet,
    /// Fields parted by commas, tabs or another character; the first row names the columns.
    Csv,
    /// One JSON object per line.
    Ndjson,
    /// Apache Arrow's interprocess format, as a file or as a stream.
    ArrowIpc,
}

impl Format {
    /// Stable identifier.
    pub fn id(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::ArrowIpc => "arrow",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A file and what its name says about it.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) format: Format,
    pub(crate) compression: FileCompressionType,
}

impl Source {
    /// What the name of the file tells; `None` if it tells nothing.
    pub(crate) fn from_name(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let (stem, compression) = [
            (".gz", FileCompressionType::GZIP),
            (".zst", FileCompressionType::ZSTD),
            (".bz2", FileCompressionType::BZIP2),
            (".xz", FileCompressionType::XZ),
        ]
        .into_iter()
        .find_map(|(ending, compression)| Some((name.strip_suffix(ending)?, compression)))
        .unwrap_or((&name, FileCompressionType::UNCOMPRESSED));
        let format = match stem.rsplit_once('.')?.1 {
            "parquet" | "pq" => Format::Parquet,
            "csv" | "tsv" => Format::Csv,
            "ndjson" | "jsonl" | "json" => Format::Ndjson,
            "arrow" | "feather" | "ipc" | "arrows" => Format::ArrowIpc,
            _ => return None,
        };
        let is_text = matches!(format, Format::Csv | Format::Ndjson);
        (is_text || !compression.is_compressed()).then(|| Self {
            path: path.to_owned(),
            format,
            compression,
        })
    }

    /// Whether the name says that tabs part the fields.
    pub(crate) fn is_tab_separated(&self) -> bool {
        self.path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.to_ascii_lowercase().contains(".tsv"))
    }
}

/// Files that the patterns name, each once, in order; all of one format.
pub(crate) fn discover(patterns: &[String]) -> Result<Vec<Source>, EngineError> {
    let mut sources: Vec<Source> = Vec::new();
    for pattern in patterns {
        let path = Path::new(pattern);
        if path.is_dir() {
            from_folder(path, &mut sources)?;
        } else if path.exists() {
            sources.push(from_file(path)?);
        } else if pattern.contains(['*', '?', '[']) {
            from_glob(pattern, &mut sources)?;
        } else {
            // Asks the system again, so that "no permission" is not reported as "missing".
            let missing = || std::io::Error::from(std::io::ErrorKind::NotFound);
            let fault = fs::metadata(path).err().unwrap_or_else(missing);
            return Err(EngineError::io(path, fault));
        }
    }
    let mut seen = std::collections::HashSet::new();
    sources.retain(|source| seen.insert(source.path.clone()));
    let Some(first) = sources.first() else {
        return Err(EngineError::Request {
            expected: "at least one file",
            found: "none".to_owned(),
        });
    };
    match sources.iter().find(|source| source.format != first.format) {
        Some(other) => Err(EngineError::FormatMixed {
            first: first.path.clone(),
            second: other.path.clone(),
        }),
        None => Ok(sources),
    }
}

fn from_file(path: &Path) -> Result<Source, EngineError> {
    Source::from_name(path).ok_or_else(|| EngineError::FormatUnknown {
        path: path.to_owned(),
    })
}

fn from_glob(pattern: &str, sources: &mut Vec<Source>) -> Result<(), EngineError> {
    let nothing = || EngineError::NothingMatches {
        pattern: pattern.to_owned(),
    };
    let mut is_empty = true;
    for path in glob::glob(pattern).map_err(|_| nothing())? {
        let path = path.map_err(|fault| {
            let path = fault.path().to_owned();
            EngineError::io(&path, fault.into())
        })?;
        if path.is_dir() {
            continue;
        }
        is_empty = false;
        sources.push(from_file(&path)?);
    }
    if is_empty { Err(nothing()) } else { Ok(()) }
}

/// All data files below a folder in the order of their paths; hidden ones and those that writers
/// keep for themselves (`_SUCCESS`, `_temporary`) are passed over.
fn from_folder(folder: &Path, sources: &mut Vec<Source>) -> Result<(), EngineError> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(current) = waiting.pop() {
        let io = |fault| EngineError::io(&current, fault);
        for entry in fs::read_dir(&current).map_err(io)? {
            let entry = entry.map_err(io)?;
            let name = entry.file_name();
            if name.to_string_lossy().starts_with(['.', '_']) {
                continue;
            }
            // Links to folders are not followed: they could form a circle.
            if entry.file_type().map_err(io)?.is_dir() {
                waiting.push(entry.path());
            } else {
                found.extend(Source::from_name(&entry.path()));
            }
        }
    }
    if found.is_empty() {
        return Err(EngineError::FolderEmpty {
            path: folder.to_owned(),
        });
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    sources.extend(found);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_format() {
        for (name, expected) in [
            ("a.parquet", Some(Format::Parquet)),
            ("A.CSV", Some(Format::Csv)),
            ("a.tsv.gz", Some(Format::Csv)),
            ("a.b.jsonl.zst", Some(Format::Ndjson)),
            ("a.feather", Some(Format::ArrowIpc)),
            ("a.parquet.gz", None),
            ("a.txt", None),
            ("csv", None),
            (".csv", Some(Format::Csv)),
        ] {
            let found = Source::from_name(Path::new(name)).map(|source| source.format);
            assert_eq!(found, expected, "{name}");
        }
    }
}
