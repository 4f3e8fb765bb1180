//! One change of the lake catalog: what it does becomes one snapshot.

use rusqlite::{OptionalExtension, Transaction, params};
use uuid::Uuid;

use crate::bound::{ColumnStats, Range, day_text};
use crate::column::{Column, ColumnType};
use crate::error::LakeError;
use crate::name::{DAY, TIMESTAMP, TableName};
use crate::store;
use crate::table::{Table, own_columns};

use super::load::{Snapshot, last_snapshot};

/// A data file that was written and is on the disk, but that the catalog does not know yet.
#[derive(Debug, Clone)]
pub(crate) struct NewFile {
    /// Path below the table's folder.
    pub path: String,
    pub n_rows: u64,
    pub bytes: u64,
    pub footer_bytes: u64,
    /// Day of all its rows, counted from 1970.
    pub day: i32,
    pub time: (i64, i64),
    pub checksum: i64,
    pub stats: Vec<ColumnStats>,
}

/// Why files end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replaced {
    /// Their rows are in other files of the same change.
    Compacted,
    /// Their rows are gone.
    Deleted,
}

/// A change within a transaction; nothing of it holds before that is committed.
pub(crate) struct Change<'t> {
    transaction: &'t Transaction<'t>,
    head: Snapshot,
    id: i64,
    schema_changed: Vec<i64>,
    made: Vec<String>,
}

impl<'t> Change<'t> {
    pub fn begin(transaction: &'t Transaction<'t>) -> Result<Self, LakeError> {
        let head = last_snapshot(transaction)?;
        Ok(Self {
            transaction,
            head,
            id: head.id + 1,
            schema_changed: Vec::new(),
            made: Vec::new(),
        })
    }

    fn next_catalog_id(&mut self) -> i64 {
        let id = self.head.next_catalog_id;
        self.head.next_catalog_id += 1;
        id
    }

    fn note(&mut self, made: String) {
        if !self.made.contains(&made) {
            self.made.push(made);
        }
    }

    /// Makes a table with the columns of a first batch and the lake's own, partitioned by day and
    /// sorted by event time.
    pub fn create_table(
        &mut self,
        name: &TableName,
        columns: Vec<Column>,
    ) -> Result<Table, LakeError> {
        let (schema_id, schema_path) = self.schema(name.model())?;
        let table_id = self.next_catalog_id();
        let kind = name.kind().as_str();
        self.transaction.execute(
            "INSERT INTO ducklake_table VALUES(?1, ?2, ?3, NULL, ?4, ?5, ?6, 1)",
            params![
                table_id,
                Uuid::new_v4().to_string(),
                self.id,
                schema_id,
                kind,
                format!("{kind}/")
            ],
        )?;
        self.note(format!(
            "created_table:{}.{}",
            quoted(name.model()),
            quoted(kind)
        ));
        let mut table = Table {
            id: table_id,
            name: name.clone(),
            path: format!("{schema_path}{kind}/"),
            partition_id: self.next_catalog_id(),
            columns: Vec::new(),
            next_column: 1,
        };
        let columns = columns.into_iter().chain(own_columns()).collect();
        self.insert_columns(&mut table, columns)?;
        let day = table.column(DAY).map_or(0, |column| column.id);
        self.transaction.execute(
            "INSERT INTO ducklake_partition_info VALUES(?1, ?2, ?3, NULL)",
            params![table.partition_id, table_id, self.id],
        )?;
        self.transaction.execute(
            "INSERT INTO ducklake_partition_column VALUES(?1, ?2, 0, ?3, 'identity')",
            params![table.partition_id, table_id, day],
        )?;
        let sort_id = self.next_catalog_id();
        self.transaction.execute(
            "INSERT INTO ducklake_sort_info VALUES(?1, ?2, ?3, NULL)",
            params![sort_id, table_id, self.id],
        )?;
        self.transaction.execute(
            "INSERT INTO ducklake_sort_expression VALUES(?1, ?2, 0, ?3, 'duckdb', 'ASC', 'NULLS_LAST')",
            params![sort_id, table_id, TIMESTAMP],
        )?;
        Ok(table)
    }

