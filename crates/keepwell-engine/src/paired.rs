//! Values of the same entities in two tables, side by side.
//!
//! The keys of both tables are hashed, each with the position of its row, and sorted, so that equal keys meet and
//! of the rows of one key the first counts. Then columns are read, a few at a time: the offline values of the
//! entities are kept, and the served ones are held against them as they come. Beyond the memory for that, a sample
//! of the keys is taken, by their hash, and so the same on both sides.

mod cell;

mod examples;

mod key;

use std::sync::Arc;

use keepwell_stats::profile::PairedProfile;
use keepwell_stats::profile::table::PairedColumn;

use crate::error::EngineError;
use crate::scan::{Batch, Fold, units};
use crate::session::Session;
use crate::table::Table;
use crate::values::Epoch;

use cell::{Cell, Comparison};
use key::Pairing;

pub use examples::PairExample;
pub use key::KeyCounts;

/// Two tables about the same entities.
#[derive(Debug, Clone, Copy)]
pub struct TwoTables<'a> {
    /// Values as a training set holds them.
    pub offline: &'a Table,
    /// Values as the model got them.
    pub served: &'a Table,
}

/// What to hold against each other.
#[derive(Debug, Clone)]
pub struct PairRequest {
    /// Columns that name an entity, in both tables; at least one. Keys are equal if their values are in the
    /// canonical spelling of [`keepwell_core::class`], or are one instant.
    pub key: Vec<String>,
    /// Columns to compare, in both tables.
    pub columns: Vec<String>,
    /// Digits to which two numbers must agree, as in the check `serving_skew`; it decides about examples only.
    pub digits: usize,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Paired {
    /// Rows of the offline table by their keys.
    pub offline: KeyCounts,
    /// Rows of the served table by their keys.
    pub served: KeyCounts,
    /// Entities with a row on both sides.
    pub entities: u64,
    /// Of how many keys one was looked at; 1 where all were.
    pub one_in: u64,
    /// The columns that can be compared, in the order of the request.
    pub columns: Vec<PairedValues>,
    /// The others: their types have nothing in common, or their values cannot be read.
    pub not_comparable: Vec<String>,
}

/// Values of a column for the same entities.
#[derive(Debug, Clone)]
pub struct PairedValues {
    /// The pairs.
    pub column: PairedColumn,
    /// The first entities, in the order of the served table, with values that differ; at most three.
    pub examples: Vec<PairExample>,
}

/// A column on both sides.
#[derive(Debug, Clone)]
struct PairColumn {
    name: String,
    comparison: Comparison,
    offline: Side,
    served: Side,
}

/// A column in one of the tables.
#[derive(Debug, Clone, Copy)]
struct Side {
    column_idx: usize,
    epoch: Option<Epoch>,
}

impl Side {
    fn of(table: &Table, name: &str) -> Result<Self, EngineError> {
        let column_idx = table.column_idx(name)?;
        Ok(Self {
            column_idx,
            epoch: table.columns[column_idx].epoch,
        })
    }
}

/// Bytes of the memory limit for each row whose key is kept.
const LIMIT_BYTES_PER_KEY: u64 = 256;
/// Examples that are kept of a column.
const EXAMPLES_MAX: usize = 3;

/// Position of a row in the served table, and of its entity among the entities.
type ServedRow = (u64, u32);

impl Session {
    /// Holds the values of the same entities against each other. Numbers are compared as numbers, whatever their
    /// type, and so is text that stands for one beside numbers; other values by their spelling.
    ///
    /// The result depends on the data and the memory limit only, not on the number of threads.
    ///
    /// # Errors
    /// If a column does not exist on both sides, a value of a key cannot be read, a file is damaged, or the memory
    /// does not suffice.
    pub async fn paired(
        &self,
        tables: TwoTables<'_>,
        request: &PairRequest,
    ) -> Result<Paired, EngineError> {
        if request.key.is_empty() {
            return Err(EngineError::Request {
                expected: "a column that names the entity",
                found: "none".to_owned(),
            });
        }
        let keys_max = self.config().memory_limit_bytes / LIMIT_BYTES_PER_KEY;
        let pairing = Arc::new(self.pair(tables, &request.key, keys_max as usize).await?);
        let (mut columns, mut not_comparable) = (Vec::new(), Vec::new());
        for name in &request.columns {
            match Comparison::of(
                tables.offline.column(name)?,
                tables.served.column(name)?,
                tables,
            ) {
                Some(comparison) => columns.push(PairColumn {
                    name: name.clone(),
                    comparison,
                    offline: Side::of(tables.offline, name)?,
                    served: Side::of(tables.served, name)?,
                }),
                None => not_comparable.push(name.clone()),
            }
        }
        let cells_max = self.config().memory_limit_bytes / 8 / size_of::<Cell>() as u64;
        let at_once = cells_max / (pairing.offline.len() as u64).max(1);
        let mut found = Vec::with_capacity(columns.len());
        for columns in columns.chunks((at_once as usize).max(1)) {
            let offline = self
                .offline_cells(tables.offline, &pairing, columns)
                .await?;
            found.extend(
                self.compare(tables.served, &pairing, columns, offline, request.digits)
                    .await?,
            );
        }
        let examples = self
            .examples(tables, &request.key, &columns, &found)
            .await?;
        let columns = columns.into_iter().zip(found).zip(examples);
        Ok(Paired {
            offline: pairing.offline_counts,
            served: pairing.served_counts,
            entities: pairing.offline.len() as u64,
            one_in: 1 << pairing.level,
            columns: columns
                .map(|((column, found), examples)| PairedValues {
                    column: PairedColumn {
                        name: column.name,
                        values: found.values,
                    },
                    examples,
                })
                .collect(),
            not_comparable,
        })
    }

