//! Bytes of a detector's state: a version, then its numbers, little-endian.

use crate::profile::DecodeError;

const VERSION: u8 = 1;

/// Most points that a saved state may speak for, so that counting on cannot overflow.
const POINTS_MAX: u64 = 1 << 53;

/// Collects the numbers of a state.
#[derive(Debug)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self {
            bytes: vec![VERSION],
        }
    }

    pub(super) fn count(mut self, value: u64) -> Self {
        self.bytes.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub(super) fn number(self, value: f64) -> Self {
        self.count(value.to_bits())
    }

    pub(super) fn flag(self, value: bool) -> Self {
        self.count(u64::from(value))
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Takes the numbers of a state apart again.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        match bytes {
            [VERSION, rest @ ..] => Ok(Self { rest }),
            [found, ..] => Err(DecodeError::Version { found: *found }),
            [] => Err(DecodeError::Truncated {
                expected: 1,
                found: 0,
            }),
        }
    }

    pub(super) fn count(&mut self) -> Result<u64, DecodeError> {
        let Some((word, rest)) = self.rest.split_first_chunk::<8>() else {
            return Err(DecodeError::Truncated {
                expected: 8,
                found: self.rest.len(),
            });
        };
        self.rest = rest;
        Ok(u64::from_le_bytes(*word))
    }

    /// A count of at most `max`, so that no state asks for more memory than a writer of ours needs.
    pub(super) fn count_up_to(&mut self, max: u64) -> Result<u64, DecodeError> {
        let found = self.count()?;
        if found > max {
            return Err(DecodeError::Invalid {
                expected: "a count within the limits of the detector",
                found: format!("{found}, above {max}"),
            });
        }
        Ok(found)
    }

    /// A number of points of the series.
    pub(super) fn points(&mut self) -> Result<u64, DecodeError> {
        self.count_up_to(POINTS_MAX)
    }

    pub(super) fn number(&mut self) -> Result<f64, DecodeError> {
        self.count().map(f64::from_bits)
    }

    pub(super) fn flag(&mut self) -> Result<bool, DecodeError> {
        Ok(self.count_up_to(1)? == 1)
    }

    /// Checks that nothing is left.
    pub(super) fn finish(self) -> Result<(), DecodeError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(DecodeError::Invalid {
                expected: "the end of the state",
                found: format!("{} more bytes", self.rest.len()),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_a_wrong_length_or_version_is_refused() {
        let bytes = Writer::new()
            .count(7)
            .number(-0.5)
            .flag(true)
            .number(f64::INFINITY)
            .finish();
        let mut reader = Reader::new(&bytes).expect("version 1");
        assert_eq!(reader.count(), Ok(7));
        assert_eq!(reader.number(), Ok(-0.5));
        assert_eq!(reader.flag(), Ok(true));
        assert_eq!(reader.number(), Ok(f64::INFINITY));
        assert_eq!(reader.finish(), Ok(()));

        let mut short = Reader::new(&bytes[..5]).expect("version 1");
        assert!(matches!(
            short.count(),
            Err(DecodeError::Truncated {
                expected: 8,
                found: 4
            })
        ));
        assert!(Reader::new(&bytes).expect("version 1").finish().is_err());
        assert!(
            Reader::new(&bytes)
                .expect("version 1")
                .count_up_to(6)
                .is_err()
        );
        assert_eq!(
            Reader::new(&[9]).err(),
            Some(DecodeError::Version { found: 9 })
        );
        assert!(Reader::new(&[]).is_err());
    }
}
