//! Bytes to values and back.

use std::fmt;

use keepwell_core::time::Timestamp;

use super::super::{Counts, Mode, Moments};
use super::{ROWS_MAX, VERSION};

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

impl DecodeError {
    pub(super) fn invalid(expected: &'static str, found: &dyn fmt::Display) -> Self {
        Self::Invalid {
            expected,
            found: found.to_string(),
        }
    }
}

/// Checks a condition on decoded content.
pub(super) fn ensure(
    is_valid: bool,
    expected: &'static str,
    found: &dyn fmt::Display,
) -> Result<(), DecodeError> {
    if is_valid {
        Ok(())
    } else {
        Err(DecodeError::invalid(expected, &found))
    }
}

/// Appends values to bytes.
#[derive(Debug)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Starts a profile of the kind `tag`.
    pub(super) fn new(tag: u8) -> Self {
        Self {
            bytes: vec![VERSION, tag],
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    pub(super) fn byte(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub(super) fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    pub(super) fn length(&mut self, value: usize) {
        self.number(value as u64);
    }

    pub(super) fn float(&mut self, value: f64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// Floats without their number. Comes down to one copy.
    pub(super) fn floats(&mut self, values: &[f64]) {
        let start = self.bytes.len();
        self.bytes.resize(start + size_of_val(values), 0);
        let (places, _) = self.bytes[start..].as_chunks_mut::<8>();
        for (place, value) in places.iter_mut().zip(values) {
            *place = value.to_le_bytes();
        }
    }

    pub(super) fn text(&mut self, value: &str) {
        self.length(value.len());
        self.bytes.extend_from_slice(value.as_bytes());
    }

    pub(super) fn mode(&mut self, mode: Mode) {
        self.byte(match mode {
            Mode::Exact => 0,
            Mode::Sketched => 1,
        });
    }

    pub(super) fn instant(&mut self, at: Timestamp) {
        self.bytes.extend_from_slice(&at.0.to_le_bytes());
    }

    pub(super) fn counts(&mut self, counts: &Counts) {
        for count in [
            counts.rows,
            counts.null,
            counts.nan,
            counts.positive_infinity,
            counts.negative_infinity,
            counts.zero,
            counts.negative,
            counts.empty,
        ] {
            self.number(count);
        }
    }

    pub(super) fn moments(&mut self, moments: &Moments) {
        self.number(moments.count);
        self.float(moments.mean);
        self.float(moments.m2);
    }
}

/// Takes values off the front of bytes.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Opens a profile and reads its kind.
    pub(super) fn new(bytes: &'a [u8]) -> Result<(u8, Self), DecodeError> {
        let mut reader = Self { bytes };
        let version = reader.byte()?;
        if version != VERSION {
            return Err(DecodeError::Version { found: version });
        }
        Ok((reader.byte()?, reader))
    }

    /// Refuses bytes after the end.
    pub(super) fn finish(self) -> Result<(), DecodeError> {
        let left = self.bytes.len();
        ensure(
            left == 0,
            "the end of the profile",
            &format_args!("{left} more bytes"),
        )
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self
            .bytes
            .split_at_checked(n)
            .ok_or(DecodeError::Truncated {
                expected: n,
                found: self.bytes.len(),
            })?;
        self.bytes = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, DecodeError> {
        Ok(self.take(1)?[0])
    }

    /// A byte that is 0 or 1.
    pub(super) fn flag(&mut self) -> Result<bool, DecodeError> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(DecodeError::invalid("a flag, 0 or 1", &other)),
        }
    }

    pub(super) fn number(&mut self) -> Result<u64, DecodeError> {
        const EXPECTED: &str = "a whole number of 64 bits in its shortest form";
        let mut value = 0_u64;
        for position in 0..10 {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            ensure(position < 9 || bits <= 1, EXPECTED, &"a larger one")?;
            value |= bits << (7 * position);
            if byte & 0x80 == 0 {
                ensure(byte != 0 || position == 0, EXPECTED, &"a longer form")?;
                return Ok(value);
            }
        }
        Err(DecodeError::invalid(EXPECTED, &"a longer form"))
    }

    /// A number of rows.
    pub(super) fn rows(&mut self) -> Result<u64, DecodeError> {
        let value = self.number()?;
        ensure(value <= ROWS_MAX, "at most 2^48 rows", &value)?;
        Ok(value)
    }

    /// A number of items that take at least `bytes_min` bytes each, all of which must be there.
    pub(super) fn length(&mut self, bytes_min: usize) -> Result<usize, DecodeError> {
        let value = self.number()?;
        let expected = usize::try_from(value)
            .unwrap_or(usize::MAX)
            .saturating_mul(bytes_min);
        if expected > self.bytes.len() {
            return Err(DecodeError::Truncated {
                expected,
                found: self.bytes.len(),
            });
        }
        Ok(value as usize)
    }

    pub(super) fn float(&mut self) -> Result<f64, DecodeError> {
        Ok(self.floats(1)?[0])
    }

    pub(super) fn instant(&mut self) -> Result<Timestamp, DecodeError> {
        let mut micros = [0; 8];
        micros.copy_from_slice(self.take(8)?);
        Ok(Timestamp(i64::from_le_bytes(micros)))
    }

    /// `n` floats. Comes down to one copy.
    pub(super) fn floats(&mut self, n: usize) -> Result<Vec<f64>, DecodeError> {
        let (places, _) = self.take(n.saturating_mul(8))?.as_chunks::<8>();
        Ok(places
            .iter()
            .map(|place| f64::from_le_bytes(*place))
            .collect())
    }

    pub(super) fn text(&mut self) -> Result<&'a str, DecodeError> {
        let n = self.length(1)?;
        std::str::from_utf8(self.take(n)?)
            .map_err(|fault| DecodeError::invalid("text in UTF-8", &fault))
    }

    pub(super) fn mode(&mut self) -> Result<Mode, DecodeError> {
        Ok(if self.flag()? {
            Mode::Sketched
        } else {
            Mode::Exact
        })
    }

    /// Counts that contradict neither one another nor any kind of column.
    pub(super) fn counts(&mut self) -> Result<Counts, DecodeError> {
        let counts = Counts {
            rows: self.rows()?,
            null: self.rows()?,
            nan: self.rows()?,
            positive_infinity: self.rows()?,
            negative_infinity: self.rows()?,
            zero: self.rows()?,
            negative: self.rows()?,
            empty: self.rows()?,
        };
        // Each is at most 2^48, so the sum cannot overflow.
        let apart = counts.missing() + counts.infinite() + counts.zero + counts.negative;
        ensure(
            apart + counts.empty <= counts.rows,
            "counts whose sum is at most the number of rows",
            &format_args!("{} of {} rows", apart + counts.empty, counts.rows),
        )?;
        Ok(counts)
    }

    pub(super) fn moments(&mut self) -> Result<Moments, DecodeError> {
        let moments = Moments {
            count: self.rows()?,
            mean: self.float()?,
            m2: self.float()?,
        };
        ensure(moments.mean.is_finite(), "a finite mean", &moments.mean)?;
        ensure(
            moments.m2 >= 0.0,
            "a sum of squares of at least 0",
            &moments.m2,
        )?;
        ensure(
            moments.count > 0 || (moments.mean == 0.0 && moments.m2 == 0.0),
            "moments of zero where there is no value",
            &moments.mean,
        )?;
        Ok(moments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader behind the two bytes of the header.
    fn reader(bytes: &[u8]) -> Reader<'_> {
        Reader { bytes }
    }

    #[test]
    fn numbers_round_trip_in_one_form() {
        for value in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let mut writer = Writer::new(0);
            writer.number(value);
            let bytes = writer.finish();
            let (_, mut reader) = Reader::new(&bytes).expect("a header");
            assert_eq!(reader.number(), Ok(value));
            assert_eq!(reader.finish(), Ok(()));
        }
        for wrong in [
            &[0x80, 0x00][..],
            &[0x81, 0x80, 0x00],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
            &[0x80; 11],
        ] {
            assert!(
                matches!(reader(wrong).number(), Err(DecodeError::Invalid { .. })),
                "{wrong:x?}"
            );
        }
        assert!(matches!(
            reader(&[0x80]).number(),
            Err(DecodeError::Truncated { .. })
        ));
    }

    #[test]
    fn hostile_lengths_are_refused_before_allocation() {
        let mut writer = Writer::new(0);
        writer.number(u64::MAX);
        let bytes = writer.finish();
        for bytes_min in [1, 8, usize::MAX] {
            let (_, mut reader) = Reader::new(&bytes).expect("a header");
            assert!(matches!(
                reader.length(bytes_min),
                Err(DecodeError::Truncated { .. })
            ));
        }
        assert!(reader(&[0; 64]).floats(usize::MAX).is_err());
    }

    #[test]
    fn other_versions_and_empty_input_are_refused() {
        assert_eq!(
            Reader::new(&[2, 1]).err(),
            Some(DecodeError::Version { found: 2 })
        );
        for short in [&[][..], &[VERSION]] {
            assert_eq!(
                Reader::new(short).err(),
                Some(DecodeError::Truncated {
                    expected: 1,
                    found: 0
                })
            );
        }
    }

    #[test]
    fn floats_keep_every_bit() {
        let values = [0.1, -0.0, f64::NAN, f64::MIN_POSITIVE / 3.0, f64::INFINITY];
        let mut writer = Writer::new(0);
        writer.floats(&values);
        let bytes = writer.finish();
        let (_, mut reader) = Reader::new(&bytes).expect("a header");
        let read = reader.floats(values.len()).expect("all are there");
        for (found, expected) in read.iter().zip(values) {
            assert_eq!(found.to_bits(), expected.to_bits());
        }
    }
}
