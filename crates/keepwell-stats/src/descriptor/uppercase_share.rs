//! How much of a text is in capitals.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;

use super::{Descriptor, Subject, SubjectKind, of_text, share};
use crate::profile::text::CharacterCounts;

entry! {
    /// Share of the letters of a text that are upper-case.
    ///
    /// # Inputs
    /// One text.
    /// # Result
    /// A number in `[0, 1]`, no unit.
    /// # Undefined
    /// `not_applicable` for an image. `zero_denominator` for a text without a letter.
    /// # Cost
    /// `O(l)` for `l` characters.
    /// # When to use, and when not
    /// For shouting, headlines, and text put in one case by a step before the model. Scripts without case have a share of
    /// 0.
    /// # Reference
    /// None but the definition.
    /// ```python oracle
    /// letters = [c for c in text if c.isalpha()]
    /// np.mean([c.isupper() for c in letters])
    /// ```
    pub struct UppercaseShare = "uppercase_share" since "0.1";
}

impl Descriptor for UppercaseShare {
    fn subject(&self) -> SubjectKind {
        SubjectKind::Text
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn describe(&self, subject: Subject<'_>) -> Outcome<f64> {
        of_text(subject, |text| {
            let counts = CharacterCounts::of(text);
            share(counts.uppercase.min(counts.letters), counts.letters)
        })
    }
}
