//! Reads the tables of the lake catalog at its last snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::Connection;

use crate::column::{Column, ColumnType};
use crate::error::LakeError;
use crate::name::{Kind, TableName};
use crate::table::Table;

/// The head of the catalog: its last snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub id: i64,
    pub schema_version: i64,
    pub next_catalog_id: i64,
    pub next_file_id: i64,
}

/// Every table of the lake that is one of ours.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables {
    /// Version of the catalog's schema that was read.
    pub schema_version: i64,
    pub by_name: BTreeMap<TableName, Arc<Table>>,
}

impl Tables {
    pub fn get(&self, name: &TableName) -> Option<&Arc<Table>> {
        self.by_name.get(name)
    }
}

pub(crate) fn last_snapshot(connection: &Connection) -> Result<Snapshot, LakeError> {
    let mut statement = connection.prepare_cached(
        "SELECT snapshot_id, schema_version, next_catalog_id, next_file_id
         FROM ducklake_snapshot ORDER BY snapshot_id DESC LIMIT 1",
    )?;
    Ok(statement.query_row([], |row| {
        Ok(Snapshot {
            id: row.get(0)?,
            schema_version: row.get(1)?,
            next_catalog_id: row.get(2)?,
            next_file_id: row.get(3)?,
        })
    })?)
}

/// Tables whose name is `<model>.<kind>`; others are another program's and are left alone.
pub(crate) fn load_tables(connection: &Connection) -> Result<Tables, LakeError> {
    let schema_version = last_snapshot(connection)?.schema_version;
    let mut statement = connection.prepare(
        "SELECT t.table_id, s.schema_name, t.table_name, s.path, t.path,
                (SELECT max(partition_id) FROM ducklake_partition_info p
                 WHERE p.table_id = t.table_id AND p.end_snapshot IS NULL),
                (SELECT max(column_id) FROM ducklake_column c WHERE c.table_id = t.table_id)
         FROM ducklake_table t JOIN ducklake_schema s ON s.schema_id = t.schema_id
         WHERE t.end_snapshot IS NULL AND s.end_snapshot IS NULL
           AND t.path_is_relative = 1 AND s.path_is_relative = 1",
    )?;
    let mut rows = statement.query([])?;
    let mut by_name = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let kind: String = row.get(2)?;
        let Some(kind) = Kind::ALL.into_iter().find(|one| one.as_str() == kind) else {
            continue;
        };
        let Ok(name) = TableName::try_new(&row.get::<_, String>(1)?, kind) else {
            continue;
        };
        let Some(partition_id) = row.get::<_, Option<i64>>(5)? else {
            continue;
        };
        let id = row.get(0)?;
        let table = Table {
            id,
            name: name.clone(),
            path: format!("{}{}", row.get::<_, String>(3)?, row.get::<_, String>(4)?),
            partition_id,
            columns: columns_of(connection, id)?,
            next_column: row.get::<_, Option<i64>>(6)?.unwrap_or(0) + 1,
        };
        by_name.insert(name, Arc::new(table));
    }
    Ok(Tables {
        schema_version,
        by_name,
    })
}

fn columns_of(connection: &Connection, table_id: i64) -> Result<Vec<Column>, LakeError> {
    let mut statement = connection.prepare_cached(
        "SELECT column_id, column_name, column_type, parent_column FROM ducklake_column
         WHERE table_id = ?1 AND end_snapshot IS NULL ORDER BY column_order, column_id",
    )?;
    let mut flat: Vec<(Column, Option<i64>)> = Vec::new();
    let mut rows = statement.query([table_id])?;
    while let Some(row) = rows.next()? {
        let kind: String = row.get(2)?;
        let name: String = row.get(1)?;
        let kind = ColumnType::from_name(&kind).ok_or_else(|| LakeError::Catalog {
            found: format!("column `{name}` of type {kind}"),
        })?;
        let column = Column {
            id: row.get(0)?,
            name,
            kind,
            children: Vec::new(),
        };
        flat.push((column, row.get(3)?));
    }
    // Children have higher numbers than their parents, so that from the back each column is whole
    // before it is given to its parent.
    flat.sort_by_key(|(column, _)| column.id);
    let mut top = Vec::new();
    while let Some((mut column, parent)) = flat.pop() {
        column.children.reverse();
        let Some(parent) = parent else {
            top.push(column);
            continue;
        };
        match flat.iter_mut().find(|(other, _)| other.id == parent) {
            Some((parent, _)) => parent.children.push(column),
            None => {
                return Err(LakeError::Catalog {
                    found: format!("column `{}` inside of none", column.name),
                });
            }
        }
    }
    top.reverse();
    Ok(top)
}
