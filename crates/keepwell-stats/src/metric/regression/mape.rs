//! Mean absolute percentage error.

use keepwell_core::entry;
use keepwell_core::params::Params;

use super::{Direction, Loss, Metric, POSITIVE, Reading, mean_loss, reading};
use crate::profile::OutcomeProfile;

entry! {
    /// Mean distance between prediction and target, relative to the target.
    ///
    /// # Inputs
    /// The rows that have a finite target and a finite prediction; rows with an infinite one are left out
    /// and counted. The distance is divided by the absolute target or, where that is smaller, by
    /// `2^-52`, the rule of scikit-learn: a target of zero makes the value very large, not undefined.
    /// # Result
    /// One value in `[0, inf)`, no unit (0.1 is 10 %), lower is better. The interval is Student's on the
    /// scale of the logarithm; with one row there is none.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both; `non_finite` if a quotient is
    /// beyond the range of a 64-bit float, or if all that could be compared is infinite.
    /// # Cost
    /// `O(1)` time; exact on every profile.
    /// # When to use, and when not
    /// Use it for targets that are far from zero and matter in relative terms, such as prices. Do not use it
    /// where targets come near zero: a few such rows decide the value. It prefers predictions that are too
    /// low, which cost at most 1, to those that are too high; `smape` and `rmsle` are more even.
    /// # Reference
    /// Hyndman and Koehler (2006), International Journal of Forecasting 22(4), 679–688.
    /// ```python oracle
    /// {"": sklearn.metrics.mean_absolute_percentage_error(y_true, y_pred)}
    /// ```
    pub struct MeanAbsolutePercentageError = "mape" since "0.1";
}

impl Metric for MeanAbsolutePercentageError {
    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> (f64, f64) {
        POSITIVE
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        reading(outcomes, |outcomes| {
            mean_loss(outcomes, Loss::AbsolutePercentage)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::value;
    use super::*;

    #[test]
    fn targets_of_zero_count_as_epsilon() {
        let metric = &MeanAbsolutePercentageError;
        assert_eq!(value(metric, &[(2.0, 1.0), (-4.0, -5.0)]), Ok(0.375));
        assert_eq!(value(metric, &[(0.0, 0.5)]), Ok(2_f64.powi(51)));
        assert_eq!(value(metric, &[(0.0, 0.0)]), Ok(0.0));
    }
}
