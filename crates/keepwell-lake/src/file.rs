//! Writes one data file: sorted Parquet of one day, on the disk before anybody knows it.

use std::fs::{self, File, OpenOptions};
use std::hash::Hasher;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use arrow_arith::aggregate;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::{ParquetMetaData, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use twox_hash::XxHash64;
use uuid::Uuid;

use crate::bound::{ColumnStats, day_text};
use crate::catalog::NewFile;
use crate::column::Column;
use crate::error::LakeError;
use crate::folder::{FILE_PREFIX, Folder, make_folder, sync_folder};
use crate::name::{DAY, ROW, TIMESTAMP};
use crate::table::Table;

/// Rows of a row group, which is what a reader skips or reads.
const ROW_GROUP_ROWS: usize = 1 << 17;

/// A data file while it is written. Dropped before it is finished, it leaves an orphan, which is
/// removed with [`FileWriter::discard`] or by the sweep.
pub(crate) struct FileWriter {
    path: PathBuf,
    relative: String,
    day: i32,
    arrow: ArrowWriter<HashingFile>,
    stats: Vec<ColumnStats>,
    n_rows: u64,
    time: Option<(i64, i64)>,
}

impl FileWriter {
    /// Opens a file of a new, unique name in the folder of a table's day.
    pub fn create(folder: &Folder, table: &Table, day: i32) -> Result<Self, LakeError> {
        let day_name = day_text(day).ok_or_else(|| LakeError::Batch {
            expected: "days of the years 1 to 9999".to_owned(),
            found: format!("day {day} after 1970"),
        })?;
        let relative = format!(
            "{DAY}={day_name}/{FILE_PREFIX}{}.parquet",
            Uuid::new_v4().simple()
        );
        let path = folder.data().join(&table.path).join(&relative);
        make_folder(&folder.data(), path.parent().unwrap_or(&path))?;
        let failed = |error| LakeError::io("expected to write", &path, error);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(failed)?;
        let sink = HashingFile {
            file,
            hasher: XxHash64::with_seed(0),
        };
        let arrow = ArrowWriter::try_new(sink, table.schema(), Some(properties(table)))
            .map_err(|error| LakeError::write(&path, error))?;
        let stats = table
            .columns
            .iter()
            .filter(|column| column.kind.is_leaf())
            .map(|column| ColumnStats::new(column.id, column.kind))
            .collect();
        Ok(Self {
            path,
            relative,
            day,
            arrow,
            stats,
            n_rows: 0,
            time: None,
        })
    }

    /// Adds rows that have every column of the table and follow those before in time.
    pub fn write(&mut self, table: &Table, rows: &RecordBatch) -> Result<(), LakeError> {
        let leaves = table.columns.iter().zip(rows.columns());
        let leaves = leaves.filter(|(column, _)| column.kind.is_leaf());
        for (stats, (_, array)) in self.stats.iter_mut().zip(leaves) {
            stats.push(array);
        }
        let times = rows
            .column_by_name(TIMESTAMP)
            .map(|array| array.as_primitive::<TimestampMicrosecondType>());
        if let Some(times) = times
            && let (Some(first), Some(last)) = (aggregate::min(times), aggregate::max(times))
        {
            let so_far = self.time.unwrap_or((first, last));
            self.time = Some((so_far.0.min(first), so_far.1.max(last)));
        }
        self.n_rows += rows.num_rows() as u64;
        self.arrow
            .write(rows)
            .map_err(|error| LakeError::write(&self.path, error))
    }

    /// Completes the file and puts it on the disk, name and bytes.
    pub fn finish(self) -> Result<NewFile, LakeError> {
        let path = self.path.clone();
        let finished = self.complete();
        if finished.is_err() {
            // On a full disk, each try would otherwise take more of the room that is left.
            let _ = fs::remove_file(path);
        }
        finished
    }

    fn complete(mut self) -> Result<NewFile, LakeError> {
        let failed = |error| LakeError::io("expected to write", &self.path, error);
        let metadata = self
            .arrow
            .finish()
            .map_err(|error| LakeError::write(&self.path, error))?;
        let sink = self.arrow.inner_mut();
        sink.file.sync_all().map_err(failed)?;
        sync_folder(self.path.parent().unwrap_or(&self.path))?;
        let footer_bytes = footer_bytes(&mut sink.file).map_err(failed)?;
        let bytes = sink.file.metadata().map_err(failed)?.len();
        let checksum = sink.hasher.finish().cast_signed();
        add_sizes(&mut self.stats, &metadata);
        Ok(NewFile {
            path: self.relative,
            n_rows: self.n_rows,
            bytes,
            footer_bytes,
            day: self.day,
            time: self.time.unwrap_or((0, 0)),
            checksum,
            stats: self.stats,
        })
    }

    /// Gives up and removes the file.
    pub fn discard(self) {
        // What cannot be removed now is an orphan, and the sweep will find it.
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes files that were finished but will not be registered.
pub(crate) fn discard(folder: &Folder, table: &Table, files: &[NewFile]) {
    for file in files {
        // What cannot be removed now is an orphan, and the sweep will find it.
        let _ = fs::remove_file(folder.data().join(&table.path).join(&file.path));
    }
}

/// Checksum of the bytes of a file.
pub(crate) fn checksum_of(path: &Path) -> io::Result<i64> {
    let mut file = File::open(path)?;
    let mut hasher = XxHash64::with_seed(0);
    let mut bytes = vec![0; 1 << 18];
    loop {
        match file.read(&mut bytes)? {
            0 => return Ok(hasher.finish().cast_signed()),
            n => hasher.write(&bytes[..n]),
        }
    }
}

fn properties(table: &Table) -> WriterProperties {
    let mut leaf = 0;
    let mut sorting = Vec::new();
    for column in &table.columns {
        if column.name == TIMESTAMP {
            sorting.push(SortingColumn {
                column_idx: leaf,
                descending: false,
                nulls_first: false,
            });
        }
        column.walk(&mut |one: &Column, _| leaf += i32::from(one.kind.is_leaf()));
    }
    WriterProperties::builder()
        .set_created_by(concat!("Keepwell ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_sorting_columns(Some(sorting))
        .set_column_dictionary_enabled(ColumnPath::from(ROW), false)
        .set_column_encoding(ColumnPath::from(ROW), Encoding::DELTA_BINARY_PACKED)
        .build()
}

/// The length of the footer stands before the last four bytes.
fn footer_bytes(file: &mut File) -> io::Result<u64> {
    file.seek(SeekFrom::End(-8))?;
    let mut length = [0; 4];
    file.read_exact(&mut length)?;
    Ok(u64::from(u32::from_le_bytes(length)))
}

fn add_sizes(stats: &mut [ColumnStats], metadata: &ParquetMetaData) {
    for chunk in metadata
        .row_groups()
        .iter()
        .flat_map(|group| group.columns())
    {
        let info = chunk.column_descr().self_type().get_basic_info();
        if !info.has_id() {
            continue;
        }
        let found = stats
            .iter_mut()
            .find(|one| one.column_id == i64::from(info.id()));
        if let Some(stats) = found {
            stats.bytes += chunk.compressed_size().cast_unsigned();
        }
    }
}

/// A file that hashes what is written to it.
struct HashingFile {
    file: File,
    hasher: XxHash64,
}

impl Write for HashingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.hasher.write(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
