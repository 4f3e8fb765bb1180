//! Values of the rows of a sample while they are gathered.

use std::collections::BTreeMap;

use datafusion::arrow::array::Array;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use keepwell_core::schema::Kind;
use keepwell_stats::profile::row_sample::{
    NAME_MISSING, Names as SampleNames, SampleValues, Vectors,
};

use crate::names::NULL;
use crate::values::Values;

/// Values of the chosen rows of a column, in the order of the table.
#[derive(Debug)]
pub(crate) enum GatheredColumn {
    /// NaN where null; instants as microseconds since 1970.
    Numbers(Vec<f64>),
    Names {
        codes: Vec<u32>,
        names: Vec<Box<str>>,
        index: HashMap<Box<str>, u32, FixedState>,
    },
    Flags(Vec<Option<bool>>),
    Vectors {
        rows: Vec<Option<Vec<f64>>>,
        /// The most frequent length, once all rows are there.
        width: usize,
    },
    /// A sample has no place for such values.
    Nothing,
}

impl GatheredColumn {
    pub(super) fn new(kind: Kind) -> Self {
        match kind {
            Kind::Numeric | Kind::Timestamp => Self::Numbers(Vec::new()),
            Kind::Categorical | Kind::Text => Self::Names {
                codes: Vec::new(),
                names: Vec::new(),
                index: HashMap::with_hasher(FixedState::with_seed(0)),
            },
            Kind::Boolean => Self::Flags(Vec::new()),
            Kind::Embedding => Self::Vectors {
                rows: Vec::new(),
                width: 1,
            },
            _ => Self::Nothing,
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Names { codes, .. } => codes.len(),
            Self::Flags(flags) => flags.len(),
            Self::Vectors { rows, .. } => rows.len(),
            Self::Nothing => 0,
        }
    }

    /// Takes rows of a batch, and gives how many numbers that adds.
    pub(super) fn take(
        &mut self,
        values: &Values,
        rows: impl ExactSizeIterator<Item = usize>,
    ) -> u64 {
        let n_rows = rows.len() as u64;
        match (self, values) {
            (Self::Numbers(own), Values::Numbers(array)) => {
                own.extend(rows.map(|row| match array.is_null(row) {
                    true => f64::NAN,
                    false => array.value(row),
                }));
            }
            (Self::Numbers(own), Values::Instants(array)) => {
                own.extend(rows.map(|row| match array.is_null(row) {
                    true => f64::NAN,
                    false => array.value(row) as f64,
                }));
            }
            (Self::Flags(own), Values::Booleans(array)) => {
                own.extend(rows.map(|row| array.is_valid(row).then(|| array.value(row))));
            }
            (own @ Self::Names { .. }, Values::Names(names)) => {
                for row in rows {
                    let code = names.codes()[row];
                    own.push_name((code != NULL).then(|| names.name(code)));
                }
            }
            (Self::Vectors { rows: own, .. }, Values::Vectors(lists)) => {
                let n_before: usize = own.len();
                own.extend(rows.map(|row| Some(lists.items[lists.get(row)?].to_vec())));
                let added = own[n_before..].iter().flatten();
                return n_rows + added.map(|vector| vector.len() as u64).sum::<u64>();
            }
            _ => return 0,
        }
        n_rows
    }

    fn push_name(&mut self, name: Option<&str>) {
        let Self::Names {
            codes,
            names,
            index,
        } = self
        else {
            return;
        };
        let Some(name) = name else {
            codes.push(NAME_MISSING);
            return;
        };
        let code = match index.get(name) {
            Some(&code) => code,
            None => {
                let code = names.len() as u32;
                names.push(name.into());
                index.insert(name.into(), code);
                code
            }
        };
        codes.push(code);
    }

    /// Adds the rows of a later unit.
    pub(super) fn append(&mut self, other: Self) {
        match (self, other) {
            (Self::Numbers(own), Self::Numbers(other)) => own.extend(other),
            (Self::Flags(own), Self::Flags(other)) => own.extend(other),
            (Self::Vectors { rows: own, .. }, Self::Vectors { rows: other, .. }) => {
                own.extend(other);
            }
            (own @ Self::Names { .. }, Self::Names { codes, names, .. }) => {
                for code in codes {
                    own.push_name(names.get(code as usize).map(AsRef::as_ref));
                }
            }
            _ => {}
        }
    }

    /// Settles the length of vectors: the most frequent one, of equally frequent ones the least.
    pub(super) fn with_width(mut self) -> Self {
        if let Self::Vectors { rows, width } = &mut self {
            let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
            for vector in rows.iter().flatten().filter(|vector| !vector.is_empty()) {
                *counts.entry(vector.len()).or_default() += 1;
            }
            let most = counts.into_iter().rev().max_by_key(|&(_, count)| count);
            *width = most.map_or(1, |(width, _)| width);
        }
        self
    }

    pub(super) fn pick(&self, positions: &[usize]) -> SampleValues {
        let positions = positions.iter().copied();
        match self {
            Self::Numbers(numbers) => {
                SampleValues::Numbers(positions.map(|idx| numbers[idx]).collect())
            }
            Self::Names { codes, names, .. } => {
                let codes: Vec<u32> = positions.map(|idx| codes[idx]).collect();
                SampleValues::Names(SampleNames::new(names, &codes))
            }
            Self::Flags(flags) => SampleValues::Flags(positions.map(|idx| flags[idx]).collect()),
            Self::Vectors { rows, width } => {
                let mut values = Vec::with_capacity(positions.len() * width);
                for idx in positions {
                    match &rows[idx] {
                        Some(vector) if vector.len() == *width => values.extend(vector),
                        _ => values.resize(values.len() + width, f64::NAN),
                    }
                }
                SampleValues::Vectors(Vectors {
                    width: *width,
                    values,
                })
            }
            Self::Nothing => SampleValues::Flags(vec![None; positions.len()]),
        }
    }
}
