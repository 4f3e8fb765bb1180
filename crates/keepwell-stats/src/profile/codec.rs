//! The binary form of profiles: versioned, and readable for ever.

/// Bytes that are not a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end in the middle of a value.
    #[error("expected {expected} more bytes; found {found}")]
    Truncated {
        /// Bytes that the next value needs.
        expected: usize,
        /// Bytes that are left.
        found: usize,
    },
    /// The first byte names a version that this program does not know.
    #[error("expected format version 1; found {found}")]
    Version {
        /// What the bytes say.
        found: u8,
    },
    /// A value that no writer of ours produces.
    #[error("expected {expected}; found {found}")]
    Invalid {
        /// What would be right.
        expected: &'static str,
        /// What was found.
        found: String,
    },
}
