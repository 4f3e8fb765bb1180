//! A column of a text file on its way into a typed array.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Float64Builder, Int64Builder, NullArray,
    StringBuilder, TimestampMicrosecondBuilder,
};
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use keepwell_core::schema::Kind;

use super::form::{Cell, Form, cell_boolean, cell_number, cell_text};
use crate::error::{EngineError, Place, shorten};
use crate::note::Note;
use crate::text;

/// A column while its file is read.
#[derive(Debug)]
pub(crate) struct StagedColumn {
    pub(crate) name: String,
    declared: Option<Kind>,
    /// Join of the forms of all values so far.
    pub(crate) form: Form,
    /// The form that was guessed when the collection of values began.
    guess: Form,
    /// Collects values of that form; `None` while only the form is sought.
    builder: Option<Builder>,
    /// Whether a value did not fit the guess.
    pub(crate) is_broken: bool,
    /// The first value that made the column text or opaque.
    pub(crate) mixed: Option<Note>,
    /// Whether an instant without zone was seen.
    pub(crate) is_naive: bool,
}

#[derive(Debug)]
enum Builder {
    Empty(usize),
    Boolean(BooleanBuilder),
    Integer(Int64Builder),
    Float(Float64Builder),
    Instant(TimestampMicrosecondBuilder),
    Text(StringBuilder),
    Nested(BinaryBuilder),
}

/// Zone of the instants that are written.
const ZONE: &str = "UTC";

/// The type in which values of a form are written.
pub(crate) fn data_type(form: Form) -> DataType {
    match form {
        Form::Empty => DataType::Null,
        Form::Boolean => DataType::Boolean,
        Form::Integer => DataType::Int64,
        Form::Float => DataType::Float64,
        Form::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some(ZONE.into())),
        Form::Text => DataType::Utf8,
        Form::Nested => DataType::Binary,
    }
}

impl StagedColumn {
    pub(crate) fn new(name: String, declared: Option<Kind>) -> Self {
        Self {
            name,
            declared,
            form: Form::Empty,
            guess: Form::Empty,
            builder: None,
            is_broken: false,
            mixed: None,
            is_naive: false,
        }
    }

    /// Starts to collect values of the present form.
    pub(crate) fn start(&mut self) {
        self.builder = Some(Builder::new(self.form));
        self.guess = self.form;
        self.is_broken = false;
    }

    /// Goes back to seeking the form only.
    pub(crate) fn stop(&mut self) {
        self.builder = None;
    }

    /// Takes the value of the next row.
    pub(crate) fn push(
        &mut self,
        cell: &Cell<'_>,
        place: impl Fn() -> Place,
    ) -> Result<(), EngineError> {
        if self.push_expected(cell) {
            return Ok(());
        }
        self.widen(cell, place)?;
        if let Some(builder) = &mut self.builder
            && (self.form != self.guess || !builder.push(cell))
        {
            self.is_broken = true;
        }
        Ok(())
    }

    /// Takes the value at once if it has the form that was guessed, reading it only once; `false`
    /// if it needs a closer look.
    fn push_expected(&mut self, cell: &Cell<'_>) -> bool {
        let is_free = self.declared.is_none();
        match (&mut self.builder, cell) {
            (None, Cell::Null) => {}
            (None, _) => return false,
            (Some(builder), Cell::Null) => builder.push_null(),
            (Some(Builder::Integer(builder)), Cell::Integer(value)) => builder.append_value(*value),
            (Some(Builder::Integer(builder)), Cell::Field(field)) => {
                let Some(value) = text::parse_integer(field) else {
                    return false;
                };
                builder.append_value(value);
            }
            (Some(Builder::Float(builder)), Cell::Float(value)) => builder.append_value(*value),
            (Some(Builder::Float(builder)), Cell::Field(field)) => {
                if is_free && text::has_leading_zero(field) {
                    return false;
                }
                let Some(value) = text::parse_number(field) else {
                    return false;
                };
                builder.append_value(value);
            }
            (Some(Builder::Instant(builder)), Cell::Field(field)) => {
                let Some(value) = text::parse_instant(field) else {
                    return false;
                };
                builder.append_value(value);
                self.is_naive |= !text::names_zone(field);
            }
            (Some(Builder::Text(builder)), Cell::Field(field))
                if !is_free || self.mixed.is_some() =>
            {
                builder.append_value(field);
            }
            _ => return false,
        }
        true
    }

