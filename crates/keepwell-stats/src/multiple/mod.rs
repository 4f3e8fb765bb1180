//! Control of errors over many decisions.
//!
//! - [`benjamini_hochberg`]: false-discovery rate.

mod benjamini_hochberg;

pub use benjamini_hochberg::benjamini_hochberg;
