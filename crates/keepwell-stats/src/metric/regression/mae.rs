//! Mean absolute error.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::params::Params;

use super::{Direction, Loss, Metric, POSITIVE, Reading, mean_loss, reading};
use crate::attribution::RatioParts;
use crate::profile::OutcomeProfile;

entry! {
    /// Mean distance between prediction and target.
    ///
    /// # Inputs
    /// The rows that have a finite target and a finite prediction; rows with an infinite one are left out
    /// and counted.
    /// # Result
    /// One value in `[0, inf)`, in the unit of the target, lower is better. The interval is Student's on the
    /// scale of the logarithm; with one row there is none.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both; `non_finite` if a distance is
    /// beyond the range of a 64-bit float, or if all that could be compared is infinite.
    /// # Cost
    /// `O(1)` time; exact on every profile.
    /// # When to use, and when not
    /// Use it as the first metric of a regressor: it has the unit of the target, and one wild row moves it
    /// little. The best constant prediction under it is the median. Where large errors cost more than in
    /// proportion, use `rmse`; where errors matter relative to the target, `mape` or `rmsle`. It grows with
    /// the level of the targets even if the model does not get worse; `r2` or `smape` show that.
    /// # Reference
    /// Hyndman and Koehler (2006), International Journal of Forecasting 22(4), 679–688.
    /// ```python oracle
    /// {"": sklearn.metrics.mean_absolute_error(y_true, y_pred)}
    /// ```
    pub struct MeanAbsoluteError = "mae" since "0.1";
}

impl Metric for MeanAbsoluteError {
    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> (f64, f64) {
        POSITIVE
    }

    fn ratio(&self, outcomes: &OutcomeProfile) -> Option<RatioParts> {
        let loss = outcomes.values()?.loss(Loss::Absolute).ok()?;
        Some(RatioParts {
            numerator: loss.mean * loss.count as f64,
            denominator: loss.count as f64,
        })
    }

    fn standing(&self) -> Standing {
        Standing::Decided
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        reading(outcomes, |outcomes| mean_loss(outcomes, Loss::Absolute))
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Reason;

    use super::super::testing::value;
    use super::*;

    #[test]
    fn mean_of_distances() {
        let rows = [(1.0, 2.0), (2.0, 0.0), (f64::NAN, 9.0), (5.0, 5.0)];
        assert_eq!(value(&MeanAbsoluteError, &rows), Ok(1.0));
    }

    #[test]
    fn undefined_says_why() {
        let (nan, inf) = (f64::NAN, f64::INFINITY);
        for (rows, reason) in [
            (&[][..], Reason::NoRows),
            (&[(nan, 1.0)], Reason::NoTargets),
            (&[(1.0, nan)], Reason::NoPredictions),
            (&[(1.0, inf)], Reason::NonFinite),
            (&[(-1e308, 1e308)], Reason::NonFinite),
        ] {
            assert_eq!(value(&MeanAbsoluteError, rows), Err(reason));
        }
    }
}
