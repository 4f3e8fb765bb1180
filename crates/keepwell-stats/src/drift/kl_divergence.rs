//! The Kullback–Leibler divergence.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::DriftTest;
use super::binning::{self, BINNING, Cells, N_BINS, Span};
use super::empty_bin::{EMPTY_BIN, FLOOR, PSEUDO_COUNT, Smoothing};
use crate::profile::{ColumnProfile, TwoSample};

entry! {
    /// Kullback–Leibler divergence of the current shares of bins or categories from those of the reference.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, numeric, categorical or boolean columns, in any order. Null
    /// and NaN are left out. Numbers are counted in `n_bins` bins between the least and the greatest
    /// finite value of the reference, closed at the right, with a bin of their own below and above;
    /// the current side never moves an edge, and edges that fall on the same value are merged.
    /// Infinities are left out.
    /// Cells that are empty on both sides do not count.
    ///
    /// # Result
    /// `value` in `[0, inf)`, in nats: the sum of the current share times the logarithm of current over
    /// reference share, so what is new or more frequent weighs most. Shares are kept from zero by
    /// `empty_bin` and then scaled to sum to one. `p_value` of "both sides come from one distribution": that of
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
    /// Where a model of coding or of likelihood asks for it: it is the mean loss, in nats a row, of one who
    /// takes the current rows for reference rows. Exchange the sides for the other direction, or
    /// take `psi`, which is the sum of both. Like that it grows without bound as a share of the
    /// reference goes to zero, so rare categories and the rule for empty cells rule it; `jensen_shannon`
    /// needs no such rule.
    ///
    /// # Reference
    /// Kullback and Leibler (1951), Annals of Mathematical Statistics 22(1), 79–86; half a row: the prior
    /// of Jeffreys (1946), Proceedings of the Royal Society A 186, 453–461; floor of 1e-4: as in
    /// Evidently 0.7, whose direction is the other one.
    /// ```python oracle
    /// r, c = cells(reference, current, params)
    /// dict(value=scipy.stats.entropy(smoothed(c, params), smoothed(r, params)))
    /// ```
    pub struct KullbackLeibler = "kl_divergence" since "0.1" with [
        N_BINS,
        BINNING,
        EMPTY_BIN,
        PSEUDO_COUNT,
        FLOOR,
    ];
}

impl DriftTest for KullbackLeibler {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Numeric, Kind::Categorical, Kind::Boolean]
    }

    fn is_symmetric(&self) -> bool {
        false
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn test(&self, sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Outcome<Measure> {
        measure(sample, params).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Result<Measure, Reason> {
    let cells = binning::count(sample, params)?;
    let smoothing = Smoothing::new(params, &cells);
    let smooth = |shares| smoothing.smooth(shares);
    let totals = cells.shares().map(smooth).fold([0.0, 0.0], add);
    let scaled = |shares| divide(smooth(shares), totals);
    let value: f64 = cells.shares().map(|shares| term(scaled(shares))).sum();
    Ok(Measure::new(value.max(0.0))
        .with_error_bound(error_bound(&cells, &smoothing, totals))
        .with_p_value(cells.p_value()))
}

/// What one cell adds, from shares above zero; zero or more. The part beyond `q ln(q/p)` sums to zero over
/// all cells.
fn term([p, q]: [f64; 2]) -> f64 {
    q * (q / p).ln() - q + p
}

fn error_bound(cells: &Cells, smoothing: &Smoothing, totals: [f64; 2]) -> f64 {
    let n_cells_max = cells.spans.len();
    let bounds = |span: &Span| smoothing.bounds(span, n_cells_max);
    let total_bounds = match smoothing {
        Smoothing::PseudoCount { .. } => [[1.0, 1.0]; 2],
        Smoothing::Floor(_) => [0, 1].map(|side| {
            let sum = |end: usize| cells.spans.iter().map(|span| bounds(span)[side][end]).sum();
            [f64::max(1.0, sum(0)), f64::max(1.0, sum(1))]
        }),
    };
    let error_of_cell = |span: &Span| {
        let estimate = if span.shares == [0.0, 0.0] {
            0.0
        } else {
            term(divide(smoothing.smooth(span.shares), totals))
        };
        let bounds = bounds(span);
        let bounds = [0, 1].map(|side| {
            let ([from, to], [least, most]) = (bounds[side], total_bounds[side]);
            [from / most, to / least]
        });
        binning::error(estimate, bounds, term)
    };
    cells.spans.iter().map(error_of_cell).sum()
}

fn add(left: [f64; 2], right: [f64; 2]) -> [f64; 2] {
    [left[0] + right[0], left[1] + right[1]]
}

fn divide(left: [f64; 2], right: [f64; 2]) -> [f64; 2] {
    [left[0] / right[0], left[1] / right[1]]
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_core::params::ParamValue;

    use super::*;
    use crate::comparison::tests::{flags, names};

    fn value(reference: &ColumnProfile, current: &ColumnProfile, empty_bin: &str) -> f64 {
        let mut params = Params::defaults(KullbackLeibler.parameters());
        params
            .set("empty_bin", ParamValue::Text(empty_bin.to_owned()))
            .expect("declared");
        let sample = TwoSample { reference, current };
        let outcome = KullbackLeibler.test(sample, &params);
        outcome.defined().expect("values on both sides").value
    }

    #[test]
    fn textbook_value_without_empty_cells() {
        let reference = names(&[("a", 500), ("b", 300), ("c", 200)]);
        let current = names(&[("a", 400), ("b", 300), ("c", 300)]);
        let expected = 0.4 * 0.8_f64.ln() + 0.3 * 1.5_f64.ln();
        assert!((value(&reference, &current, "floor") - expected).abs() < 1e-12);
    }

    #[test]
    fn empty_cells_follow_the_named_rule() {
        let (reference, current) = (flags(100, 0), flags(50, 50));
        let total = 1.0_f64 + 1e-4;
        let floor = 0.5 * (0.5 * total).ln() + 0.5 * (0.5 * total / 1e-4_f64).ln();
        assert!((value(&reference, &current, "floor") - floor).abs() < 1e-12);
        let (p, q) = (100.5 / 101.0_f64, 0.5 / 101.0_f64);
        let pseudo = 0.5 * (0.5 / p).ln() + 0.5 * (0.5 / q).ln();
        assert!((value(&reference, &current, "pseudo_count") - pseudo).abs() < 1e-12);
    }
}
