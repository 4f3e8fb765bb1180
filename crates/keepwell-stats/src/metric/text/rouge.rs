//! Overlap of n-grams and longest common subsequence.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;

use super::{Direction, Metric, Reading, UNIT, paired, unit};
use crate::interval;
use crate::profile::OutcomeProfile;

/// The variants in the order in which they are kept.
const VARIANTS: [&str; 3] = ["rouge1", "rouge2", "rougeL"];

entry! {
    /// Mean over the rows of the F1 of single words, of pairs of words, and of the longest common subsequence.
    ///
    /// # Inputs
    /// The rows that have a prediction and at least one reference text. Words are runs of ASCII letters and
    /// digits in lower case, unstemmed; with `unit` `character` the tokens are all characters but white
    /// space, in lower case. Of several reference texts the best one counts, for each variant by itself.
    /// # Result
    /// Three values in `[0, 1]`, labelled `variant` `rouge1`, `rouge2` and `rougeL`, no unit, higher is better.
    /// The intervals are Wilson's for as many rows of a share as have the variance of the rows.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both texts.
    /// # Cost
    /// Means and variances, made as the rows are read; the common subsequence takes `O(n m / 64)` time for
    /// texts of `n` and `m` tokens.
    /// # When to use, and when not
    /// For summaries. Texts in other scripts than Latin have no words by its rule and score 0: take `unit`
    /// `character` for them. It rewards words, not facts: a fluent summary with one wrong number scores high.
    /// # Reference
    /// Lin (2004), Proceedings of the ACL Workshop on Text Summarization, 74–81; the values are those of
    /// `rouge_score`.
    /// ```python oracle
    /// from rouge_score import rouge_scorer
    /// class Characters:
    ///     def tokenize(self, text):
    ///         return [c for c in text.lower() if not c.isspace()]
    /// names = ["rouge1", "rouge2", "rougeL"]
    /// cut = None if params["unit"] == "word" else Characters()
    /// scorer = rouge_scorer.RougeScorer(names, use_stemmer=False, tokenizer=cut)
    /// scores = [scorer.score_multi(rs, p) for p, rs in zip(y_pred, y_true)]
    /// {f"variant={name}": np.mean([s[name].fmeasure for s in scores]) if scores else None for name in names}
    /// ```
    pub struct Rouge = "rouge" since "0.1" with [UNIT];
}

impl Metric for Rouge {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        let Some(outcomes) = outcomes.texts() else {
            return Vec::new();
        };
        let paired = paired(outcomes);
        VARIANTS
            .iter()
            .enumerate()
            .map(|(idx, variant)| Reading {
                class: None,
                labels: vec![("variant", (*variant).to_owned())],
                outcome: match &paired {
                    Ok(outcomes) => {
                        let rows = &outcomes.rouge(unit(params))[idx];
                        Outcome::Defined(interval::bounded_mean(rows))
                    }
                    Err(reason) => Outcome::Undefined(reason.clone()),
                },
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;

    use super::super::testing::outcomes;
    use super::*;

    #[test]
    fn example_of_the_paper() {
        // Lin (2004), section 3: "police killed the gunman" against two other sentences, by ROUGE-L and ROUGE-2.
        for (prediction, expected) in [
            ("police kill the gunman", [0.75, 1.0 / 3.0, 0.75]),
            ("the gunman kill police", [0.75, 1.0 / 3.0, 0.5]),
        ] {
            let rows = outcomes(&[(prediction, "police killed the gunman")]);
            let params = Params::defaults(Rouge.parameters());
            let readings = Rouge.evaluate(&OutcomeProfile::Texts(rows), &params);
            for (reading, expected) in readings.iter().zip(expected) {
                let value = reading.outcome.defined().expect("a row").value;
                assert!((value - expected).abs() < 1e-15);
            }
        }
    }
}
