//! Batches to store, and counts of what a store holds.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_array::{TimestampMicrosecondArray, UInt32Array};
use keepwell_lake::{Batch, Kind, Lake, LakeConfig, LakeReader, TableName};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// 2026-01-01T00:00:00Z.
pub const START: i64 = 1_767_225_600_000_000;
pub const HOUR: i64 = 3_600_000_000;

pub fn table(model: &str) -> TableName {
    TableName::try_new(model, Kind::Predictions).expect("a sound name")
}

pub fn open(folder: &Path) -> Lake {
    Lake::open(folder, LakeConfig::default()).expect("the store opens")
}

/// `n_rows` rows of the batch `number`, an hour apart from `start` on.
pub fn rows(number: i64, n_rows: usize, start: i64) -> RecordBatch {
    let ids: Vec<String> = (0..n_rows).map(|row| format!("{number}-{row}")).collect();
    let times = (0..n_rows as i64).map(|row| start + row * HOUR);
    RecordBatch::try_from_iter([
        (
            "prediction_id",
            Arc::new(StringArray::from(ids)) as ArrayRef,
        ),
        (
            "timestamp",
            Arc::new(TimestampMicrosecondArray::from_iter_values(times)),
        ),
        ("batch", Arc::new(Int64Array::from_value(number, n_rows))),
        ("score", Arc::new(Float64Array::from_value(0.5, n_rows))),
        (
            "age",
            Arc::new(UInt32Array::from_iter_values(0..n_rows as u32)),
        ),
    ])
    .expect("columns of one length")
}

pub fn batch(model: &str, rows: RecordBatch, key: Option<&str>) -> Batch {
    Batch {
        table: table(model),
        rows,
        key: key.map(str::to_owned),
        sent: None,
    }
}

/// Every row of a table, from files and buffer.
pub fn all(reader: &LakeReader, name: &TableName) -> Vec<RecordBatch> {
    let Some(scan) = reader.scan(name, None).expect("the scan") else {
        return Vec::new();
    };
    assert!(scan.damaged.is_empty(), "{:?}", scan.damaged);
    let mut batches = scan.buffered.clone();
    for file in &scan.files {
        let open = File::open(&file.path).expect("the data file");
        let parquet = ParquetRecordBatchReaderBuilder::try_new(open).expect("a footer");
        let parquet = parquet.build().expect("a reader");
        batches.extend(parquet.map(|batch| batch.expect("rows")));
    }
    batches
}

/// Rows of each batch number.
pub fn counts(reader: &LakeReader, name: &TableName) -> BTreeMap<i64, usize> {
    let mut counts = BTreeMap::new();
    for batch in all(reader, name) {
        let numbers = batch.column_by_name("batch").expect("the column");
        for number in numbers.as_primitive::<Int64Type>().iter().flatten() {
            *counts.entry(number).or_insert(0) += 1;
        }
    }
    counts
}

pub fn total(reader: &LakeReader, name: &TableName) -> usize {
    all(reader, name).iter().map(RecordBatch::num_rows).sum()
}
