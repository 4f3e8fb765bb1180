//! Files to read and sessions to read them with.

use std::fs;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use datafusion::arrow::ipc::CompressionType;
use datafusion::arrow::ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::file::properties::WriterProperties;
use keepwell_core::fault::Fault;
use keepwell_core::schema::Kind;
use keepwell_core::time::Timestamp;
use keepwell_engine::{EngineError, OpenOptions, Profiled, Request, Session, SessionConfig, Table};
use keepwell_stats::profile::Mode;

/// A runtime as the binary has one.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

pub(crate) fn session(threads: usize, mode: Mode) -> Session {
    Session::try_new(SessionConfig {
        threads,
        mode,
        ..SessionConfig::default()
    })
    .expect("a valid configuration")
}

/// A folder that goes away.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Writes a file into the folder.
pub(crate) fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).expect("a writable folder");
    path
}

pub(crate) fn pattern(path: &Path) -> Vec<String> {
    vec![path.to_str().expect("a path in UTF-8").to_owned()]
}

pub(crate) async fn open(session: &Session, path: &Path) -> Result<Table, EngineError> {
    session.open(&pattern(path), &OpenOptions::default()).await
}

/// Opens a file that cannot be opened and gives the code and the message, the folder left out.
pub(crate) fn fault_of(path: &Path, options: &OpenOptions) -> (&'static str, String) {
    let fault = block_on(async {
        let session = session(2, Mode::Exact);
        let table = session.open(&pattern(path), options).await?;
        session.profile(&table, &all_columns(&table)).await
    })
    .expect_err("input that is wrong");
    let parent = path.parent().expect("a file in a folder");
    let message = fault
        .to_string()
        .replace(&format!("{}/", parent.display()), "");
    assert!(
        !message.ends_with('.') && !message.contains('\n'),
        "{message}"
    );
    (fault.code(), message)
}

/// A request for every column as what it is.
pub(crate) fn all_columns(table: &Table) -> Request {
    Request {
        columns: table
            .columns
            .iter()
            .map(|column| (column.name.clone(), column.kind))
            .collect(),
        ..Request::default()
    }
}

/// Opens a file and profiles all of it.
pub(crate) fn profile_file(path: &Path, options: &OpenOptions) -> (Table, Profiled) {
    block_on(async {
        let session = session(2, Mode::Exact);
        let table = session
            .open(&pattern(path), options)
            .await
            .expect("valid input");
        let profiled = session
            .profile(&table, &all_columns(&table))
            .await
            .expect("valid values");
        (table, profiled)
    })
}

/// The kind of each column.
pub(crate) fn kinds(table: &Table) -> Vec<(&str, Kind)> {
    table
        .columns
        .iter()
        .map(|column| (column.name.as_str(), column.kind))
        .collect()
}

/// Microseconds of an hour.
pub(crate) const HOUR: i64 = 3_600_000_000;

/// Start of the events.
pub(crate) fn start() -> Timestamp {
    "2026-01-01".parse().expect("a date")
}

/// A small deterministic generator; the low bits are not used.
pub(crate) struct Lcg(pub(crate) u64);

impl Lcg {
    pub(crate) fn next(&mut self, below: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// Events with one column of each kind, nulls in all but the time, in order of time.
pub(crate) fn events(rows: usize) -> RecordBatch {
    let mut random = Lcg(7);
    let maybe = |random: &mut Lcg| random.next(10) > 0;
    let at: Vec<i64> = (0..rows as i64)
        .map(|row| start().0 + row * HOUR / 10)
        .collect();
    let mut column = |make: &mut dyn FnMut(&mut Lcg, usize)| {
        for row in 0..rows {
            make(&mut random, row);
        }
    };
    let mut age = Vec::new();
    column(&mut |random, _| age.push(maybe(random).then(|| random.next(80) as i64)));
    let mut price = Vec::new();
    column(&mut |random, _| price.push(Some(random.next(10_000) as f64 / 64.0)));
    let mut country = Vec::new();
    column(&mut |random, _| {
        let names = [
            "DE",
            "FR",
            "Côte d'Ivoire, \"CI\"",
            "a name of more than twelve bytes",
        ];
        country.push((random.next(10) > 0).then(|| names[random.next(4) as usize]));
    });
    let mut member = Vec::new();
    column(&mut |random, _| member.push((random.next(10) > 0).then(|| random.next(3) == 0)));
    let (mut target, mut score) = (Vec::new(), Vec::new());
    column(&mut |random, _| {
        score.push(Some(random.next(1_000) as f64 / 999.0));
        target.push((random.next(5) > 0).then(|| random.next(2) as i64));
    });
    let arrays: Vec<(&str, ArrayRef)> = vec![
        (
            "at",
            Arc::new(TimestampMicrosecondArray::from(at).with_timezone("UTC")),
        ),
        ("age", Arc::new(Int64Array::from(age))),
        ("price", Arc::new(Float64Array::from(price))),
        ("country", Arc::new(StringArray::from(country))),
        ("member", Arc::new(BooleanArray::from(member))),
        ("target", Arc::new(Int64Array::from(target))),
        ("score", Arc::new(Float64Array::from(score))),
    ];
    RecordBatch::try_from_iter_with_nullable(
        arrays.into_iter().map(|(name, array)| (name, array, true)),
    )
    .expect("columns of one length")
}

/// Writes a Parquet file with row groups of `group_rows`.
pub(crate) fn write_parquet(path: &Path, batch: &RecordBatch, group_rows: usize) {
    let file = File::create(path).expect("a writable folder");
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(group_rows))
        .build();
    let mut writer =
        ArrowWriter::try_new(file, batch.schema(), Some(properties)).expect("a valid schema");
    writer.write(batch).expect("a writable file");
    writer.close().expect("a writable file");
}

pub(crate) fn write_ipc_file(path: &Path, batch: &RecordBatch) {
    let file = File::create(path).expect("a writable folder");
    let mut writer = FileWriter::try_new(file, &batch.schema()).expect("a valid schema");
    for start in (0..batch.num_rows()).step_by(1_000) {
        let rows = (batch.num_rows() - start).min(1_000);
        writer
            .write(&batch.slice(start, rows))
            .expect("a writable file");
    }
    writer.finish().expect("a writable file");
}

pub(crate) fn write_ipc_compressed(path: &Path, batch: &RecordBatch, method: CompressionType) {
    let file = File::create(path).expect("a writable folder");
    let options = IpcWriteOptions::default()
        .try_with_compression(Some(method))
        .expect("compression is built in");
    let mut writer =
        FileWriter::try_new_with_options(file, &batch.schema(), options).expect("a valid schema");
    writer.write(batch).expect("a writable file");
    writer.finish().expect("a writable file");
}

pub(crate) fn write_ipc_stream(path: &Path, batch: &RecordBatch) {
    let file = File::create(path).expect("a writable folder");
    let mut writer = StreamWriter::try_new(file, &batch.schema()).expect("a valid schema");
    writer.write(batch).expect("a writable file");
    writer.finish().expect("a writable file");
}
