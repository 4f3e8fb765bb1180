//! Which rows are about the same entity.

use datafusion::common::runtime::SpawnedTask;
use keepwell_core::schema::Kind;
use keepwell_stats::sketch::Hash128;

use super::{ServedRow, TwoTables};
use crate::duplicates::{add_hash, spread};
use crate::error::EngineError;
use crate::memory::Memory;
use crate::names::NULL;
use crate::plan::Input;
use crate::scan::{Batch, Fold, units};
use crate::session::Session;
use crate::table::Table;
use crate::values::{Reading, Values};

/// Rows of a table by their keys. Where only a sample of the keys was looked at, `repeated` and `unmatched` are of
/// that sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyCounts {
    /// Rows of the table.
    pub rows: u64,
    /// Rows with a null in their key.
    pub without_key: u64,
    /// Rows whose key an earlier row has; only the first row of a key is looked at.
    pub repeated: u64,
    /// Keys that the other table does not have.
    pub unmatched: u64,
}

/// The entities of two tables.
#[derive(Debug)]
pub(super) struct Pairing {
    pub(super) offline_counts: KeyCounts,
    pub(super) served_counts: KeyCounts,
    /// Keys are looked at if this many leading bits of their hash are zero.
    pub(super) level: u32,
    /// Position of the row of each entity in the offline table, ascending.
    pub(super) offline: Vec<u64>,
    /// The same rows in the served table, ascending.
    served: Vec<ServedRow>,
    _memory: Memory,
}

impl Pairing {
    /// Rows of entities in a batch of the offline table.
    pub(super) fn offline_within(&self, batch: &Batch<'_>) -> &[u64] {
        let end = batch.table_row + batch.rows as u64;
        let start = self.offline.partition_point(|&row| row < batch.table_row);
        &self.offline[start..self.offline.partition_point(|&row| row < end)]
    }

    /// Rows of entities in a batch of the served table.
    pub(super) fn served_within(&self, batch: &Batch<'_>) -> &[ServedRow] {
        let end = batch.table_row + batch.rows as u64;
        let start = self.served.partition_point(|own| own.0 < batch.table_row);
        &self.served[start..self.served.partition_point(|own| own.0 < end)]
    }
}

/// Bits of a word that hold the position of a row; the 88 above them are of the hash of its key, so that two keys
/// among a thousand million are taken for one with a chance of `2e-9`.
const ROW_BITS: u32 = 40;
/// Bytes of a key with its row, and of a pair of rows.
const KEY_BYTES: u64 = 16;
const PAIR_BYTES: u64 = 24;

fn key_of(word: u128) -> u128 {
    word >> ROW_BITS
}

fn row_of(word: u128) -> u64 {
    (word & ((1 << ROW_BITS) - 1)) as u64
}

/// Whether a key is looked at.
fn is_chosen(word: u128, level: u32) -> bool {
    word.leading_zeros() >= level
}

/// Keys of a table with their rows.
struct Keys {
    words: Vec<u128>,
    level: u32,
    without_key: u64,
    keys_max: usize,
}

impl Keys {
    fn new(keys_max: usize) -> Self {
        Self {
            words: Vec::new(),
            level: 0,
            without_key: 0,
            keys_max: keys_max.clamp(1, u32::MAX as usize / 2),
        }
    }

    fn push(&mut self, key: Hash128, row: u64) {
        let hash = u128::from(key.first) << 64 | u128::from(key.second);
        let word = key_of(hash) << ROW_BITS | u128::from(row);
        if is_chosen(word, self.level) {
            self.words.push(word);
        }
    }

    /// Halves the sample until it fits. That depends on the keys only, not on the order in which they come.
    fn fit(&mut self) {
        while self.words.len() > self.keys_max && self.level < 64 {
            self.choose(self.level + 1);
        }
    }

    fn choose(&mut self, level: u32) {
        if level > self.level {
            self.level = level;
            self.words.retain(|&word| is_chosen(word, level));
        }
    }

