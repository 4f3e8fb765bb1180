//! Losses on validation rows that part from those on training rows.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::curve::{finite, median, noise_of};
use super::{Finding, Judgement, Line, Role, Severity, Training};
use crate::tensorboard::Point;

entry! {
    /// Finds validation losses that rise while the training loss does not.
    ///
    /// # Inputs
    /// Each line of the validation loss, from 6 finite points on, with the line of the training loss whose name
    /// is most like it.
    /// # Result
    /// The point of the least validation loss: the version to keep. A warning with the validation loss there,
    /// `best`, and at the end, `last`, and with the training loss at that step, `training_before`, and at the
    /// end, `training_last`. The last is the median of the last three points, or of the last tenth; it is above
    /// the best by more than `rise_share` of it and by more than four standard deviations of the noise, at least
    /// two points lie behind the best, and the training loss has not risen by a quarter as much.
    /// # Undefined
    /// Fewer than 6 points, or no training loss.
    /// # Cost
    /// `O(n)` time.
    /// # When to use, and when not
    /// For losses of the same kind on both sides. A validation loss that rises with the training loss is
    /// `diverged`.
    /// # Reference
    /// Prechelt (1998), Early stopping — but when?, in: Neural networks: tricks of the trade; its loss of
    /// generality is `last / best - 1`.
    pub struct Overfitting = "overfitting" since "0.1" with [
        Parameter {
            name: "rise_share",
            doc: "Rise of the validation loss as a share of its best that matters, exclusive.",
            domain: Domain::Float { default: 0.05, min: 0.0, max: f64::MAX },
        },
    ];
}

impl Judgement for Overfitting {
    fn judge(&self, training: &Training, params: &Params) -> Vec<Finding> {
        let rise_share = params.float("rise_share");
        let mut findings = Vec::new();
        for (line, points) in training.finite_lines(Role::ValidationLoss, 6) {
            let least = points
                .iter()
                .enumerate()
                .min_by(|one, other| one.1.value.total_cmp(&other.1.value));
            let Some((best_idx, &best)) = least else {
                continue;
            };
            let Some(last) = ending(&points) else {
                continue;
            };
            let rise = last - best.value;
            let is_rise = rise > rise_share * best.value.abs() && rise > 4.0 * noise_of(&points);
            if !is_rise || points.len() - best_idx <= 2 {
                continue;
            }
            let Some((before, after)) = around(training, line, best.step) else {
                continue;
            };
            if after - before < rise / 4.0 {
                let evidence = [
                    ("best", best.value),
                    ("last", last),
                    ("training_before", before),
                    ("training_last", after),
                ];
                findings.push(Finding::new(self, Severity::Warning, line, best, &evidence));
            }
        }
        findings
    }
}

/// Median of the last points.
fn ending(points: &[Point]) -> Option<f64> {
    let n_points = (points.len() / 10).max(3);
    median(&points[points.len().saturating_sub(n_points)..])
}

/// The training loss around `step` and at the end.
fn around(training: &Training, validation: &Line, step: i64) -> Option<(f64, f64)> {
    let likeness = |line: &Line| {
        let ends = line.name.bytes().rev().zip(validation.name.bytes().rev());
        ends.take_while(|(one, other)| one == other).count()
    };
    let line = training
        .lines_of(Role::TrainingLoss)
        .max_by_key(|line| likeness(line))?;
    let points = finite(&line.points);
    let idx = points.partition_point(|point| point.step < step);
    let reach = (points.len() / 20).max(1);
    let near = points.get(idx.saturating_sub(reach)..(idx + reach).min(points.len()))?;
    Some((median(near)?, ending(&points)?))
}
