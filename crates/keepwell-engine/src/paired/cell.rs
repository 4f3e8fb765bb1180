//! One value in a form in which it can be compared with that of another table.

use datafusion::arrow::array::{Array, ArrayRef};
use keepwell_core::class;
use keepwell_core::schema::Kind;
use keepwell_stats::profile::PairedProfile;
use keepwell_stats::sketch::Hash128;

use super::TwoTables;
use crate::error::EngineError;
use crate::names::{NULL, Names, Spelling};
use crate::scan::Batch;
use crate::table::{Column, Table};
use crate::text;
use crate::values::{ConvertError, Epoch, Reading, Values, natural_kind};

/// A value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell {
    /// None.
    Missing,
    /// One that the other side cannot have: text that is no number beside numbers.
    Odd,
    /// A number; never NaN.
    Number(f64),
    /// Microseconds, or half of a hash.
    Word(u64),
}

impl Cell {
    /// Compares an offline value with a served one.
    pub(super) fn push(self, served: Self, profile: &mut PairedProfile) {
        let present = |cell: Self| (cell != Self::Missing).then_some(cell);
        match (self, served) {
            (Self::Number(offline), Self::Number(served)) => profile.push_numbers(offline, served),
            (Self::Odd, other) | (other, Self::Odd) if other != Self::Missing => {
                profile.push_values(Some(false), Some(true));
            }
            _ => profile.push_values(present(self), present(served)),
        }
    }

    fn of_number(number: f64) -> Self {
        match number.is_nan() {
            true => Self::Missing,
            false => Self::Number(number),
        }
    }

    fn of_bytes(bytes: &[u8]) -> Self {
        Self::Word(Hash128::of(bytes).first)
    }
}

/// How the values of a column are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Comparison {
    /// As numbers; text that stands for one too.
    Numbers,
    /// As instants.
    Instants,
    /// By the text as it is written.
    Written,
    /// By the canonical spelling, as the types differ.
    Canonical,
    /// By the components in single precision.
    Vectors,
}

impl Comparison {
    /// How two columns are compared; `None` if they have nothing in common.
    pub(super) fn of(offline: &Column, served: &Column, tables: TwoTables<'_>) -> Option<Self> {
        use Kind::{Boolean, Categorical, Embedding, Numeric, Text, Timestamp};
        match (offline.kind, served.kind) {
            (Embedding, Embedding) => Some(Self::Vectors),
            (Timestamp, Timestamp | Categorical | Text) | (Categorical | Text, Timestamp) => {
                Some(Self::Instants)
            }
            (Numeric, Numeric | Boolean | Categorical | Text)
            | (Boolean | Categorical | Text, Numeric) => Some(Self::Numbers),
            (Boolean | Categorical | Text, Boolean | Categorical | Text) => {
                let is_text = |table: &Table, column: &Column| {
                    let mut types = table.types(column);
                    types.all(|own| matches!(natural_kind(own), Some(Categorical) | None))
                };
                let is_text = is_text(tables.offline, offline) && is_text(tables.served, served);
                Some(if is_text {
                    Self::Written
                } else {
                    Self::Canonical
                })
            }
            _ => None,
        }
    }

    /// The values of a batch.
    pub(super) fn read(
        self,
        array: &ArrayRef,
        batch: &Batch<'_>,
        epoch: Option<Epoch>,
        column: &str,
    ) -> Result<Cells, EngineError> {
        let reading = self.reading(epoch);
        self.cells(array, reading).map_err(|fault| {
            let place = |row_idx| batch.place(row_idx, column);
            fault.at(place, column, reading, array.data_type())
        })
    }

    fn reading(self, epoch: Option<Epoch>) -> Reading {
        match self {
            Self::Numbers => Reading::of(Kind::Numeric),
            Self::Instants => Reading::Column {
                kind: Kind::Timestamp,
                epoch,
            },
            Self::Written | Self::Canonical => Reading::of(Kind::Categorical),
            Self::Vectors => Reading::of(Kind::Embedding),
        }
    }

    fn cells(self, array: &ArrayRef, reading: Reading) -> Result<Cells, ConvertError> {
        let is_text = natural_kind(array.data_type()) == Some(Kind::Categorical);
        match self {
            Self::Numbers if is_text => of_names(array, |name| {
                let number = text::parse_number(name);
                let flag = || text::parse_boolean(name).map(|flag| f64::from(u8::from(flag)));
                number.or_else(flag).map_or(Cell::Odd, Cell::of_number)
            }),
            Self::Instants if is_text => of_names(array, |name| {
                text::parse_instant(name).map_or(Cell::Odd, |micros| Cell::Word(micros as u64))
            }),
            Self::Written => of_names(array, |name| Cell::of_bytes(name.as_bytes())),
            Self::Canonical => of_names(array, |name| {
                Cell::of_bytes(class::canonical(name).as_bytes())
            }),
            Self::Numbers | Self::Instants | Self::Vectors => {
                Values::convert(array, reading).map(of_values)
            }
        }
    }
}

/// The values of a column and a batch.
#[derive(Debug)]
pub(super) enum Cells {
    /// One for each row.
    Rows(Vec<Cell>),
    /// One for each distinct name, and the code of each row.
    Names(Vec<Cell>, Names),
}

impl Cells {
    pub(super) fn get(&self, row_idx: usize) -> Cell {
        match self {
            Self::Rows(cells) => cells[row_idx],
            Self::Names(cells, names) => match names.codes()[row_idx] {
                NULL => Cell::Missing,
                code => cells[code as usize],
            },
        }
    }
}

fn of_names(array: &ArrayRef, cell: impl Fn(&str) -> Cell) -> Result<Cells, ConvertError> {
    let names = Names::try_new(array, Spelling::AsWritten)?;
    let cells = (0..names.len() as u32).map(|code| cell(names.name(code)));
    Ok(Cells::Names(cells.collect(), names))
}

fn of_values(values: Values) -> Cells {
    Cells::Rows(match values {
        Values::Numbers(numbers) => numbers
            .iter()
            .map(|number| number.map_or(Cell::Missing, Cell::of_number))
            .collect(),
        Values::Instants(instants) => instants
            .iter()
            .map(|micros| micros.map_or(Cell::Missing, |micros| Cell::Word(micros as u64)))
            .collect(),
        Values::Vectors(lists) => lists
            .rows()
            .map(|row| {
                row.map_or(Cell::Missing, |row| {
                    let bytes: Vec<u8> = lists.items[row]
                        .iter()
                        .flat_map(|component| (*component as f32 + 0.0).to_bits().to_le_bytes())
                        .collect();
                    Cell::of_bytes(&bytes)
                })
            })
            .collect(),
        // No other form is asked for.
        _ => Vec::new(),
    })
}
