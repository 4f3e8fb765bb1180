//! Moves rows from the buffer into data files.
//!
//! Files are written under their final names and synced first; then one transaction registers them and
//! deletes the buffered rows. Before it commits the rows are in the buffer only, after it in the files
//! only.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Date32Type;
use arrow_ord::sort::{SortColumn, lexsort_to_indices};
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;

use crate::buffer::{self, Buffered};
use crate::catalog::{Change, NewFile, load_tables};
use crate::error::LakeError;
use crate::file::{FileWriter, discard};
use crate::lake::Lake;
use crate::name::{DAY, ROW, TIMESTAMP};
use crate::store;
use crate::table::Table;

/// What a flush did.
#[derive(Debug, Clone, Default)]
pub struct Flushed {
    /// Rows that are in files now.
    pub n_rows: u64,
    /// New files.
    pub n_files: u64,
    /// Buffered batches that could not be read; they stay where they are.
    pub damaged: Vec<LakeError>,
}

/// Whether the buffer is large or old enough.
pub(crate) fn is_due(lake: &Lake) -> Result<bool, LakeError> {
    let buffered = lake.shared.buffered.load(Ordering::Acquire);
    if buffered == 0 || buffered >= lake.shared.config.flush_bytes {
        return Ok(buffered > 0);
    }
    let oldest: Option<i64> = lake.reader().with_connection(|connection| {
        Ok(connection.query_row(
            "SELECT min(received) FROM (SELECT received FROM keepwell_buffer ORDER BY seq LIMIT 1)",
            [],
            |row| row.get(0),
        )?)
    })?;
    let age = i64::try_from(lake.shared.config.flush_age.as_micros()).unwrap_or(i64::MAX);
    // A clock that was set back must not put a flush off for ever.
    Ok(oldest.is_some_and(|oldest| (store::now() - oldest).abs() >= age))
}

pub(crate) fn flush(lake: &Lake) -> Result<Flushed, LakeError> {
    let mut flushed = Flushed::default();
    let tables = lake
        .reader()
        .with_connection(|connection| load_tables(connection))?;
    for table in tables.by_name.values() {
        loop {
            let buffered = lake.reader().with_connection(|connection| {
                let bytes = lake.shared.config.flush_bytes.saturating_mul(2).max(1);
                let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
                buffer::read(connection, table, (i64::MIN, i64::MAX), bytes)
            })?;
            let more = buffered.is_cut && !buffered.seqs.is_empty();
            flush_some(lake, table, buffered, &mut flushed)?;
            if !more {
                break;
            }
        }
    }
    if flushed.n_rows > 0 {
        lake.writer.run(|writer| {
            // Pages of deleted rows go back to the disk, a bounded number at a time.
            writer
                .connection
                .execute_batch("PRAGMA incremental_vacuum(16384)")?;
            Ok(())
        })?;
    }
    Ok(flushed)
}

fn flush_some(
    lake: &Lake,
    table: &Arc<Table>,
    buffered: Buffered,
    flushed: &mut Flushed,
) -> Result<(), LakeError> {
    flushed.damaged.extend(buffered.damaged);
    if buffered.seqs.is_empty() {
        return Ok(());
    }
    let rows = sorted(table, &buffered.batches)?;
    let files = write_days(lake, table, &rows)?;
    let (n_rows, n_files) = (rows.num_rows() as u64, files.len() as u64);
    let (owned, seqs, to_register) = (Arc::clone(table), buffered.seqs, files.clone());
    let registered = lake.writer.run(move |writer| {
        writer.transact(|transaction, tables| {
            let mut change = Change::begin(transaction)?;
            for file in &to_register {
                change.add_file(&owned, file)?;
            }
            change.inserted(&owned);
            let mut delete = transaction.prepare_cached(
                "DELETE FROM keepwell_buffer WHERE seq = ?1 RETURNING length(payload)",
            )?;
            let mut bytes = 0;
            for seq in seqs {
                // Without this row somebody else has moved it, and the files would double it.
                bytes += delete.query_row([seq], |row| row.get::<_, i64>(0))?;
            }
            tables.schema_version = change.finish()?;
            Ok(bytes.cast_unsigned())
        })
    });
    match registered {
        Ok(bytes) => {
            lake.shared.buffered.fetch_sub(bytes, Ordering::AcqRel);
            flushed.n_rows += n_rows;
            flushed.n_files += n_files;
            Ok(())
        }
        Err(error) => {
            discard(&lake.shared.folder, table, &files);
            Err(error)
        }
    }
}

/// All rows in order of event time, then of arrival.
fn sorted(table: &Table, batches: &[RecordBatch]) -> Result<RecordBatch, LakeError> {
    let all = concat_batches(&table.schema(), batches)?;
    let keys: Vec<SortColumn> = [TIMESTAMP, ROW]
        .iter()
        .filter_map(|name| all.column_by_name(name))
        .map(|values| SortColumn {
            values: Arc::clone(values),
            options: None,
        })
        .collect();
    let order = lexsort_to_indices(&keys, None)?;
    Ok(take_record_batch(&all, &order)?)
}

/// One file for each day of rows that are sorted by time.
fn write_days(lake: &Lake, table: &Table, rows: &RecordBatch) -> Result<Vec<NewFile>, LakeError> {
    let mut files = Vec::new();
    for (day, range) in days_of(rows) {
        let written = write_day(lake, table, day, &rows.slice(range.start, range.len()));
        match written {
            Ok(file) => files.push(file),
            Err(error) => {
                discard(&lake.shared.folder, table, &files);
                return Err(error);
            }
        }
    }
    Ok(files)
}

fn write_day(
    lake: &Lake,
    table: &Table,
    day: i32,
    rows: &RecordBatch,
) -> Result<NewFile, LakeError> {
    let mut writer = FileWriter::create(&lake.shared.folder, table, day)?;
    if let Err(error) = writer.write(table, rows) {
        writer.discard();
        return Err(error);
    }
    writer.finish()
}

fn days_of(rows: &RecordBatch) -> Vec<(i32, Range<usize>)> {
    let Some(days) = rows.column_by_name(DAY) else {
        return Vec::new();
    };
    let days = days.as_primitive::<Date32Type>();
    let mut runs: Vec<(i32, Range<usize>)> = Vec::new();
    for row in 0..days.len() {
        let day = days.value(row);
        match runs.last_mut() {
            Some((last, range)) if *last == day => range.end = row + 1,
            _ => runs.push((day, row..row + 1)),
        }
    }
    runs
}
