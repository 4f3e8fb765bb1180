//! Outcomes: the metrics of the model.

use keepwell_core::catalog::Standing;
use keepwell_core::decide::Evidence;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_stats::metric::{self, Metric, Reading};
use keepwell_stats::profile::{OutcomeProfile, TwoSample};

use super::{Evaluation, Ground, Past};
use crate::finding::Detail;
use crate::history::{MetricHistory, Observation, Timetable};
use crate::monitors::{Run, Watched};
use crate::row::{ResultKind, ResultRow, Scope};
use crate::rule::change;

/// A window whose share of targets is below this part of the reference's is provisional.
const MATURITY_MIN: f64 = 0.95;

/// Metrics over the windows of the reference.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OutcomeHistory(Vec<(MetricKey, MetricHistory)>);

/// What tells one value of a metric from another.
#[derive(Debug, Clone, PartialEq)]
struct MetricKey {
    id: &'static str,
    class: Option<String>,
    labels: Vec<(&'static str, String)>,
}

impl MetricKey {
    fn of(metric: &dyn Metric, reading: &Reading) -> Self {
        Self {
            id: metric.info().id,
            class: reading.class.clone(),
            labels: reading.labels.clone(),
        }
    }
}

impl OutcomeHistory {
    /// Reads the windows of the reference, which stand in the order of the timetable.
    pub fn of(table: &Timetable, windows: &[&OutcomeProfile]) -> Self {
        let mut keys: Vec<(MetricKey, Vec<Option<Observation>>)> = Vec::new();
        for metric in metric::all().filter(|metric| metric.standing() == Standing::Decided) {
            let params = Params::defaults(metric.parameters());
            for (window_idx, window) in windows.iter().enumerate() {
                for reading in metric.evaluate(window, &params) {
                    if !is_decided(metric, &reading) {
                        continue;
                    }
                    let key = MetricKey::of(metric, &reading);
                    let idx = match keys.iter().position(|(known, _)| *known == key) {
                        Some(idx) => idx,
                        None => {
                            keys.push((key, vec![None; windows.len()]));
                            keys.len() - 1
                        }
                    };
                    keys[idx].1[window_idx] = reading.outcome.defined().and_then(observation);
                }
            }
        }
        let histories = keys
            .into_iter()
            .map(|(key, values)| (key, MetricHistory::of(table, &values)));
        Self(histories.collect())
    }

    fn past(&self, scope: &Scope, key: &MetricKey, current: &Measure) -> Past {
        let found = self.0.iter().find(|(known, _)| known == key);
        match (found, scope.window, observation(current)) {
            (Some((_, history)), Some(window), Some(own)) => {
                Past::Metric(history.deviation(window, own))
            }
            _ => Past::Unknown,
        }
    }
}

/// A value with the variance that its interval stands for.
fn observation(measure: &Measure) -> Option<Observation> {
    let interval = measure.interval?;
    // The interval at 0.95 of a normal variable is 3.92 standard errors wide.
    let standard_error = (interval.upper - interval.lower) / 3.92;
    (standard_error > 0.0).then_some(Observation {
        value: measure.value,
        variance: standard_error * standard_error,
    })
}

impl Evaluation {
    /// Compares the outcomes of a scope with the reference, and with the windows of the reference where those
    /// are known.
    pub fn outcomes(
        &mut self,
        scope: &Scope,
        sample: TwoSample<'_, OutcomeProfile>,
        history: Option<&OutcomeHistory>,
    ) {
        let is_provisional = self.is_provisional(scope, sample);
        for metric in metric::all() {
            for run in self
                .monitors
                .runs(Watched::Metric, metric, metric.standing(), None)
            {
                self.metric_run(scope, sample, history, is_provisional, (metric, &run));
            }
        }
    }

    /// Adds the variances of a history to those that all metrics have in common.
    pub fn outcome_history(&mut self, history: &OutcomeHistory) {
        let ratios = history.0.iter().filter_map(|(_, history)| history.ratio());
        self.metric_ratios.extend(ratios);
    }

    fn is_provisional(&self, scope: &Scope, sample: TwoSample<'_, OutcomeProfile>) -> bool {
        let maturity =
            |outcomes: &OutcomeProfile| outcomes.targets() as f64 / outcomes.rows().max(1) as f64;
        let is_early = match (scope.window, self.mature_until) {
            (Some(window), Some(mature_until)) => window.end > mature_until,
            _ => false,
        };
        let current = maturity(sample.current);
        // Where every row has its target, none can still come.
        sample.current.targets() < sample.current.rows()
            && (is_early || current < MATURITY_MIN * maturity(sample.reference))
    }

