//! Selection rates against that of the privileged group.

use std::cmp::Reverse;

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use super::rate::{GroupRate, Rate};
use super::{Disparity, FairnessMetric, Group, ROWS_MIN, extremes};

entry! {
    /// Least ratio of the share of rows of a group that are decided for the positive class to that of the
    /// privileged group.
    ///
    /// # Inputs
    /// For each group the outcomes of a binary model; decisions as logged, or as taken from the scores where
    /// none was logged. Targets are not needed.
    /// # Result
    /// One value in `[0, inf)`, no unit; 1 is parity. `greatest` is the privileged group, `least` the group
    /// that is furthest below it. By `privileged` that is the group with the highest rate, and then the value
    /// is at most 1, or the group with the most rows; of equal ones the first by name. Groups with less than
    /// `share_min` of the rows are left out as those with fewer than `rows_min`.
    ///
    /// The least of many ratios is too small by chance, the more so with many small groups. The interval is
    /// one for all pairs of groups together (recovered from Wilson's on the scale of the logarithm, by
    /// Bonferroni), so that its upper end is below 1 only where some groups do differ. `p_value` is that of
    /// Pearson's test of "the rate is the same in all groups", exact or by its moments where counts are small.
    /// # Undefined
    /// `no_rows` and `no_predictions` where no group has any; `too_few_rows` where fewer than two groups have
    /// `rows_min` rows and `share_min` of all, said with the size of the second largest; `zero_denominator`
    /// where no row of the privileged group is decided for the positive class; `not_applicable` for more than
    /// two classes, of which none is the favourable one.
    /// # Cost
    /// `O(g² + c)` time for `g` groups and `c` pairs of target and prediction that occur; exact on every
    /// profile.
    /// # When to use, and when not
    /// Use it for the four-fifths rule of the United States: below 0.8, adverse impact is presumed. The rule
    /// itself does not look at chance; look at the upper end of the interval, which should be below 0.8, too.
    /// It counts decisions for the positive class as the good: where that is the harm, name the other class as
    /// positive. It says nothing on whether decisions are right.
    /// # Reference
    /// Uniform Guidelines on Employee Selection Procedures (1978), 29 CFR 1607.4 D; Feldman, Friedler,
    /// Moeller, Scheidegger and Venkatasubramanian (2015), Proceedings of the 21st ACM SIGKDD, 259–268.
    /// ```python oracle
    /// kept = rows(everyone, rows_min=params["rows_min"], share_min=params["share_min"])
    /// frame = fairlearn.metrics.MetricFrame(
    ///     metrics=fairlearn.metrics.selection_rate, y_true=kept.decided, y_pred=kept.decided, sensitive_features=kept.group
    /// )
    /// rates = frame.by_group
    /// counts = {name: kept.group.count(name) for name in rates.index}
    /// if params["privileged"] == "most_favoured":
    ///     privileged = rates.idxmax()
    /// else:
    ///     privileged = max(sorted(counts), key=counts.get)
    /// ratios = rates.drop(privileged) / rates[privileged]
    /// disparity(ratios.min(), kept.p_value(kept.decided))
    /// ```
    pub struct DisparateImpact = "disparate_impact" since "0.1" with [
        Parameter {
            name: "privileged",
            doc: "The group that the others are compared with: the one with the highest rate, or with the most rows.",
            domain: Domain::Choice { default: "most_favoured", of: &["most_favoured", "largest"] },
        },
        Parameter {
            name: "share_min",
            doc: "Least share of the rows that a group has; the default is that of the guidelines.",
            domain: Domain::Float { default: 0.02, min: 0.0, max: 0.5 },
        },
        ROWS_MIN];
}

impl FairnessMetric for DisparateImpact {
    fn standing(&self) -> Standing {
        Standing::Decided
    }

    fn parity(&self) -> f64 {
        1.0
    }

    fn evaluate(&self, groups: &[Group<'_>], params: &Params) -> Outcome<Disparity> {
        disparity(groups, params).into()
    }
}

fn disparity(groups: &[Group<'_>], params: &Params) -> Result<Disparity, Reason> {
    let (rows_min, share_min) = (params.integer(ROWS_MIN.name), params.float("share_min"));
    let needed = |n: u64| rows_min.max((share_min * n as f64).ceil() as u64);
    let rates = Rate::Selection.of_at_least(groups, needed)?;
    if params.choice("privileged") == "most_favoured" {
        return extremes::ratio(&[rates]);
    }
    let by_rows = |&(idx, rate): &(usize, &GroupRate<'_>)| (rate.n, Reverse(idx));
    let largest = rates.groups.iter().enumerate().max_by_key(by_rows);
    let (privileged, _) = largest.ok_or(Reason::NoRows)?;
    extremes::ratio_to(&rates, privileged)
}

#[cfg(test)]
mod tests {
    use super::super::testing::disparity;
    use super::*;

    #[test]
    fn compares_with_the_most_favoured_group() {
        let groups = [[30, 10, 10, 50], [10, 10, 10, 70], [25, 0, 5, 70]];
        let found = disparity(&DisparateImpact, &groups);
        let found = found.into_result().expect("three groups");
        assert_eq!(found.measure.value, 0.5);
        assert_eq!((found.least.as_str(), found.greatest.as_str()), ("b", "a"));
    }

    #[test]
    fn tiny_groups_do_not_count() {
        let groups = [[900, 0, 0, 900], [800, 0, 0, 1000], [0, 0, 0, 35]];
        let found = disparity(&DisparateImpact, &groups)
            .into_result()
            .expect("two groups");
        assert_eq!(found.n_left_out, 1);
        let none = disparity(&DisparateImpact, &[[0, 10, 0, 50], [0, 10, 0, 70]]);
        assert_eq!(none.reason(), Some(&Reason::ZeroDenominator));
    }
}
