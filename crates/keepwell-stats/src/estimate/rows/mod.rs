//! Estimators that look at whole rows.

mod dle;

use keepwell_core::catalog::Entry;
use keepwell_core::params::Params;

use crate::metric::Reading;
use crate::profile::TwoSample;
use crate::profile::row_sample::RowSample;

/// Rows of a regression model.
#[derive(Debug, Clone, Copy)]
pub struct RegressionRows<'a> {
    /// The features of the model, without prediction and target.
    pub features: &'a RowSample,
    /// The prediction for each row; NaN where there is none.
    pub predictions: &'a [f64],
    /// The target of each row; NaN where not known.
    pub targets: &'a [f64],
}

/// Estimates metrics of a regression model from its rows, before their targets are known.
pub trait RowEstimator: Entry {
    /// One reading per metric that can be estimated, labelled `("metric", id)`. The reference must have
    /// targets; those of the current window are not read.
    ///
    /// # Panics
    /// If there is not one prediction a row, or in the reference one target a row.
    fn estimate(&self, sample: TwoSample<'_, RegressionRows<'_>>, params: &Params) -> Vec<Reading>;
}

/// Every estimator on rows, in alphabetical order.
pub static ALL: &[&dyn RowEstimator] = &[&dle::Dle];
