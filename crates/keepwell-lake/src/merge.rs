//! Compaction: merges small data files of a day into one, still sorted by event time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_select::interleave::interleave_record_batch;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use crate::catalog::{Change, FileRow, NewFile, Replaced, check_readable, live_files, load_tables};
use crate::error::LakeError;
use crate::file::{FileWriter, checksum_of, discard};
use crate::lake::Lake;
use crate::name::{ROW, TIMESTAMP};
use crate::table::Table;

/// Most files that are merged at once, each of which is open meanwhile.
const FILES_MAX: usize = 64;
/// Rows that are read from a file, and written, at a time.
const MERGE_ROWS: usize = 4_096;
/// Files below this size count as equally small.
const SMALL_BYTES: u64 = 1 << 20;

/// Which files to merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// Where enough files of like size have come together, so that a row is rewritten few times.
    WorthIt,
    /// Wherever a day has more than one file below the size that is aimed at.
    All,
}

/// What compaction did.
#[derive(Debug, Clone, Default)]
pub struct Compacted {
    /// Files that were merged.
    pub n_before: u64,
    /// Files that came of them.
    pub n_after: u64,
    /// Files that could not be read, and were left alone.
    pub damaged: Vec<LakeError>,
}

pub(crate) fn compact(lake: &Lake, urgency: Urgency) -> Result<Compacted, LakeError> {
    let mut done = Compacted::default();
    let reader = lake.reader();
    let tables = reader.with_connection(|connection| load_tables(connection))?;
    for table in tables.by_name.values() {
        let files = reader.with_connection(|connection| {
            check_readable(connection, table)?;
            live_files(connection, reader.folder(), table, (i64::MIN, i64::MAX))
        });
        let files = match files {
            Ok(files) => files,
            Err(error @ LakeError::Catalog { .. }) => {
                done.damaged.push(error);
                continue;
            }
            Err(error) => return Err(error),
        };
        let mut days: BTreeMap<i32, Vec<FileRow>> = BTreeMap::new();
        for file in files {
            if let Some((day, ..)) = file.known {
                days.entry(day).or_default().push(file);
            }
        }
        for (day, files) in days {
            compact_day(lake, table, day, files, urgency, &mut done)?;
        }
    }
    Ok(done)
}

fn compact_day(
    lake: &Lake,
    table: &Arc<Table>,
    day: i32,
    mut files: Vec<FileRow>,
    urgency: Urgency,
    done: &mut Compacted,
) -> Result<(), LakeError> {
    files.sort_by_key(|file| Reverse((file.bytes, file.id)));
    loop {
        let chosen = choose(lake, &mut files, urgency);
        if chosen.is_empty() {
            return Ok(());
        }
        match replace(lake, table, day, &chosen) {
            Ok(()) => {
                done.n_before += chosen.len() as u64;
                done.n_after += 1;
            }
            Err(error @ LakeError::FileDamaged { .. }) => {
                // The others of the group are tried again without it.
                if let LakeError::FileDamaged { path, .. } = &error {
                    files.extend(chosen.into_iter().filter(|file| file.path != *path));
                }
                files.sort_by_key(|file| Reverse((file.bytes, file.id)));
                done.damaged.push(error);
            }
            Err(error) => return Err(error),
        }
    }
}

/// Takes the next group from files that are sorted from large to small.
fn choose(lake: &Lake, files: &mut Vec<FileRow>, urgency: Urgency) -> Vec<FileRow> {
    let config = &lake.shared.config;
    let mut chosen: Vec<FileRow> = Vec::new();
    let mut bytes = 0;
    while let Some(next) = files.last() {
        // A file much larger than all smaller ones together is not rewritten for their sake.
        let alike = next.bytes <= (2 * bytes).max(SMALL_BYTES);
        let fits = bytes + next.bytes <= config.file_bytes && chosen.len() < FILES_MAX;
        if !fits || (urgency == Urgency::WorthIt && !alike) {
            break;
        }
        bytes += next.bytes;
        chosen.extend(files.pop());
    }
    let enough = match urgency {
        Urgency::WorthIt => chosen.len() >= config.merge_files_min.max(2),
        Urgency::All => chosen.len() >= 2,
    };
    if enough { chosen } else { Vec::new() }
}

/// Writes the rows of files into one, and exchanges them in one transaction.
fn replace(lake: &Lake, table: &Arc<Table>, day: i32, files: &[FileRow]) -> Result<(), LakeError> {
    for file in files {
        check(file)?;
    }
    let merged = merge(lake, table, day, files)?;
    let ids: Vec<i64> = files.iter().map(|file| file.id).collect();
    let (owned, new) = (Arc::clone(table), merged.clone());
    let result = lake.writer.run(move |writer| {
        writer.transact(|transaction, tables| {
            let mut change = Change::begin(transaction)?;
            change.end_files(&owned, &ids, Replaced::Compacted)?;
            change.add_file(&owned, &new)?;
            tables.schema_version = change.finish()?;
            Ok(())
        })
    });
    if result.is_err() {
        discard(&lake.shared.folder, table, &[merged]);
    }
    result
}

