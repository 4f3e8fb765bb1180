//! Mean error: the bias of the predictions.

use keepwell_core::entry;
use keepwell_core::params::Params;

use super::{Direction, Loss, Metric, Reading, reading};
use crate::interval;
use crate::profile::OutcomeProfile;

/// Any number.
const ALL_NUMBERS: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

entry! {
    /// Mean of prediction minus target: how much the model predicts too high.
    ///
    /// # Inputs
    /// The rows that have a finite target and a finite prediction; rows with an infinite one are left out
    /// and counted.
    /// # Result
    /// One value in `(-inf, inf)`, in the unit of the target: zero is without bias, above zero the predictions
    /// are too high on average, below zero too low. The interval is Student's; with one row there is none.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both; `non_finite` if a difference is
    /// beyond the range of a 64-bit float, or if all that could be compared is infinite.
    /// # Cost
    /// `O(1)` time; exact on every profile.
    /// # When to use, and when not
    /// Use it beside `mae` where predictions are added up, as in planning and stock keeping: a bias does not
    /// cancel out over many rows as other errors do. An interval without zero is a bias that is no chance.
    /// Do not use it alone: errors of either sign cancel, so that a useless model can have none. Some texts
    /// subtract the other way round; there the sign is opposite.
    /// # Reference
    /// Hyndman and Athanasopoulos (2021), Forecasting: Principles and Practice, section 5.8.
    /// ```python oracle
    /// {"": np.mean(np.subtract(y_pred, y_true)) if len(y_true) else None}
    /// ```
    pub struct MeanError = "mean_error" since "0.1";
}

impl Metric for MeanError {
    fn direction(&self) -> Direction {
        Direction::Neutral
    }

    fn range(&self) -> (f64, f64) {
        ALL_NUMBERS
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        reading(outcomes, |outcomes| {
            Ok(interval::t_mean(outcomes.loss(Loss::Error)?, ALL_NUMBERS))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{outcome, value};
    use super::*;

    #[test]
    fn too_high_is_positive() {
        assert_eq!(value(&MeanError, &[(1.0, 3.0), (1.0, 2.0)]), Ok(1.5));
        assert_eq!(value(&MeanError, &[(3.0, 1.0), (1.0, 3.0)]), Ok(0.0));
    }

    #[test]
    fn interval_is_students() {
        // Errors 0, 1, 2: mean 1, standard error 1/√3, and 4.302653 times that on either side.
        let rows = [(0.0, 0.0), (0.0, 1.0), (0.0, 2.0)];
        let measure = outcome(&MeanError, &rows).into_result().expect("defined");
        let interval = measure.interval.expect("three rows");
        assert!((interval.upper - 1.0 - 2.484_138).abs() < 1e-6);
        assert!((interval.lower - 1.0 + 2.484_138).abs() < 1e-6);
    }
}
