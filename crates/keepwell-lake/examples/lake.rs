//! Drives a store for other programs: `lake serve FOLDER` reads commands line by line and answers each
//! with one line; `lake bench FOLDER` measures how fast rows are accepted.
//!
//! Commands: `append MODEL KIND ROWS [COLUMN]`, `flush`, `compact`, `clean`, `retain MODEL DAYS`,
//! `churn SECONDS` (appends, flushes and compacts all the while), `count MODEL KIND`.

use std::env;
use std::error::Error;
use std::fs::OpenOptions;
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use keepwell_lake::{Batch, Kind, Lake, LakeConfig, Retention, TableName, Urgency};

type Answer<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600_000_000;
const MINUTE: i64 = 60_000_000;

static NEXT: AtomicI64 = AtomicI64::new(0);

fn main() -> Answer<()> {
    let args: Vec<String> = env::args().collect();
    match args.get(1..) {
        Some([command, folder]) if command == "serve" => serve(Path::new(folder)),
        Some([command, folder]) if command == "bench" => bench(Path::new(folder)),
        _ => Err("usage: lake serve FOLDER | lake bench FOLDER".into()),
    }
}

fn say(text: &str) -> Answer<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

fn kind(name: &str) -> Answer<Kind> {
    let found = Kind::ALL.into_iter().find(|kind| kind.as_str() == name);
    Ok(found.ok_or("no such kind")?)
}

fn serve(folder: &Path) -> Answer<()> {
    let lake = Lake::open(folder, LakeConfig::default())?;
    say("ready")?;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        match answer(&lake, &words) {
            Ok(text) => say(&text)?,
            Err(error) => say(&format!("error {error}"))?,
        }
    }
    Ok(())
}

fn answer(lake: &Lake, words: &[&str]) -> Answer<String> {
    Ok(match words {
        ["append", model, of, n_rows] => append(lake, model, of, n_rows, None)?,
        ["append", model, of, n_rows, column] => append(lake, model, of, n_rows, Some(column))?,
        ["flush"] => {
            let done = lake.flush()?;
            format!("{} rows {} files", done.n_rows, done.n_files)
        }
        ["compact"] => {
            let done = lake.compact(Urgency::All)?;
            format!("{} to {}", done.n_before, done.n_after)
        }
        ["clean"] => {
            let done = lake.clean(Duration::ZERO)?;
            format!("{} snapshots {} files", done.n_snapshots, done.n_files)
        }
        ["retain", model, megabytes] => {
            let keep = Retention {
                age: None,
                bytes: Some(megabytes.parse::<u64>()?),
            };
            let done = lake.retain(model, keep)?;
            format!("{} files {} rows", done.n_files, done.n_rows)
        }
        ["churn", seconds] => churn(lake, Duration::from_secs(seconds.parse()?))?,
        ["count", model, of] => {
            let name = TableName::try_new(model, kind(of)?)?;
            match lake.reader().scan(&name, None)? {
                None => "0".to_owned(),
                Some(scan) => {
                    let buffered = scan.buffered.iter().map(|batch| batch.num_rows() as u64);
                    let files = scan.files.iter().map(|file| file.n_rows);
                    files.chain(buffered).sum::<u64>().to_string()
                }
            }
        }
        _ => return Err("no such command".into()),
    })
}

fn append(
    lake: &Lake,
    model: &str,
    of: &str,
    n_rows: &str,
    column: Option<&str>,
) -> Answer<String> {
    let n_rows: usize = n_rows.parse()?;
    let receipt = lake.append(Batch {
        table: TableName::try_new(model, kind(of)?)?,
        rows: rows(n_rows, column)?,
        key: None,
        sent: None,
    })?;
    Ok(format!("{} rows", receipt.n_rows))
}

fn churn(lake: &Lake, time: Duration) -> Answer<String> {
    let start = Instant::now();
    let mut n_rows = 0;
    while start.elapsed() < time {
        for _ in 0..5 {
            let table = TableName::try_new("churn", Kind::Predictions)?;
            let rows = rows(100, None)?;
            n_rows += rows.num_rows();
            lake.append(Batch {
                table,
                rows,
                key: None,
                sent: None,
            })?;
        }
        lake.flush()?;
        lake.compact(Urgency::WorthIt)?;
        lake.clean(Duration::from_secs(5))?;
    }
    Ok(format!("{n_rows} rows"))
}

