//! Units of work over the files of a table.
//!
//! The division into units depends on the data only, never on the number of threads, and their results
//! are merged in their order: so a result is the same to the last bit on any machine. Within a unit,
//! columns are shared among threads, which needs no merge at all.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use datafusion::arrow::compute::take_record_batch;
use datafusion::common::runtime::SpawnedTask;
use datafusion::datasource::physical_plan::parquet::{
    CachedParquetFileReaderFactory, ParquetAccessPlan,
};
use datafusion::datasource::physical_plan::{
    ArrowSource, FileScanConfigBuilder, FileSource, ParquetSource,
};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::TaskContext;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::parquet::arrow::arrow_reader::RowSelection;
use datafusion::physical_plan::ExecutionPlan;
use futures::StreamExt;

use crate::error::{EngineError, Place, Position};
use crate::part::{Part, Store};
use crate::table::Table;
use crate::values::absent;

/// Rows of a unit, unless a single row group has more.
const UNIT_ROWS: u64 = 4 << 20;
/// Rows of a batch where they are not too wide.
const BATCH_ROWS: usize = 8_192;
/// Bytes that a batch should not exceed.
const BATCH_BYTES: f32 = 32.0 * 1024.0 * 1024.0;

/// Rows that are read by one job from beginning to end.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    part_idx: usize,
    /// Row groups to read; `None` means the whole file.
    row_groups: Option<Range<usize>>,
    /// Rows of the part before this unit.
    first_row: u64,
    /// Rows of the table before the part.
    part_row: u64,
    rows: u64,
    /// Rows of the part to read, ascending; `None` means all of the unit.
    selected: Option<Arc<[u64]>>,
}

impl Unit {
    /// Positions of its rows in the table.
    pub(crate) fn table_rows(&self) -> Range<u64> {
        let start = self.part_row + self.first_row;
        start..start + self.rows
    }

    /// The same unit, of which only rows at these positions in the table are read.
    pub(crate) fn select(&self, table_rows: &[u64]) -> Self {
        let rows = table_rows.iter().map(|row| row - self.part_row);
        Self {
            selected: Some(rows.collect()),
            ..self.clone()
        }
    }
}

/// A batch as a job sees it.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    /// Parallel to the columns that the job asked for; nulls where the file lacks one.
    pub(crate) arrays: Vec<ArrayRef>,
    pub(crate) rows: usize,
    /// Position of its first row in the table, whose others follow unless rows were selected.
    pub(crate) table_row: u64,
    part: &'a Part,
    first_row: u64,
    /// Where rows were selected, the position of each in the part.
    selected: Option<&'a [u64]>,
}

impl Batch<'_> {
    /// The place of a row of the batch.
    pub(crate) fn place(&self, row_idx: usize, column: &str) -> Place {
        let row = match self.selected {
            None => self.first_row + row_idx as u64,
            Some(rows) => rows.get(row_idx).copied().unwrap_or_default(),
        };
        Place {
            path: self.part.origin.clone(),
            position: Position::Row(self.part.file_row(row) + 1),
            column: Some(column.to_owned()),
        }
    }
}

/// What is done with the batches of a unit.
pub(crate) trait Fold: Send + 'static {
    /// Takes the next batch.
    fn take(&mut self, batch: &Batch<'_>) -> Result<(), EngineError>;
}

/// The units of a table, in order.
pub(crate) fn units(table: &Table) -> Vec<Unit> {
    units_of(table, UNIT_ROWS)
}

/// Units of at least `rows_min` rows, but for the last of each file.
pub(crate) fn units_of(table: &Table, rows_min: u64) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut part_row = 0;
    for (part_idx, part) in table.parts.iter().enumerate() {
        let whole = Unit {
            part_idx,
            row_groups: None,
            first_row: 0,
            part_row,
            rows: part.rows,
            selected: None,
        };
        part_row += part.rows;
        let Some(row_groups) = part.row_groups() else {
            units.push(whole);
            continue;
        };
        let (mut start, mut rows, mut first_row) = (0, 0, 0);
        for (idx, group_rows) in row_groups.iter().enumerate() {
            rows += group_rows;
            if rows >= rows_min || idx + 1 == row_groups.len() {
                units.push(Unit {
                    row_groups: Some(start..idx + 1),
                    first_row,
                    rows,
                    ..whole.clone()
                });
                (start, first_row, rows) = (idx + 1, first_row + rows, 0);
            }
        }
    }
    units
}

