//! Outcomes: the metrics of the model.

use keepwell_core::catalog::Standing;
use keepwell_core::decide::Evidence;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_stats::metric::{self, Direction, Metric, Reading};
use keepwell_stats::profile::{OutcomeProfile, TwoSample};

use super::series::Subject;
use super::{Evaluation, Ground, Past, curves};
use crate::finding::Detail;
use crate::history::{MetricHistory, Observation, Point, Timetable, parts_of_ratio};
use crate::monitors::{Monitors, Run, SeriesOf, Watched};
use crate::row::{CONSTANT, ResultKind, ResultRow, Scope};
use crate::rule::change;

/// A window whose share of targets is below this part of the reference's is provisional.
const MATURITY_MIN: f64 = 0.95;

/// Metrics over the windows of the reference.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OutcomeHistory(Vec<KnownMetric>);

/// One value of a metric over the windows of the reference.
#[derive(Debug, Clone, PartialEq)]
struct KnownMetric {
    key: MetricKey,
    history: MetricHistory,
    /// One per window; none where those are not as wide as the current ones.
    points: Vec<Point>,
}

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
    /// Metrics are read that are decided on, or that a monitor reads as a series.
    pub fn of(table: &Timetable, windows: &[&OutcomeProfile], monitors: &Monitors) -> Self {
        let mut keys: Vec<(MetricKey, Vec<Option<Measure>>)> = Vec::new();
        let is_read = |metric: &&dyn Metric| {
            metric.standing() == Standing::Decided || monitors.reads(Watched::Metric, *metric)
        };
        for metric in metric::all().filter(is_read) {
            let params = Params::defaults(metric.parameters());
            for (window_idx, window) in windows.iter().enumerate() {
                for reading in metric.evaluate(window, &params) {
                    if !is_leading(&reading.labels) {
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
                    keys[idx].1[window_idx] = reading.outcome.defined().copied();
                }
            }
        }
        let known = |(key, values): (MetricKey, Vec<Option<Measure>>)| {
            let of_windows: Vec<Option<Observation>> = values
                .iter()
                .map(|measure| measure.as_ref().and_then(observation))
                .collect();
            let of_windows = match denominators(&key, windows) {
                Some(denominators) if table.is_cut() => parts_of_ratio(&of_windows, &denominators),
                _ => of_windows,
            };
            let point = |(measure, window): (&Option<Measure>, &&OutcomeProfile)| Point {
                value: measure.map(|measure| measure.value),
                rows: window.targets(),
            };
            KnownMetric {
                key,
                history: MetricHistory::of(table, &of_windows),
                points: match table.is_of_windows() {
                    true => values.iter().zip(windows).map(point).collect(),
                    false => Vec::new(),
                },
            }
        };
        Self(keys.into_iter().map(known).collect())
    }

    fn find(&self, key: &MetricKey) -> Option<&KnownMetric> {
        self.0.iter().find(|known| known.key == *key)
    }

    fn past(&self, scope: &Scope, key: &MetricKey, current: &Measure) -> Past {
        match (self.find(key), scope.window, observation(current)) {
            (Some(known), Some(window), Some(own)) => {
                Past::Metric(known.history.deviation(window, own))
            }
            _ => Past::Unknown,
        }
    }
}

/// What the metric is divided by in each window, where it is a ratio of sums.
fn denominators(key: &MetricKey, windows: &[&OutcomeProfile]) -> Option<Vec<f64>> {
    let metric = metric::all().find(|metric| metric.info().id == key.id)?;
    let is_plain = key.class.is_none() && key.labels.is_empty() && !metric.is_root_of_ratio();
    let ratio = |window: &&OutcomeProfile| metric.ratio(window).map(|parts| parts.denominator);
    is_plain.then(|| windows.iter().map(ratio).collect())?
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

/// What the metrics of a scope are computed from.
#[derive(Clone, Copy)]
struct Sides<'a> {
    sample: TwoSample<'a, OutcomeProfile>,
    /// [`OutcomeProfile::constant`] of the current events.
    constant: Option<&'a OutcomeProfile>,
    history: Option<&'a OutcomeHistory>,
    is_provisional: bool,
}

/// A metric with its values in the reference.
struct Compared {
    metric: &'static dyn Metric,
    run: Run,
    own: Vec<Reading>,
}

impl Evaluation {
    /// Compares the outcomes of scopes with the reference, and with the windows of the reference where those
    /// are known.
    pub fn outcomes(
        &mut self,
        reference: &OutcomeProfile,
        history: Option<&OutcomeHistory>,
        currents: &[(Scope, &OutcomeProfile)],
    ) {
        // What an evaluation keeps for the next metric goes with the copy.
        let reference = &reference.clone();
        let mut compared = Vec::new();
        for metric in metric::all() {
            let runs = self
                .monitors
                .runs(Watched::Metric, metric, metric.standing(), None);
            // Once for all scopes: the reference is often the greatest of all.
            compared.extend(runs.into_iter().map(|run| Compared {
                own: metric.evaluate(reference, &run.params),
                metric,
                run,
            }));
        }
        let n_without_curves = currents.len().saturating_sub(curves::WINDOWS_MAX);
        for (idx, (scope, current)) in currents.iter().enumerate() {
            let current = &(*current).clone();
            if idx >= n_without_curves {
                self.keep_curves(scope, current);
            }
            let sample = TwoSample { reference, current };
            let constant = current.constant();
            let sides = Sides {
                sample,
                constant: constant.as_ref(),
                history,
                is_provisional: self.is_provisional(scope, sample),
            };
            for compared in &compared {
                self.metric_run(scope, sides, compared);
            }
        }
    }

