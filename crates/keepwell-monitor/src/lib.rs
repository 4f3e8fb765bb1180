//! What to look at, and what to make of it: model specs, the evaluation of profiles into result rows,
//! verdicts and findings.
//!
//! This crate knows neither files nor DataFusion. It takes profiles, gives rows, and is the same for a
//! file on a laptop and for a server. In reading order:
//!
//! - [`spec`]: the written definition of a model, as YAML;
//! - [`roles`]: which column plays which part, from the spec or guessed from names;
//! - [`monitors`]: which entries of the catalog are computed, and with what limits;
//! - [`row`]: the tidy shape of every result;
//! - [`rule`]: when a difference is reported;
//! - [`history`]: how much the reference differs from itself;
//! - [`shape`]: distributions as small histograms, for pictures;
//! - [`evaluation`]: profiles in, rows out;
//! - [`finding`]: what a person should read first;
//! - [`note`]: what was assumed about the input;
//! - [`report`]: all of it together.

pub mod spec;

pub mod roles;

pub mod monitors;

pub mod row;

pub mod rule;

pub mod history;

pub mod shape;

pub mod evaluation;

pub mod finding;

pub mod note;

pub mod report;
