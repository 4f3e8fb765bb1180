//! Behaviour of the crate on files.

mod curves;
mod follow;
mod hostile;
mod judging;
mod logs;
mod round_trip;
