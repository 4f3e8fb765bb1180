//! Profile of a column of free text.

use super::scatter::{COMPONENTS, Scatter};
use super::vocabulary::Vocabulary;
use super::{Counts, MergeError, Mode, NumericProfile};
use crate::sketch::Hash128;
use crate::words::each_word;

/// Counts of characters by what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CharacterCounts {
    /// All characters.
    pub all: u64,
    /// Letters of any script.
    pub letters: u64,
    /// Letters that are upper-case.
    pub uppercase: u64,
    /// Digits and other numerals.
    pub digits: u64,
    /// White space.
    pub spaces: u64,
    /// Characters beyond ASCII.
    pub non_ascii: u64,
}

impl CharacterCounts {
    /// The characters of a text.
    pub fn of(text: &str) -> Self {
        let mut counts = Self::default();
        for character in text.chars() {
            counts.all += 1;
            counts.letters += u64::from(character.is_alphabetic());
            counts.uppercase += u64::from(character.is_uppercase());
            counts.digits += u64::from(!character.is_alphabetic() && character.is_numeric());
            counts.spaces += u64::from(character.is_whitespace());
            counts.non_ascii += u64::from(!character.is_ascii());
        }
        counts
    }

    /// Characters that are neither letters nor digits nor white space: punctuation and symbols.
    pub fn punctuation(&self) -> u64 {
        self.all - self.letters - self.digits - self.spaces
    }

    fn add(&mut self, other: &Self, n: u64) {
        self.all += n * other.all;
        self.letters += n * other.letters;
        self.uppercase += n * other.uppercase;
        self.digits += n * other.digits;
        self.spaces += n * other.spaces;
        self.non_ascii += n * other.non_ascii;
    }
}

/// Lengths, characters and words of texts.
///
/// Besides the counts of words it keeps mean and covariance of what share of a text's words falls into each
/// of 64 groups of words (by hash), which is all that a test needs that respects that the words of one text
/// depend on one another. Texts without a word have no such shares.
#[derive(Debug, Clone, PartialEq)]
pub struct TextProfile {
    pub(super) counts: Counts,
    pub(super) characters: CharacterCounts,
    pub(super) n_characters: NumericProfile,
    pub(super) n_words: NumericProfile,
    pub(super) vocabulary: Vocabulary,
    pub(super) shares: Scatter,
}

impl TextProfile {
    /// An empty profile.
    pub fn new(mode: Mode) -> Self {
        Self {
            counts: Counts::default(),
            characters: CharacterCounts::default(),
            n_characters: NumericProfile::new(mode),
            n_words: NumericProfile::new(mode),
            vocabulary: Vocabulary::new(mode),
            shares: Scatter::default(),
        }
    }

    /// Takes `n` rows that hold `text`.
    pub fn push(&mut self, text: &str, n: u64) {
        if n == 0 {
            return;
        }
        self.counts.rows += n;
        if text.is_empty() {
            self.counts.empty += n;
        }
        let characters = CharacterCounts::of(text);
        self.characters.add(&characters, n);
        let (mut all, mut places) = (String::new(), Vec::new());
        let mut shares = [0.0; COMPONENTS];
        each_word(text, |word| {
            let start = all.len();
            all.push_str(word);
            places.push(start..all.len());
            shares[bucket(word)] += 1.0;
        });
        let n_words = places.len();
        for _ in 0..n {
            self.n_characters.push(characters.all as f64);
            self.n_words.push(n_words as f64);
        }
        if n_words == 0 {
            return;
        }
        shares.iter_mut().for_each(|count| *count /= n_words as f64);
        self.shares.push(&shares, n);
        let mut words: Vec<&str> = places.into_iter().map(|place| &all[place]).collect();
        words.sort_unstable();
        words.dedup();
        self.vocabulary.push(text, words.into_iter(), n);
    }

    /// Takes `n` rows that hold null.
    pub fn push_nulls(&mut self, n: u64) {
        self.counts.rows += n;
        self.counts.null += n;
    }

    /// Adds another part.
    ///
    /// # Errors
    /// If one is exact and the other sketched.
    pub fn merge(&mut self, other: Self) -> Result<(), MergeError> {
        self.vocabulary.merge(other.vocabulary)?;
        self.n_characters.merge(other.n_characters)?;
        self.n_words.merge(other.n_words)?;
        self.counts.merge(&other.counts);
        self.characters.add(&other.characters, 1);
        self.shares.merge(&other.shares);
        Ok(())
    }

    /// Prepares for evaluation; see [`NumericProfile::seal`].
    pub fn seal(&mut self) {
        self.n_characters.seal();
        self.n_words.seal();
    }

