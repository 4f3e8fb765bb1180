//! Behaviour of the engine from outside: files in, profiles out.

mod bad_input;

mod fixtures;

mod formats;

mod grouping;

mod hostile;

mod limits;

mod sql;

mod text_files;
