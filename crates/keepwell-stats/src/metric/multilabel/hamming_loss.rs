//! Share of single labels that are wrong.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Reason;
use keepwell_core::params::Params;

use super::{Direction, Metric, Reading};
use crate::interval;
use crate::profile::{LabelOutcomes, Moments, OutcomeProfile};

entry! {
    /// Share of the decisions for or against a label that are wrong.
    ///
    /// # Inputs
    /// The rows that have both a target and a prediction, each a set of labels. The labels are those that one
    /// of these rows has as target or as prediction; each row is one decision for each of them.
    /// # Result
    /// One value in `[0, 1]`, no unit, lower is better. The interval is that of Wilson with the variance between
    /// the rows, since the labels of a row are not independent; the number of labels is taken as known. With
    /// one row there is none.
    /// # Undefined
    /// `zero_denominator` if no row has a label; `no_rows`, `no_targets` and `no_predictions` where no row has
    /// both; `too_many_categories` above 1,000 labels.
    /// # Cost
    /// `O(l)` time for `l` labels; exact on every profile.
    /// # When to use, and when not
    /// Use it where single labels count, as in tagging. With many labels, of which a row has few, almost all
    /// decisions are right ones against a label, and a model that predicts nothing scores well: read it beside
    /// `subset_accuracy`. A label that a window does not show lowers the number of labels and so raises the
    /// value: compare windows that are large enough to show all.
    /// # Reference
    /// Schapire and Singer (1999), Machine Learning 37(3), 297–336; for the interval Franco, Little, Louis and
    /// Slud (2019), Journal of Survey Statistics and Methodology 7(3), 334–364.
    /// ```python oracle
    /// {"": sklearn.metrics.hamming_loss(y_true, y_pred) if y_true.size else None}
    /// ```
    pub struct HammingLoss = "hamming_loss" since "0.1";
}

impl Metric for HammingLoss {
    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn standing(&self) -> Standing {
        Standing::Decided
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        match outcomes.labels() {
            Some(outcomes) => vec![Reading::plain(hamming_loss(outcomes).into())],
            None => Vec::new(),
        }
    }
}

fn hamming_loss(outcomes: &LabelOutcomes) -> Result<Measure, Reason> {
    let rows = outcomes.usable()?;
    let counts = outcomes.counts();
    if counts.is_empty() {
        return Err(Reason::ZeroDenominator);
    }
    let n_labels = counts.len() as f64;
    let n_wrong: u64 = counts
        .iter()
        .map(|(_, counts)| counts.alarms() + counts.misses())
        .sum();
    let (n, wrong) = (rows.usable as f64, n_wrong as f64);
    let squares = rows.squared_differences as f64 - wrong * (wrong / n);
    Ok(interval::bounded_mean(&Moments {
        count: rows.usable,
        mean: wrong / (n * n_labels),
        m2: squares.max(0.0) / (n_labels * n_labels),
    }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::outcome;
    use super::*;

    #[test]
    fn each_label_of_each_row_is_a_decision() {
        // Labels a, b, c: wrong are c of row 1, a and b of row 2, none of row 3.
        let rows = [("ab", "abc"), ("a", "b"), ("", ""), ("-", "z")];
        let measure = outcome(&HammingLoss, &rows).into_result().expect("defined");
        assert!((measure.value - 3.0 / 9.0).abs() < 1e-15);
        let interval = measure.interval.expect("three rows");
        assert!(interval.lower < 0.2 && interval.upper > 0.6);
    }

    #[test]
    fn no_label_is_no_decision() {
        let found = outcome(&HammingLoss, &[("", ""), ("", "")]);
        assert_eq!(found.reason(), Some(&Reason::ZeroDenominator));
    }
}
