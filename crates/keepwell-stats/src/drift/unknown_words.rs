//! Whether texts use words that were never seen.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::DriftTest;
use crate::comparison;
use crate::profile::vocabulary::{GROUPS, Vocabulary};
use crate::profile::{ColumnProfile, TwoSample};
use crate::special::beta_cdf;

entry! {
    /// Share of the current words that no reference text has, beyond what chance brings.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, text columns. Words are counted in lower case, once for each text
    /// that holds them; an ideograph is a word. Null is left out.
    /// # Result
    /// `value` in `[0, 1)`, no unit: the share of unknown words less the share to expect of a text from the
    /// reference's own distribution, which is that of the reference's words that one text alone holds; 0 if
    /// it is no larger. `p_value` of "no more unknown words than expected", one-sided: that of the
    /// comparison of two counts, inflated for words that come in clumps (as the groups of reference texts
    /// show) and for the uncertainty of what is expected.
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: not text. `all_null`: a side without values. `too_few_rows`: no text with words on a
    /// side.
    /// # Cost
    /// `O(k)` for `k` kept words. Beyond 262,144 different words (4,096 in sketched mode) they are a sample by
    /// hash, on which the shares are estimated.
    /// # When to use, and when not
    /// For models with a fixed vocabulary, and to find new names, typing errors, broken encodings and other
    /// languages. New words are normal in free text; without the expected share every window would
    /// look changed. It does not see known words used in another way: for that see `vocabulary`.
    /// # Reference
    /// Good (1953), Biometrika 40(3/4), 237–264, for the share to expect; Esty (1983), Annals of Statistics
    /// 11(3), 905–912, for its variance.
    /// ```python oracle
    /// from collections import Counter
    /// sides = [[set(words(text)) for text in present(side)] for side in (reference, current)]
    /// known, found = [Counter(word for text in side for word in text) for side in sides]
    /// unknown = sum(n for word, n in found.items() if word not in known) / sum(found.values())
    /// expected = sum(n == 1 for n in known.values()) / sum(known.values())
    /// dict(value=max(unknown - expected, 0.0))
    /// ```
    pub struct UnknownWords = "unknown_words" since "0.1";
}

impl DriftTest for UnknownWords {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Text]
    }

    fn is_symmetric(&self) -> bool {
        false
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn standing(&self) -> Standing {
        Standing::Shown
    }

    fn test(&self, sample: TwoSample<'_, ColumnProfile>, _params: &Params) -> Outcome<Measure> {
        measure(sample).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>) -> Result<Measure, Reason> {
    let texts = comparison::texts(sample)?;
    let (reference, current) = (texts.reference.vocabulary(), texts.current.vocabulary());
    let known = Known::of(reference, current);
    let (mut unknown, mut total) = (0.0, 0.0);
    for (word, found) in current.iter_comparable(reference) {
        total += found.texts as f64;
        if reference.get(word).is_none() {
            unknown += found.texts as f64;
        }
    }
    if known.total == 0.0 || total == 0.0 {
        return Err(Reason::TooFewRows {
            needed: 1,
            found: 0,
        });
    }
    let excess = unknown / total - known.once / known.total;
    if excess <= 0.0 {
        return Ok(Measure::new(0.0).with_p_value(1.0));
    }
    let share = (unknown + known.once) / (total + known.total);
    let poisson = share / known.total + share / total;
    let actual = (known.once + 2.0 * known.twice) / known.total.powi(2) + share / total;
    let inflation = known.clumping * (actual / poisson).max(1.0);
    // Of all words that are new to the rest, how many are current: binomial if the rates are equal.
    let p_value = beta_cdf(
        unknown / inflation,
        known.once / inflation + 1.0,
        total / (total + known.total),
    );
    Ok(Measure::new(excess).with_p_value(p_value))
}

/// What the reference knows; counts are sums over texts of different words.
struct Known {
    total: f64,
    /// Words that one text alone holds.
    once: f64,
    /// Words that two texts hold.
    twice: f64,
    /// Variance of the number of words of a text that no other has, relative to independent words; at least 1.
    clumping: f64,
}

impl Known {
    fn of(reference: &Vocabulary, current: &Vocabulary) -> Self {
        let (mut total, mut twice) = (0.0, 0.0);
        let mut once_by_group = [0.0; GROUPS];
        for (_, found) in reference.iter_comparable(current) {
            total += found.texts as f64;
            twice += f64::from(u8::from(found.texts == 2));
            if let Some(group) = found.only_group() {
                once_by_group[group] += 1.0;
            }
        }
        let once: f64 = once_by_group.iter().sum();
        Self {
            total,
            once,
            twice,
            clumping: clumping(&once_by_group, reference.presences()),
        }
    }
}

/// Pearson's statistic of the groups over its degrees of freedom.
fn clumping(once: &[f64; GROUPS], presences: &[u64; GROUPS]) -> f64 {
    let all_once: f64 = once.iter().sum();
    let all: u64 = presences.iter().sum();
    let used = presences.iter().filter(|&&own| own > 0).count();
    if all_once == 0.0 || used < 2 {
        return 1.0;
    }
    let squares: f64 = once
        .iter()
        .zip(presences)
        .filter(|&(_, &own)| own > 0)
        .map(|(once, &own)| {
            let expected = all_once * own as f64 / all as f64;
            (once - expected).powi(2) / expected
        })
        .sum();
    (squares / (used - 1) as f64).max(1.0)
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;

    use super::*;
    use crate::profile::{Mode, TextProfile};

    fn run(reference: &[&str], current: &[&str]) -> Measure {
        let column = |texts: &[&str]| {
            let mut profile = TextProfile::new(Mode::Exact);
            texts.iter().for_each(|text| profile.push(text, 1));
            ColumnProfile::Text(Box::new(profile))
        };
        let (reference, current) = (column(reference), column(current));
        let sample = TwoSample {
            reference: &reference,
            current: &current,
        };
        let params = Params::defaults(UnknownWords.parameters());
        *UnknownWords.test(sample, &params).defined().expect("words")
    }

    #[test]
    fn expected_new_words_are_no_excess() {
        let measure = run(&["a b c", "a b d"], &["a b e"]);
        // Two of six words are held by one text alone; one of three is unknown.
        assert_eq!((measure.value, measure.p_value), (0.0, Some(1.0)));
    }

    #[test]
    fn one_word_against_none_is_as_likely_as_the_sizes_say() {
        let measure = run(&["a b", "a b", "a b"], &["a x"]);
        assert_eq!(measure.value, 0.5);
        let expected = 2.0 / 8.0 - 1e-12;
        assert!(
            measure.p_value.is_some_and(|p| p >= expected && p < 0.5),
            "{measure:?}"
        );
    }

    #[test]
    fn words_that_come_in_clumps_count_less() {
        let mut even = [0.0; GROUPS];
        even.iter_mut().for_each(|once| *once = 2.0);
        let mut clumped = [0.0; GROUPS];
        clumped[3] = 64.0;
        assert_eq!(clumping(&even, &[10; GROUPS]), 1.0);
        assert!(clumping(&clumped, &[10; GROUPS]) > 60.0);
    }
}
