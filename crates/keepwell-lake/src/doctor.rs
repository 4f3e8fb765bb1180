//! Examines a store: is everything there, readable and as it was written?

use std::fs;
use std::path::PathBuf;

use keepwell_core::fault::Fault;
use rusqlite::Connection;

use crate::buffer;
use crate::catalog::{FileRow, check_readable, live_files, load_tables};
use crate::error::LakeError;
use crate::file::checksum_of;
use crate::merge::open_parquet;
use crate::retain::orphans;
use crate::scan::LakeReader;
use crate::table::Table;

/// How closely to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Sizes and footers of files.
    Footers,
    /// Every byte: checksums, and each file decoded.
    Bytes,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable code, as that of an error.
    pub code: &'static str,
    /// The file that is concerned, if one is.
    pub path: Option<PathBuf>,
    /// What was found.
    pub message: String,
}

/// Result of an examination.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// What is wrong; empty for a sound store.
    pub findings: Vec<Finding>,
    /// Data files looked at.
    pub n_files: u64,
    /// Rows in them.
    pub n_rows: u64,
    /// Rows in the buffer.
    pub n_buffered: u64,
    /// Data files that the catalog does not know. They do no harm, and go with the next sweep.
    pub orphans: Vec<PathBuf>,
}

impl Diagnosis {
    fn note(&mut self, error: &LakeError, path: Option<PathBuf>) {
        self.findings.push(Finding {
            code: error.code(),
            path,
            message: error.to_string(),
        });
    }
}

impl LakeReader {
    /// Examines the store. Findings are data; an error means that the examination itself failed.
    ///
    /// # Errors
    /// Those of the database, where not even its tables can be read.
    pub fn examine(&self, depth: Depth) -> Result<Diagnosis, LakeError> {
        let mut diagnosis = Diagnosis {
            orphans: orphans(self)?,
            ..Diagnosis::default()
        };
        let tables = self.with_connection(|connection| {
            for found in integrity(connection)? {
                diagnosis.note(&LakeError::Damaged { found }, None);
            }
            load_tables(connection)
        })?;
        for table in tables.by_name.values() {
            let files = self.with_connection(|connection| {
                let transaction = connection.transaction()?;
                if let Err(error) = check_readable(&transaction, table) {
                    diagnosis.note(&error, None);
                }
                let files = live_files(&transaction, self.folder(), table, (i64::MIN, i64::MAX))?;
                examine_counts(&transaction, table, &files, &mut diagnosis)?;
                let all = (i64::MIN, i64::MAX);
                let buffered = buffer::read(&transaction, table, all, usize::MAX)?;
                for error in &buffered.damaged {
                    diagnosis.note(error, None);
                }
                let n_rows = buffered.batches.iter().map(|batch| batch.num_rows() as u64);
                diagnosis.n_buffered += n_rows.sum::<u64>();
                Ok(files)
            })?;
            for file in files {
                diagnosis.n_files += 1;
                diagnosis.n_rows += file.n_rows;
                if let Err(error) = examine_file(&file, depth) {
                    diagnosis.note(&error, Some(file.path));
                }
            }
        }
        Ok(diagnosis)
    }
}

fn integrity(connection: &Connection) -> Result<Vec<String>, LakeError> {
    let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut found = Vec::new();
    for line in lines {
        match line {
            Ok(line) if line == "ok" => {}
            Ok(line) => found.push(line),
            Err(error) => {
                found.push(error.to_string());
                break;
            }
        }
    }
    Ok(found)
}

fn examine_counts(
    connection: &Connection,
    table: &Table,
    files: &[FileRow],
    diagnosis: &mut Diagnosis,
) -> Result<(), LakeError> {
    let registered: i64 = connection.query_row(
        "SELECT coalesce(sum(record_count), 0) FROM ducklake_table_stats WHERE table_id = ?1",
        [table.id],
        |row| row.get(0),
    )?;
    let in_files: u64 = files.iter().map(|file| file.n_rows).sum();
    if registered.cast_unsigned() != in_files {
        let found = format!(
            "{registered} rows noted for `{}`, {in_files} in its files",
            table.name
        );
        diagnosis.note(&LakeError::Catalog { found }, None);
    }
    Ok(())
}

fn examine_file(file: &FileRow, depth: Depth) -> Result<(), LakeError> {
    let damaged = |found: String| LakeError::damaged(&file.path, found);
    let metadata = fs::metadata(&file.path).map_err(|error| damaged(error.to_string()))?;
    if metadata.len() != file.bytes {
        return Err(damaged(format!(
            "it has {} bytes of {}",
            metadata.len(),
            file.bytes
        )));
    }
    let reader = open_parquet(file)?;
    if depth == Depth::Footers {
        return Ok(());
    }
    if let Some((.., checksum)) = file.known {
        let found = checksum_of(&file.path).map_err(|error| damaged(error.to_string()))?;
        if found != checksum {
            return Err(damaged("its checksum differs".to_owned()));
        }
    }
    let mut n_rows = 0;
    for batch in reader {
        n_rows += batch
            .map_err(|error| damaged(error.to_string()))?
            .num_rows() as u64;
    }
    if n_rows != file.n_rows {
        return Err(damaged(format!(
            "{n_rows} of its {} rows can be read",
            file.n_rows
        )));
    }
    Ok(())
}
