//! Judgements of a training from its scalars.
//!
//! `line` sorts scalars by what they mean, from their tags; [`Training`] has those of one training, those of
//! its validation among them; each [`Judgement`] looks at it and tells its [`Finding`]s. The curves of healthy
//! trainings differ in length, noise and logging by orders of magnitude, so everything is measured against
//! the run's own noise and progress (`curve`), not against fixed levels.

mod curve;
mod line;

mod diverged;
mod exploding_gradient;
mod finished;
mod learning_rate_mismatch;
mod loss_spike;
mod non_finite;
mod overfitting;
mod plateau;
mod stalled;
mod throughput_drop;
mod vanishing_gradient;

use keepwell_core::catalog::Entry;
use keepwell_core::params::Params;

use crate::tensorboard::Point;

pub use line::{Line, Role, Training, trainings};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Notice,
    /// Someone should look.
    Warning,
    /// The training is lost, or soon will be.
    Alert,
}

impl Severity {
    /// Stable identifier in snake case.
    pub fn id(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Alert => "alert",
        }
    }
}

/// What a judgement found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Id of the judgement.
    pub judgement: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Name of the line that shows it; empty where the whole training does.
    pub line: String,
    /// Where it begins.
    pub step: i64,
    /// When it begins, in seconds since 1970.
    pub wall_time: f64,
    /// Numbers that prove it, by the names that the judgement documents under `Result`.
    pub evidence: Vec<(&'static str, f64)>,
}

impl Finding {
    /// A finding that begins at a point of a line.
    fn new(
        judgement: &impl Entry,
        severity: Severity,
        line: &Line,
        point: Point,
        evidence: &[(&'static str, f64)],
    ) -> Self {
        Self {
            judgement: judgement.info().id,
            severity,
            line: line.name.clone(),
            step: point.step,
            wall_time: point.wall_time,
            evidence: evidence.to_vec(),
        }
    }
}

/// A judgement of trainings.
pub trait Judgement: Entry {
    /// What it finds, at most once a line. Lines without enough points are passed over.
    fn judge(&self, training: &Training, params: &Params) -> Vec<Finding>;
}

/// Every judgement, in alphabetical order.
pub static ALL: &[&dyn Judgement] = &[
    &diverged::Diverged,
    &exploding_gradient::ExplodingGradient,
    &finished::Finished,
    &learning_rate_mismatch::LearningRateMismatch,
    &loss_spike::LossSpike,
    &non_finite::NonFinite,
    &overfitting::Overfitting,
    &plateau::Plateau,
    &stalled::Stalled,
    &throughput_drop::ThroughputDrop,
    &vanishing_gradient::VanishingGradient,
];

/// What all judgements find with their default parameters, what matters most first.
pub fn judge(training: &Training) -> Vec<Finding> {
    let mut findings: Vec<Finding> = ALL
        .iter()
        .flat_map(|judgement| judgement.judge(training, &Params::defaults(judgement.parameters())))
        .collect();
    findings.sort_by(|one, other| {
        other
            .severity
            .cmp(&one.severity)
            .then(one.step.cmp(&other.step))
    });
    findings
}
