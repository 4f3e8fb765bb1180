//! A table, and how a batch becomes rows of it.

use std::sync::Arc;

use arrow_arith::aggregate;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, PrimitiveArray, RecordBatch, RecordBatchOptions, TimestampMicrosecondArray,
    new_null_array,
};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::column::{Column, ColumnType, utc};
use crate::error::LakeError;
use crate::name::{DAY, RECEIVED, ROW, TIMESTAMP, TableName};

/// Most columns of a table.
pub const COLUMNS_MAX: usize = 4_096;
/// First instant that a lake stores: 1000-01-01, so that days have four digits everywhere.
const TIME_MIN: i64 = -30_610_224_000_000_000;
/// First instant after the last one: 10000-01-01.
const TIME_END: i64 = 253_402_300_800_000_000;

/// Below this, 2 to the power of 53, each integer has a float of its own.
const INTEGERS_EXACT: f64 = 9_007_199_254_740_992.0;

/// A table as it stands in the lake catalog.
#[derive(Debug, Clone)]
pub struct Table {
    pub(crate) id: i64,
    pub(crate) name: TableName,
    /// Folder below the data folder, ending in a slash.
    pub(crate) path: String,
    pub(crate) partition_id: i64,
    /// Columns in order, the lake's own last of those it was made with.
    pub(crate) columns: Vec<Column>,
    /// Number of the next new column.
    pub(crate) next_column: i64,
}

impl Table {
    /// Name of the table.
    pub fn name(&self) -> &TableName {
        &self.name
    }

    /// Columns in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Arrow schema of the table.
    pub fn schema(&self) -> SchemaRef {
        let fields: Vec<Field> = self.columns.iter().map(Column::field).collect();
        Arc::new(Schema::new(fields))
    }

    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The rows with every column of the table, in its order; what is absent is null.
    pub(crate) fn widen(&self, rows: &RecordBatch) -> Result<RecordBatch, LakeError> {
        let schema = self.schema();
        let arrays = self
            .columns
            .iter()
            .map(|column| match rows.column_by_name(&column.name) {
                Some(array) if *array.data_type() == column.data_type() => Ok(Arc::clone(array)),
                Some(array) => cast(array, &column.data_type()),
                None => Ok(new_null_array(&column.data_type(), rows.num_rows())),
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(RecordBatch::try_new(schema, arrays)?)
    }
}

/// Columns that the lake adds to every table.
pub(crate) fn own_columns() -> [Column; 3] {
    [
        Column::plain(DAY, ColumnType::Date),
        Column::plain(ROW, ColumnType::Int64),
        Column::plain(RECEIVED, ColumnType::Timestamp),
    ]
}

/// A batch whose columns have types that the lake stores; not yet compared with a table.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    pub columns: Vec<(Column, ArrayRef)>,
    pub n_rows: usize,
    /// First and last event time.
    pub time: (i64, i64),
}

impl Rows {
    /// Checks a batch and converts its columns.
    ///
    /// # Errors
    /// `lake.batch.invalid` for a batch without rows, without a required column, with nulls in one,
    /// with a reserved or repeated name, with a type that cannot be stored, or with an event time
    /// outside the years 1000 to 9999.
    pub fn try_new(name: &TableName, batch: &RecordBatch) -> Result<Self, LakeError> {
        let invalid = |expected: &str, found: String| LakeError::Batch {
            expected: expected.to_owned(),
            found,
        };
        if batch.num_rows() == 0 {
            return Err(invalid("at least one row", "an empty batch".to_owned()));
        }
        let mut columns: Vec<(Column, ArrayRef)> = Vec::with_capacity(batch.num_columns());
        for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
            check_name(field.name())?;
            if columns
                .iter()
                .any(|(column, _)| column.name == *field.name())
            {
                let found = format!("`{}` twice", field.name());
                return Err(invalid("each column once", found));
            }
            if *field.data_type() == DataType::Null {
                continue;
            }
            let Some(column) = Column::of(field) else {
                let found = format!("`{}` as {}", field.name(), field.data_type());
                return Err(invalid("columns of types that can be stored", found));
            };
            let array = convert(array, &column)?;
            columns.push((column, array));
        }
        for required in name.kind().required() {
            let found = columns.iter().find(|(column, _)| column.name == *required);
            let Some((_, array)) = found else {
                let found = "a batch without it".to_owned();
                return Err(invalid(&format!("a column `{required}`"), found));
            };
            if let Some(row) = (0..array.len()).find(|&row| array.is_null(row)) {
                let found = format!("null in row {row}");
                return Err(invalid(
                    &format!("a value of `{required}` in each row"),
                    found,
                ));
            }
        }
        let time = event_times(&columns)?;
        Ok(Self {
            columns,
            n_rows: batch.num_rows(),
            time,
        })
    }