    /// Adds the variances of a history to those that all metrics have in common.
    pub fn outcome_history(&mut self, history: &OutcomeHistory) {
        let ratios = history.0.iter().filter_map(|known| known.history.ratio());
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

    fn metric_run(&mut self, scope: &Scope, sides: Sides<'_>, compared: &Compared) {
        let Sides {
            sample, history, ..
        } = sides;
        let Compared { metric, run, own } = compared;
        let metric = *metric;
        let yardsticks = yardsticks(metric, sides.constant, run);
        for reading in metric.evaluate(sample.current, &run.params) {
            let counterpart = own
                .iter()
                .find(|own| own.class == reading.class && own.labels == reading.labels);
            let targets = sample.current.targets();
            let evidence = self.metric_evidence(metric, counterpart, &reading, targets);
            let is_decided =
                (run.is_named && is_leading(&reading.labels)) || is_decided(metric, &reading);
            let key = MetricKey::of(metric, &reading);
            let past = match (history, reading.outcome.defined()) {
                // The history is that of the default parameters.
                (Some(history), Some(current)) if is_decided && run.changed(metric).is_empty() => {
                    history.past(scope, &key, current)
                }
                _ => Past::Unknown,
            };
            let reading = Reading {
                outcome: with_p_value(reading.outcome, &evidence),
                ..reading
            };
            let row_idx = self.rows.len();
            let mut row = metric_row(metric.info().id, scope, reading, sample.current);
            row.is_provisional = sides.is_provisional;
            row.params.extend(run.changed(metric));
            measure_by(&yardsticks, &mut row);
            self.rows.push(row);
            self.follow_metric(row_idx, key, run, (metric, is_decided), history);
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

    /// Takes a row of a metric into its series, if it is about all rows and by the parameters that the series has.
    fn follow_metric(
        &mut self,
        row_idx: usize,
        key: MetricKey,
        run: &Run,
        (metric, is_decided): (&dyn Metric, bool),
        history: Option<&OutcomeHistory>,
    ) {
        let scope = &self.rows[row_idx].scope;
        let is_whole = scope.segment.is_none() && scope.version.is_none();
        if !is_whole || !is_leading(&key.labels) || !run.changed(metric).is_empty() {
            return;
        }
        let known = history.and_then(|history| history.find(&key));
        let past = || known.map_or_else(Vec::new, |known| known.points.clone());
        let subject = Subject {
            of: SeriesOf {
                family: Watched::Metric,
                id: key.id,
            },
            column: None,
            class: key.class,
            labels: key.labels,
            is_decided,
        };
        self.follow(subject, row_idx, past);
    }

    /// Keeps the metrics of the reference itself.
    pub fn reference_outcomes(&mut self, scope: &Scope, reference: &OutcomeProfile) {
        let reference = &reference.clone();
        self.keep_reference_curves(scope, reference);
        let constant = reference.constant();
        for metric in metric::all() {
            for run in self
                .monitors
                .runs(Watched::Metric, metric, metric.standing(), None)
            {
                let yardsticks = yardsticks(metric, constant.as_ref(), &run);
                for reading in metric.evaluate(reference, &run.params) {
                    let mut row = metric_row(metric.info().id, scope, reading, reference);
                    row.params.extend(run.changed(metric));
                    measure_by(&yardsticks, &mut row);
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

/// What a constant prediction would reach. A metric that is neither good nor bad has no yardstick.
fn yardsticks(metric: &dyn Metric, constant: Option<&OutcomeProfile>, run: &Run) -> Vec<Reading> {
    match constant {
        Some(constant) if metric.direction() != Direction::Neutral => {
            metric::yardstick(metric, constant, &run.params)
        }
        _ => Vec::new(),
    }
}

/// Puts the yardstick of its reading beside a row.
fn measure_by(yardsticks: &[Reading], row: &mut ResultRow) {
    let own = yardsticks.iter().find(|own| {
        let has_labels = |(label, value): &(&str, String)| {
            let mut params = row.params.iter();
            params.any(|(own, found)| own == label && found == value)
        };
        own.class == row.class && own.labels.iter().all(has_labels)
    });
    if let Some(measure) = own.and_then(|own| own.outcome.defined()) {
        row.params.push((CONSTANT, measure.value.to_string()));
    }
}

/// The value with the p-value of its change, where there is one.
fn with_p_value(outcome: Outcome<Measure>, evidence: &Outcome<Evidence>) -> Outcome<Measure> {
    let p_value = evidence.defined().and_then(|evidence| evidence.p_value);
    outcome.map(|measure| Measure { p_value, ..measure })
}

fn is_decided(metric: &dyn Metric, reading: &Reading) -> bool {
    metric.standing() == Standing::Decided && is_leading(&reading.labels)
}

/// Leading are the plain value, the macro average and the classes; other averages are shown beside.
fn is_leading(labels: &[(&'static str, String)]) -> bool {
    labels
        .iter()
        .all(|(label, value)| *label != "average" || value == "macro")
}

fn metric_row(
    name: &'static str,
    scope: &Scope,
    reading: Reading,
    outcomes: &OutcomeProfile,
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
        is_provisional: false,
        rows: outcomes.rows(),
        targets: Some(outcomes.targets()),
    }
}