    /// The offline values of all entities, in the order of their rows.
    async fn offline_cells(
        &self,
        table: &Table,
        pairing: &Arc<Pairing>,
        columns: &[PairColumn],
    ) -> Result<Vec<Vec<Cell>>, EngineError> {
        let memory = self.memory();
        let bytes = size_of::<Cell>() * columns.len() * pairing.offline.len();
        memory.reserve(bytes as u64, || {
            "the values of the entities need more".to_owned()
        })?;
        let shares = self.shares(table, columns);
        let mut jobs = Vec::new();
        for unit in units(table) {
            for share in &shares {
                let wanted = share
                    .iter()
                    .map(|column| column.offline.column_idx)
                    .collect();
                let fold = OfflineFold {
                    pairing: Arc::clone(pairing),
                    cells: vec![Vec::new(); share.len()],
                    columns: share.to_vec(),
                };
                jobs.push((unit.clone(), wanted, fold));
            }
        }
        let mut whole: Vec<Vec<Vec<Cell>>> = shares
            .iter()
            .map(|share| vec![Vec::new(); share.len()])
            .collect();
        self.each_fold(table, jobs, |idx, fold| {
            let own = &mut whole[idx % shares.len()];
            for (own, mut cells) in own.iter_mut().zip(fold.cells) {
                match own.is_empty() {
                    true => *own = cells,
                    false => own.append(&mut cells),
                }
            }
            Ok(())
        })
        .await?;
        let whole: Vec<Vec<Cell>> = whole.into_iter().flatten().collect();
        if whole
            .iter()
            .any(|cells| cells.len() != pairing.offline.len())
        {
            return Err(EngineError::internal(&"a table changes while it is read"));
        }
        Ok(whole)
    }

