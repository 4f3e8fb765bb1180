//! Log files for the tests, and what was read of a log directory as text.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use keepwell_interop::tensorboard::{
    Bucket, Histogram, HparamValue, Hparams, LogDir, RunStatus, RunWriter, Stamp, Text,
};

/// 2024-05-01, when the runs of the tests began.
pub(crate) const BEGUN: f64 = 1_714_521_600.0;

pub(crate) fn stamp(step: i64) -> Stamp {
    Stamp {
        step,
        wall_time: BEGUN + step as f64 * 0.25,
    }
}

/// Bytes of an event file with several kinds of values and a restart.
pub(crate) fn mixed_file() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut writer = RunWriter::create(folder.path(), BEGUN).expect("a file");
    let path = writer.path().to_owned();
    let hparams = Hparams {
        values: [("lr".to_owned(), HparamValue::Number(0.1))].into(),
        ..Hparams::default()
    };
    writer.hparams(BEGUN, &hparams).expect("written");
    for step in [0, 1, 2, 3, 2, 3, 4] {
        let loss = 1.0 / (step + 1) as f64;
        writer.scalar("loss", stamp(step), loss).expect("written");
        writer
            .scalar("übung/🎈", stamp(step), f64::NAN)
            .expect("written");
    }
    let histogram = Histogram {
        buckets: vec![Bucket {
            left: 0.0,
            right: 1.0,
            count: 3.0,
        }],
    };
    writer
        .histogram("weights", stamp(4), &histogram)
        .expect("written");
    let text = Text {
        shape: vec![],
        texts: vec!["*hello*".to_owned()],
    };
    writer.text("note", stamp(4), &text).expect("written");
    writer.session_started(stamp(5)).expect("written");
    writer.graph(BEGUN, b"graph").expect("written");
    writer.ended(BEGUN, RunStatus::Success).expect("written");
    drop(writer);
    fs::read(path).expect("a file")
}

/// A record with this payload.
pub(crate) fn record(payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u64).to_le_bytes();
    let mut bytes = length.to_vec();
    bytes.extend(masked(&length).to_le_bytes());
    bytes.extend(payload);
    bytes.extend(masked(payload).to_le_bytes());
    bytes
}

pub(crate) fn masked(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
        .rotate_right(15)
        .wrapping_add(0xa282_ead8)
}

/// A record with a number of the first format under the tag `a`.
pub(crate) fn scalar_record(wall_time: f64, step: i64, number: f32) -> Vec<u8> {
    let mut payload = vec![0x09];
    payload.extend(wall_time.to_le_bytes());
    payload.push(0x10);
    let mut rest = step.cast_unsigned();
    while rest >= 0x80 {
        payload.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    payload.push(rest as u8);
    payload.extend([0x2a, 10, 0x0a, 8, 0x0a, 1, b'a', 0x15]);
    payload.extend(number.to_le_bytes());
    record(&payload)
}

/// Everything that was read, with values from the files; equal texts mean equal contents.
pub(crate) fn contents(logdir: &LogDir) -> String {
    let mut text = String::new();
    for run in logdir.runs() {
        writeln!(text, "run {} {:?}", run.name(), run.hparams()).expect("text");
        for session in run.sessions() {
            writeln!(text, "  {session:?}").expect("text");
        }
        for file in run.files() {
            let (damage, n_records) = (file.damage(), file.n_records());
            writeln!(
                text,
                "  {n_records} records, {damage:?}, {:?}",
                file.progress()
            )
            .expect("text");
        }
        for tag in run.tags() {
            writeln!(
                text,
                "  {} {:?} {:?}",
                tag.name(),
                tag.kind(),
                tag.metadata()
            )
            .expect("text");
            for point in tag.points() {
                writeln!(text, "    {point:?}").expect("text");
            }
            for (stamp, value) in tag.stamps().zip(tag.values()) {
                writeln!(text, "    {stamp:?} {value:?}").expect("text");
            }
        }
    }
    text
}

/// What is read of a folder whose only file has these bytes.
pub(crate) fn load(bytes: &[u8]) -> (tempfile::TempDir, LogDir) {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("events.out.tfevents.1.host"), bytes);
    let logdir = LogDir::open(folder.path()).expect("a log directory");
    (folder, logdir)
}

pub(crate) fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("written");
}
