//! Columns: the types that the lake stores, as Arrow has them and as DuckLake names them.
//!
//! Types are few, so that two clients that mean the same agree: all signed integers become 64 bits,
//! floats outside of lists 64 bits, texts and dictionaries of texts plain text, instants microseconds
//! in UTC.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields, TimeUnit};
use parquet::arrow::PARQUET_FIELD_ID_META_KEY;

/// Type of a column, without its children.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// True or false.
    Boolean,
    /// Signed integer.
    Int64,
    /// Integer from zero.
    UInt64,
    /// Float of 32 bits, inside lists and structs only.
    Float32,
    /// Float of 64 bits.
    Float64,
    /// Text.
    Varchar,
    /// Bytes.
    Blob,
    /// Day.
    Date,
    /// Instant, microseconds, UTC.
    Timestamp,
    /// Decimal of a precision and a scale.
    Decimal(u8, i8),
    /// List of its one child.
    List,
    /// Fields, its children.
    Struct,
}

/// A column of a table, with the number by which Parquet files and the catalog know it.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Number within its table, for ever; 0 before it is given.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Type.
    pub kind: ColumnType,
    /// Element of a list, fields of a struct; empty otherwise.
    pub children: Vec<Column>,
}

impl ColumnType {
    /// Name of the type in the lake catalog.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Boolean => "boolean".to_owned(),
            Self::Int64 => "int64".to_owned(),
            Self::UInt64 => "uint64".to_owned(),
            Self::Float32 => "float32".to_owned(),
            Self::Float64 => "float64".to_owned(),
            Self::Varchar => "varchar".to_owned(),
            Self::Blob => "blob".to_owned(),
            Self::Date => "date".to_owned(),
            Self::Timestamp => "timestamptz".to_owned(),
            Self::Decimal(precision, scale) => format!("decimal({precision},{scale})"),
            Self::List => "list".to_owned(),
            Self::Struct => "struct".to_owned(),
        }
    }

    /// The type of a name, or `None` for one that Keepwell does not write.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "boolean" => Self::Boolean,
            "int64" => Self::Int64,
            "uint64" => Self::UInt64,
            "float32" => Self::Float32,
            "float64" => Self::Float64,
            "varchar" => Self::Varchar,
            "blob" => Self::Blob,
            "date" => Self::Date,
            "timestamptz" => Self::Timestamp,
            "list" => Self::List,
            "struct" => Self::Struct,
            _ => {
                let inner = name.strip_prefix("decimal(")?.strip_suffix(')')?;
                let (precision, scale) = inner.split_once(',')?;
                Self::Decimal(precision.parse().ok()?, scale.trim().parse().ok()?)
            }
        })
    }

    /// Whether the column itself holds values, rather than its children.
    pub(crate) fn is_leaf(self) -> bool {
        !matches!(self, Self::List | Self::Struct)
    }
}

/// Whether a type stands at the top of a table or inside another.
#[derive(Clone, Copy, PartialEq)]
enum Depth {
    Top,
    Inside,
}

impl Column {
    /// The column that stores a field, without numbers; `None` for a type that the lake does not
    /// store. A column of nulls only has no type yet and is none either.
    pub(crate) fn of(field: &Field) -> Option<Self> {
        Self::at(field.name(), field.data_type(), Depth::Top)
    }

    /// A column of a type without children.
    pub(crate) fn plain(name: &str, kind: ColumnType) -> Self {
        Self {
            id: 0,
            name: name.to_owned(),
            kind,
            children: Vec::new(),
        }
    }

