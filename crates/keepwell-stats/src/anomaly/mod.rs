//! Anomalies: single rows or points that do not fit the others.
//!
//! Some methods judge the rows of the current window by those of the reference, others the points of one
//! series by the rest of it: see [`Shape`].

mod change_points;
mod decomposition;
mod ecod;
mod isolation_forest;
mod mahalanobis;
mod robust_z;
mod rows;
mod seasonal_residual;
mod series;

use keepwell_core::catalog::Entry;

pub use decomposition::{Decomposition, StlConfig, mstl, stl};
pub use rows::{RowAnomalies, RowAnomaly, RowJudge, RowModel};
pub use series::{SeriesAnomalies, SeriesAnomaly};

/// A method that finds anomalies.
pub trait Anomaly: Entry {
    /// The method by what it looks at.
    fn shape(&self) -> Shape;
}

/// What a method looks at.
#[derive(Clone, Copy)]
pub enum Shape {
    /// Rows of the current window, judged by rows of the reference.
    Rows(&'static dyn RowAnomaly),
    /// Points of one series.
    Series(&'static dyn SeriesAnomaly),
}

/// Every method, in alphabetical order.
pub static ALL: &[&dyn Anomaly] = &[
    &change_points::ChangePoints,
    &ecod::Ecod,
    &isolation_forest::IsolationForest,
    &mahalanobis::Mahalanobis,
    &robust_z::RobustZ,
    &seasonal_residual::SeasonalResidual,
];
