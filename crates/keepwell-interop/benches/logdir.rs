//! Loads a log directory of 200 runs × 20 tags × 5,000 steps: `cargo bench -p keepwell-interop --bench logdir`.
//!
//! With `-- FOLDER` the logs are kept in that folder, for other readers to be measured on the same files, and
//! used again the next time. `-- FOLDER RUNS STEPS` makes fewer.

#![expect(clippy::print_stdout, reason = "a benchmark exists for what it prints")]

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use keepwell_interop::tensorboard::{LogDir, Tag};

const TAGS: usize = 20;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let number = |idx: usize, default: usize| {
        let given = arguments.get(idx).and_then(|text| text.parse().ok());
        given.unwrap_or(default)
    };
    let (n_runs, n_steps) = (number(1, 200), number(2, 5_000));
    let kept = arguments.first().map(PathBuf::from);
    let temporary = tempfile::tempdir()?;
    let folder = kept.unwrap_or_else(|| temporary.path().to_owned());
    if fs::read_dir(&folder).map_or(true, |mut entries| entries.next().is_none()) {
        generate(&folder, n_runs, n_steps)?;
    }

    let (begun, cpu_before) = (Instant::now(), cpu_seconds());
    let mut logdir = LogDir::open(&folder).map_err(io::Error::other)?;
    let wall = begun.elapsed().as_secs_f64();
    let cpu = cpu_seconds() - cpu_before;
    let n_points: usize = logdir
        .runs()
        .flat_map(|run| run.tags())
        .map(|tag| tag.len())
        .sum();
    let n_files: usize = logdir.runs().map(|run| run.files().len()).sum();
    println!("{n_points} points of {n_files} files");
    println!(
        "load: {wall:.2} s wall, {cpu:.2} s CPU, {:.3} µs CPU a point",
        cpu * 1e6 / n_points as f64
    );
    println!("peak memory: {:.0} MiB", peak_mib());

    let begun = Instant::now();
    let tags: Vec<Tag<'_>> = logdir
        .runs()
        .filter_map(|run| run.tag("metric_7"))
        .collect();
    let n_shown: usize = tags.iter().map(|tag| tag.shown().len()).sum();
    println!(
        "one tag of all runs, {n_shown} points: {:.1} ms",
        milliseconds(begun)
    );

    let begun = Instant::now();
    let is_quiet = logdir.refresh().is_empty();
    println!(
        "refresh where nothing grew: {:.2} ms, quiet: {is_quiet}",
        milliseconds(begun)
    );
    Ok(())
}

fn milliseconds(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e3
}

/// Seconds of processor time of this process so far, as Linux tells it; zero elsewhere.
fn cpu_seconds() -> f64 {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is a name in parentheses, which may hold spaces.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks
        .filter_map(|field| field.parse::<f64>().ok())
        .sum::<f64>()
        / TICKS_PER_SECOND
}

fn peak_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// Writes runs in turn as PyTorch does, with numbers, and as TensorFlow does, with tensors and metadata.
fn generate(folder: &Path, n_runs: usize, n_steps: usize) -> io::Result<()> {
    for run in 0..n_runs {
        let folder = folder.join(format!("run_{run:03}"));
        fs::create_dir_all(&folder)?;
        let is_tensor = run % 2 == 1;
        let suffix = if is_tensor { ".v2" } else { "" };
        let path = folder.join(format!(
            "events.out.tfevents.1700000000.host.{run}.0{suffix}"
        ));
        let mut out = BufWriter::new(fs::File::create(path)?);
        let mut header = field(3, b"brain.Event:2");
        header.splice(0..0, fixed64(1, 1.7e9));
        record(&mut out, &header)?;
        for step in 0..n_steps {
            for tag in 0..TAGS {
                let wall_time = 1.7e9 + step as f64 * 0.5 + tag as f64 * 1e-3;
                let number = (run + tag) as f32 + (-(step as f32) / 1_000.0).exp();
                record(
                    &mut out,
                    &event(wall_time, step as u64, tag, number, is_tensor),
                )?;
            }
        }
        out.flush()?;
    }
    Ok(())
}

fn event(wall_time: f64, step: u64, tag: usize, number: f32, is_tensor: bool) -> Vec<u8> {
    let mut value = field(1, format!("metric_{tag}").as_bytes());
    if is_tensor {
        let mut tensor = vec![0x08, 1];
        tensor.extend(field(2, &[]));
        tensor.extend(field(4, &number.to_le_bytes()));
        value.extend(field(9, &field(1, &field(1, b"scalars"))));
        value.extend(field(8, &tensor));
    } else {
        value.push(2 << 3 | 5);
        value.extend(number.to_le_bytes());
    }
    let mut event = fixed64(1, wall_time);
    event.push(2 << 3);
    event.extend(varint(step));
    event.extend(field(5, &field(1, &value)));
    event
}

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    out.extend(varint(bytes.len() as u64));
    out.extend(bytes);
    out
}

fn fixed64(number: u8, value: f64) -> Vec<u8> {
    let mut out = vec![number << 3 | 1];
    out.extend(value.to_le_bytes());
    out
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn record(out: &mut impl Write, payload: &[u8]) -> io::Result<()> {
    let length = (payload.len() as u64).to_le_bytes();
    out.write_all(&length)?;
    out.write_all(&masked(&length).to_le_bytes())?;
    out.write_all(payload)?;
    out.write_all(&masked(payload).to_le_bytes())
}

fn masked(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
        .rotate_right(15)
        .wrapping_add(0xa282_ead8)
}
