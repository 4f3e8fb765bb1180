//! From Arrow arrays of any type to the few forms in which profiles take values.
//!
//! A batch is converted once, in row order, so that a value that cannot be read is named with its
//! row; only then are its rows parted by window and group.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, UInt32Array,
};
use datafusion::arrow::buffer::{NullBuffer, ScalarBuffer};
use datafusion::arrow::compute::{cast, take};
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit};
use keepwell_core::schema::Kind;

use crate::boxes::{self, Boxes};
use crate::error::{EngineError, shorten};
use crate::lists::{self, Lists};
use crate::names::{Names, Spelling};
use crate::text;

/// Unit of numbers that stand for time since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Epoch {
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

/// What a column is to be read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Values of a kind.
    Column {
        kind: Kind,
        /// Unit, where numbers stand for time.
        epoch: Option<Epoch>,
    },
    /// Names in their canonical spelling.
    Class,
    /// Any number of classes for each row.
    Labels,
    /// Any number of texts for each row.
    References,
    /// Any number of boxes for each row.
    Boxes,
    /// The same, each with a score.
    Detections,
}

impl Reading {
    /// Values of a kind; numbers do not stand for time.
    pub(crate) fn of(kind: Kind) -> Self {
        Self::Column { kind, epoch: None }
    }

    /// What is read, in words.
    fn words(self) -> &'static str {
        match self {
            Self::Column { kind, .. } => kind.id(),
            Self::Class => "names of classes",
            Self::Labels => "lists of labels",
            Self::References => "texts",
            Self::Boxes | Self::Detections => "lists of boxes",
        }
    }
}

/// Values of one column and one batch.
#[derive(Debug)]
pub(crate) enum Values {
    Numbers(Float64Array),
    Names(Names),
    Booleans(BooleanArray),
    /// Microseconds since 1970, UTC.
    Instants(Int64Array),
    /// NaN where a component is null.
    Vectors(Lists<ScalarBuffer<f64>>),
    /// Labels or texts.
    NameLists(Lists<Names>),
    Boxes(Lists<Boxes>),
    /// Only rows and nulls are known.
    Opaque {
        nulls: Option<NullBuffer>,
    },
}

/// Why a column of a batch cannot be read as asked.
#[derive(Debug)]
pub(crate) enum ConvertError {
    /// No value of this type can.
    Impossible,
    /// This value cannot.
    Value {
        row_idx: usize,
        expected: &'static str,
        found: String,
    },
    /// A kernel failed.
    Kernel(String),
}

impl Epoch {
    /// The unit in which numbers of this magnitude are times within the last and next millennia.
    pub(crate) fn from_magnitude(greatest: f64) -> Self {
        // 1e11 seconds is the year 5138; the same number of milliseconds is the year 1973.
        if greatest < 1e11 {
            Self::Seconds
        } else if greatest < 1e14 {
            Self::Milliseconds
        } else if greatest < 1e17 {
            Self::Microseconds
        } else {
            Self::Nanoseconds
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Milliseconds => "milliseconds",
            Self::Microseconds => "microseconds",
            Self::Nanoseconds => "nanoseconds",
        }
    }

    fn micros(self, number: i64) -> i64 {
        match self {
            Self::Seconds => number.saturating_mul(1_000_000),
            Self::Milliseconds => number.saturating_mul(1_000),
            Self::Microseconds => number,
            Self::Nanoseconds => number.div_euclid(1_000),
        }
    }

    fn micros_f64(self, number: f64) -> i64 {
        let factor = match self {
            Self::Seconds => 1e6,
            Self::Milliseconds => 1e3,
            Self::Microseconds => 1.0,
            Self::Nanoseconds => 1e-3,
        };
        (number * factor).round() as i64
    }
}

/// The kind that a type has by itself; `None` for a column that holds nothing but null.
pub(crate) fn natural_kind(data_type: &DataType) -> Option<Kind> {
    match data_type {
        DataType::Null => None,
        DataType::Boolean => Some(Kind::Boolean),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Some(Kind::Categorical),
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => Some(Kind::Timestamp),
        DataType::Dictionary(_, values) => natural_kind(values),
        _ if data_type.is_numeric() => Some(Kind::Numeric),
        _ => match lists::item_type(data_type) {
            Some(item) if item.is_floating() => Some(Kind::Embedding),
            _ => Some(Kind::Unsupported),
        },
    }
}

/// Whether times of this type name no zone. A date needs none.
pub(crate) fn is_naive(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Timestamp(_, None))
}

