//! Messages of event files, written by hand so that a build needs no compiler of message definitions.
//!
//! Numbers and types of the fields are those of TensorBoard's definitions; fields that nothing here reads
//! or writes are left out, and are skipped.

pub(crate) mod hparams;

pub(crate) mod layout;

pub(crate) mod plugin;

pub(crate) mod summary;

pub(crate) mod tensor;