    fn merge(&mut self, mut other: Self) {
        self.without_key += other.without_key;
        self.choose(other.level);
        other.choose(self.level);
        self.words.append(&mut other.words);
        self.fit();
    }

    /// Brings equal keys together and keeps the first row of each; gives how many were dropped.
    fn sort(&mut self) -> u64 {
        self.words.sort_unstable();
        let rows = self.words.len();
        self.words.dedup_by_key(|word| key_of(*word));
        (rows - self.words.len()) as u64
    }
}

struct KeyFold {
    inputs: Vec<Input>,
    keys: Keys,
    memory: Memory,
}

impl Fold for KeyFold {
    fn take(&mut self, batch: &Batch<'_>) -> Result<(), EngineError> {
        let zero = Hash128 {
            first: 0,
            second: 0,
        };
        let mut hashes: Vec<Option<Hash128>> = vec![Some(zero); batch.rows];
        for (place, (input, array)) in (1..).zip(self.inputs.iter().zip(&batch.arrays)) {
            add(&mut hashes, spread(place), &input.read(array, batch)?);
        }
        for (row, key) in (batch.table_row..).zip(hashes) {
            match key {
                Some(key) => self.keys.push(key, row),
                None => self.keys.without_key += 1,
            }
        }
        self.keys.fit();
        reserve(&self.memory, &self.keys)
    }
}

fn reserve(memory: &Memory, keys: &Keys) -> Result<(), EngineError> {
    let bytes = KEY_BYTES * keys.words.len() as u64;
    memory.resize(bytes, || "the keys of the entities need more".to_owned())
}

/// Adds the values of a column to the hashes of the keys; a null makes the key one.
fn add(keys: &mut [Option<Hash128>], salt: u64, values: &Values) {
    let take = |key: &mut Option<Hash128>, hash: Option<Hash128>| match (&mut *key, hash) {
        (Some(own), Some(hash)) => add_hash(own, salt, hash),
        _ => *key = None,
    };
    match values {
        Values::Names(names) => {
            let hashes: Vec<Hash128> = (0..names.len() as u32)
                .map(|code| Hash128::of(names.name(code).as_bytes()))
                .collect();
            for (key, &code) in keys.iter_mut().zip(names.codes()) {
                let hash = (code != NULL).then(|| hashes[code as usize]);
                take(key, hash);
            }
        }
        Values::Instants(instants) => {
            for (key, micros) in keys.iter_mut().zip(instants) {
                take(key, micros.map(|micros| Hash128::of(&micros.to_le_bytes())));
            }
        }
        // Keys are read as one of the two.
        _ => keys.iter_mut().for_each(|key| *key = None),
    }
}

/// The columns of the key in a table; as instants where they are that in one of the two.
fn inputs(table: &Table, tables: TwoTables<'_>, key: &[String]) -> Result<Vec<Input>, EngineError> {
    let input = |name: &String| {
        let kinds = [
            tables.offline.column(name)?.kind,
            tables.served.column(name)?.kind,
        ];
        match kinds.contains(&Kind::Timestamp) {
            true => Input::of_kind(table, name, Kind::Timestamp),
            false => Input::try_new(table, name, Reading::Class),
        }
    };
    key.iter().map(input).collect()
}

