//! The Hellinger distance.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::DriftTest;
use super::binning::{self, BINNING, N_BINS};
use crate::profile::{ColumnProfile, TwoSample};

entry! {
    /// Euclidean distance between the square roots of the shares of bins or categories, over `sqrt(2)`.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, numeric, categorical or boolean columns, in any order. Null
    /// and NaN are left out. Numbers are counted in `n_bins` bins between the least and the greatest
    /// finite value of the reference, closed at the right, with a bin of their own below and above;
    /// the current side never moves an edge, and edges that fall on the same value are merged.
    /// Infinities are left out.
    ///
    /// # Result
    /// `value` in `[0, 1]`, no unit: 0 if all shares are equal, 1 if no cell holds rows of both sides.
    /// No rule for empty cells is needed. `p_value` of "both sides come from one distribution": that of
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
    /// Where it is the house's distance, as in whylogs and NannyML. Close to `jensen_shannon` in all it
    /// says, and like it above zero without any drift: about the square root of
    /// `(k - 1) (1/n + 1/m) / 8` for `k` cells. It is blind to the order of numbers.
    ///
    /// # Reference
    /// Hellinger (1909), Journal für die reine und angewandte Mathematik 136, 210–271.
    /// ```python oracle
    /// r, c = cells(reference, current, params)
    /// dict(value=np.linalg.norm(np.sqrt(r / r.sum()) - np.sqrt(c / c.sum())) / np.sqrt(2))
    /// ```
    pub struct Hellinger = "hellinger" since "0.1" with [N_BINS, BINNING];
}

impl DriftTest for Hellinger {
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
    let square: f64 = cells.shares().map(term).sum();
    let square = square.clamp(0.0, 1.0);
    let error: f64 = cells
        .spans
        .iter()
        .map(|span| binning::error(term(span.shares), span.bounds, term))
        .sum();
    let value = square.sqrt();
    let least = (square - error).max(0.0).sqrt();
    let most = (square + error).min(1.0).sqrt();
    Ok(Measure::new(value)
        .with_error_bound((value - least).max(most - value))
        .with_p_value(cells.p_value()))
}

/// What one cell adds to the square of the distance; zero or more.
fn term([p, q]: [f64; 2]) -> f64 {
    let difference = p.sqrt() - q.sqrt();
    0.5 * difference * difference
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;

    use super::*;
    use crate::comparison::tests::names;

    fn value(reference: &ColumnProfile, current: &ColumnProfile) -> f64 {
        let sample = TwoSample { reference, current };
        let outcome = Hellinger.test(sample, &Params::defaults(Hellinger.parameters()));
        outcome.defined().expect("values on both sides").value
    }

    #[test]
    fn ends_of_the_scale_and_a_value_between() {
        let (third, half) = (names(&[("a", 3), ("b", 6)]), names(&[("a", 1), ("b", 1)]));
        assert_eq!(value(&third, &names(&[("a", 1), ("b", 2)])), 0.0);
        assert_eq!(value(&names(&[("a", 30)]), &names(&[("b", 20)])), 1.0);
        // 1 minus the sum of the geometric means of the shares is the square.
        let expected = (1.0 - (1.0_f64 / 6.0).sqrt() - (2.0_f64 / 6.0).sqrt()).sqrt();
        assert!((value(&third, &half) - expected).abs() < 1e-12);
    }
}
