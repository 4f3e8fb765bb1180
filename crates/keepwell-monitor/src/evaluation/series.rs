//! Series: the values of one quantity window by window, those of the reference before the current ones.
//!
//! Where the current events are cut in windows, a monitor may have a detector or a method of anomalies read
//! such a series, of a metric of all rows or of a quality check of a column. Of each metric that is decided on,
//! the lasting changes of its level are looked for in any case: they say since when. A window without a value
//! is skipped, and only what is found in current windows counts.

mod methods;

use keepwell_core::decide::Evidence;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::schema::Role;
use keepwell_stats::metric::{self, Direction};

use super::{Evaluation, Ground, Past};
use crate::finding::{Detail, LevelChange};
use crate::history::Point;
use crate::monitors::{Run, SeriesOf, Watched};
use crate::row::{ResultKind, ResultRow, SERIES};
use methods::{CHANGE_POINTS, Judged, Method};

/// Most points of a series in which changes of level are looked for without being asked, the latest ones.
const POINTS_MAX: usize = 2_000;

/// A series under collection.
#[derive(Debug, Clone)]
pub(super) struct Series {
    subject: Subject,
    /// Windows of the reference, in order.
    past: Vec<Point>,
    /// Rows of the current windows, in order.
    row_idxs: Vec<usize>,
}

/// What a series is of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Subject {
    pub(super) of: SeriesOf,
    /// Column, where it is of one, with its part.
    pub(super) column: Option<(String, Role)>,
    pub(super) class: Option<String>,
    /// Labels of the value, for example `average=macro`.
    pub(super) labels: Vec<(&'static str, String)>,
    /// Whether each of its values is decided on.
    pub(super) is_decided: bool,
}

impl Subject {
    /// Which way its values become worse.
    fn worse(&self) -> Worse {
        if self.of.family == Watched::Quality {
            return Worse::Up;
        }
        let found = metric::all().find(|metric| metric.info().id == self.of.id);
        match found.map(|metric| (metric.direction(), metric.range().1)) {
            Some((Direction::HigherIsBetter, best)) => Worse::Down { best },
            Some((Direction::LowerIsBetter, _)) => Worse::Up,
            _ => Worse::Either,
        }
    }
}

/// Which way the values of a series become worse.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Worse {
    Up,
    Down {
        /// Greatest possible value, which may be infinite.
        best: f64,
    },
    Either,
}

impl Worse {
    /// The value turned so that larger is worse; a share stays within `[0, 1]`.
    fn turned(self, value: f64) -> f64 {
        match self {
            Self::Down { best } if best.is_finite() => best - value,
            Self::Down { .. } => -value,
            Self::Up | Self::Either => value,
        }
    }

    /// How much worse a step of this extent makes it; zero for an improvement.
    fn extent(self, step: f64) -> f64 {
        match self {
            Self::Up => step.max(0.0),
            Self::Down { .. } => (-step).max(0.0),
            Self::Either => step.abs(),
        }
    }
}

impl Evaluation {
    /// Takes the value of a current window into its series. `past` holds the windows of the reference, and is
    /// asked for once a series.
    pub(super) fn follow(
        &mut self,
        subject: Subject,
        row_idx: usize,
        past: impl FnOnce() -> Vec<Point>,
    ) {
        let window = |idx: usize| self.rows[idx].scope.window;
        match self.series.iter_mut().find(|own| own.subject == subject) {
            // Two monitors may compute the same.
            Some(series)
                if series
                    .row_idxs
                    .last()
                    .is_some_and(|&last| window(last) == window(row_idx)) => {}
            Some(series) => series.row_idxs.push(row_idx),
            None => self.series.push(Series {
                subject,
                past: past(),
                row_idxs: vec![row_idx],
            }),
        }
    }

    /// Runs what reads series over all of them, and opens the decisions on what it finds.
    pub(super) fn read_series(&mut self) {
        for series in std::mem::take(&mut self.series) {
            let values = self.values(&series);
            let column = series.subject.column.as_ref();
            let column = column.map(|(name, _)| name.as_str());
            let named: Vec<(Watched, &str, Run)> = match series.subject.class {
                None => self.monitors.of_series(series.subject.of, column).collect(),
                Some(_) => Vec::new(),
            };
            for (family, id, run) in &named {
                if let Some(method) = Method::of(*family, id) {
                    self.named(&series, &values, method, run);
                }
            }
            if series.subject.is_decided && series.row_idxs.len() > 1 {
                self.level_changes(&series, &values, &named);
            }
        }
    }

