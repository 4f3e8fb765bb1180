//! Control of errors over many decisions, and over many looks at one.
//!
//! - [`Adjustment`]: the family of corrections, one file per member, and [`benjamini_hochberg`] as a
//!   function;
//! - [`e_value`]: evidence that may be averaged and multiplied;
//! - [`sequential`]: intervals and tests that hold at every moment of a stream.

mod benjamini_hochberg;
mod benjamini_yekutieli;
mod bonferroni;
mod e_benjamini_hochberg;
pub mod e_value;
mod holm;
pub mod sequential;
mod steps;

use keepwell_core::catalog::Entry;

pub use benjamini_hochberg::benjamini_hochberg;
pub use e_benjamini_hochberg::e_benjamini_hochberg;

/// What a correction keeps at or below the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorRate {
    /// The false-discovery rate: the expected share of false alarms among all alarms.
    FalseDiscovery,
    /// The familywise error rate: the chance of any false alarm.
    Familywise,
}

/// A correction of p-values for their number.
pub trait Adjustment: Entry {
    /// The p-values adjusted, in the order of the input: alarming where `adjusted <= alpha` keeps the error
    /// rate at or below `alpha`. Each p-value must be in `[0, 1]` and not NaN: leave undefined results out.
    fn adjust(&self, p_values: &[f64]) -> Vec<f64>;

    /// The error rate that is kept.
    fn controls(&self) -> ErrorRate;
}

/// Every correction, in alphabetical order.
pub static ALL: &[&dyn Adjustment] = &[
    &benjamini_hochberg::BenjaminiHochberg,
    &benjamini_yekutieli::BenjaminiYekutieli,
    &bonferroni::Bonferroni,
    &e_benjamini_hochberg::EBenjaminiHochberg,
    &holm::Holm,
];
