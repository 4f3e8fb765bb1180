//! Finite values in ascending order, as every statistic on numbers reads them.

use std::borrow::Cow;

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

impl<'a> Distribution<'a> {
    /// All values, ascending, one row each.
    pub(super) fn exact(values: Cow<'a, [f64]>) -> Self {
        Self {
            n: values.len() as u64,
            values,
            cumulative: None,
            rank_error: 0.0,
        }
    }

    /// Retained values, ascending, with the number of rows at or before each.
    pub(super) fn sketched(values: Vec<f64>, cumulative: Vec<u64>, rank_error: f64) -> Self {
        Self {
            n: cumulative.last().copied().unwrap_or(0),
            values: Cow::Owned(values),
            cumulative: Some(cumulative),
            rank_error,
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
    ///
    /// # Panics
    /// In sketched mode if `idx` is not a position.
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
        let last = self.values.len().checked_sub(1)?;
        let rank = (q * self.n as f64).ceil().max(1.0) as u64;
        let idx = match &self.cumulative {
            Some(cumulative) => cumulative.partition_point(|&upto| upto < rank),
            None => usize::try_from(rank - 1).unwrap_or(last),
        };
        Some(self.values[idx.min(last)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_and_quantiles_of_rows() {
        let distribution = Distribution::exact(Cow::Borrowed(&[1.0, 2.0, 2.0, 5.0]));
        assert_eq!(distribution.n(), 4);
        assert_eq!(distribution.rank_le(2.0), 3);
        assert_eq!(distribution.rank_lt(2.0), 1);
        assert_eq!(distribution.rank_le(0.0), 0);
        assert_eq!(distribution.rank_lt(f64::INFINITY), 4);
        for (q, expected) in [(0.0, 1.0), (0.25, 1.0), (0.5, 2.0), (0.76, 5.0), (1.0, 5.0)] {
            assert_eq!(distribution.quantile(q), Some(expected), "{q}");
        }
    }

    #[test]
    fn ranks_and_quantiles_of_weighted_values() {
        let distribution = Distribution::sketched(vec![1.0, 2.0, 5.0], vec![1, 3, 4], 0.25);
        assert_eq!(distribution.n(), 4);
        assert_eq!(distribution.rank_le(2.0), 3);
        assert_eq!(distribution.rank_lt(2.0), 1);
        for (q, expected) in [(0.0, 1.0), (0.25, 1.0), (0.5, 2.0), (0.76, 5.0), (2.0, 5.0)] {
            assert_eq!(distribution.quantile(q), Some(expected), "{q}");
        }
    }

    #[test]
    fn no_values_have_no_quantile() {
        for distribution in [
            Distribution::exact(Cow::Borrowed(&[])),
            Distribution::sketched(Vec::new(), Vec::new(), 0.0),
        ] {
            assert_eq!(distribution.quantile(0.5), None);
            assert_eq!(distribution.rank_le(1.0), 0);
        }
    }
}
