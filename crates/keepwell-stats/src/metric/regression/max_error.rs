//! Greatest absolute error.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Reason;
use keepwell_core::params::Params;

use super::{Direction, Loss, Metric, POSITIVE, Reading, reading};
use crate::profile::{OutcomeProfile, ValueOutcomes};

entry! {
    /// Greatest distance between prediction and target.
    ///
    /// # Inputs
    /// The rows that have a finite target and a finite prediction; rows with an infinite one are left out
    /// and counted.
    /// # Result
    /// One value in `[0, inf)`, in the unit of the target, lower is better. There is no interval: what the
    /// greatest of other rows would be, these rows do not tell.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both; `non_finite` if a distance is
    /// beyond the range of a 64-bit float, or if all that could be compared is infinite.
    /// # Cost
    /// `O(1)` time; exact on every profile.
    /// # When to use, and when not
    /// Use it where a single failure is what counts, and to find wrong rows. Do not compare it between
    /// windows of different sizes: it grows with the number of rows.
    /// # Reference
    /// scikit-learn, `max_error`.
    /// ```python oracle
    /// {"": sklearn.metrics.max_error(y_true, y_pred)}
    /// ```
    pub struct MaxError = "max_error" since "0.1";
}

impl Metric for MaxError {
    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> (f64, f64) {
        POSITIVE
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        reading(outcomes, greatest)
    }
}

fn greatest(outcomes: &ValueOutcomes) -> Result<Measure, Reason> {
    outcomes.loss(Loss::Absolute)?;
    let (least, greatest) = outcomes.errors().range().ok_or(Reason::NonFinite)?;
    Ok(Measure::new(least.abs().max(greatest.abs())))
}

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Reason;

    use super::super::testing::value;
    use super::*;

    #[test]
    fn either_side_counts() {
        assert_eq!(value(&MaxError, &[(0.0, 1.0), (3.0, 0.0)]), Ok(3.0));
        assert_eq!(value(&MaxError, &[(0.0, 4.0), (3.0, 0.0)]), Ok(4.0));
        let rows = [(0.0, 1.0), (-1e308, 1e308)];
        assert_eq!(value(&MaxError, &rows), Err(Reason::NonFinite));
    }
}
