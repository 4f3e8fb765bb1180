//! Behaviour of the crate as a whole.

mod fairness;

mod quiet;

mod sample;

mod series;

mod together;

mod traps;
