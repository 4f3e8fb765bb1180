//! Length of a text in characters.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;

use super::{Descriptor, Subject, SubjectKind, of_text};

entry! {
    /// Number of characters of a text.
    ///
    /// # Inputs
    /// One text.
    /// # Result
    /// A whole number, zero or more, in Unicode characters (code points).
    /// # Undefined
    /// `not_applicable` for an image.
    /// # Cost
    /// `O(l)` for `l` characters.
    /// # When to use, and when not
    /// For texts cut off at a limit and templates added. For languages with spaces `word_count` is closer to what a
    /// reader sees.
    /// # Reference
    /// None but the definition.
    /// ```python oracle
    /// len(text)
    /// ```
    pub struct CharacterCount = "character_count" since "0.1";
}

impl Descriptor for CharacterCount {
    fn subject(&self) -> SubjectKind {
        SubjectKind::Text
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn describe(&self, subject: Subject<'_>) -> Outcome<f64> {
        of_text(subject, |text| Some(text.chars().count() as f64))
    }
}
