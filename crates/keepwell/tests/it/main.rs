//! Tests of the real binary.

mod asked;

mod bad_input;

mod catalog;

mod command;

mod flights;

mod images;

mod page;

mod skew;

mod surfaces;

mod tensorboard;