/// Starts a job that reads `columns` of a unit into `fold`.
///
/// A panic in a decoder ends as an error.
pub(crate) fn spawn<F: Fold>(
    task_context: Arc<TaskContext>,
    table: &Table,
    unit: &Unit,
    columns: &[usize],
    mut fold: F,
) -> impl Future<Output = Result<F, EngineError>> + use<F> {
    let part = Arc::clone(&table.parts[unit.part_idx]);
    let positions: Vec<Option<usize>> = columns
        .iter()
        .map(|&idx| table.columns[idx].positions[unit.part_idx])
        .collect();
    let unit = unit.clone();
    let origin = part.origin.clone();
    let task = SpawnedTask::spawn(async move {
        read(&task_context, &part, &unit, &positions, &mut fold).await?;
        Ok(fold)
    });
    async move {
        task.await.unwrap_or_else(|fault| {
            Err(EngineError::malformed(
                &origin,
                "data that can be decoded",
                &fault,
            ))
        })
    }
}

/// Rows that are looked at where a few suffice.
const FIRST_ROWS: usize = 1_024;

/// The first rows of some columns of a part, which it has; parallel to `columns`, empty where the part is.
pub(crate) async fn first_batch(
    task_context: Arc<TaskContext>,
    table: &Table,
    part_idx: usize,
    columns: &[usize],
) -> Result<Vec<ArrayRef>, EngineError> {
    let part = Arc::clone(&table.parts[part_idx]);
    let positions = columns
        .iter()
        .map(|&idx| table.columns[idx].positions[part_idx]);
    let (projection, slots) = projected(&positions.collect::<Vec<_>>());
    let unit = units(table)
        .into_iter()
        .find(|unit| unit.part_idx == part_idx);
    let Some(unit) = unit else {
        return Ok(Vec::new());
    };
    let origin = part.origin.clone();
    let malformed = move |fault: &dyn std::fmt::Display| {
        EngineError::malformed(&origin, "data that can be decoded", fault)
    };
    let task = SpawnedTask::spawn(async move {
        let mut stream = open(&task_context, &part, &unit, projection, FIRST_ROWS)?;
        stream.next().await.transpose()
    });
    let batch = task.await.map_err(|fault| malformed(&fault))?;
    let batch = batch.map_err(|fault| malformed(&fault))?;
    let arrays = batch.map(|batch| arrays(&batch, &slots));
    Ok(arrays.unwrap_or_default())
}

/// Columns of a file to read, ascending, and for each position where among them it stands.
fn projected(positions: &[Option<usize>]) -> (Vec<usize>, Vec<Option<usize>>) {
    let mut projection: Vec<usize> = positions.iter().flatten().copied().collect();
    projection.sort_unstable();
    projection.dedup();
    let slots = positions
        .iter()
        .map(|position| position.and_then(|position| projection.binary_search(&position).ok()))
        .collect();
    (projection, slots)
}

fn arrays(batch: &RecordBatch, slots: &[Option<usize>]) -> Vec<ArrayRef> {
    slots
        .iter()
        .map(|slot| match slot {
            Some(slot) => Arc::clone(batch.column(*slot)),
            None => absent(batch.num_rows()),
        })
        .collect()
}

async fn read<F: Fold>(
    task_context: &Arc<TaskContext>,
    part: &Part,
    unit: &Unit,
    positions: &[Option<usize>],
    fold: &mut F,
) -> Result<(), EngineError> {
    let (projection, slots) = projected(positions);
    let malformed =
        |fault| EngineError::malformed(&part.origin, "data that can be decoded", &fault);
    let mut stream = open(task_context, part, unit, projection, BATCH_ROWS).map_err(malformed)?;
    // A Parquet file is read without the rows that are not wanted; of others they are dropped here.
    let wanted = match part.store {
        Store::Parquet { .. } => None,
        Store::IpcFile | Store::IpcStream => file_rows(part, unit),
    };
    let mut first_row = unit.first_row;
    let (mut file_row, mut n_selected) = (0, 0);
    while let Some(batch) = stream.next().await {
        let batch: RecordBatch = batch.map_err(malformed)?;
        let file_end = file_row + batch.num_rows() as u64;
        let batch = match &wanted {
            Some(wanted) => {
                let left = &wanted[n_selected..];
                let own = left[..left.partition_point(|&row| row < file_end)].iter();
                let indices: UInt32Array = own.map(|row| (row - file_row) as u32).collect();
                take_record_batch(&batch, &indices).map_err(|fault| malformed(fault.into()))?
            }
            None => batch,
        };
        file_row = file_end;
        fold.take(&Batch {
            arrays: arrays(&batch, &slots),
            rows: batch.num_rows(),
            table_row: unit.part_row + first_row,
            part,
            first_row,
            selected: unit
                .selected
                .as_deref()
                .and_then(|own| own.get(n_selected..)),
        })?;
        first_row += batch.num_rows() as u64;
        n_selected += batch.num_rows();
    }
    Ok(())
}

