//! Bilingual evaluation understudy.

use keepwell_core::decide::Limits;
use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::{Direction, Metric, Reading, percentage, reading};
use crate::profile::OutcomeProfile;
use crate::profile::outcome::texts::{BLEU_ORDERS, BleuSums, Tokenizer};

entry! {
    /// Geometric mean of the precisions of one to four consecutive words over the corpus, with a penalty for
    /// texts that are too short.
    ///
    /// # Inputs
    /// The rows that have a prediction and at least one reference text, cut into tokens by `tokenize`. An
    /// n-gram counts as often as the reference text has it that has it most often; the length that
    /// counts is that of the nearest reference text.
    /// # Result
    /// One value in `[0, 100]`, as sacreBLEU prints it, higher is better. Orders without a match are smoothed
    /// exponentially; without any match the value is 0. The standard error is that of the delta method
    /// on the sums over rows, the interval Wilson's for as many rows of a share as have it.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both texts.
    /// # Cost
    /// Sums over rows, made as they are read, in `O(l)` time for a text of `l` characters.
    /// # When to use, and when not
    /// For translations, to compare one system over time on like texts. The value depends on the tokenizer, the
    /// language and the number of reference texts: never compare it across them. It knows no
    /// synonyms and no inflection; for languages rich in forms take `chrf`. On few rows orders without a
    /// match make it jump.
    /// # Reference
    /// Papineni et al. (2002), Proceedings of ACL, 311–318; Post (2018), Proceedings of WMT, 186–191
    /// (sacreBLEU); smoothing: Chen and Cherry (2014), Proceedings of WMT, 362–367, method 3.
    /// ```python oracle
    /// import itertools, sacrebleu
    /// streams = list(itertools.zip_longest(*y_true))
    /// score = sacrebleu.corpus_bleu(y_pred, streams, tokenize=params["tokenize"], force=True) if y_pred else None
    /// {"": score and score.score}
    /// ```
    pub struct Bleu = "bleu" since "0.1" with [
        Parameter {
            name: "tokenize",
            doc: "Tokenizer of sacreBLEU: `13a` for languages with spaces, `zh` for Chinese, `char` for single \
                  characters.",
            domain: Domain::Choice {
                default: "13a",
                of: &["13a", "zh", "char"],
            },
        },
    ];
}

impl Metric for Bleu {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 100.0)
    }

    fn limits(&self) -> Limits {
        Limits {
            warning: 2.0,
            alert: 5.0,
        }
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        reading(outcomes, |outcomes| {
            let tokenizer = match params.choice("tokenize").as_str() {
                "13a" => Tokenizer::Mteval,
                "zh" => Tokenizer::Chinese,
                _ => Tokenizer::Character,
            };
            let sums = outcomes.bleu(tokenizer);
            let (value, gradient) = bleu(sums);
            percentage(value, sums.variance(&gradient), sums.rows())
        })
    }
}

/// The score in `[0, 1]` and its derivatives by the sums.
fn bleu(sums: &BleuSums) -> (f64, [f64; 2 + 2 * BLEU_ORDERS]) {
    let mut gradient = [0.0; 2 + 2 * BLEU_ORDERS];
    let [length, reference_length, counts @ ..] = sums.sums();
    let (matches, totals) = counts.split_at(BLEU_ORDERS);
    if matches.iter().all(|&n| n == 0.0) || totals.contains(&0.0) {
        return (0.0, gradient);
    }
    let mut logarithm = 0.0;
    if length < reference_length {
        logarithm = 1.0 - reference_length / length;
        gradient[0] = reference_length / (length * length);
        gradient[1] = -1.0 / length;
    }
    let mut smoothing = 1.0;
    let weight = 1.0 / BLEU_ORDERS as f64;
    for (idx, (&matches, &total)) in matches.iter().zip(totals).enumerate() {
        let matches_or_half = if matches > 0.0 {
            gradient[2 + idx] = weight / matches;
            matches
        } else {
            smoothing *= 2.0;
            1.0 / smoothing
        };
        logarithm += weight * (matches_or_half / total).ln();
        gradient[2 + BLEU_ORDERS + idx] = -weight / total;
    }
    let value = logarithm.exp().min(1.0);
    (value, gradient.map(|derivative| value * derivative))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{only, outcomes, value};
    use super::*;

    #[test]
    fn ends_of_the_scale() {
        let right = "the quick brown fox jumps";
        assert!((value(&Bleu, &[(right, right)]) - 100.0).abs() < 1e-12);
        assert_eq!(value(&Bleu, &[("other words", right)]), 0.0);
        assert_eq!(value(&Bleu, &[("", right)]), 0.0);
    }

    #[test]
    fn short_texts_are_penalised() {
        let whole = "one two three four five six seven eight";
        let found = value(&Bleu, &[("one two three four", whole)]);
        assert!((found - 100.0 * (-1.0_f64).exp()).abs() < 1e-12);
    }

    #[test]
    fn standard_error_is_that_of_leaving_rows_out() {
        let text = |seed: usize| -> (String, String) {
            let word = |at: usize| format!("w{} ", (seed * 7 + at * at) % 11);
            let reference: String = (0..12).map(word).collect();
            let keep = |at: usize| (seed * 5 + at * 3) % 7 > 1 || at < 5;
            (
                (0..12).filter(|&at| keep(at)).map(word).collect(),
                reference,
            )
        };
        let texts: Vec<(String, String)> = (0..60).map(text).collect();
        let rows: Vec<(&str, &str)> = texts
            .iter()
            .map(|(p, r)| (p.as_str(), r.as_str()))
            .collect();
        let outcomes = outcomes(&rows);
        let measure = only(&Bleu, &outcomes).into_result().expect("rows");
        let n = rows.len() as f64;
        let left_out: Vec<f64> = (0..rows.len())
            .map(|idx| {
                let rest: Vec<_> = [&rows[..idx], &rows[idx + 1..]].concat();
                value(&Bleu, &rest)
            })
            .collect();
        let mean = left_out.iter().sum::<f64>() / n;
        let squares: f64 = left_out.iter().map(|value| (value - mean).powi(2)).sum();
        let jackknife = ((n - 1.0) / n * squares).sqrt();
        let sums = outcomes.bleu(Tokenizer::Mteval);
        let (_, gradient) = bleu(sums);
        let found = 100.0 * sums.variance(&gradient).expect("rows").sqrt();
        assert!(
            (found / jackknife - 1.0).abs() < 0.1,
            "{found} and {jackknife}"
        );
        assert!(
            measure.value > 10.0 && measure.value < 90.0,
            "{}",
            measure.value
        );
    }
}