impl Session {
    /// Finds the entities that both tables have.
    pub(super) async fn pair(
        &self,
        tables: TwoTables<'_>,
        key: &[String],
        keys_max: usize,
    ) -> Result<Pairing, EngineError> {
        let of_offline = inputs(tables.offline, tables, key)?;
        let of_served = inputs(tables.served, tables, key)?;
        let (mut offline, _offline_memory) =
            self.keys(tables.offline, of_offline, keys_max).await?;
        let (mut served, _served_memory) = self.keys(tables.served, of_served, keys_max).await?;
        let level = offline.level.max(served.level);
        offline.choose(level);
        served.choose(level);
        let counts = |table: &Table, keys: &Keys| KeyCounts {
            rows: table.rows,
            without_key: keys.without_key,
            ..KeyCounts::default()
        };
        let mut offline_counts = counts(tables.offline, &offline);
        let mut served_counts = counts(tables.served, &served);
        let memory = self.memory();
        let pairs_max = offline.words.len().min(served.words.len()) as u64;
        memory.reserve(pairs_max * PAIR_BYTES, || {
            "the rows of the entities need more".to_owned()
        })?;
        let sorting = SpawnedTask::spawn_blocking(move || {
            offline_counts.repeated = offline.sort();
            served_counts.repeated = served.sort();
            let mut pairs = meet(&offline.words, &served.words);
            offline_counts.unmatched = (offline.words.len() - pairs.len()) as u64;
            served_counts.unmatched = (served.words.len() - pairs.len()) as u64;
            pairs.sort_unstable();
            let mut of_served: Vec<ServedRow> = (0..)
                .zip(&pairs)
                .map(|(entity, pair)| (pair.1, entity))
                .collect();
            of_served.sort_unstable();
            Pairing {
                offline_counts,
                served_counts,
                level,
                offline: pairs.into_iter().map(|(offline, _)| offline).collect(),
                served: of_served,
                _memory: memory,
            }
        });
        sorting.await.map_err(|fault| EngineError::internal(&fault))
    }

    async fn keys(
        &self,
        table: &Table,
        inputs: Vec<Input>,
        keys_max: usize,
    ) -> Result<(Keys, Memory), EngineError> {
        if table.rows >> ROW_BITS > 0 {
            return Err(EngineError::Request {
                expected: "fewer rows",
                found: table.rows.to_string(),
            });
        }
        let wanted: Vec<usize> = inputs.iter().map(|input| input.column_idx).collect();
        let jobs = units(table).into_iter().map(|unit| {
            let fold = KeyFold {
                inputs: inputs.clone(),
                keys: Keys::new(keys_max),
                memory: self.memory(),
            };
            (unit, wanted.clone(), fold)
        });
        let mut whole = Keys::new(keys_max);
        let memory = self.memory();
        self.each_fold(table, jobs.collect(), |_, fold| {
            whole.merge(fold.keys);
            drop(fold.memory);
            reserve(&memory, &whole)
        })
        .await?;
        Ok((whole, memory))
    }
}

/// Rows of the keys that both have, each list in the order of its keys.
fn meet(offline: &[u128], served: &[u128]) -> Vec<(u64, u64)> {
    let mut pairs = Vec::with_capacity(offline.len().min(served.len()));
    let mut others = served.iter().peekable();
    for &word in offline {
        while others
            .next_if(|other| key_of(**other) < key_of(word))
            .is_some()
        {}
        if let Some(&other) = others.next_if(|other| key_of(**other) == key_of(word)) {
            pairs.push((row_of(word), row_of(other)));
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(rows: std::ops::Range<u64>, keys_max: usize) -> Keys {
        let mut keys = Keys::new(keys_max);
        for row in rows {
            keys.push(Hash128::of(&(row % 700).to_le_bytes()), row);
        }
        keys.fit();
        keys
    }

    #[test]
    fn the_sample_does_not_depend_on_the_division() {
        let mut whole = keys(0..1_000, 100);
        let mut parts = keys(600..1_000, 100);
        parts.merge(keys(0..600, 100));
        assert!(whole.level > 0 && whole.level == parts.level);
        assert_eq!(whole.sort(), parts.sort());
        assert_eq!(whole.words, parts.words);
        assert!(whole.words.iter().all(|&word| row_of(word) < 700));
    }

    #[test]
    fn equal_keys_meet_with_their_first_rows() {
        let mut offline = keys(0..1_000, 2_000);
        let mut served = keys(500..800, 2_000);
        assert_eq!((offline.sort(), served.sort()), (300, 0));
        let mut pairs = meet(&offline.words, &served.words);
        pairs.sort_unstable();
        assert_eq!(pairs.len(), 300);
        assert_eq!((pairs[0], pairs[299]), ((0, 700), (699, 699)));
    }
}
