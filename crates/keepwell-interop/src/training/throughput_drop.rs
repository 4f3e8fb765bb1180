//! Trainings that have become slow.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::curve::{median, stretches};
use super::{Finding, Judgement, Line, Role, Severity, Training};
use crate::tensorboard::Point;

/// Points that the speed is taken from at a time.
const STRETCH_POINTS: usize = 15;

entry! {
    /// Finds trainings that have become slower and stay so to the end.
    ///
    /// # Inputs
    /// The lines of a throughput; without them, the steps per second between the points of the training loss.
    /// From 60 points on.
    /// # Result
    /// Where the slow part begins; the speed `before`, the upper quartile of the median speeds of stretches of 15
    /// points, and `last`, the median of the slow part, per second. A warning: each stretch from there to the end,
    /// two at least, is slower than the speed before divided by `factor`.
    /// # Undefined
    /// Fewer than 60 points.
    /// # Cost
    /// `O(n)` time.
    /// # When to use, and when not
    /// For trainings whose steps are alike, and where a quarter of the points came before the drop. Where later steps have more work by design, as with longer
    /// sequences, it tells so.
    /// # Reference
    /// Ours.
    pub struct ThroughputDrop = "throughput_drop" since "0.1" with [
        Parameter {
            name: "factor",
            doc: "How many times slower is too slow, exclusive.",
            domain: Domain::Float { default: 1.5, min: 1.0, max: f64::MAX },
        },
    ];
}

impl Judgement for ThroughputDrop {
    fn judge(&self, training: &Training, params: &Params) -> Vec<Finding> {
        let factor = params.float("factor");
        let mut lines: Vec<(&Line, Vec<Point>)> = training
            .finite_lines(Role::Throughput, 4 * STRETCH_POINTS)
            .collect();
        if lines.is_empty() {
            let losses = training.lines_of(Role::TrainingLoss);
            lines = losses
                .map(|line| (line, speeds(&line.points)))
                .take(1)
                .collect();
        }
        let mut findings = Vec::new();
        for (line, points) in lines {
            if points.len() < 4 * STRETCH_POINTS {
                continue;
            }
            if let Some((idx, before, last)) = drop_of(&points, factor) {
                let evidence = [("before", before), ("last", last)];
                findings.push(Finding::new(
                    self,
                    Severity::Warning,
                    line,
                    points[idx],
                    &evidence,
                ));
            }
        }
        findings
    }
}

/// Steps per second from each point to the next. Points that were written at one moment, or in another order,
/// have no speed.
fn speeds(points: &[Point]) -> Vec<Point> {
    points
        .windows(2)
        .filter_map(|pair| {
            let seconds = pair[1].wall_time - pair[0].wall_time;
            let steps = pair[1].step.saturating_sub(pair[0].step) as f64;
            (seconds > 0.0).then_some(Point {
                value: steps / seconds,
                ..pair[1]
            })
        })
        .collect()
}

/// Where the slow part begins, with the speed before and in it.
fn drop_of(points: &[Point], factor: f64) -> Option<(usize, f64, f64)> {
    let medians = stretches(points, STRETCH_POINTS);
    let mut speeds: Vec<f64> = medians.iter().map(|(_, speed)| *speed).collect();
    speeds.sort_by(f64::total_cmp);
    let before = speeds[speeds.len() * 3 / 4];
    let slow = medians.iter().rev();
    let n_slow = slow
        .take_while(|(_, speed)| *speed < before / factor)
        .count();
    if n_slow < 2 {
        return None;
    }
    let begin = (medians.len() - n_slow) * STRETCH_POINTS;
    Some((begin, before, median(&points[begin..])?))
}
