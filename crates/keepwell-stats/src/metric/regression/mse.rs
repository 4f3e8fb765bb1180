//! Mean squared error.

use keepwell_core::entry;
use keepwell_core::params::Params;

use super::{Direction, Loss, Metric, POSITIVE, Reading, mean_loss, reading};
use crate::attribution::RatioParts;
use crate::profile::OutcomeProfile;

entry! {
    /// Mean square of the difference between prediction and target.
    ///
    /// # Inputs
    /// The rows that have a finite target and a finite prediction; rows with an infinite one are left out
    /// and counted.
    /// # Result
    /// One value in `[0, inf)`, in the squared unit of the target, lower is better. The interval is Student's
    /// on the scale of the logarithm; with one row there is none. Where a few errors are far larger than the
    /// others, it is too narrow below some hundred rows.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both; `non_finite` if a square is
    /// beyond the range of a 64-bit float, or if all that could be compared is infinite.
    /// # Cost
    /// `O(1)` time; exact on every profile.
    /// # When to use, and when not
    /// Use it where it is what the model was trained to minimise. For people, `rmse` says the same in the unit
    /// of the target. One wild row can decide it; `mae` and `median_absolute_error` resist.
    /// # Reference
    /// Bishop (2006), Pattern Recognition and Machine Learning, section 1.5.5.
    /// ```python oracle
    /// {"": sklearn.metrics.mean_squared_error(y_true, y_pred)}
    /// ```
    pub struct MeanSquaredError = "mse" since "0.1";
}

impl Metric for MeanSquaredError {
    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> (f64, f64) {
        POSITIVE
    }

    fn ratio(&self, outcomes: &OutcomeProfile) -> Option<RatioParts> {
        let loss = outcomes.values()?.loss(Loss::Squared).ok()?;
        Some(RatioParts {
            numerator: loss.mean * loss.count as f64,
            denominator: loss.count as f64,
        })
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        reading(outcomes, |outcomes| mean_loss(outcomes, Loss::Squared))
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Reason;

    use super::super::testing::value;
    use super::*;

    #[test]
    fn mean_of_squares() {
        assert_eq!(value(&MeanSquaredError, &[(1.0, 4.0), (2.0, 1.0)]), Ok(5.0));
        let rows = [(0.0, 1e200), (0.0, 0.0)];
        assert_eq!(value(&MeanSquaredError, &rows), Err(Reason::NonFinite));
    }
}
