//! Examples of values that differ, spelled as the tables hold them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Found, PairColumn, TwoTables};
use crate::error::{EngineError, shorten};
use crate::names::{NULL, Names, Spelling};
use crate::scan::{Batch, Fold, units};
use crate::session::Session;
use crate::table::Table;

/// An entity whose values differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairExample {
    /// Values of the columns of its key, in their order, as the served table spells them.
    pub key: Vec<String>,
    /// Its offline value, shortened; `None` where there is none, or one that is no single value.
    pub offline: Option<String>,
    /// The same of the served value.
    pub served: Option<String>,
}

/// Most characters of a value.
const CHARS_MAX: usize = 40;

/// Values by column of the table and row.
type Spelled = BTreeMap<(usize, u64), String>;

/// Spells the values of selected rows.
struct SpellFold {
    columns: Vec<usize>,
    rows: Vec<u64>,
    spelled: Spelled,
}

impl Fold for SpellFold {
    fn take(&mut self, batch: &Batch<'_>) -> Result<(), EngineError> {
        for (column, array) in self.columns.iter().zip(&batch.arrays) {
            // Values without a name, such as vectors, are not shown.
            let Ok(names) = Names::try_new(array, Spelling::AsWritten) else {
                continue;
            };
            // Batches come in the order of the rows, and hold the selected ones only.
            for (row, &code) in self.rows.iter().zip(names.codes()) {
                if code != NULL {
                    let text = shorten(names.name(code), CHARS_MAX);
                    self.spelled.insert((*column, *row), text);
                }
            }
        }
        self.rows.drain(..batch.rows.min(self.rows.len()));
        Ok(())
    }
}

impl Session {
    /// The examples of each column with their values.
    pub(super) async fn examples(
        &self,
        tables: TwoTables<'_>,
        key: &[String],
        columns: &[PairColumn],
        found: &[Found],
    ) -> Result<Vec<Vec<PairExample>>, EngineError> {
        let with_examples = || {
            let both = columns.iter().zip(found);
            both.filter(|(_, found)| !found.examples.is_empty())
        };
        let rows = || found.iter().flat_map(|found| &found.examples);
        let key: Vec<usize> = key
            .iter()
            .map(|name| tables.served.column_idx(name))
            .collect::<Result<_, _>>()?;
        let own = with_examples().map(|(column, _)| column.served.column_idx);
        let of_served: BTreeSet<usize> = key.iter().copied().chain(own).collect();
        let own = with_examples().map(|(column, _)| column.offline.column_idx);
        let of_offline: BTreeSet<usize> = own.collect();
        let offline_rows = rows().map(|pair| pair.0).collect();
        let served_rows = rows().map(|pair| pair.1).collect();
        let offline = self.spell(tables.offline, of_offline, offline_rows).await?;
        let served = self.spell(tables.served, of_served, served_rows).await?;
        let example = |column: &PairColumn, rows: (u64, u64)| PairExample {
            key: key
                .iter()
                .map(|idx| served.get(&(*idx, rows.1)).cloned().unwrap_or_default())
                .collect(),
            offline: offline.get(&(column.offline.column_idx, rows.0)).cloned(),
            served: served.get(&(column.served.column_idx, rows.1)).cloned(),
        };
        let columns = columns.iter().zip(found);
        Ok(columns
            .map(|(column, found)| {
                let rows = found.examples.iter();
                rows.map(|rows| example(column, *rows)).collect()
            })
            .collect())
    }

    async fn spell(
        &self,
        table: &Table,
        columns: BTreeSet<usize>,
        rows: BTreeSet<u64>,
    ) -> Result<Spelled, EngineError> {
        let columns: Vec<usize> = columns.into_iter().collect();
        let rows: Vec<u64> = rows.into_iter().collect();
        let mut jobs = Vec::new();
        for unit in units(table) {
            let own = unit.table_rows();
            let start = rows.partition_point(|&row| row < own.start);
            let own = &rows[start..rows.partition_point(|&row| row < own.end)];
            if own.is_empty() {
                continue;
            }
            let fold = SpellFold {
                columns: columns.clone(),
                rows: own.to_vec(),
                spelled: Spelled::new(),
            };
            jobs.push((unit.select(own), columns.clone(), fold));
        }
        let mut spelled = Spelled::new();
        self.each_fold(table, jobs, |_, fold| {
            spelled.extend(fold.spelled);
            Ok(())
        })
        .await?;
        Ok(spelled)
    }
}
