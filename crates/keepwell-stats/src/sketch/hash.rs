//! A hash that is the same on every machine and in every version, because stored profiles rest on it.

/// MurmurHash3 x64-128 (Appleby, 2011) with seed 0. Not for use against an adversary who chooses keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hash128 {
    /// First half of the digest.
    pub first: u64,
    /// Second half of the digest.
    pub second: u64,
}

const C1: u64 = 0x87c3_7b91_1142_53d5;
const C2: u64 = 0x4cf5_ad43_2745_937f;

impl Hash128 {
    /// Hash of a string of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let (mut first, mut second) = (0_u64, 0_u64);
        let (blocks, tail) = bytes.as_chunks::<16>();
        for block in blocks {
            let (low, high) = halves(*block);
            first ^= scramble_low(low);
            first = first.rotate_left(27).wrapping_add(second);
            first = first.wrapping_mul(5).wrapping_add(0x52dc_e729);
            second ^= scramble_high(high);
            second = second.rotate_left(31).wrapping_add(first);
            second = second.wrapping_mul(5).wrapping_add(0x3849_5ab5);
        }
        let mut padded = [0; 16];
        padded[..tail.len()].copy_from_slice(tail);
        let (low, high) = halves(padded);
        first ^= scramble_low(low);
        second ^= scramble_high(high);

        let length = bytes.len() as u64;
        first ^= length;
        second ^= length;
        first = first.wrapping_add(second);
        second = second.wrapping_add(first);
        first = finish(first);
        second = finish(second);
        first = first.wrapping_add(second);
        second = second.wrapping_add(first);
        Self { first, second }
    }
}

fn halves(block: [u8; 16]) -> (u64, u64) {
    let whole = u128::from_le_bytes(block);
    (whole as u64, (whole >> 64) as u64)
}

fn scramble_low(key: u64) -> u64 {
    key.wrapping_mul(C1).rotate_left(31).wrapping_mul(C2)
}

fn scramble_high(key: u64) -> u64 {
    key.wrapping_mul(C2).rotate_left(33).wrapping_mul(C1)
}

/// Spreads a key over all 64 bits; a bijection (the finaliser of MurmurHash3).
pub(crate) fn finish(mut key: u64) -> u64 {
    key ^= key >> 33;
    key = key.wrapping_mul(0xff51_afd7_ed55_8ccd);
    key ^= key >> 33;
    key = key.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    key ^ (key >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check of Appleby's SMHasher: hashes of 256 keys with seeds are hashed again. It needs seeds,
    /// so published digests with seed 0 are used instead.
    #[test]
    fn agrees_with_published_digests() {
        for (text, first, second) in [
            ("", 0, 0),
            ("hello", 0xcbd8_a7b3_41bd_9b02, 0x5b1e_906a_48ae_1d19),
            (
                "The quick brown fox jumps over the lazy dog",
                0xe34b_bc7b_bc07_1b6c,
                0x7a43_3ca9_c49a_9347,
            ),
        ] {
            assert_eq!(
                Hash128::of(text.as_bytes()),
                Hash128 { first, second },
                "{text}"
            );
        }
    }
}
