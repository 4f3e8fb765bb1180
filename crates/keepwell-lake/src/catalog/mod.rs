//! The lake catalog: tables, columns and data files by the DuckLake 1.0 specification.
//!
//! A catalog is a sequence of snapshots. A row of most tables holds from its `begin_snapshot` until
//! before its `end_snapshot`. We write the part of the specification that an append-only lake needs:
//! create a schema and a table, add columns, add files, end files, expire snapshots. We read only what
//! we would write and refuse the rest, rather than show wrong rows.

mod change;
mod files;
mod load;

pub(crate) use change::{Change, NewFile, Replaced};
pub(crate) use files::{FileRow, check_readable, live_files};
pub(crate) use load::{Tables, last_snapshot, load_tables};
