//! Length of a text in words.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;

use super::{Descriptor, Subject, SubjectKind, of_text};
use crate::words::each_word;

entry! {
    /// Number of words of a text.
    ///
    /// # Inputs
    /// One text.
    /// # Result
    /// A whole number, zero or more. A word is a run of letters and digits, or one ideograph.
    /// # Undefined
    /// `not_applicable` for an image.
    /// # Cost
    /// `O(l)` for `l` characters.
    /// # When to use, and when not
    /// For the length of texts that people write.
    /// # Reference
    /// None but the definition.
    /// ```python oracle
    /// len(words(text))
    /// ```
    pub struct WordCount = "word_count" since "0.1";
}

impl Descriptor for WordCount {
    fn subject(&self) -> SubjectKind {
        SubjectKind::Text
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn describe(&self, subject: Subject<'_>) -> Outcome<f64> {
        of_text(subject, |text| {
            let mut n = 0_u64;
            each_word(text, |_| n += 1);
            Some(n as f64)
        })
    }
}
