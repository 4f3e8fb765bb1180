//! Protocol Buffers on the wire, read without copying.
//!
//! Event files are mostly scalars of some forty bytes. Building whole messages of them costs ten times
//! what reading their fields in place does; so events are scanned by this module, and only what is kept
//! and is not a scalar is decoded by `prost`.

/// Bytes that are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field<'a> {
    /// An integer, a boolean, an enumeration.
    Varint(u64),
    /// `double`, `fixed64`.
    Fixed64([u8; 8]),
    /// Text, bytes, a message, packed numbers.
    Bytes(&'a [u8]),
    /// `float`, `fixed32`.
    Fixed32([u8; 4]),
    /// A group, which no message here has; its fields were skipped.
    Group,
}

/// Groups inside groups that are skipped; deeper ones are malformed.
const GROUP_DEPTH_MAX: u32 = 32;

/// Fields of a message, in their order in the bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// The fields of the message `bytes`.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next field with its number, or `None` at the end.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> Result<Option<(u32, Field<'a>)>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (number, wire_type) = self.key()?;
        let field = self.field(number, wire_type, 0)?;
        Ok(Some((number, field)))
    }

    #[inline]
    fn key(&mut self) -> Result<(u32, u64), Malformed> {
        let key = self.varint()?;
        match u32::try_from(key >> 3) {
            Ok(number @ 1..=0x1fff_ffff) => Ok((number, key & 7)),
            _ => Err(Malformed),
        }
    }

    // Not left to the compiler, which is shy of the recursion through groups: a call for each field is a third
    // of the time that a scalar takes.
    #[inline(always)]
    fn field(&mut self, number: u32, wire_type: u64, depth: u32) -> Result<Field<'a>, Malformed> {
        Ok(match wire_type {
            0 => Field::Varint(self.varint()?),
            1 => Field::Fixed64(self.array()?),
            2 => Field::Bytes(self.bytes()?),
            3 => {
                self.skip_group(number, depth)?;
                Field::Group
            }
            5 => Field::Fixed32(self.array()?),
            _ => return Err(Malformed),
        })
    }

    /// Skips to the end of the group with this number.
    #[cold]
    #[inline(never)]
    fn skip_group(&mut self, number: u32, depth: u32) -> Result<(), Malformed> {
        const END: u64 = 4;
        if depth >= GROUP_DEPTH_MAX {
            return Err(Malformed);
        }
        loop {
            let (inner, wire_type) = self.key()?;
            if wire_type == END {
                return if inner == number {
                    Ok(())
                } else {
                    Err(Malformed)
                };
            }
            self.field(inner, wire_type, depth + 1)?;
        }
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, Malformed> {
        match *self.rest {
            [byte, ref rest @ ..] if byte < 0x80 => {
                self.rest = rest;
                Ok(u64::from(byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u64, Malformed> {
        let (value, rest) = long_varint(self.rest)?;
        self.rest = rest;
        Ok(value)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(Malformed)?;
        self.rest = rest;
        Ok(*array)
    }

    #[inline]
    fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Malformed)?;
        self.rest = rest;
        Ok(bytes)
    }
}

/// A varint of up to ten bytes, and what follows it.
#[inline]
fn long_varint(bytes: &[u8]) -> Result<(u64, &[u8]), Malformed> {
    let mut value = 0_u64;
    for (idx, &byte) in bytes.iter().enumerate().take(10) {
        let bits = u64::from(byte & 0x7f);
        // The tenth byte has one bit left.
        if idx == 9 && bits > 1 {
            return Err(Malformed);
        }
        value |= bits << (7 * idx);
        if byte < 0x80 {
            return Ok((value, &bytes[idx + 1..]));
        }
    }
    Err(Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Result<Vec<(u32, Field<'_>)>, Malformed> {
        let mut fields = Fields::new(bytes);
        let mut found = Vec::new();
        while let Some(field) = fields.next()? {
            found.push(field);
        }
        Ok(found)
    }

    #[test]
    fn each_wire_type_is_read() {
        let bytes = [
            0x08, 0x96, 0x01, // 1: 150, the example of the documentation
            0x12, 0x02, b'h', b'i', // 2: "hi"
            0x1d, 1, 2, 3, 4, // 3: four bytes
            0x21, 1, 2, 3, 4, 5, 6, 7, 8, // 4: eight bytes
            0x2b, 0x08, 0x01, 0x33, 0x34, 0x2c, // 5: a group that holds a field and a group 6
        ];
        let expected = vec![
            (1, Field::Varint(150)),
            (2, Field::Bytes(b"hi")),
            (3, Field::Fixed32([1, 2, 3, 4])),
            (4, Field::Fixed64([1, 2, 3, 4, 5, 6, 7, 8])),
            (5, Field::Group),
        ];
        assert_eq!(all(&bytes), Ok(expected));
    }

    #[test]
    fn negative_integers_take_ten_bytes_and_no_more() {
        let mut bytes = vec![0x08];
        bytes.extend([0xff; 9]);
        bytes.push(0x01);
        assert_eq!(all(&bytes), Ok(vec![(1, Field::Varint(u64::MAX))]));
        bytes[10] = 0x02;
        assert_eq!(all(&bytes), Err(Malformed));
        bytes[10] = 0x81;
        bytes.push(0x00);
        assert_eq!(all(&bytes), Err(Malformed));
    }

    #[test]
    fn what_is_cut_or_unknown_is_malformed() {
        let deep = [0x0b; 100];
        for bytes in [
            &[0x08][..],                                                   // a key without its value
            &[0x0a, 0x05, 1], // fewer bytes than claimed
            &[0x0d, 1, 2, 3], // three bytes of four
            &[0x00, 0x00],    // field number zero
            &[0x0e, 0x00],    // wire type six
            &[0x0c],          // the end of no group
            &[0x0b, 0x14],    // the end of another group
            &[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], // 2^63 bytes claimed
            &deep,
        ] {
            assert_eq!(all(bytes), Err(Malformed), "{bytes:?}");
        }
    }
}
