//! Takes away: by retention, by expiry of snapshots, and what a crash left.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rusqlite::{Connection, Transaction, params};

use crate::catalog::{Change, FileRow, Replaced, Tables, live_files, load_tables};
use crate::error::LakeError;
use crate::folder::{FILE_PREFIX, files_below};
use crate::lake::Lake;
use crate::store;
use crate::table::Table;

/// How much of a model's events is kept; `None` is without limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// Files whose newest event is older go.
    pub age: Option<Duration>,
    /// Files go, the oldest first, until so many bytes are left over all tables of the model.
    pub bytes: Option<u64>,
}

/// What a run of retention took away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retained {
    /// Files that ended.
    pub n_files: u64,
    /// Rows in them.
    pub n_rows: u64,
}

/// What a clean-up took away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Snapshots.
    pub n_snapshots: u64,
    /// Files.
    pub n_files: u64,
    /// Idempotency keys.
    pub n_keys: u64,
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// A table with its live files.
type TableFiles = (Arc<Table>, Vec<FileRow>);

fn tables_of(lake: &Lake, model: &str) -> Result<Vec<TableFiles>, LakeError> {
    let reader = lake.reader();
    reader.with_connection(|connection| {
        let transaction = connection.transaction()?;
        let tables = load_tables(&transaction)?;
        let of_model = tables
            .by_name
            .values()
            .filter(|table| table.name.model() == model);
        of_model
            .map(|table| {
                let files = live_files(&transaction, reader.folder(), table, (i64::MIN, i64::MAX))?;
                Ok((Arc::clone(table), files))
            })
            .collect()
    })
}

pub(crate) fn retain(lake: &Lake, model: &str, keep: Retention) -> Result<Retained, LakeError> {
    let tables = tables_of(lake, model)?;
    let mut files: Vec<(usize, &FileRow)> = Vec::new();
    for (idx, (_, of_table)) in tables.iter().enumerate() {
        files.extend(of_table.iter().map(|file| (idx, file)));
    }
    let newest = |file: &FileRow| file.known.map_or(i64::MAX, |(_, _, last, _)| last);
    files.sort_by_key(|(_, file)| newest(file));
    let oldest_kept = keep.age.map(|age| store::now().saturating_sub(micros(age)));
    let mut bytes: u64 = files.iter().map(|(_, file)| file.bytes).sum();
    let mut ended: Vec<Vec<i64>> = vec![Vec::new(); tables.len()];
    let mut done = Retained::default();
    for (idx, file) in files {
        let too_old = oldest_kept.is_some_and(|limit| newest(file) < limit);
        let too_much = keep.bytes.is_some_and(|limit| bytes > limit);
        // A file of another program has no known age, and is not ours to end.
        if file.known.is_none() || !(too_old || too_much) {
            continue;
        }
        bytes -= file.bytes;
        done.n_files += 1;
        done.n_rows += file.n_rows;
        ended[idx].push(file.id);
    }
    if done.n_files == 0 {
        return Ok(done);
    }
    let work: Vec<(Arc<Table>, Vec<i64>)> = tables
        .into_iter()
        .map(|(table, _)| table)
        .zip(ended)
        .collect();
    lake.writer.run(move |writer| {
        writer.transact(|transaction, tables| {
            let mut change = Change::begin(transaction)?;
            for (table, files) in work.iter().filter(|(_, files)| !files.is_empty()) {
                change.end_files(table, files, Replaced::Deleted)?;
            }
            tables.schema_version = change.finish()?;
            Ok(())
        })
    })?;
    Ok(done)
}

pub(crate) fn drop_model(lake: &Lake, model: &str) -> Result<u64, LakeError> {
    let tables = tables_of(lake, model)?;
    let in_files: u64 = tables
        .iter()
        .flat_map(|(_, files)| files)
        .map(|file| file.n_rows)
        .sum();
    let (in_buffer, bytes) = lake.writer.run(move |writer| {
        writer.transact(|transaction, known| drop_tables(transaction, known, &tables))
    })?;
    lake.shared.buffered.fetch_sub(bytes, Ordering::AcqRel);
    Ok(in_files + in_buffer)
}

