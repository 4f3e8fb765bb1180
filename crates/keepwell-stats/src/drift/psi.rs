//! The population stability index.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};
use keepwell_core::schema::Kind;

use super::DriftTest;
use super::binning::{self, BINNING, Cells, N_BINS, Span};
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
    /// "both sides come from one distribution": that of the chi-squared statistic of the same cells by
    /// its law for sparse tables (see `chi_squared`), since the usual law of the index itself, chi-squared
    /// times `1/n + 1/m` (Yurdakul 2018), fails as soon as a cell is nearly empty. `error_bound` on
    /// sketched profiles; there the p-value is that of the least statistic within the error.
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
    /// def cells():
    ///     if isinstance(next(v for v in present(reference)), (str, bool)):
    ///         return tables(reference, current)
    ///     x, y = np.sort(finite(reference)), np.sort(finite(current))
    ///     bins, n = params["n_bins"], len(x)
    ///     if params["binning"] == "quantile":
    ///         uppers = [x[-(-i * n // bins) - 1] for i in range(1, bins + 1)]
    ///     else:
    ///         uppers = [min(max(x[0] * (1 - i / bins) + x[-1] * (i / bins), x[0]), x[-1])
    ///                   for i in range(1, bins + 1)]
    ///         uppers[-1] = x[-1]
    ///     uppers = np.unique(uppers)
    ///     def count(values):
    ///         ranks = [np.searchsorted(values, x[0], "left"),
    ///                  *np.searchsorted(values, uppers, "right"), len(values)]
    ///         return np.diff([0, *ranks])
    ///     r, c = count(x), count(y)
    ///     return r[r + c > 0], c[r + c > 0]
    /// r, c = cells()
    /// if params["empty_bin"] == "pseudo_count":
    ///     extra = params["pseudo_count"]
    ///     p, q = (r + extra) / (r + extra).sum(), (c + extra) / (c + extra).sum()
    /// else:
    ///     p, q = np.maximum(r / r.sum(), params["floor"]), np.maximum(c / c.sum(), params["floor"])
    /// dict(value=((q - p) * np.log(q / p)).sum())
    /// ```
    pub struct PopulationStabilityIndex = "psi" since "0.1" with [
        N_BINS,
        BINNING,
        Parameter {
            name: "empty_bin",
            doc: "What keeps shares from being zero: `pseudo_count` adds that many rows to each cell of \
                  each side, `floor` raises each share to a least one.",
            domain: Domain::Choice {
                default: "pseudo_count",
                of: &["pseudo_count", "floor"],
            },
        },
        Parameter {
            name: "pseudo_count",
            doc: "Rows added to each cell by `empty_bin = pseudo_count`; 0.5 is the prior of Jeffreys.",
            domain: Domain::Float {
                default: 0.5,
                min: 1e-6,
                max: 10.0,
            },
        },
        Parameter {
            name: "floor",
            doc: "Least share by `empty_bin = floor`; 1e-4 as in Evidently.",
            domain: Domain::Float {
                default: 1e-4,
                min: 1e-12,
                max: 0.01,
            },
        },
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
        .map(|span| smoothing.error(span, cells.spans.len()))
        .sum();
    Ok(Measure::new(value)
        .with_error_bound(error_bound)
        .with_p_value(cells.p_value()))
}

/// What one cell adds, from shares above zero; zero or more.
fn term([p, q]: [f64; 2]) -> f64 {
    (q - p) * (q / p).ln()
}

/// How shares are kept from being zero.
enum Smoothing {
    /// Rows added to each of so many cells, and rows of each side.
    PseudoCount {
        extra: f64,
        n_cells: f64,
        rows: [f64; 2],
    },
    /// Least share.
    Floor(f64),
}

impl Smoothing {
    fn new(params: &Params, cells: &Cells) -> Self {
        if params.choice("empty_bin") == "floor" {
            return Self::Floor(params.float("floor"));
        }
        Self::PseudoCount {
            extra: params.float("pseudo_count"),
            n_cells: cells.table.columns().len() as f64,
            rows: cells.table.rows().map(|rows| rows as f64),
        }
    }

    fn smooth(&self, shares: [f64; 2]) -> [f64; 2] {
        match self {
            Self::PseudoCount {
                extra,
                n_cells,
                rows,
            } => [0, 1].map(|side| {
                (shares[side] * rows[side] + extra) / (rows[side] + extra * n_cells)
            }),
            Self::Floor(floor) => shares.map(|share| share.max(*floor)),
        }
    }

    /// Bound on the error of the term of a cell. Without a sketch, any number of cells up to `n_cells_max`
    /// may hold rows.
    fn error(&self, span: &Span, n_cells_max: usize) -> f64 {
        let is_counted = span.shares != [0.0, 0.0];
        let estimate = if is_counted {
            term(self.smooth(span.shares))
        } else {
            0.0
        };
        let bounds = match self {
            Self::PseudoCount { extra, rows, .. } => [0, 1].map(|side| {
                let moved = extra * n_cells_max as f64;
                let least = extra / (rows[side] + moved);
                let [from, to] = span.bounds[side];
                let shift = moved / rows[side];
                [(from - shift).max(least), to + shift]
            }),
            Self::Floor(floor) => span
                .bounds
                .map(|[from, to]| [from.max(*floor), to.max(*floor)]),
        };
        binning::error(estimate, bounds, term)
    }
}
