//! The checksum of records.

/// Castagnoli's CRC-32 of `bytes`, masked as the record format wants it: rotated right by 15 bits, plus a
/// constant, so that the checksum of bytes that hold a checksum stays sound.
///
/// Format: the comments of TensorFlow's `record_writer.cc` and LevelDB's `crc32c.h`.
#[inline]
pub(crate) fn masked(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
        .rotate_right(15)
        .wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        // RFC 3720, appendix B.4: 32 bytes of zeros, and of ones.
        let unmask = |sum: u32| sum.wrapping_sub(0xa282_ead8).rotate_left(15);
        assert_eq!(unmask(masked(&[0; 32])), 0x8a91_36aa);
        assert_eq!(unmask(masked(&[0xff; 32])), 0x62a8_ab43);
        // The length of the first record that TensorFlow writes, 24 bytes, as files begin.
        assert_eq!(
            masked(&24_u64.to_le_bytes()).to_le_bytes(),
            [0xa3, 0x7f, 0x4b, 0x22]
        );
    }
}
