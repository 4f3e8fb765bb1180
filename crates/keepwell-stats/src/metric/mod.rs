//! Metrics: quantities about a model, from its predictions and targets.

pub mod classification;

pub mod multilabel;

pub mod regression;

pub mod ranking;

pub mod text;

pub mod detection;

use keepwell_core::catalog::{Entry, Standing};
use keepwell_core::decide::Limits;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;

use crate::attribution::RatioParts;
use crate::interval;
use crate::profile::OutcomeProfile;

/// One value of a metric: over all classes, or of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Canonical class name for a per-class value.
    pub class: Option<String>,
    /// What tells this value from the others of the same metric, for example `("average", "macro")`.
    pub labels: Vec<(&'static str, String)>,
    /// The value with its interval, or why there is none.
    pub outcome: Outcome<Measure>,
}

/// Which way is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// `*_score` and the like.
    HigherIsBetter,
    /// `*_loss`, `*_error`.
    LowerIsBetter,
    /// A count or a share that is neither good nor bad.
    Neutral,
}

/// A quantity computed from the outcomes of a model.
pub trait Metric: Entry {
    /// Which way is good.
    fn direction(&self) -> Direction;

    /// Least and greatest possible value.
    fn range(&self) -> (f64, f64);

    /// The values for these outcomes: for a binary model one, that of the positive class; for more
    /// classes one per average and one per class. None where the metric is for other tasks.
    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading>;

    /// The metric, or its square, as a ratio of two sums over rows, from which the part of each segment in a change
    /// follows; `None` where it is no such ratio.
    fn ratio(&self, _outcomes: &OutcomeProfile) -> Option<RatioParts> {
        None
    }

    /// Whether the metric is the root of that ratio.
    fn is_root_of_ratio(&self) -> bool {
        false
    }

    /// How a check treats it where the specification says nothing.
    fn standing(&self) -> Standing {
        Standing::Shown
    }

    /// From which loss on a change for the worse matters, where a specification sets nothing else:
    /// in units of the metric for a score, relative to the reference for a loss.
    fn limits(&self) -> Limits {
        match self.direction() {
            Direction::LowerIsBetter => Limits {
                warning: 0.05,
                alert: 0.1,
            },
            _ => Limits {
                warning: 0.02,
                alert: 0.05,
            },
        }
    }
}

/// Every metric of every task, by task.
pub fn all() -> impl Iterator<Item = &'static dyn Metric> {
    [
        classification::ALL,
        multilabel::ALL,
        regression::ALL,
        ranking::ALL,
        text::ALL,
        detection::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// What `metric` says of the best prediction on the same targets that ignores its input: for a classifier
/// the most frequent class, with the share of each class as its score. `constant` is what
/// [`OutcomeProfile::constant`] makes of the outcomes. Values only, since such a prediction is a construction
/// and no sample.
pub fn yardstick(metric: &dyn Metric, constant: &OutcomeProfile, params: &Params) -> Vec<Reading> {
    let mut readings = metric.evaluate(constant, params);
    for reading in &mut readings {
        if let Outcome::Defined(measure) = &mut reading.outcome {
            *measure = Measure::new(measure.value);
        }
    }
    readings
}

impl Reading {
    /// The only value of a metric, or that of the positive class.
    fn plain(outcome: Outcome<Measure>) -> Self {
        Self {
            class: None,
            labels: Vec::new(),
            outcome,
        }
    }

    /// An average over classes: `macro`, `micro` or `weighted`.
    fn average(kind: &str, outcome: Outcome<Measure>) -> Self {
        Self {
            class: None,
            labels: vec![("average", kind.to_owned())],
            outcome,
        }
    }

    /// The value of one class against the rest.
    fn of_class(class: &str, outcome: Outcome<Measure>) -> Self {
        Self {
            class: Some(class.to_owned()),
            labels: Vec::new(),
            outcome,
        }
    }
}

/// A measure of a share of rows.
fn share(successes: u64, n: u64) -> Outcome<Measure> {
    match interval::proportion(successes, n) {
        Some(measure) => Outcome::Defined(measure),
        None => Outcome::Undefined(Reason::ZeroDenominator),
    }
}