/// The type in words that say enough to compare two files.
pub(crate) fn type_name(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Null => "nothing but null",
        DataType::Boolean => "boolean",
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text",
        DataType::Timestamp(..) => "timestamp",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Dictionary(_, values) => type_name(values),
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => "decimal",
        DataType::Float16 | DataType::Float32 | DataType::Float64 => "float",
        _ if data_type.is_integer() => "integer",
        DataType::Time32(_) | DataType::Time64(_) => "time of day",
        DataType::Duration(_) | DataType::Interval(_) => "duration",
        DataType::Struct(_) => "struct",
        DataType::Map(..) => "map",
        DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => "binary",
        _ => "list",
    }
}

/// Whether values of this type can be read so, at least some of them.
pub(crate) fn can_read(data_type: &DataType, reading: Reading) -> bool {
    let Some(natural) = natural_kind(data_type) else {
        return true;
    };
    let is_named = matches!(
        natural,
        Kind::Categorical | Kind::Numeric | Kind::Boolean | Kind::Timestamp
    );
    let has_text = natural == Kind::Categorical || lists::is_binary(data_type);
    let item = lists::item_type(data_type);
    match reading {
        Reading::Column { kind, epoch } => match (kind, natural) {
            (Kind::Unsupported, _) => true,
            (Kind::Embedding, _) => has_text || item.is_some_and(DataType::is_numeric),
            (asked, own) if asked == own => true,
            (Kind::Categorical | Kind::Text, _) => is_named,
            (Kind::Numeric, own) => matches!(own, Kind::Boolean | Kind::Categorical),
            (Kind::Boolean, own) => matches!(own, Kind::Numeric | Kind::Categorical),
            (Kind::Timestamp, Kind::Categorical) => true,
            (Kind::Timestamp, Kind::Numeric) => epoch.is_some(),
            _ => false,
        },
        Reading::Class => is_named,
        Reading::Labels | Reading::References => {
            is_named || has_text || item.is_some_and(|item| can_read(item, Reading::Class))
        }
        Reading::Boxes | Reading::Detections => {
            has_text || item.is_some_and(|item| matches!(item, DataType::Struct(_)))
        }
    }
}

impl Values {
    /// Converts a column of a batch.
    pub(crate) fn convert(array: &ArrayRef, reading: Reading) -> Result<Self, ConvertError> {
        if !can_read(array.data_type(), reading) {
            return Err(ConvertError::Impossible);
        }
        let (kind, epoch) = match reading {
            Reading::Column { kind, epoch } => (kind, epoch),
            Reading::Class => return Names::try_new(array, Spelling::AsClass).map(Self::Names),
            Reading::Labels => return lists::labels(array).map(Self::NameLists),
            Reading::References => return lists::references(array).map(Self::NameLists),
            Reading::Boxes => return boxes::read(array, boxes::TARGETS).map(Self::Boxes),
            Reading::Detections => return boxes::read(array, boxes::DETECTIONS).map(Self::Boxes),
        };
        match kind {
            Kind::Numeric => numbers(array).map(Self::Numbers),
            Kind::Categorical | Kind::Text => {
                Names::try_new(array, Spelling::AsWritten).map(Self::Names)
            }
            Kind::Boolean => booleans(array).map(Self::Booleans),
            Kind::Timestamp => instants(array, epoch).map(Self::Instants),
            Kind::Embedding => lists::vectors(array).map(Self::Vectors),
            _ => Ok(Self::Opaque {
                nulls: array.logical_nulls(),
            }),
        }
    }

    /// The same values in another order: `order[i]` is the old row of the new row `i`.
    pub(crate) fn reorder(self, order: &UInt32Array) -> Result<Self, ConvertError> {
        Ok(match self {
            Self::Numbers(array) => Self::Numbers(
                take(&array, order, None)?
                    .as_primitive::<Float64Type>()
                    .clone(),
            ),
            Self::Instants(array) => Self::Instants(
                take(&array, order, None)?
                    .as_primitive::<Int64Type>()
                    .clone(),
            ),
            Self::Booleans(array) => {
                Self::Booleans(take(&array, order, None)?.as_boolean().clone())
            }
            Self::Names(names) => Self::Names(names.reorder(order.values())),
            Self::Vectors(lists) => Self::Vectors(lists.reorder(order.values())),
            Self::NameLists(lists) => Self::NameLists(lists.reorder(order.values())),
            Self::Boxes(lists) => Self::Boxes(lists.reorder(order.values())),
            Self::Opaque { nulls } => Self::Opaque {
                nulls: nulls.map(|nulls| {
                    order
                        .values()
                        .iter()
                        .map(|&row| nulls.is_valid(row as usize))
                        .collect()
                }),
            },
        })
    }
}

impl From<datafusion::arrow::error::ArrowError> for ConvertError {
    fn from(fault: datafusion::arrow::error::ArrowError) -> Self {
        Self::Kernel(fault.to_string())
    }
}

