//! Values of the same entities on both sides, column by column.

use keepwell_core::catalog::Standing;
use keepwell_core::decide::{Evidence, Verdict};
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Outcome;
use keepwell_core::schema::Role;
use keepwell_stats::interval::proportion;
use keepwell_stats::profile::table::PairedColumn;
use keepwell_stats::profile::{PairedProfile, TableProfile, TwoSample};
use keepwell_stats::table::{self, TableCheck};

use super::{Evaluation, Ground, Past};
use crate::finding::{Detail, EntityExample};
use crate::monitors::{Monitors, Run, Watched};
use crate::row::{ResultKind, ResultRow, Scope};

/// The check that pairs are for.
const CHECK: &str = "serving_skew";

/// A column whose values were held against each other, the reference's being the offline ones.
#[derive(Debug, Clone)]
pub struct PairedEvidence {
    /// The pairs.
    pub column: PairedColumn,
    /// Part that the column plays.
    pub role: Role,
    /// Some entities with values that differ.
    pub examples: Vec<EntityExample>,
}

/// Digits to which numbers must agree: of several monitors the fewest.
pub fn pair_digits(monitors: &Monitors) -> usize {
    let runs = check().map_or_else(Vec::new, |check| runs(monitors, check));
    let digits = runs.iter().map(|run| run.params.integer("digits") as usize);
    digits.min().unwrap_or(1)
}

impl Evaluation {
    /// Says of each column for how many entities its values differ. The columns are decided on; the row of the
    /// table as a whole has the worst of them.
    pub fn pairs(&mut self, scope: &Scope, entities: u64, pairs: &[PairedEvidence]) {
        let Some(check) = check() else { return };
        let table = TableProfile {
            rows: entities,
            pairs: pairs.iter().map(|own| own.column.clone()).collect(),
            ..TableProfile::default()
        };
        let sample = TwoSample {
            reference: &table,
            current: &table,
        };
        for run in runs(&self.monitors, check) {
            let readings = check.check(sample, &run.params);
            let Some(whole) = readings.into_iter().next() else {
                continue;
            };
            let undefined = whole.outcome.reason().cloned().map(Verdict::Undefined);
            let row = ResultRow {
                rows: entities,
                verdict: undefined,
                ..row(scope, None, run.changed(check), whole.outcome)
            };
            self.rows.push(row);
            for own in pairs {
                self.pair(scope, check, &run, own);
            }
        }
    }

    fn pair(&mut self, scope: &Scope, check: &dyn TableCheck, run: &Run, own: &PairedEvidence) {
        let values = &own.column.values;
        let differing = values.differing(run.params.integer("digits") as usize);
        let Some(share) = proportion(differing, values.rows()) else {
            return;
        };
        let mut params = run.changed(check);
        params.extend(evidence(values, differing));
        if !own.examples.is_empty() {
            let examples: Vec<String> = own.examples.iter().map(EntityExample::to_string).collect();
            params.push(("pair_examples", examples.join("; ")));
        }
        let name = Some(own.column.name.clone());
        let row = ResultRow {
            rows: values.rows(),
            ..row(scope, name, params, Outcome::Defined(share))
        };
        self.rows.push(row);
        let evidence = match self.too_few(values.rows()) {
            Some(reason) => Outcome::Undefined(reason),
            None => Outcome::Defined(Evidence {
                size: share.value,
                p_value: None,
            }),
        };
        let ground = Ground {
            limits: run.limits(check.limits()),
            role: Some(own.role),
            reference: None,
            past: Past::Unknown,
        };
        self.open(self.rows.len() - 1, evidence, ground, || Detail::Entities {
            n_entities: values.rows(),
            n_missing: (values.offline_missing(), values.served_missing()),
            greatest: (values.distance_max() > 0.0).then(|| values.distance_max()),
            examples: own.examples.clone(),
        });
    }
}

fn runs(monitors: &Monitors, check: &'static dyn TableCheck) -> Vec<Run> {
    monitors.runs(Watched::Table, check, Standing::Decided, None)
}

fn check() -> Option<&'static dyn TableCheck> {
    let mut all = table::ALL.iter().copied();
    all.find(|check| check.info().id == CHECK)
}

fn row(
    scope: &Scope,
    column: Option<String>,
    params: Vec<(&'static str, String)>,
    outcome: Outcome<Measure>,
) -> ResultRow {
    ResultRow {
        scope: scope.clone(),
        column,
        class: None,
        kind: ResultKind::Quality,
        name: CHECK,
        params,
        outcome,
        threshold: None,
        verdict: None,
        is_provisional: false,
        rows: 0,
        targets: None,
    }
}

/// Counts and sizes of the differences, for the row.
fn evidence(values: &PairedProfile, differing: u64) -> Vec<(&'static str, String)> {
    let mut params = vec![
        ("pair_differing", differing.to_string()),
        (
            "pair_missing_reference",
            values.offline_missing().to_string(),
        ),
        ("pair_missing_current", values.served_missing().to_string()),
    ];
    if values.difference().count > 0 {
        params.push(("pair_difference_mean", values.difference().mean.to_string()));
        params.push(("pair_difference_max", values.distance_max().to_string()));
    }
    params
}
