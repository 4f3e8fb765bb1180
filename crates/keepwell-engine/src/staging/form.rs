//! What the values of a column of a text file are, decided from all of them.

use std::borrow::Cow;

use keepwell_core::schema::Kind;

use crate::text;

/// One value as the file gives it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell<'a> {
    /// No value.
    Null,
    /// A field whose type only its text tells (CSV).
    Field(&'a str),
    /// Text that is known to be text (JSON).
    Text(Cow<'a, str>),
    Boolean(bool),
    Integer(i64),
    Float(f64),
    /// A list or an object, as JSON.
    Nested(String),
}

/// The narrowest type that holds all values of a column seen so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// Nothing but null.
    Empty,
    Boolean,
    Integer,
    Float,
    Instant,
    Text,
    /// Lists or objects, whatever else.
    Nested,
}

impl Form {
    /// The narrowest form that holds both. Order does not matter.
    pub(crate) fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Empty, form) | (form, Self::Empty) => form,
            (one, other) if one == other => one,
            (Self::Nested, _) | (_, Self::Nested) => Self::Nested,
            (Self::Integer, Self::Float) | (Self::Float, Self::Integer) => Self::Float,
            _ => Self::Text,
        }
    }

    /// The values in words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Empty => "nulls",
            Self::Boolean => "truth values",
            Self::Integer => "integers",
            Self::Float => "numbers",
            Self::Instant => "instants",
            Self::Text => "text",
            Self::Nested => "lists or objects",
        }
    }

    /// Whether a field has this form; cheaper than [`Form::of_field`].
    fn fits(self, field: &str) -> bool {
        match self {
            Self::Empty | Self::Nested => false,
            Self::Boolean => is_boolean(field),
            Self::Integer => text::parse_integer(field).is_some(),
            Self::Float => !text::has_leading_zero(field) && text::parse_number(field).is_some(),
            Self::Instant => text::parse_instant(field).is_some(),
            Self::Text => true,
        }
    }

    /// The narrowest form of a single field that is not empty.
    pub(crate) fn of_field(field: &str) -> Self {
        [Self::Integer, Self::Float, Self::Boolean, Self::Instant]
            .into_iter()
            .find(|form| form.fits(field))
            .unwrap_or(Self::Text)
    }

    /// The narrowest form of a cell.
    fn of_cell(cell: &Cell<'_>) -> Self {
        match cell {
            Cell::Null => Self::Empty,
            Cell::Field(field) => Self::of_field(field),
            Cell::Text(text) if text::parse_instant(text).is_some() => Self::Instant,
            Cell::Text(_) => Self::Text,
            Cell::Boolean(_) => Self::Boolean,
            Cell::Integer(_) => Self::Integer,
            Cell::Float(_) => Self::Float,
            Cell::Nested(_) => Self::Nested,
        }
    }

    /// The form of a column that had this one and now takes `cell`.
    pub(crate) fn widen(self, cell: &Cell<'_>) -> Self {
        match cell {
            Cell::Null => self,
            // A field that fits a float may be an integer, which makes no difference to the join.
            Cell::Field(field) if self.fits(field) => self,
            Cell::Text(_) if self == Self::Text => self,
            Cell::Text(text) if self == Self::Instant && self.fits(text) => self,
            _ => self.join(Self::of_cell(cell)),
        }
    }

    /// The same for a column whose kind is declared.
    ///
    /// # Errors
    /// What would be right, where the kind cannot hold the value.
    pub(crate) fn widen_declared(self, cell: &Cell<'_>, kind: Kind) -> Result<Self, &'static str> {
        if *cell == Cell::Null {
            return Ok(self);
        }
        match kind {
            Kind::Numeric => match cell_number(cell) {
                Some(_) if Self::of_cell(cell) == Self::Integer => Ok(self.join(Self::Integer)),
                Some(_) => Ok(Self::Float),
                None => Err("a number"),
            },
            Kind::Boolean => match cell_boolean(cell) {
                Some(_) => Ok(Self::Boolean),
                None => Err("true, false, 1 or 0"),
            },
            Kind::Timestamp => match (self, Self::of_cell(cell)) {
                (Self::Empty | Self::Instant, Self::Instant) => Ok(Self::Instant),
                (
                    Self::Empty | Self::Integer | Self::Float,
                    form @ (Self::Integer | Self::Float),
                ) => Ok(self.join(form)),
                _ => Err(text::INSTANT),
            },
            // Instants as names are their text, not what they mean.
            Kind::Categorical | Kind::Text if matches!(Self::of_cell(cell), Self::Instant) => {
                Ok(self.join(Self::Text))
            }
            _ => Ok(self.widen(cell)),
        }
    }
}

