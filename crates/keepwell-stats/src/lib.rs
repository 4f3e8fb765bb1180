//! All numerics of Keepwell: pure and deterministic.
//!
//! Slices and profiles in, values out. Nothing here reads a clock, does input or output, spawns a
//! thread, or knows Arrow. The same input gives the same result, bit for bit.
//!
//! In reading order, each module knows only those before it (checked by tidy):
//!
//! - [`special`]: distribution functions;
//! - [`sketch`]: bounded-memory summaries with stated error;
//! - [`profile`]: mergeable summaries of columns and of outcomes, and their binary codec;
//! - [`interval`]: confidence intervals;
//! - `comparison`: both sides of a comparison, or why they cannot be compared;
//! - [`metric`], [`drift`], [`quality`], [`detector`], [`estimate`]: the families, one file per member;
//! - [`multiple`]: control of errors over many decisions.

pub mod special;

pub mod sketch;

pub mod profile;

pub mod interval;

mod comparison;

pub mod metric;

pub mod drift;

pub mod quality;

pub mod detector;

pub mod estimate;

pub mod multiple;

mod family;

pub use family::{Family, Member, families};
