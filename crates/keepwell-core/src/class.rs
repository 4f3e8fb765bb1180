//! When two spellings are the same class.
//!
//! A model may log `1` where its targets say `1.0`, `"1"` or `true`. All of them are one class; the
//! canonical spelling is the one that comparisons and results use.

use std::borrow::Cow;

/// The canonical spelling of a class that was written as text.
///
/// White space around it is dropped; a whole number with a fraction of zeros loses the fraction
/// (`"1.0"` becomes `"1"`), `true` and `false` in any case become `1` and `0`. All else stays as it is.
pub fn canonical(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("true") {
        return Cow::Borrowed("1");
    }
    if text.eq_ignore_ascii_case("false") {
        return Cow::Borrowed("0");
    }
    match text.split_once('.') {
        Some((whole, fraction))
            if !fraction.is_empty()
                && fraction.bytes().all(|byte| byte == b'0')
                && is_integer(whole) =>
        {
            canonical_integer(whole)
        }
        None if is_integer(text) => canonical_integer(text),
        _ => Cow::Borrowed(text),
    }
}

/// The canonical spelling of a class that was written as a number.
pub fn canonical_number(value: f64) -> String {
    // Every f64 below 2^53 in magnitude without a fraction prints exactly as an integer.
    if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
        format!("{}", value as i64)
    } else {
        format!("{value}")
    }
}

/// Names that usually mean "the positive class", best first.
pub const POSITIVE_NAMES: [&str; 6] = ["1", "yes", "y", "t", "positive", "pos"];

/// The class that is positive by its name, if exactly one of `classes` bears such a name.
pub fn guess_positive<'a>(classes: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut found = None;
    for class in classes {
        if POSITIVE_NAMES
            .iter()
            .any(|name| name.eq_ignore_ascii_case(class))
        {
            if found.is_some() {
                return None;
            }
            found = Some(class);
        }
    }
    found
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn canonical_integer(text: &str) -> Cow<'_, str> {
    if text == "-0" {
        Cow::Borrowed("0")
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_class_agree() {
        for spelling in ["1", "1.0", " 1 ", "1.000", "true", "True", "TRUE"] {
            assert_eq!(canonical(spelling), "1", "{spelling}");
        }
        assert_eq!(canonical_number(1.0), "1");
        assert_eq!(canonical_number(-0.0), "0");
        assert_eq!(canonical("-0.0"), "0");
    }

    #[test]
    fn other_names_stay_apart() {
        for (spelling, expected) in [
            ("yes", "yes"),
            ("1.5", "1.5"),
            ("1.", "1."),
            ("007", "007"),
            ("1.0.0", "1.0.0"),
            ("", ""),
        ] {
            assert_eq!(canonical(spelling), expected);
        }
        assert_eq!(canonical_number(0.5), "0.5");
    }

    #[test]
    fn positive_class_is_guessed_only_when_unambiguous() {
        assert_eq!(guess_positive(["0", "1"]), Some("1"));
        assert_eq!(guess_positive(["no", "Yes"]), Some("Yes"));
        assert_eq!(guess_positive(["yes", "1"]), None);
        assert_eq!(guess_positive(["cat", "dog"]), None);
    }
}
