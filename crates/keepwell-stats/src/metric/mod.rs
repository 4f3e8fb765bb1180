//! Metrics: quantities about a model, from its predictions and targets.

use keepwell_core::catalog::Entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;

use crate::profile::OutcomeProfile;

/// One value of a metric: over all classes, or of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Canonical class name for a per-class value.
    pub class: Option<String>,
    /// What tells this value from the others of the same metric, for example `("average", "macro")`.
    pub labels: Vec<(&'static str, String)>,
    /// The value with its interval, or why there is none.
    pub outcome: Outcome<Measure>,
}

/// Which way is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// `*_score` and the like.
    HigherIsBetter,
    /// `*_loss`, `*_error`.
    LowerIsBetter,
    /// A count or a share that is neither good nor bad.
    Neutral,
}

/// A quantity computed from the outcomes of a model.
pub trait Metric: Entry {
    /// Which way is good.
    fn direction(&self) -> Direction;

    /// Least and greatest possible value.
    fn range(&self) -> (f64, f64);

    /// The values for these outcomes: for a binary model one, that of the positive class; for more
    /// classes one per average and one per class.
    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading>;
}

/// Every metric, in alphabetical order.
pub static ALL: &[&dyn Metric] = &[];
