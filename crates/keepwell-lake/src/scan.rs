//! The reading side: what a table holds, as files and batches of one snapshot.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use arrow_array::RecordBatch;
use keepwell_core::time::Window;
use rusqlite::Connection;

use crate::buffer;
use crate::catalog::{FileRow, check_readable, last_snapshot, live_files, load_tables};
use crate::error::LakeError;
use crate::folder::Folder;
use crate::lake::lock;
use crate::name::TableName;
use crate::store;
use crate::table::Table;

/// Connections that are kept for the next query.
const IDLE_CONNECTIONS_MAX: usize = 8;

/// A data file of a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanFile {
    /// Where it is.
    pub path: PathBuf,
    /// Rows in it.
    pub n_rows: u64,
    /// Bytes of it.
    pub bytes: u64,
    /// First and last event time in microseconds; `None` for a file that another program wrote.
    pub time: Option<(i64, i64)>,
}

/// What a table held at one moment. Each event is in exactly one of the files and batches, which may
/// also hold events outside the window that was asked for. While this value lives, its files stay.
#[derive(Debug)]
pub struct Scan {
    /// Snapshot of the lake catalog.
    pub snapshot: i64,
    /// The table with all its columns; older files lack some, which are null in them.
    pub table: Arc<Table>,
    /// Files, by first event time.
    pub files: Vec<ScanFile>,
    /// Rows that are in no file yet, with every column of the table.
    pub buffered: Vec<RecordBatch>,
    /// Buffered batches that could not be read, and whose rows are missing here.
    pub damaged: Vec<LakeError>,
    _pin: Pin,
}

/// Snapshots in use, which keep their files from being removed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pins {
    counts: Arc<Mutex<BTreeMap<i64, usize>>>,
}

/// Keeps one snapshot while it lives.
#[derive(Debug)]
struct Pin {
    pins: Pins,
    snapshot: i64,
}

impl Pins {
    /// The oldest snapshot in use.
    pub fn oldest(&self) -> Option<i64> {
        lock(&self.counts).keys().next().copied()
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut counts = lock(&self.pins.counts);
        if let Some(count) = counts.get_mut(&self.snapshot) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.snapshot);
            }
        }
    }
}

/// Reads a store, in the process of its writer or in another one.
#[derive(Debug)]
pub struct LakeReader {
    folder: Folder,
    pins: Pins,
    idle: Mutex<Vec<Connection>>,
}

impl LakeReader {
    pub(crate) fn new(folder: Folder, pins: Pins) -> Self {
        Self {
            folder,
            pins,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Opens a store for reading only, also while a server writes it. Files of a scan are then kept as
    /// long as the server's `snapshot_age` says.
    ///
    /// # Errors
    /// `lake.store.missing`, `lake.store.too_new`, `lake.store.damaged` and others of the database.
    pub fn open(folder: &Path) -> Result<Self, LakeError> {
        let folder = Folder::open(folder)?;
        let first = store::open_reader(&folder)?;
        let reader = Self::new(folder, Pins::default());
        lock(&reader.idle).push(first);
        Ok(reader)
    }

    pub(crate) fn folder(&self) -> &Folder {
        &self.folder
    }

    pub(crate) fn with_connection<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, LakeError>,
    ) -> Result<T, LakeError> {
        let idle = lock(&self.idle).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => store::open_reader(&self.folder)?,
        };
        let value = work(&mut connection)?;
        let mut idle = lock(&self.idle);
        if idle.len() < IDLE_CONNECTIONS_MAX {
            idle.push(connection);
        }
        Ok(value)
    }

    /// Every table.
    ///
    /// # Errors
    /// Those of the database.
    pub fn tables(&self) -> Result<Vec<Arc<Table>>, LakeError> {
        self.with_connection(|connection| {
            let transaction = connection.transaction()?;
            Ok(load_tables(&transaction)?.by_name.into_values().collect())
        })
    }

    /// What a table holds, as far as it may lie in `window` (all of it for `None`), or `None` if there
    /// is no such table.
    ///
    /// # Errors
    /// `lake.catalog.foreign` if another program changed the table in a way that files alone do not
    /// show; those of the database.
    pub fn scan(
        &self,
        name: &TableName,
        window: Option<Window>,
    ) -> Result<Option<Scan>, LakeError> {
        let range = window.map_or((i64::MIN, i64::MAX), |window| {
            (window.start.0, window.end.0)
        });
        self.with_connection(|connection| {
            // Under the lock, so that no file of the snapshot is removed before the pin holds.
            let mut counts = lock(&self.pins.counts);
            let transaction = connection.transaction()?;
            let snapshot = last_snapshot(&transaction)?.id;
            *counts.entry(snapshot).or_insert(0) += 1;
            drop(counts);
            let pin = Pin {
                pins: self.pins.clone(),
                snapshot,
            };
            let tables = load_tables(&transaction)?;
            let Some(table) = tables.get(name) else {
                return Ok(None);
            };
            check_readable(&transaction, table)?;
            let files = live_files(&transaction, &self.folder, table, range)?;
            let buffered = buffer::read(&transaction, table, range, usize::MAX)?;
            Ok(Some(Scan {
                snapshot,
                table: Arc::clone(table),
                files: files.into_iter().map(ScanFile::from).collect(),
                buffered: buffered.batches,
                damaged: buffered.damaged,
                _pin: pin,
            }))
        })
    }

    /// Live bytes of data files of each model.
    ///
    /// # Errors
    /// Those of the database.
    pub fn file_bytes(&self) -> Result<BTreeMap<String, u64>, LakeError> {
        self.with_connection(|connection| {
            let transaction = connection.transaction()?;
            let mut bytes = BTreeMap::new();
            for table in load_tables(&transaction)?.by_name.values() {
                let files = live_files(&transaction, &self.folder, table, (i64::MIN, i64::MAX))?;
                *bytes.entry(table.name.model().to_owned()).or_insert(0) +=
                    files.iter().map(|file| file.bytes).sum::<u64>();
            }
            Ok(bytes)
        })
    }
}

impl From<FileRow> for ScanFile {
    fn from(file: FileRow) -> Self {
        Self {
            path: file.path,
            n_rows: file.n_rows,
            bytes: file.bytes,
            time: file.known.map(|(_, first, last, _)| (first, last)),
        }
    }
}