    /// Values of all windows; NaN where there is none, or too few rows for one.
    fn values(&self, series: &Series) -> Vec<f64> {
        let value = |value: Option<f64>, rows: u64| match value {
            Some(value) if rows >= self.rule.rows_min => value,
            _ => f64::NAN,
        };
        let past = series.past.iter().map(|own| value(own.value, own.rows));
        let current = series.row_idxs.iter().map(|&idx| {
            let row = &self.rows[idx];
            let measure = row.outcome.defined();
            value(
                measure.map(|measure| measure.value),
                row.targets.unwrap_or(row.rows),
            )
        });
        past.chain(current).collect()
    }

    /// A method that a monitor names: a row with a verdict for each current window with a value.
    fn named(&mut self, series: &Series, values: &[f64], method: Method, run: &Run) {
        let subject = &series.subject;
        let judged = method.judge(values, subject.worse(), &run.params);
        let limits = run.limits(method.limits(&run.params));
        // A monitor that finds no value in any window says so, and is not silent.
        let is_silent = judged[series.past.len()..].iter().all(Option::is_none);
        let none = Outcome::Undefined(Reason::TooFewWindows {
            needed: 1,
            found: 0,
        });
        let current = series.row_idxs.iter().zip(series.past.len()..);
        for (&own_idx, position) in current {
            let found = judged[position].clone();
            let Some(judged) = found.or_else(|| is_silent.then(|| none.clone())) else {
                continue;
            };
            let value = judged.clone().map(|judged| Measure::new(judged.value));
            let row_idx = self.push_series_row(own_idx, subject, method, value);
            let changed = run.changed(method.entry());
            self.rows[row_idx].params.extend(changed);
            let evidence = judged.map(|Judged { size, .. }| Evidence {
                size,
                p_value: None,
            });
            let ground = Ground {
                limits,
                role: subject.column.as_ref().map(|(_, role)| *role),
                reference: None,
                past: Past::Unknown,
            };
            self.open(row_idx, evidence, ground, || {
                Detail::Point(values[position])
            });
        }
    }

    /// Where the level of a metric changed for good among the current windows: shown, and told with the
    /// findings of that metric.
    fn level_changes(&mut self, series: &Series, values: &[f64], named: &[(Watched, &str, Run)]) {
        let Some(method) = Method::of(Watched::Anomaly, CHANGE_POINTS) else {
            return;
        };
        let left_out = values.len().saturating_sub(POINTS_MAX);
        let defaults = method.defaults();
        let worse = series.subject.worse();
        let judged = method.judge(&values[left_out..], worse, &defaults);
        let is_shown = !named
            .iter()
            .any(|(_, id, run)| *id == CHANGE_POINTS && run.changed(method.entry()).is_empty());
        let current = series.row_idxs.iter().zip(series.past.len()..);
        for (&own_idx, position) in current {
            let found = position
                .checked_sub(left_out)
                .and_then(|idx| judged[idx].as_ref());
            let Some(Judged { value, size }) = found.and_then(Outcome::defined).copied() else {
                continue;
            };
            let Some(window) = self.rows[own_idx].scope.window else {
                continue;
            };
            if value == 0.0 {
                continue;
            }
            if is_shown {
                let value = Outcome::Defined(Measure::new(value));
                self.push_series_row(own_idx, &series.subject, method, value);
            }
            self.level_changes.push(LevelChange {
                metric: series.subject.of.id,
                class: series.subject.class.clone(),
                labels: series.subject.labels.clone(),
                window,
                is_worse: size > 0.0,
            });
        }
    }

    /// A row beside the row `own_idx` that the value is from.
    fn push_series_row(
        &mut self,
        own_idx: usize,
        subject: &Subject,
        method: Method,
        outcome: Outcome<Measure>,
    ) -> usize {
        let own = &self.rows[own_idx];
        let mut params = vec![(SERIES, subject.of.id.to_owned())];
        params.extend(subject.labels.iter().cloned());
        let row = ResultRow {
            kind: ResultKind::Anomaly,
            name: method.entry().info().id,
            params,
            outcome,
            threshold: None,
            verdict: None,
            ..own.clone()
        };
        self.rows.push(row);
        self.rows.len() - 1
    }
}
