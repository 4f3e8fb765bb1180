//! What can go wrong in the lake, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_schema::ArrowError;
use keepwell_core::fault::Fault;
use parquet::errors::ParquetError;

/// Why the lake could not do what was asked. Cheap to clone, since one failed commit is the answer to
/// every request of its group.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum LakeError {
    /// Another process serves the folder.
    #[error("expected a store that nobody else serves; `{}` is in use by another process", folder.display())]
    InUse {
        /// Folder of the store.
        folder: PathBuf,
    },
    /// There is no store in the folder.
    #[error("expected a store in `{}`; found none", folder.display())]
    Missing {
        /// Folder of the store.
        folder: PathBuf,
    },
    /// A newer Keepwell wrote the store.
    #[error("expected a store of format {known} or older; found format {found}")]
    TooNew {
        /// Newest format that this binary knows.
        known: u32,
        /// Format of the store.
        found: u32,
    },
    /// The database in the folder is something else.
    #[error("expected a store of Keepwell; `{}` is another database", path.display())]
    Foreign {
        /// The database.
        path: PathBuf,
    },
    /// The lake catalog holds what this version cannot read exactly.
    #[error("expected a lake catalog as Keepwell writes it; found {found}")]
    Catalog {
        /// What was found.
        found: String,
    },
    /// A file or folder could not be read or written.
    #[error("{action} `{}`; the system says: {source}", path.display())]
    Io {
        /// What was tried, such as "expected to write".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// No room on the disk.
    #[error("expected room to write `{}`; the disk is full", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// The database is damaged.
    #[error("expected a sound database; {found}")]
    Damaged {
        /// What SQLite says.
        found: String,
    },
    /// The database cannot be written.
    #[error("expected to write the store; it is read-only")]
    ReadOnly,
    /// The database refuses for another reason.
    #[error("expected the database to carry out a statement; it says: {source}")]
    Database {
        /// What SQLite says.
        source: Arc<rusqlite::Error>,
    },
    /// A batch in the buffer has other bytes than were written.
    #[error("expected batch {seq} of the buffer as it was written; its checksum differs")]
    BufferDamaged {
        /// Number of the buffered batch.
        seq: i64,
    },
    /// A Parquet file is not what was registered.
    #[error("expected the data file `{}` as it was written; {found}", path.display())]
    FileDamaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        found: String,
    },
    /// A name that cannot be a model's.
    #[error(
        "expected a model name of 1 to {limit} characters without control characters; found `{found}`"
    )]
    ModelName {
        /// Longest name.
        limit: usize,
        /// What was given.
        found: String,
    },
    /// A name that differs from an existing one by case only, which SQL does not tell apart.
    #[error(
        "expected a {what} name that differs by more than case; found `{found}` beside `{existing}`"
    )]
    NameCase {
        /// "model" or "column".
        what: &'static str,
        /// The new name.
        found: String,
        /// The name that exists.
        existing: String,
    },
    /// A batch cannot be stored as it is.
    #[error("expected {expected}; found {found}")]
    Batch {
        /// What would be right.
        expected: String,
        /// What the batch has.
        found: String,
    },
    /// A column has another type than the table.
    #[error("expected column `{column}` as {expected}; found {found}")]
    ColumnType {
        /// The column.
        column: String,
        /// Type of the table's column.
        expected: String,
        /// Type, or value, in the batch.
        found: String,
    },
    /// The idempotency key was used for other rows.
    #[error("expected the same rows with idempotency key `{key}` as the first time; found others")]
    KeyReused {
        /// The key.
        key: String,
    },
    /// The write queue or the buffer is full.
    #[error("expected room in the {what}; it holds {bytes} bytes of at most {limit}")]
    Busy {
        /// "write queue" or "buffer".
        what: &'static str,
        /// Bytes in it.
        bytes: u64,
        /// Its limit.
        limit: u64,
    },
    /// The lake is closing.
    #[error("expected an open store; it is closing")]
    Closed,
    /// Bytes that are no Arrow data, or data that cannot be converted.
    #[error("expected Arrow data; {found}")]
    Arrow {
        /// What Arrow says.
        found: String,
    },
}

