//! Share of texts that are a reference text.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::{Direction, Metric, Reading, paired};
use crate::metric::share;
use crate::profile::OutcomeProfile;

entry! {
    /// Share of rows whose text is one of their reference texts.
    ///
    /// # Inputs
    /// The rows that have a prediction and at least one reference text. By default both are compared in
    /// lower case, without ASCII punctuation and the English articles, and with single spaces, as in the
    /// evaluation of SQuAD.
    /// # Result
    /// One value in `[0, 1]`, no unit, higher is better. The interval is that of Wilson for a share of
    /// independent rows.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both texts.
    /// # Cost
    /// Two counts, made as the rows are read.
    /// # When to use, and when not
    /// For short answers with one right form: names, numbers, dates, choices. Useless for sentences, which can
    /// be right in many ways; take `token_f1` for answers of a few words, `rouge` or `chrf` for longer texts.
    /// # Reference
    /// Rajpurkar et al. (2016), Proceedings of EMNLP, 2383–2392.
    /// ```python oracle
    /// import re, string
    /// def normalised(text):
    ///     text = "".join(c for c in text.lower() if c not in set(string.punctuation))
    ///     return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())
    /// form = normalised if params["normalisation"] == "squad" else str
    /// hits = [form(p) in [form(r) for r in rs] for p, rs in zip(y_pred, y_true)]
    /// {"": np.mean(hits) if hits else None}
    /// ```
    pub struct ExactMatch = "exact_match" since "0.1" with [
        Parameter {
            name: "normalisation",
            doc: "What does not count as a difference: case, punctuation, articles and repeated spaces with \
                  `squad`, nothing with `none`.",
            domain: Domain::Choice {
                default: "squad",
                of: &["squad", "none"],
            },
        },
    ];
}

impl Metric for ExactMatch {
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
        let outcome = paired(outcomes).and_then(|outcomes| {
            let hits = if params.choice("normalisation") == "squad" {
                outcomes.equal_answers()
            } else {
                outcomes.equal()
            };
            share(hits, outcomes.pairs()).into_result()
        });
        vec![Reading::plain(outcome.into())]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::value;
    use super::*;

    #[test]
    fn case_articles_and_punctuation_do_not_count() {
        let rows = [("The Beatles", "beatles!"), ("Paris", "London")];
        assert_eq!(value(&ExactMatch, &rows), 0.5);
    }
}
