//! Bounded-memory summaries with stated error.
//!
//! Everything here is deterministic: the same input gives the same sketch, bit for bit.

pub mod hash;

pub mod quantile;

pub use hash::Hash128;
pub use quantile::QuantileSketch;
