//! Length of a text in sentences.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;

use super::{Descriptor, Subject, SubjectKind, of_text};
use crate::words::each_word;

entry! {
    /// Number of stretches with a word between marks that end a sentence.
    ///
    /// # Inputs
    /// One text.
    /// # Result
    /// A whole number, zero or more. Full stops, exclamation and question marks (the Chinese ones too) end a
    /// sentence where white space or the end of the text follows, the Chinese ones everywhere, line ends always.
    /// # Undefined
    /// `not_applicable` for an image.
    /// # Cost
    /// `O(l)` for `l` characters.
    /// # When to use, and when not
    /// For answers that became lists or one-liners. A rule of thumb: abbreviations followed by a space end a sentence, too.
    /// # Reference
    /// None but the definition.
    /// ```python oracle
    /// import re
    /// parts = re.split(r"[.!?]+(?=\s|$)|[。！？\n]", text)
    /// sum(bool(words(part)) for part in parts)
    /// ```
    pub struct SentenceCount = "sentence_count" since "0.1";
}

impl Descriptor for SentenceCount {
    fn subject(&self) -> SubjectKind {
        SubjectKind::Text
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn describe(&self, subject: Subject<'_>) -> Outcome<f64> {
        of_text(subject, |text| Some(count(text)))
    }
}

fn count(text: &str) -> f64 {
    let (mut n_sentences, mut start) = (0_u64, 0);
    let mut end_of = |part: &str| {
        let mut has_word = false;
        each_word(part, |_| has_word = true);
        n_sentences += u64::from(has_word);
    };
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let is_end = match character {
            '。' | '！' | '？' | '\n' => true,
            '.' | '!' | '?' => characters
                .peek()
                .is_none_or(|(_, next)| next.is_whitespace()),
            _ => false,
        };
        if is_end {
            end_of(&text[start..at]);
            start = at + character.len_utf8();
        }
    }
    end_of(&text[start..]);
    n_sentences as f64
}
