//! Words of the domain: what a column is, what a window is, what can be said about either, and how
//! a decision is taken.
//!
//! Everything here is pure: no clock, no input or output, no Arrow, no serialisation format. Other
//! crates depend on this one and it depends on none of them. In reading order:
//!
//! - [`time`]: instants, windows and the grid that cuts event time into windows;
//! - [`schema`]: kinds and roles of columns, tasks of models;
//! - [`class`]: when two spellings are the same class;
//! - [`outcome`]: a value, or the reason why there is none;
//! - [`measure`]: a number with its interval, p-value and error bound;
//! - [`catalog`]: what every member of a family (metric, drift test, …) says about itself;
//! - [`params`]: declared, typed parameters of such a member;
//! - [`decide`]: the one function that turns evidence into a verdict;
//! - [`fault`]: stable error codes and hints.

pub mod time;

pub mod schema;

pub mod class;

pub mod outcome;

pub mod measure;

pub mod catalog;

pub mod params;

pub mod decide;

pub mod fault;
