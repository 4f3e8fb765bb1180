//! F-score of character n-grams.

use keepwell_core::catalog::Standing;
use keepwell_core::decide::Limits;
use keepwell_core::entry;
use keepwell_core::params::Params;

use super::{Direction, Metric, Reading, percentage, reading};
use crate::profile::OutcomeProfile;
use crate::profile::outcome::texts::{CHRF_BETA_SQUARED, CHRF_ORDERS, ChrfSums, chrf_means};

entry! {
    /// F-score of the runs of one to six characters over the corpus, recall counting twice as much as
    /// precision.
    ///
    /// # Inputs
    /// The rows that have a prediction and at least one reference text, without white space. Of several
    /// reference texts the one with the best score of the row counts.
    /// # Result
    /// One value in `[0, 100]`, as sacreBLEU prints it, higher is better: precision and recall are means over
    /// the orders that occur on both sides, `chrF = 5 P R / (4 P + R)`. The standard error is that of the
    /// delta method on the sums over rows, the interval Wilson's for as many rows of a share as have it.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both texts.
    /// # Cost
    /// Sums over rows, made as they are read, in `O(l)` time for a text of `l` characters.
    /// # When to use, and when not
    /// The one to begin with for generated text in any language: it needs no tokenizer, sees inflected forms as
    /// nearly right, and agrees with people better than `bleu`. Still a comparison of spelling: it knows no
    /// synonyms and no facts.
    /// # Reference
    /// Popović (2015), Proceedings of WMT, 392–395; the values are those of sacreBLEU.
    /// ```python oracle
    /// import itertools, sacrebleu
    /// streams = list(itertools.zip_longest(*y_true))
    /// score = sacrebleu.corpus_chrf(y_pred, streams) if y_pred else None
    /// {"": score and score.score}
    /// ```
    pub struct Chrf = "chrf" since "0.1";
}

impl Metric for Chrf {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 100.0)
    }

    fn standing(&self) -> Standing {
        Standing::Decided
    }

    fn limits(&self) -> Limits {
        Limits {
            warning: 2.0,
            alert: 5.0,
        }
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        reading(outcomes, |outcomes| {
            let sums = outcomes.chrf();
            let (value, gradient) = score(sums);
            percentage(value, sums.variance(&gradient), sums.rows())
        })
    }
}

/// The score in `[0, 1]` and its derivatives by the sums.
fn score(sums: &ChrfSums) -> (f64, [f64; 3 * CHRF_ORDERS]) {
    let mut gradient = [0.0; 3 * CHRF_ORDERS];
    let (precision, recall, n_orders) = chrf_means(sums.sums());
    if precision + recall == 0.0 {
        return (0.0, gradient);
    }
    let weighted = CHRF_BETA_SQUARED * precision + recall;
    let factor = 1.0 + CHRF_BETA_SQUARED;
    let value = factor * precision * recall / weighted;
    let by_precision = factor * (recall / weighted).powi(2) / n_orders as f64;
    let by_recall = factor * CHRF_BETA_SQUARED * (precision / weighted).powi(2) / n_orders as f64;
    for (order, gradient) in sums
        .sums()
        .chunks_exact(3)
        .zip(gradient.chunks_exact_mut(3))
        .filter(|(order, _)| order[0] > 0.0 && order[1] > 0.0)
    {
        gradient[0] = -by_precision * order[2] / (order[0] * order[0]);
        gradient[1] = -by_recall * order[2] / (order[1] * order[1]);
        gradient[2] = by_precision / order[0] + by_recall / order[1];
    }
    (value.min(1.0), gradient)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{outcomes, value};
    use super::*;

    #[test]
    fn ends_of_the_scale() {
        assert!((value(&Chrf, &[("some text", "some text")]) - 100.0).abs() < 1e-12);
        assert_eq!(value(&Chrf, &[("abc", "xyz")]), 0.0);
        assert_eq!(value(&Chrf, &[("", "")]), 0.0);
    }

    #[test]
    fn derivatives_are_those_of_the_score() {
        let rows = outcomes(&[("a longer text", "the long texts"), ("short", "sharp")]);
        let (value, gradient) = score(rows.chrf());
        for (idx, derivative) in gradient.iter().enumerate() {
            let mut moved = *rows.chrf().sums();
            moved[idx] += 1e-6;
            let change = crate::profile::outcome::texts::chrf(&moved) - value;
            assert!((change / 1e-6 - derivative).abs() < 1e-6, "{idx}");
        }
    }
}
