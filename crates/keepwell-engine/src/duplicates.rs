//! How many rows of a table repeat another one, and how many identifiers.

use datafusion::arrow::array::{Array, PrimitiveArray};
use datafusion::arrow::datatypes::ArrowPrimitiveType;
use keepwell_core::schema::Kind;
use keepwell_stats::profile::{DistinctCount, DuplicateProfile};
use keepwell_stats::sketch::Hash128;

use crate::error::EngineError;
use crate::names::{NULL, Names};
use crate::plan::Input;
use crate::scan::{Batch, Fold, units_of};
use crate::session::Session;
use crate::table::Table;
use crate::values::{Reading, Values};

/// Rows and identifiers of a table, and how many of them differ.
///
/// Up to 65,536 distinct rows the counts are exact. Beyond, they are those of a fair sample of at least half as
/// many distinct rows, each with all its copies: the share of copies is then known to 0.6 percentage points
/// (two standard errors) where no row has very many copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DuplicateCounts {
    /// Whole rows, by the columns that were asked for.
    pub rows: DistinctCount,
    /// Identifiers that are not null; `None` where no column of them was named.
    pub ids: Option<DistinctCount>,
    /// Whether all rows and identifiers were counted, not a sample.
    pub is_complete: bool,
}

/// Counts rows and identifiers of a unit.
struct DuplicateFold {
    columns: Vec<Input>,
    id: Option<Input>,
    rows: DuplicateProfile,
    ids: DuplicateProfile,
    /// Hashes of the rows of a batch.
    keys: Vec<Hash128>,
}

impl DuplicateFold {
    fn merge(&mut self, other: &Self) {
        self.rows.merge(&other.rows);
        self.ids.merge(&other.ids);
    }
}

impl Fold for DuplicateFold {
    fn take(&mut self, batch: &Batch<'_>) -> Result<(), EngineError> {
        let zero = Hash128 {
            first: 0,
            second: 0,
        };
        self.keys.clear();
        self.keys.resize(batch.rows, zero);
        for (place, (input, array)) in (0..).zip(self.columns.iter().zip(&batch.arrays)) {
            add(&mut self.keys, place, &input.read(array, batch)?);
        }
        self.keys.iter().for_each(|&key| self.rows.push(key));
        if let Some(input) = &self.id
            && let Some(array) = batch.arrays.last()
            && let Values::Names(names) = input.read(array, batch)?
        {
            let hashes = hashes(&names);
            for &code in names.codes().iter().filter(|&&code| code != NULL) {
                self.ids.push(hashes[code as usize]);
            }
        }
        Ok(())
    }
}

fn hashes(names: &Names) -> Vec<Hash128> {
    let codes = 0..names.len() as u32;
    codes
        .map(|code| Hash128::of(names.name(code).as_bytes()))
        .collect()
}

/// Adds the values of a column to the hashes of the rows. The hash of a row is the sum over its columns of a
/// function that differs from column to column, so that equal values in other columns make another row. Null
/// adds nothing.
fn add(keys: &mut [Hash128], place: u64, values: &Values) {
    let salt = spread(place + 1);
    match values {
        Values::Numbers(array) => add_words(keys, salt, array, |number| {
            // One form of zero, and one of NaN.
            let number = if number.is_nan() { f64::NAN } else { number };
            (number + 0.0).to_bits()
        }),
        Values::Instants(array) => add_words(keys, salt, array, |micros| micros as u64),
        Values::Booleans(array) => {
            for (key, flag) in keys.iter_mut().zip(array) {
                if let Some(flag) = flag {
                    add_word(key, salt, flag.into());
                }
            }
        }
        Values::Names(names) => {
            let hashes = hashes(names);
            for (key, &code) in keys.iter_mut().zip(names.codes()) {
                if let Some(hash) = hashes.get(code as usize) {
                    add_hash(key, salt, *hash);
                }
            }
        }
        Values::Vectors(lists) => {
            for (key, row) in keys.iter_mut().zip(lists.rows()) {
                let Some(row) = row else { continue };
                let bytes: Vec<u8> = lists.items[row]
                    .iter()
                    .flat_map(|component| (component + 0.0).to_bits().to_le_bytes())
                    .collect();
                add_hash(key, salt, Hash128::of(&bytes));
            }
        }
        // Values that cannot be read do not tell rows apart.
        Values::Opaque { .. } | Values::NameLists(_) | Values::Boxes(_) => {}
    }
}

fn add_words<T: ArrowPrimitiveType>(
    keys: &mut [Hash128],
    salt: u64,
    array: &PrimitiveArray<T>,
    word: impl Fn(T::Native) -> u64,
) {
    let pairs = keys.iter_mut().zip(array.values());
    match array.nulls().filter(|nulls| nulls.null_count() > 0) {
        None => pairs.for_each(|(key, &value)| add_word(key, salt, word(value))),
        Some(nulls) => {
            for ((key, &value), is_valid) in pairs.zip(nulls) {
                if is_valid {
                    add_word(key, salt, word(value));
                }
            }
        }
    }
}

fn add_word(key: &mut Hash128, salt: u64, word: u64) {
    let first = spread(word ^ salt);
    // The first half tells all words apart; the second must only not follow from its sum.
    let second = (first ^ (first >> 29)).wrapping_mul(ODD);
    key.first = key.first.wrapping_add(first);
    key.second = key.second.wrapping_add(second ^ (second >> 32));
}

fn add_hash(key: &mut Hash128, salt: u64, hash: Hash128) {
    key.first = key.first.wrapping_add(spread(hash.first ^ salt));
    key.second = key.second.wrapping_add(spread(hash.second ^ salt));
}

const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

/// A bijection that spreads a key over all 64 bits: the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
fn spread(mut key: u64) -> u64 {
    key = (key ^ (key >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    key = (key ^ (key >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    key ^ (key >> 31)
}

/// Rows of a unit: one row group is enough, as the parts may be merged in any order.
const UNIT_ROWS: u64 = 1;

impl Session {
    /// Counts rows that are equal in all of `columns`, each read as its kind, and identifiers that occur more
    /// than once. Null equals null, and NaN equals NaN; columns of an unsupported kind are passed over.
    ///
    /// # Errors
    /// If a column does not exist or a value of it cannot be read as the kind that is asked for, or a file is
    /// damaged.
    pub async fn duplicates(
        &self,
        table: &Table,
        columns: &[(String, Kind)],
        id_column: Option<&str>,
    ) -> Result<DuplicateCounts, EngineError> {
        let inputs: Vec<Input> = columns
            .iter()
            .map(|(name, kind)| Input::of_kind(table, name, *kind))
            .collect::<Result<_, _>>()?;
        let id = id_column
            .map(|name| Input::try_new(table, name, Reading::Class))
            .transpose()?;
        let empty = || DuplicateFold {
            columns: inputs.clone(),
            id: id.clone(),
            rows: DuplicateProfile::default(),
            ids: DuplicateProfile::default(),
            keys: Vec::new(),
        };
        let wanted: Vec<usize> = inputs
            .iter()
            .chain(&id)
            .map(|input| input.column_idx)
            .collect();
        let jobs = units_of(table, UNIT_ROWS).into_iter();
        let jobs = jobs.map(|unit| (unit, wanted.clone(), empty()));
        let mut whole = empty();
        self.each_fold(table, jobs.collect(), |_, fold| {
            whole.merge(&fold);
            Ok(())
        })
        .await?;
        Ok(DuplicateCounts {
            rows: whole.rows.count(),
            ids: id.is_some().then(|| whole.ids.count()),
            is_complete: whole.rows.is_complete() && whole.ids.is_complete(),
        })
    }
}
