//! Behaviour of the engine from outside: files in, profiles out.

mod bad_input;

mod duplicates;

mod fixtures;

mod formats;

mod grouping;

mod hostile;

mod kinds;

mod limits;

mod outcomes;

mod samples;

mod sql;

mod text_files;
