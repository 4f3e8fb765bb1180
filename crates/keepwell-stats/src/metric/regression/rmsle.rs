//! Root of the mean squared logarithmic error.

use keepwell_core::entry;
use keepwell_core::params::Params;

use super::{Direction, Loss, Metric, POSITIVE, Reading, mean_loss, reading, root};
use crate::profile::OutcomeProfile;

entry! {
    /// Root of the mean square of the difference between the logarithms of one plus prediction and one plus
    /// target.
    ///
    /// # Inputs
    /// The rows that have a finite target and a finite prediction, all above -1; rows with an infinite one are
    /// left out and counted.
    /// # Result
    /// One value in `[0, inf)`, no unit, lower is better: 0.1 is an error of about 10 % for values far above
    /// one. The interval is the root of that of `msle`; with one row there is none.
    /// # Undefined
    /// `not_applicable` if a target or a prediction is -1 or below, where the logarithm does not exist;
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both; `non_finite` if all that could be
    /// compared is infinite.
    /// # Cost
    /// `O(1)` time; exact on every profile.
    /// # When to use, and when not
    /// Use it as `msle`, of which it is the root: for targets that range over several powers of ten and where a
    /// factor matters rather than a difference. For values below 1 the added one hides differences.
    /// # Reference
    /// scikit-learn, `root_mean_squared_log_error`.
    /// ```python oracle
    /// {"": sklearn.metrics.root_mean_squared_log_error(y_true, y_pred)}
    /// ```
    pub struct RootMeanSquaredLogError = "rmsle" since "0.1";
}

impl Metric for RootMeanSquaredLogError {
    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> (f64, f64) {
        POSITIVE
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        reading(outcomes, |outcomes| {
            mean_loss(outcomes, Loss::SquaredLog).map(root)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::value;
    use super::*;

    #[test]
    fn a_factor_costs_its_logarithm() {
        let found = value(&RootMeanSquaredLogError, &[(1.0, 3.0), (7.0, 3.0)]);
        assert!((found.expect("defined") - 2.0_f64.ln()).abs() < 1e-15);
    }
}
