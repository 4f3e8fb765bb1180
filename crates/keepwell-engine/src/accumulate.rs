//! Values of a batch into profiles: the one code path of files, SQL and streams.

use std::ops::Range;

use datafusion::arrow::array::{Array, BooleanArray, Float64Array, Int64Array};
use datafusion::arrow::buffer::ScalarBuffer;
use keepwell_core::time::Timestamp;
use keepwell_stats::profile::{
    BooleanProfile, ColumnProfile, EmbeddingProfile, NumericProfile, TimestampProfile,
};

use crate::lists::Lists;
use crate::names::{NULL, Names};
use crate::values::Values;

/// Room that is used again from batch to batch.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// Rows by code; all zero between calls.
    counts: Vec<u64>,
    /// Codes whose count is not zero.
    touched: Vec<u32>,
}

/// Takes rows of a batch into the profile of their column.
///
/// The kind of the profile is that under which the values were converted; others are not taken.
pub(crate) fn push_column(
    profile: &mut ColumnProfile,
    values: &Values,
    rows: Range<usize>,
    scratch: &mut Scratch,
) {
    match (profile, values) {
        (ColumnProfile::Numeric(profile), Values::Numbers(array)) => {
            push_numbers(profile, array, rows);
        }
        (ColumnProfile::Categorical(profile), Values::Names(names)) => {
            let n_nulls = each_name(names, rows, scratch, |name, n| profile.push(name, n));
            profile.push_nulls(n_nulls);
        }
        (ColumnProfile::Text(profile), Values::Names(names)) => {
            let n_nulls = each_name(names, rows, scratch, |name, n| profile.push(name, n));
            profile.push_nulls(n_nulls);
        }
        (ColumnProfile::Embedding(profile), Values::Vectors(lists)) => {
            push_vectors(profile, lists, rows);
        }
        (ColumnProfile::Boolean(profile), Values::Booleans(array)) => {
            push_booleans(profile, array, rows);
        }
        (ColumnProfile::Timestamp(profile), Values::Instants(array)) => {
            push_instants(profile, array, rows);
        }
        (ColumnProfile::Unsupported(counts), Values::Opaque { nulls }) => {
            counts.rows += rows.len() as u64;
            if let Some(nulls) = nulls {
                counts.null += nulls.slice(rows.start, rows.len()).null_count() as u64;
            }
        }
        (profile, values) => {
            debug_assert!(false, "a {} profile given {values:?}", profile.kind());
        }
    }
}

fn push_numbers(profile: &mut NumericProfile, array: &Float64Array, rows: Range<usize>) {
    let values = &array.values()[rows.clone()];
    let nulls = array
        .nulls()
        .map(|nulls| nulls.slice(rows.start, rows.len()))
        .filter(|nulls| nulls.null_count() > 0);
    match nulls {
        None => profile.extend_from_slice(values),
        Some(nulls) => {
            for (start, end) in nulls.valid_slices() {
                profile.extend_from_slice(&values[start..end]);
            }
            profile.push_nulls(nulls.null_count() as u64);
        }
    }
}

/// Calls `push` for each distinct name with its number of rows, in order of first sight, and gives the number
/// of nulls.
fn each_name(
    names: &Names,
    rows: Range<usize>,
    scratch: &mut Scratch,
    mut push: impl FnMut(&str, u64),
) -> u64 {
    let (counts, touched) = (&mut scratch.counts, &mut scratch.touched);
    if counts.len() < names.len() {
        counts.resize(names.len(), 0);
    }
    let mut n_nulls = 0;
    for &code in &names.codes()[rows] {
        if code == NULL {
            n_nulls += 1;
            continue;
        }
        let count = &mut counts[code as usize];
        if *count == 0 {
            touched.push(code);
        }
        *count += 1;
    }
    for code in touched.drain(..) {
        let count = std::mem::take(&mut counts[code as usize]);
        push(names.name(code), count);
    }
    n_nulls
}

fn push_vectors(
    profile: &mut EmbeddingProfile,
    lists: &Lists<ScalarBuffer<f64>>,
    rows: Range<usize>,
) {
    let mut n_nulls = 0;
    for row_idx in rows {
        match lists.get(row_idx) {
            Some(vector) => profile.push(&lists.items[vector]),
            None => n_nulls += 1,
        }
    }
    profile.push_nulls(n_nulls);
}

fn push_booleans(profile: &mut BooleanProfile, array: &BooleanArray, rows: Range<usize>) {
    let slice = array.slice(rows.start, rows.len());
    let n_null = slice.null_count() as u64;
    let n_true = slice.true_count() as u64;
    profile.push(n_true, rows.len() as u64 - n_true - n_null, n_null);
}

fn push_instants(profile: &mut TimestampProfile, array: &Int64Array, rows: Range<usize>) {
    let slice = array.slice(rows.start, rows.len());
    for micros in slice.iter().flatten() {
        profile.push(Timestamp(micros));
    }
    profile.push_nulls(slice.null_count() as u64);
}
