//! Control of errors over many decisions.
//!
//! - [`benjamini_hochberg`]: false-discovery rate.

pub mod benjamini_hochberg;
