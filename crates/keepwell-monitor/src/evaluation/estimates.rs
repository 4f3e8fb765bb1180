//! Performance without targets.

use keepwell_core::params::Params;
use keepwell_stats::estimate;
use keepwell_stats::profile::{ClassOutcomes, TwoSample};

use super::Evaluation;
use crate::row::{ResultKind, ResultRow, Scope};

impl Evaluation {
    /// Estimates the metrics of a scope from its scores alone. What is estimated has no verdict: it cannot see
    /// that the relation of inputs and target changed.
    pub fn estimates(&mut self, scope: &Scope, sample: TwoSample<'_, ClassOutcomes>) {
        for &estimator in estimate::ALL {
            let params = Params::defaults(estimator.parameters());
            for reading in estimator.estimate(sample, &params) {
                self.rows.push(ResultRow {
                    scope: scope.clone(),
                    column: None,
                    class: reading.class,
                    kind: ResultKind::Estimate,
                    name: estimator.info().id,
                    params: reading.labels,
                    outcome: reading.outcome,
                    threshold: None,
                    verdict: None,
                    is_provisional: false,
                    rows: sample.current.rows(),
                    targets: Some(sample.current.targets()),
                });
            }
        }
    }
}
