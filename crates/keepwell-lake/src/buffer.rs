//! The write-ahead buffer, as readers and the flush see it.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch, TimestampMicrosecondArray};
use arrow_schema::{Field, Schema};
use rusqlite::{Connection, params};

use crate::column::utc;
use crate::error::LakeError;
use crate::name::{DAY, RECEIVED, ROW, TIMESTAMP};
use crate::payload;
use crate::table::{Table, own_columns};

/// Microseconds of a day.
pub(crate) const DAY_MICROS: i64 = 86_400_000_000;

/// Batches of a table that are in no file yet.
#[derive(Debug, Default)]
pub(crate) struct Buffered {
    pub seqs: Vec<i64>,
    /// With every column of the table, also the lake's own.
    pub batches: Vec<RecordBatch>,
    /// Batches that could not be read.
    pub damaged: Vec<LakeError>,
    /// Whether the limit cut the list.
    pub is_cut: bool,
}

/// Reads the buffer of a table from its oldest batch on, up to about `bytes_max` in memory, where a batch may hold
/// events of `[start, end)`.
pub(crate) fn read(
    connection: &Connection,
    table: &Table,
    (start, end): (i64, i64),
    bytes_max: usize,
) -> Result<Buffered, LakeError> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, first_row, received, checksum, payload FROM keepwell_buffer
         WHERE table_id = ?1 AND time_min < ?3 AND time_max >= ?2 ORDER BY seq",
    )?;
    let mut rows = statement.query(params![table.id, start, end])?;
    let mut buffered = Buffered::default();
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        if bytes >= bytes_max {
            buffered.is_cut = true;
            break;
        }
        let seq: i64 = row.get(0)?;
        let payload = row.get_ref(4)?.as_blob().map_err(rusqlite::Error::from)?;
        if payload::checksum(payload) != row.get::<_, i64>(3)? {
            buffered.damaged.push(LakeError::BufferDamaged { seq });
            continue;
        }
        let batch = with_own_columns(&payload::decode(payload)?, row.get(1)?, row.get(2)?)?;
        bytes += batch.get_array_memory_size();
        buffered.batches.push(table.widen(&batch)?);
        buffered.seqs.push(seq);
    }
    Ok(buffered)
}

/// Rows with the columns that the lake adds.
fn with_own_columns(
    batch: &RecordBatch,
    first_row: i64,
    received: i64,
) -> Result<RecordBatch, LakeError> {
    let times = batch
        .column_by_name(TIMESTAMP)
        .ok_or_else(|| LakeError::Arrow {
            found: format!("no column `{TIMESTAMP}` in the buffer"),
        })?;
    let times = times.as_primitive::<TimestampMicrosecondType>();
    let days: Date32Array = times.unary(|time| {
        // Event times are within the years 1000 to 9999.
        i32::try_from(time.div_euclid(DAY_MICROS)).unwrap_or(i32::MAX)
    });
    let n_rows = batch.num_rows();
    let end = first_row + i64::try_from(n_rows).unwrap_or(0);
    let own: [(&str, ArrayRef); 3] = [
        (DAY, Arc::new(days)),
        (ROW, Arc::new(Int64Array::from_iter_values(first_row..end))),
        (
            RECEIVED,
            Arc::new(TimestampMicrosecondArray::from_value(received, n_rows).with_timezone(utc())),
        ),
    ];
    let mut fields: Vec<Field> = batch
        .schema()
        .fields()
        .iter()
        .map(|f| f.as_ref().clone())
        .collect();
    let mut arrays = batch.columns().to_vec();
    for ((name, array), column) in own.into_iter().zip(own_columns()) {
        fields.push(column.field().with_name(name));
        arrays.push(array);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}
