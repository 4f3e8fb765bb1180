//! What keeps the share of a cell from being zero where its logarithm is taken.

use keepwell_core::params::{Domain, Parameter, Params};

use super::binning::{Cells, Span};

/// Declares the rule.
pub(super) const EMPTY_BIN: Parameter = Parameter {
    name: "empty_bin",
    doc: "What keeps shares from being zero: `pseudo_count` adds that many rows to each cell of \
          each side, `floor` raises each share to a least one.",
    domain: Domain::Choice {
        default: "pseudo_count",
        of: &["pseudo_count", "floor"],
    },
};

/// Declares the rows of the rule `pseudo_count`.
pub(super) const PSEUDO_COUNT: Parameter = Parameter {
    name: "pseudo_count",
    doc: "Rows added to each cell by `empty_bin = pseudo_count`; 0.5 is the prior of Jeffreys.",
    domain: Domain::Float {
        default: 0.5,
        min: 1e-6,
        max: 10.0,
    },
};

/// Declares the share of the rule `floor`.
pub(super) const FLOOR: Parameter = Parameter {
    name: "floor",
    doc: "Least share by `empty_bin = floor`; 1e-4 as in Evidently.",
    domain: Domain::Float {
        default: 1e-4,
        min: 1e-12,
        max: 0.01,
    },
};

/// How shares are kept from being zero.
pub(super) enum Smoothing {
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
    pub(super) fn new(params: &Params, cells: &Cells) -> Self {
        if params.choice(EMPTY_BIN.name) == "floor" {
            return Self::Floor(params.float(FLOOR.name));
        }
        Self::PseudoCount {
            extra: params.float(PSEUDO_COUNT.name),
            n_cells: cells.table.columns().len() as f64,
            rows: cells.table.rows().map(|rows| rows as f64),
        }
    }

    /// Shares above zero. Those by `PseudoCount` of all cells sum to one, those by `Floor` to at least one.
    pub(super) fn smooth(&self, shares: [f64; 2]) -> [f64; 2] {
        match self {
            Self::PseudoCount {
                extra,
                n_cells,
                rows,
            } => [0, 1]
                .map(|side| (shares[side] * rows[side] + extra) / (rows[side] + extra * n_cells)),
            Self::Floor(floor) => shares.map(|share| share.max(*floor)),
        }
    }

    /// Between what the smoothed shares of a cell lie. Without a sketch, any number of cells up to
    /// `n_cells_max` may hold rows.
    pub(super) fn bounds(&self, span: &Span, n_cells_max: usize) -> [[f64; 2]; 2] {
        match self {
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
        }
    }
}
