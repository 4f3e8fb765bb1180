//! Trainings that have come to their end.

use keepwell_core::entry;

use keepwell_core::params::Params;

use super::{Finding, Judgement, Line, Role, Severity, Training};
use crate::tensorboard::{Point, RunStatus};

entry! {
    /// Finds out that a training has come to its end, and how.
    ///
    /// # Inputs
    /// The status of the hyperparameters, the lines that the trainer of Transformers writes at the end, and the
    /// learning rate.
    /// # Result
    /// The last point of the training. A notice where the status is a success, or unknown and there are
    /// `train_runtime` or `train_samples_per_second`, or a learning rate has come down from its peak to below a
    /// thousandth of it. A warning where the status is a failure.
    /// # Undefined
    /// No sign of an end: the training goes on, or was broken off.
    /// # Cost
    /// `O(n)` time.
    /// # When to use, and when not
    /// Always; that nothing is found says nothing.
    /// # Reference
    /// Ours.
    pub struct Finished = "finished" since "0.1";
}

impl Judgement for Finished {
    fn judge(&self, training: &Training, _: &Params) -> Vec<Finding> {
        let severity = match training.status {
            RunStatus::Failure => Severity::Warning,
            RunStatus::Success => Severity::Notice,
            RunStatus::Unknown if training.lines.iter().any(says_end) => Severity::Notice,
            RunStatus::Unknown | RunStatus::Running => return Vec::new(),
        };
        let Some((line, point)) = last(training) else {
            return Vec::new();
        };
        let mut finding = Finding::new(self, severity, line, point, &[]);
        finding.line.clear();
        vec![finding]
    }
}

/// Whether the training says that it has ended.
pub(crate) fn has_ended(training: &Training) -> bool {
    match training.status {
        RunStatus::Success | RunStatus::Failure => true,
        RunStatus::Running => false,
        RunStatus::Unknown => training.lines.iter().any(says_end),
    }
}

/// The latest point of the training, with its line.
fn last(training: &Training) -> Option<(&Line, Point)> {
    let lines = training.lines.iter();
    let points = lines.filter_map(|line| Some((line, *line.points.last()?)));
    points.max_by(|one, other| one.1.wall_time.total_cmp(&other.1.wall_time))
}

/// Whether a line is one that is written at the end, or a schedule that has run out.
fn says_end(line: &Line) -> bool {
    let tag = line.name.rsplit('/').next().unwrap_or_default();
    if tag == "train_runtime" || tag == "train_samples_per_second" {
        return true;
    }
    let peak = line
        .points
        .iter()
        .map(|point| point.value)
        .fold(0.0, f64::max);
    let last = line.points.last().map_or(f64::NAN, |point| point.value);
    line.role == Role::LearningRate
        && peak > 0.0
        && last < peak / 1_000.0
        && line.points[0].value > last
}
