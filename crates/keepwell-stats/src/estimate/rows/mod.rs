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
    /// Learns from rows of the reference, which must have targets; of the features that `like` has, too.
    ///
    /// # Panics
    /// If there is not one prediction and one target a row.
    fn learn(
        &self,
        reference: &RegressionRows<'_>,
        like: &RowSample,
        params: &Params,
    ) -> Box<dyn RowForecast>;

    /// Learns and estimates; see [`RowForecast::estimate`].
    ///
    /// # Panics
    /// If there is not one prediction a row, or in the reference one target a row.
    fn estimate(&self, sample: TwoSample<'_, RegressionRows<'_>>, params: &Params) -> Vec<Reading> {
        self.learn(sample.reference, sample.current.features, params)
            .estimate(sample.current)
    }
}

/// What was learned of the reference, for any number of windows.
pub trait RowForecast {
    /// One reading per metric that can be estimated, labelled `("metric", id)`. Targets are not read.
    ///
    /// # Panics
    /// If there is not one prediction a row, or the sample has not the features that were learned.
    fn estimate(&self, current: &RegressionRows<'_>) -> Vec<Reading>;
}

/// Every estimator on rows, in alphabetical order.
pub static ALL: &[&dyn RowEstimator] = &[&dle::Dle];
