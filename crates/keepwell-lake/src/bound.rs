//! Statistics of a column over some rows, as the lake catalog keeps them for pruning.
//!
//! A wrong bound makes a reader skip rows silently, so whatever is not certain has no bound: columns
//! with NaN (which DuckDB sorts above all numbers), long texts, bytes, decimals, and what is nested.

use arrow_arith::aggregate;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Float64Type, Int64Type, TimestampMicrosecondType, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use jiff::Timestamp;
use jiff::tz::Offset;

use crate::column::ColumnType;

/// Longest text in bytes that is kept as a bound.
const TEXT_BOUND_MAX: usize = 256;

/// The least or greatest value of a column.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub(crate) enum Bound {
    /// Booleans, integers, days, microseconds; wide enough for every integer of 64 bits.
    Int(i128),
    Float(f64),
    Text(String),
}

/// What is known of the least and the greatest value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Range {
    /// No values were seen.
    Empty,
    /// Every value lies between, inclusive.
    Within(Bound, Bound),
    /// Nothing certain.
    Unknown,
}

/// Statistics of one column over some rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ColumnStats {
    pub column_id: i64,
    pub kind: ColumnType,
    pub n_values: u64,
    pub n_nulls: u64,
    pub has_nan: bool,
    pub range: Range,
    /// Compressed size in the file, known once that is written.
    pub bytes: u64,
}

impl Range {
    pub fn merge(self, other: Self) -> Self {
        match (self, other) {
            (Self::Empty, range) | (range, Self::Empty) => range,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Within(a_min, a_max), Self::Within(b_min, b_max)) => {
                let min = if b_min < a_min { b_min } else { a_min };
                let max = if b_max > a_max { b_max } else { a_max };
                Self::Within(min, max)
            }
        }
    }

    /// Both bounds as the lake catalog writes them, or `None` for each.
    pub fn texts(&self, kind: ColumnType) -> (Option<String>, Option<String>) {
        let Self::Within(min, max) = self else {
            return (None, None);
        };
        match (min.text(kind), max.text(kind)) {
            (Some(min), Some(max)) => (Some(min), Some(max)),
            _ => (None, None),
        }
    }

    /// The range of values that two texts of the lake catalog bound.
    pub fn parse(kind: ColumnType, min: Option<&str>, max: Option<&str>) -> Self {
        let bound = |text: Option<&str>| text.and_then(|text| Bound::parse(kind, text));
        match (bound(min), bound(max)) {
            (Some(min), Some(max)) => Self::Within(min, max),
            _ => Self::Unknown,
        }
    }
}

impl Bound {
    fn text(&self, kind: ColumnType) -> Option<String> {
        Some(match (self, kind) {
            (Self::Int(days), ColumnType::Date) => day_text(i32::try_from(*days).ok()?)?,
            (Self::Int(micros), ColumnType::Timestamp) => {
                let instant = Timestamp::from_microsecond(i64::try_from(*micros).ok()?).ok()?;
                let civil = Offset::UTC.to_datetime(instant);
                if !(1..=9999).contains(&civil.year()) {
                    return None;
                }
                format!("{}+00", civil.to_string().replace('T', " "))
            }
            (Self::Int(value), _) => value.to_string(),
            (Self::Float(value), _) => format!("{value:?}"),
            (Self::Text(text), _) => text.clone(),
        })
    }

    fn parse(kind: ColumnType, text: &str) -> Option<Self> {
        Some(match kind {
            ColumnType::Boolean => Self::Int(match text {
                "1" | "true" => 1,
                "0" | "false" => 0,
                _ => return None,
            }),
            ColumnType::Int64 | ColumnType::UInt64 => Self::Int(text.parse().ok()?),
            ColumnType::Float64 => Self::Float(text.parse().ok()?),
            ColumnType::Varchar => Self::Text(text.to_owned()),
            ColumnType::Date => {
                let day: jiff::civil::Date = text.parse().ok()?;
                let instant = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
                Self::Int(i128::from(instant.as_second().div_euclid(86_400)))
            }
            ColumnType::Timestamp => {
                let civil: jiff::civil::DateTime = text.strip_suffix("+00")?.parse().ok()?;
                let instant = Offset::UTC.to_timestamp(civil).ok()?;
                Self::Int(i128::from(instant.as_microsecond()))
            }
            _ => return None,
        })
    }
}

/// A day, counted from 1970, as text; `None` outside the years 1 to 9999.
pub(crate) fn day_text(day: i32) -> Option<String> {
    let instant = Timestamp::from_second(i64::from(day) * 86_400).ok()?;
    let date = Offset::UTC.to_datetime(instant).date();
    (1..=9999).contains(&date.year()).then(|| date.to_string())
}

