//! Explained variance.

use keepwell_core::entry;
use keepwell_core::params::Params;

use super::{Direction, Loss, Metric, Reading, explained, reading};
use crate::profile::OutcomeProfile;

entry! {
    /// Share of the variance of the targets that the predictions explain, a constant bias forgiven.
    ///
    /// # Inputs
    /// The rows that have a finite target and a finite prediction; rows with an infinite one are left out
    /// and counted.
    /// # Result
    /// One value in `(-inf, 1]`, no unit, higher is better: one minus the variance of the errors over the
    /// variance of the targets. The interval comes from the delta method, with Student's quantile, on the scale
    /// of the logarithm of one minus the value.
    /// # Undefined
    /// `too_few_rows` below 2 rows; `constant` if all targets are equal; `no_rows`, `no_targets` and
    /// `no_predictions` where no row has both; `non_finite` if an error or a variance is beyond the range of a
    /// 64-bit float, or if all that could be compared is infinite.
    /// # Cost
    /// `O(1)` time; exact on every profile.
    /// # When to use, and when not
    /// Use it beside `r2`, from which it differs by the squared bias over the variance of the targets: where it
    /// stays and `r2` falls, the model has become biased and a new intercept would mend it. Do not use it alone,
    /// for it does not see such a bias at all.
    /// # Reference
    /// Kvålseth (1985), The American Statistician 39(4), 279–285, formula 4; for the delta method van der Vaart
    /// (1998), Asymptotic Statistics, chapter 3.
    /// ```python oracle
    /// found = sklearn.metrics.explained_variance_score(y_true, y_pred, force_finite=False)
    /// {"": found if len(y_true) > 1 else None}
    /// ```
    pub struct ExplainedVariance = "explained_variance" since "0.1";
}

impl Metric for ExplainedVariance {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (f64::NEG_INFINITY, 1.0)
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        reading(outcomes, |outcomes| {
            let errors = outcomes.loss(Loss::Error)?;
            explained(outcomes, errors.m2 / errors.count as f64, errors.mean)
        })
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Reason;

    use super::super::r2::R2;
    use super::super::testing::value;
    use super::*;

    #[test]
    fn bias_is_forgiven() {
        let rows = [(1.0, 11.0), (3.0, 13.0), (8.0, 18.0)];
        assert_eq!(value(&ExplainedVariance, &rows), Ok(1.0));
        assert!(value(&R2, &rows).expect("defined") < -5.0);
    }

    #[test]
    fn undefined_says_why() {
        for (rows, reason) in [
            (
                &[(1.0, 1.0)][..],
                Reason::TooFewRows {
                    needed: 2,
                    found: 1,
                },
            ),
            (&[(5.0, 1.0), (5.0, 2.0)], Reason::Constant),
            (&[(0.0, 1e300), (1.0, -1e300)], Reason::NonFinite),
        ] {
            assert_eq!(value(&ExplainedVariance, rows), Err(reason));
        }
    }
}
