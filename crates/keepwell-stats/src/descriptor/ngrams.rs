//! Hashed n-grams: a text as a sparse vector of fixed length, without a vocabulary.

use std::collections::BTreeMap;

use crate::profile::words::each_word;
use crate::sketch::Hash128;

/// Number of places of the vector that [`hashed`] makes.
pub const PLACES: usize = 1 << 12;

/// Counts of the words and of the pairs of neighbouring words of a text at [`PLACES`] places by their hash,
/// divided by the Euclidean length of the vector: place and value, in ascending order of the place. Empty
/// for a text without a word.
///
/// Feature hashing: Weinberger et al. (2009), Proceedings of ICML, 1113–1120. What falls on one place adds up.
pub fn hashed(text: &str) -> Vec<(usize, f64)> {
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

    #[test]
    fn words_and_pairs_have_places() {
        let vector = hashed("New York, new");
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
        assert_eq!(hashed("… !"), []);
    }

    #[test]
    fn order_of_words_counts() {
        assert_ne!(hashed("dog bites man"), hashed("man bites dog"));
        assert_eq!(hashed("Dog bites MAN"), hashed("dog bites man."));
    }
}
