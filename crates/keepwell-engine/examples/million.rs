//! Writes a million rows of 30 numbers and 10 texts as Parquet and as CSV, and times their profiles.
//!
//! `cargo run --release -p keepwell-engine --example million -- FOLDER [csv] [--approx] [--groups] [--sql]`
//!
//! The files stay in the folder and are not written again, so a second run measures reading only.

#![allow(clippy::print_stdout)]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use datafusion::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use datafusion::parquet::arrow::ArrowWriter;
use keepwell_core::schema::Kind;
use keepwell_engine::{GroupBy, OpenOptions, Request, Session, SessionConfig};
use keepwell_stats::profile::Mode;

const ROWS: usize = 1_000_000;
const NUMBERS: usize = 30;
const TEXTS: usize = 10;
const BATCH: usize = 10_000;

type Fault = Box<dyn std::error::Error>;

/// A small generator, so that no package is needed for it.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Roughly normal; rounded as logged numbers mostly are.
    fn number(&mut self) -> f64 {
        let sum: f64 = (0..6).map(|_| self.next()).sum();
        ((sum - 3.0) * 1e5).round() / 1e4
    }
}

fn batch(random: &mut Random) -> Result<RecordBatch, Fault> {
    let mut columns: Vec<(String, ArrayRef)> = Vec::new();
    for idx in 0..NUMBERS {
        let values: Float64Array = (0..BATCH).map(|_| Some(random.number())).collect();
        columns.push((format!("number_{idx}"), Arc::new(values)));
    }
    for idx in 0..TEXTS {
        let n_names = [2, 5, 20, 100, 1_000][idx % 5] as f64;
        let values: StringArray = (0..BATCH)
            .map(|_| Some(format!("name {}", (random.next() * n_names) as u64)))
            .collect();
        columns.push((format!("text_{idx}"), Arc::new(values)));
    }
    Ok(RecordBatch::try_from_iter(columns)?)
}

fn write_all(parquet: &Path, csv: &Path) -> Result<(), Fault> {
    let mut random = Random(1);
    let schema = batch(&mut random)?.schema();
    let mut writer = ArrowWriter::try_new(File::create(parquet)?, Arc::clone(&schema), None)?;
    let mut text = BufWriter::new(File::create(csv)?);
    let names: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    writeln!(text, "{}", names.join(","))?;
    for _ in 0..ROWS / BATCH {
        let batch = batch(&mut random)?;
        writer.write(&batch)?;
        for row in 0..BATCH {
            for (idx, column) in batch.columns().iter().enumerate() {
                let separator = if idx == 0 { "" } else { "," };
                if let Some(numbers) = column.as_any().downcast_ref::<Float64Array>() {
                    write!(text, "{separator}{}", numbers.value(row))?;
                } else if let Some(names) = column.as_any().downcast_ref::<StringArray>() {
                    write!(text, "{separator}{}", names.value(row))?;
                }
            }
            writeln!(text)?;
        }
    }
    writer.close()?;
    Ok(())
}

/// CPU seconds of this process, and the most memory that it ever held in MiB (Linux).
fn usage() -> (f64, u64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat
        .rsplit(") ")
        .next()
        .unwrap_or_default()
        .split(' ')
        .collect();
    let ticks = |idx: usize| fields.get(idx).and_then(|text| text.parse::<f64>().ok());
    let cpu = (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
        .unwrap_or(0);
    (cpu, peak >> 10)
}

#[tokio::main]
async fn main() -> Result<(), Fault> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = PathBuf::from(arguments.first().ok_or("expected a folder")?);
    let (parquet, csv) = (folder.join("million.parquet"), folder.join("million.csv"));
    if !parquet.exists() || !csv.exists() {
        write_all(&parquet, &csv)?;
    }
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let path = if has("csv") { &csv } else { &parquet };
    let session = Session::try_new(SessionConfig {
        mode: if has("--approx") {
            Mode::Sketched
        } else {
            Mode::Exact
        },
        ..SessionConfig::default()
    })?;
    let (cpu, _) = usage();
    let start = Instant::now();
    let pattern = vec![path.display().to_string()];
    let table = session.open(&pattern, &OpenOptions::default()).await?;
    let opened = (start.elapsed(), usage().0 - cpu);
    let columns: Vec<(String, Kind)> = table
        .columns
        .iter()
        .map(|column| (column.name.clone(), column.kind))
        .collect();
    if has("--sql") {
        session.register("million", &table)?;
        let calls = columns
            .iter()
            .map(|(name, kind)| format!("column_profile({name}, '{kind}', 'exact')"));
        let query = format!(
            "SELECT {} FROM million",
            calls.collect::<Vec<_>>().join(", ")
        );
        session.sql(&query).await?;
        let (cpu_end, peak) = usage();
        println!("SQL: {:.2} s CPU, peak {peak} MiB", cpu_end - cpu);
        return Ok(());
    }
    let mut rows = 0;
    let chunks = session.column_chunks(table.rows, &columns);
    for chunk in &chunks {
        let request = Request {
            columns: columns[chunk.clone()].to_vec(),
            group_by: has("--groups").then(|| GroupBy {
                column: "text_2".to_owned(),
                values: (0..20).map(|idx| format!("name {idx}")).collect(),
            }),
            ..Request::default()
        };
        let profiled = session.profile(&table, &request).await?;
        rows = profiled.cells.iter().map(|cell| cell.rows).sum();
    }
    let (cpu_end, peak) = usage();
    println!(
        "{} rows, {} columns in {} chunks: open {:.2} s ({:.2} s CPU), all {:.2} s ({:.2} s CPU), peak {peak} MiB",
        rows,
        columns.len(),
        chunks.len(),
        opened.0.as_secs_f64(),
        opened.1,
        start.elapsed().as_secs_f64(),
        cpu_end - cpu,
    );
    Ok(())
}
