//! Trainings that have fallen silent.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::finished::has_ended;
use super::{Finding, Judgement, Severity, Training};
use crate::tensorboard::Point;

entry! {
    /// Finds trainings that have written nothing for longer than their own rhythm.
    ///
    /// # Inputs
    /// The times of all lines together, from 10 on, and the time of now.
    /// # Result
    /// The last point; `silent_seconds` since then, and `gap_seconds_max`, the longest time without a point
    /// before. A warning where the silence is longer than `factor` times that and `delay_seconds`, and the
    /// training does not say that it has ended; none after `forgotten_seconds`, when it was broken off.
    /// # Undefined
    /// Fewer than 10 points, or no time of now.
    /// # Cost
    /// `O(n log n)` time.
    /// # When to use, and when not
    /// For trainings that run now. Writers hold points back, for up to two minutes by default.
    /// # Reference
    /// Ours.
    pub struct Stalled = "stalled" since "0.1" with [
        Parameter {
            name: "factor",
            doc: "Longest silence as a multiple of the longest one before.",
            domain: Domain::Float { default: 3.0, min: 1.0, max: f64::MAX },
        },
        Parameter {
            name: "delay_seconds",
            doc: "Time for which a writer may hold points back, in seconds; added to the longest silence.",
            domain: Domain::Float { default: 120.0, min: 0.0, max: f64::MAX },
        },
        Parameter {
            name: "forgotten_seconds",
            doc: "Silence after which the training is one of the past, in seconds.",
            domain: Domain::Float { default: 604_800.0, min: 0.0, max: f64::MAX },
        },
    ];
}

impl Judgement for Stalled {
    fn judge(&self, training: &Training, params: &Params) -> Vec<Finding> {
        let Some(now) = training.now else {
            return Vec::new();
        };
        let points = training.lines.iter().flat_map(|line| {
            let points = line.points.iter();
            points.map(move |point| (line, *point))
        });
        let latest = points
            .clone()
            .max_by(|one, other| one.1.wall_time.total_cmp(&other.1.wall_time));
        let mut times: Vec<f64> = points
            .map(|(_, point): (_, Point)| point.wall_time)
            .collect();
        let Some((line, last)) = latest.filter(|_| times.len() >= 10 && !has_ended(training))
        else {
            return Vec::new();
        };
        times.sort_by(f64::total_cmp);
        let gaps = times.windows(2).map(|pair| pair[1] - pair[0]);
        let gap_max = gaps.fold(0.0, f64::max);
        let silent = now - last.wall_time;
        let limit = params.float("factor") * gap_max + params.float("delay_seconds");
        if silent <= limit || silent > params.float("forgotten_seconds") {
            return Vec::new();
        }
        let evidence = [("silent_seconds", silent), ("gap_seconds_max", gap_max)];
        let mut finding = Finding::new(self, Severity::Warning, line, last, &evidence);
        finding.line.clear();
        vec![finding]
    }
}
