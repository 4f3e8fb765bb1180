//! Mean squared logarithmic error.

use keepwell_core::entry;
use keepwell_core::params::Params;

use super::{Direction, Loss, Metric, POSITIVE, Reading, mean_loss, reading};
use crate::profile::OutcomeProfile;

entry! {
    /// Mean square of the difference between the logarithms of one plus prediction and one plus target.
    ///
    /// # Inputs
    /// The rows that have a finite target and a finite prediction, all above -1; rows with an infinite one are
    /// left out and counted.
    /// # Result
    /// One value in `[0, inf)`, no unit, lower is better. The interval is Student's on the scale of the
    /// logarithm; with one row there is none.
    /// # Undefined
    /// `not_applicable` if a target or a prediction is -1 or below, where the logarithm does not exist;
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both; `non_finite` if all that could be
    /// compared is infinite.
    /// # Cost
    /// `O(1)` time; exact on every profile.
    /// # When to use, and when not
    /// Use it for counts, prices and other targets that range over several powers of ten and where a factor
    /// matters rather than a difference; a prediction that is too low by a factor costs as much as one that is
    /// too high by it. For values below 1 the added one hides differences: scale them first. `rmsle` is its
    /// root.
    /// # Reference
    /// scikit-learn, `mean_squared_log_error`.
    /// ```python oracle
    /// {"": sklearn.metrics.mean_squared_log_error(y_true, y_pred)}
    /// ```
    pub struct MeanSquaredLogError = "msle" since "0.1";
}

impl Metric for MeanSquaredLogError {
    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> (f64, f64) {
        POSITIVE
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        reading(outcomes, |outcomes| mean_loss(outcomes, Loss::SquaredLog))
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Reason;

    use super::super::testing::value;
    use super::*;

    #[test]
    fn a_factor_costs_its_squared_logarithm() {
        let found = value(&MeanSquaredLogError, &[(1.0, 3.0), (7.0, 3.0)]);
        assert!((found.expect("defined") - 2.0_f64.ln().powi(2)).abs() < 1e-15);
    }

    #[test]
    fn values_of_minus_one_have_no_logarithm() {
        for row in [(-1.0, 2.0), (2.0, -1.5)] {
            let found = value(&MeanSquaredLogError, &[row, (1.0, 1.0)]);
            assert_eq!(found, Err(Reason::NotApplicable));
        }
    }
}
