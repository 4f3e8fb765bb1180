//! Drift tests: how far apart two windows of a column are, and how sure that is.

mod binning;
mod chi_squared;
mod jensen_shannon;
mod ks;
mod psi;
mod wasserstein;

use keepwell_core::catalog::Entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use crate::profile::{ColumnProfile, TwoSample};

/// Compares two profiles of a column.
pub trait DriftTest: Entry {
    /// Kinds of columns that it applies to.
    fn kinds(&self) -> &'static [Kind];

    /// Whether exchanging reference and current leaves the value as it is.
    fn is_symmetric(&self) -> bool;

    /// Least and greatest possible value.
    fn range(&self) -> (f64, f64);

    /// The statistic or distance as `value`; `p_value` where the method has one.
    fn test(&self, sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Outcome<Measure>;
}

/// Every drift test, in alphabetical order.
pub static ALL: &[&dyn DriftTest] = &[
    &chi_squared::ChiSquared,
    &jensen_shannon::JensenShannon,
    &ks::KolmogorovSmirnov,
    &psi::PopulationStabilityIndex,
    &wasserstein::Wasserstein,
];