    fn widen(&mut self, cell: &Cell<'_>, place: impl Fn() -> Place) -> Result<(), EngineError> {
        let wider = match self.declared {
            None => self.form.widen(cell),
            Some(kind) => {
                self.form
                    .widen_declared(cell, kind)
                    .map_err(|expected| EngineError::Value {
                        place: self.placed(place()),
                        expected,
                        found: found(cell),
                    })?
            }
        };
        if wider == Form::Instant
            && !self.is_naive
            && let Some(text) = cell_text(cell)
        {
            self.is_naive = !text::names_zone(&text);
        }
        if self.mixed.is_none() && self.declared.is_none() {
            self.mixed = self.mixing(wider, cell, place);
        }
        self.form = wider;
        Ok(())
    }

    /// What to note about a value that does not fit those before it.
    fn mixing(&self, wider: Form, cell: &Cell<'_>, place: impl Fn() -> Place) -> Option<Note> {
        if wider == Form::Nested && self.form != Form::Nested {
            return Some(Note::Nested {
                place: self.placed(place()),
            });
        }
        let becomes_text = wider == Form::Text && !matches!(self.form, Form::Empty | Form::Text);
        let is_number_in_text = self.form == Form::Text
            && match cell {
                // Numbers start with few characters: most text is told from them by its first.
                Cell::Field(field) => {
                    field.starts_with(|first: char| {
                        first.is_ascii_digit() || matches!(first, '-' | '+' | '.')
                    }) && matches!(Form::of_field(field), Form::Integer | Form::Float)
                }
                Cell::Null | Cell::Text(_) => false,
                _ => true,
            };
        (becomes_text || is_number_in_text).then(|| Note::MixedTypes {
            place: self.placed(place()),
            before: self.form.words(),
            found: found(cell),
        })
    }

    fn placed(&self, place: Place) -> Place {
        Place {
            column: Some(self.name.clone()),
            ..place
        }
    }

    /// The values since the last call.
    pub(crate) fn finish(&mut self) -> Option<ArrayRef> {
        self.builder.as_mut().map(Builder::finish)
    }
}

fn found(cell: &Cell<'_>) -> String {
    cell_text(cell).map_or_else(
        || "a list or an object".to_owned(),
        |text| shorten(&text, 60),
    )
}

impl Builder {
    fn new(form: Form) -> Self {
        match form {
            Form::Empty => Self::Empty(0),
            Form::Boolean => Self::Boolean(BooleanBuilder::new()),
            Form::Integer => Self::Integer(Int64Builder::new()),
            Form::Float => Self::Float(Float64Builder::new()),
            Form::Instant => Self::Instant(TimestampMicrosecondBuilder::new().with_timezone(ZONE)),
            Form::Text => Self::Text(StringBuilder::new()),
            Form::Nested => Self::Nested(BinaryBuilder::new()),
        }
    }

    fn push_null(&mut self) {
        match self {
            Self::Empty(rows) => *rows += 1,
            Self::Boolean(builder) => builder.append_null(),
            Self::Integer(builder) => builder.append_null(),
            Self::Float(builder) => builder.append_null(),
            Self::Instant(builder) => builder.append_null(),
            Self::Text(builder) => builder.append_null(),
            Self::Nested(builder) => builder.append_null(),
        }
    }

    /// Takes a value; `false` if it does not fit.
    fn push(&mut self, cell: &Cell<'_>) -> bool {
        if *cell == Cell::Null {
            self.push_null();
            return true;
        }
        match self {
            Self::Empty(_) => return false,
            Self::Boolean(builder) => match cell_boolean(cell) {
                Some(value) => builder.append_value(value),
                None => return false,
            },
            Self::Integer(builder) => match cell {
                Cell::Integer(value) => builder.append_value(*value),
                Cell::Field(field) => match text::parse_integer(field) {
                    Some(value) => builder.append_value(value),
                    None => return false,
                },
                _ => return false,
            },
            Self::Float(builder) => match cell_number(cell) {
                Some(value) => builder.append_value(value),
                None => return false,
            },
            Self::Instant(builder) => {
                let instant = match cell {
                    Cell::Field(text) => text::parse_instant(text),
                    Cell::Text(text) => text::parse_instant(text),
                    _ => None,
                };
                match instant {
                    Some(value) => builder.append_value(value),
                    None => return false,
                }
            }
            Self::Text(builder) => match cell_text(cell) {
                Some(text) => builder.append_value(text),
                None => return false,
            },
            // One value that is no list among lists; what reads lists says so.
            Self::Nested(builder) => match cell {
                Cell::Nested(json) => builder.append_value(json),
                _ => builder.append_value(cell_text(cell).unwrap_or_default().as_bytes()),
            },
        }
        true
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Empty(rows) => Arc::new(NullArray::new(std::mem::take(rows))),
            Self::Boolean(builder) => Arc::new(builder.finish()),
            Self::Integer(builder) => Arc::new(builder.finish()),
            Self::Float(builder) => Arc::new(builder.finish()),
            Self::Instant(builder) => Arc::new(builder.finish()),
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Nested(builder) => Arc::new(builder.finish()),
        }
    }
}
