//! Behaviour of the engine from outside: files in, profiles out.

mod bad_input;

mod duplicates;

mod fixtures;

mod formats;

mod grouping;

mod hostile;

mod images;

mod kinds;

mod limits;

mod outcomes;

mod paired;

mod samples;

mod selection;

mod sql;

mod text_files;