    fn at(name: &str, data_type: &DataType, depth: Depth) -> Option<Self> {
        let mut children = Vec::new();
        let kind = match data_type {
            DataType::Boolean => ColumnType::Boolean,
            DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::UInt8
            | DataType::UInt16
            | DataType::UInt32 => ColumnType::Int64,
            DataType::UInt64 => ColumnType::UInt64,
            DataType::Float16 | DataType::Float32 if depth == Depth::Inside => ColumnType::Float32,
            DataType::Float16 | DataType::Float32 | DataType::Float64 => ColumnType::Float64,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => ColumnType::Varchar,
            DataType::Dictionary(_, value) => return Self::at(name, value, depth),
            DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
            | DataType::FixedSizeBinary(_) => ColumnType::Blob,
            DataType::Date32 | DataType::Date64 => ColumnType::Date,
            DataType::Timestamp(_, _) => ColumnType::Timestamp,
            DataType::Decimal32(precision, scale)
            | DataType::Decimal64(precision, scale)
            | DataType::Decimal128(precision, scale)
                if *scale >= 0 =>
            {
                ColumnType::Decimal(*precision, *scale)
            }
            DataType::List(element)
            | DataType::LargeList(element)
            | DataType::FixedSizeList(element, _) => {
                children.push(Self::at("element", element.data_type(), Depth::Inside)?);
                ColumnType::List
            }
            DataType::Struct(fields) if !fields.is_empty() => {
                for field in fields {
                    children.push(Self::at(field.name(), field.data_type(), Depth::Inside)?);
                }
                ColumnType::Struct
            }
            _ => return None,
        };
        Some(Self {
            id: 0,
            name: name.to_owned(),
            kind,
            children,
        })
    }

    /// The Arrow type in which the lake hands the column out.
    pub fn data_type(&self) -> DataType {
        match self.kind {
            ColumnType::Boolean => DataType::Boolean,
            ColumnType::Int64 => DataType::Int64,
            ColumnType::UInt64 => DataType::UInt64,
            ColumnType::Float32 => DataType::Float32,
            ColumnType::Float64 => DataType::Float64,
            ColumnType::Varchar => DataType::Utf8,
            ColumnType::Blob => DataType::Binary,
            ColumnType::Date => DataType::Date32,
            ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some(utc())),
            ColumnType::Decimal(precision, scale) => DataType::Decimal128(precision, scale),
            ColumnType::List => match self.children.first() {
                Some(element) => DataType::List(Arc::new(element.field())),
                None => DataType::Null,
            },
            ColumnType::Struct => {
                DataType::Struct(self.children.iter().map(Self::field).collect::<Fields>())
            }
        }
    }

    /// The Arrow field: nullable, with the column's number where Parquet looks for it.
    pub fn field(&self) -> Field {
        let field = Field::new(&self.name, self.data_type(), true);
        if self.id == 0 {
            return field;
        }
        let number = (PARQUET_FIELD_ID_META_KEY.to_owned(), self.id.to_string());
        field.with_metadata(HashMap::from([number]))
    }

    /// Whether values of `other` are stored in this column as they are.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.children.len() == other.children.len()
            && (self.children.iter().zip(&other.children)).all(|(mine, its)| {
                mine.is_like(its) && (self.kind == ColumnType::List || mine.name == its.name)
            })
    }

    /// The column and everything in it, parents first.
    pub(crate) fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Self, Option<&'a Self>)) {
        fn inner<'a>(
            column: &'a Column,
            parent: Option<&'a Column>,
            visit: &mut impl FnMut(&'a Column, Option<&'a Column>),
        ) {
            visit(column, parent);
            for child in &column.children {
                inner(child, Some(column), visit);
            }
        }
        inner(self, None, visit);
    }

    /// Gives numbers to the column and everything in it, parents first.
    pub(crate) fn number(&mut self, next: &mut i64) {
        self.id = *next;
        *next += 1;
        for child in &mut self.children {
            child.number(next);
        }
    }
}

/// The zone of every instant.
pub(crate) fn utc() -> Arc<str> {
    Arc::from("UTC")
}

impl fmt::Display for Column {
    /// The type, as a user reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ColumnType::List => match self.children.first() {
                Some(element) => write!(f, "list of {element}"),
                None => write!(f, "list"),
            },
            ColumnType::Struct => {
                write!(f, "struct of ")?;
                for (idx, child) in self.children.iter().enumerate() {
                    let comma = if idx == 0 { "" } else { ", " };
                    write!(f, "{comma}`{}` {child}", child.name)?;
                }
                Ok(())
            }
            kind => f.write_str(&kind.name()),
        }
    }
}
