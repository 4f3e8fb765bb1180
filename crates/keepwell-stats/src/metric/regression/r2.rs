//! Coefficient of determination.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::params::Params;

use super::{Direction, Loss, Metric, Reading, explained, reading};
use crate::profile::OutcomeProfile;

entry! {
    /// Share of the variance of the targets that the predictions explain, bias counted as an error.
    ///
    /// # Inputs
    /// The rows that have a finite target and a finite prediction; rows with an infinite one are left out
    /// and counted.
    /// # Result
    /// One value in `(-inf, 1]`, no unit, higher is better: one minus the mean squared error over the variance
    /// of the targets. Zero is what the mean of the targets scores as a constant prediction; below zero the
    /// model is worse than that. The interval comes from the delta method, with Student's quantile, on the
    /// scale of the logarithm of one minus the value; it takes the targets as drawn, too. Below some hundred rows
    /// it is a little too narrow where a few errors or targets are far from the others.
    /// # Undefined
    /// `too_few_rows` below 2 rows; `constant` if all targets are equal; `no_rows`, `no_targets` and
    /// `no_predictions` where no row has both; `non_finite` if a square is beyond the range of a 64-bit float,
    /// or if all that could be compared is infinite.
    /// # Cost
    /// `O(1)` time; exact on every profile.
    /// # When to use, and when not
    /// Use it to compare windows whose targets have different levels or units: it has no unit, and it does not
    /// change if both are scaled. But it depends on how much the targets vary: the same errors give a lower
    /// value in a quiet window, so a drop can come from the targets alone; look at `mae` as well. One wild row
    /// can decide it. `explained_variance` forgives a constant bias. It is the square of a correlation only for
    /// least squares on its own training rows.
    /// # Reference
    /// Kvålseth (1985), The American Statistician 39(4), 279–285, formula 1; for the delta method van der Vaart
    /// (1998), Asymptotic Statistics, chapter 3.
    /// ```python oracle
    /// {"": sklearn.metrics.r2_score(y_true, y_pred, force_finite=False)}
    /// ```
    pub struct R2 = "r2" since "0.1";
}

impl Metric for R2 {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (f64::NEG_INFINITY, 1.0)
    }

    fn standing(&self) -> Standing {
        Standing::Decided
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        reading(outcomes, |outcomes| {
            explained(outcomes, outcomes.loss(Loss::Squared)?.mean, 0.0)
        })
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Reason;

    use super::super::testing::{outcome, value};
    use super::*;

    #[test]
    fn mean_as_prediction_scores_zero() {
        assert_eq!(value(&R2, &[(1.0, 2.0), (3.0, 2.0)]), Ok(0.0));
        assert_eq!(value(&R2, &[(1.0, 3.0), (3.0, 1.0)]), Ok(-3.0));
        assert_eq!(value(&R2, &[(1.0, 1.0), (3.0, 3.0)]), Ok(1.0));
    }

    #[test]
    fn undefined_says_why() {
        for (rows, reason) in [
            (&[][..], Reason::NoRows),
            (
                &[(1.0, 1.0)],
                Reason::TooFewRows {
                    needed: 2,
                    found: 1,
                },
            ),
            (&[(0.1, 1.0), (0.1, 2.0), (0.1, 3.0)], Reason::Constant),
            (&[(1e200, 1.0), (0.0, 2.0)], Reason::NonFinite),
        ] {
            assert_eq!(value(&R2, rows), Err(reason));
        }
    }

    #[test]
    fn perfect_and_constant_predictions_have_no_width() {
        for rows in [
            [(1.0, 1.0), (3.0, 3.0), (8.0, 8.0)],
            [(1.0, 4.0), (3.0, 4.0), (8.0, 4.0)],
        ] {
            let measure = outcome(&R2, &rows).into_result().expect("defined");
            assert_eq!(measure.standard_error, Some(0.0));
            let interval = measure.interval.expect("three rows");
            assert_eq!(
                (interval.lower, interval.upper),
                (measure.value, measure.value)
            );
        }
    }
}
