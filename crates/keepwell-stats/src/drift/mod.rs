//! Drift tests: how far apart two windows of a column are, and how sure that is.

mod anderson_darling;
mod binning;
mod chi_squared;
mod cramer_von_mises;
mod embedding_shift;
mod empty_bin;
mod energy_distance;
mod epps_singleton;
mod fisher_exact;
mod g_test;
mod hellinger;
mod hotelling;
mod jensen_shannon;
mod kl_divergence;
mod ks;
mod kuiper;
mod l_infinity;
mod mann_whitney;
mod mmd;
mod pooled;
mod psi;
mod t_test;
mod text_length;
mod total_variation;
mod unknown_words;
mod vocabulary;
mod wasserstein;

use keepwell_core::catalog::{Entry, Standing};
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

    /// How a run treats it where the specification says nothing.
    fn standing(&self) -> Standing {
        Standing::OnRequest
    }

    /// The statistic or distance as `value`; `p_value` where the method has one.
    fn test(&self, sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Outcome<Measure>;
}

/// Every drift test, in alphabetical order.
pub static ALL: &[&dyn DriftTest] = &[
    &anderson_darling::AndersonDarling,
    &chi_squared::ChiSquared,
    &cramer_von_mises::CramerVonMises,
    &embedding_shift::EmbeddingShift,
    &energy_distance::EnergyDistance,
    &epps_singleton::EppsSingleton,
    &fisher_exact::FisherExact,
    &g_test::GTest,
    &hellinger::Hellinger,
    &jensen_shannon::JensenShannon,
    &kl_divergence::KullbackLeibler,
    &ks::KolmogorovSmirnov,
    &kuiper::Kuiper,
    &l_infinity::LInfinity,
    &mann_whitney::MannWhitney,
    &mmd::MaximumMeanDiscrepancy,
    &psi::PopulationStabilityIndex,
    &t_test::WelchTest,
    &text_length::TextLength,
    &total_variation::TotalVariation,
    &unknown_words::UnknownWords,
    &vocabulary::VocabularyShift,
    &wasserstein::Wasserstein,
];
