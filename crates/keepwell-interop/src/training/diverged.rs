//! Losses that rise for good.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::curve::{noise_of, stretch_width, stretches};
use super::{Finding, Judgement, Role, Severity, Training};

entry! {
    /// Finds training losses that have lost a good part of what they had gained, and stay there.
    ///
    /// # Inputs
    /// The lines of the training loss, from 10 finite points on, as medians of stretches.
    /// # Result
    /// The point of the least loss; the loss there, `best`, at the beginning, `first`, and at the end, `last`.
    /// An alert: the last loss is above the best by more than `lost_share` of the gain from the first to the
    /// best, by more than a fifth of the first, and by more than six standard deviations of the noise.
    /// # Undefined
    /// Fewer than 10 points.
    /// # Cost
    /// `O(n)` time.
    /// # When to use, and when not
    /// For losses of optimisation; not for those of adversarial networks, which rise while all is well.
    /// # Reference
    /// Ours.
    pub struct Diverged = "diverged" since "0.1" with [
        Parameter {
            name: "lost_share",
            doc: "Share of the gain that must be lost, exclusive.",
            domain: Domain::Float { default: 0.5, min: 0.0, max: f64::MAX },
        },
    ];
}

impl Judgement for Diverged {
    fn judge(&self, training: &Training, params: &Params) -> Vec<Finding> {
        let lost_share = params.float("lost_share");
        let mut findings = Vec::new();
        for (line, points) in training.finite_lines(Role::TrainingLoss, 10) {
            let medians = stretches(&points, stretch_width(points.len()));
            let (Some(&(_, first)), Some(&(best_idx, best))) = (
                medians.first(),
                medians
                    .iter()
                    .min_by(|one, other| one.1.total_cmp(&other.1)),
            ) else {
                continue;
            };
            // The lower one of the last two, so that a spike at the end is none.
            let last = medians[medians.len().saturating_sub(2)..]
                .iter()
                .map(|median| median.1)
                .fold(f64::INFINITY, f64::min);
            let lost = last - best;
            let needed = (lost_share * (first - best)).max(first.abs() / 5.0);
            if lost > needed && lost > 6.0 * noise_of(&points) {
                let evidence = [("best", best), ("first", first), ("last", last)];
                let point = points[best_idx];
                findings.push(Finding::new(self, Severity::Alert, line, point, &evidence));
            }
        }
        findings
    }
}
