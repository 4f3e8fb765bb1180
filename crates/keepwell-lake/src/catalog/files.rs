//! Data files of a table, as the catalog lists them.

use std::path::PathBuf;

use rusqlite::{Connection, params};

use crate::error::LakeError;
use crate::folder::Folder;
use crate::table::Table;

/// A live data file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileRow {
    pub id: i64,
    pub path: PathBuf,
    pub n_rows: u64,
    pub bytes: u64,
    /// Day, first and last event time, and checksum; `None` for a file of another program.
    pub known: Option<(i32, i64, i64, i64)>,
}

/// Refuses a table of which another program changed what plain scans would not see.
pub(crate) fn check_readable(connection: &Connection, table: &Table) -> Result<(), LakeError> {
    let mut statement = connection.prepare_cached(
        "SELECT 'deletions of single rows' FROM ducklake_delete_file
           WHERE table_id = ?1 AND end_snapshot IS NULL
         UNION ALL SELECT 'rows inside the catalog' FROM ducklake_inlined_data_tables
           WHERE table_id = ?1
         UNION ALL SELECT 'encrypted or mapped files' FROM ducklake_data_file
           WHERE table_id = ?1 AND end_snapshot IS NULL
             AND (encryption_key IS NOT NULL OR mapping_id IS NOT NULL OR file_format <> 'parquet')
         LIMIT 1",
    )?;
    let mut rows = statement.query([table.id])?;
    match rows.next()? {
        None => Ok(()),
        Some(row) => {
            let what: String = row.get(0)?;
            Err(LakeError::Catalog {
                found: format!("{what} in `{}`, made by another program", table.name),
            })
        }
    }
}

/// Live files of a table that may hold events in `[start, end)`, by event time.
pub(crate) fn live_files(
    connection: &Connection,
    folder: &Folder,
    table: &Table,
    (start, end): (i64, i64),
) -> Result<Vec<FileRow>, LakeError> {
    let mut statement = connection.prepare_cached(
        "SELECT f.data_file_id, f.path, f.path_is_relative, f.record_count, f.file_size_bytes,
                k.day, k.time_min, k.time_max, k.checksum
         FROM ducklake_data_file f LEFT JOIN keepwell_file k ON k.data_file_id = f.data_file_id
         WHERE f.table_id = ?1 AND f.end_snapshot IS NULL
           AND (k.time_min IS NULL OR (k.time_min < ?3 AND k.time_max >= ?2))
         ORDER BY k.time_min, f.data_file_id",
    )?;
    let mut rows = statement.query(params![table.id, start, end])?;
    let mut files = Vec::new();
    while let Some(row) = rows.next()? {
        let path: String = row.get(1)?;
        let path = if row.get(2)? {
            folder.data().join(&table.path).join(path)
        } else {
            PathBuf::from(path)
        };
        let day: Option<i32> = row.get(5)?;
        let known = match day {
            Some(day) => Some((day, row.get(6)?, row.get(7)?, row.get(8)?)),
            None => None,
        };
        files.push(FileRow {
            id: row.get(0)?,
            path,
            n_rows: row.get::<_, i64>(3)?.cast_unsigned(),
            bytes: row.get::<_, i64>(4)?.cast_unsigned(),
            known,
        });
    }
    Ok(files)
}
