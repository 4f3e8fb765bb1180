//! Estimators: performance without targets.

mod calibration;
mod cbpe;
mod expectation;
mod isotonic;
pub mod rows;

use keepwell_core::catalog::Entry;
use keepwell_core::params::Params;

use crate::metric::Reading;
use crate::profile::{ClassOutcomes, TwoSample};

/// Estimates metrics of the current window from its scores alone.
pub trait Estimator: Entry {
    /// One reading per metric that can be estimated, labelled `("metric", id)`. The reference must have
    /// targets; the current window needs none.
    fn estimate(&self, sample: TwoSample<'_, ClassOutcomes>, params: &Params) -> Vec<Reading>;
}

/// Every estimator, in alphabetical order.
pub static ALL: &[&dyn Estimator] = &[&cbpe::Cbpe];
