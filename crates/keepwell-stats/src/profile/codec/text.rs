//! Binary form of profiles of text columns.
//!
//! Counts, mode, counts of characters, lengths in characters and in words, the shares of groups of words, the
//! presences by group, then sampling level and each kept word with its texts in ascending order of the word.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::super::categorical::{LEVEL_MAX, NAME_BYTES_MAX, level};
use super::super::text::CharacterCounts;
use super::super::vocabulary::{GROUPS, Vocabulary, WordTexts, words_max};
use super::super::{Mode, TextProfile};
use super::ROWS_MAX;
use super::wire::{DecodeError, Reader, Writer, ensure};
use super::{numeric, scatter};

pub(super) fn write(writer: &mut Writer, profile: &TextProfile) {
    writer.counts(&profile.counts);
    writer.mode(profile.mode());
    let characters = &profile.characters;
    for count in [
        characters.all,
        characters.letters,
        characters.uppercase,
        characters.digits,
        characters.spaces,
        characters.non_ascii,
    ] {
        writer.number(count);
    }
    numeric::write(writer, &profile.n_characters);
    numeric::write(writer, &profile.n_words);
    scatter::write(writer, &profile.shares);
    write_vocabulary(writer, &profile.vocabulary);
}

fn write_vocabulary(writer: &mut Writer, vocabulary: &Vocabulary) {
    for &presences in &vocabulary.presences {
        writer.number(presences);
    }
    writer.number(u64::from(vocabulary.level));
    let mut words: Vec<(&str, WordTexts)> = vocabulary.iter().collect();
    words.sort_unstable_by_key(|&(word, _)| word);
    writer.length(words.len());
    for (word, texts) in words {
        writer.text(word);
        writer.number(texts.texts);
        if let Some(group) = texts.only_group() {
            writer.byte(group as u8);
        }
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> Result<TextProfile, DecodeError> {
    let counts = reader.counts()?;
    ensure(
        counts.present() + counts.null == counts.rows
            && counts.infinite() + counts.zero + counts.negative == 0,
        "texts",
        &"counts of numbers",
    )?;
    let mode = reader.mode()?;
    let characters = read_characters(reader)?;
    let n_characters = numeric::read(reader)?;
    let n_words = numeric::read(reader)?;
    for lengths in [&n_characters, &n_words] {
        ensure(
            lengths.mode() == mode
                && lengths.counts().rows == counts.present()
                && lengths.moments().count == counts.present()
                && lengths.range().is_none_or(|(least, _)| least >= 0.0),
            "a length of each text",
            &format_args!("{} lengths", lengths.counts().rows),
        )?;
    }
    let shares = scatter::read(reader)?;
    ensure(
        shares.count() <= counts.present(),
        "not more texts with words than texts",
        &shares.count(),
    )?;
    let vocabulary = read_vocabulary(reader, mode, shares.count())?;
    Ok(TextProfile {
        counts,
        characters,
        n_characters,
        n_words,
        vocabulary,
        shares,
    })
}

fn read_characters(reader: &mut Reader<'_>) -> Result<CharacterCounts, DecodeError> {
    let counts = CharacterCounts {
        all: reader.rows()?,
        letters: reader.rows()?,
        uppercase: reader.rows()?,
        digits: reader.rows()?,
        spaces: reader.rows()?,
        non_ascii: reader.rows()?,
    };
    // Each is at most 2^48: the sum cannot overflow.
    ensure(
        counts.letters + counts.digits + counts.spaces <= counts.all
            && counts.uppercase <= counts.all
            && counts.non_ascii <= counts.all,
        "counts of characters that are at most that of all",
        &counts.all,
    )?;
    Ok(counts)
}

fn read_vocabulary(
    reader: &mut Reader<'_>,
    mode: Mode,
    n_texts: u64,
) -> Result<Vocabulary, DecodeError> {
    let mut vocabulary = Vocabulary::new(mode);
    let mut total = 0_u64;
    for presences in &mut vocabulary.presences {
        *presences = reader.rows()?;
        total += *presences;
    }
    let sampling = reader.number()?;
    ensure(
        sampling <= u64::from(LEVEL_MAX),
        "a sampling level of at most 65",
        &sampling,
    )?;
    vocabulary.level = sampling as u32;
    let n = reader.length(3)?;
    ensure(n <= words_max(mode), "not more words than are kept", &n)?;
    vocabulary.words = HashMap::with_capacity_and_hasher(n, FixedState::with_seed(0));
    let mut last: Option<&str> = None;
    let mut kept = 0_u64;
    for _ in 0..n {
        let word = reader.text()?;
        let texts = reader.rows()?;
        let group = if texts == 1 { reader.byte()? } else { 0 };
        ensure(
            last.is_none_or(|last| last < word),
            "words in ascending order, each once",
            &"another order",
        )?;
        ensure(
            word.len() <= NAME_BYTES_MAX
                && (vocabulary.level == 0 || level(word) >= vocabulary.level)
                && (1..=n_texts).contains(&texts)
                && usize::from(group) < GROUPS,
            "words that are kept, with texts",
            &format_args!("one of {} bytes in {texts} texts", word.len()),
        )?;
        last = Some(word);
        // At most 2^18 words of at most 2^48 texts: no overflow.
        kept = kept.saturating_add(texts).min(u64::MAX / 2);
        let group = usize::from(group);
        vocabulary
            .words
            .insert(word.into(), WordTexts::new(texts, group));
    }
    ensure(
        total <= ROWS_MAX && kept <= total && (vocabulary.level > 0 || kept == total),
        "words that agree with the sum over all texts",
        &format_args!("{kept} of {total}"),
    )?;
    Ok(vocabulary)
}
