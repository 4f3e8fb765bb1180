//! Greatest difference of true positive rates.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;

use super::rate::Rate;
use super::{Disparity, FairnessMetric, Group, ROWS_MIN, extremes};

entry! {
    /// Greatest difference between two groups in the share of rows of the positive class that are decided for
    /// it.
    ///
    /// # Inputs
    /// For each group the outcomes of a binary model; decisions as logged, or as taken from the scores where
    /// none was logged. Only rows with a target of the positive class and a prediction count.
    /// # Result
    /// One value in `[0, 1]`, no unit; 0 is parity. `least` and `greatest` are the two groups.
    ///
    /// The greatest of many differences is too large by chance, the more so with many small groups. The
    /// interval is one for all pairs of groups together (Newcombe's, by Bonferroni), so that its lower end is
    /// above 0 only where some groups do differ. `p_value` is that of Pearson's test of "the rate is the same
    /// in all groups", exact or by its moments where counts are small.
    /// # Undefined
    /// `no_rows` and `no_predictions` where no group has any; `no_targets`; `too_few_rows` where fewer than
    /// two groups have `rows_min` rows of the positive class, said with the size of the second largest;
    /// `not_applicable` for more than two classes, of which none is the favourable one.
    /// # Cost
    /// `O(g² + c)` time for `g` groups and `c` pairs of target and prediction that occur; exact on every
    /// profile.
    /// # When to use, and when not
    /// Use it where the positive decision is the good and those who deserve it should have equal chances:
    /// credit for who repays, treatment for who is ill. It does not see false alarms;
    /// `equalized_odds_difference` sees both. Where the target itself was decided with prejudice, or exists
    /// only for rows that were predicted positive, it carries that on.
    /// # Reference
    /// Hardt, Price and Srebro (2016), Advances in Neural Information Processing Systems 29, 3315–3323.
    /// ```python oracle
    /// kept = rows(is_positive, rows_min=params["rows_min"])
    /// disparity(
    ///     fairlearn.metrics.equal_opportunity_difference(
    ///         kept.actual, kept.decided, sensitive_features=kept.group
    ///     ),
    ///     kept.p_value(kept.decided),
    /// )
    /// ```
    pub struct EqualOpportunityDifference = "equal_opportunity_difference" since "0.1" with [ROWS_MIN];
}

impl FairnessMetric for EqualOpportunityDifference {
    fn parity(&self) -> f64 {
        0.0
    }

    fn evaluate(&self, groups: &[Group<'_>], params: &Params) -> Outcome<Disparity> {
        let rates = Rate::TruePositive.of(groups, params);
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
    fn compares_the_shares_of_positives_that_are_found() {
        let found = disparity(
            &EqualOpportunityDifference,
            &[[30, 10, 9, 50], [20, 20, 1, 70]],
        );
        let found = found.into_result().expect("two groups");
        assert_eq!(found.measure.value, 0.25);
        assert_eq!((found.least.as_str(), found.greatest.as_str()), ("b", "a"));
    }

    #[test]
    fn groups_need_enough_positives() {
        let found = disparity(
            &EqualOpportunityDifference,
            &[[30, 10, 9, 50], [20, 9, 1, 70]],
        );
        let reason = Reason::TooFewRows {
            needed: 30,
            found: 29,
        };
        assert_eq!(found.reason(), Some(&reason));
    }
}
