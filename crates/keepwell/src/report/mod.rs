//! Reports of a run, for people and for programs.
//!
//! Each submodule is a pure function from a [`keepwell_monitor::report::Report`] to text.

pub mod digest;

pub mod texts;

pub mod terminal;

pub mod markdown;

pub mod json;

pub mod junit;

pub mod html;

#[cfg(test)]
mod sample;