impl Fault for LakeError {
    fn code(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "lake.store.in_use",
            Self::Missing { .. } => "lake.store.missing",
            Self::TooNew { .. } => "lake.store.too_new",
            Self::Foreign { .. } => "lake.store.foreign",
            Self::Catalog { .. } => "lake.catalog.foreign",
            Self::Io { .. } => "lake.file.io",
            Self::DiskFull { .. } => "lake.store.disk_full",
            Self::Damaged { .. } => "lake.store.damaged",
            Self::ReadOnly => "lake.store.read_only",
            Self::Database { .. } => "lake.store.database",
            Self::BufferDamaged { .. } => "lake.buffer.damaged",
            Self::FileDamaged { .. } => "lake.file.damaged",
            Self::ModelName { .. } => "lake.model.name",
            Self::NameCase { .. } => "lake.name.case",
            Self::Batch { .. } => "lake.batch.invalid",
            Self::ColumnType { .. } => "lake.column.type_changed",
            Self::KeyReused { .. } => "lake.key.reused",
            Self::Busy { .. } => "lake.store.busy",
            Self::Closed => "lake.store.closed",
            Self::Arrow { .. } => "lake.batch.arrow",
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::InUse { .. } => "stop the other server, or name another folder",
            Self::Missing { .. } => "name the folder that the server was started with",
            Self::TooNew { .. } => "use the Keepwell that wrote the store, or a newer one",
            Self::DiskFull { .. } => "make room, or lower the retention; accepted rows are safe",
            Self::Damaged { .. } | Self::BufferDamaged { .. } | Self::FileDamaged { .. } => {
                "run `keepwell doctor`, and restore the damaged part from a backup"
            }
            Self::ReadOnly => "give the server's user the right to write the folder",
            Self::Catalog { .. } => {
                "attach the lake with READ_ONLY in other programs; Keepwell is its only writer"
            }
            Self::ColumnType { .. } => "send the column with its first type, or under another name",
            Self::KeyReused { .. } => "use a new key for each batch",
            Self::Busy { .. } => "send the batch again later, with the same key",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

impl LakeError {
    /// An error of the system at `path`, told apart where the user can act on it.
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            // A limit on the size of files is a full disk too: there is no room for more bytes.
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::DiskFull { path },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            _ => Self::Io {
                action,
                path,
                source: Arc::new(source),
            },
        }
    }

    /// Whether the store failed, rather than the request being wrong.
    pub fn is_of_store(&self) -> bool {
        !matches!(
            self,
            Self::ModelName { .. }
                | Self::NameCase { .. }
                | Self::Batch { .. }
                | Self::ColumnType { .. }
                | Self::KeyReused { .. }
                | Self::Busy { .. }
                | Self::Arrow { .. }
        )
    }

    /// An error while a Parquet file is written.
    pub(crate) fn write(path: &Path, source: ParquetError) -> Self {
        if let ParquetError::External(inner) = source {
            return match inner.downcast::<io::Error>() {
                Ok(io) => Self::io("expected to write", path, *io),
                Err(other) => Self::io("expected to write", path, io::Error::other(other)),
            };
        }
        Self::io("expected to write", path, io::Error::other(source))
    }

    /// An error while a registered Parquet file is read.
    pub(crate) fn damaged(path: &Path, found: impl std::fmt::Display) -> Self {
        Self::FileDamaged {
            path: path.to_owned(),
            found: found.to_string(),
        }
    }
}

impl From<rusqlite::Error> for LakeError {
    fn from(source: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let full = || Self::DiskFull {
            path: crate::folder::DATABASE.into(),
        };
        match &source {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DiskFull => full(),
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged {
                    found: source.to_string(),
                },
                ErrorCode::ReadOnly => Self::ReadOnly,
                // SQLite reports a write beyond a limit on the size of files as this one.
                ErrorCode::SystemIoFailure
                    if failure.extended_code == rusqlite::ffi::SQLITE_IOERR_WRITE =>
                {
                    full()
                }
                _ => Self::Database {
                    source: Arc::new(source),
                },
            },
            _ => Self::Database {
                source: Arc::new(source),
            },
        }
    }
}

impl From<ArrowError> for LakeError {
    fn from(source: ArrowError) -> Self {
        Self::Arrow {
            found: source.to_string(),
        }
    }
}