fn drop_tables(
    transaction: &Transaction<'_>,
    known: &mut Tables,
    tables: &[TableFiles],
) -> Result<(u64, u64), LakeError> {
    let mut change = Change::begin(transaction)?;
    let (mut rows, mut bytes) = (0_i64, 0_i64);
    for (table, files) in tables {
        let ids: Vec<i64> = files.iter().map(|file| file.id).collect();
        change.end_files(table, &ids, Replaced::Deleted)?;
        change.drop_table(table)?;
        let sums: (i64, i64) = transaction.query_row(
            "SELECT coalesce(sum(n_rows), 0), coalesce(sum(length(payload)), 0)
             FROM keepwell_buffer WHERE table_id = ?1",
            [table.id],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        rows += sums.0;
        bytes += sums.1;
        transaction.execute(
            "DELETE FROM keepwell_buffer WHERE table_id = ?1",
            [table.id],
        )?;
        transaction.execute("DELETE FROM keepwell_key WHERE table_id = ?1", [table.id])?;
        known.by_name.remove(&table.name);
    }
    known.schema_version = change.finish()?;
    Ok((rows.cast_unsigned(), bytes.cast_unsigned()))
}

pub(crate) fn clean(lake: &Lake, age: Duration) -> Result<Cleaned, LakeError> {
    let config = &lake.shared.config;
    let now = store::now();
    let before = store::catalog_time(now.saturating_sub(micros(age)));
    let keys_before = now.saturating_sub(micros(config.key_age));
    let keys_max = i64::try_from(config.keys_max).unwrap_or(i64::MAX);
    let pins = lake.shared.pins.clone();
    let (n_snapshots, n_keys) = lake.writer.run(move |writer| {
        writer.transact(|transaction, _| {
            let snapshots = expire(transaction, &before, || pins.oldest())?;
            let keys = forget_keys(transaction, keys_before, keys_max)?;
            Ok((snapshots, keys))
        })
    })?;
    Ok(Cleaned {
        n_snapshots,
        n_files: remove_scheduled(lake)?,
        n_keys,
    })
}

/// Deletes old snapshots, and puts the files that none of the others sees on the list for removal.
fn expire(
    transaction: &Transaction<'_>,
    before: &str,
    oldest_pin: impl FnOnce() -> Option<i64>,
) -> Result<u64, LakeError> {
    let pinned = oldest_pin().unwrap_or(i64::MAX);
    let deleted = transaction.execute(
        "DELETE FROM ducklake_snapshot WHERE snapshot_time < ?1 AND snapshot_id < ?2
         AND snapshot_id < (SELECT max(snapshot_id) FROM ducklake_snapshot)",
        params![before, pinned],
    )?;
    if deleted == 0 {
        return Ok(0);
    }
    transaction.execute(
        "DELETE FROM ducklake_snapshot_changes
         WHERE snapshot_id NOT IN (SELECT snapshot_id FROM ducklake_snapshot)",
        [],
    )?;
    let mut gone = transaction.prepare(
        "SELECT f.data_file_id, f.path, t.path, s.path, f.path_is_relative
         FROM ducklake_data_file f
         JOIN ducklake_table t ON t.table_id = f.table_id
         JOIN ducklake_schema s ON s.schema_id = t.schema_id
         WHERE f.end_snapshot IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM ducklake_snapshot o
           WHERE o.snapshot_id >= f.begin_snapshot AND o.snapshot_id < f.end_snapshot)",
    )?;
    let mut rows = gone.query([])?;
    let now = store::catalog_time(store::now());
    while let Some(row) = rows.next()? {
        let file_id: i64 = row.get(0)?;
        let mut path: String = row.get(1)?;
        let is_relative: bool = row.get(4)?;
        if is_relative {
            // The list of removals is relative to the data folder.
            path = format!(
                "{}{}{path}",
                row.get::<_, String>(3)?,
                row.get::<_, String>(2)?
            );
        }
        transaction.execute(
            "INSERT INTO ducklake_files_scheduled_for_deletion VALUES(?1, ?2, ?3, ?4)",
            params![file_id, path, is_relative, now],
        )?;
        for table in [
            "ducklake_data_file",
            "ducklake_file_column_stats",
            "ducklake_file_partition_value",
            "keepwell_file",
        ] {
            transaction.execute(
                &format!("DELETE FROM {table} WHERE data_file_id = ?1"),
                [file_id],
            )?;
        }
    }
    Ok(deleted as u64)
}

