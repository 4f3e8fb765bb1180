//! Symmetric mean absolute percentage error.

use keepwell_core::entry;
use keepwell_core::params::Params;

use super::{Direction, Loss, Metric, Reading, mean_loss, reading};
use crate::profile::OutcomeProfile;

entry! {
    /// Mean distance between prediction and target, relative to the mean of their absolute values.
    ///
    /// # Inputs
    /// The rows that have a finite target and a finite prediction; rows with an infinite one are left out
    /// and counted. A row where both are zero has no error.
    /// # Result
    /// One value in `[0, 2]`, no unit, lower is better: `2 |p - t| / (|t| + |p|)`, averaged over the rows. Other
    /// texts multiply by 100, leave out the factor 2, or do without the absolute values below the line. The
    /// interval is Student's on the scale of the logarithm; with one row there is none.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both; `non_finite` if all that could be
    /// compared is infinite.
    /// # Cost
    /// `O(1)` time; exact on every profile.
    /// # When to use, and when not
    /// Use it for relative errors where targets come near zero, at which `mape` explodes: no row can cost more
    /// than 2. It is not symmetric in the difference: the same distance costs more where the prediction is too
    /// low. Where targets of zero are frequent, each wrong one costs the full 2, and it says little.
    /// # Reference
    /// Makridakis, Spiliotis and Assimakopoulos (2020), International Journal of Forecasting 36(1), 54–74, the
    /// formula of the M4 competition.
    /// ```python oracle
    /// target, prediction = np.asarray(y_true), np.asarray(y_pred)
    /// total = np.abs(target) + np.abs(prediction)
    /// loss = np.where(total == 0, 0.0, 2 * (np.abs(prediction - target) / total))
    /// {"": loss.mean() if len(loss) else None}
    /// ```
    pub struct SymmetricMeanAbsolutePercentageError = "smape" since "0.1";
}

impl Metric for SymmetricMeanAbsolutePercentageError {
    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 2.0)
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        reading(outcomes, |outcomes| {
            let mut measure = mean_loss(outcomes, Loss::SymmetricPercentage)?;
            if let Some(interval) = &mut measure.interval {
                interval.upper = interval.upper.min(2.0);
            }
            Ok(measure)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{outcome, value};
    use super::*;

    #[test]
    fn no_row_costs_more_than_two() {
        let metric = &SymmetricMeanAbsolutePercentageError;
        assert_eq!(value(metric, &[(0.0, 1e-9), (0.0, 0.0)]), Ok(1.0));
        assert_eq!(value(metric, &[(3.0, 1.0)]), Ok(1.0));
        let measure = outcome(metric, &[(0.0, 5.0), (1.0, 1.0), (0.0, 2.0)]);
        let measure = measure.into_result().expect("defined");
        assert!(measure.interval.expect("three rows").upper <= 2.0);
    }
}
