//! Loss of predicted quantiles.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Reason;
use keepwell_core::params::{Domain, Parameter, Params};

use super::{Direction, Loss, Metric, POSITIVE, Reading, reading};
use crate::interval;
use crate::profile::{Moments, OutcomeProfile, ValueOutcomes};

entry! {
    /// Mean distance between prediction and target, where predictions that are too low and too high cost
    /// differently.
    ///
    /// # Inputs
    /// The rows that have a finite target and a finite prediction; rows with an infinite one are left out
    /// and counted. The prediction is meant as the quantile `alpha` of the target.
    /// # Result
    /// One value in `[0, inf)`, in the unit of the target, lower is better: `alpha` times the distance where
    /// the prediction is too low, `1 - alpha` times where it is too high. The interval is Student's on the
    /// scale of the logarithm; with one row there is none.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both; `non_finite` if a distance is
    /// beyond the range of a 64-bit float, or if all that could be compared is infinite.
    /// # Cost
    /// `O(1)` time; exact on every profile.
    /// # When to use, and when not
    /// Use it for models that predict a quantile, with the same `alpha`: it is least for the true quantile.
    /// At 0.5 it is half of `mae`. It does not say whether the predicted share of targets lies below the
    /// prediction; count that beside it. Computed only where a specification names it, because the right
    /// `alpha` is the model's.
    /// # Reference
    /// Koenker and Bassett (1978), Econometrica 46(1), 33–50.
    /// ```python oracle
    /// {"": sklearn.metrics.mean_pinball_loss(y_true, y_pred, alpha=params["alpha"])}
    /// ```
    pub struct PinballLoss = "pinball_loss" since "0.1" with [
        Parameter {
            name: "alpha",
            doc: "The quantile that the model predicts, as a share of the targets below it.",
            domain: Domain::Float {
                default: 0.5,
                min: 0.0,
                max: 1.0,
            },
        },
    ];
}

impl Metric for PinballLoss {
    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> (f64, f64) {
        POSITIVE
    }

    fn standing(&self) -> Standing {
        Standing::OnRequest
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        reading(outcomes, |outcomes| {
            pinball(outcomes, params.float("alpha"))
        })
    }
}

fn pinball(outcomes: &ValueOutcomes, alpha: f64) -> Result<Measure, Reason> {
    let (under, over) = (outcomes.loss(Loss::Under)?, outcomes.loss(Loss::Over)?);
    let beta = 1.0 - alpha;
    // One of the two is zero in each row, so the mean of their product is zero.
    let shared = 2.0 * alpha * beta * under.mean * over.mean * under.count as f64;
    let squares = alpha * alpha * under.m2 + beta * beta * over.m2 - shared;
    let losses = Moments {
        count: under.count,
        mean: alpha * under.mean + beta * over.mean,
        m2: if squares.is_nan() {
            f64::INFINITY
        } else {
            squares.max(0.0)
        },
    };
    Ok(interval::t_positive_mean(&losses, POSITIVE))
}

#[cfg(test)]
mod tests {
    use keepwell_core::params::ParamValue;

    use super::super::testing::profile;
    use super::*;
    use crate::profile::Mode;

    #[test]
    fn moments_are_those_of_the_single_losses() {
        let rows = [(0.0, 3.0), (5.0, 1.0), (2.0, 2.0), (1.0, -2.0), (4.0, 4.5)];
        let mut params = Params::defaults(keepwell_core::catalog::Entry::parameters(&PinballLoss));
        for alpha in [0.0, 0.1, 0.5, 0.9, 1.0] {
            params
                .set("alpha", ParamValue::Float(alpha))
                .expect("in range");
            let readings = PinballLoss.evaluate(&profile(Mode::Exact, &rows), &params);
            let found = readings[0].outcome.defined().expect("defined");
            let losses: Vec<f64> = rows
                .iter()
                .map(|(t, p)| {
                    if t >= p {
                        alpha * (t - p)
                    } else {
                        (1.0 - alpha) * (p - t)
                    }
                })
                .collect();
            let direct = interval::t_positive_mean(&Moments::of(&losses), POSITIVE);
            assert!((found.value - direct.value).abs() < 1e-15);
            let (found, direct) = (found.standard_error, direct.standard_error);
            let difference = found.expect("rows") - direct.expect("rows");
            assert!(difference.abs() < 1e-12, "{alpha}");
        }
    }
}
