//! The total variation distance.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::DriftTest;
use super::binning::{self, BINNING, N_BINS};
use crate::profile::{ColumnProfile, TwoSample};

entry! {
    /// Share of rows that must change bin or category to turn one side into the other.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, numeric, categorical or boolean columns, in any order. Null
    /// and NaN are left out. Numbers are counted in `n_bins` bins between the least and the greatest
    /// finite value of the reference, closed at the right, with a bin of their own below and above;
    /// the current side never moves an edge, and edges that fall on the same value are merged.
    /// Infinities are left out.
    ///
    /// # Result
    /// `value` in `[0, 1]`, no unit: half of the sum of the absolute differences of the shares. 1 if no
    /// cell holds rows of both sides. `p_value` of "both sides come from one distribution": that of
    /// the chi-squared statistic by its law for sparse tables (see `chi_squared`), over the categories, or
    /// over `n_bins` bins cut at quantiles of both sides together. `error_bound` on sketched profiles;
    /// there the p-value is that of the least statistic within the error.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: a kind without cells. `all_null`: a side without values. `non_finite`: a
    /// side with infinities only. `too_many_categories`: an identifier or free text.
    ///
    /// # Cost
    /// `O(n_bins log n)` on sorted values, `O(k)` for `k` categories.
    ///
    /// # When to use, and when not
    /// To say in plain words how much changed: of 100 rows, so many are elsewhere. It is above zero
    /// without any drift, about `sqrt((k - 1) (1/n + 1/m) / (2 pi))` for `k` equal cells, so that many
    /// categories and few rows make it large by themselves. It is blind to the order of numbers.
    ///
    /// # Reference
    /// Levin, Peres and Wilmer (2009), Markov Chains and Mixing Times, section 4.1.
    /// ```python oracle
    /// r, c = cells(reference, current, params)
    /// dict(value=scipy.spatial.distance.cityblock(r / r.sum(), c / c.sum()) / 2)
    /// ```
    pub struct TotalVariation = "total_variation" since "0.1" with [N_BINS, BINNING];
}

impl DriftTest for TotalVariation {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Numeric, Kind::Categorical, Kind::Boolean]
    }

    // Bins come from the reference.
    fn is_symmetric(&self) -> bool {
        false
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn test(&self, sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Outcome<Measure> {
        measure(sample, params).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Result<Measure, Reason> {
    let cells = binning::count(sample, params)?;
    let value: f64 = cells.shares().map(term).sum();
    let error_bound = cells
        .spans
        .iter()
        .map(|span| binning::error(term(span.shares), span.bounds, term))
        .sum();
    Ok(Measure::new(value.min(1.0))
        .with_error_bound(error_bound)
        .with_p_value(cells.p_value()))
}

/// What one cell adds; zero or more.
fn term([p, q]: [f64; 2]) -> f64 {
    0.5 * (p - q).abs()
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;

    use super::*;
    use crate::comparison::tests::{names, numbers};

    fn value(reference: &ColumnProfile, current: &ColumnProfile) -> f64 {
        let sample = TwoSample { reference, current };
        let outcome = TotalVariation.test(sample, &Params::defaults(TotalVariation.parameters()));
        outcome.defined().expect("values on both sides").value
    }

    #[test]
    fn counts_the_rows_that_moved() {
        let reference = names(&[("a", 50), ("b", 30), ("c", 20)]);
        let current = names(&[("a", 40), ("b", 30), ("d", 30)]);
        assert!((value(&reference, &current) - 0.3).abs() < 1e-15);
        assert_eq!(value(&names(&[("a", 7)]), &names(&[("b", 9)])), 1.0);
        assert_eq!(value(&numbers(&[1.0, 2.0]), &numbers(&[-1.0, 3.0])), 1.0);
    }
}
