//! Reports of a run, for people and for programs.
//!
//! Each renderer is a pure function from a [`keepwell_monitor::report::Report`] to text. In reading order:
//!
//! - [`digest`]: what a person is shown, chosen and counted;
//! - [`texts`]: every sentence and label, in each language;
//! - [`terminal`], [`markdown`], [`json`], [`junit`], [`html`]: the renderers.

pub mod digest;

pub mod texts;

pub mod terminal;

pub mod markdown;

pub mod json;

pub mod junit;

pub mod html;

#[cfg(test)]
mod sample;