/// Rows of 16 columns, a minute apart, whose values follow from their number.
fn rows(n_rows: usize, extra: Option<&str>) -> Answer<RecordBatch> {
    let first = NEXT.fetch_add(n_rows as i64, Ordering::Relaxed);
    let numbers = first..first + n_rows as i64;
    let floats = |factor: f64| -> ArrayRef {
        Arc::new(Float64Array::from_iter(numbers.clone().map(|n| {
            match n % 17 {
                0 => None,
                // So that a bound that ignores NaN would be wrong.
                1 if factor == 0.25 => Some(f64::NAN),
                _ => Some(n as f64 * factor),
            }
        })))
    };
    let texts = |of: &[&str]| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(
            numbers.clone().map(|n| of[n as usize % of.len()]),
        ))
    };
    let ids: ArrayRef = Arc::new(StringArray::from_iter_values(
        numbers.clone().map(|n| format!("id-{n:012}")),
    ));
    let times = numbers.clone().map(|n| START + n * MINUTE);
    let mut columns: Vec<(String, ArrayRef)> = vec![
        ("prediction_id".to_owned(), ids),
        (
            "timestamp".to_owned(),
            Arc::new(TimestampMicrosecondArray::from_iter_values(times)),
        ),
        ("version".to_owned(), texts(&["v1", "v2"])),
        ("prediction".to_owned(), texts(&["yes", "no", "maybe"])),
        ("score".to_owned(), floats(0.25)),
        (
            "number".to_owned(),
            Arc::new(Int64Array::from_iter_values(numbers.clone())),
        ),
        (
            "is_new".to_owned(),
            Arc::new(BooleanArray::from_iter(
                numbers.clone().map(|n| Some(n % 3 == 0)),
            )),
        ),
        ("国家".to_owned(), texts(&["DE", "FR", "中国"])),
    ];
    for idx in 0..8 {
        columns.push((format!("f{idx}"), floats(1.0 + f64::from(idx))));
    }
    if let Some(name) = extra {
        columns.push((name.to_owned(), floats(2.0)));
    }
    Ok(RecordBatch::try_from_iter(columns)?)
}

/// How long one small write with an fsync takes in a folder: the price of durability alone.
fn fsync_times(folder: &Path) -> Answer<Vec<Duration>> {
    let path = folder.join("fsync-probe");
    let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
    let mut times = Vec::new();
    for _ in 0..200 {
        let start = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    drop(file);
    std::fs::remove_file(path)?;
    times.sort_unstable();
    Ok(times)
}

fn bench(folder: &Path) -> Answer<()> {
    std::fs::create_dir_all(folder)?;
    let times = fsync_times(folder)?;
    let (p50, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    say(&format!("fsync of 4 KiB: p50 {p50:?}, p99 {p99:?}"))?;
    for (clients, n_rows, seconds) in [(1, 1_000, 5), (8, 1_000, 5), (1, 1, 3), (100, 1, 5)] {
        let config = LakeConfig {
            buffer_bytes_max: u64::MAX,
            ..LakeConfig::default()
        };
        let store = folder.join(format!("store-{clients}-{n_rows}"));
        let lake = Lake::open(&store, config)?;
        measure(&lake, clients, n_rows, Duration::from_secs(seconds))?;
    }
    Ok(())
}

fn measure(lake: &Lake, clients: usize, n_rows: usize, time: Duration) -> Answer<()> {
    let prepared = rows(n_rows, None)?;
    let n_batches = AtomicU64::new(0);
    let start = Instant::now();
    let mut waits: Vec<Duration> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients)
            .map(|_| {
                let (prepared, n_batches) = (&prepared, &n_batches);
                scope.spawn(move || -> Answer<Vec<Duration>> {
                    let mut waits = Vec::new();
                    while start.elapsed() < time {
                        let sent = Instant::now();
                        let table = TableName::try_new("bench", Kind::Predictions)?;
                        let rows = prepared.clone();
                        let id = n_batches.fetch_add(1, Ordering::Relaxed);
                        let key = Some(format!("{id}"));
                        lake.append(Batch {
                            table,
                            rows,
                            key,
                            sent: Some(0),
                        })?;
                        waits.push(sent.elapsed());
                    }
                    Ok(waits)
                })
            })
            .collect();
        let mut all = Vec::new();
        for thread in threads {
            all.extend(thread.join().map_err(|_| "a client panicked")??);
        }
        Answer::Ok(all)
    })?;
    let wall = start.elapsed().as_secs_f64();
    waits.sort_unstable();
    let batches = waits.len() as f64;
    let (p50, p99) = (waits[waits.len() / 2], waits[waits.len() * 99 / 100]);
    let bytes = lake.load().buffered_bytes as f64 / (batches * n_rows as f64);
    let flushing = Instant::now();
    let flushed = lake.flush()?;
    say(&format!(
        "{clients} clients x {n_rows} rows: {:.0} batches/s, {:.0} rows/s, p50 {p50:?}, p99 {p99:?}, \
         {bytes:.0} bytes a row; flush of {} rows into {} files in {:.2?}",
        batches / wall,
        batches * n_rows as f64 / wall,
        flushed.n_rows,
        flushed.n_files,
        flushing.elapsed()
    ))
}
