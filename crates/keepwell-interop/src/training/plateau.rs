//! Losses that do not fall.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::curve::{noise_of, stretch_width, stretches};
use super::{Finding, Judgement, Role, Severity, Training};

entry! {
    /// Finds training losses that never fell, or have not fallen for a good part of the run.
    ///
    /// # Inputs
    /// The lines of the training loss, from 40 finite points on, as medians of stretches.
    /// # Result
    /// The median of the first points, `first`, and the least median, `best`. A warning at the first point where
    /// the gain between them is within the noise of the medians or below one per cent: nothing is learned. A
    /// notice at the best point where the share of the points since then, `idle_share`, is at least the
    /// parameter: so end many trainings that have learned all they can.
    /// # Undefined
    /// Fewer than 40 points.
    /// # Cost
    /// `O(n)` time.
    /// # When to use, and when not
    /// For losses that are minimised. A training that was begun from the end of another has little left to gain.
    /// # Reference
    /// Ours; the patience of `ReduceLROnPlateau` as a share of the run.
    pub struct Plateau = "plateau" since "0.1" with [
        Parameter {
            name: "idle_share",
            doc: "Share of the points since the best one from which on a notice is given.",
            domain: Domain::Float { default: 0.5, min: 0.0, max: 1.0 },
        },
    ];
}

impl Judgement for Plateau {
    fn judge(&self, training: &Training, params: &Params) -> Vec<Finding> {
        let idle_share_min = params.float("idle_share");
        let mut findings = Vec::new();
        for (line, points) in training.finite_lines(Role::TrainingLoss, 40) {
            let width = stretch_width(points.len());
            let medians = stretches(&points, width);
            let (Some(&(_, first)), Some(&(best_idx, best))) = (
                medians.first(),
                medians
                    .iter()
                    .min_by(|one, other| one.1.total_cmp(&other.1)),
            ) else {
                continue;
            };
            // Deviation of a median of independent values.
            let noise = noise_of(&points) * (std::f64::consts::FRAC_PI_2 / width as f64).sqrt();
            // The least of forty normal values lies some two deviations below their mean.
            let is_level = first - best <= (5.0 * noise).max(first.abs() / 100.0);
            let idle_share = 1.0 - best_idx as f64 / points.len() as f64;
            let (severity, point) = if is_level {
                (Severity::Warning, points[0])
            } else if idle_share >= idle_share_min {
                (Severity::Notice, points[best_idx])
            } else {
                continue;
            };
            let evidence = [("first", first), ("best", best), ("idle_share", idle_share)];
            findings.push(Finding::new(self, severity, line, point, &evidence));
        }
        findings
    }
}
