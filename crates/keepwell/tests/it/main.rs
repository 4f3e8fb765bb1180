//! Tests of the real binary.

mod bad_input;

mod catalog;

mod command;

mod flights;

mod page;

mod surfaces;