impl ConvertError {
    /// The first row that holds the name with this code.
    pub(crate) fn of_name(names: &Names, code: u32, expected: &'static str) -> Self {
        Self::Value {
            row_idx: names.first_row(code),
            expected,
            found: shorten(names.name(code), 60),
        }
    }

    /// The error for the user; `place` tells where a row of the batch stands.
    pub(crate) fn at(
        self,
        place: impl FnOnce(usize) -> crate::error::Place,
        column: &str,
        reading: Reading,
        data_type: &DataType,
    ) -> EngineError {
        match self {
            Self::Impossible => EngineError::KindImpossible {
                column: column.to_owned(),
                expected: reading.words(),
                data_type: type_name(data_type).to_owned(),
            },
            Self::Value {
                row_idx,
                expected,
                found,
            } => EngineError::Value {
                place: place(row_idx),
                expected,
                found,
            },
            Self::Kernel(message) => EngineError::internal(&message),
        }
    }
}

fn numbers(array: &ArrayRef) -> Result<Float64Array, ConvertError> {
    if natural_kind(array.data_type()) == Some(Kind::Categorical) {
        let names = Names::try_new(array, Spelling::AsWritten)?;
        return parse(&names, "a number", text::parse_number);
    }
    Ok(cast(array, &DataType::Float64)?
        .as_primitive::<Float64Type>()
        .clone())
}

fn booleans(array: &ArrayRef) -> Result<BooleanArray, ConvertError> {
    if natural_kind(array.data_type()) == Some(Kind::Boolean) {
        return Ok(cast(array, &DataType::Boolean)?.as_boolean().clone());
    }
    let names = Names::try_new(array, Spelling::AsClass)?;
    let parsed: Vec<Option<bool>> = names
        .each(|code, name| {
            text::parse_boolean(name)
                .ok_or_else(|| ConvertError::of_name(&names, code, "true, false, 1 or 0"))
        })
        .collect::<Result<_, _>>()?;
    Ok(parsed.into_iter().collect())
}

/// Microseconds since 1970 of a column that holds times, numbers or text.
fn instants(array: &ArrayRef, epoch: Option<Epoch>) -> Result<Int64Array, ConvertError> {
    let raw = |array: &ArrayRef| -> Result<Int64Array, ConvertError> {
        Ok(cast(array, &DataType::Int64)?
            .as_primitive::<Int64Type>()
            .clone())
    };
    let array = match array.data_type() {
        DataType::Dictionary(_, values) if natural_kind(values) != Some(Kind::Categorical) => {
            &cast(array, values)?
        }
        _ => array,
    };
    match array.data_type() {
        DataType::Timestamp(unit, _) => {
            let epoch = match unit {
                TimeUnit::Second => Epoch::Seconds,
                TimeUnit::Millisecond => Epoch::Milliseconds,
                TimeUnit::Microsecond => Epoch::Microseconds,
                TimeUnit::Nanosecond => Epoch::Nanoseconds,
            };
            Ok(raw(array)?.unary(|number| epoch.micros(number)))
        }
        DataType::Date32 => {
            let days = cast(array, &DataType::Int32)?;
            Ok(raw(&days)?.unary(|day| Epoch::Seconds.micros(day * 86_400)))
        }
        DataType::Date64 => Ok(raw(array)?.unary(|number| Epoch::Milliseconds.micros(number))),
        DataType::Null => raw(array),
        _ => match (natural_kind(array.data_type()), epoch) {
            (Some(Kind::Categorical), _) => {
                let names = Names::try_new(array, Spelling::AsWritten)?;
                let parsed = names.each(|code, name| {
                    text::parse_instant(name)
                        .ok_or_else(|| ConvertError::of_name(&names, code, text::INSTANT))
                });
                parsed.collect()
            }
            (Some(Kind::Numeric), Some(epoch)) if array.data_type().is_integer() => {
                Ok(raw(array)?.unary(|number| epoch.micros(number)))
            }
            (Some(Kind::Numeric), Some(epoch)) => {
                let numbers = numbers(array)?;
                Ok(numbers
                    .iter()
                    .map(|number| {
                        number
                            .filter(|number| number.is_finite())
                            .map(|number| epoch.micros_f64(number))
                    })
                    .collect())
            }
            _ => Err(ConvertError::Impossible),
        },
    }
}

fn parse(
    names: &Names,
    expected: &'static str,
    read: impl Fn(&str) -> Option<f64>,
) -> Result<Float64Array, ConvertError> {
    names
        .each(|code, name| read(name).ok_or_else(|| ConvertError::of_name(names, code, expected)))
        .collect()
}

/// An array of nulls in the place of a column that a file lacks.
pub(crate) fn absent(rows: usize) -> ArrayRef {
    Arc::new(datafusion::arrow::array::NullArray::new(rows))
}
