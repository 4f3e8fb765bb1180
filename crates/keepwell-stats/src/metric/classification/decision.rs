//! Which decisions a metric of decisions is about.

use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use super::{Metric, Reading};
use crate::profile::OutcomeProfile;
use crate::profile::outcome::classes::{AtThreshold, Confusion};

const LOGGED: &str = "logged";

/// The parameter of a metric of decisions that says which.
pub(super) const DECISION: Parameter = Parameter {
    name: "decision",
    doc: "Whether the logged decisions count, or those that the scores of a binary model give at `threshold`.",
    domain: Domain::Choice {
        default: LOGGED,
        of: &[LOGGED, "score"],
    },
};

/// The parameter that goes with [`DECISION`].
pub(super) const THRESHOLD: Parameter = Parameter {
    name: "threshold",
    doc: "Score from which on, inclusive, a row is decided for the positive class; used with `decision = score`.",
    domain: Domain::Float {
        default: 0.5,
        min: f64::MIN,
        max: f64::MAX,
    },
};

/// Decisions against targets, as a metric sees them.
pub(super) struct Decided<'a> {
    /// The positive class of a binary model.
    pub(super) positive: Option<&'a str>,
    /// The counts, or why there are none.
    pub(super) confusion: Result<Confusion<'a>, Reason>,
}

impl Decided<'_> {
    /// The one reading of a metric that has no averages.
    pub(super) fn plain(&self, value: impl Fn(&Confusion<'_>) -> Outcome<Measure>) -> Vec<Reading> {
        vec![Reading::plain(match &self.confusion {
            Ok(confusion) => value(confusion),
            Err(reason) => Outcome::Undefined(reason.clone()),
        })]
    }
}

/// The readings of a metric of decisions: [`DECISION`] and [`THRESHOLD`] are among its parameters, and
/// `evaluate` takes the decisions that they name. Empty for other tasks.
pub(super) fn readings(
    metric: &dyn Metric,
    outcomes: &OutcomeProfile,
    params: &Params,
    evaluate: impl Fn(&Decided<'_>) -> Vec<Reading>,
) -> Vec<Reading> {
    let Some(outcomes) = outcomes.classes() else {
        return Vec::new();
    };
    let positive = outcomes.config().positive.as_deref();
    let evaluate = |confusion| {
        evaluate(&Decided {
            positive,
            confusion,
        })
    };
    if params.choice(DECISION.name) == LOGGED {
        return evaluate(outcomes.labelled());
    }
    match outcomes.at_threshold(params.float(THRESHOLD.name)) {
        Ok(AtThreshold {
            confusion,
            extremes,
        }) => {
            let mut readings = evaluate(Ok(confusion));
            for extreme in extremes {
                widen(&mut readings, &evaluate(Ok(extreme)), metric.range());
            }
            readings
        }
        Err(reason) => evaluate(Err(reason)),
    }
}

/// Extends the error bounds of `readings` to hold the values of `extreme`; where one of these is undefined,
/// to the whole range.
fn widen(readings: &mut [Reading], extreme: &[Reading], (least, greatest): (f64, f64)) {
    for reading in readings {
        let Outcome::Defined(measure) = &mut reading.outcome else {
            continue;
        };
        let same = extreme
            .iter()
            .find(|other| other.class == reading.class && other.labels == reading.labels)
            .and_then(|other| other.outcome.defined());
        let distance = match same {
            Some(other) => (other.value - measure.value).abs(),
            None => (measure.value - least).max(greatest - measure.value),
        };
        let bound = measure.error_bound.unwrap_or(0.0).max(distance);
        *measure = measure.with_error_bound(bound);
    }
}
