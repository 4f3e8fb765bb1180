//! Gradients that grow out of bounds.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::curve::{median, stretches};
use super::{Finding, Judgement, Role, Severity, Training};

/// Points that must be far above the level one after the other.
const LASTING_POINTS: usize = 5;

entry! {
    /// Finds norms of the gradient that have grown by a large factor and stay there for some points.
    ///
    /// # Inputs
    /// The lines of the gradient's norm, from 25 finite points on.
    /// # Result
    /// Where it begins; the median `before` and the median `at` it, of five points. A warning; an alert if the
    /// last points are still there. The median of five points is more than `factor` times that of all points
    /// before.
    /// # Undefined
    /// Fewer than 25 points.
    /// # Cost
    /// `O(n)` time.
    /// # When to use, and when not
    /// For norms before clipping: clipped ones cannot grow. Single peaks, which clipping is made for, are
    /// passed over.
    /// # Reference
    /// Pascanu, Mikolov, Bengio (2013), On the difficulty of training recurrent neural networks, ICML.
    pub struct ExplodingGradient = "exploding_gradient" since "0.1" with [
        Parameter {
            name: "factor",
            doc: "Growth that is too much, exclusive.",
            domain: Domain::Float { default: 20.0, min: 1.0, max: f64::MAX },
        },
    ];
}

impl Judgement for ExplodingGradient {
    fn judge(&self, training: &Training, params: &Params) -> Vec<Finding> {
        let factor = params.float("factor");
        let mut findings = Vec::new();
        for (line, points) in training.finite_lines(Role::GradientNorm, 5 * LASTING_POINTS) {
            let medians = stretches(&points, LASTING_POINTS);
            // Before the fourth stretch there is no level to compare with.
            let found = (4..medians.len()).find_map(|idx| {
                let (middle, at) = medians[idx];
                let before = median(&points[..idx * LASTING_POINTS])?;
                (before > 0.0 && at > factor * before).then_some((middle, before, at))
            });
            let Some((idx, before, at)) = found else {
                continue;
            };
            let stays = medians
                .last()
                .is_some_and(|&(_, last)| last > factor * before);
            let severity = if stays {
                Severity::Alert
            } else {
                Severity::Warning
            };
            let evidence = [("before", before), ("at", at)];
            findings.push(Finding::new(self, severity, line, points[idx], &evidence));
        }
        findings
    }
}
