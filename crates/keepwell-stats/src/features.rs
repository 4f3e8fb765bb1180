//! Rows of a sample as features: a dense matrix, or columns for trees.
//!
//! An encoder learns from the rows of one side, or of both, and then encodes any rows of samples with the
//! same columns. Infinite numbers count as missing: quality checks find them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::matrix::Matrix;
use crate::profile::row_sample::{RowSample, SampleColumn, SampleValues, Vectors};
use crate::sketch::hash::Hash128;
use crate::tree;

/// Some rows of a sample.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// The sample.
    pub sample: &'a RowSample,
    /// Positions of the rows.
    pub positions: &'a [usize],
}

/// Turns rows into features.
#[derive(Debug, Clone)]
pub struct Encoder {
    columns: Vec<EncodedColumn>,
}

/// What was learned of one column.
#[derive(Debug, Clone)]
pub struct EncodedColumn {
    /// Name of the column.
    pub name: String,
    rule: Rule,
}

#[derive(Debug, Clone)]
enum Rule {
    /// Mean of the values.
    Numbers(f64),
    /// Share of true.
    Flags(f64),
    /// By name: position by frequency, and share of the present values.
    Names(BTreeMap<Box<str>, (u32, f64)>),
    /// Mean of each component.
    Vectors(Vec<f64>),
}

impl EncodedColumn {
    /// Number of features that the column becomes.
    pub fn n_features(&self) -> usize {
        match &self.rule {
            Rule::Vectors(means) => means.len(),
            _ => 1,
        }
    }
}

impl Encoder {
    /// Learns from the rows of all `sides`. Columns that are not on every side under one name and of one kind
    /// are left out; the others keep the order of the first side.
    pub fn fit(sides: &[Rows<'_>]) -> Self {
        let Some(first) = sides.first() else {
            return Self {
                columns: Vec::new(),
            };
        };
        let encoded = |column: &SampleColumn| {
            let parts: Vec<Part<'_>> = sides
                .iter()
                .map(|rows| {
                    let found = rows.sample.column(&column.name)?;
                    found.values.is_like(&column.values).then_some(Part {
                        values: &found.values,
                        positions: rows.positions,
                    })
                })
                .collect::<Option<_>>()?;
            Some(EncodedColumn {
                name: column.name.clone(),
                rule: rule(&parts),
            })
        };
        Self {
            columns: first.sample.columns().iter().filter_map(encoded).collect(),
        }
    }

    /// The columns that are encoded.
    pub fn columns(&self) -> &[EncodedColumn] {
        &self.columns
    }

    /// Number of features.
    pub fn n_features(&self) -> usize {
        self.columns.iter().map(EncodedColumn::n_features).sum()
    }

    /// Sums over the features of each column, in the order of [`Encoder::columns`].
    pub fn by_column(&self, by_feature: &[f64]) -> Vec<f64> {
        let mut start = 0;
        let mut sum = |column: &EncodedColumn| {
            let features = &by_feature[start..start + column.n_features()];
            start += features.len();
            features.iter().sum()
        };
        self.columns.iter().map(&mut sum).collect()
    }

    /// Rows by features, without missing values: a missing number or vector is the mean, a missing flag the
    /// share of true; a name is its share among the present names, a missing one that of the most frequent,
    /// and one that was not learned zero.
    ///
    /// # Panics
    /// If the sample has not the columns that were learned.
    pub fn dense(&self, rows: Rows<'_>) -> Matrix {
        let mut matrix = Matrix::zeros(rows.positions.len(), self.n_features());
        let mut start = 0;
        for column in &self.columns {
            let values = values_of(rows, column);
            for (row_idx, &position) in rows.positions.iter().enumerate() {
                let places = &mut matrix.row_mut(row_idx)[start..];
                match (&column.rule, values) {
                    (Rule::Numbers(mean), SampleValues::Numbers(values)) => {
                        places[0] = finite(values[position]).unwrap_or(*mean);
                    }
                    (Rule::Flags(mean), SampleValues::Flags(flags)) => {
                        places[0] = flags[position].map_or(*mean, |flag| f64::from(u8::from(flag)));
                    }
                    (Rule::Names(known), SampleValues::Names(names)) => {
                        places[0] = match names.name(position) {
                            Some(name) => known.get(name).map_or(0.0, |&(_, share)| share),
                            None => known
                                .values()
                                .fold(0.0, |most, &(_, share)| most.max(share)),
                        };
                    }
                    (Rule::Vectors(means), SampleValues::Vectors(vectors)) => {
                        let vector = vector(vectors, position);
                        for (place, (&value, mean)) in
                            places.iter_mut().zip(vector.iter().zip(means))
                        {
                            *place = finite(value).unwrap_or(*mean);
                        }
                    }
                    _ => unreachable!("values_of checks the kind"),
                }
            }
            start += column.n_features();
        }
        matrix
    }

    /// Features for trees: numbers, flags and components as ordered ones with NaN where missing; names as
    /// codes: first that of missing names, then those of the names by descending frequency, and last one for
    /// all names that were not learned.
    ///
    /// # Panics
    /// If the sample has not the columns that were learned.
    pub fn for_trees(&self, rows: Rows<'_>) -> Vec<tree::Column> {
        let mut features = Vec::with_capacity(self.n_features());
        let positions = || rows.positions.iter().copied();
        for column in &self.columns {
            match (&column.rule, values_of(rows, column)) {
                (Rule::Names(known), SampleValues::Names(names)) => {
                    let codes = tree_codes(known, names.categories());
                    let code = |position: usize| {
                        let found = codes.get(names.codes()[position] as usize);
                        found.copied().unwrap_or(MISSING_CODE)
                    };
                    features.push(tree::Column::Nominal(positions().map(code).collect()));
                }
                (_, SampleValues::Numbers(values)) => {
                    let value = |position: usize| finite(values[position]).unwrap_or(f64::NAN);
                    features.push(tree::Column::Ordered(positions().map(value).collect()));
                }
                (_, SampleValues::Flags(flags)) => {
                    let value = |position: usize| {
                        flags[position].map_or(f64::NAN, |flag| f64::from(u8::from(flag)))
                    };
                    features.push(tree::Column::Ordered(positions().map(value).collect()));
                }
                (_, SampleValues::Vectors(vectors)) => {
                    for component in 0..vectors.width {
                        let value = |position: usize| {
                            finite(vector(vectors, position)[component]).unwrap_or(f64::NAN)
                        };
                        features.push(tree::Column::Ordered(positions().map(value).collect()));
                    }
                }
                _ => unreachable!("values_of checks the kind"),
            }
        }
        features
    }
}

/// Values of a column on one of the sides that are learned from.
struct Part<'a> {
    values: &'a SampleValues,
    positions: &'a [usize],
}

