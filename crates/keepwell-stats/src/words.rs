//! How free text is cut into words, and a text as a vector without a vocabulary.

use std::collections::BTreeMap;

use crate::sketch::Hash128;

/// Calls `take` with each word of a text, in order, in lower case.
///
/// A word is a run of letters and digits; an apostrophe between two of them belongs to it (`don't`). An
/// ideograph and a kana is a word of its own, because Chinese and Japanese are written without spaces. Other
/// scripts without spaces, such as Thai, come out as long runs.
pub fn each_word(text: &str, mut take: impl FnMut(&str)) {
    let mut word = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let is_inside = character.is_alphanumeric() && !is_ideograph(character)
            || is_apostrophe(character)
                && !word.is_empty()
                && characters
                    .peek()
                    .is_some_and(|&next| next.is_alphanumeric() && !is_ideograph(next));
        if is_inside {
            if character.is_ascii() {
                word.push(character.to_ascii_lowercase());
            } else if is_apostrophe(character) {
                word.push('\'');
            } else {
                word.extend(character.to_lowercase());
            }
            continue;
        }
        if !word.is_empty() {
            take(&word);
            word.clear();
        }
        if is_ideograph(character) && character.is_alphanumeric() {
            take(character.encode_utf8(&mut [0; 4]));
        }
    }
    if !word.is_empty() {
        take(&word);
    }
}

fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '\u{2019}')
}

/// Whether a character is a word of its own: Han, kana and bopomofo.
fn is_ideograph(character: char) -> bool {
    matches!(
        character,
        '\u{3005}'..='\u{3007}'
            | '\u{3040}'..='\u{312f}'
            | '\u{31a0}'..='\u{31bf}'
            | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{ff66}'..='\u{ff9d}'
            | '\u{20000}'..='\u{3ffff}'
    )
}

/// Number of places of the vector that [`hashed_ngrams`] makes.
pub const PLACES: usize = 1 << 12;

/// Counts of the words and of the pairs of neighbouring words of a text at [`PLACES`] places by their hash,
/// divided by the Euclidean length of the vector: place and value, in ascending order of the place. Empty
/// for a text without a word.
///
/// Feature hashing: Weinberger et al. (2009), Proceedings of ICML, 1113–1120. What falls on one place adds up.
pub fn hashed_ngrams(text: &str) -> Vec<(usize, f64)> {
    let mut counts: BTreeMap<usize, f64> = BTreeMap::new();
    let mut pair = String::new();
    each_word(text, |word| {
        let before = pair.len();
        if before > 0 {
            pair.push(' ');
            pair.push_str(word);
            *counts.entry(place(&pair)).or_default() += 1.0;
            pair.drain(..=before);
        } else {
            pair.push_str(word);
        }
        *counts.entry(place(word)).or_default() += 1.0;
    });
    let length = counts
        .values()
        .map(|count| count * count)
        .sum::<f64>()
        .sqrt();
    counts
        .into_iter()
        .map(|(place, count)| (place, count / length))
        .collect()
}

fn place(words: &str) -> usize {
    (Hash128::of(words.as_bytes()).first % PLACES as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        each_word(text, |word| words.push(word.to_owned()));
        words
    }

    #[test]
    fn runs_of_letters_and_digits_are_words() {
        assert_eq!(
            words("The QUICK-brown fox, aged 3.5 (or so)!"),
            ["the", "quick", "brown", "fox", "aged", "3", "5", "or", "so"]
        );
        assert_eq!(words("Größe ÉCOLE naïve"), ["größe", "école", "naïve"]);
        assert_eq!(words(" \t\n--- …"), [""; 0]);
        assert_eq!(words(""), [""; 0]);
    }

    #[test]
    fn an_apostrophe_inside_belongs_to_the_word() {
        assert_eq!(
            words("don't 'quote' O’Neill rock 'n'"),
            ["don't", "quote", "o'neill", "rock", "n"]
        );
    }

    #[test]
    fn ideographs_are_words() {
        assert_eq!(words("我爱Rust语言。"), ["我", "爱", "rust", "语", "言"]);
        assert_eq!(words("カメラ・3台"), ["カ", "メ", "ラ", "3", "台"]);
        assert_eq!(words("한국어 문장"), ["한국어", "문장"]);
    }

    #[test]
    fn words_and_pairs_have_places() {
        let vector = hashed_ngrams("New York, new");
        let place_of = |words: &str| place(words);
        let value = |words: &str| {
            let found = vector.iter().find(|(at, _)| *at == place_of(words));
            found.map(|(_, value)| *value)
        };
        let length = 7.0_f64.sqrt();
        assert_eq!(vector.len(), 4);
        for (words, count) in [
            ("new", 2.0),
            ("york", 1.0),
            ("new york", 1.0),
            ("york new", 1.0),
        ] {
            assert_eq!(value(words), Some(count / length), "{words}");
        }
        assert!(vector.is_sorted_by_key(|(place, _)| *place));
        assert_eq!(hashed_ngrams("… !"), []);
    }

    #[test]
    fn order_of_words_counts() {
        assert_ne!(
            hashed_ngrams("dog bites man"),
            hashed_ngrams("man bites dog")
        );
        assert_eq!(
            hashed_ngrams("Dog bites MAN"),
            hashed_ngrams("dog bites man.")
        );
    }
}
