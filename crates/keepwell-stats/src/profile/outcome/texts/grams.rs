//! Counts of n-grams.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// Numbers tokens, equal ones alike, from zero.
pub(super) fn numbered<T: std::hash::Hash + Eq>(texts: &[Vec<T>]) -> Vec<Vec<u32>> {
    let mut numbers: HashMap<&T, u32, FixedState> = HashMap::with_hasher(FixedState::with_seed(0));
    texts
        .iter()
        .map(|tokens| {
            let number = |token| {
                let next = numbers.len() as u32;
                *numbers.entry(token).or_insert(next)
            };
            tokens.iter().map(number).collect()
        })
        .collect()
}

/// The n-grams of one order of several texts, numbered alike over all of them.
#[derive(Debug)]
pub(super) struct Grams {
    /// By text, then by number of the n-gram, how often it occurs.
    counts: Vec<Vec<u32>>,
}

impl Grams {
    /// Number of n-grams of a text, repetitions included.
    pub(super) fn total(&self, text: usize) -> u64 {
        self.counts[text]
            .iter()
            .map(|&count| u64::from(count))
            .sum()
    }

    /// Number of n-grams of a text that another one has, too, each as often as it has it at most.
    pub(super) fn matches(&self, left: usize, right: usize) -> u64 {
        self.counts[left]
            .iter()
            .zip(&self.counts[right])
            .map(|(&left, &right)| u64::from(left.min(right)))
            .sum()
    }

    /// As [`Grams::matches`] of the first text, with whichever other text has the n-gram most often.
    pub(super) fn matches_of_first(&self) -> u64 {
        let Some((first, others)) = self.counts.split_first() else {
            return 0;
        };
        let most = |gram: usize| others.iter().map(|counts| counts[gram]).max().unwrap_or(0);
        first
            .iter()
            .enumerate()
            .map(|(gram, &count)| u64::from(count.min(most(gram))))
            .sum()
    }
}

/// The n-grams of numbered tokens of several texts, from order 1 to order `N`.
pub(super) fn by_order<const N: usize>(texts: &[Vec<u32>]) -> [Grams; N] {
    // The number of the n-gram that begins at each position; the empty one has number zero.
    let mut shorter: Vec<Vec<u32>> = texts.iter().map(|text| vec![0; text.len() + 1]).collect();
    std::array::from_fn(|idx| {
        let n_grams: usize = shorter.iter().map(Vec::len).sum();
        let mut numbers: HashMap<(u32, u32), u32, FixedState> =
            HashMap::with_capacity_and_hasher(n_grams, FixedState::with_seed(0));
        for (grams, text) in shorter.iter_mut().zip(texts) {
            let n_grams = text.len().saturating_sub(idx);
            grams.truncate(n_grams);
            for (gram, token) in grams.iter_mut().zip(&text[text.len() - n_grams..]) {
                let next = numbers.len() as u32;
                *gram = *numbers.entry((*gram, *token)).or_insert(next);
            }
        }
        let counts = shorter
            .iter()
            .map(|grams| {
                let mut counts = vec![0; numbers.len()];
                grams.iter().for_each(|&gram| counts[gram as usize] += 1);
                counts
            })
            .collect();
        Grams { counts }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grams<const N: usize>(texts: &[&str]) -> [Grams; N] {
        let texts: Vec<Vec<char>> = texts.iter().map(|text| text.chars().collect()).collect();
        by_order(&numbered(&texts))
    }

    #[test]
    fn n_grams_are_counted_by_order() {
        let [one, two, three] = grams(&["abab", "bab", "ab"]);
        assert_eq!([one.total(0), two.total(0), three.total(0)], [4, 3, 2]);
        assert_eq!([one.total(2), two.total(2), three.total(2)], [2, 1, 0]);
        assert_eq!(
            [one.matches(0, 1), two.matches(0, 1), three.matches(0, 1)],
            [3, 2, 1]
        );
        assert_eq!([one.matches(1, 0), two.matches(1, 2)], [3, 1]);
        assert_eq!(one.matches_of_first(), 3);
        assert_eq!(grams::<1>(&["aab", "ab", "aa"])[0].matches_of_first(), 3);
    }

    #[test]
    fn empty_texts_have_no_n_grams() {
        let [one, two] = grams(&["", "ab"]);
        assert_eq!([one.total(0), two.total(0), one.matches(0, 1)], [0, 0, 0]);
        assert_eq!(grams::<2>(&[])[1].matches_of_first(), 0);
    }
}