fn rule(parts: &[Part<'_>]) -> Rule {
    match parts[0].values {
        SampleValues::Numbers(_) => Rule::Numbers(mean(parts, |values, position| match values {
            SampleValues::Numbers(values) => finite(values[position]),
            _ => None,
        })),
        SampleValues::Flags(_) => Rule::Flags(mean(parts, |values, position| match values {
            SampleValues::Flags(flags) => flags[position].map(|flag| f64::from(u8::from(flag))),
            _ => None,
        })),
        SampleValues::Vectors(first) => Rule::Vectors(
            (0..first.width)
                .map(|component| {
                    mean(parts, |values, position| match values {
                        SampleValues::Vectors(vectors) => {
                            finite(vector(vectors, position)[component])
                        }
                        _ => None,
                    })
                })
                .collect(),
        ),
        SampleValues::Names(_) => Rule::Names(known_names(parts)),
    }
}

/// Mean of the present values; zero without any.
fn mean(parts: &[Part<'_>], value: impl Fn(&SampleValues, usize) -> Option<f64>) -> f64 {
    let (mut mean, mut n) = (0.0, 0.0);
    for part in parts {
        for &position in part.positions {
            if let Some(value) = value(part.values, position) {
                n += 1.0;
                // Divided first, since the distance of two huge values may overflow.
                mean += value / n - mean / n;
            }
        }
    }
    mean
}

/// Position by descending frequency and share of each name. Equally frequent names are ordered by a hash: by
/// name, those of one side could all come before those of the other, and rank alone would tell the sides apart.
fn known_names(parts: &[Part<'_>]) -> BTreeMap<Box<str>, (u32, f64)> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for part in parts {
        if let SampleValues::Names(names) = part.values {
            let mut by_code = vec![0; names.categories().len()];
            for &position in part.positions {
                if let Some(count) = by_code.get_mut(names.codes()[position] as usize) {
                    *count += 1;
                }
            }
            for (name, count) in names.categories().iter().zip(by_code) {
                *counts.entry(name).or_default() += count;
            }
        }
    }
    counts.retain(|_, count| *count > 0);
    let total: u32 = counts.values().sum();
    let mut by_frequency: Vec<(&str, u32)> = counts.into_iter().collect();
    by_frequency
        .sort_by_cached_key(|&(name, count)| (Reverse(count), Hash128::of(name.as_bytes()).first));
    (0..)
        .zip(by_frequency)
        .map(|(place, (name, count))| (name.into(), (place, f64::from(count) / f64::from(total))))
        .collect()
}

/// Code of a missing name for trees; the others follow it.
const MISSING_CODE: u32 = 0;

/// For each category of a sample its code.
fn tree_codes(known: &BTreeMap<Box<str>, (u32, f64)>, categories: &[Box<str>]) -> Vec<u32> {
    let after = MISSING_CODE + 1;
    let unseen = after + known.len() as u32;
    let code = |name: &str| known.get(name).map_or(unseen, |&(place, _)| after + place);
    categories.iter().map(|name| code(name)).collect()
}

fn values_of<'a>(rows: Rows<'a>, column: &EncodedColumn) -> &'a SampleValues {
    let found = rows.sample.column(&column.name).map(|found| &found.values);
    let is_kind = match (&column.rule, found) {
        (Rule::Numbers(_), Some(SampleValues::Numbers(_)))
        | (Rule::Flags(_), Some(SampleValues::Flags(_)))
        | (Rule::Names(_), Some(SampleValues::Names(_))) => true,
        (Rule::Vectors(means), Some(SampleValues::Vectors(vectors))) => {
            vectors.width == means.len()
        }
        _ => false,
    };
    match found {
        Some(values) if is_kind => values,
        _ => panic!(
            "a sample with the column `{}` that was learned",
            column.name
        ),
    }
}

