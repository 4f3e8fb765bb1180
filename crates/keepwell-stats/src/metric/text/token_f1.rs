//! F1 of the tokens of an answer.

use keepwell_core::entry;
use keepwell_core::params::Params;

use super::{Direction, Metric, Reading, UNIT, reading, unit};
use crate::interval;
use crate::profile::OutcomeProfile;

entry! {
    /// Mean over the rows of the harmonic mean of precision and recall of a text's tokens.
    ///
    /// # Inputs
    /// The rows that have a prediction and at least one reference text. Both are put in lower case, without
    /// ASCII punctuation and the English articles, and cut at white space (or, by `unit`, into
    /// characters); order does not count. Of several reference texts the best one counts. Two texts
    /// without a token agree.
    /// # Result
    /// One value in `[0, 1]`, no unit, higher is better. The interval is Wilson's for as many rows of a share as
    /// have the variance of the rows.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both texts.
    /// # Cost
    /// Mean and variance, made as the rows are read.
    /// # When to use, and when not
    /// For answers of a few words, where a part of the answer is worth a part of the point. Blind to the order
    /// of words and to what they mean: "not guilty" has two thirds of the tokens of "guilty".
    /// # Reference
    /// Rajpurkar et al. (2016), Proceedings of EMNLP, 2383–2392; texts without a token as in SQuAD 2.0.
    /// ```python oracle
    /// import collections, re, string
    /// def tokens(text):
    ///     text = "".join(c for c in text.lower() if c not in set(string.punctuation))
    ///     words = re.sub(r"\b(a|an|the)\b", " ", text).split()
    ///     return words if params["unit"] == "word" else list("".join(words))
    /// def f1(p, r):
    ///     p, r = tokens(p), tokens(r)
    ///     if not p or not r:
    ///         return float(p == r)
    ///     same = sum((collections.Counter(p) & collections.Counter(r)).values())
    ///     return 2 * same / (len(p) + len(r))
    /// scores = [max(f1(p, r) for r in rs) for p, rs in zip(y_pred, y_true)]
    /// {"": np.mean(scores) if scores else None}
    /// ```
    pub struct TokenF1 = "token_f1" since "0.1" with [UNIT];
}

impl Metric for TokenF1 {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        reading(outcomes, |outcomes| {
            interval::bounded_mean(outcomes.token_f1(unit(params)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::value;
    use super::*;

    #[test]
    fn repeated_tokens_count_as_often_as_both_have_them() {
        let f1 = value(&TokenF1, &[("no no no", "no no yes")]);
        assert!((f1 - 2.0 / 3.0).abs() < 1e-15);
        assert_eq!(value(&TokenF1, &[("the", "a"), ("x", "")]), 0.5);
    }
}
