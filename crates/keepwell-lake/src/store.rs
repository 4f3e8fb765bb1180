//! The database of a store: connections, its format, and migrations.
//!
//! One file holds catalog, buffer and metadata, so that one transaction covers them. Write-ahead
//! logging lets readers see one snapshot while the writer works; `synchronous=FULL` makes a commit an
//! fsync.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};
use uuid::Uuid;

use crate::bound::Range;
use crate::column::ColumnType;
use crate::error::LakeError;
use crate::folder::Folder;

/// Marks the database as ours ("KPWL"), in the header of the file.
const APPLICATION_ID: i64 = 0x4B50_574C;
/// Version of the DuckLake specification that the catalog follows.
const CATALOG_VERSION: &str = "1.0";
/// How long a statement waits for another process that writes, such as a DuckDB.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Carries a store from one format to the next.
type Migration = fn(&Transaction<'_>) -> Result<(), LakeError>;

/// `MIGRATIONS[n]` leads from format `n` to `n + 1`; format 0 is an empty database. Never change an
/// entry that was released.
const MIGRATIONS: &[Migration] = &[format_1];

/// Format that this binary writes.
pub const FORMAT: u32 = MIGRATIONS.len() as u32;

/// Microseconds since 1970 by the clock of the system.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    })
}

/// An instant as the lake catalog writes it.
pub(crate) fn catalog_time(micros: i64) -> String {
    let bound = crate::bound::Bound::Int(i128::from(micros));
    let (text, _) = Range::Within(bound.clone(), bound).texts(ColumnType::Timestamp);
    text.unwrap_or_default()
}

/// Opens the database for the one writer, makes or migrates it, and corrects where its data lie, since
/// a folder may have been moved or copied.
pub(crate) fn open_writer(folder: &Folder) -> Result<Connection, LakeError> {
    let mut connection = Connection::open(folder.database())?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    check_ours(&connection, &folder.database())?;
    // Both take effect only while the database has no tables.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    connection.set_prepared_statement_cache_capacity(64);
    migrate(&mut connection)?;
    check_catalog(&connection)?;
    connection.execute(
        "UPDATE ducklake_metadata SET value = ?1 WHERE key = 'data_path' AND value <> ?1",
        [folder.data_path()],
    )?;
    Ok(connection)
}

/// Opens the database for reading.
pub(crate) fn open_reader(folder: &Folder) -> Result<Connection, LakeError> {
    if !folder.database().is_file() {
        return Err(LakeError::Missing {
            folder: folder.root().to_owned(),
        });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(folder.database(), flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    check_ours(&connection, &folder.database())?;
    if format(&connection)? != FORMAT {
        return Err(too_new_or_old(&connection)?);
    }
    check_catalog(&connection)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

fn format(connection: &Connection) -> Result<u32, LakeError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn too_new_or_old(connection: &Connection) -> Result<LakeError, LakeError> {
    let found = format(connection)?;
    Ok(if found > FORMAT {
        LakeError::TooNew {
            known: FORMAT,
            found,
        }
    } else {
        LakeError::Catalog {
            found: format!("format {found}, which a server of this version must migrate first"),
        }
    })
}

fn check_ours(connection: &Connection, path: &Path) -> Result<(), LakeError> {
    let id: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    if id == APPLICATION_ID || (id == 0 && tables == 0) {
        return Ok(());
    }
    Err(LakeError::Foreign {
        path: path.to_owned(),
    })
}

/// Carries the store to the newest format in one transaction.
fn migrate(connection: &mut Connection) -> Result<(), LakeError> {
    if format(connection)? == FORMAT {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    let found = format(&transaction)?;
    if found > FORMAT {
        return Err(LakeError::TooNew {
            known: FORMAT,
            found,
        });
    }
    for migration in &MIGRATIONS[found as usize..] {
        migration(&transaction)?;
    }
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.commit()?;
    Ok(())
}

fn format_1(transaction: &Transaction<'_>) -> Result<(), LakeError> {
    transaction.execute_batch(include_str!("sql/format_1.sql"))?;
    let created_by = concat!("Keepwell ", env!("CARGO_PKG_VERSION"));
    for (key, value) in [
        ("version", CATALOG_VERSION),
        ("created_by", created_by),
        ("data_path", ""),
        ("encrypted", "false"),
        // A DuckDB that writes must not put rows into tables that we do not read.
        ("data_inlining_row_limit", "0"),
    ] {
        transaction.execute(
            "INSERT INTO ducklake_metadata VALUES(?1, ?2, NULL, NULL)",
            [key, value],
        )?;
    }
    transaction.execute(
        "INSERT INTO ducklake_snapshot VALUES(0, ?1, 0, 1, 0)",
        [catalog_time(now())],
    )?;
    transaction.execute(
        "INSERT INTO ducklake_snapshot_changes VALUES(0, 'created_schema:\"main\"', NULL, NULL, NULL)",
        [],
    )?;
    transaction.execute(
        "INSERT INTO ducklake_schema VALUES(0, ?1, 0, NULL, 'main', 'main/', 1)",
        [Uuid::new_v4().to_string()],
    )?;
    Ok(())
}

/// Refuses a catalog that another program carried to a newer version.
fn check_catalog(connection: &Connection) -> Result<(), LakeError> {
    let version: Option<String> = connection
        .query_row(
            "SELECT value FROM ducklake_metadata WHERE key = 'version'",
            [],
            |row| row.get(0),
        )
        .optional()?;
    match version.as_deref() {
        Some(CATALOG_VERSION) => Ok(()),
        other => Err(LakeError::Catalog {
            found: format!("DuckLake version {}", other.unwrap_or("unknown")),
        }),
    }
}
