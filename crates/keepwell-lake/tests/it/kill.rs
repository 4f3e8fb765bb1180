//! Kills a writer at random moments, again and again: what it had acknowledged is there exactly once.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use keepwell_lake::{Depth, Lake, LakeConfig, Urgency};

use crate::world::{HOUR, START, batch, counts, open, rows, table};

const CHILD_FOLDER: &str = "KEEPWELL_KILLED_FOLDER";
const CLIENTS: i64 = 4;
const KILLS: u64 = 100;
const ROWS: usize = 7;

/// Batches of a client are numbered from `client * SPAN`.
const SPAN: i64 = 1_000_000;

fn acknowledged(folder: &Path, client: i64) -> i64 {
    let text = fs::read_to_string(folder.join(format!("ack-{client}"))).unwrap_or_default();
    // A line that the kill cut off does not count.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole
        .lines()
        .last()
        .map_or(-1, |line| line.parse().expect("a number"))
}

/// Run by the next test in a process of its own. Each client goes on with the batch after the last one
/// that was acknowledged, under the same key as before, as a client does that lost an answer.
#[test]
fn child_that_is_killed() {
    let Ok(folder) = env::var(CHILD_FOLDER) else {
        return;
    };
    let folder = Path::new(&folder);
    let config = LakeConfig {
        flush_bytes: 20_000,
        ..LakeConfig::default()
    };
    let lake = Lake::open(&folder.join("store"), config).expect("the store opens");
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let lake = &lake;
            scope.spawn(move || {
                let path = folder.join(format!("ack-{client}"));
                let mut acks = OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(path)
                    .expect("opens");
                for number in acknowledged(folder, client) + 1.. {
                    let id = client * SPAN + number;
                    let rows = rows(id, ROWS, START + number * HOUR);
                    lake.append(batch("m", rows, Some(&id.to_string())))
                        .expect("stored");
                    acks.write_all(format!("{number}\n").as_bytes())
                        .expect("noted");
                }
            });
        }
        for round in 0_u64.. {
            lake.flush().expect("flushed");
            if round % 3 == 2 {
                lake.compact(Urgency::All).expect("compacted");
                lake.clean(Duration::ZERO).expect("cleaned");
            }
        }
    });
}

fn verify(folder: &Path) -> usize {
    let lake = open(&folder.join("store"));
    let counts: BTreeMap<i64, usize> = counts(lake.reader(), &table("m"));
    for (id, n_rows) in &counts {
        assert_eq!(*n_rows, ROWS, "batch {id}");
    }
    for client in 0..CLIENTS {
        for number in 0..=acknowledged(folder, client) {
            assert!(
                counts.contains_key(&(client * SPAN + number)),
                "batch {number} of {client}"
            );
        }
    }
    let diagnosis = lake.reader().examine(Depth::Bytes).expect("examined");
    assert!(diagnosis.findings.is_empty(), "{:?}", diagnosis.findings);
    counts.len()
}

#[test]
fn a_killed_writer_loses_nothing_and_doubles_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let child = env::current_exe().expect("this program");
    for kill in 0..KILLS {
        let mut child = Command::new(&child)
            .args(["--exact", "kill::child_that_is_killed", "--nocapture"])
            .env(CHILD_FOLDER, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the child starts");
        // Moments from 10 to 137 milliseconds, in no order; nobody ever sends.
        let (_sender, timer) = channel::<()>();
        let moment = Duration::from_millis(10 + kill * 53 % 128);
        assert_eq!(timer.recv_timeout(moment), Err(RecvTimeoutError::Timeout));
        assert!(
            child.try_wait().expect("asked").is_none(),
            "the child failed by itself"
        );
        child.kill().expect("killed");
        child.wait().expect("gone");
        if kill % 10 == 9 {
            verify(folder.path());
        }
    }
    assert!(
        verify(folder.path()) > 100,
        "too few batches to prove anything"
    );
}
