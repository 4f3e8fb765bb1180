//! Bounded-memory summaries with stated error.
