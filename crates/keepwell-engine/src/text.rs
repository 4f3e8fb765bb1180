//! How single texts are read as numbers, truth values and instants, the same in every format.

use keepwell_core::class;
use keepwell_core::time::Timestamp;

/// What a text that stands for an instant must look like.
pub(crate) const INSTANT: &str =
    "an instant such as 2026-01-31T09:30:00Z, or a date such as 2026-01-31";

/// A number as programs write them; white space around it is allowed.
pub(crate) fn parse_number(text: &str) -> Option<f64> {
    // Trimming costs as much as parsing, and hardly any field needs it.
    text.parse()
        .ok()
        .or_else(|| padded(text).and_then(|text| text.parse().ok()))
}

/// A whole number that fits 64 bits. One with leading zeros is a name (a postal code), not a number.
pub(crate) fn parse_integer(text: &str) -> Option<i64> {
    if has_leading_zero(text) {
        return None;
    }
    text.parse()
        .ok()
        .or_else(|| padded(text).and_then(|text| text.parse().ok()))
}

/// The text without white space around it, if it has any.
fn padded(text: &str) -> Option<&str> {
    let trimmed = text.trim();
    (trimmed.len() < text.len()).then_some(trimmed)
}

/// Whether the text is a number with zeros in front that would be lost, such as `007`.
pub(crate) fn has_leading_zero(text: &str) -> bool {
    let mut digits = text
        .bytes()
        .skip_while(|byte| byte.is_ascii_whitespace() || matches!(byte, b'-' | b'+'));
    digits.next() == Some(b'0') && digits.next().is_some_and(|byte| byte.is_ascii_digit())
}

/// `true` and `false` in any case, `1` and `0`.
pub(crate) fn parse_boolean(text: &str) -> Option<bool> {
    match &*class::canonical(text) {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    }
}

/// Microseconds since 1970 of RFC 3339, or of a date or date-time without zone, which counts as UTC.
pub(crate) fn parse_instant(text: &str) -> Option<i64> {
    // Other spellings that the parser below knows (weeks, basic format) are too close to numbers.
    looks_like_instant(text)
        .then(|| text.parse::<Timestamp>().ok())
        .flatten()
        .map(|instant| instant.0)
}

/// Whether the text begins with a date as in `2026-01-31`.
pub(crate) fn looks_like_instant(text: &str) -> bool {
    let bytes = text.trim_start().as_bytes();
    bytes.len() >= 10
        && bytes[..10].iter().enumerate().all(|(idx, byte)| {
            if idx == 4 || idx == 7 {
                *byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        })
}

/// Whether an instant names its zone; a bare date does not need one.
pub(crate) fn names_zone(text: &str) -> bool {
    let time = text.trim().get(10..).unwrap_or_default();
    time.is_empty() || time.ends_with(['Z', 'z', ']']) || time.contains(['+', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_programs_write_them() {
        assert_eq!(parse_number(" 1e3 "), Some(1000.0));
        assert!(parse_number("NaN").is_some_and(f64::is_nan));
        assert_eq!(parse_number("1,5"), None);
        assert_eq!(parse_integer("-7"), Some(-7));
        assert_eq!(parse_integer("0"), Some(0));
        assert_eq!(parse_integer("007"), None);
        assert_eq!(parse_integer("9223372036854775808"), None);
    }

    #[test]
    fn only_unambiguous_dates_are_instants() {
        assert!(parse_instant("2013-01-07").is_some());
        assert!(parse_instant("2013-01-07 10:00:00").is_some());
        assert!(parse_instant("2013-01-07T10:00:00+02:00").is_some());
        for wrong in ["07/01/2013", "20130107", "2013-W05", "2013-13-01", "2013"] {
            assert_eq!(parse_instant(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn zones_are_seen() {
        assert!(names_zone("2013-01-07T10:00:00Z"));
        assert!(names_zone("2013-01-07T10:00:00-05:00"));
        assert!(names_zone("2013-01-07"));
        assert!(!names_zone("2013-01-07T10:00:00"));
    }
}