fn forget_keys(transaction: &Transaction<'_>, before: i64, max: i64) -> Result<u64, LakeError> {
    let old = transaction.execute("DELETE FROM keepwell_key WHERE received < ?1", [before])?;
    let count: i64 =
        transaction.query_row("SELECT count(*) FROM keepwell_key", [], |row| row.get(0))?;
    let mut many = 0;
    if count > max {
        many = transaction.execute(
            "DELETE FROM keepwell_key WHERE (table_id, key) IN (
               SELECT table_id, key FROM keepwell_key ORDER BY received LIMIT ?1)",
            [count - max],
        )?;
    }
    Ok((old + many) as u64)
}

/// Removes the files of the list, then their entries: after a crash between, a file that is gone
/// already counts as removed.
fn remove_scheduled(lake: &Lake) -> Result<u64, LakeError> {
    let scheduled = lake
        .reader()
        .with_connection(|connection| scheduled_of(connection, lake))?;
    let mut removed = Vec::new();
    for (file_id, path) in scheduled {
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(LakeError::io("expected to remove", &path, error)),
        }
        if let Some(folder) = path.parent() {
            // Fails while other files are in it, as it should.
            let _ = fs::remove_dir(folder);
        }
        removed.push(file_id);
    }
    let n_files = removed.len() as u64;
    if n_files > 0 {
        lake.writer.run(move |writer| {
            writer.transact(|transaction, _| {
                for file_id in removed {
                    transaction.execute(
                        "DELETE FROM ducklake_files_scheduled_for_deletion WHERE data_file_id = ?1",
                        [file_id],
                    )?;
                }
                Ok(())
            })
        })?;
    }
    Ok(n_files)
}

fn scheduled_of(connection: &Connection, lake: &Lake) -> Result<Vec<(i64, PathBuf)>, LakeError> {
    let mut statement = connection.prepare_cached(
        "SELECT data_file_id, path, path_is_relative FROM ducklake_files_scheduled_for_deletion",
    )?;
    let mut rows = statement.query([])?;
    let mut files = Vec::new();
    while let Some(row) = rows.next()? {
        let path: String = row.get(1)?;
        if row.get(2)? {
            files.push((row.get(0)?, lake.shared.folder.data().join(path)));
        }
    }
    Ok(files)
}

pub(crate) fn sweep(lake: &Lake) -> Result<u64, LakeError> {
    let orphans = orphans(lake.reader())?;
    for path in &orphans {
        fs::remove_file(path).map_err(|error| LakeError::io("expected to remove", path, error))?;
    }
    Ok(orphans.len() as u64)
}

/// Data files of ours that the catalog does not know.
pub(crate) fn orphans(reader: &crate::scan::LakeReader) -> Result<Vec<PathBuf>, LakeError> {
    // The disk first: a file that is registered meanwhile is then known.
    let data = reader.folder().data();
    let mut files = files_below(&data)?;
    files.retain(|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with(FILE_PREFIX))
    });
    if files.is_empty() {
        return Ok(files);
    }
    let known: HashSet<String> = reader.with_connection(|connection| {
        let mut statement = connection.prepare(
            "SELECT path FROM ducklake_data_file
             UNION ALL SELECT path FROM ducklake_files_scheduled_for_deletion",
        )?;
        let names = statement.query_map([], |row| row.get::<_, String>(0))?;
        let mut known = HashSet::new();
        for path in names {
            // Names of files are unique in the store, whatever their folder.
            let path = path?;
            known.insert(path.rsplit('/').next().unwrap_or(&path).to_owned());
        }
        Ok(known)
    })?;
    files.retain(|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| !known.contains(name))
    });
    Ok(files)
}
