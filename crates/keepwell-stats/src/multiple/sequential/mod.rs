//! Intervals and tests that hold at every moment of a stream.
//!
//! An ordinary interval of level 0.95 that is computed after each value will, sooner or later, miss the
//! truth with certainty. A confidence sequence holds the truth at all times together with the stated
//! probability, so that one may look as often as one likes and stop whenever one likes. Howard, Ramdas,
//! McAuliffe and Sekhon (2021), "Time-uniform, nonparametric, nonasymptotic confidence sequences", Annals of
//! Statistics 49(2), 1055–1080.
//!
//! - [`RateSequence`]: for a rate that stays the same, from counts;
//! - [`MeanSequence`]: for the mean of bounded values, which may move;
//! - [`RateTest`]: whether a rate is above a limit, as evidence that grows.

mod bisection;
mod mean_sequence;
mod mixture;
mod rate_sequence;
mod rate_test;

use keepwell_core::fault::Fault;
use keepwell_core::measure::Interval;

pub use mean_sequence::MeanSequence;
pub use mixture::RateCounts;
pub use rate_sequence::RateSequence;
pub use rate_test::RateTest;

/// A value or an option that a sequence cannot take.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SequenceError {
    /// A level, a limit or a bound that says nothing.
    #[error("expected {expected}; found {found}")]
    Option {
        /// What would be right.
        expected: &'static str,
        /// What was given.
        found: f64,
    },
    /// A value outside the range for which the guarantee holds.
    #[error("expected a value from {} to {}; found {found}", range.lower, range.upper)]
    Value {
        /// Least and greatest value.
        range: Interval,
        /// What was given.
        found: f64,
    },
}

impl Fault for SequenceError {
    fn code(&self) -> &'static str {
        match self {
            Self::Option { .. } => "stats.sequence.option",
            Self::Value { .. } => "stats.sequence.value",
        }
    }
}

/// Every rate lies here.
const UNIT: Interval = Interval {
    lower: 0.0,
    upper: 1.0,
};

/// Refuses a number that is not strictly between 0 and 1.
fn in_open_unit(found: f64, expected: &'static str) -> Result<f64, SequenceError> {
    if 0.0 < found && found < 1.0 {
        Ok(found)
    } else {
        Err(SequenceError::Option { expected, found })
    }
}

/// Refuses a value outside `range`, NaN included.
fn in_range(found: f64, range: Interval) -> Result<f64, SequenceError> {
    if range.lower <= found && found <= range.upper {
        Ok(found)
    } else {
        Err(SequenceError::Value { range, found })
    }
}
