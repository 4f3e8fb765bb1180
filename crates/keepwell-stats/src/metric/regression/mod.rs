//! Metrics of regressors.

mod explained_variance;
mod mae;
mod mape;
mod max_error;
mod mean_error;
mod median_absolute_error;
mod mse;
mod msle;
mod pinball_loss;
mod r2;
mod rmse;
mod rmsle;
mod smape;

use keepwell_core::measure::{Interval, Measure};
use keepwell_core::outcome::Reason;

use super::{Direction, Metric, Reading};
use crate::interval;
use crate::profile::outcome::values::Loss;
use crate::profile::{OutcomeProfile, ValueOutcomes};

/// Every metric of regressors, in alphabetical order.
pub static ALL: &[&dyn Metric] = &[
    &explained_variance::ExplainedVariance,
    &mae::MeanAbsoluteError,
    &mape::MeanAbsolutePercentageError,
    &max_error::MaxError,
    &mean_error::MeanError,
    &median_absolute_error::MedianAbsoluteError,
    &mse::MeanSquaredError,
    &msle::MeanSquaredLogError,
    &pinball_loss::PinballLoss,
    &r2::R2,
    &rmse::RootMeanSquaredError,
    &rmsle::RootMeanSquaredLogError,
    &smape::SymmetricMeanAbsolutePercentageError,
];

/// What is never negative and has no upper end.
const POSITIVE: (f64, f64) = (0.0, f64::INFINITY);

/// The one reading of a regression metric; none for other tasks.
fn reading(
    outcomes: &OutcomeProfile,
    evaluate: impl FnOnce(&ValueOutcomes) -> Result<Measure, Reason>,
) -> Vec<Reading> {
    match outcomes.values() {
        Some(outcomes) => vec![Reading::plain(evaluate(outcomes).into())],
        None => Vec::new(),
    }
}

/// The mean of a loss that is never negative.
fn mean_loss(outcomes: &ValueOutcomes, loss: Loss) -> Result<Measure, Reason> {
    Ok(interval::t_positive_mean(outcomes.loss(loss)?, POSITIVE))
}

/// The root of a mean square; its interval is the root of that of the mean square.
fn root(square: Measure) -> Measure {
    let value = square.value.sqrt();
    let mut root = Measure::new(value);
    if let Some(Interval { lower, upper }) = square.interval {
        root = root.with_interval(lower.sqrt(), upper.sqrt());
    }
    match square.standard_error {
        Some(error) if value > 0.0 => root.with_standard_error(error / (2.0 * value)),
        Some(_) => root.with_standard_error(0.0),
        None => root,
    }
}

/// One minus the quotient of the mean of `(error - origin)²`, which is `residual`, by the variance of the
/// targets.
fn explained(outcomes: &ValueOutcomes, residual: f64, origin: f64) -> Result<Measure, Reason> {
    let n = outcomes.usable()?;
    if n < 2 {
        return Err(Reason::TooFewRows {
            needed: 2,
            found: n,
        });
    }
    if outcomes
        .target_range()
        .is_some_and(|(least, greatest)| least == greatest)
    {
        return Err(Reason::Constant);
    }
    let quotient = residual / (outcomes.target().m2 / n as f64);
    let value = 1.0 - quotient;
    if !value.is_finite() || outcomes.target().m2.is_infinite() {
        return Err(Reason::NonFinite);
    }
    let error = outcomes
        .comoments()
        .and_then(|moments| moments.quotient_error(origin));
    let Some(error) = error else {
        return Ok(Measure::new(value));
    };
    let quotient = interval::t_positive(quotient, error, n, POSITIVE);
    let measure = Measure::new(value).with_standard_error(error);
    Ok(match quotient.interval {
        Some(interval) => measure.with_interval(
            (1.0 - interval.upper).min(value),
            (1.0 - interval.lower).max(value),
        ),
        None => measure,
    })
}

/// Profiles for the tests of the metrics.
#[cfg(test)]
mod testing {
    use keepwell_core::outcome::Outcome;
    use keepwell_core::params::Params;

    use super::*;
    use crate::profile::Mode;
    use crate::profile::outcome::values::ValueRows;

    /// Rows of target and prediction.
    pub(super) fn profile(mode: Mode, rows: &[(f64, f64)]) -> OutcomeProfile {
        let (targets, predictions): (Vec<f64>, Vec<f64>) = rows.iter().copied().unzip();
        let mut outcomes = ValueOutcomes::new(mode);
        outcomes.extend_from_slices(ValueRows {
            targets: &targets,
            predictions: &predictions,
        });
        outcomes.seal();
        outcomes.into()
    }

    /// The outcome of a metric with its default parameters.
    pub(super) fn outcome(metric: &dyn Metric, rows: &[(f64, f64)]) -> Outcome<Measure> {
        let params = Params::defaults(metric.parameters());
        let mut readings = metric.evaluate(&profile(Mode::Exact, rows), &params);
        assert_eq!(readings.len(), 1);
        readings.remove(0).outcome
    }

    /// The same as a number.
    pub(super) fn value(metric: &dyn Metric, rows: &[(f64, f64)]) -> Result<f64, Reason> {
        outcome(metric, rows)
            .into_result()
            .map(|measure| measure.value)
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Outcome;
    use keepwell_core::params::Params;

    use super::*;
    use crate::profile::{LabelOutcomes, Mode};

    #[test]
    fn other_tasks_have_no_reading() {
        let other = OutcomeProfile::Labels(LabelOutcomes::default());
        for metric in ALL {
            let params = Params::defaults(metric.parameters());
            assert!(metric.evaluate(&other, &params).is_empty());
        }
    }

    #[test]
    fn the_mean_of_the_targets_is_the_yardstick() {
        let rows = testing::profile(Mode::Exact, &[(1.0, 2.0), (3.0, 3.5), (8.0, 7.0)]);
        let of = |metric: &dyn Metric| {
            let params = Params::defaults(metric.parameters());
            let constant = rows.constant().expect("targets");
            let mut readings = crate::metric::yardstick(metric, &constant, &params);
            let outcome = readings.remove(0).outcome.into_result();
            outcome.map(|measure| measure.value)
        };
        assert_eq!(of(&r2::R2), Ok(0.0));
        assert_eq!(of(&explained_variance::ExplainedVariance), Ok(0.0));
        assert_eq!(of(&mean_error::MeanError), Ok(0.0));
        let deviation = of(&rmse::RootMeanSquaredError).expect("known");
        assert!((deviation - (26.0_f64 / 3.0).sqrt()).abs() < 1e-14);
        // What the moments of the targets do not tell is not guessed.
        assert_eq!(of(&mae::MeanAbsoluteError), Err(Reason::NotApplicable));
        assert_eq!(of(&max_error::MaxError), Err(Reason::NotApplicable));
    }

    #[test]
    fn one_row_has_a_value_and_no_interval() {
        let rows = testing::profile(Mode::Exact, &[(2.0, 3.0)]);
        for metric in ALL {
            let params = Params::defaults(metric.parameters());
            let outcome = &metric.evaluate(&rows, &params)[0].outcome;
            match outcome {
                Outcome::Defined(measure) => assert_eq!(measure.interval, None),
                Outcome::Undefined(reason) => assert_eq!(reason.id(), "too_few_rows"),
            }
        }
    }
}
