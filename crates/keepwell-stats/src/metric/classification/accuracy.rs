//! Share of correct predictions.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::params::Params;

use super::decision::{self, DECISION, THRESHOLD};
use super::{Direction, Metric, Reading, class_score};
use crate::attribution::RatioParts;
use crate::profile::OutcomeProfile;

entry! {
    /// Share of rows whose prediction is their target.
    ///
    /// # Inputs
    /// The rows that have both a target and a prediction; classes are compared by their canonical spelling.
    /// Where no prediction was logged, the decision comes from the scores: the threshold for a binary model,
    /// the highest score for more classes. With `decision = score` a binary model is decided anew at
    /// `threshold`, over the rows that have a target and a finite score.
    /// # Result
    /// One value in `[0, 1]`, no unit, higher is better. The interval is that of Wilson for a share of
    /// independent rows.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both a target and a prediction;
    /// `too_many_categories` above 1,000 classes. With `decision = score` also `no_scores`, `all_null`, and
    /// `not_applicable` for more than two classes.
    /// # Cost
    /// `O(c)` time for `c` pairs of target and prediction that occur; exact on every profile. With `decision =
    /// score` `O(log n)` on sealed profiles, and on sketched ones `error_bound` is what their rank error
    /// allows.
    /// # When to use, and when not
    /// Use it where classes are about equally frequent and every mistake costs the same: it is the one metric
    /// that everybody reads correctly. Do not use it alone for rare classes: a model that never finds a fraud
    /// of 1 in 1,000 has an accuracy of 0.999. It moves with the share of the classes even if the model does
    /// not change; compare it with the share of the most frequent class, or look at recall and precision. Rows
    /// of one customer or session are not independent; the interval is then too narrow.
    /// # Reference
    /// Wilson (1927), Journal of the American Statistical Association 22, 209–212, for the interval.
    /// ```python oracle
    /// y_true, y_pred = decide(y_true, y_pred, y_score, positive, params)
    ///
    /// {"": sklearn.metrics.accuracy_score(y_true, y_pred) if len(y_true) else None}
    /// ```
    pub struct Accuracy = "accuracy" since "0.1" with [DECISION, THRESHOLD];
}

impl Metric for Accuracy {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn ratio(&self, outcomes: &OutcomeProfile) -> Option<RatioParts> {
        let confusion = outcomes.classes()?.labelled().ok()?;
        Some(RatioParts {
            numerator: confusion.correct() as f64,
            denominator: confusion.n() as f64,
        })
    }

    fn standing(&self) -> Standing {
        Standing::Decided
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        decision::readings(self, outcomes, params, |decided| {
            decided.plain(class_score::accuracy)
        })
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Reason;

    use super::super::testing::{coverage, decided, only, profile};
    use super::*;

    #[test]
    fn counts_only_rows_with_target_and_prediction() {
        let mut outcomes = decided(Some("1"), &[("1", "1"), ("0", "1"), ("0", "0"), ("1", "1")]);
        outcomes.push(None, Some(0), &[]);
        outcomes.push(Some(0), None, &[]);
        let measure = only(&Accuracy, &outcomes).into_result().expect("defined");
        assert_eq!(measure.value, 0.75);
        let interval = measure.interval.expect("always there");
        assert!(interval.lower > 0.3 && interval.upper < 0.96);
    }

    #[test]
    fn reasons_say_what_is_absent() {
        let mut outcomes = profile(Some("1"), &[]);
        assert_eq!(only(&Accuracy, &outcomes).reason(), Some(&Reason::NoRows));
        let class = outcomes.class_index("1");
        outcomes.push(None, Some(class), &[]);
        assert_eq!(
            only(&Accuracy, &outcomes).reason(),
            Some(&Reason::NoTargets)
        );
        outcomes.push(Some(class), None, &[]);
        assert_eq!(
            only(&Accuracy, &outcomes).reason(),
            Some(&Reason::NoTargets)
        );
        let mut unpredicted = profile(Some("1"), &[]);
        let class = unpredicted.class_index("1");
        unpredicted.push(Some(class), None, &[]);
        assert_eq!(
            only(&Accuracy, &unpredicted).reason(),
            Some(&Reason::NoPredictions)
        );
    }

    #[test]
    fn one_row_is_not_certainty() {
        let measure = only(&Accuracy, &decided(None, &[("a", "a")]));
        let measure = measure.into_result().expect("defined");
        assert_eq!(measure.value, 1.0);
        assert!(measure.interval.expect("always there").lower < 0.25);
        assert!(measure.standard_error.expect("always there") > 0.1);
    }

    #[test]
    fn identifiers_are_not_classes() {
        let mut outcomes = profile(None, &[]);
        for row in 0..2_000 {
            let class = outcomes.class_index(&format!("id{row}"));
            outcomes.push(Some(class), Some(class), &[]);
        }
        assert_eq!(outcomes.others(), 1_000);
        let outcome = only(&Accuracy, &outcomes);
        assert_eq!(
            outcome.reason(),
            Some(&Reason::TooManyCategories { found: 1_001 })
        );
    }

    #[test]
    fn interval_holds_the_truth_in_about_95_of_100_samples() {
        for (n, truth) in [(50, 0.7), (50, 0.9), (500, 0.7), (500, 0.95)] {
            let share = coverage(&Accuracy, 0, truth, 1_000, |random| {
                let mut outcomes = profile(Some("1"), &[]);
                let classes = ["0", "1"].map(|class| outcomes.class_index(class));
                for _ in 0..n {
                    let is_correct = random.uniform() < truth;
                    outcomes.push(
                        Some(classes[1]),
                        Some(classes[usize::from(is_correct)]),
                        &[],
                    );
                }
                outcomes
            });
            assert!((0.92..=0.98).contains(&share), "{n} {truth}: {share}");
        }
    }
}
