//! Profile of a numeric column.

use std::borrow::Cow;

use super::{Counts, MergeError, Mode, Moments};

/// Counts, moments, range and the distribution of the finite values of a numeric column.
#[derive(Debug, Clone, PartialEq)]
pub struct NumericProfile {
    counts: Counts,
    moments: Moments,
    min: f64,
    max: f64,
    values: Values,
}

/// The finite values, as they are kept.
#[derive(Debug, Clone, PartialEq)]
enum Values {
    /// All of them; sorted if `is_sorted`.
    Exact { values: Vec<f64>, is_sorted: bool },
}

/// The finite values of a profile in ascending order, each with a weight.
#[derive(Debug, Clone)]
pub struct Distribution<'a> {
    /// Ascending. In exact mode one entry per row; in sketched mode the retained items.
    values: Cow<'a, [f64]>,
    /// `cumulative[i]` is the number of rows at or before `values[i]`; `None` means one row each.
    cumulative: Option<Vec<u64>>,
    /// Number of rows.
    n: u64,
    /// Bound on the error of any rank, as a share of `n`; zero means exact.
    rank_error: f64,
}

impl NumericProfile {
    /// An empty profile.
    pub fn new(mode: Mode) -> Self {
        let _ = mode;
        Self {
            counts: Counts::default(),
            moments: Moments::default(),
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            values: Values::Exact {
                values: Vec::new(),
                is_sorted: true,
            },
        }
    }

    /// Takes one value; NaN and infinities are counted, not kept.
    pub fn push(&mut self, value: f64) {
        self.counts.rows += 1;
        if value.is_nan() {
            self.counts.nan += 1;
        } else if value == f64::INFINITY {
            self.counts.positive_infinity += 1;
        } else if value == f64::NEG_INFINITY {
            self.counts.negative_infinity += 1;
        } else {
            self.counts.zero += u64::from(value == 0.0);
            self.counts.negative += u64::from(value < 0.0);
            self.min = self.min.min(value);
            self.max = self.max.max(value);
            self.moments.push(value);
            match &mut self.values {
                Values::Exact { values, is_sorted } => {
                    values.push(value);
                    *is_sorted = false;
                }
            }
        }
    }

    /// Takes many values.
    pub fn extend_from_slice(&mut self, values: &[f64]) {
        for &value in values {
            self.push(value);
        }
    }

    /// Takes `n` rows that hold null.
    pub fn push_nulls(&mut self, n: u64) {
        self.counts.rows += n;
        self.counts.null += n;
    }

    /// Adds another part.
    ///
    /// # Errors
    /// If one is exact and the other sketched.
    pub fn merge(&mut self, other: Self) -> Result<(), MergeError> {
        self.counts.merge(&other.counts);
        self.moments.merge(&other.moments);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        match (&mut self.values, other.values) {
            (Values::Exact { values, is_sorted }, Values::Exact { values: others, .. }) => {
                if values.is_empty() {
                    *values = others;
                } else {
                    values.extend_from_slice(&others);
                }
                *is_sorted = false;
            }
        }
        Ok(())
    }

    /// Sorts what is kept, so that each statistic need not. Has no other effect.
    pub fn seal(&mut self) {
        match &mut self.values {
            Values::Exact { values, is_sorted } => {
                if !*is_sorted {
                    values.sort_unstable_by(f64::total_cmp);
                    *is_sorted = true;
                }
            }
        }
    }

    /// The finite values in ascending order. Cheap after [`NumericProfile::seal`].
    pub fn distribution(&self) -> Distribution<'_> {
        match &self.values {
            Values::Exact { values, is_sorted } => {
                let values = if *is_sorted {
                    Cow::Borrowed(values.as_slice())
                } else {
                    let mut sorted = values.clone();
                    sorted.sort_unstable_by(f64::total_cmp);
                    Cow::Owned(sorted)
                };
                Distribution {
                    n: values.len() as u64,
                    values,
                    cumulative: None,
                    rank_error: 0.0,
                }
            }
        }
    }

    /// Counts of all rows.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Moments of the finite values.
    pub fn moments(&self) -> &Moments {
        &self.moments
    }

    /// Least and greatest finite value; `None` where there is none.
    pub fn range(&self) -> Option<(f64, f64)> {
        (self.moments.count > 0).then_some((self.min, self.max))
    }

    /// Whether all values are kept.
    pub fn mode(&self) -> Mode {
        match self.values {
            Values::Exact { .. } => Mode::Exact,
        }
    }
}

impl Distribution<'_> {
    /// Number of rows with a finite value.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Kept values, ascending; several may be equal.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Bound on the error of any rank, as a share of `n`; zero means exact.
    pub fn rank_error(&self) -> f64 {
        self.rank_error
    }

    /// Number of rows at or before position `idx` of [`Distribution::values`].
    pub fn cumulative(&self, idx: usize) -> u64 {
        match &self.cumulative {
            Some(cumulative) => cumulative[idx],
            None => idx as u64 + 1,
        }
    }

    /// Number of rows with a value `<= x`.
    pub fn rank_le(&self, x: f64) -> u64 {
        self.before(self.values.partition_point(|&value| value <= x))
    }

    /// Number of rows with a value `< x`.
    pub fn rank_lt(&self, x: f64) -> u64 {
        self.before(self.values.partition_point(|&value| value < x))
    }

    fn before(&self, idx: usize) -> u64 {
        if idx == 0 {
            0
        } else {
            self.cumulative(idx - 1)
        }
    }

    /// The value at share `q` in `[0, 1]` (inverted empirical distribution function, NumPy's
    /// `inverted_cdf`); `None` where there is no value.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        if self.values.is_empty() {
            return None;
        }
        let rank = (q * self.n as f64).ceil().max(1.0) as u64;
        let idx = match &self.cumulative {
            Some(cumulative) => cumulative.partition_point(|&upto| upto < rank),
            None => (rank - 1) as usize,
        };
        Some(self.values[idx.min(self.values.len() - 1)])
    }
}
