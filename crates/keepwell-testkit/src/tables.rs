//! Views of whole tables, from the shared inputs of the reference vectors or from columns.

use std::collections::BTreeMap;

use keepwell_core::schema::{Kind, Role};
use keepwell_stats::profile::row_sample::{
    Names, RowSample, SampleColumn, SampleConfig, SampleValues,
};
use keepwell_stats::profile::table::PairedColumn;
use keepwell_stats::profile::{
    ColumnSummary, DistinctCount, DuplicateProfile, Mode, PairedProfile, TableColumn, TableProfile,
    TwoSample,
};
use keepwell_stats::sketch::Hash128;
use serde_json::Value;

use crate::inputs::{Cell, Column};
use crate::vectors::number;

/// A table in full.
#[derive(Debug, Clone)]
pub struct Table {
    /// The columns by name, all of the same number of rows.
    pub columns: BTreeMap<String, Column>,
    /// Name of the column that is to be predicted.
    pub target: Option<String>,
    /// Identifiers, one a row.
    pub ids: Option<Vec<Option<String>>>,
    /// Columns joined with the values of another source.
    pub pairs: Vec<PairedColumn>,
}

impl Table {
    /// A table without target and identifiers.
    pub fn new<const N: usize>(columns: [(&str, Column); N]) -> Self {
        Self {
            columns: columns
                .into_iter()
                .map(|(name, column)| (name.to_owned(), column))
                .collect(),
            target: None,
            ids: None,
            pairs: Vec::new(),
        }
    }

    fn from_json(side: &Value) -> Self {
        let members = |name: &str| side[name].as_object().cloned().unwrap_or_default();
        let columns = members("columns")
            .iter()
            .map(|(name, cells)| {
                let column = Column::from_json(&side["kinds"][name], cells);
                (name.clone(), column)
            })
            .collect();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Self {
            columns,
            target: text(&side["target"]),
            ids: side["ids"]
                .as_array()
                .map(|ids| ids.iter().map(text).collect()),
            pairs: members("pairs")
                .iter()
                .map(|(name, pairs)| PairedColumn {
                    name: name.clone(),
                    values: paired(pairs),
                })
                .collect(),
        }
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.columns
            .values()
            .map(|column| column.cells.len())
            .max()
            .unwrap_or(0)
    }

    /// What checks see of the table, with all its rows as the sample.
    pub fn profile(&self, mode: Mode) -> TableProfile {
        TableProfile {
            rows: self.n_rows() as u64,
            columns: self
                .columns
                .iter()
                .map(|(name, column)| TableColumn {
                    name: name.clone(),
                    role: if self.target.as_ref() == Some(name) {
                        Role::Target
                    } else {
                        Role::Feature
                    },
                    summary: ColumnSummary::of(&column.profile(mode)),
                })
                .collect(),
            row_copies: Some(distinct((0..self.n_rows()).map(|row| self.row(row)))),
            id_copies: self
                .ids
                .as_ref()
                .map(|ids| distinct(ids.iter().flatten().cloned())),
            sample: Some(self.sample()),
            pairs: self.pairs.clone(),
        }
    }

    /// All rows, as a sample.
    fn sample(&self) -> RowSample {
        let n = self.n_rows() as u64;
        let config = SampleConfig {
            capacity: self.n_rows(),
            seed: 0,
        };
        let column = |(name, column): (&String, &Column)| SampleColumn {
            name: name.clone(),
            values: values(column),
        };
        RowSample::new(
            config,
            n,
            (0..n).collect(),
            self.columns.iter().map(column).collect(),
        )
    }

    fn row(&self, row: usize) -> String {
        let cells: Vec<&Cell> = self
            .columns
            .values()
            .map(|column| &column.cells[row])
            .collect();
        format!("{cells:?}")
    }
}

fn distinct(keys: impl Iterator<Item = String>) -> DistinctCount {
    let mut profile = DuplicateProfile::default();
    keys.for_each(|key| profile.push(Hash128::of(key.as_bytes())));
    profile.count()
}

fn values(column: &Column) -> SampleValues {
    if column.kind == Kind::Numeric {
        let number = |cell: &Cell| match cell {
            Cell::Number(value) => *value,
            _ => f64::NAN,
        };
        return SampleValues::Numbers(column.cells.iter().map(number).collect());
    }
    let name = |cell: &Cell| match cell {
        Cell::Null => None,
        Cell::Text(name) => Some(name.clone()),
        other => Some(format!("{other:?}")),
    };
    let names: Vec<Option<String>> = column.cells.iter().map(name).collect();
    SampleValues::Names(Names::of(&names))
}

fn paired(pairs: &Value) -> PairedProfile {
    let mut profile = PairedProfile::default();
    for pair in pairs.as_array().expect("pairs are a list") {
        let is_text = [&pair[0], &pair[1]].iter().any(|value| {
            value
                .as_str()
                .is_some_and(|word| !word.ends_with("Infinity"))
        });
        if is_text {
            profile.push_texts(pair[0].as_str(), pair[1].as_str());
        } else {
            let number = |value: &Value| {
                if value.is_null() {
                    f64::NAN
                } else {
                    number(value)
                }
            };
            profile.push_numbers(number(&pair[0]), number(&pair[1]));
        }
    }
    profile
}

/// Two tables.
#[derive(Debug)]
pub struct Tables {
    reference: TableProfile,
    current: TableProfile,
}

impl Tables {
    /// The tables of a case.
    ///
    /// # Panics
    /// If the case is not of this form.
    pub fn from_json(case: &Value, mode: Mode) -> Self {
        Self::new(
            &Table::from_json(&case["reference"]),
            &Table::from_json(&case["current"]),
            mode,
        )
    }

    /// Takes what checks see of both.
    pub fn new(reference: &Table, current: &Table, mode: Mode) -> Self {
        Self {
            reference: reference.profile(mode),
            current: current.profile(mode),
        }
    }

    /// What checks of tables take.
    pub fn sample(&self) -> TwoSample<'_, TableProfile> {
        TwoSample {
            reference: &self.reference,
            current: &self.current,
        }
    }
}
