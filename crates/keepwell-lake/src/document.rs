//! Small documents of the server, in the same database: model specs, tokens, settings.

use rusqlite::{OptionalExtension, params};

use crate::error::LakeError;
use crate::lake::Lake;
use crate::store;

/// Most bytes of a document.
const BODY_MAX: usize = 16 << 20;

/// Named bytes in named collections. A change is on the disk when its call returns.
pub struct Documents<'a> {
    lake: &'a Lake,
}

impl<'a> Documents<'a> {
    pub(crate) fn new(lake: &'a Lake) -> Self {
        Self { lake }
    }

    /// Stores a document in place of the one of that name.
    ///
    /// # Errors
    /// `lake.batch.invalid` for one above 16 MiB; those of the database.
    pub fn put(&self, collection: &str, name: &str, body: Vec<u8>) -> Result<(), LakeError> {
        if body.len() > BODY_MAX {
            return Err(LakeError::Batch {
                expected: format!("a document of at most {BODY_MAX} bytes"),
                found: body.len().to_string(),
            });
        }
        let (collection, name) = (collection.to_owned(), name.to_owned());
        self.lake.writer.run(move |writer| {
            writer.transact(|transaction, _| {
                transaction.execute(
                    "INSERT OR REPLACE INTO keepwell_document VALUES(?1, ?2, ?3, ?4)",
                    params![collection, name, body, store::now()],
                )?;
                Ok(())
            })
        })
    }

    /// Removes a document; returns whether there was one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn remove(&self, collection: &str, name: &str) -> Result<bool, LakeError> {
        let (collection, name) = (collection.to_owned(), name.to_owned());
        self.lake.writer.run(move |writer| {
            writer.transact(|transaction, _| {
                let n = transaction.execute(
                    "DELETE FROM keepwell_document WHERE collection = ?1 AND name = ?2",
                    [collection, name],
                )?;
                Ok(n > 0)
            })
        })
    }

    /// The document of a name.
    ///
    /// # Errors
    /// Those of the database.
    pub fn get(&self, collection: &str, name: &str) -> Result<Option<Vec<u8>>, LakeError> {
        self.lake.reader().with_connection(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT body FROM keepwell_document WHERE collection = ?1 AND name = ?2",
            )?;
            Ok(statement
                .query_row([collection, name], |row| row.get(0))
                .optional()?)
        })
    }

    /// Every document of a collection, by name.
    ///
    /// # Errors
    /// Those of the database.
    pub fn list(&self, collection: &str) -> Result<Vec<(String, Vec<u8>)>, LakeError> {
        self.lake.reader().with_connection(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT name, body FROM keepwell_document WHERE collection = ?1 ORDER BY name",
            )?;
            let rows = statement.query_map([collection], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
        })
    }
}
