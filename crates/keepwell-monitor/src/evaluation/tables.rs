//! Whole tables: what no column shows by itself.

use keepwell_core::decide::{Evidence, Limits};
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_stats::metric::Direction;
use keepwell_stats::profile::row_sample::RowSample;
use keepwell_stats::profile::{TableProfile, TwoSample};
use keepwell_stats::{multivariate, table};

use super::{Evaluation, Ground, Past};
use crate::finding::Detail;
use crate::row::{ResultKind, ResultRow, Scope};
use crate::rule::change;

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
            self.open_table(row_idx, evidence, check.limits(), None, columns);
        }
    }

    /// Compares whole rows. `halves` are the earlier and the later half of the reference, where it has time: what
    /// tells those apart is no news.
    pub fn rows_together(
        &mut self,
        scope: &Scope,
        sample: TwoSample<'_, RowSample>,
        halves: Option<TwoSample<'_, RowSample>>,
    ) {
        for &test in multivariate::ALL {
            let id = test.info().id;
            if id != DECISIVE {
                continue;
            }
            let params = Params::defaults(test.parameters());
            let found = test.test(sample, &params);
            let own = halves.and_then(|halves| {
                let own = test.test(halves, &params);
                own.defined().map(|comparison| comparison.measure)
            });
            let columns = found.defined().map_or_else(Vec::new, |comparison| {
                let named = comparison.columns.iter().take(COLUMNS_MAX);
                named.map(|share| share.column.clone()).collect()
            });
            let outcome = found.map(|comparison| comparison.measure);
            let row_idx =
                self.push_table_row(scope, ResultKind::Drift, id, &columns, outcome.clone());
            self.rows[row_idx].rows = sample.current.rows();
            let evidence = outcome.map(|measure| beyond(&measure, own.as_ref()));
            self.open_table(row_idx, evidence, LIMITS, own, columns);
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
        reference: Option<Measure>,
        columns: Vec<String>,
    ) {
        let ground = Ground {
            limits,
            role: None,
            reference,
            past: Past::Unknown,
        };
        self.open(row_idx, evidence, ground, || Detail::Columns(columns));
    }
}

/// How far an area lies beyond chance, and beyond what the reference shows against itself.
fn beyond(measure: &Measure, own: Option<&Measure>) -> Evidence {
    let usual = own.map_or(0.5, |own| own.value.max(0.5));
    let p_value = match own {
        Some(own) if own.value > 0.5 => {
            let of_change = change(own, measure, Direction::LowerIsBetter).p_value;
            measure
                .p_value
                .zip(of_change)
                .map(|(left, right)| left.max(right))
        }
        _ => measure.p_value,
    };
    Evidence {
        size: (measure.value - usual).max(0.0),
        p_value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_the_reference_from_itself_is_no_news() {
        let area = |value: f64| {
            Measure::new(value)
                .with_interval(value - 0.02, value + 0.02)
                .with_p_value(1e-9)
        };
        let alone = beyond(&area(0.8), None);
        assert!((alone.size - 0.3).abs() < 1e-12);
        assert_eq!(alone.p_value, Some(1e-9));
        let usual = beyond(&area(0.8), Some(&area(0.79)));
        assert!(usual.size < 0.02);
        assert!(usual.p_value.is_some_and(|p_value| p_value > 0.05));
        let more = beyond(&area(0.9), Some(&area(0.6)));
        assert!((more.size - 0.3).abs() < 1e-12);
        assert!(more.p_value.is_some_and(|p_value| p_value < 1e-6));
        assert_eq!(beyond(&area(0.8), Some(&area(0.4))), alone);
    }
}
