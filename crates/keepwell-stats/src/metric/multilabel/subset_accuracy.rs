//! Share of rows with all labels right.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;

use super::{Direction, Metric, Reading, share};
use crate::profile::OutcomeProfile;

entry! {
    /// Share of rows whose set of predicted labels is that of their targets.
    ///
    /// # Inputs
    /// The rows that have both a target and a prediction, each a set of labels. The empty set is a target like
    /// any other; null is none.
    /// # Result
    /// One value in `[0, 1]`, no unit, higher is better. The interval is that of Wilson for a share of
    /// independent rows.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both; `too_many_categories` above 1,000
    /// labels.
    /// # Cost
    /// `O(1)` time; exact on every profile.
    /// # When to use, and when not
    /// Use it where one wrong label makes the whole row wrong. With many labels it is hard on a model that is
    /// almost right: `hamming_loss` counts single labels. It moves with the number of labels a row has, so
    /// compare windows of the same sort only.
    /// # Reference
    /// Sorower (2010), A Literature Survey on Algorithms for Multi-label Learning, section 7.1.
    /// ```python oracle
    /// found = sklearn.metrics.accuracy_score(y_true, y_pred) if y_true.size else 1.0
    /// {"": found if len(y_true) else None}
    /// ```
    pub struct SubsetAccuracy = "subset_accuracy" since "0.1";
}

impl Metric for SubsetAccuracy {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn standing(&self) -> Standing {
        Standing::Decided
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        let Some(outcomes) = outcomes.labels() else {
            return Vec::new();
        };
        vec![Reading::plain(match outcomes.usable() {
            Ok(rows) => share(rows.exact, rows.usable),
            Err(reason) => Outcome::Undefined(reason),
        })]
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Reason;

    use super::super::testing::outcome;
    use super::*;

    #[test]
    fn sets_are_equal_or_not() {
        let rows = [
            ("ab", "ba"),
            ("a", "ab"),
            ("", ""),
            ("b", ""),
            ("-", "a"),
            ("a", "-"),
        ];
        let measure = outcome(&SubsetAccuracy, &rows).into_result();
        assert_eq!(measure.map(|measure| measure.value), Ok(0.5));
        let unlabelled = outcome(&SubsetAccuracy, &[("-", "a")]);
        assert_eq!(unlabelled.reason(), Some(&Reason::NoTargets));
    }
}
