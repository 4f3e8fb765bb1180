//! All numerics of Keepwell: pure and deterministic.
//!
//! Slices and profiles in, values out. Nothing here reads a clock, does input or output, spawns a
//! thread, or knows Arrow. The same input gives the same result, bit for bit.
//!
//! In reading order, each module knows only those before it (checked by tidy):
//!
//! - [`special`]: distribution functions;
//! - [`random`]: a seeded generator;
//! - [`sketch`]: bounded-memory summaries with stated error;
//! - [`words`]: free text as words and as hashed n-grams;
//! - [`profile`]: mergeable summaries of columns and of outcomes, and their binary codec;
//! - [`descriptor`]: numbers that describe one text or one image, a family too;
//! - [`matrix`]: small dense matrices;
//! - [`tree`]: gradient-boosted trees;
//! - [`features`]: rows of a sample as features;
//! - [`interval`]: confidence intervals;
//! - `comparison`: both sides of a comparison, or why they cannot be compared;
//! - [`attribution`]: the part of each segment in the change of a metric;
//! - [`metric`], [`fairness`], [`drift`], [`quality`], [`table`], [`detector`], [`anomaly`],
//!   [`multivariate`], [`estimate`]: the families, one file per member;
//! - [`multiple`]: control of errors over many decisions.

pub mod special;

pub mod random;

pub mod sketch;

pub mod words;

pub mod profile;

pub mod descriptor;

pub mod matrix;

pub mod tree;

pub mod features;

pub mod interval;

mod comparison;

pub mod attribution;

pub mod metric;

pub mod fairness;

pub mod drift;

pub mod quality;

pub mod table;

pub mod detector;

pub mod anomaly;

pub mod multivariate;

pub mod estimate;

pub mod multiple;

mod family;

pub use family::{Family, Member, families};
