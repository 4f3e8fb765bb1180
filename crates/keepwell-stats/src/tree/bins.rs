//! Feature values as small codes.

/// Most bins that a feature can have.
pub const BINS_MAX: usize = 256;

/// Bin of missing values.
const MISSING: u8 = 0;

/// The values of one feature, one a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Numbers, of which only the order matters; NaN where missing.
    Ordered(Vec<f64>),
    /// Codes without an order, the most important first; codes beyond the bins share the last one.
    Nominal(Vec<u32>),
}

impl Column {
    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        match self {
            Self::Ordered(values) => values.len(),
            Self::Nominal(codes) => codes.len(),
        }
    }
}

/// How the values of each feature become bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Binner {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq)]
enum Rule {
    /// A value lies in the bin after the cuts below it; cuts ascend.
    Ordered {
        cuts: Vec<f64>,
    },
    Nominal {
        n_bins: usize,
    },
}

impl Rule {
    fn n_bins(&self) -> usize {
        match self {
            Self::Ordered { cuts } => cuts.len() + 2,
            Self::Nominal { n_bins } => *n_bins,
        }
    }
}

/// Rows as bins.
#[derive(Debug, Clone)]
pub struct Binned {
    pub(super) features: Vec<Feature>,
    n_rows: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Feature {
    /// Bin of each row. Of an ordered feature 0 is that of missing values.
    pub(super) bins: Vec<u8>,
    pub(super) n_bins: usize,
    pub(super) is_nominal: bool,
}

/// Most bins of a feature, each in `3..=BINS_MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolution {
    /// Of an ordered feature, the one for missing values included.
    pub ordered: usize,
    /// Of a nominal feature.
    pub nominal: usize,
}

impl Binner {
    /// Learns the bins of these rows: those of an ordered feature hold about equally many.
    ///
    /// # Panics
    /// Unless there are 3 to 256 bins.
    pub fn fit(columns: &[Column], most: Resolution) -> Self {
        for n_bins in [most.ordered, most.nominal] {
            assert!((3..=BINS_MAX).contains(&n_bins), "3 to 256 bins");
        }
        let rule = |column: &Column| match column {
            Column::Ordered(values) => Rule::Ordered {
                cuts: cuts(values, most.ordered - 1),
            },
            Column::Nominal(codes) => Rule::Nominal {
                n_bins: codes
                    .iter()
                    .max()
                    .map_or(0, |&code| code as usize + 1)
                    .min(most.nominal),
            },
        };
        Self {
            rules: columns.iter().map(rule).collect(),
        }
    }

    /// The bins of rows of the same features.
    ///
    /// # Panics
    /// If the features are others or have no common number of rows.
    pub fn apply(&self, columns: &[Column]) -> Binned {
        assert_eq!(columns.len(), self.rules.len(), "the features of the fit");
        let n_rows = columns.first().map_or(0, Column::n_rows);
        let feature = |(rule, column): (&Rule, &Column)| {
            assert_eq!(column.n_rows(), n_rows, "features of the same rows");
            let bins = match (rule, column) {
                (Rule::Ordered { cuts }, Column::Ordered(values)) => {
                    values.iter().map(|&value| bin_of(value, cuts)).collect()
                }
                (Rule::Nominal { n_bins }, Column::Nominal(codes)) => {
                    let last = n_bins.saturating_sub(1);
                    codes
                        .iter()
                        .map(|&code| (code as usize).min(last) as u8)
                        .collect()
                }
                _ => panic!("a feature of the kind of the fit"),
            };
            Feature {
                bins,
                n_bins: rule.n_bins(),
                is_nominal: matches!(rule, Rule::Nominal { .. }),
            }
        };
        Binned {
            features: self.rules.iter().zip(columns).map(feature).collect(),
            n_rows,
        }
    }
}

impl Binned {
    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Number of features.
    pub fn n_features(&self) -> usize {
        self.features.len()
    }

    /// Bin of each row by a feature; 0 is that of missing values of an ordered one.
    ///
    /// # Panics
    /// If there is no such feature.
    pub fn bins(&self, feature_idx: usize) -> &[u8] {
        &self.features[feature_idx].bins
    }
}

fn bin_of(value: f64, cuts: &[f64]) -> u8 {
    if value.is_nan() {
        MISSING
    } else {
        (cuts.partition_point(|&cut| cut < value) + 1) as u8
    }
}

