//! Groups that are to be treated alike.

use keepwell_core::catalog::Standing;
use keepwell_core::decide::{Evidence, Limits};
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Role;
use keepwell_stats::fairness::{self, Disparity, FairnessMetric, Group};
use keepwell_stats::metric::Direction;
use keepwell_stats::profile::OutcomeProfile;

use super::{Evaluation, Ground, Past};
use crate::finding::Detail;
use crate::monitors::{Run, Watched};
use crate::row::{ResultKind, ResultRow, Scope};
use crate::rule::change;

/// From which distance from parity on a disparity matters: a fifth is the four-fifths rule of the Uniform
/// Guidelines on Employee Selection Procedures (1978), 29 CFR 1607.4(D).
const LIMITS: Limits = Limits {
    warning: 0.1,
    alert: 0.2,
};

/// How much farther from parity than in the reference matters too, where the distance is below the limits.
const GROWTH: f64 = 0.05;

/// The outcomes of each group of a protected column, by its name.
pub type Groups<'a> = [(String, &'a OutcomeProfile)];

impl Evaluation {
    /// Compares the groups of a protected column with each other, in the current events of a scope and in the
    /// reference.
    pub fn groups(
        &mut self,
        scope: &Scope,
        column: &str,
        reference: &Groups<'_>,
        current: &Groups<'_>,
    ) {
        for &metric in fairness::ALL {
            for run in
                self.monitors
                    .runs(Watched::Fairness, metric, metric.standing(), Some(column))
            {
                let of_reference = compare(metric, &run.params, reference);
                let found = compare(metric, &run.params, current);
                let row_idx = self.rows.len();
                let mut row = row(metric, scope, column, current, &found);
                row.params.extend(run.changed(metric));
                self.rows.push(row);
                if run.is_named || metric.standing() == Standing::Decided {
                    let reference = of_reference.defined().map(|own| own.measure);
                    let found = found.map(|disparity| disparity.measure);
                    self.group_decision(row_idx, found, reference, (metric, &run));
                }
            }
        }
    }

    fn group_decision(
        &mut self,
        row_idx: usize,
        found: Outcome<Measure>,
        reference: Option<Measure>,
        (metric, run): (&dyn FairnessMetric, &Run),
    ) {
        let evidence = match (found, self.too_few(self.rows[row_idx].rows)) {
            (Outcome::Undefined(reason), _) | (_, Some(reason)) => Outcome::Undefined(reason),
            (Outcome::Defined(measure), None) => Outcome::Defined(measure),
        };
        let (limits, evidence) = match evidence {
            Outcome::Defined(current) => {
                // The limits of a monitor are those of the distance, not of its growth.
                let own = reference.filter(|_| !run.is_named);
                let limits = run.limits(LIMITS);
                let (limits, evidence) = decision(metric.parity(), own, &current, limits);
                (limits, Outcome::Defined(evidence))
            }
            Outcome::Undefined(reason) => (run.limits(LIMITS), Outcome::Undefined(reason)),
        };
        if let Outcome::Defined(evidence) = &evidence
            && let Outcome::Defined(measure) = &mut self.rows[row_idx].outcome
        {
            measure.p_value = evidence.p_value;
        }
        let ground = Ground {
            limits,
            role: Some(Role::Protected),
            reference,
            past: Past::Unknown,
        };
        self.open(row_idx, evidence, ground, || Detail::None);
    }
}

/// What is decided on: the distance from parity, whether the reference had it or not, and below its limits, the
/// growth of the distance since the reference, where that is given.
fn decision(
    parity: f64,
    reference: Option<Measure>,
    current: &Measure,
    limits: Limits,
) -> (Limits, Evidence) {
    let distance = |measure: &Measure| (measure.value - parity).abs();
    let size = distance(current);
    let level = (
        limits,
        Evidence {
            size,
            p_value: current.p_value,
        },
    );
    let Some(reference) = reference else {
        return level;
    };
    let warning = distance(&reference) + GROWTH;
    if size >= limits.warning || warning >= limits.warning {
        return level;
    }
    // In either direction: whether the distance grew is said by its size.
    let p_value = change(&reference, current, Direction::Neutral).p_value;
    // Without intervals nothing says whether it grew by chance.
    match p_value {
        Some(_) => (Limits { warning, ..limits }, Evidence { size, p_value }),
        None => level,
    }
}

fn compare(
    metric: &dyn FairnessMetric,
    params: &Params,
    groups: &Groups<'_>,
) -> Outcome<Disparity> {
    let classes: Option<Vec<Group<'_>>> = groups
        .iter()
        .map(|(name, outcomes)| {
            Some(Group {
                name,
                outcomes: outcomes.classes()?,
            })
        })
        .collect();
    match classes {
        Some(classes) => metric.evaluate(&classes, params),
        None => Outcome::Undefined(Reason::NotApplicable),
    }
}

fn row(
    metric: &dyn FairnessMetric,
    scope: &Scope,
    column: &str,
    groups: &Groups<'_>,
    found: &Outcome<Disparity>,
) -> ResultRow {
    let params = found.defined().map_or_else(Vec::new, |disparity| {
        vec![
            ("least", disparity.least.clone()),
            ("greatest", disparity.greatest.clone()),
        ]
    });
    ResultRow {
        scope: scope.clone(),
        column: Some(column.to_owned()),
        class: None,
        kind: ResultKind::Fairness,
        name: metric.info().id,
        params,
        outcome: found.clone().map(|disparity| disparity.measure),
        threshold: None,
        verdict: None,
        is_provisional: false,
        rows: groups.iter().map(|(_, group)| group.rows()).sum(),
        targets: Some(groups.iter().map(|(_, group)| group.targets()).sum()),
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::decide::{Verdict, decide};

    use super::*;

    /// A difference that is known to two hundredths.
    fn difference(value: f64) -> Measure {
        Measure::new(value)
            .with_interval(value - 0.02, value + 0.02)
            .with_p_value(1e-6)
    }

    fn verdict(reference: Option<f64>, current: f64) -> Verdict {
        let (reference, current) = (reference.map(difference), difference(current));
        let (limits, evidence) = decision(0.0, reference, &current, LIMITS);
        decide(&Outcome::Defined(evidence), limits, 0.01)
    }

    #[test]
    fn what_was_unfair_before_is_still_found() {
        assert_eq!(verdict(Some(0.25), 0.25), Verdict::Alert);
        assert_eq!(verdict(Some(0.12), 0.11), Verdict::Warning);
        assert_eq!(verdict(None, 0.15), Verdict::Warning);
    }

    #[test]
    fn a_growth_is_found_below_the_limits() {
        assert_eq!(verdict(Some(0.01), 0.08), Verdict::Warning);
        assert_eq!(verdict(Some(0.04), 0.08), Verdict::Ok);
        assert_eq!(verdict(None, 0.08), Verdict::Ok);
        // For a ratio, whose parity is 1, farther means lower.
        let ratio = |reference, current| {
            let (reference, current) = (difference(reference), difference(current));
            let (limits, evidence) = decision(1.0, Some(reference), &current, LIMITS);
            decide(&Outcome::Defined(evidence), limits, 0.01)
        };
        assert_eq!(ratio(0.99, 0.92), Verdict::Warning);
        assert_eq!(ratio(0.92, 0.99), Verdict::Ok);
    }
}
