//! Behaviour of the crate as a whole.

mod quiet;

mod sample;

mod series;

mod together;

mod traps;