fn vector(vectors: &Vectors, position: usize) -> &[f64] {
    &vectors.values[position * vectors.width..][..vectors.width]
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// Standardised features: centred, and divided by the standard deviation.
#[derive(Debug, Clone)]
pub struct Standardiser {
    means: Vec<f64>,
    /// Factor of each feature: one over its standard deviation, one for a constant feature.
    factors: Vec<f64>,
}

impl Standardiser {
    /// Learns means and standard deviations (divided by the number of rows).
    pub fn fit(matrix: &Matrix) -> Self {
        let means = matrix.means();
        let mut factors = vec![0.0_f64; means.len()];
        for row in matrix.rows() {
            for (sum, (value, mean)) in factors.iter_mut().zip(row.iter().zip(&means)) {
                *sum += (value - mean).powi(2);
            }
        }
        let n = matrix.n_rows().max(1) as f64;
        for (factor, mean) in factors.iter_mut().zip(&means) {
            let deviation = (*factor / n).sqrt();
            // What rounding of the mean leaves of equal values is no spread.
            let is_constant = deviation <= CONSTANT * mean.abs() || !deviation.is_finite();
            *factor = if is_constant { 1.0 } else { 1.0 / deviation };
        }
        Self { means, factors }
    }

    /// The rows in units of the standard deviations that were learned.
    pub fn apply(&self, matrix: &Matrix) -> Matrix {
        let mut scaled = matrix.clone();
        for row_idx in 0..scaled.n_rows() {
            let row = scaled.row_mut(row_idx);
            for ((value, mean), factor) in row.iter_mut().zip(&self.means).zip(&self.factors) {
                *value = (*value - mean) * factor;
            }
        }
        scaled
    }
}

/// A standard deviation below this share of the mean comes from rounding.
const CONSTANT: f64 = 1e-14;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::profile::row_sample::{Names, SampleConfig};

    /// A sample of the rows of these columns.
    pub(crate) fn sample(columns: Vec<(&str, SampleValues)>) -> RowSample {
        let n = columns.first().map_or(0, |(_, values)| values.n_rows());
        let columns = columns
            .into_iter()
            .map(|(name, values)| SampleColumn {
                name: name.to_owned(),
                values,
            })
            .collect();
        let config = SampleConfig {
            capacity: n,
            seed: 0,
        };
        RowSample::new(config, n as u64, (0..n as u64).collect(), columns)
    }

    fn mixed() -> RowSample {
        sample(vec![
            (
                "x",
                SampleValues::Numbers(vec![1.0, f64::NAN, 5.0, f64::INFINITY]),
            ),
            (
                "c",
                SampleValues::Names(Names::of(&[Some("b"), Some("a"), None, Some("b")])),
            ),
            (
                "f",
                SampleValues::Flags(vec![Some(true), Some(false), None, Some(false)]),
            ),
            (
                "v",
                SampleValues::Vectors(Vectors {
                    width: 2,
                    values: vec![1.0, 2.0, 3.0, 4.0, f64::NAN, f64::NAN, 5.0, 6.0],
                }),
            ),
        ])
    }

    #[test]
    fn dense_has_no_gaps() {
        let sample = mixed();
        let rows = Rows {
            sample: &sample,
            positions: &[0, 1, 2, 3],
        };
        let encoder = Encoder::fit(&[rows]);
        assert_eq!(encoder.n_features(), 5);
        let third = 1.0 / 3.0;
        let shares = [2.0 * third, third];
        let expected = Matrix::from_rows(
            5,
            [
                [1.0, shares[0], 1.0, 1.0, 2.0],
                [3.0, shares[1], 0.0, 3.0, 4.0],
                [5.0, shares[0], third, 3.0, 4.0],
                [3.0, shares[0], 0.0, 5.0, 6.0],
            ],
        );
        let found = encoder.dense(rows);
        for (found, expected) in found.rows().flatten().zip(expected.rows().flatten()) {
            assert!((found - expected).abs() < 1e-15, "{found}, {expected}");
        }
        assert_eq!(
            encoder.by_column(&[1.0, 2.0, 3.0, 4.0, 5.0]),
            [1.0, 2.0, 3.0, 9.0]
        );
    }

    #[test]
    fn trees_see_what_is_missing_and_what_is_new() {
        let sample = mixed();
        let some = Rows {
            sample: &sample,
            positions: &[0, 2, 3],
        };
        let all = Rows {
            sample: &sample,
            positions: &[0, 1, 2, 3],
        };
        let features = Encoder::fit(&[some]).for_trees(all);
        assert_eq!(features.len(), 5);
        // Only `b` was learned: 0 is missing, 2 is new.
        assert_eq!(features[1], tree::Column::Nominal(vec![1, 2, 0, 1]));
        let tree::Column::Ordered(numbers) = &features[0] else {
            panic!("numbers are ordered");
        };
        assert_eq!(
            numbers.iter().map(|x| x.is_nan()).collect::<Vec<_>>(),
            [false, true, false, true]
        );
    }

    #[test]
    fn columns_of_one_side_are_left_out() {
        let one = sample(vec![
            ("x", SampleValues::Numbers(vec![1.0])),
            ("y", SampleValues::Numbers(vec![1.0])),
            ("z", SampleValues::Numbers(vec![1.0])),
        ]);
        let other = sample(vec![
            ("z", SampleValues::Numbers(vec![3.0])),
            ("y", SampleValues::Flags(vec![None])),
        ]);
        let rows = |sample| Rows {
            sample,
            positions: &[0],
        };
        let encoder = Encoder::fit(&[rows(&one), rows(&other)]);
        assert_eq!(encoder.columns().len(), 1);
        assert_eq!(encoder.columns()[0].name, "z");
        assert_eq!(encoder.dense(rows(&other)), Matrix::from_rows(1, [[3.0]]));
        assert_eq!(Encoder::fit(&[]).n_features(), 0);
    }

    #[test]
    fn constant_features_stay() {
        let matrix = Matrix::from_rows(2, [[0.1, 1.0], [0.1, 3.0], [0.1, 5.0]]);
        let scaled = Standardiser::fit(&matrix).apply(&matrix);
        let expected = 1.5_f64.sqrt();
        assert_eq!(
            scaled
                .column(0)
                .map(|x| x.abs() < 1e-15)
                .collect::<Vec<_>>(),
            [true; 3]
        );
        let found: Vec<f64> = scaled.column(1).collect();
        assert!((found[0] + expected).abs() < 1e-15 && found[1] == 0.0);
    }
}
