//! Rows by target and prediction.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;

use super::decision::{self, DECISION, THRESHOLD};
use super::{Direction, Metric, Reading};
use crate::interval;
use crate::profile::OutcomeProfile;
use crate::profile::outcome::classes::Confusion;

/// Most classes of a matrix that people still read: 2,500 cells.
const MAX_MATRIX_CLASSES: usize = 50;

entry! {
    /// Number of rows with each pair of target and prediction.
    ///
    /// # Inputs
    /// The rows that have both a target and a prediction; classes are compared by their canonical spelling.
    /// Where no prediction was logged, the decision comes from the scores: the threshold for a binary model,
    /// the highest score for more classes. With `decision = score` a binary model is decided anew at
    /// `threshold`, over the rows that have a target and a finite score.
    /// # Result
    /// One value per pair of classes seen as target or prediction, zeros included, labelled `target` and
    /// `prediction`, in ascending order: a number of rows, neither good nor bad. The interval is that of
    /// Wilson for the cell's share of all these rows, times their number: where the count would lie in another
    /// window of the same size from the same source, as far as the share is known.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both a target and a prediction;
    /// `too_many_categories` above 50 classes. With `decision = score` also `no_scores`, `all_null`, and
    /// `not_applicable` for more than two classes.
    /// # Cost
    /// `O(k²)` time and values for `k` classes; exact on every profile but, with `decision = score`, on
    /// sketched ones, where `error_bound` is what their rank error allows.
    /// # When to use, and when not
    /// Use it to see which classes are taken for which, after another metric has said that something is wrong;
    /// every metric of decisions can be computed from it. It is no metric to set a limit on: counts grow with
    /// the window. Above a dozen classes look at the metrics per class first.
    /// # Reference
    /// Wilson (1927), Journal of the American Statistical Association 22, 209–212, for the interval.
    /// ```python oracle
    /// y_true, y_pred = decide(y_true, y_pred, y_score, positive, params)
    ///
    /// def answer():
    ///     seen = sorted(set(y_true) | set(y_pred))
    ///     if not seen or len(seen) > 50:
    ///         return None
    ///     counts = sklearn.metrics.confusion_matrix(y_true, y_pred, labels=seen)
    ///     return {
    ///         f"target={target},prediction={prediction}": int(counts[row][column])
    ///         for row, target in enumerate(seen)
    ///         for column, prediction in enumerate(seen)
    ///     }
    ///
    /// answer()
    /// ```
    pub struct ConfusionMatrix = "confusion_matrix" since "0.1" with [DECISION, THRESHOLD];
}

impl Metric for ConfusionMatrix {
    fn direction(&self) -> Direction {
        Direction::Neutral
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        decision::readings(self, outcomes, params, |decided| match &decided.confusion {
            Ok(confusion) if confusion.classes().len() <= MAX_MATRIX_CLASSES => matrix(confusion),
            Ok(confusion) => vec![Reading::plain(Outcome::Undefined(
                Reason::TooManyCategories {
                    found: confusion.classes().len() as u64,
                },
            ))],
            Err(reason) => vec![Reading::plain(Outcome::Undefined(reason.clone()))],
        })
    }
}

fn matrix(confusion: &Confusion<'_>) -> Vec<Reading> {
    let mut cells = confusion.cells().iter().peekable();
    let mut readings = Vec::new();
    for (target, target_name) in confusion.classes().enumerate() {
        for (prediction, prediction_name) in confusion.classes().enumerate() {
            // Cells are in the same order, but those without rows are left out.
            let n = cells
                .next_if(|cell| (cell.target, cell.prediction) == (target, prediction))
                .map_or(0, |cell| cell.n);
            readings.push(Reading {
                class: None,
                labels: vec![
                    ("target", target_name.to_owned()),
                    ("prediction", prediction_name.to_owned()),
                ],
                outcome: count(n, confusion.n()),
            });
        }
    }
    readings
}

/// The count of a cell among all rows, with its interval.
fn count(n: u64, n_all: u64) -> Outcome<Measure> {
    let Some(share) = interval::proportion(n, n_all) else {
        return Outcome::Undefined(Reason::NoRows);
    };
    let (value, all) = (n as f64, n_all as f64);
    let mut measure = Measure::new(value);
    if let Some(interval) = share.interval {
        measure = measure.with_interval(
            (interval.lower * all).min(value),
            (interval.upper * all).max(value),
        );
    }
    measure.standard_error = share.standard_error.map(|error| error * all);
    Outcome::Defined(measure)
}

#[cfg(test)]
mod tests {
    use super::super::testing::decided;
    use super::*;
    use crate::profile::ClassOutcomes;
    use keepwell_core::catalog::Entry;

    fn cells(outcomes: &ClassOutcomes) -> Vec<(String, f64)> {
        let readings = ConfusionMatrix.evaluate(
            &outcomes.clone().into(),
            &Params::defaults(ConfusionMatrix.parameters()),
        );
        readings
            .into_iter()
            .map(|reading| {
                let names: Vec<String> = reading.labels.into_iter().map(|label| label.1).collect();
                let measure = reading.outcome.into_result().expect("rows exist");
                (names.join(">"), measure.value)
            })
            .collect()
    }

    #[test]
    fn empty_cells_are_there() {
        let outcomes = decided(None, &[("b", "a"), ("b", "b"), ("b", "a")]);
        let expected = [("a>a", 0.0), ("a>b", 0.0), ("b>a", 2.0), ("b>b", 1.0)];
        assert_eq!(
            cells(&outcomes),
            expected.map(|(name, n)| (name.to_owned(), n))
        );
    }

    #[test]
    fn fifty_one_classes_are_too_many() {
        let names: Vec<String> = (0..51).map(|idx| format!("c{idx}")).collect();
        let rows: Vec<(&str, &str)> = names.iter().map(|name| (&**name, &**name)).collect();
        assert_eq!(cells(&decided(None, &rows[..50])).len(), 2_500);
        let readings = ConfusionMatrix.evaluate(
            &decided(None, &rows).into(),
            &Params::defaults(ConfusionMatrix.parameters()),
        );
        assert_eq!(readings.len(), 1);
        assert_eq!(
            readings[0].outcome.reason(),
            Some(&Reason::TooManyCategories { found: 51 })
        );
    }

    #[test]
    fn interval_is_that_of_the_share() {
        let outcome = count(15, 148).into_result().expect("rows exist");
        let interval = outcome.interval.expect("always there");
        assert!((interval.lower - 148.0 * 0.0624).abs() < 0.01);
        assert!((interval.upper - 148.0 * 0.1605).abs() < 0.01);
    }
}
