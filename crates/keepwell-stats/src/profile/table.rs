//! What checks of whole tables see of a table: little of each column, and a sample of rows.

use keepwell_core::schema::{Kind, Role};

use super::duplicates::DistinctCount;
use super::paired::PairedProfile;
use super::row_sample::RowSample;
use super::{ColumnProfile, Counts};

/// Quantiles of a numeric column that a summary keeps, less one.
pub const QUANTILE_STEPS: usize = 32;

/// Categories that a summary keeps.
pub const TOP_MAX: usize = 64;

/// A view of a table, filled by the caller from passes over a few columns at a time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableProfile {
    /// Rows.
    pub rows: u64,
    /// The columns in the order of the table; names are unique.
    pub columns: Vec<TableColumn>,
    /// Rows and distinct rows; `None` where not counted.
    pub row_copies: Option<DistinctCount>,
    /// Rows with an identifier and distinct identifiers; `None` where there is no such column.
    pub id_copies: Option<DistinctCount>,
    /// A uniform sample of rows, of the features and the target; `None` where not taken.
    pub sample: Option<RowSample>,
    /// Values of columns beside those of the same entities from the offline store; empty where not joined.
    pub pairs: Vec<PairedColumn>,
}

impl TableProfile {
    /// Names of the columns that the model reads, in the order of the table.
    pub fn features(&self) -> impl Iterator<Item = &str> {
        self.columns
            .iter()
            .filter(|column| matches!(column.role, Role::Feature | Role::Segment | Role::Protected))
            .map(|column| column.name.as_str())
    }

    /// Name of the column that the model predicts; `None` where there is none.
    pub fn target(&self) -> Option<&str> {
        let column = self
            .columns
            .iter()
            .find(|column| column.role == Role::Target);
        column.map(|column| column.name.as_str())
    }
}

/// A column of a [`TableProfile`].
#[derive(Debug, Clone, PartialEq)]
pub struct TableColumn {
    /// Name of the column.
    pub name: String,
    /// Part that it plays. [`Role::Excluded`] columns are not looked at.
    pub role: Role,
    /// What is known of its values.
    pub summary: ColumnSummary,
}

/// A column whose values were joined with those of another source.
#[derive(Debug, Clone, PartialEq)]
pub struct PairedColumn {
    /// Name of the column.
    pub name: String,
    /// The pairs of values.
    pub values: PairedProfile,
}

/// A column in a few hundred numbers or names.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnSummary {
    /// Kind of the column.
    pub kind: Kind,
    /// Counts of all rows.
    pub counts: Counts,
    /// Shape of its distribution.
    pub shape: Shape,
}

/// Shape of the distribution of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Numbers.
    Numbers {
        /// Values at the shares `0, 1/32, … 1`, ascending; empty where no value is finite.
        quantiles: Vec<f64>,
        /// Bound on the error of their ranks as a share of the rows; zero means exact.
        rank_error: f64,
    },
    /// Categories, or true and false.
    Names {
        /// The most frequent ones with their rows, at most [`TOP_MAX`], in descending order of rows, then in
        /// ascending order of the name.
        top: Vec<(String, u64)>,
    },
    /// No shape is kept for this kind, or for categories without number.
    Unknown,
}

impl ColumnSummary {
    /// The summary of a profile.
    pub fn of(profile: &ColumnProfile) -> Self {
        let shape = match profile {
            ColumnProfile::Numeric(numeric) => {
                let distribution = numeric.distribution();
                let share = |step: usize| step as f64 / QUANTILE_STEPS as f64;
                Shape::Numbers {
                    quantiles: (0..=QUANTILE_STEPS)
                        .filter_map(|step| distribution.quantile(share(step)))
                        .collect(),
                    rank_error: distribution.rank_error(),
                }
            }
            ColumnProfile::Categorical(names) if !names.is_complete() => Shape::Unknown,
            _ => profile.category_counts().map_or(Shape::Unknown, top),
        };
        Self {
            kind: profile.kind(),
            counts: *profile.counts(),
            shape,
        }
    }
}

fn top(mut counts: Vec<(&str, u64)>) -> Shape {
    counts.retain(|&(_, rows)| rows > 0);
    // Stable, so that equally frequent names stay in ascending order.
    counts.sort_by_key(|&(_, rows)| std::cmp::Reverse(rows));
    counts.truncate(TOP_MAX);
    Shape::Names {
        top: counts
            .into_iter()
            .map(|(name, rows)| (name.to_owned(), rows))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::tests::{flags, names, nulls, numbers};

    #[test]
    fn numbers_keep_quantiles() {
        let values: Vec<f64> = (1..=64).map(f64::from).collect();
        let summary = ColumnSummary::of(&numbers(&values));
        let Shape::Numbers { quantiles, .. } = summary.shape else {
            panic!("a shape of numbers");
        };
        assert_eq!(quantiles.len(), QUANTILE_STEPS + 1);
        assert_eq!(
            (quantiles[0], quantiles[1], quantiles[32]),
            (1.0, 2.0, 64.0)
        );
        let empty = ColumnSummary::of(&nulls(Kind::Numeric, 3));
        assert!(matches!(empty.shape, Shape::Numbers { quantiles, .. } if quantiles.is_empty()));
    }

    #[test]
    fn names_keep_the_most_frequent() {
        let many: Vec<(String, u64)> = (0..100).map(|i| (format!("k{i:03}"), 1 + i % 2)).collect();
        let many: Vec<(&str, u64)> = many.iter().map(|(name, n)| (name.as_str(), *n)).collect();
        let Shape::Names { top } = ColumnSummary::of(&names(&many)).shape else {
            panic!("a shape of names");
        };
        assert_eq!(top.len(), TOP_MAX);
        assert_eq!(top[0], ("k001".to_owned(), 2));
        assert_eq!(top[50], ("k000".to_owned(), 1));
        let shape = ColumnSummary::of(&flags(4, 0)).shape;
        let top = vec![("true".to_owned(), 4)];
        assert_eq!(shape, Shape::Names { top });
    }
}
