//! Performance without targets.

use keepwell_core::catalog::{Entry, Standing};
use keepwell_core::outcome::Reason;
use keepwell_stats::estimate::rows::RegressionRows;
use keepwell_stats::metric::{self, Reading};
use keepwell_stats::profile::row_sample::RowSample;
use keepwell_stats::profile::{ClassOutcomes, TwoSample};
use keepwell_stats::{estimate, metric::Metric};

use super::Evaluation;
use super::row_parts::RowParts;
use super::tables::is_silent;
use crate::monitors::{Run, Watched};
use crate::row::{ResultKind, ResultRow, Scope};

/// Share of the reference's share of targets below which targets of a window are still to come.
const MATURITY_MIN: f64 = 0.95;
/// Most rows of the reference that teach an estimator on rows: with these it takes about half a second, and more
/// change its estimates by less than their intervals.
const REFERENCE_ROWS_MAX: usize = 2_500;

impl Evaluation {
    /// Estimates the metrics of a scope from its scores alone. What is estimated has no verdict: it cannot see
    /// that the relation of inputs and target changed.
    pub fn estimates(&mut self, scope: &Scope, sample: TwoSample<'_, ClassOutcomes>) {
        for &estimator in estimate::ALL {
            for run in self
                .monitors
                .runs(Watched::Estimate, estimator, Standing::Shown, None)
            {
                for reading in estimator.estimate(sample, &run.params) {
                    let mut row = row(scope, estimator, &run, reading);
                    row.rows = sample.current.rows();
                    row.targets = Some(sample.current.targets());
                    self.rows.push(row);
                }
            }
        }
    }

    /// Estimates the errors of a regression model for those scopes whose targets are still to come, from samples of
    /// whole rows with features, prediction and, in the reference, target. Says nothing where the reference cannot
    /// teach it, unless a monitor asks.
    pub fn row_estimates(
        &mut self,
        parts: &RowParts<'_>,
        reference: &RowSample,
        currents: &[(Scope, &RowSample)],
    ) {
        let reference = reference.reduced(REFERENCE_ROWS_MAX);
        let Some(known) = Regression::of(parts, &reference) else {
            return;
        };
        let late: Vec<(&Scope, Regression<'_>)> = currents
            .iter()
            .filter_map(|(scope, current)| {
                let own = Regression::of(parts, current)?;
                (own.maturity() < MATURITY_MIN * known.maturity()).then_some((scope, own))
            })
            .collect();
        let Some((_, like)) = late.first() else {
            return;
        };
        for &estimator in estimate::rows::ALL {
            for run in self
                .monitors
                .runs(Watched::Estimate, estimator, Standing::Shown, None)
            {
                let learned = estimator.learn(&known.rows(), &like.features, &run.params);
                for (scope, current) in &late {
                    for reading in learned.estimate(&current.rows()) {
                        if is_left_out(&reading, &run) {
                            continue;
                        }
                        let mut row = row(scope, estimator, &run, reading);
                        row.rows = current.n_rows;
                        self.rows.push(row);
                    }
                }
            }
        }
    }
}

/// Rows of a regression model, taken apart.
struct Regression<'a> {
    features: RowSample,
    predictions: &'a [f64],
    /// Of each row, or of none.
    targets: Vec<f64>,
    n_rows: u64,
}

impl<'a> Regression<'a> {
    /// `None` without numbers as predictions.
    fn of(parts: &RowParts<'_>, sample: &'a RowSample) -> Option<Self> {
        let predictions = RowParts::numbers(sample, parts.prediction)?;
        let targets = RowParts::numbers(sample, parts.target);
        Some(Self {
            features: sample.selected(parts.features),
            targets: targets.map_or_else(|| vec![f64::NAN; predictions.len()], <[f64]>::to_vec),
            predictions,
            n_rows: sample.rows(),
        })
    }

    fn rows(&self) -> RegressionRows<'_> {
        RegressionRows {
            features: &self.features,
            predictions: self.predictions,
            targets: &self.targets,
        }
    }

    /// Share of rows with a target; one without rows.
    fn maturity(&self) -> f64 {
        let n_known = self.targets.iter().filter(|own| !own.is_nan()).count();
        match self.targets.len() {
            0 => 1.0,
            n => n_known as f64 / n as f64,
        }
    }
}

/// Whether an estimate is of a metric that is computed on request only, or says no more than that there is none.
fn is_left_out(reading: &Reading, run: &Run) -> bool {
    let of_metric = reading.labels.iter().find(|(label, _)| *label == "metric");
    let standing = of_metric
        .and_then(|(_, id)| metric::all().find(|metric| metric.info().id == id))
        .map(Metric::standing);
    let reason = reading.outcome.reason();
    let is_empty = reason.is_some_and(|reason| {
        is_silent(reason, run) || (!run.is_named && *reason == Reason::NoPredictions)
    });
    is_empty || (!run.is_named && standing == Some(Standing::OnRequest))
}

fn row(scope: &Scope, estimator: &dyn Entry, run: &Run, reading: Reading) -> ResultRow {
    let mut params = reading.labels;
    params.extend(run.changed(estimator));
    ResultRow {
        scope: scope.clone(),
        column: None,
        class: reading.class,
        kind: ResultKind::Estimate,
        name: estimator.info().id,
        params,
        outcome: reading.outcome,
        threshold: None,
        verdict: None,
        is_provisional: false,
        rows: 0,
        targets: None,
    }
}