    /// Counts of all rows.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Counts of the characters of all texts.
    pub fn characters(&self) -> &CharacterCounts {
        &self.characters
    }

    /// Number of characters of each text.
    pub fn n_characters(&self) -> &NumericProfile {
        &self.n_characters
    }

    /// Number of words of each text.
    pub fn n_words(&self) -> &NumericProfile {
        &self.n_words
    }

    /// The words, with the number of texts that hold them.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Over the texts with words, the shares of their words in each of 64 groups of words.
    pub fn shares(&self) -> &Scatter {
        &self.shares
    }

    /// Whether all lengths and up to a large number of words are kept.
    pub fn mode(&self) -> Mode {
        self.vocabulary.mode
    }
}

/// Group of a word.
fn bucket(word: &str) -> usize {
    (Hash128::of(word.as_bytes()).second % COMPONENTS as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::super::vocabulary::WORDS_SKETCHED_MAX;
    use super::*;

    fn profile(mode: Mode, texts: &[&str]) -> TextProfile {
        let mut profile = TextProfile::new(mode);
        texts.iter().for_each(|text| profile.push(text, 1));
        profile
    }

    #[test]
    fn texts_are_counted_by_length_characters_and_words() {
        let mut profile = profile(Mode::Exact, &["The cat, the CAT!", "", "3 cats 喵", "…"]);
        profile.push_nulls(2);
        let counts = profile.counts();
        assert_eq!((counts.rows, counts.null, counts.empty), (6, 2, 1));
        assert_eq!(
            *profile.characters(),
            CharacterCounts {
                all: 26,
                letters: 17,
                uppercase: 4,
                digits: 1,
                spaces: 5,
                non_ascii: 2,
            }
        );
        assert_eq!(profile.characters().punctuation(), 3);
        let lengths = profile.n_words().distribution();
        assert_eq!(lengths.values(), [0.0, 0.0, 3.0, 4.0]);
        assert_eq!(profile.n_characters().range(), Some((0.0, 17.0)));
        let words = profile.vocabulary();
        assert_eq!(
            words.top(9),
            [("3", 1), ("cat", 1), ("cats", 1), ("the", 1), ("喵", 1)]
        );
        assert_eq!(profile.shares().count(), 2);
        let total: f64 = profile.shares().mean().iter().sum();
        assert!((total - 1.0).abs() < 1e-12);
    }

    #[test]
    fn repetitions_and_parts_equal_single_rows() {
        let texts = ["one two", "two three", "two", ""];
        let mut repeated = TextProfile::new(Mode::Exact);
        texts.iter().for_each(|text| repeated.push(text, 2));
        repeated.push("never", 0);
        let mut merged = profile(Mode::Exact, &texts);
        merged
            .merge(profile(Mode::Exact, &texts))
            .expect("one mode");
        for profile in [&mut repeated, &mut merged] {
            profile.seal();
            profile.shares = Scatter::default();
        }
        assert_eq!(repeated, merged);
        let two = merged.vocabulary().get("two").expect("seen");
        assert_eq!((two.texts, two.only_group()), (6, None));
    }

    #[test]
    fn many_words_become_a_sample() {
        let mut whole = TextProfile::new(Mode::Sketched);
        let mut parts = [(); 2].map(|()| TextProfile::new(Mode::Sketched));
        for row in 0..6000 {
            let text = format!("the word{row} word{}", row + 1);
            whole.push(&text, 1);
            parts[row % 2].push(&text, 1);
        }
        let [mut merged, other] = parts;
        merged.merge(other).expect("one mode");
        assert_eq!(merged.vocabulary(), whole.vocabulary());
        let words = whole.vocabulary();
        assert!(!words.is_complete() && words.words.len() <= WORDS_SKETCHED_MAX);
        assert!(
            words.distinct().abs_diff(6002) < 600,
            "{}",
            words.distinct()
        );
        for (word, texts) in words.iter().filter(|(word, _)| *word != "the") {
            let is_at_the_end = ["word0", "word6000"].contains(&word);
            assert_eq!(texts.texts, if is_at_the_end { 1 } else { 2 }, "{word}");
        }
        assert_eq!(words.presences().iter().sum::<u64>(), 18_000);
    }

    #[test]
    fn modes_do_not_mix() {
        let mut exact = profile(Mode::Exact, &["a"]);
        let before = exact.clone();
        assert_eq!(
            exact.merge(profile(Mode::Sketched, &["a"])),
            Err(MergeError::Mode)
        );
        assert_eq!(exact, before);
    }
}