    /// The columns as a batch, in their own order.
    pub fn batch(&self) -> Result<RecordBatch, LakeError> {
        let fields: Vec<Field> = self
            .columns
            .iter()
            .map(|(column, _)| column.field())
            .collect();
        let arrays = self
            .columns
            .iter()
            .map(|(_, array)| Arc::clone(array))
            .collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.n_rows));
        Ok(RecordBatch::try_new_with_options(
            Arc::new(Schema::new(fields)),
            arrays,
            &options,
        )?)
    }

    /// Columns that `table` does not have yet, and the rows in the table's types.
    ///
    /// # Errors
    /// `lake.column.type_changed` where values do not fit the table's column without loss,
    /// `lake.name.case` and `lake.batch.invalid` for names and numbers of new columns.
    pub fn fit(mut self, table: &Table) -> Result<(Vec<Column>, Self), LakeError> {
        let mut added: Vec<Column> = Vec::new();
        for (column, array) in &mut self.columns {
            if let Some(known) = table.column(&column.name) {
                if !known.is_like(column) {
                    *array = coerce(array, column, known)?;
                    *column = known.clone();
                }
                continue;
            }
            let all = table.columns.iter().chain(&added);
            let twin = all
                .into_iter()
                .find(|other| other.name.to_lowercase() == column.name.to_lowercase());
            if let Some(twin) = twin {
                return Err(LakeError::NameCase {
                    what: "column",
                    found: column.name.clone(),
                    existing: twin.name.clone(),
                });
            }
            added.push(column.clone());
        }
        if table.columns.len() + added.len() > COLUMNS_MAX {
            return Err(LakeError::Batch {
                expected: format!("at most {COLUMNS_MAX} columns in a table"),
                found: (table.columns.len() + added.len()).to_string(),
            });
        }
        Ok((added, self))
    }
}

fn check_name(name: &str) -> Result<(), LakeError> {
    let reserved = [DAY, ROW, RECEIVED]
        .iter()
        .any(|own| own.eq_ignore_ascii_case(name))
        || name.to_ascii_lowercase().starts_with("_ducklake");
    let sound = (1..=256).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if sound && !reserved {
        return Ok(());
    }
    Err(LakeError::Batch {
        expected: "column names of 1 to 256 characters that the lake does not use itself"
            .to_owned(),
        found: format!("`{}`", name.chars().take(300).collect::<String>()),
    })
}

fn event_times(columns: &[(Column, ArrayRef)]) -> Result<(i64, i64), LakeError> {
    let invalid = |found: String| LakeError::Batch {
        expected: format!("`{TIMESTAMP}` as an instant in the years 1000 to 9999"),
        found,
    };
    let Some((column, array)) = columns.iter().find(|(column, _)| column.name == TIMESTAMP) else {
        return Err(invalid("no such column".to_owned()));
    };
    if column.kind != ColumnType::Timestamp {
        return Err(invalid(column.to_string()));
    }
    let array = array.as_primitive::<TimestampMicrosecondType>();
    let (Some(first), Some(last)) = (aggregate::min(array), aggregate::max(array)) else {
        return Err(invalid("nulls".to_owned()));
    };
    for time in [first, last] {
        if !(TIME_MIN..TIME_END).contains(&time) {
            return Err(invalid(keepwell_core::time::Timestamp(time).to_rfc3339()));
        }
    }
    Ok((first, last))
}

