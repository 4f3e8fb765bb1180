//! Least ratio of selection rates.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;

use super::rate::Rate;
use super::{Disparity, FairnessMetric, Group, ROWS_MIN, extremes};

entry! {
    /// Least ratio between two groups of the shares of rows that are decided for the positive class.
    ///
    /// # Inputs
    /// For each group the outcomes of a binary model; decisions as logged, or as taken from the scores where
    /// none was logged. Targets are not needed.
    /// # Result
    /// One value in `[0, 1]`, no unit; 1 is parity. `least` and `greatest` are the two groups.
    ///
    /// The least of many ratios is too small by chance, the more so with many small groups. The interval is
    /// one for all pairs of groups together (recovered from Wilson's on the scale of the logarithm, by
    /// Bonferroni), so that its upper end is below 1 only where some groups do differ. `p_value` is that of
    /// Pearson's test of "the rate is the same in all groups", exact or by its moments where counts are small.
    /// # Undefined
    /// `no_rows` and `no_predictions` where no group has any; `too_few_rows` where fewer than two groups have
    /// `rows_min` rows, said with the size of the second largest; `zero_denominator` where no row is decided
    /// for the positive class; `not_applicable` for more than two classes, of which none is the favourable
    /// one.
    /// # Cost
    /// `O(g² + c)` time for `g` groups and `c` pairs of target and prediction that occur; exact on every
    /// profile.
    /// # When to use, and when not
    /// As `demographic_parity_difference`, for decisions that are rare: of 2 % and 1 % the difference is
    /// small, and yet one group has half the chance. With few decisions for the positive class it is noisy;
    /// the interval says how much. `disparate_impact` is the form that the four-fifths rule is about.
    /// # Reference
    /// Bird and others (2020), Fairlearn: A toolkit for assessing and improving fairness in AI, Microsoft
    /// Research MSR-TR-2020-32.
    /// ```python oracle
    /// kept = rows(everyone, rows_min=params["rows_min"])
    /// disparity(
    ///     fairlearn.metrics.demographic_parity_ratio(
    ///         kept.decided, kept.decided, sensitive_features=kept.group
    ///     ),
    ///     kept.p_value(kept.decided),
    /// )
    /// ```
    pub struct DemographicParityRatio = "demographic_parity_ratio" since "0.1" with [ROWS_MIN];
}

impl FairnessMetric for DemographicParityRatio {
    fn parity(&self) -> f64 {
        1.0
    }

    fn evaluate(&self, groups: &[Group<'_>], params: &Params) -> Outcome<Disparity> {
        let rates = Rate::Selection.of(groups, params);
        rates.and_then(|rates| extremes::ratio(&[rates])).into()
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Reason;

    use super::super::testing::disparity;
    use super::*;

    #[test]
    fn compares_the_shares_that_are_selected() {
        let groups = [[30, 10, 10, 50], [10, 10, 10, 70]];
        let found = disparity(&DemographicParityRatio, &groups);
        let found = found.into_result().expect("two groups");
        assert_eq!(found.measure.value, 0.5);
    }

    #[test]
    fn without_a_positive_decision_there_is_no_ratio() {
        let found = disparity(&DemographicParityRatio, &[[0, 10, 0, 50], [0, 10, 0, 70]]);
        assert_eq!(found.reason(), Some(&Reason::ZeroDenominator));
    }
}
