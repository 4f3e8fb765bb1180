//! The Jensen–Shannon distance.

use std::f64::consts::LN_2;

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::DriftTest;
use super::binning::{self, BINNING, N_BINS};
use crate::profile::{ColumnProfile, TwoSample};

entry! {
    /// Square root of the Jensen–Shannon divergence to base 2, over bins or categories.
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
    /// The one distance for columns of every kind, on one scale. It is above zero without any drift,
    /// the more so with few rows and many categories (about the square root of
    /// `0.18 (k - 1) (1/n + 1/m)` for `k` cells): trust it together with the p-value. It is blind to
    /// the order of numbers; for how far they moved take `wasserstein`.
    ///
    /// # Reference
    /// Lin (1991), IEEE Transactions on Information Theory 37(1), 145–151; Endres and Schindelin (2003),
    /// same journal 49(7), 1858–1860.
    /// ```python oracle
    /// r, c = cells(reference, current, params)
    /// dict(value=scipy.spatial.distance.jensenshannon(r, c, base=2))
    /// ```
    pub struct JensenShannon = "jensen_shannon" since "0.1" with [N_BINS, BINNING];
}

impl DriftTest for JensenShannon {
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

    fn standing(&self) -> Standing {
        Standing::Decided
    }

    fn test(&self, sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Outcome<Measure> {
        measure(sample, params).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Result<Measure, Reason> {
    let cells = binning::count(sample, params)?;
    let divergence: f64 = cells.shares().map(divergence_term).sum();
    let divergence = divergence.clamp(0.0, 1.0);
    let error: f64 = cells
        .spans
        .iter()
        .map(|span| binning::error(divergence_term(span.shares), span.bounds, divergence_term))
        .sum();
    let value = divergence.sqrt();
    let least = (divergence - error).max(0.0).sqrt();
    let most = (divergence + error).min(1.0).sqrt();
    Ok(Measure::new(value)
        .with_error_bound((value - least).max(most - value))
        .with_p_value(cells.p_value()))
}

/// What one cell adds to the divergence, in bits; zero or more.
pub(super) fn divergence_term([p, q]: [f64; 2]) -> f64 {
    let sum = p + q;
    if sum == 0.0 {
        return 0.0;
    }
    // With p = sum (1 + t) / 2 and q = sum (1 - t) / 2 nothing cancels where p and q are close.
    let t = (p - q) / sum;
    let side = |t: f64| {
        if t <= -1.0 {
            0.0
        } else {
            (1.0 + t) * t.ln_1p()
        }
    };
    let nats = if t.abs() < 0.03 {
        // The series of both sides together.
        let square = t * t;
        square
            * (1.0
                + square
                    * (1.0 / 6.0
                        + square * (1.0 / 15.0 + square * (1.0 / 28.0 + square * (1.0 / 45.0)))))
    } else {
        side(t) + side(-t)
    };
    sum * nats / (4.0 * LN_2)
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use proptest::prelude::*;

    use super::*;
    use crate::comparison::tests::{names, numbers};

    fn test(reference: &ColumnProfile, current: &ColumnProfile) -> Measure {
        let sample = TwoSample { reference, current };
        let outcome = JensenShannon.test(sample, &Params::defaults(JensenShannon.parameters()));
        *outcome.defined().expect("values on both sides")
    }

    #[test]
    fn ends_of_the_scale() {
        let measure = test(&names(&[("a", 3), ("b", 6)]), &names(&[("a", 1), ("b", 2)]));
        assert_eq!(measure.value, 0.0);
        let measure = test(&names(&[("a", 30)]), &names(&[("b", 20)]));
        assert_eq!(measure.value, 1.0);
        let measure = test(&numbers(&[1.0, 2.0, 3.0]), &numbers(&[-5.0, 9.0]));
        assert!((measure.value - 1.0).abs() < 1e-15);
    }

    #[test]
    fn close_shares_lose_no_digits() {
        // scipy cannot tell this from zero; the second-order term is (p - q)^2 / (8 p ln 2).
        let n = 1_000_000_000_000;
        let reference = names(&[("a", n / 2 + 1000), ("b", n / 2 - 1000)]);
        let current = names(&[("a", n / 2), ("b", n / 2)]);
        let expected = 1e-9 / (2.0 * LN_2).sqrt();
        assert!((test(&reference, &current).value / expected - 1.0).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn both_forms_of_a_term_agree(p in 0.2..0.8_f64, t in 0.02..0.04_f64) {
            let q = p * (1.0 - t) / (1.0 + t);
            let mean = 0.5 * (p + q);
            let expected = 0.5 * (p * (p / mean).log2() + q * (q / mean).log2());
            prop_assert!((divergence_term([p, q]) / expected - 1.0).abs() < 1e-9);
        }
    }
}