/// Compares a file with its checksum: a merge must not carry damage on under a new one.
fn check(file: &FileRow) -> Result<(), LakeError> {
    let found = checksum_of(&file.path).map_err(|error| LakeError::damaged(&file.path, error))?;
    match file.known {
        Some((.., checksum)) if checksum != found => {
            Err(LakeError::damaged(&file.path, "its checksum differs"))
        }
        _ => Ok(()),
    }
}

fn merge(lake: &Lake, table: &Table, day: i32, files: &[FileRow]) -> Result<NewFile, LakeError> {
    let mut inputs = Vec::with_capacity(files.len());
    for file in files {
        inputs.push(Input::open(table, file)?);
    }
    let mut writer = FileWriter::create(&lake.shared.folder, table, day)?;
    match merge_into(table, &mut inputs, &mut writer) {
        Ok(()) => writer.finish(),
        Err(error) => {
            writer.discard();
            Err(error)
        }
    }
}

/// Merges inputs by event time, then order of arrival.
fn merge_into(
    table: &Table,
    inputs: &mut [Input],
    writer: &mut FileWriter,
) -> Result<(), LakeError> {
    let mut heap = BinaryHeap::new();
    for (idx, input) in inputs.iter().enumerate() {
        if let Some(key) = input.key() {
            heap.push(Reverse((key, idx)));
        }
    }
    let mut picks: Vec<(usize, usize)> = Vec::with_capacity(MERGE_ROWS);
    while let Some(Reverse((_, idx))) = heap.pop() {
        picks.push((idx, inputs[idx].row));
        inputs[idx].row += 1;
        // The batches that were picked from must be written before one of them is replaced.
        let used_up = inputs[idx].row == inputs[idx].batch.num_rows();
        if used_up || picks.len() == MERGE_ROWS {
            let batches: Vec<&RecordBatch> = inputs.iter().map(|input| &input.batch).collect();
            writer.write(table, &interleave_record_batch(&batches, &picks)?)?;
            picks.clear();
        }
        if used_up {
            inputs[idx].advance(table)?;
        }
        if let Some(key) = inputs[idx].key() {
            heap.push(Reverse((key, idx)));
        }
    }
    Ok(())
}

/// A file that is read in order.
struct Input {
    path: PathBuf,
    reader: ParquetRecordBatchReader,
    /// The rows at hand; none at the end of the file.
    batch: RecordBatch,
    row: usize,
}

impl Input {
    fn open(table: &Table, file: &FileRow) -> Result<Self, LakeError> {
        let mut input = Self {
            path: file.path.clone(),
            reader: open_parquet(file)?,
            batch: RecordBatch::new_empty(table.schema()),
            row: 0,
        };
        input.advance(table)?;
        Ok(input)
    }

    fn advance(&mut self, table: &Table) -> Result<(), LakeError> {
        self.row = 0;
        self.batch = RecordBatch::new_empty(table.schema());
        for batch in self.reader.by_ref() {
            let batch = batch.map_err(|error| LakeError::damaged(&self.path, error))?;
            if batch.num_rows() > 0 {
                self.batch = table.widen(&batch)?;
                break;
            }
        }
        Ok(())
    }

    /// Place of the current row in the order of the output.
    fn key(&self) -> Option<(i64, i64)> {
        let column = |name: &str| self.batch.column_by_name(name);
        let times = column(TIMESTAMP)?.as_primitive::<TimestampMicrosecondType>();
        let rows = column(ROW)?.as_primitive::<Int64Type>();
        (self.row < times.len()).then(|| (times.value(self.row), rows.value(self.row)))
    }
}

/// Opens a registered file, whose rows must be as many as were registered.
pub(crate) fn open_parquet(file: &FileRow) -> Result<ParquetRecordBatchReader, LakeError> {
    let damaged = |found: String| LakeError::damaged(&file.path, found);
    let open = File::open(&file.path).map_err(|error| damaged(error.to_string()))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(open)
        .map_err(|error| damaged(error.to_string()))?;
    let found = builder.metadata().file_metadata().num_rows();
    if found.cast_unsigned() != file.n_rows {
        return Err(damaged(format!("it has {found} rows of {}", file.n_rows)));
    }
    builder
        .with_batch_size(MERGE_ROWS)
        .build()
        .map_err(|error| damaged(error.to_string()))
}
