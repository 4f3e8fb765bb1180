//! For tests only: seeded generators, reference vectors, and the harness of the conformance tests.
//!
//! - [`random`]: a small generator whose numbers never change;
//! - [`catalog`]: the families as JSON, and the sets of parameters that tests run an entry with;
//! - [`vectors`]: the stored answers of the reference computations, and the inputs they belong to;
//! - [`inputs`]: profiles from such inputs;
//! - [`tables`]: views of whole tables from them;
//! - [`generation`]: outcomes of models that generate text and of object detectors;
//! - [`simulate`]: samples from known distributions;
//! - [`outcomes`]: rows of outcomes of whatever task, from such inputs or simulated;
//! - [`agreement`]: comparison of an answer with its vector;
//! - [`conformance`]: failures of a law, collected over all entries and reported together.

pub mod random;

pub mod catalog;

pub mod vectors;

pub mod inputs;

pub mod rows;

pub mod tables;

pub mod generation;

pub mod simulate;

pub mod outcomes;

pub mod agreement;

pub mod conformance;
