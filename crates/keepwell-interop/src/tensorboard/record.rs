//! Records: how the bytes of a file fall into messages.
//!
//! A record is the length of its payload (`u64`, little endian), the masked checksum of these eight
//! bytes, the payload, and the masked checksum of the payload. Nothing marks where a record begins: where
//! a length is wrong, the rest of the file cannot be read; where a payload is wrong, only that one is lost.

use super::crc;

/// Bytes before the payload: its length and the checksum of that.
pub(crate) const HEADER_BYTES: usize = 12;

/// Bytes after the payload: its checksum.
pub(crate) const FOOTER_BYTES: usize = 4;

/// What stands at the beginning of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framed<'a> {
    /// A whole record with this payload, of `bytes` in all.
    Record {
        /// The message.
        payload: &'a [u8],
        /// Length of header, payload and footer.
        bytes: usize,
    },
    /// A whole record whose payload does not agree with its checksum.
    BadPayload {
        /// Length of header, payload and footer.
        bytes: usize,
    },
    /// The length does not agree with its checksum.
    BadLength,
    /// A record of `bytes` begins here, but not all of them are there. Before the header is complete,
    /// `bytes` is the length of the header.
    Partial {
        /// Length of header, payload and footer; saturating.
        bytes: u64,
    },
}

/// The record at the beginning of `bytes`. Allocates nothing, whatever length the header claims.
#[inline]
pub(crate) fn frame(bytes: &[u8]) -> Framed<'_> {
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
        return Framed::Partial {
            bytes: HEADER_BYTES as u64,
        };
    };
    let (length, sum) = header.split_at(8);
    if crc::masked(length).to_le_bytes() != sum {
        return Framed::BadLength;
    }
    let mut claimed = [0; 8];
    claimed.copy_from_slice(length);
    let claimed = u64::from_le_bytes(claimed);
    let total = claimed.saturating_add((HEADER_BYTES + FOOTER_BYTES) as u64);
    let footer = usize::try_from(claimed)
        .ok()
        .and_then(|length| rest.split_at_checked(length))
        .and_then(|(payload, rest)| Some((payload, rest.first_chunk::<FOOTER_BYTES>()?)));
    match footer {
        None => Framed::Partial { bytes: total },
        Some((payload, sum)) => {
            let bytes = HEADER_BYTES + payload.len() + FOOTER_BYTES;
            if crc::masked(payload).to_le_bytes() == *sum {
                Framed::Record { payload, bytes }
            } else {
                Framed::BadPayload { bytes }
            }
        }
    }
}

/// Appends a record with this payload.
pub(crate) fn write(payload: &[u8], out: &mut Vec<u8>) {
    let length = (payload.len() as u64).to_le_bytes();
    out.extend_from_slice(&length);
    out.extend_from_slice(&crc::masked(&length).to_le_bytes());
    out.extend_from_slice(payload);
    out.extend_from_slice(&crc::masked(payload).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(payload, &mut bytes);
        bytes
    }

    #[test]
    fn what_was_written_is_read_and_what_follows_is_left() {
        for payload in [&b""[..], b"a", b"a longer payload than a header is"] {
            let mut bytes = record(payload);
            let whole = bytes.len();
            bytes.extend_from_slice(b"next");
            let framed = Framed::Record {
                payload,
                bytes: whole,
            };
            assert_eq!(frame(&bytes), framed);
        }
    }

    #[test]
    fn every_prefix_is_partial() {
        let bytes = record(b"payload");
        for end in 0..bytes.len() {
            let needed = if end < HEADER_BYTES {
                HEADER_BYTES
            } else {
                bytes.len()
            } as u64;
            assert_eq!(frame(&bytes[..end]), Framed::Partial { bytes: needed });
        }
    }

    #[test]
    fn a_flipped_bit_is_found_wherever_it_is() {
        let bytes = record(b"payload");
        for bit in 0..bytes.len() * 8 {
            let mut broken = bytes.clone();
            broken[bit / 8] ^= 1 << (bit % 8);
            let expected = if bit / 8 < HEADER_BYTES {
                Framed::BadLength
            } else {
                Framed::BadPayload { bytes: bytes.len() }
            };
            assert_eq!(frame(&broken), expected, "bit {bit}");
        }
    }

    #[test]
    fn hostile_lengths_are_claims_and_no_more() {
        for length in [1 << 40, 1 << 63, u64::MAX, u64::MAX - 15] {
            let mut bytes = u64::to_le_bytes(length).to_vec();
            bytes.extend_from_slice(&crc::masked(&bytes).to_le_bytes());
            bytes.extend_from_slice(&[0; 100]);
            let expected = length.saturating_add(16);
            assert_eq!(frame(&bytes), Framed::Partial { bytes: expected });
        }
    }
}
