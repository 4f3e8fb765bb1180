//! How long the words of a text are.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;

use super::{Descriptor, Subject, SubjectKind, of_text, share};
use crate::words::each_word;

entry! {
    /// Mean number of characters of the words of a text.
    ///
    /// # Inputs
    /// One text.
    /// # Result
    /// A number of at least 1, in Unicode characters.
    /// # Undefined
    /// `not_applicable` for an image. `zero_denominator` for a text without a word.
    /// # Cost
    /// `O(l)` for `l` characters.
    /// # When to use, and when not
    /// For another language, jargon, words run together by lost spaces, identifiers and hashes. An ideograph is a
    /// word of length 1.
    /// # Reference
    /// None but the definition.
    /// ```python oracle
    /// np.mean([len(word) for word in words(text)])
    /// ```
    pub struct MeanWordLength = "mean_word_length" since "0.1";
}

impl Descriptor for MeanWordLength {
    fn subject(&self) -> SubjectKind {
        SubjectKind::Text
    }

    fn range(&self) -> (f64, f64) {
        (1.0, f64::INFINITY)
    }

    fn describe(&self, subject: Subject<'_>) -> Outcome<f64> {
        of_text(subject, |text| {
            let (mut n_words, mut n_characters) = (0_u64, 0_u64);
            each_word(text, |word| {
                n_words += 1;
                n_characters += word.chars().count() as u64;
            });
            share(n_characters, n_words)
        })
    }
}
