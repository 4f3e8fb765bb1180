//! Greatest difference of true and false positive rates.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;

use super::rate::Rate;
use super::{Disparity, FairnessMetric, Group, ROWS_MIN, extremes};

entry! {
    /// Greatest difference between two groups in the share of rows decided for the positive class, among those
    /// of it or among all others, whichever is further apart.
    ///
    /// # Inputs
    /// For each group the outcomes of a binary model; decisions as logged, or as taken from the scores where
    /// none was logged. Rows with a target and a prediction count.
    /// # Result
    /// One value in `[0, 1]`, no unit; 0 is parity. `least` and `greatest` are the two groups of the rate that
    /// is further apart.
    ///
    /// The greatest of many differences is too large by chance, the more so with many small groups. The
    /// interval is one for all pairs of groups together (Newcombe's, by Bonferroni), so that its lower end is
    /// above 0 only where some groups do differ. `p_value` is twice the lesser of those of Pearson's tests of
    /// "both rates are the same in all groups", exact or by its moments where counts are small.
    /// # Undefined
    /// `no_rows` and `no_predictions` where no group has any; `no_targets`; `too_few_rows` where fewer than
    /// two groups have `rows_min` rows of either kind of target, said with the size of the second largest;
    /// `not_applicable` for more than two classes, of which none is the favourable one.
    /// # Cost
    /// `O(g² + c)` time for `g` groups and `c` pairs of target and prediction that occur; exact on every
    /// profile.
    /// # When to use, and when not
    /// Use it where both mistakes harm: a miss is a chance withheld, a false alarm a suspicion. It is the
    /// strictest of the measures with targets; `equal_opportunity_difference` asks for the misses only. Do not
    /// expect it to be 0: with groups that differ in what can be known about them, equal errors are bought
    /// with worse decisions for one of them.
    /// # Reference
    /// Hardt, Price and Srebro (2016), Advances in Neural Information Processing Systems 29, 3315–3323.
    /// ```python oracle
    /// found, alarms = (rows(flag, rows_min=params["rows_min"]) for flag in (is_positive, is_negative))
    /// values = [
    ///     fairlearn.metrics.equal_opportunity_difference(found.actual, found.decided, sensitive_features=found.group),
    ///     fairlearn.metrics.false_positive_rate_difference(alarms.actual, alarms.decided, sensitive_features=alarms.group),
    /// ]
    /// p_values = [found.p_value(found.decided), alarms.p_value(alarms.decided)]
    /// disparity(max(values), *p_values)
    /// ```
    pub struct EqualizedOddsDifference = "equalized_odds_difference" since "0.1" with [ROWS_MIN];
}

impl FairnessMetric for EqualizedOddsDifference {
    fn standing(&self) -> Standing {
        Standing::Decided
    }

    fn parity(&self) -> f64 {
        0.0
    }

    fn evaluate(&self, groups: &[Group<'_>], params: &Params) -> Outcome<Disparity> {
        let rates = Rate::TruePositive.of(groups, params).and_then(|own| {
            let other = Rate::FalsePositive.of(groups, params)?;
            Ok([own, other])
        });
        rates.and_then(|rates| extremes::difference(&rates)).into()
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Reason;

    use super::super::testing::disparity;
    use super::*;

    #[test]
    fn takes_the_rate_that_is_further_apart() {
        let groups = [[30, 10, 40, 60], [20, 20, 10, 90]];
        let found = disparity(&EqualizedOddsDifference, &groups);
        let found = found.into_result().expect("two groups");
        assert!((found.measure.value - 0.3).abs() < 1e-15);
    }

    #[test]
    fn groups_need_enough_rows_of_both_kinds() {
        let found = disparity(&EqualizedOddsDifference, &[[30, 10, 9, 50], [40, 20, 1, 9]]);
        let reason = Reason::TooFewRows {
            needed: 30,
            found: 10,
        };
        assert_eq!(found.reason(), Some(&reason));
    }
}
