//! Learning rates other than those that were asked for.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::{Finding, Judgement, Line, Role, Severity, Training};
use crate::tensorboard::Point;

entry! {
    /// Finds trainings whose learning rate is not the one of their hyperparameters, or is zero throughout.
    ///
    /// # Inputs
    /// The lines of the learning rate, and a hyperparameter `lr`, `learning_rate` or one that ends so.
    /// # Result
    /// The point of the highest rate; that rate, `peak`, and the one of the hyperparameters, `declared`. A
    /// warning where no line has its peak within `tolerance` of it; as long as rates still rise over the
    /// last tenth of the points, they are warming up, and lower ones are passed over. A rate of zero at all points is an alert, at the first.
    /// # Undefined
    /// No learning rate was logged, or none is declared.
    /// # Cost
    /// `O(n)` time.
    /// # When to use, and when not
    /// Where the hyperparameter is the peak of the schedule, as in most trainers; not where it is a factor.
    /// # Reference
    /// Ours.
    pub struct LearningRateMismatch = "learning_rate_mismatch" since "0.1" with [
        Parameter {
            name: "tolerance",
            doc: "Difference from the declared rate, as a share of it, that is none; inclusive.",
            domain: Domain::Float { default: 0.02, min: 0.0, max: 1.0 },
        },
    ];
}

impl Judgement for LearningRateMismatch {
    fn judge(&self, training: &Training, params: &Params) -> Vec<Finding> {
        let tolerance = params.float("tolerance");
        let mut peaks: Vec<(&Line, Point, bool)> = Vec::new();
        let mut findings = Vec::new();
        for (line, points) in training.finite_lines(Role::LearningRate, 1) {
            let (Some(&peak), Some(last)) = (
                points
                    .iter()
                    .max_by(|one, other| one.value.total_cmp(&other.value)),
                points.last(),
            ) else {
                continue;
            };
            if points.len() > 1 && points.iter().all(|point| point.value == 0.0) {
                let evidence = [("peak", 0.0)];
                findings.push(Finding::new(
                    self,
                    Severity::Alert,
                    line,
                    points[0],
                    &evidence,
                ));
            }
            let is_rising = last.value > points[points.len() * 9 / 10].value;
            peaks.push((line, peak, is_rising));
        }
        let Some(declared) = declared(training) else {
            return findings;
        };
        let is_right = |&(_, peak, is_rising): &(&Line, Point, bool)| {
            (peak.value - declared).abs() <= tolerance * declared
                || is_rising && peak.value < declared
        };
        if !peaks.iter().any(is_right)
            && let Some((line, peak, _)) = peaks.first()
        {
            let evidence = [("peak", peak.value), ("declared", declared)];
            findings.push(Finding::new(
                self,
                Severity::Warning,
                line,
                *peak,
                &evidence,
            ));
        }
        findings
    }
}

/// The learning rate among the hyperparameters.
fn declared(training: &Training) -> Option<f64> {
    let mut rates = training.hparams.iter().filter(|(name, value)| {
        let name = name.to_lowercase();
        let last = name.rsplit(['/', '.']).next().unwrap_or_default();
        matches!(last, "lr" | "learning_rate" | "learningrate") && **value > 0.0
    });
    rates.next().map(|(_, &rate)| rate)
}
