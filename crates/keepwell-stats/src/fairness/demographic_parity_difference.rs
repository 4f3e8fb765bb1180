//! Greatest difference of selection rates.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;

use super::rate::Rate;
use super::{Disparity, FairnessMetric, Group, ROWS_MIN, extremes};

entry! {
    /// Greatest difference between two groups in the share of rows that are decided for the positive class.
    ///
    /// # Inputs
    /// For each group the outcomes of a binary model; decisions as logged, or as taken from the scores where
    /// none was logged. Targets are not needed.
    /// # Result
    /// One value in `[0, 1]`, no unit; 0 is parity. `least` and `greatest` are the two groups.
    ///
    /// The greatest of many differences is too large by chance, the more so with many small groups. The
    /// interval is one for all pairs of groups together (Newcombe's, by Bonferroni), so that its lower end is
    /// above 0 only where some groups do differ. `p_value` is that of Pearson's test of "the rate is the same
    /// in all groups", exact or by its moments where counts are small.
    /// # Undefined
    /// `no_rows` and `no_predictions` where no group has any; `too_few_rows` where fewer than two groups have
    /// `rows_min` rows, said with the size of the second largest; `not_applicable` for more than two classes,
    /// of which none is the favourable one.
    /// # Cost
    /// `O(g² + c)` time for `g` groups and `c` pairs of target and prediction that occur; exact on every
    /// profile.
    /// # When to use, and when not
    /// Use it where the decision itself is the good or the harm and equal shares are the aim or the law: who
    /// is invited, who is shown an offer. It needs no targets, so it is known at once. It says nothing on
    /// whether decisions are right: groups that differ in what is true differ here with a perfect model, and a
    /// model that decides by lot in one group can pass. For rare decisions take the ratio.
    /// # Reference
    /// Dwork, Hardt, Pitassi, Reingold and Zemel (2012), Proceedings of the 3rd Innovations in Theoretical
    /// Computer Science Conference, 214–226; Newcombe (1998), Statistics in Medicine 17, 873–890, for the
    /// interval.
    /// ```python oracle
    /// kept = rows(everyone, rows_min=params["rows_min"])
    /// disparity(
    ///     fairlearn.metrics.demographic_parity_difference(
    ///         kept.decided, kept.decided, sensitive_features=kept.group
    ///     ),
    ///     kept.p_value(kept.decided),
    /// )
    /// ```
    pub struct DemographicParityDifference = "demographic_parity_difference" since "0.1" with [ROWS_MIN];
}

impl FairnessMetric for DemographicParityDifference {
    fn parity(&self) -> f64 {
        0.0
    }

    fn evaluate(&self, groups: &[Group<'_>], params: &Params) -> Outcome<Disparity> {
        let rates = Rate::Selection.of(groups, params);
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
    fn compares_the_shares_that_are_selected() {
        let groups = [[30, 10, 10, 50], [10, 10, 10, 70], [25, 0, 5, 70]];
        let found = disparity(&DemographicParityDifference, &groups);
        let found = found.into_result().expect("three groups");
        assert!((found.measure.value - 0.2).abs() < 1e-15);
        assert_eq!((found.least.as_str(), found.greatest.as_str()), ("b", "a"));
    }

    #[test]
    fn small_groups_do_not_decide() {
        let groups = [[30, 10, 10, 50], [30, 10, 10, 50], [0, 9, 0, 9]];
        let found = disparity(&DemographicParityDifference, &groups);
        let found = found.into_result().expect("two groups are large");
        assert_eq!((found.measure.value, found.n_left_out), (0.0, 1));
        let one = disparity(
            &DemographicParityDifference,
            &[[30, 10, 10, 50], [0, 9, 0, 9]],
        );
        let reason = Reason::TooFewRows {
            needed: 30,
            found: 18,
        };
        assert_eq!(one.reason(), Some(&reason));
    }
}