/// Places in the file of the rows of a unit that are read, ascending; `None` where that is all of them.
fn file_rows<'a>(part: &'a Part, unit: &'a Unit) -> Option<Cow<'a, [u64]>> {
    let own = unit.first_row..unit.first_row + unit.rows;
    match (&unit.selected, part.file_rows(own)) {
        (None, kept) => kept.map(Cow::Borrowed),
        (Some(selected), None) => Some(Cow::Borrowed(selected)),
        (Some(selected), Some(_)) => {
            let rows = selected.iter().map(|&row| part.file_row(row));
            Some(rows.collect())
        }
    }
}

/// The batches of a unit, through DataFusion's scan.
fn open(
    task_context: &Arc<TaskContext>,
    part: &Part,
    unit: &Unit,
    projection: Vec<usize>,
    rows_max: usize,
) -> datafusion::error::Result<SendableRecordBatchStream> {
    let url = ObjectStoreUrl::local_filesystem();
    let runtime = task_context.runtime_env();
    let mut file =
        datafusion::datasource::listing::PartitionedFile::new_from_meta(part.object.clone());
    let source: Arc<dyn FileSource> = match &part.store {
        Store::Parquet { row_groups } => {
            if let Some(wanted) = &unit.row_groups {
                let rows = file_rows(part, unit);
                file = file.with_extension(access(rows.as_deref(), wanted.clone(), row_groups));
            }
            let footers = runtime.cache_manager.get_file_metadata_cache();
            let factory = CachedParquetFileReaderFactory::new(runtime.object_store(&url)?, footers);
            Arc::new(
                ParquetSource::new(Arc::clone(&part.schema))
                    .with_parquet_file_reader_factory(Arc::new(factory))
                    .with_enable_page_index(false),
            )
        }
        Store::IpcFile => Arc::new(ArrowSource::new_file_source(Arc::clone(&part.schema))),
        Store::IpcStream => Arc::new(ArrowSource::new_stream_file_source(Arc::clone(
            &part.schema,
        ))),
    };
    let row_bytes: f32 = projection.iter().map(|&idx| part.row_bytes[idx]).sum();
    let batch_rows = (BATCH_BYTES / row_bytes.max(1.0)) as usize;
    let config = FileScanConfigBuilder::new(url, source)
        .with_file(file)
        .with_batch_size(Some(batch_rows.clamp(1, rows_max)))
        .with_projection_indices(Some(projection))?
        .build();
    DataSourceExec::from_data_source(config).execute(0, Arc::clone(task_context))
}

/// Which rows of a Parquet file are read.
fn access(rows: Option<&[u64]>, wanted: Range<usize>, row_groups: &[u64]) -> ParquetAccessPlan {
    let mut plan = ParquetAccessPlan::new_none(row_groups.len());
    let Some(mut left) = rows else {
        wanted.for_each(|idx| plan.scan(idx));
        return plan;
    };
    let mut start: u64 = row_groups[..wanted.start].iter().sum();
    for idx in wanted {
        let end = start + row_groups[idx];
        let (own, later) = left.split_at(left.partition_point(|&row| row < end));
        if !own.is_empty() {
            let ranges = own.iter().map(|&row| {
                let row = (row - start) as usize;
                row..row + 1
            });
            let n_rows = row_groups[idx] as usize;
            plan.scan(idx);
            plan.scan_selection(idx, RowSelection::from_consecutive_ranges(ranges, n_rows));
        }
        (start, left) = (end, later);
    }
    plan
}
