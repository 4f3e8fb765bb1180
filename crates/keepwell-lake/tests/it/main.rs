//! Behaviour of the lake from outside.

mod append;
mod faults;
mod kill;
mod upkeep;
mod world;
