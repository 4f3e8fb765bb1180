//! Groups that are to be treated alike.

use keepwell_core::catalog::Standing;
use keepwell_core::decide::{Evidence, Limits};
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Role;
use keepwell_stats::fairness::{self, Disparity, FairnessMetric, Group};
use keepwell_stats::profile::OutcomeProfile;

use super::{Evaluation, Ground, Past};
use crate::finding::Detail;
use crate::row::{ResultKind, ResultRow, Scope};

/// From which distance from parity on a disparity matters: a fifth is the four-fifths rule of the Uniform
/// Guidelines on Employee Selection Procedures (1978), 29 CFR 1607.4(D).
const LIMITS: Limits = Limits {
    warning: 0.1,
    alert: 0.2,
};

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
            let of_reference = compare(metric, reference).map(|disparity| disparity.measure);
            let found = compare(metric, current);
            let row_idx = self.rows.len();
            self.rows.push(row(metric, scope, column, current, &found));
            if metric.standing() != Standing::Decided {
                continue;
            }
            let rows = current.iter().map(|(_, group)| group.rows()).sum();
            let evidence = match (found, self.too_few(rows)) {
                (Outcome::Undefined(reason), _) | (_, Some(reason)) => Outcome::Undefined(reason),
                (Outcome::Defined(disparity), None) => Outcome::Defined(Evidence {
                    size: (disparity.measure.value - metric.parity()).abs(),
                    p_value: disparity.measure.p_value,
                }),
            };
            let ground = Ground {
                limits: LIMITS,
                role: Some(Role::Protected),
                reference: of_reference.defined().copied(),
                past: Past::Unknown,
            };
            self.open(row_idx, evidence, ground, || Detail::None);
        }
    }
}

fn compare(metric: &dyn FairnessMetric, groups: &Groups<'_>) -> Outcome<Disparity> {
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
        Some(classes) => metric.evaluate(&classes, &Params::defaults(metric.parameters())),
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
