//! What in a text is not text.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;

use super::{Descriptor, Subject, SubjectKind, of_text, share};
use crate::profile::text::CharacterCounts;

entry! {
    /// Share of the characters of a text that are neither letters nor white space.
    ///
    /// # Inputs
    /// One text.
    /// # Result
    /// A number in `[0, 1]`, no unit.
    /// # Undefined
    /// `not_applicable` for an image. `zero_denominator` for a text of nothing but white space.
    /// # Cost
    /// `O(l)` for `l` characters.
    /// # When to use, and when not
    /// For markup, code, numbers, emoji and broken encodings that come into prose. Digits count as non-letters.
    /// # Reference
    /// None but the definition.
    /// ```python oracle
    /// seen = [c for c in text if not c.isspace()]
    /// np.mean([not c.isalpha() for c in seen])
    /// ```
    pub struct NonLetterShare = "non_letter_share" since "0.1";
}

impl Descriptor for NonLetterShare {
    fn subject(&self) -> SubjectKind {
        SubjectKind::Text
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn describe(&self, subject: Subject<'_>) -> Outcome<f64> {
        of_text(subject, |text| {
            let counts = CharacterCounts::of(text);
            let seen = counts.all - counts.spaces;
            share(seen - counts.letters, seen)
        })
    }
}
