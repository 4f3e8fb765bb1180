//! Faults of the disk: a clear error, and no acknowledged row lost.

use std::env;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use keepwell_core::fault::Fault;
use keepwell_lake::{Depth, Lake, LakeConfig, LakeReader, Urgency};

use crate::world::{START, batch, counts, open, rows, table, total};

const CHILD_FOLDER: &str = "KEEPWELL_FULL_DISK_FOLDER";

/// Flips a byte in the middle of a file.
fn damage(path: &Path, offset: u64) {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .expect("opens");
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).expect("read");
    file.write_all_at(&[byte[0] ^ 0xFF], offset)
        .expect("written");
}

#[test]
fn a_damaged_data_file_is_found_and_not_merged() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = open(folder.path());
    for number in 0..4 {
        lake.append(batch("m", rows(number, 20, START), None))
            .expect("stored");
        lake.flush().expect("flushed");
    }
    let scan = lake
        .reader()
        .scan(&table("m"), None)
        .expect("the scan")
        .expect("the table");
    let hurt = scan.files[1].path.clone();
    drop(scan);
    damage(&hurt, 10);
    let diagnosis = lake.reader().examine(Depth::Bytes).expect("examined");
    assert_eq!(diagnosis.findings.len(), 1, "{:?}", diagnosis.findings);
    assert_eq!(diagnosis.findings[0].code, "lake.file.damaged");
    assert_eq!(diagnosis.findings[0].path.as_ref(), Some(&hurt));
    let done = lake.compact(Urgency::All).expect("the others are merged");
    assert_eq!((done.n_before, done.n_after, done.damaged.len()), (3, 1, 1));
    fs::remove_file(&hurt).expect("removed");
    let diagnosis = lake.reader().examine(Depth::Footers).expect("examined");
    assert_eq!(diagnosis.findings.len(), 1);
    // Service goes on.
    lake.append(batch("m", rows(9, 1, START), None))
        .expect("stored");
    lake.flush().expect("flushed");
}

#[test]
fn a_damaged_buffer_is_an_error_for_its_batch_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = open(folder.path());
    lake.append(batch("m", rows(1, 20, START), None))
        .expect("stored");
    lake.append(batch("m", rows(2, 20, START), None))
        .expect("stored");
    drop(lake);
    let database =
        rusqlite::Connection::open(folder.path().join("keepwell.sqlite")).expect("opens");
    database
        .execute_batch(
            "UPDATE keepwell_buffer SET payload = zeroblob(length(payload)) WHERE seq = 1",
        )
        .expect("runs");
    drop(database);
    let lake = open(folder.path());
    let scan = lake
        .reader()
        .scan(&table("m"), None)
        .expect("the scan")
        .expect("the table");
    assert_eq!((scan.buffered.len(), scan.damaged.len()), (1, 1));
    assert_eq!(scan.damaged[0].code(), "lake.buffer.damaged");
    drop(scan);
    let flushed = lake.flush().expect("the sound one is flushed");
    assert_eq!((flushed.n_rows, flushed.damaged.len()), (20, 1));
    assert_eq!(
        lake.reader()
            .examine(Depth::Footers)
            .expect("examined")
            .findings
            .len(),
        1
    );
}

#[test]
fn a_damaged_database_is_an_error_and_never_a_panic() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = open(folder.path());
    for number in 0..200 {
        lake.append(batch(
            &format!("m{}", number % 20),
            rows(number, 20, START),
            None,
        ))
        .expect("stored");
    }
    drop(lake);
    let database = folder.path().join("keepwell.sqlite");
    let sound = fs::read(&database).expect("read");
    let n_pages = sound.len() / 4096;
    let mut found = 0;
    for page in 0..n_pages {
        let mut hurt = sound.clone();
        hurt[page * 4096..(page + 1) * 4096].fill(0xA5);
        fs::write(&database, &hurt).expect("written");
        let outcome = Lake::open(folder.path(), LakeConfig::default()).and_then(|lake| {
            lake.append(batch("m1", rows(1_000, 2, START), None))?;
            lake.reader().examine(Depth::Footers)
        });
        // A page that holds nothing, such as a free one, cannot be told from a sound one.
        found += usize::from(match outcome {
            Ok(diagnosis) => !diagnosis.findings.is_empty(),
            Err(error) => {
                assert!(error.is_of_store(), "{error}");
                true
            }
        });
        for beside in ["keepwell.sqlite-wal", "keepwell.sqlite-shm"] {
            let _ = fs::remove_file(folder.path().join(beside));
        }
    }
    assert!(
        found * 10 >= n_pages * 8,
        "{found} of {n_pages} damaged pages were noticed"
    );
}

/// Run by the next test in a process of its own, under a limit on the size of files: a write beyond it
/// fails as on a full disk.
#[test]
fn child_that_fills_the_disk() {
    let Ok(folder) = env::var(CHILD_FOLDER) else {
        return;
    };
    let folder = Path::new(&folder);
    let lake = open(folder);
    let mut acknowledged = Vec::new();
    let mut failed = None;
    for number in 0..2_000 {
        match lake.append(batch("m", rows(number, 200, START), None)) {
            Ok(_) => acknowledged.push(number.to_string()),
            Err(error) => {
                failed = Some(error);
                break;
            }
        }
    }
    let error = failed.expect("the limit is reached");
    assert_eq!(error.code(), "lake.store.disk_full", "{error}");
    // Reading goes on.
    assert_eq!(counts(lake.reader(), &table("m")).len(), acknowledged.len());
    fs::write(folder.join("acknowledged"), acknowledged.join("\n")).expect("written");
}

#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().expect("a folder");
    let child = env::current_exe().expect("this program");
    // In blocks of 512 bytes, or of 1024 in some shells; the signal is ignored, so that the write fails.
    let output = Command::new("sh")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 3000; exec \"$0\" --exact faults::child_that_fills_the_disk",
        ])
        .arg(child)
        .env(CHILD_FOLDER, folder.path())
        .output()
        .expect("the child runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    let acknowledged = fs::read_to_string(folder.path().join("acknowledged")).expect("read");
    let n_batches = acknowledged.lines().count();
    assert!(n_batches > 10, "{n_batches} batches fitted");
    let lake = open(folder.path());
    assert_eq!(total(lake.reader(), &table("m")), n_batches * 200);
    lake.flush().expect("flushed");
    assert_eq!(total(lake.reader(), &table("m")), n_batches * 200);
}

#[test]
fn a_read_only_folder_is_said_to_be_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = open(folder.path());
    lake.append(batch("m", rows(1, 5, START), None))
        .expect("stored");
    drop(lake);
    let all = [
        folder.path().to_owned(),
        folder.path().join("keepwell.sqlite"),
        folder.path().join("keepwell.lock"),
    ];
    let set = |mode: [u32; 3]| {
        for (path, mode) in all.iter().zip(mode) {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
        }
    };
    set([0o555, 0o444, 0o444]);
    let is_root = OpenOptions::new().append(true).open(&all[1]).is_ok();
    if !is_root {
        let Err(error) = Lake::open(folder.path(), LakeConfig::default()) else {
            panic!("it cannot be written");
        };
        assert!(
            ["lake.file.io", "lake.store.read_only"].contains(&error.code()),
            "{error}"
        );
    }
    set([0o755, 0o644, 0o644]);
    let reader = LakeReader::open(folder.path()).expect("a reader");
    assert_eq!(total(&reader, &table("m")), 5);
    let missing = LakeReader::open(&folder.path().join("none")).expect_err("no such folder");
    assert_eq!(missing.code(), "lake.store.missing");
}