/// Cuts between different values: between all of them if there are at most `n_bins`, else so that the bins
/// hold about equally many rows. A value that fills a bin alone has one of its own, and the others share
/// what is left.
fn cuts(values: &[f64], n_bins: usize) -> Vec<f64> {
    let mut sorted: Vec<f64> = values
        .iter()
        .copied()
        .filter(|value| !value.is_nan())
        .collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let runs = || sorted.chunk_by(|a, b| a == b);
    let has_few_values = runs().take(n_bins + 1).count() <= n_bins;
    let mut cuts = Vec::new();
    let mut start = 0;
    let mut upto = 0;
    for run in runs() {
        let bins_left = n_bins - cuts.len();
        // What the open bin would hold of the rows that are left, if all bins were equal.
        let is_full = (upto - start) * bins_left >= sorted.len() - start;
        let is_frequent = run.len() * bins_left >= sorted.len() - start;
        if upto > start && bins_left > 1 && (has_few_values || is_full || is_frequent) {
            cuts.push(cut_between(sorted[upto - 1], run[0]));
            start = upto;
        }
        upto += run.len();
    }
    cuts
}

/// A number from `low` on, below `high`.
fn cut_between(low: f64, high: f64) -> f64 {
    let middle = f64::midpoint(low, high);
    if low <= middle && middle < high {
        middle
    } else {
        low
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn both(n_bins: usize) -> Resolution {
        Resolution {
            ordered: n_bins,
            nominal: n_bins,
        }
    }

    fn bins(values: &[f64], n_bins: usize) -> Vec<u8> {
        let columns = [Column::Ordered(values.to_vec())];
        let binned = Binner::fit(&columns, both(n_bins)).apply(&columns);
        binned.features[0].bins.clone()
    }

    #[test]
    fn few_values_have_a_bin_each() {
        let inf = f64::INFINITY;
        let values = [2.0, f64::NAN, -1.0, inf, 2.0, -inf, -0.0, 0.0];
        assert_eq!(bins(&values, 256), [4, 0, 2, 5, 4, 1, 3, 3]);
        assert_eq!(bins(&[f64::NAN; 2], 256), [0, 0]);
        assert_eq!(bins(&[], 3), [0; 0]);
    }

    #[test]
    fn bins_are_about_equally_full() {
        let values: Vec<f64> = (0..1000)
            .map(|idx| f64::from((idx * 7919) % 1000))
            .collect();
        let found = bins(&values, 11);
        for bin in 1..=10 {
            assert_eq!(found.iter().filter(|&&other| other == bin).count(), 100);
        }
        let mut skewed = vec![0.0; 990];
        skewed.extend((1..=9).map(f64::from));
        assert_eq!(bins(&skewed, 11).last(), Some(&10));
        // A frequent value does not swallow its neighbours.
        let mut values: Vec<f64> = vec![0.0; 900];
        values.extend((1..=100).map(f64::from));
        let found = bins(&values, 11);
        assert_eq!(found.iter().filter(|&&bin| bin == 1).count(), 900);
        assert_eq!(found.iter().max(), Some(&10));
    }

    #[test]
    fn rare_names_share_the_last_bin() {
        let columns = [Column::Nominal(vec![0, 1, 2, 3, 9])];
        let binner = Binner::fit(&columns, both(4));
        assert_eq!(binner.apply(&columns).features[0].bins, [0, 1, 2, 3, 3]);
        let empty = Binner::fit(&[Column::Nominal(vec![])], both(4));
        assert_eq!(empty.apply(&columns).features[0].bins, [0; 5]);
    }

    proptest! {
        #[test]
        fn bins_keep_the_order(values in proptest::collection::vec(-20..20_i32, 0..200), n_bins in 3..40_usize) {
            let values: Vec<f64> = values.into_iter().map(|x| f64::from(x) / 4.0).collect();
            let found = bins(&values, n_bins);
            for (a, bin_a) in values.iter().zip(&found) {
                prop_assert!((1..n_bins).contains(&usize::from(*bin_a)));
                for (b, bin_b) in values.iter().zip(&found) {
                    prop_assert!(a >= b || bin_a <= bin_b);
                    prop_assert!(a != b || bin_a == bin_b);
                }
            }
        }
    }
}
