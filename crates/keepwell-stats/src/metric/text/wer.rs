//! Word error rate.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;

use super::{Direction, Metric, Reading, UNIT, paired, unit};
use crate::interval;
use crate::profile::OutcomeProfile;
use crate::profile::outcome::texts::EditSums;

entry! {
    /// Words to insert, delete or replace so that the texts become the reference texts, divided by the words of
    /// the reference texts.
    ///
    /// # Inputs
    /// The rows that have a prediction and at least one reference text, cut into words at spaces, case and
    /// punctuation included; with `unit` `character` into characters, inner spaces included, which gives the
    /// character error rate. Of several reference texts the one with the fewest edits per word counts.
    /// # Result
    /// One value, zero or more, no unit, lower is better; above 1 where there are more edits than words. The
    /// interval is symmetric on the scale of the logarithm, with the standard error of the delta method
    /// and Student's quantile; without an error it is Wilson's for the words.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both texts; `zero_denominator` where
    /// the reference texts have no word.
    /// # Cost
    /// Sums over rows, made as they are read, in `O(n m / 64)` time for texts of `n` and `m` words.
    /// # When to use, and when not
    /// For transcripts of speech and of scanned pages. Put case, numbers and punctuation into one form before,
    /// or they are counted as errors. Take `unit` `character` for Chinese and Japanese.
    /// # Reference
    /// Levenshtein (1966), Soviet Physics Doklady 10(8), 707–710; the values are those of JiWER.
    /// ```python oracle
    /// import jiwer
    /// process = jiwer.process_words if params["unit"] == "word" else jiwer.process_characters
    /// edits = words = 0
    /// for p, rs in zip(y_pred, y_true):
    ///     found = [process(r, p) for r in rs]
    ///     found = [(f.substitutions + f.deletions + f.insertions, f.hits + f.substitutions + f.deletions)
    ///              for f in found]
    ///     e, w = min(found, key=lambda f: f[0] / max(f[1], 1))
    ///     edits, words = edits + e, words + w
    /// {"": edits / words if words else None}
    /// ```
    pub struct WordErrorRate = "wer" since "0.1" with [UNIT];
}

impl Metric for WordErrorRate {
    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        let Some(outcomes) = outcomes.texts() else {
            return Vec::new();
        };
        let rate = paired(outcomes).and_then(|outcomes| rate(outcomes.edits(unit(params))));
        vec![Reading::plain(Outcome::from(rate))]
    }
}

fn rate(sums: &EditSums) -> Result<Measure, Reason> {
    let [edits, words] = *sums.sums();
    if words == 0.0 {
        return Err(Reason::ZeroDenominator);
    }
    let value = edits / words;
    if edits == 0.0 {
        return interval::proportion(0, words as u64).ok_or(Reason::ZeroDenominator);
    }
    Ok(match sums.variance(&[1.0 / words, -value / words]) {
        Some(variance) => {
            interval::t_positive(value, variance.sqrt(), sums.rows(), (0.0, f64::INFINITY))
        }
        None => Measure::new(value),
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{only, outcomes, value};
    use super::*;

    #[test]
    fn edits_are_divided_by_the_words_of_all_references() {
        let rows = [("a b c", "a x c d"), ("hello", "hello"), ("one two", "")];
        assert!((value(&WordErrorRate, &rows) - 4.0 / 5.0).abs() < 1e-15);
        assert!(value(&WordErrorRate, &[("a b c", "x")]) > 1.0);
        let empty = only(&WordErrorRate, &outcomes(&[("a", ""), ("b", " ")]));
        assert_eq!(empty.reason(), Some(&Reason::ZeroDenominator));
    }
}
