//! Least ratio of true and false positive rates.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;

use super::rate::Rate;
use super::{Disparity, FairnessMetric, Group, ROWS_MIN, extremes};

entry! {
    /// Least ratio between two groups of the shares of rows decided for the positive class, among those of it
    /// or among all others, whichever is lower.
    ///
    /// # Inputs
    /// For each group the outcomes of a binary model; decisions as logged, or as taken from the scores where
    /// none was logged. Rows with a target and a prediction count.
    /// # Result
    /// One value in `[0, 1]`, no unit; 1 is parity. `least` and `greatest` are the two groups of the rate
    /// whose ratio is lower. A rate that is zero in all groups does not count.
    ///
    /// The least of many ratios is too small by chance, the more so with many small groups. The interval is
    /// one for all pairs of groups together (recovered from Wilson's on the scale of the logarithm, by
    /// Bonferroni), so that its upper end is below 1 only where some groups do differ. `p_value` is twice the
    /// lesser of those of Pearson's tests of "both rates are the same in all groups", exact or by its moments
    /// where counts are small.
    /// # Undefined
    /// `no_rows` and `no_predictions` where no group has any; `no_targets`; `too_few_rows` where fewer than
    /// two groups have `rows_min` rows of either kind of target, said with the size of the second largest;
    /// `zero_denominator` where no row is decided for the positive class; `not_applicable` for more than two
    /// classes, of which none is the favourable one.
    /// # Cost
    /// `O(g² + c)` time for `g` groups and `c` pairs of target and prediction that occur; exact on every
    /// profile.
    /// # When to use, and when not
    /// As `equalized_odds_difference`, where rates are small: false alarms of 0.2 % and 0.1 % are hardly a
    /// difference, and yet one group is suspected twice as often. The rate of false alarms mostly decides it,
    /// since it rests on few rows; the interval says how much that is worth.
    /// # Reference
    /// Hardt, Price and Srebro (2016), Advances in Neural Information Processing Systems 29, 3315–3323; Bird
    /// and others (2020), Fairlearn, Microsoft Research MSR-TR-2020-32, for the ratio.
    /// ```python oracle
    /// found, alarms = (rows(flag, rows_min=params["rows_min"]) for flag in (is_positive, is_negative))
    /// values = [
    ///     fairlearn.metrics.equal_opportunity_ratio(found.actual, found.decided, sensitive_features=found.group),
    ///     fairlearn.metrics.false_positive_rate_ratio(alarms.actual, alarms.decided, sensitive_features=alarms.group),
    /// ]
    /// p_values = [found.p_value(found.decided), alarms.p_value(alarms.decided)]
    /// disparity(np.nanmin(values), *p_values)
    /// ```
    pub struct EqualizedOddsRatio = "equalized_odds_ratio" since "0.1" with [ROWS_MIN];
}

impl FairnessMetric for EqualizedOddsRatio {
    fn parity(&self) -> f64 {
        1.0
    }

    fn evaluate(&self, groups: &[Group<'_>], params: &Params) -> Outcome<Disparity> {
        let rates = Rate::TruePositive.of(groups, params).and_then(|own| {
            let other = Rate::FalsePositive.of(groups, params)?;
            Ok([own, other])
        });
        rates.and_then(|rates| extremes::ratio(&rates)).into()
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Reason;

    use super::super::testing::disparity;
    use super::*;

    #[test]
    fn takes_the_rate_whose_ratio_is_lower() {
        let found = disparity(&EqualizedOddsRatio, &[[30, 10, 40, 60], [20, 20, 10, 90]]);
        let found = found.into_result().expect("two groups");
        assert!((found.measure.value - 0.25).abs() < 1e-15);
    }

    #[test]
    fn a_rate_that_is_always_zero_does_not_count() {
        let found = disparity(&EqualizedOddsRatio, &[[30, 10, 0, 60], [20, 20, 0, 90]]);
        let found = found.into_result().expect("one rate is left");
        assert!((found.measure.value - 2.0 / 3.0).abs() < 1e-15);
        let none = disparity(&EqualizedOddsRatio, &[[0, 40, 0, 60], [0, 40, 0, 90]]);
        assert_eq!(none.reason(), Some(&Reason::ZeroDenominator));
    }
}
