//! The event lake: keeps what a model predicted and what came true, and loses nothing.
//!
//! A store is one folder. `keepwell.sqlite` holds the lake catalog, the write-ahead buffer and metadata,
//! so that one transaction covers them; `data/` holds Parquet files, partitioned by model and day.
//!
//! ```text
//! append ──► buffer ──► flush ──► data files ──► compaction ──► fewer, larger files
//!            (SQLite, one fsync    (Parquet, sorted            retention, expiry, sweep
//!            for many requests)    by event time)
//! ```
//!
//! - **Accepted is on the disk.** A batch is one committed row of the buffer before it is
//!   acknowledged. The same idempotency key again is acknowledged and not stored twice.
//! - **Each row is in one place.** A flush writes Parquet under a final, unique name and syncs it; then
//!   one transaction registers the files and deletes the buffered rows. A crash leaves at most files
//!   that nobody knows, which are swept.
//! - **The data are the user's.** The catalog follows DuckLake 1.0: `ATTACH
//!   'ducklake:sqlite:…/keepwell.sqlite'` in DuckDB shows each model as a schema with the tables
//!   `predictions`, `targets` and `rejected`, as of the last flush.
//!
//! Everything blocks; a server calls it from threads that may, or uses [`Lake::submit`]. The modules, in
//! reading order: names, columns and tables; the folder, the database and the catalog in it; the writer
//! and the buffer; data files, flush, scan; then what keeps a store in order.

#![deny(clippy::unwrap_used)]

mod name;

mod error;

mod column;

mod bound;

mod table;

mod payload;

mod folder;

mod store;

mod catalog;

mod lake;

mod writer;

mod buffer;

mod file;

mod flush;

mod scan;

mod merge;

mod retain;

mod doctor;

mod backup;

mod document;

pub use column::{Column, ColumnType};
pub use doctor::{Depth, Diagnosis, Finding};
pub use document::Documents;
pub use error::LakeError;
pub use flush::Flushed;
pub use lake::{Batch, Lake, LakeConfig, Load, Maintained, Receipt};
pub use merge::{Compacted, Urgency};
pub use name::{DAY, Kind, MODEL_NAME_MAX, RECEIVED, ROW, TIMESTAMP, TableName};
pub use payload::decode as decode_ipc;
pub use retain::{Cleaned, Retained, Retention};
pub use scan::{LakeReader, Scan, ScanFile};
pub use store::FORMAT;
pub use table::{COLUMNS_MAX, Table};
