//! The binary form of profiles: versioned, and readable for ever.
//!
//! Byte 0 is the version of the format, byte 1 the kind of profile; the rest depends on the kind. Whole
//! numbers are varints (seven bits a byte, lowest first, in the shortest form), floating-point numbers the
//! eight bytes of IEEE 754, lowest first, texts their length in bytes and UTF-8. All that has an order is
//! written in ascending order, so that a profile of a kind without one (categories, classes) has one form.
//!
//! Decoding believes nothing: lengths are checked against the bytes that are left before anything is
//! allocated, and content that no profile can have is refused.

mod column;

mod numeric;

mod outcome;

mod wire;

pub use wire::DecodeError;

/// Version that is written, and the only one there is.
const VERSION: u8 = 1;

/// Most rows that a decoded profile may speak for, so that sums of counts cannot overflow.
const ROWS_MAX: u64 = 1 << 48;

/// What byte 1 says.
mod tag {
    pub(super) const NUMERIC: u8 = 1;
    pub(super) const CATEGORICAL: u8 = 2;
    pub(super) const BOOLEAN: u8 = 3;
    pub(super) const TIMESTAMP: u8 = 4;
    pub(super) const UNSUPPORTED: u8 = 5;
    pub(super) const CLASS_OUTCOME: u8 = 16;
}