    /// Holds the served values against the offline ones.
    async fn compare(
        &self,
        table: &Table,
        pairing: &Arc<Pairing>,
        columns: &[PairColumn],
        offline: Vec<Vec<Cell>>,
        digits: usize,
    ) -> Result<Vec<Found>, EngineError> {
        let shares = self.shares(table, columns);
        let mut offline = offline.into_iter();
        let offline: Vec<Arc<Vec<Vec<Cell>>>> = shares
            .iter()
            .map(|share| Arc::new(offline.by_ref().take(share.len()).collect()))
            .collect();
        let mut jobs = Vec::new();
        for unit in units(table) {
            for (share, offline) in shares.iter().zip(&offline) {
                let wanted = share
                    .iter()
                    .map(|column| column.served.column_idx)
                    .collect();
                let fold = ServedFold {
                    pairing: Arc::clone(pairing),
                    offline: Arc::clone(offline),
                    digits,
                    found: vec![Found::default(); share.len()],
                    columns: share.to_vec(),
                };
                jobs.push((unit.clone(), wanted, fold));
            }
        }
        let mut whole: Vec<Vec<Found>> = shares
            .iter()
            .map(|share| vec![Found::default(); share.len()])
            .collect();
        self.each_fold(table, jobs, |idx, fold| {
            let own = &mut whole[idx % shares.len()];
            for (own, found) in own.iter_mut().zip(fold.found) {
                own.merge(found);
            }
            Ok(())
        })
        .await?;
        Ok(whole.into_iter().flatten().collect())
    }

    /// The columns divided so that threads have work where the table is one unit.
    fn shares<'a>(&self, table: &Table, columns: &'a [PairColumn]) -> Vec<&'a [PairColumn]> {
        let n_shares = self.config().threads.div_ceil(units(table).len().max(1));
        columns
            .chunks(columns.len().div_ceil(n_shares).max(1))
            .collect()
    }
}

/// What is known of one column.
#[derive(Debug, Clone, Default)]
struct Found {
    values: PairedProfile,
    /// Rows offline and served.
    examples: Vec<(u64, u64)>,
}

impl Found {
    fn merge(&mut self, later: Self) {
        self.values.merge(&later.values);
        self.examples.extend(later.examples);
        self.examples.truncate(EXAMPLES_MAX);
    }
}

/// Keeps the values of the entities of a unit.
struct OfflineFold {
    pairing: Arc<Pairing>,
    columns: Vec<PairColumn>,
    cells: Vec<Vec<Cell>>,
}

impl Fold for OfflineFold {
    fn take(&mut self, batch: &Batch<'_>) -> Result<(), EngineError> {
        let rows = self.pairing.offline_within(batch);
        let rows = rows.iter().map(|row| (row - batch.table_row) as usize);
        let columns = self.columns.iter().zip(&batch.arrays);
        for ((column, array), own) in columns.zip(&mut self.cells) {
            let epoch = column.offline.epoch;
            let cells = column.comparison.read(array, batch, epoch, &column.name)?;
            own.extend(rows.clone().map(|row_idx| cells.get(row_idx)));
        }
        Ok(())
    }
}

/// Compares the values of a unit.
struct ServedFold {
    pairing: Arc<Pairing>,
    columns: Vec<PairColumn>,
    /// By column and entity.
    offline: Arc<Vec<Vec<Cell>>>,
    digits: usize,
    found: Vec<Found>,
}

impl Fold for ServedFold {
    fn take(&mut self, batch: &Batch<'_>) -> Result<(), EngineError> {
        let pairs = self.pairing.served_within(batch);
        if pairs.is_empty() {
            return Ok(());
        }
        let columns = self.columns.iter().zip(&batch.arrays);
        for (((column, array), offline), found) in columns.zip(&*self.offline).zip(&mut self.found)
        {
            let epoch = column.served.epoch;
            let cells = column.comparison.read(array, batch, epoch, &column.name)?;
            for &(row, entity) in pairs {
                let served = cells.get((row - batch.table_row) as usize);
                let is_open = found.examples.len() < EXAMPLES_MAX;
                let before = is_open.then(|| found.values.differing(self.digits));
                offline[entity as usize].push(served, &mut found.values);
                if before.is_some_and(|before| found.values.differing(self.digits) > before) {
                    let offline_row = self.pairing.offline[entity as usize];
                    found.examples.push((offline_row, row));
                }
            }
        }
        Ok(())
    }
}
