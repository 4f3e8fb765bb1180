//! Whether texts use other words.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};
use keepwell_core::schema::Kind;

use super::{DriftTest, hotelling, jensen_shannon};
use crate::comparison;
use crate::profile::vocabulary::{Vocabulary, WordTexts};
use crate::profile::{ColumnProfile, TwoSample};

entry! {
    /// Jensen–Shannon distance between the shares of the most frequent words.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, text columns. Words are counted in lower case, once for each text
    /// that holds them; an ideograph is a word. The `n_words` words of which the shares in both sides add
    /// up to most are compared, and all others together. Texts without a word and null are left out.
    /// # Result
    /// `value` in `[0, 1]`, no unit: 0 if all shares are equal, 1 if no word occurs on both sides.
    /// `p_value` of "both sides come from one distribution", by Hotelling's T² of the mean shares of 64 groups of
    /// words (by hash), or fewer for few texts. It takes the text as its unit, so that words that occur
    /// together do not count as evidence many times.
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: not text. `all_null`: a side without values. `too_few_rows`: fewer than 2 texts with
    /// words on a side.
    /// # Cost
    /// `O(k)` for `k` kept words. Beyond 262,144 different words (4,096 in sketched mode) the words are a sample
    /// by hash, for which no bound of the error of `value` is known; the p-value always rests on all words.
    /// # When to use, and when not
    /// The test to begin with for free text: another topic, language, template or source. Like every
    /// distance over shares `value` is above zero without a change, the more so with few texts: trust it
    /// together with the p-value. It does not see the order of words; for that take a domain classifier.
    /// # Reference
    /// Lin (1991), IEEE Transactions on Information Theory 37(1), 145–151; Hotelling (1931), Annals of
    /// Mathematical Statistics 2(3), 360–378.
    /// ```python oracle
    /// from collections import Counter
    /// sides = [[set(words(text)) for text in present(side)] for side in (reference, current)]
    /// assert all(sum(map(bool, side)) > 1 for side in sides)
    /// counts = [Counter(word for text in side for word in text) for side in sides]
    /// totals = [sum(count.values()) for count in counts]
    /// share = lambda word: sum(count[word] / total for count, total in zip(counts, totals))
    /// top = sorted(set(counts[0]) | set(counts[1]), key=lambda word: (-share(word), word))
    /// top = top[:params["n_words"]]
    /// cells = [[count[word] for word in top] for count in counts]
    /// cells = [[*own, total - sum(own)] for own, total in zip(cells, totals)]
    /// dict(value=scipy.spatial.distance.jensenshannon(*cells, base=2))
    /// ```
    pub struct VocabularyShift = "vocabulary" since "0.1" with [
        Parameter {
            name: "n_words",
            doc: "Number of words that are compared one by one.",
            domain: Domain::Integer {
                default: 100,
                min: 10,
                max: 10_000,
            },
        },
    ];
}

impl DriftTest for VocabularyShift {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Text]
    }

    fn is_symmetric(&self) -> bool {
        true
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn standing(&self) -> Standing {
        Standing::Decided
    }

    fn test(&self, sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Outcome<Measure> {
        measure(sample, params).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Result<Measure, Reason> {
    let texts = comparison::texts(sample)?;
    let shares = [texts.reference, texts.current].map(|side| side.shares());
    let found = shares[0].count().min(shares[1].count());
    if found < 2 {
        return Err(Reason::TooFewRows { needed: 2, found });
    }
    let n_words = usize::try_from(params.integer("n_words")).unwrap_or(usize::MAX);
    let (reference, current) = (texts.reference.vocabulary(), texts.current.vocabulary());
    let value = distance(&shares_of_words(reference, current, n_words));
    Ok(Measure::new(value).with_p_value(hotelling::p_value(shares[0], shares[1])))
}

/// Shares of the `n_words` most frequent words, and of the rest together, on both sides.
fn shares_of_words(reference: &Vocabulary, current: &Vocabulary, n_words: usize) -> Vec<[f64; 2]> {
    let total = |own: &Vocabulary, other: &Vocabulary| -> u64 {
        own.iter_comparable(other)
            .map(|(_, found)| found.texts)
            .sum()
    };
    let totals = [total(reference, current), total(current, reference)];
    let share = |found: Option<WordTexts>, side: usize| {
        found.map_or(0.0, |found| found.texts as f64 / totals[side].max(1) as f64)
    };
    let mut words: Vec<(&str, [f64; 2])> = reference
        .iter_comparable(current)
        .map(|(word, found)| (word, [share(Some(found), 0), share(current.get(word), 1)]))
        .collect();
    words.extend(
        current
            .iter_comparable(reference)
            .filter(|(word, _)| reference.get(word).is_none())
            .map(|(word, found)| (word, [0.0, share(Some(found), 1)])),
    );
    words.sort_unstable_by(|left, right| {
        let sum = |shares: &[f64; 2]| shares[0] + shares[1];
        sum(&right.1)
            .total_cmp(&sum(&left.1))
            .then(left.0.cmp(right.0))
    });
    let rest = words.split_off(n_words.min(words.len()));
    let mut cells: Vec<[f64; 2]> = words.into_iter().map(|(_, shares)| shares).collect();
    cells.push([0, 1].map(|side| rest.iter().map(|(_, shares)| shares[side]).sum()));
    cells
}

fn distance(cells: &[[f64; 2]]) -> f64 {
    let divergence: f64 = cells
        .iter()
        .map(|&shares| jensen_shannon::divergence_term(shares))
        .sum();
    divergence.clamp(0.0, 1.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Mode, TextProfile};
    use keepwell_core::catalog::Entry;

    fn column(texts: &[&str]) -> ColumnProfile {
        let mut profile = TextProfile::new(Mode::Exact);
        texts.iter().for_each(|text| profile.push(text, 20));
        ColumnProfile::Text(Box::new(profile))
    }

    fn run(reference: &[&str], current: &[&str]) -> Measure {
        let (reference, current) = (column(reference), column(current));
        let sample = TwoSample {
            reference: &reference,
            current: &current,
        };
        let params = Params::defaults(VocabularyShift.parameters());
        let outcome = VocabularyShift.test(sample, &params);
        *outcome.defined().expect("texts on both sides")
    }

    #[test]
    fn ends_of_the_scale() {
        let same = run(&["one two", "three"], &["two, ONE!", "three"]);
        assert_eq!((same.value, same.p_value), (0.0, Some(1.0)));
        let other = run(&["one two", "three"], &["uno dos", "tres"]);
        assert!((other.value - 1.0).abs() < 1e-12);
        assert!(other.p_value.is_some_and(|p| p < 1e-3), "{other:?}");
    }

    #[test]
    fn repetition_inside_a_text_is_no_news() {
        let measure = run(&["one two", "one three"], &["one one one two", "three one"]);
        assert_eq!(measure.value, 0.0);
    }
}
