//! Compaction, retention, expiry, sweep, backup, examination, format.

use std::fs;
use std::time::Duration;

use keepwell_core::fault::Fault;
use keepwell_lake::{Depth, FORMAT, Lake, LakeConfig, LakeReader, Retention, Urgency};
use rusqlite::Connection;

use crate::world::{HOUR, START, all, batch, counts, open, rows, table, total};

fn sound(lake: &Lake) {
    let diagnosis = lake.reader().examine(Depth::Bytes).expect("examined");
    assert!(diagnosis.findings.is_empty(), "{:?}", diagnosis.findings);
    assert!(diagnosis.orphans.is_empty(), "{:?}", diagnosis.orphans);
}

#[test]
fn compaction_keeps_each_row_in_order_of_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = open(folder.path());
    for number in 0..9 {
        // Two days, and batches that overlap in time.
        let start = START + number * HOUR / 2;
        lake.append(batch("m", rows(number, 30, start), None))
            .expect("stored");
        lake.flush().expect("flushed");
    }
    let before = counts(lake.reader(), &table("m"));
    let done = lake.compact(Urgency::All).expect("compacted");
    assert_eq!((done.n_before, done.n_after), (18, 2));
    assert_eq!(counts(lake.reader(), &table("m")), before);
    let scan = lake
        .reader()
        .scan(&table("m"), None)
        .expect("the scan")
        .expect("the table");
    assert_eq!(scan.files.len(), 2);
    drop(scan);
    for batch in all(lake.reader(), &table("m")) {
        use arrow_array::cast::AsArray;
        let times = batch.column_by_name("timestamp").expect("the column");
        let times = times.as_primitive::<arrow_array::types::TimestampMicrosecondType>();
        assert!(times.values().is_sorted());
    }
    let cleaned = lake.clean(Duration::ZERO).expect("cleaned");
    assert_eq!(cleaned.n_files, 18);
    assert_eq!(counts(lake.reader(), &table("m")), before);
    assert_eq!(
        lake.compact(Urgency::All).expect("nothing to do").n_before,
        0
    );
    sound(&lake);
}

#[test]
fn retention_takes_whole_days_by_age_and_by_size() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = open(folder.path());
    lake.append(batch("m", rows(1, 24 * 5, START), None))
        .expect("stored");
    lake.append(batch("other", rows(2, 24, START), None))
        .expect("stored");
    lake.flush().expect("flushed");
    let scan = lake
        .reader()
        .scan(&table("m"), None)
        .expect("the scan")
        .expect("the table");
    let two_files: u64 = scan.files[..2].iter().map(|file| file.bytes).sum();
    let total_bytes: u64 = scan.files.iter().map(|file| file.bytes).sum();
    drop(scan);
    let keep = Retention {
        age: None,
        bytes: Some(total_bytes - two_files),
    };
    let done = lake.retain("m", keep).expect("retained");
    assert_eq!((done.n_files, done.n_rows), (2, 48));
    assert_eq!(total(lake.reader(), &table("m")), 72);
    sound(&lake);
    let keep = Retention {
        age: Some(Duration::from_secs(1)),
        bytes: None,
    };
    assert_eq!(lake.retain("m", keep).expect("retained").n_rows, 72);
    assert_eq!(total(lake.reader(), &table("other")), 24);
    lake.clean(Duration::ZERO).expect("cleaned");
    sound(&lake);
    // The model can be dropped and made anew.
    assert_eq!(lake.drop_model("other").expect("dropped"), 24);
    assert!(
        lake.reader()
            .scan(&table("other"), None)
            .expect("the scan")
            .is_none()
    );
    lake.append(batch("other", rows(3, 4, START), None))
        .expect("stored");
    lake.flush().expect("flushed");
    assert_eq!(total(lake.reader(), &table("other")), 4);
    lake.clean(Duration::ZERO).expect("cleaned");
    sound(&lake);
}

#[test]
fn orphans_go_when_the_store_opens() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = open(folder.path());
    lake.append(batch("m", rows(1, 4, START), None))
        .expect("stored");
    lake.flush().expect("flushed");
    let scan = lake
        .reader()
        .scan(&table("m"), None)
        .expect("the scan")
        .expect("the table");
    let orphan = scan.files[0].path.with_file_name("keepwell-0.parquet");
    let foreign = scan.files[0].path.with_file_name("mine.parquet");
    drop((scan, lake));
    for path in [&orphan, &foreign] {
        fs::write(path, b"half a file").expect("written");
    }
    let lake = open(folder.path());
    assert!(!orphan.exists());
    assert!(foreign.exists(), "not ours to remove");
    assert_eq!(total(lake.reader(), &table("m")), 4);
}

