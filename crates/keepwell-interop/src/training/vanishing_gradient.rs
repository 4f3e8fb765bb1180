//! Gradients that die away.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::curve::median;
use super::{Finding, Judgement, Role, Severity, Training};

entry! {
    /// Finds norms of the gradient that have shrunk to next to nothing.
    ///
    /// # Inputs
    /// The lines of the gradient's norm, from 20 finite points on.
    /// # Result
    /// The first point from which on all norms are below `share` of the early ones; the median of the first
    /// fifth, `before`, and of the last tenth, `last`. A warning: the last is below `share` of the early ones.
    /// # Undefined
    /// Fewer than 20 points, or norms of zero from the beginning.
    /// # Cost
    /// `O(n)` time.
    /// # When to use, and when not
    /// For norms over all weights or over a layer. Norms shrink in every training that converges, mostly by a
    /// factor of ten to a hundred.
    /// # Reference
    /// Hochreiter (1998), The vanishing gradient problem, International Journal of Uncertainty, Fuzziness and
    /// Knowledge-Based Systems 6(2), 107–116.
    pub struct VanishingGradient = "vanishing_gradient" since "0.1" with [
        Parameter {
            name: "share",
            doc: "Share of the early norms that is too little, exclusive.",
            domain: Domain::Float { default: 1e-4, min: 0.0, max: 1.0 },
        },
    ];
}

impl Judgement for VanishingGradient {
    fn judge(&self, training: &Training, params: &Params) -> Vec<Finding> {
        let share = params.float("share");
        let mut findings = Vec::new();
        for (line, points) in training.finite_lines(Role::GradientNorm, 20) {
            let n_points = points.len();
            let (Some(before), Some(last)) = (
                median(&points[..n_points / 5]),
                median(&points[n_points - (n_points / 10).max(3)..]),
            ) else {
                continue;
            };
            if before > 0.0 && last < share * before {
                let is_alive = points
                    .iter()
                    .rposition(|point| point.value >= share * before);
                let first = is_alive.map_or(0, |idx| idx + 1).min(n_points - 1);
                let evidence = [("before", before), ("last", last)];
                findings.push(Finding::new(
                    self,
                    Severity::Warning,
                    line,
                    points[first],
                    &evidence,
                ));
            }
        }
        findings
    }
}