fn cast(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, LakeError> {
    let options = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    Ok(cast_with_options(array, to, &options)?)
}

/// The array in the type in which the lake stores its column.
fn convert(array: &ArrayRef, column: &Column) -> Result<ArrayRef, LakeError> {
    if *array.data_type() == column.data_type() {
        return Ok(Arc::clone(array));
    }
    if let DataType::Timestamp(unit, _) = array.data_type() {
        return to_utc(array, *unit);
    }
    cast(array, &column.data_type())
}

/// Microseconds in UTC. An instant without a zone counts as UTC; nanoseconds are cut off.
fn to_utc(array: &ArrayRef, unit: TimeUnit) -> Result<ArrayRef, LakeError> {
    let ticks = cast(array, &DataType::Int64)?;
    let ticks = ticks.as_primitive::<Int64Type>();
    let overflow = || LakeError::Batch {
        expected: "instants that fit microseconds".to_owned(),
        found: "an overflow".to_owned(),
    };
    let scaled = |factor: i64| -> Result<PrimitiveArray<TimestampMicrosecondType>, LakeError> {
        ticks.try_unary(|tick| tick.checked_mul(factor).ok_or_else(overflow))
    };
    let micros: TimestampMicrosecondArray = match unit {
        TimeUnit::Second => scaled(1_000_000)?,
        TimeUnit::Millisecond => scaled(1_000)?,
        TimeUnit::Microsecond => scaled(1)?,
        TimeUnit::Nanosecond => ticks.unary(|tick| tick.div_euclid(1_000)),
    };
    Ok(Arc::new(micros.with_timezone(utc())))
}

/// Values of another type in the type of the table's column, where nothing is lost.
fn coerce(array: &ArrayRef, found: &Column, known: &Column) -> Result<ArrayRef, LakeError> {
    let refused = |found: String| LakeError::ColumnType {
        column: known.name.clone(),
        expected: known.to_string(),
        found,
    };
    if array.null_count() == array.len() {
        return Ok(new_null_array(&known.data_type(), array.len()));
    }
    match (found.kind, known.kind) {
        (ColumnType::Int64, ColumnType::UInt64) | (ColumnType::UInt64, ColumnType::Int64) => {
            cast(array, &known.data_type())
                .map_err(|_| refused("a value out of its range".to_owned()))
        }
        (ColumnType::Int64 | ColumnType::UInt64, ColumnType::Float64) => {
            let floats = cast(array, &DataType::Float64)?;
            let exact = floats
                .as_primitive::<Float64Type>()
                .iter()
                .flatten()
                .all(|value| value.abs() < INTEGERS_EXACT);
            if exact {
                Ok(floats)
            } else {
                Err(refused("an integer that a float does not hold".to_owned()))
            }
        }
        (ColumnType::List, ColumnType::List)
            if matches!(
                (found.children.first(), known.children.first()),
                (Some(f), Some(k)) if matches!(
                    (f.kind, k.kind),
                    (ColumnType::Float32 | ColumnType::Int64, ColumnType::Float64)
                )
            ) =>
        {
            cast(array, &known.data_type())
        }
        _ => Err(refused(found.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::Kind;
    use arrow_array::{
        Float64Array, Int32Array, Int64Array, StringArray, TimestampNanosecondArray,
    };

    fn table(columns: &[(&str, ColumnType)]) -> Table {
        Table {
            id: 1,
            name: TableName::try_new("m", Kind::Rejected).expect("a name"),
            path: String::new(),
            partition_id: 1,
            columns: columns
                .iter()
                .map(|(name, kind)| Column::plain(name, *kind))
                .collect(),
            next_column: 9,
        }
    }

    fn rows(name: &str, array: ArrayRef) -> Result<Rows, LakeError> {
        let times = TimestampNanosecondArray::from(vec![-1_i64; array.len()]);
        let batch =
            RecordBatch::try_from_iter([(TIMESTAMP, Arc::new(times) as ArrayRef), (name, array)])?;
        Rows::try_new(&TableName::try_new("m", Kind::Rejected)?, &batch)
    }

    #[test]
    fn nanoseconds_before_1970_are_cut_towards_the_past() {
        let rows = rows("x", Arc::new(Int32Array::from(vec![1]))).expect("rows");
        assert_eq!(rows.time, (-1, -1));
        assert_eq!(rows.columns[1].0.kind, ColumnType::Int64);
    }

    #[test]
    fn integers_fit_a_float_column_only_where_nothing_is_lost() {
        let table = table(&[
            (TIMESTAMP, ColumnType::Timestamp),
            ("x", ColumnType::Float64),
        ]);
        let fits = rows("x", Arc::new(Int64Array::from(vec![3]))).expect("rows");
        let (added, fitted) = fits.fit(&table).expect("fits");
        assert!(added.is_empty());
        assert_eq!(
            fitted.columns[1].1.as_ref(),
            &Float64Array::from(vec![3.0]) as &dyn Array
        );
        let large =
            rows("x", Arc::new(Int64Array::from(vec![9_007_199_254_740_993]))).expect("rows");
        assert!(matches!(
            large.fit(&table),
            Err(LakeError::ColumnType { .. })
        ));
        let text = rows("x", Arc::new(StringArray::from(vec!["3"]))).expect("rows");
        let error = text.fit(&table).expect_err("another type").to_string();
        assert_eq!(error, "expected column `x` as float64; found varchar");
    }

    #[test]
    fn names_that_sql_cannot_tell_apart_are_refused() {
        let table = table(&[
            (TIMESTAMP, ColumnType::Timestamp),
            ("Age", ColumnType::Float64),
        ]);
        let twin = rows("age", Arc::new(Int64Array::from(vec![3]))).expect("rows");
        assert!(matches!(twin.fit(&table), Err(LakeError::NameCase { .. })));
        assert!(rows("_row", Arc::new(Int64Array::from(vec![3]))).is_err());
    }
}
