//! How many texts hold each word.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::categorical::{kept_name, level};
use super::{MergeError, Mode};
use crate::sketch::Hash128;

/// Most words that are kept in exact mode.
pub const WORDS_EXACT_MAX: usize = 1 << 18;

/// Most words that are kept in sketched mode.
pub const WORDS_SKETCHED_MAX: usize = 1 << 12;

/// Number of groups that texts are dealt to by their hash.
pub const GROUPS: usize = 32;

/// The words of texts, each with the number of texts that hold it.
///
/// With more words than the limit of the mode it keeps a sample: those whose hash begins with so many zero
/// bits that they fit, each with its exact count, the same for any order and any parts (adaptive sampling:
/// Flajolet 1990, Computing 43(4), 391–400).
///
/// Texts are dealt to [`GROUPS`] groups by their hash, so that how much words come in clumps (all foreign words
/// in one text) can be told from how the groups differ.
///
/// # Cost
/// Memory at most about 30 MB in exact and 0.5 MB in sketched mode.
#[derive(Debug, Clone, PartialEq)]
pub struct Vocabulary {
    pub(super) mode: Mode,
    /// Leading zero bits that the hash of a kept word has at least; zero means that all are kept.
    pub(super) level: u32,
    pub(super) words: HashMap<Box<str>, WordTexts, FixedState>,
    /// By group, the sum over its texts of the number of different words, kept or not.
    pub(super) presences: [u64; GROUPS],
}

/// The texts that hold a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WordTexts {
    /// Their number, at least one.
    pub texts: u64,
    /// Group of the text if there is but one, else zero.
    pub(super) group: u8,
}

impl WordTexts {
    pub(super) fn new(texts: u64, group: usize) -> Self {
        Self {
            texts,
            group: if texts == 1 { group as u8 } else { 0 },
        }
    }

    /// Group of the only text that holds the word; `None` if there are more.
    pub fn only_group(&self) -> Option<usize> {
        (self.texts == 1).then_some(usize::from(self.group))
    }
}

impl Vocabulary {
    /// No words yet.
    pub fn new(mode: Mode) -> Self {
        Self {
            mode,
            level: 0,
            words: HashMap::with_hasher(FixedState::with_seed(0)),
            presences: [0; GROUPS],
        }
    }

    /// Takes the words of a text that occurs `n` times, each word once.
    pub(super) fn push<'a>(
        &mut self,
        text: &str,
        words: impl ExactSizeIterator<Item = &'a str>,
        n: u64,
    ) {
        let group = (Hash128::of(text.as_bytes()).second % GROUPS as u64) as usize;
        self.presences[group] += words.len() as u64 * n;
        for word in words {
            let name = kept_name(word);
            if let Some(own) = self.words.get_mut(&*name) {
                *own = WordTexts::new(own.texts + n, group);
            } else if self.level == 0 || level(&name) >= self.level {
                self.words.insert(name.into(), WordTexts::new(n, group));
            }
        }
        self.drop_surplus();
    }

    /// Adds another part.
    ///
    /// # Errors
    /// If one is exact and the other sketched.
    pub(super) fn merge(&mut self, other: Self) -> Result<(), MergeError> {
        if self.mode != other.mode {
            return Err(MergeError::Mode);
        }
        for (own, other) in self.presences.iter_mut().zip(other.presences) {
            *own += other;
        }
        if other.level > self.level {
            self.raise_level(other.level);
        }
        for (word, texts) in other.words {
            if self.level > 0 && level(&word) < self.level {
                continue;
            }
            self.words
                .entry(word)
                .and_modify(|own| *own = WordTexts::new(own.texts + texts.texts, 0))
                .or_insert(texts);
        }
        self.drop_surplus();
        Ok(())
    }

    fn drop_surplus(&mut self) {
        while self.words.len() > words_max(self.mode) {
            self.raise_level(self.level + 1);
        }
    }

    fn raise_level(&mut self, to: u32) {
        self.level = to;
        self.words.retain(|word, _| level(word) >= to);
    }

    /// The texts that hold `word`, in lower case; `None` where it was never seen or is not kept.
    pub fn get(&self, word: &str) -> Option<WordTexts> {
        self.words.get(&*kept_name(word)).copied()
    }

    /// Every kept word with its texts, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, WordTexts)> {
        self.words.iter().map(|(word, &texts)| (&**word, texts))
    }

    /// Every word of which the hash is in the sample of both, with its texts, in no order: words of the one
    /// are then missing from the other only if it never had them.
    pub fn iter_comparable<'a>(
        &'a self,
        other: &Self,
    ) -> impl Iterator<Item = (&'a str, WordTexts)> + use<'a> {
        let needed = other.level;
        let is_narrower = other.level > self.level;
        self.iter()
            .filter(move |(word, _)| !is_narrower || level(word) >= needed)
    }

    /// The `n` words that most texts hold, of equally frequent ones the first in the alphabet.
    pub fn top(&self, n: usize) -> Vec<(&str, u64)> {
        let mut words: Vec<(&str, u64)> = self
            .iter()
            .map(|(word, texts)| (word, texts.texts))
            .collect();
        words.sort_unstable_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(right.0)));
        words.truncate(n);
        words
    }

    /// Sum over all texts of the number of different words, by group.
    pub fn presences(&self) -> &[u64; GROUPS] {
        &self.presences
    }

    /// Number of different words; an estimate once [`Vocabulary::is_complete`] is false.
    pub fn distinct(&self) -> u64 {
        (self.words.len() as f64 * 2_f64.powi(self.level as i32)) as u64
    }

    /// Whether every word is kept.
    pub fn is_complete(&self) -> bool {
        self.level == 0
    }
}

/// Most words that are kept in this mode.
pub(super) fn words_max(mode: Mode) -> usize {
    match mode {
        Mode::Exact => WORDS_EXACT_MAX,
        Mode::Sketched => WORDS_SKETCHED_MAX,
    }
}
