//! The binary form of profiles: versioned, and readable for ever.
//!
//! Byte 0 is the version of the format, byte 1 the kind of profile; the rest depends on the kind. Whole
//! numbers are varints (seven bits a byte, lowest first, in the shortest form), floating-point numbers the
//! eight bytes of IEEE 754, lowest first, texts their length in bytes and UTF-8. All that has an order is
//! written in ascending order, so that a profile of a kind without one (categories, classes) has one form.
//!
//! Decoding believes nothing: lengths are checked against the bytes that are left before anything is
//! allocated, and content that no profile can have is refused.

mod boxes;

mod classes;

mod column;

mod embedding;

mod labels;

mod numeric;

mod outcome;

mod rankings;

mod row_sample;

mod scatter;

mod text;

mod texts;

mod timestamp;

mod values;

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
    /// Read, and written only where it was read: without a calendar.
    pub(super) const TIMESTAMP_FIRST: u8 = 4;
    pub(super) const UNSUPPORTED: u8 = 5;
    pub(super) const TEXT: u8 = 6;
    pub(super) const EMBEDDING: u8 = 7;
    pub(super) const TIMESTAMP: u8 = 8;
    /// Read, but no longer written: without squared errors and ranks of targets.
    pub(super) const CLASS_OUTCOME_FIRST: u8 = 16;
    pub(super) const VALUE_OUTCOME: u8 = 17;
    pub(super) const LABEL_OUTCOME: u8 = 18;
    pub(super) const RANKING_OUTCOME: u8 = 19;
    pub(super) const TEXT_OUTCOME: u8 = 20;
    pub(super) const BOX_OUTCOME: u8 = 21;
    pub(super) const CLASS_OUTCOME: u8 = 22;
    pub(super) const ROW_SAMPLE: u8 = 32;
}
