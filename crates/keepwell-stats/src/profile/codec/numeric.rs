//! Binary form of numeric profiles.
//!
//! Counts, mode, mean and centred sum of squares, then in exact mode whether the values are sorted and the
//! values; in sketched mode the inherited error, the number of levels, and for each the number of its
//! compactions and its values. Range and number of values follow from the rest.

use super::super::numeric::{Tally, Values, all_finite};
use super::super::{Mode, NumericProfile};
use super::ROWS_MAX;
use super::wire::{DecodeError, Reader, Writer, ensure};
use crate::sketch::QuantileSketch;
use crate::sketch::quantile::Level;

/// Most levels of a sketch: those that [`ROWS_MAX`] rows can need.
const LEVELS_MAX: usize = 48;

/// Most values on a level; far more than any writer keeps.
const LEVEL_VALUES_MAX: usize = 1 << 16;

pub(super) fn write(writer: &mut Writer, profile: &NumericProfile) {
    writer.counts(&profile.counts);
    writer.mode(profile.mode());
    writer.moments(&profile.moments);
    match &profile.values {
        Values::Exact { values, is_sorted } => {
            writer.byte(u8::from(*is_sorted));
            writer.length(values.len());
            writer.floats(values);
        }
        Values::Sketched(sketch) => {
            let (levels, inherited) = sketch.parts();
            writer.float(inherited);
            writer.length(levels.len());
            for level in levels {
                writer.number(level.compactions);
                writer.length(level.values.len());
                writer.floats(&level.values);
            }
        }
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> Result<NumericProfile, DecodeError> {
    let counts = reader.counts()?;
    ensure(counts.empty == 0, "numbers", &"empty strings")?;
    let mode = reader.mode()?;
    let moments = reader.moments()?;
    let n_finite = counts.present() - counts.infinite();
    ensure(
        moments.count == n_finite,
        "moments of all finite values",
        &format_args!("those of {} of {n_finite}", moments.count),
    )?;
    let (n_kept_for, min, max, values) = match mode {
        Mode::Exact => {
            let is_sorted = reader.flag()?;
            let n = reader.length(8)?;
            let values = finite_values(reader, n)?;
            ensure(
                !is_sorted || values.is_sorted(),
                "values in ascending order",
                &"another order",
            )?;
            let tally = Tally::of(&values);
            ensure(
                (tally.zero, tally.negative) == (counts.zero, counts.negative),
                "counts of zeros and negative numbers that agree with the values",
                &format_args!("{} and {}", counts.zero, counts.negative),
            )?;
            let values = Values::Exact { values, is_sorted };
            (n as u64, tally.min, tally.max, values)
        }
        Mode::Sketched => {
            let sketch = read_sketch(reader)?;
            let (min, max) = sketch.range().unwrap_or((f64::INFINITY, f64::NEG_INFINITY));
            (sketch.n(), min, max, Values::Sketched(sketch))
        }
    };
    ensure(
        n_kept_for == n_finite,
        "kept values that stand for all finite ones",
        &format_args!("{n_kept_for} of {n_finite}"),
    )?;
    Ok(NumericProfile {
        counts,
        moments,
        min,
        max,
        values,
    })
}

fn read_sketch(reader: &mut Reader<'_>) -> Result<QuantileSketch, DecodeError> {
    let inherited = reader.float()?;
    let n_levels = reader.length(2)?;
    ensure(
        (1..=LEVELS_MAX).contains(&n_levels),
        "between 1 and 48 levels",
        &n_levels,
    )?;
    let mut levels = Vec::with_capacity(n_levels);
    let mut rows = 0_u64;
    for height in 0..n_levels {
        let compactions = reader.rows()?;
        let n = reader.length(8)?;
        ensure(
            n <= LEVEL_VALUES_MAX,
            "at most 65,536 values on a level",
            &n,
        )?;
        let values = finite_values(reader, n)?;
        ensure(
            height == 0 || values.is_sorted(),
            "levels in ascending order",
            &"another order",
        )?;
        // At most 2^16 values of weight at most 2^47: neither the shift nor the sum can overflow.
        rows += (n as u64) << height;
        ensure(rows <= ROWS_MAX, "at most 2^48 rows", &rows)?;
        levels.push(Level {
            values,
            compactions,
        });
    }
    ensure(
        (0.0..=rows as f64).contains(&inherited),
        "an error of at most all rows",
        &inherited,
    )?;
    let sketch = QuantileSketch::from_parts(levels, inherited);
    let is_extreme_kept = match sketch.range() {
        Some((min, max)) => sketch.parts().0[1..].iter().all(|level| {
            level.values.first().is_none_or(|&first| first >= min)
                && level.values.last().is_none_or(|&last| last <= max)
        }),
        None => rows == 0,
    };
    ensure(
        is_extreme_kept,
        "the extremes on the lowest level",
        &"others",
    )?;
    Ok(sketch)
}

/// Values that a profile keeps: neither NaN nor infinite nor negative zero.
fn finite_values(reader: &mut Reader<'_>, n: usize) -> Result<Vec<f64>, DecodeError> {
    let values = reader.floats(n)?;
    let negative_zero = (-0.0_f64).to_bits();
    // Without an early exit, so that it can be vectorised.
    let has_negative_zero = values.iter().fold(false, |found, value| {
        found | (value.to_bits() == negative_zero)
    });
    ensure(
        all_finite(&values) && !has_negative_zero,
        "finite values without negative zero",
        &"others",
    )?;
    Ok(values)
}
