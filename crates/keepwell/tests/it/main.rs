//! Tests of the real binary.

mod bad_input;

mod command;

mod flights;