    fn metric_run(
        &mut self,
        scope: &Scope,
        sample: TwoSample<'_, OutcomeProfile>,
        history: Option<&OutcomeHistory>,
        is_provisional: bool,
        (metric, run): (&dyn Metric, &Run),
    ) {
        let own = metric.evaluate(sample.reference, &run.params);
        for reading in metric.evaluate(sample.current, &run.params) {
            let counterpart = own
                .iter()
                .find(|own| own.class == reading.class && own.labels == reading.labels);
            let targets = sample.current.targets();
            let evidence = self.metric_evidence(metric, counterpart, &reading, targets);
            let is_decided = (run.is_named && is_leading(&reading)) || is_decided(metric, &reading);
            let past = match (history, reading.outcome.defined()) {
                // The history is that of the default parameters.
                (Some(history), Some(current)) if is_decided && run.changed(metric).is_empty() => {
                    history.past(scope, &MetricKey::of(metric, &reading), current)
                }
                _ => Past::Unknown,
            };
            let reading = Reading {
                outcome: with_p_value(reading.outcome, &evidence),
                ..reading
            };
            let row_idx = self.rows.len();
            let id = metric.info().id;
            self.rows.push(metric_row(
                id,
                scope,
                reading,
                sample.current,
                is_provisional,
            ));
            self.rows[row_idx].params.extend(run.changed(metric));
            if is_decided {
                let ground = Ground {
                    limits: run.limits(metric.limits()),
                    role: None,
                    reference: counterpart.and_then(|own| own.outcome.defined().copied()),
                    past,
                };
                self.open(row_idx, evidence, ground, || Detail::None);
            }
        }
    }

    /// Keeps the metrics of the reference itself.
    pub fn reference_outcomes(&mut self, scope: &Scope, reference: &OutcomeProfile) {
        for metric in metric::all() {
            for run in self
                .monitors
                .runs(Watched::Metric, metric, metric.standing(), None)
            {
                for reading in metric.evaluate(reference, &run.params) {
                    let mut row = metric_row(metric.info().id, scope, reading, reference, false);
                    row.params.extend(run.changed(metric));
                    self.reference_rows.push(row);
                }
            }
        }
    }

    fn metric_evidence(
        &self,
        metric: &dyn Metric,
        counterpart: Option<&Reading>,
        reading: &Reading,
        targets: u64,
    ) -> Outcome<Evidence> {
        let current = match &reading.outcome {
            Outcome::Defined(current) => current,
            Outcome::Undefined(reason) => return Outcome::Undefined(reason.clone()),
        };
        let Some(Outcome::Defined(reference)) = counterpart.map(|own| &own.outcome) else {
            return Outcome::Undefined(Reason::NoReference);
        };
        if let Some(reason) = self.too_few(targets) {
            return Outcome::Undefined(reason);
        }
        let change = change(reference, current, metric.direction());
        Outcome::Defined(Evidence {
            size: change.size,
            p_value: change.p_value,
        })
    }
}

/// The value with the p-value of its change, where there is one.
fn with_p_value(outcome: Outcome<Measure>, evidence: &Outcome<Evidence>) -> Outcome<Measure> {
    let p_value = evidence.defined().and_then(|evidence| evidence.p_value);
    outcome.map(|measure| Measure { p_value, ..measure })
}

fn is_decided(metric: &dyn Metric, reading: &Reading) -> bool {
    metric.standing() == Standing::Decided && is_leading(reading)
}

/// Leading are the plain value, the macro average and the classes; other averages are shown beside.
fn is_leading(reading: &Reading) -> bool {
    reading
        .labels
        .iter()
        .all(|(label, value)| *label != "average" || value == "macro")
}

fn metric_row(
    name: &'static str,
    scope: &Scope,
    reading: Reading,
    outcomes: &OutcomeProfile,
    is_provisional: bool,
) -> ResultRow {
    ResultRow {
        scope: scope.clone(),
        column: None,
        class: reading.class,
        kind: ResultKind::Metric,
        name,
        params: reading.labels,
        outcome: reading.outcome,
        threshold: None,
        verdict: None,
        is_provisional,
        rows: outcomes.rows(),
        targets: Some(outcomes.targets()),
    }
}
