//! Numbers that are none.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::{Finding, Judgement, Role, Severity, Training};

entry! {
    /// Finds scalars that are NaN or infinite.
    ///
    /// # Inputs
    /// Every line.
    /// # Result
    /// The first such point; `count` of them and `share` of the line's points. An alert where a loss has one,
    /// or the last point of a gradient's norm is one; else a warning. Of a gradient's norm a share of up to
    /// `overflow_share` is left out: training in mixed precision tries its scale out by overflow.
    /// # Undefined
    /// Never.
    /// # Cost
    /// `O(n)` time.
    /// # When to use, and when not
    /// Always.
    /// # Reference
    /// Micikevicius et al. (2018), Mixed precision training, ICLR, section 3.2, for the overflow that is none.
    pub struct NonFinite = "non_finite" since "0.1" with [
        Parameter {
            name: "overflow_share",
            doc: "Share of the points of a gradient's norm that may be no number.",
            domain: Domain::Float { default: 0.02, min: 0.0, max: 1.0 },
        },
    ];
}

impl Judgement for NonFinite {
    fn judge(&self, training: &Training, params: &Params) -> Vec<Finding> {
        let overflow_share = params.float("overflow_share");
        let mut findings = Vec::new();
        for line in &training.lines {
            let mut bad = line.points.iter().filter(|point| !point.value.is_finite());
            let Some(&first) = bad.next() else {
                continue;
            };
            let count = 1 + bad.count();
            let share = count as f64 / line.points.len() as f64;
            let ends_bad = line
                .points
                .last()
                .is_some_and(|point| !point.value.is_finite());
            let is_norm = line.role == Role::GradientNorm;
            if is_norm && !ends_bad && share <= overflow_share {
                continue;
            }
            let is_loss = matches!(line.role, Role::TrainingLoss | Role::ValidationLoss);
            let severity = if is_loss || (is_norm && ends_bad) {
                Severity::Alert
            } else {
                Severity::Warning
            };
            let evidence = [("count", count as f64), ("share", share)];
            findings.push(Finding::new(self, severity, line, first, &evidence));
        }
        findings
    }
}
