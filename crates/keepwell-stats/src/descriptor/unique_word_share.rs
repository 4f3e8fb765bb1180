//! How rich the words of a text are.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;

use super::{Descriptor, Subject, SubjectKind, of_text, share};
use crate::words::each_word;

entry! {
    /// Different words of a text divided by all its words.
    ///
    /// # Inputs
    /// One text.
    /// # Result
    /// A number in `(0, 1]`, no unit: 1 if no word is repeated.
    /// # Undefined
    /// `not_applicable` for an image. `zero_denominator` for a text without a word.
    /// # Cost
    /// `O(l log l)` for `l` characters.
    /// # When to use, and when not
    /// For text that a model repeats without end, and for templates. It falls with the length of a text: compare texts
    /// of like length.
    /// # Reference
    /// Templin (1957), Certain language skills in children, University of Minnesota Press (type–token ratio).
    /// ```python oracle
    /// found = words(text)
    /// len(set(found)) / len(found)
    /// ```
    pub struct UniqueWordShare = "unique_word_share" since "0.1";
}

impl Descriptor for UniqueWordShare {
    fn subject(&self) -> SubjectKind {
        SubjectKind::Text
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn describe(&self, subject: Subject<'_>) -> Outcome<f64> {
        of_text(subject, |text| {
            let mut words = Vec::new();
            each_word(text, |word| words.push(word.to_owned()));
            let all = words.len() as u64;
            words.sort_unstable();
            words.dedup();
            share(words.len() as u64, all)
        })
    }
}