impl ColumnStats {
    /// Of no rows.
    pub fn new(column_id: i64, kind: ColumnType) -> Self {
        Self {
            column_id,
            kind,
            n_values: 0,
            n_nulls: 0,
            has_nan: false,
            range: Range::Empty,
            bytes: 0,
        }
    }

    /// Adds the rows of an array of the column's type.
    pub fn push(&mut self, array: &ArrayRef) {
        let nulls = array.null_count();
        self.n_nulls += nulls as u64;
        self.n_values += (array.len() - nulls) as u64;
        if nulls == array.len() {
            return;
        }
        let (range, has_nan) = match self.kind {
            ColumnType::Float64 => float_range(array),
            kind => (range_of(array, kind), false),
        };
        self.has_nan |= has_nan;
        let so_far = std::mem::replace(&mut self.range, Range::Empty);
        self.range = so_far.merge(range);
    }
}

fn range_of(array: &ArrayRef, kind: ColumnType) -> Range {
    let int = |min: Option<i128>, max: Option<i128>| match (min, max) {
        (Some(min), Some(max)) => Range::Within(Bound::Int(min), Bound::Int(max)),
        _ => Range::Unknown,
    };
    macro_rules! ints {
        ($type:ty) => {{
            let array = array.as_primitive::<$type>();
            int(
                aggregate::min(array).map(i128::from),
                aggregate::max(array).map(i128::from),
            )
        }};
    }
    match kind {
        ColumnType::Int64 => ints!(Int64Type),
        ColumnType::UInt64 => ints!(UInt64Type),
        ColumnType::Date => ints!(Date32Type),
        ColumnType::Timestamp => ints!(TimestampMicrosecondType),
        ColumnType::Boolean => {
            let array = array.as_boolean();
            int(
                aggregate::min_boolean(array).map(i128::from),
                aggregate::max_boolean(array).map(i128::from),
            )
        }
        ColumnType::Varchar => {
            let array = array.as_string::<i32>();
            let bound = |text: Option<&str>| {
                text.filter(|text| text.len() <= TEXT_BOUND_MAX && !text.contains('\0'))
                    .map(|text| Bound::Text(text.to_owned()))
            };
            let (min, max) = (aggregate::min_string(array), aggregate::max_string(array));
            match (bound(min), bound(max)) {
                (Some(min), Some(max)) => Range::Within(min, max),
                _ => Range::Unknown,
            }
        }
        _ => Range::Unknown,
    }
}

fn float_range(array: &ArrayRef) -> (Range, bool) {
    let array = array.as_primitive::<Float64Type>();
    let (mut min, mut max, mut has_nan) = (f64::INFINITY, f64::NEG_INFINITY, false);
    for value in array.iter().flatten() {
        has_nan |= value.is_nan();
        min = min.min(value);
        max = max.max(value);
    }
    if has_nan {
        (Range::Unknown, true)
    } else {
        (Range::Within(Bound::Float(min), Bound::Float(max)), false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use arrow_array::{Float64Array, StringArray, TimestampMicrosecondArray};

    fn texts(kind: ColumnType, array: impl Array + 'static) -> (Option<String>, Option<String>) {
        let mut stats = ColumnStats::new(1, kind);
        stats.push(&(Arc::new(array) as ArrayRef));
        stats.range.texts(kind)
    }

    #[test]
    fn bounds_are_written_as_duckdb_writes_them_and_read_back() {
        let array = TimestampMicrosecondArray::from(vec![1_767_225_601_500_000, -1]);
        let (min, max) = texts(ColumnType::Timestamp, array);
        assert_eq!(min.as_deref(), Some("1969-12-31 23:59:59.999999+00"));
        assert_eq!(max.as_deref(), Some("2026-01-01 00:00:01.5+00"));
        let range = Range::parse(ColumnType::Timestamp, min.as_deref(), max.as_deref());
        let expected = Range::Within(Bound::Int(-1), Bound::Int(1_767_225_601_500_000));
        assert_eq!(range, expected);
        assert_eq!(day_text(20_454).as_deref(), Some("2026-01-01"));
    }

    #[test]
    fn what_is_not_certain_has_no_bound() {
        let array = Float64Array::from(vec![1.0, f64::NAN]);
        assert_eq!(texts(ColumnType::Float64, array), (None, None));
        let long = "x".repeat(TEXT_BOUND_MAX + 1);
        let array = StringArray::from(vec!["a", &long]);
        assert_eq!(texts(ColumnType::Varchar, array), (None, None));
        let known = Range::Within(Bound::Int(1), Bound::Int(2));
        assert_eq!(known.clone().merge(Range::Unknown), Range::Unknown);
        assert_eq!(known.clone().merge(Range::Empty), known);
    }
}
