//! Values of a batch into profiles: the one code path of files, SQL and streams.

use std::ops::Range;

use datafusion::arrow::array::{Array, BooleanArray, Float64Array, Int64Array};
use keepwell_core::time::Timestamp;
use keepwell_stats::profile::{
    BooleanProfile, CategoricalProfile, ColumnProfile, NumericProfile, ClassOutcomes,
    TimestampProfile,
};

use crate::names::{NULL, Names};
use crate::values::Values;

/// Room that is used again from batch to batch.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// Rows by code; all zero between calls.
    counts: Vec<u64>,
    /// Codes whose count is not zero.
    touched: Vec<u32>,
    /// Index of the class of each code, for targets and for predictions.
    targets: Vec<Option<usize>>,
    predictions: Vec<Option<usize>>,
    scores: Vec<f64>,
}

/// Target, prediction and scores of the rows of a batch.
#[derive(Debug)]
pub(crate) struct OutcomeValues {
    pub(crate) target: Option<Names>,
    /// `None` where the decision is taken from the scores.
    pub(crate) prediction: Option<Names>,
    pub(crate) scores: Vec<Float64Array>,
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
            push_names(profile, names, rows, scratch);
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

fn push_names(
    profile: &mut CategoricalProfile,
    names: &Names,
    rows: Range<usize>,
    scratch: &mut Scratch,
) {
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
        profile.push(names.name(code), count);
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

/// Takes rows of a batch into the profile of the outcomes.
pub(crate) fn push_outcomes(
    profile: &mut ClassOutcomes,
    values: &OutcomeValues,
    rows: Range<usize>,
    scratch: &mut Scratch,
) {
    // Indices of classes belong to one profile, so they are found anew for each.
    reset(&mut scratch.targets, values.target.as_ref());
    reset(&mut scratch.predictions, values.prediction.as_ref());
    for row_idx in rows {
        scratch.scores.clear();
        for scores in &values.scores {
            let score = if scores.is_null(row_idx) {
                f64::NAN
            } else {
                scores.value(row_idx)
            };
            scratch.scores.push(score);
        }
        let target = class(
            profile,
            values.target.as_ref(),
            &mut scratch.targets,
            row_idx,
        );
        match &values.prediction {
            None => profile.push_scored(target, &scratch.scores),
            Some(names) => {
                let prediction = class(profile, Some(names), &mut scratch.predictions, row_idx);
                profile.push(target, prediction, &scratch.scores);
            }
        }
    }
}

fn reset(known: &mut Vec<Option<usize>>, names: Option<&Names>) {
    known.clear();
    known.resize(names.map_or(0, Names::len), None);
}

fn class(
    profile: &mut ClassOutcomes,
    names: Option<&Names>,
    known: &mut [Option<usize>],
    row_idx: usize,
) -> Option<usize> {
    let names = names?;
    let code = names.codes()[row_idx];
    if code == NULL {
        return None;
    }
    let slot = &mut known[code as usize];
    if slot.is_none() {
        *slot = Some(profile.class_index(names.name(code)));
    }
    *slot
}
