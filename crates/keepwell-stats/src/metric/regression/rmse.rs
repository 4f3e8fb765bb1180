//! Root of the mean squared error.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::params::Params;

use super::mse::MeanSquaredError;
use super::{Direction, Loss, Metric, POSITIVE, Reading, mean_loss, reading, root};
use crate::attribution::RatioParts;
use crate::profile::OutcomeProfile;

entry! {
    /// Root of the mean square of the difference between prediction and target.
    ///
    /// # Inputs
    /// The rows that have a finite target and a finite prediction; rows with an infinite one are left out
    /// and counted.
    /// # Result
    /// One value in `[0, inf)`, in the unit of the target, lower is better. The interval is the root of that of
    /// `mse`; with one row there is none. Where a few errors are far larger than the others, it is too narrow
    /// below some hundred rows.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both; `non_finite` if a square is
    /// beyond the range of a 64-bit float, or if all that could be compared is infinite.
    /// # Cost
    /// `O(1)` time; exact on every profile.
    /// # When to use, and when not
    /// Use it where large errors cost more than in proportion. The best constant prediction under it is the
    /// mean, and it scores the standard deviation of the targets: a model must be below that. It is never
    /// below `mae`; the further above, the more the errors differ in size. One wild row can decide it.
    /// # Reference
    /// Hyndman and Koehler (2006), International Journal of Forecasting 22(4), 679–688.
    /// ```python oracle
    /// {"": sklearn.metrics.root_mean_squared_error(y_true, y_pred)}
    /// ```
    pub struct RootMeanSquaredError = "rmse" since "0.1";
}

impl Metric for RootMeanSquaredError {
    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> (f64, f64) {
        POSITIVE
    }

    fn ratio(&self, outcomes: &OutcomeProfile) -> Option<RatioParts> {
        MeanSquaredError.ratio(outcomes)
    }

    fn is_root_of_ratio(&self) -> bool {
        true
    }

    fn standing(&self) -> Standing {
        Standing::Decided
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        reading(outcomes, |outcomes| {
            mean_loss(outcomes, Loss::Squared).map(root)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::outcome;
    use super::*;

    #[test]
    fn everything_is_the_root_of_the_square() {
        let rows = [(1.0, 4.0), (2.0, 1.0), (0.0, 0.5)];
        let [root, square] = [&RootMeanSquaredError as &dyn Metric, &MeanSquaredError]
            .map(|metric| outcome(metric, &rows).into_result().expect("defined"));
        assert_eq!(root.value, square.value.sqrt());
        let (root, square) = (root.interval.expect("set"), square.interval.expect("set"));
        assert_eq!(root.lower, square.lower.sqrt());
        assert_eq!(root.upper, square.upper.sqrt());
    }

    #[test]
    fn no_error_has_no_width() {
        let measure = outcome(&RootMeanSquaredError, &[(1.0, 1.0), (2.0, 2.0)]);
        let measure = measure.into_result().expect("defined");
        assert_eq!((measure.value, measure.standard_error), (0.0, Some(0.0)));
    }
}
