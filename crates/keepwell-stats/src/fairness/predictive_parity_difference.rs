//! Greatest difference of precisions.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;

use super::rate::Rate;
use super::{Disparity, FairnessMetric, Group, ROWS_MIN, extremes};

entry! {
    /// Greatest difference between two groups in the share of rows decided for the positive class that are of
    /// it.
    ///
    /// # Inputs
    /// For each group the outcomes of a binary model; decisions as logged, or as taken from the scores where
    /// none was logged. Only rows with a target and a prediction of the positive class count.
    /// # Result
    /// One value in `[0, 1]`, no unit; 0 is parity. `least` and `greatest` are the two groups.
    ///
    /// The greatest of many differences is too large by chance, the more so with many small groups. The
    /// interval is one for all pairs of groups together (Newcombe's, by Bonferroni), so that its lower end is
    /// above 0 only where some groups do differ. `p_value` is that of Pearson's test of "the rate is the same
    /// in all groups", exact or by its moments where counts are small.
    /// # Undefined
    /// `no_rows` and `no_predictions` where no group has any; `no_targets`; `too_few_rows` where fewer than
    /// two groups have `rows_min` rows decided for the positive class, said with the size of the second
    /// largest; `not_applicable` for more than two classes, of which none is the favourable one.
    /// # Cost
    /// `O(g² + c)` time for `g` groups and `c` pairs of target and prediction that occur; exact on every
    /// profile.
    /// # When to use, and when not
    /// Use it where the positive decision is acted on and should mean the same for everyone: a score that
    /// leads to a search, an alarm that leads to a visit. Where groups differ in how frequent the class is, a
    /// model cannot have predictive parity and equal error rates at once: decide which of them matters before
    /// you look.
    /// # Reference
    /// Chouldechova (2017), Big Data 5(2), 153–163.
    /// ```python oracle
    /// kept = rows(decided & has_target, rows_min=params["rows_min"])
    /// frame = fairlearn.metrics.MetricFrame(
    ///     metrics=sklearn.metrics.precision_score, y_true=kept.actual, y_pred=kept.decided, sensitive_features=kept.group
    /// )
    /// disparity(frame.difference(), kept.p_value(kept.actual))
    /// ```
    pub struct PredictiveParityDifference = "predictive_parity_difference" since "0.1" with [ROWS_MIN];
}

impl FairnessMetric for PredictiveParityDifference {
    fn parity(&self) -> f64 {
        0.0
    }

    fn evaluate(&self, groups: &[Group<'_>], params: &Params) -> Outcome<Disparity> {
        let rates = Rate::Precision.of(groups, params);
        rates
            .and_then(|rates| extremes::difference(&[rates]))
            .into()
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Reason;

    use super::super::testing::disparity;
    use super::*;

    #[test]
    fn compares_the_shares_of_alarms_that_are_right() {
        let found = disparity(
            &PredictiveParityDifference,
            &[[30, 10, 10, 50], [20, 20, 20, 70]],
        );
        let found = found.into_result().expect("two groups");
        assert_eq!(found.measure.value, 0.25);
    }

    #[test]
    fn groups_need_enough_alarms() {
        let found = disparity(
            &PredictiveParityDifference,
            &[[30, 10, 10, 50], [3, 20, 2, 70]],
        );
        let reason = Reason::TooFewRows {
            needed: 30,
            found: 5,
        };
        assert_eq!(found.reason(), Some(&reason));
    }
}