    /// The schema of a model, made where there is none.
    fn schema(&mut self, model: &str) -> Result<(i64, String), LakeError> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT schema_id, path, schema_name FROM ducklake_schema WHERE end_snapshot IS NULL",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let existing: String = row.get(2)?;
            if existing == model {
                return Ok((row.get(0)?, row.get(1)?));
            }
            if existing.to_lowercase() == model.to_lowercase() {
                return Err(LakeError::NameCase {
                    what: "model",
                    found: model.to_owned(),
                    existing,
                });
            }
        }
        let schema_id = self.next_catalog_id();
        let uuid = Uuid::new_v4().to_string();
        // A plain name makes a readable folder; any other could mean something to a file system.
        let plain = model
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        let path = if plain {
            format!("{model}/")
        } else {
            format!("{uuid}/")
        };
        self.transaction.execute(
            "INSERT INTO ducklake_schema VALUES(?1, ?2, ?3, NULL, ?4, ?5, 1)",
            params![schema_id, uuid, self.id, model, path],
        )?;
        self.note(format!("created_schema:{}", quoted(model)));
        Ok((schema_id, path))
    }

    /// Adds columns at the end of a table. Rows before have null in them.
    pub fn add_columns(
        &mut self,
        table: &mut Table,
        columns: Vec<Column>,
    ) -> Result<(), LakeError> {
        self.note(format!("altered_table:{}", table.id));
        self.insert_columns(table, columns)
    }

    fn insert_columns(&mut self, table: &mut Table, columns: Vec<Column>) -> Result<(), LakeError> {
        if !self.schema_changed.contains(&table.id) {
            self.schema_changed.push(table.id);
        }
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO ducklake_column VALUES(?1, ?2, NULL, ?3, ?4, ?5, ?6, NULL, 'NULL', 1, ?7, ?8, 'duckdb')",
        )?;
        for mut column in columns {
            column.number(&mut table.next_column);
            let mut result = Ok(0);
            column.walk(&mut |one, parent| {
                let default = if one.kind.is_leaf() { "literal" } else { "" };
                if result.is_ok() {
                    result = statement.execute(params![
                        one.id,
                        self.id,
                        table.id,
                        one.id,
                        one.name,
                        one.kind.name(),
                        parent.map(|parent| parent.id),
                        default
                    ]);
                }
            });
            result?;
            table.columns.push(column);
        }
        Ok(())
    }

    /// Registers a file, with its statistics.
    pub fn add_file(&mut self, table: &Table, file: &NewFile) -> Result<i64, LakeError> {
        let file_id = self.head.next_file_id;
        self.head.next_file_id += 1;
        let row_id = self.widen_table(table, file)?;
        self.transaction.prepare_cached(
            "INSERT INTO ducklake_data_file VALUES(?1, ?2, ?3, NULL, NULL, ?4, 1, 'parquet', ?5, ?6, ?7, ?8, ?9, NULL, NULL, NULL)",
        )?.execute(params![
            file_id, table.id, self.id, file.path, file.n_rows.cast_signed(),
            file.bytes.cast_signed(), file.footer_bytes.cast_signed(), row_id, table.partition_id
        ])?;
        self.transaction
            .prepare_cached("INSERT INTO ducklake_file_partition_value VALUES(?1, ?2, 0, ?3)")?
            .execute(params![file_id, table.id, day_text(file.day)])?;
        self.transaction
            .prepare_cached("INSERT INTO keepwell_file VALUES(?1, ?2, ?3, ?4, ?5)")?
            .execute(params![
                file_id,
                file.day,
                file.time.0,
                file.time.1,
                file.checksum
            ])?;
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO ducklake_file_column_stats VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL)",
        )?;
        for stats in &file.stats {
            let (min, max) = stats.range.texts(stats.kind);
            statement.execute(params![
                file_id,
                table.id,
                stats.column_id,
                stats.bytes.cast_signed(),
                stats.n_values.cast_signed(),
                stats.n_nulls.cast_signed(),
                min,
                max,
                nan_flag(stats)
            ])?;
        }
        Ok(file_id)
    }

    /// Widens the statistics of the table by those of a file, and gives the file's rows their numbers.
    /// Statistics that are too narrow make a reader skip rows without a word, so this belongs to the
    /// same transaction as the file.
    fn widen_table(&mut self, table: &Table, file: &NewFile) -> Result<i64, LakeError> {
        let (rows, bytes) = (file.n_rows.cast_signed(), file.bytes.cast_signed());
        let row_id: Option<i64> = self
            .transaction
            .prepare_cached("SELECT next_row_id FROM ducklake_table_stats WHERE table_id = ?1")?
            .query_row([table.id], |row| row.get(0))
            .optional()?;
        if row_id.is_some() {
            self.transaction
                .prepare_cached(
                    "UPDATE ducklake_table_stats SET record_count = record_count + ?2,
                     next_row_id = next_row_id + ?2, file_size_bytes = file_size_bytes + ?3
                     WHERE table_id = ?1",
                )?
                .execute([table.id, rows, bytes])?;
        } else {
            self.transaction.execute(
                "INSERT INTO ducklake_table_stats VALUES(?1, ?2, ?2, ?3)",
                [table.id, rows, bytes],
            )?;
        }
        for stats in &file.stats {
            self.widen_column(table.id, stats)?;
        }
        Ok(row_id.unwrap_or(0))
    }

    /// A column without values has no row yet; a row without bounds says that nothing is certain.
    fn widen_column(&self, table_id: i64, stats: &ColumnStats) -> Result<(), LakeError> {
        if stats.n_values == 0 {
            self.transaction
                .prepare_cached(
                    "UPDATE ducklake_table_column_stats SET contains_null = 1
                     WHERE table_id = ?1 AND column_id = ?2 AND contains_null = 0",
                )?
                .execute([table_id, stats.column_id])?;
            return Ok(());
        }
        let known: Option<(Option<String>, Option<String>)> = self
            .transaction
            .prepare_cached(
                "SELECT min_value, max_value FROM ducklake_table_column_stats
                 WHERE table_id = ?1 AND column_id = ?2",
            )?
            .query_row([table_id, stats.column_id], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let Some((min, max)) = known else {
            let (min, max) = stats.range.texts(stats.kind);
            // Whether earlier rows had nulls, or lacked the column, is not known here.
            self.transaction
                .prepare_cached(
                    "INSERT INTO ducklake_table_column_stats VALUES(?1, ?2, 1, ?3, ?4, ?5, NULL)",
                )?
                .execute(params![
                    table_id,
                    stats.column_id,
                    nan_flag(stats),
                    min,
                    max
                ])?;
            return Ok(());
        };
        let before = Range::parse(stats.kind, min.as_deref(), max.as_deref());
        let (min, max) = before.merge(stats.range.clone()).texts(stats.kind);
        self.transaction
            .prepare_cached(
                "UPDATE ducklake_table_column_stats SET min_value = ?3, max_value = ?4,
                 contains_nan = max(contains_nan, ?5) WHERE table_id = ?1 AND column_id = ?2",
            )?
            .execute(params![
                table_id,
                stats.column_id,
                min,
                max,
                nan_flag(stats)
            ])?;
        Ok(())
    }

    /// Ends files that are live. Statistics of the table stay as wide as they are, which is right for
    /// older snapshots too.
    ///
    /// # Errors
    /// `lake.catalog.foreign` if one of them is not live any more.
    pub fn end_files(
        &mut self,
        table: &Table,
        files: &[i64],
        replaced: Replaced,
    ) -> Result<(), LakeError> {
        for file_id in files {
            let (rows, bytes): (i64, i64) = self
                .transaction
                .prepare_cached(
                    "UPDATE ducklake_data_file SET end_snapshot = ?3
                     WHERE data_file_id = ?1 AND table_id = ?2 AND end_snapshot IS NULL
                     RETURNING record_count, file_size_bytes",
                )?
                .query_row([*file_id, table.id, self.id], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()?
                .ok_or_else(|| LakeError::Catalog {
                    found: format!("data file {file_id} ended by somebody else"),
                })?;
            self.transaction
                .prepare_cached(
                    "UPDATE ducklake_table_stats SET record_count = record_count - ?2,
                     file_size_bytes = file_size_bytes - ?3 WHERE table_id = ?1",
                )?
                .execute([table.id, rows, bytes])?;
        }
        self.note(match replaced {
            Replaced::Compacted => format!("compacted_table:{}", table.id),
            Replaced::Deleted => format!("deleted_from_table:{}", table.id),
        });
        Ok(())
    }

    /// Says that rows were added to a table.
    pub fn inserted(&mut self, table: &Table) {
        self.note(format!("inserted_into_table:{}", table.id));
    }

    /// Ends a table with its columns; its files must have ended.
    pub fn drop_table(&mut self, table: &Table) -> Result<(), LakeError> {
        for sql in [
            "UPDATE ducklake_table SET end_snapshot = ?2 WHERE table_id = ?1 AND end_snapshot IS NULL",
            "UPDATE ducklake_column SET end_snapshot = ?2 WHERE table_id = ?1 AND end_snapshot IS NULL",
            "UPDATE ducklake_partition_info SET end_snapshot = ?2 WHERE table_id = ?1 AND end_snapshot IS NULL",
            "UPDATE ducklake_sort_info SET end_snapshot = ?2 WHERE table_id = ?1 AND end_snapshot IS NULL",
        ] {
            self.transaction.execute(sql, [table.id, self.id])?;
        }
        self.schema_changed.push(table.id);
        self.note(format!("dropped_table:{}", table.id));
        Ok(())
    }

    /// Writes the snapshot, if anything changed. Returns the version of the catalog's schema after it.
    pub fn finish(self) -> Result<i64, LakeError> {
        if self.made.is_empty() {
            return Ok(self.head.schema_version);
        }
        let version = self.head.schema_version + i64::from(!self.schema_changed.is_empty());
        for table_id in &self.schema_changed {
            self.transaction.execute(
                "INSERT INTO ducklake_schema_versions VALUES(?1, ?2, ?3)",
                [self.id, version, *table_id],
            )?;
        }
        self.transaction
            .prepare_cached("INSERT INTO ducklake_snapshot VALUES(?1, ?2, ?3, ?4, ?5)")?
            .execute(params![
                self.id,
                store::catalog_time(store::now()),
                version,
                self.head.next_catalog_id,
                self.head.next_file_id
            ])?;
        self.transaction
            .prepare_cached(
                "INSERT INTO ducklake_snapshot_changes VALUES(?1, ?2, 'keepwell', NULL, NULL)",
            )?
            .execute(params![self.id, self.made.join(",")])?;
        Ok(version)
    }
}

fn nan_flag(stats: &ColumnStats) -> Option<bool> {
    (stats.kind == ColumnType::Float64).then_some(stats.has_nan)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
