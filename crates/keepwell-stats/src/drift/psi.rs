//! The population stability index.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::DriftTest;
use super::binning::{self, BINNING, N_BINS, Span};
use super::empty_bin::{EMPTY_BIN, FLOOR, PSEUDO_COUNT, Smoothing};
use crate::profile::{ColumnProfile, TwoSample};

entry! {
    /// Population stability index: the sum over bins or categories of the change of the share times the
    /// change of its logarithm.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, numeric, categorical or boolean columns, in any order. Null
    /// and NaN are left out. Numbers are counted in `n_bins` bins between the least and the greatest
    /// finite value of the reference, closed at the right, with a bin of their own below and above;
    /// the current side never moves an edge, and edges that fall on the same value are merged.
    /// Infinities are left out. Cells that are empty on both sides do not count.
    ///
    /// # Result
    /// `value` in `[0, inf)`, no unit. Credit risk reads 0.1 as small and 0.25 as large. `p_value` of
    /// "both sides come from one distribution": that of the chi-squared statistic by its law for sparse
    /// tables (see `chi_squared`), over the categories, or over `n_bins` bins cut at quantiles of both
    /// sides together. The usual law of the index itself, chi-squared times `1/n + 1/m` (Yurdakul 2018),
    /// fails as soon as a cell is nearly empty or the reference is smaller than the current window.
    /// `error_bound` on sketched profiles; there the p-value is that of the least statistic within the
    /// error.
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
    /// Where people know its thresholds. It grows without bound as a share goes to zero, so rare
    /// categories and the rule for empty cells rule it, and in small windows it is far above zero
    /// without any drift: trust it together with the p-value, or take `jensen_shannon`.
    ///
    /// # Reference
    /// Lewis (1994), An Introduction to Credit Scoring; Yurdakul (2018), Statistical Properties of
    /// Population Stability Index, Western Michigan University; half a row: the prior of Jeffreys
    /// (1946), Proceedings of the Royal Society A 186, 453–461; floor of 1e-4: as in Evidently 0.7.
    /// ```python oracle
    /// r, c = cells(reference, current, params)
    /// p, q = smoothed(r, params), smoothed(c, params)
    /// dict(value=((q - p) * np.log(q / p)).sum())
    /// ```
    pub struct PopulationStabilityIndex = "psi" since "0.1" with [
        N_BINS,
        BINNING,
        EMPTY_BIN,
        PSEUDO_COUNT,
        FLOOR,
    ];
}

impl DriftTest for PopulationStabilityIndex {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Numeric, Kind::Categorical, Kind::Boolean]
    }

    // Bins come from the reference.
    fn is_symmetric(&self) -> bool {
        false
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn standing(&self) -> Standing {
        Standing::Shown
    }

    fn test(&self, sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Outcome<Measure> {
        measure(sample, params).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Result<Measure, Reason> {
    let cells = binning::count(sample, params)?;
    let smoothing = Smoothing::new(params, &cells);
    let value = cells
        .shares()
        .map(|shares| term(smoothing.smooth(shares)))
        .sum();
    let error_bound = cells
        .spans
        .iter()
        .map(|span| error(&smoothing, span, cells.spans.len()))
        .sum();
    Ok(Measure::new(value)
        .with_error_bound(error_bound)
        .with_p_value(cells.p_value()))
}

/// What one cell adds, from shares above zero; zero or more.
fn term([p, q]: [f64; 2]) -> f64 {
    (q - p) * (q / p).ln()
}

/// Bound on the error of the term of a cell.
fn error(smoothing: &Smoothing, span: &Span, n_cells_max: usize) -> f64 {
    let is_counted = span.shares != [0.0, 0.0];
    let estimate = if is_counted {
        term(smoothing.smooth(span.shares))
    } else {
        0.0
    };
    binning::error(estimate, smoothing.bounds(span, n_cells_max), term)
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_core::params::ParamValue;

    use super::*;
    use crate::comparison::tests::{flags, names, numbers};

    fn test(reference: &ColumnProfile, current: &ColumnProfile, empty_bin: &str) -> Measure {
        let mut params = Params::defaults(PopulationStabilityIndex.parameters());
        params
            .set("empty_bin", ParamValue::Text(empty_bin.to_owned()))
            .expect("declared");
        let sample = TwoSample { reference, current };
        let outcome = PopulationStabilityIndex.test(sample, &params);
        *outcome.defined().expect("values on both sides")
    }

    #[test]
    fn textbook_value_without_empty_cells() {
        let reference = names(&[("a", 500), ("b", 300), ("c", 200)]);
        let current = names(&[("a", 400), ("b", 300), ("c", 300)]);
        let expected = 0.1 * (5.0_f64 / 4.0).ln() + 0.1 * (3.0_f64 / 2.0).ln();
        let found = test(&reference, &current, "floor").value;
        assert!((found - expected).abs() < 1e-12);
    }

    #[test]
    fn empty_cells_follow_the_named_rule() {
        let (reference, current) = (flags(100, 0), flags(50, 50));
        let floor = 0.5 * 2.0_f64.ln() + (0.5 - 1e-4) * (0.5_f64 / 1e-4).ln();
        assert!((test(&reference, &current, "floor").value - floor).abs() < 1e-12);
        let (p, q) = (100.5 / 101.0, 0.5 / 101.0);
        let pseudo = (0.5 - p) * (0.5_f64 / p).ln() + (0.5 - q) * (0.5_f64 / q).ln();
        assert!((test(&reference, &current, "pseudo_count").value - pseudo).abs() < 1e-12);
    }

    #[test]
    fn one_outlier_hides_nothing() {
        // A shift by three standard deviations stays seen when the window also has one huge value.
        let reference: Vec<f64> = (0..1000).map(|i| f64::from(i) / 1000.0).collect();
        let mut current: Vec<f64> = reference.iter().map(|value| value + 0.8).collect();
        let before = test(&numbers(&reference), &numbers(&current), "pseudo_count").value;
        current.push(1e6);
        let after = test(&numbers(&reference), &numbers(&current), "pseudo_count").value;
        assert!(before > 3.0 && (after - before).abs() < 0.05 * before);
    }

    #[test]
    fn equal_constants_do_not_differ() {
        let measure = test(&numbers(&[2.5; 30]), &numbers(&[2.5; 8]), "pseudo_count");
        assert_eq!((measure.value, measure.p_value), (0.0, Some(1.0)));
        let moved = test(&numbers(&[2.5; 30]), &numbers(&[2.6; 8]), "pseudo_count");
        assert!(moved.value > 1.0 && moved.p_value.expect("has a law") < 1e-4);
    }

    #[test]
    fn p_value_is_that_of_the_chi_squared_statistic() {
        let (reference, current) = (
            names(&[("a", 50), ("b", 50)]),
            names(&[("a", 70), ("b", 30)]),
        );
        let table = crate::comparison::categories(TwoSample {
            reference: &reference,
            current: &current,
        })
        .expect("categories");
        let expected = table.p_value(table.statistic(), crate::special::TableLaw::Auto);
        assert_eq!(test(&reference, &current, "floor").p_value, Some(expected));
    }
}
