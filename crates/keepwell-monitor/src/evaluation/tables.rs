//! Whole tables: what no column shows by itself.

use keepwell_core::decide::{Evidence, Limits};
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_stats::profile::row_sample::RowSample;
use keepwell_stats::profile::{TableProfile, TwoSample};
use keepwell_stats::{multivariate, table};

use super::{Evaluation, Ground, Past};
use crate::finding::Detail;
use crate::row::{ResultKind, ResultRow, Scope};

/// The multivariate test that is decided on: the others need the eye of somebody who knows the data.
const DECISIVE: &str = "domain_classifier";
/// Limits of its area under the curve beyond one half, which is what chance gives.
const LIMITS: Limits = Limits {
    warning: 0.05,
    alert: 0.1,
};
/// Most columns that a finding names.
const COLUMNS_MAX: usize = 5;

impl Evaluation {
    /// Compares tables by what is known of all columns together.
    pub fn table(&mut self, scope: &Scope, sample: TwoSample<'_, TableProfile>) {
        for &check in table::ALL {
            let readings = check.check(sample, &Params::defaults(check.parameters()));
            let Some(whole) = readings.first() else {
                continue;
            };
            // What the check needs was not collected: that is no finding about the table.
            if let Some(Reason::NotApplicable | Reason::ColumnAbsent) = whole.outcome.reason() {
                continue;
            }
            let mut columns: Vec<String> = Vec::new();
            for reading in &readings[1..] {
                let new = reading
                    .columns
                    .iter()
                    .filter(|&name| !columns.contains(name));
                let new: Vec<String> = new.cloned().collect();
                columns.extend(new);
            }
            columns.truncate(COLUMNS_MAX);
            let id = check.info().id;
            let outcome = whole.outcome.clone();
            let row_idx =
                self.push_table_row(scope, ResultKind::Quality, id, &columns, outcome.clone());
            self.rows[row_idx].rows = sample.current.rows;
            let evidence = outcome.map(|measure| Evidence {
                size: measure.value,
                p_value: measure.p_value,
            });
            self.open_table(row_idx, evidence, check.limits(), columns);
        }
    }

    /// Compares whole rows.
    pub fn rows_together(&mut self, scope: &Scope, sample: TwoSample<'_, RowSample>) {
        for &test in multivariate::ALL {
            let id = test.info().id;
            if id != DECISIVE {
                continue;
            }
            let found = test.test(sample, &Params::defaults(test.parameters()));
            let columns = found.defined().map_or_else(Vec::new, |comparison| {
                let named = comparison.columns.iter().take(COLUMNS_MAX);
                named.map(|share| share.column.clone()).collect()
            });
            let outcome = found.map(|comparison| comparison.measure);
            let row_idx =
                self.push_table_row(scope, ResultKind::Drift, id, &columns, outcome.clone());
            self.rows[row_idx].rows = sample.current.rows();
            let evidence = outcome.map(|measure| Evidence {
                size: (measure.value - 0.5).max(0.0),
                p_value: measure.p_value,
            });
            self.open_table(row_idx, evidence, LIMITS, columns);
        }
    }

    fn push_table_row(
        &mut self,
        scope: &Scope,
        kind: ResultKind,
        name: &'static str,
        columns: &[String],
        outcome: Outcome<Measure>,
    ) -> usize {
        let mut params = Vec::new();
        if !columns.is_empty() {
            params.push(("columns", columns.join(", ")));
        }
        self.rows.push(ResultRow {
            scope: scope.clone(),
            column: None,
            class: None,
            kind,
            name,
            params,
            outcome,
            threshold: None,
            verdict: None,
            is_provisional: false,
            rows: 0,
            targets: None,
        });
        self.rows.len() - 1
    }

    fn open_table(
        &mut self,
        row_idx: usize,
        evidence: Outcome<Evidence>,
        limits: Limits,
        columns: Vec<String>,
    ) {
        let ground = Ground {
            limits,
            role: None,
            reference: None,
            past: Past::Unknown,
        };
        self.open(row_idx, evidence, ground, || Detail::Columns(columns));
    }
}