#[test]
fn a_backup_opens_as_a_store_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = tempfile::tempdir().expect("a folder");
    let lake = open(folder.path());
    lake.append(batch("m", rows(1, 30, START), Some("k")))
        .expect("stored");
    lake.flush().expect("flushed");
    lake.append(batch("m", rows(2, 3, START), None))
        .expect("stored");
    lake.documents()
        .put("spec", "m", b"task: binary".to_vec())
        .expect("stored");
    let copy = target.path().join("copy");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 3..30 {
                lake.append(batch("m", rows(number, 1, START), None))
                    .expect("stored");
            }
        });
        lake.backup(&copy).expect("copied");
    });
    assert!(
        lake.backup(&copy).is_err(),
        "a folder in use is not written over"
    );
    drop(lake);
    folder.close().expect("the first store is gone");
    let lake = open(&copy);
    let counts = counts(lake.reader(), &table("m"));
    assert_eq!((counts[&1], counts[&2]), (30, 3));
    assert_eq!(
        lake.documents().get("spec", "m").expect("read").as_deref(),
        Some(&b"task: binary"[..])
    );
    assert!(
        lake.append(batch("m", rows(1, 30, START), Some("k")))
            .expect("known")
            .repeated
    );
    lake.flush().expect("flushed");
    sound(&lake);
}

#[test]
fn other_formats_are_refused_and_left_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(open(folder.path()));
    let database = folder.path().join("keepwell.sqlite");
    let set = |sql: &str| {
        Connection::open(&database)
            .expect("opens")
            .execute_batch(sql)
            .expect("runs");
    };
    set("PRAGMA user_version = 99");
    let Err(error) = Lake::open(folder.path(), LakeConfig::default()) else {
        panic!("a newer format");
    };
    assert_eq!(error.code(), "lake.store.too_new");
    assert!(
        error
            .to_string()
            .contains(&format!("format {FORMAT} or older; found format 99"))
    );
    assert_eq!(
        LakeReader::open(folder.path()).expect_err("newer").code(),
        "lake.store.too_new"
    );
    set(&format!("PRAGMA user_version = {FORMAT}"));
    set("UPDATE ducklake_metadata SET value = '1.1' WHERE key = 'version'");
    let Err(error) = Lake::open(folder.path(), LakeConfig::default()) else {
        panic!("a newer catalog");
    };
    assert_eq!(error.code(), "lake.catalog.foreign");
    let other = tempfile::tempdir().expect("a folder");
    let path = other.path().join("keepwell.sqlite");
    Connection::open(&path)
        .expect("opens")
        .execute_batch("CREATE TABLE mine(x)")
        .expect("runs");
    let Err(error) = Lake::open(other.path(), LakeConfig::default()) else {
        panic!("another program's database");
    };
    assert_eq!(error.code(), "lake.store.foreign");
}

#[test]
fn a_round_of_upkeep_does_what_is_due() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = LakeConfig {
        flush_age: Duration::ZERO,
        merge_files_min: 3,
        snapshot_age: Duration::ZERO,
        ..LakeConfig::default()
    };
    let lake = Lake::open(folder.path(), config).expect("the store");
    for number in 0..7 {
        lake.append(batch("m", rows(number, 2, START), None))
            .expect("stored");
        lake.maintain().expect("kept in order");
    }
    assert_eq!(lake.load().buffered_bytes, 0);
    assert_eq!(counts(lake.reader(), &table("m")).len(), 7);
    let scan = lake
        .reader()
        .scan(&table("m"), None)
        .expect("the scan")
        .expect("the table");
    assert!(scan.files.len() <= 3, "{} files", scan.files.len());
}

#[test]
fn the_catalog_has_a_snapshot_for_each_change_and_bounds_as_wide_as_all_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = open(folder.path());
    lake.append(batch("m", rows(1, 4, START), None))
        .expect("stored");
    lake.flush().expect("flushed");
    lake.append(batch("m", rows(2, 4, START), None))
        .expect("stored");
    lake.flush().expect("flushed");
    lake.compact(Urgency::All).expect("compacted");
    drop(lake);
    let database = Connection::open(folder.path().join("keepwell.sqlite")).expect("opens");
    let changes: Vec<String> = database
        .prepare("SELECT changes_made FROM ducklake_snapshot_changes ORDER BY snapshot_id")
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .expect("read");
    let expected = [
        "created_schema:\"main\"",
        "created_schema:\"m\",created_table:\"m\".\"predictions\"",
        "inserted_into_table:2",
        "inserted_into_table:2",
        "compacted_table:2",
    ];
    assert_eq!(changes, expected);
    let bounds: (String, String) = database
        .query_row(
            "SELECT min_value, max_value FROM ducklake_table_column_stats s
             JOIN ducklake_column c USING (table_id, column_id) WHERE column_name = 'timestamp'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .expect("one row");
    let expected = ("2026-01-01 00:00:00+00", "2026-01-01 03:00:00+00");
    assert_eq!((bounds.0.as_str(), bounds.1.as_str()), expected);
}
