//! Formats of other tools, read and written without a network.
//!
//! In reading order:
//!
//! - [`tensorboard`]: the event files of TensorBoard: a reader that follows a log directory, and a writer;
//! - [`training`]: judgements of a training run from its scalars, whatever file they came from.

pub mod tensorboard;

pub mod training;
