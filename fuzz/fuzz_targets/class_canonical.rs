//! Spellings of classes: the canonical one is its own canonical spelling, and numbers agree with their text.

#![no_main]

use keepwell_core::class::{canonical, canonical_number, guess_positive};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let once = canonical(text);
        assert_eq!(canonical(&once), once);
        let _ = guess_positive(text.split(','));
    }
    if let Some(bits) = bytes.first_chunk::<8>() {
        let number = f64::from_le_bytes(*bits);
        let text = canonical_number(number);
        assert_eq!(canonical(&text), text);
        assert_eq!(canonical(&number.to_string()), text);
    }
});