fn is_boolean(field: &str) -> bool {
    let field = field.trim();
    field.eq_ignore_ascii_case("true") || field.eq_ignore_ascii_case("false")
}

/// The cell as a number, if it is one or its text is.
pub(crate) fn cell_number(cell: &Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Field(text) => text::parse_number(text),
        Cell::Text(text) => text::parse_number(text),
        Cell::Boolean(value) => Some(f64::from(u8::from(*value))),
        Cell::Integer(value) => Some(*value as f64),
        Cell::Float(value) => Some(*value),
        Cell::Null | Cell::Nested(_) => None,
    }
}

/// The cell as a truth value, if it is one or can be taken as one.
pub(crate) fn cell_boolean(cell: &Cell<'_>) -> Option<bool> {
    match cell {
        Cell::Field(text) => text::parse_boolean(text),
        Cell::Text(text) => text::parse_boolean(text),
        Cell::Boolean(value) => Some(*value),
        Cell::Integer(0) => Some(false),
        Cell::Integer(1) => Some(true),
        Cell::Float(value) if *value == 0.0 => Some(false),
        Cell::Float(value) if *value == 1.0 => Some(true),
        _ => None,
    }
}

/// The cell as text, `None` where it has none.
pub(crate) fn cell_text<'a>(cell: &'a Cell<'_>) -> Option<Cow<'a, str>> {
    match cell {
        Cell::Null | Cell::Nested(_) => None,
        Cell::Field(text) => Some(Cow::Borrowed(text)),
        Cell::Text(text) => Some(Cow::Borrowed(text)),
        Cell::Boolean(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
        Cell::Integer(value) => Some(Cow::Owned(value.to_string())),
        Cell::Float(value) => Some(Cow::Owned(keepwell_core::class::canonical_number(*value))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Form; 7] = [
        Form::Empty,
        Form::Boolean,
        Form::Integer,
        Form::Float,
        Form::Instant,
        Form::Text,
        Form::Nested,
    ];

    #[test]
    fn joining_is_a_semilattice() {
        for a in ALL {
            assert_eq!(a.join(a), a);
            for b in ALL {
                assert_eq!(a.join(b), b.join(a));
                for c in ALL {
                    assert_eq!(a.join(b).join(c), a.join(b.join(c)));
                }
            }
        }
    }

    #[test]
    fn the_form_does_not_depend_on_the_order_of_fields() {
        let fields = [
            "1",
            "1.5",
            "true",
            "2013-01-01",
            "x",
            "007",
            "1e3",
            "NaN",
            "99999999999999999999",
        ];
        for one in fields {
            for other in fields {
                let forth = Form::Empty
                    .widen(&Cell::Field(one))
                    .widen(&Cell::Field(other));
                let back = Form::Empty
                    .widen(&Cell::Field(other))
                    .widen(&Cell::Field(one));
                assert_eq!(forth, back, "{one} {other}");
            }
        }
    }

    #[test]
    fn fields_tell_their_form() {
        for (field, expected) in [
            ("-12", Form::Integer),
            ("1.", Form::Float),
            ("inf", Form::Float),
            ("True", Form::Boolean),
            ("0123", Form::Text),
            ("2013-01-01T00:00", Form::Instant),
            ("01/07/2013", Form::Text),
        ] {
            assert_eq!(Form::of_field(field), expected, "{field}");
        }
    }

    #[test]
    fn a_declared_kind_refuses_what_it_cannot_hold() {
        let wrong = Form::Empty.widen_declared(&Cell::Field("x"), Kind::Numeric);
        assert_eq!(wrong, Err("a number"));
        let code = Form::Empty.widen_declared(&Cell::Field("007"), Kind::Numeric);
        assert_eq!(code, Ok(Form::Float));
        let date = Form::Empty.widen_declared(&Cell::Field("2013-01-01"), Kind::Categorical);
        assert_eq!(date, Ok(Form::Text));
    }
}
