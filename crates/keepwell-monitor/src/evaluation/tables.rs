//! Whole tables: what no column shows by itself.

use keepwell_core::decide::{Evidence, Limits};
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_stats::metric::Direction;
use keepwell_stats::multivariate::MultivariateTest;
use keepwell_stats::profile::row_sample::RowSample;
use keepwell_stats::profile::{TableProfile, TwoSample};
use keepwell_stats::table::{TableCheck, TableReading};
use keepwell_stats::{multivariate, table};

use super::evidence::{Found, correlation, leakage, plain, swap};
use super::{Evaluation, Ground, Past};
use crate::finding::Detail;
use crate::monitors::{Run, Watched};
use crate::row::{ResultKind, ResultRow, Scope};
use crate::rule::change;

/// Most columns that a finding names.
pub(super) const COLUMNS_MAX: usize = 5;

/// Rows of the reference for each row of a window, and the fewest, that a check of a window reads: more hardly add to
/// what it sees, and cost time with every window.
const REFERENCE_ROWS: (usize, usize) = (4, 1_000);

/// Both sides of the reference: its earlier and its later half.
pub type Halves<'a> = TwoSample<'a, RowSample>;

impl Evaluation {
    /// Compares tables by what is known of all columns together; see [`Evaluation::table_beside`].
    pub fn table(&mut self, scope: &Scope, sample: TwoSample<'_, TableProfile>) {
        self.table_beside(scope, sample, None);
    }

    /// Compares tables by what is known of all columns together. A check of which something is not given, such as
    /// the sample of rows or the number of copies, says nothing, unless a monitor names it.
    ///
    /// `halves` are samples of the earlier and the later half of the reference, of the columns of
    /// `sample.reference.sample`, where the reference has time: what tells those apart is no news.
    pub fn table_beside(
        &mut self,
        scope: &Scope,
        sample: TwoSample<'_, TableProfile>,
        halves: Option<Halves<'_>>,
    ) {
        let reduced = reduced(sample);
        let seen = TwoSample {
            reference: reduced.as_ref().unwrap_or(sample.reference),
            current: sample.current,
        };
        let has_every_row = [seen.reference, seen.current].into_iter().all(|side| {
            let sample = side.sample.as_ref();
            sample.is_none_or(|sample| sample.rows() == sample.n_kept() as u64)
        });
        for &check in table::ALL {
            for run in self
                .monitors
                .runs(Watched::Table, check, check.standing(), None)
            {
                if check.needs_every_row() && !has_every_row && !run.is_named {
                    continue;
                }
                let readings = check.check(seen, &run.params);
                self.table_run(scope, sample, halves, (check, &run, &readings));
            }
        }
    }

    fn table_run(
        &mut self,
        scope: &Scope,
        sample: TwoSample<'_, TableProfile>,
        halves: Option<Halves<'_>>,
        (check, run, readings): (&dyn TableCheck, &Run, &[TableReading]),
    ) {
        let Some(whole) = readings.first() else {
            return;
        };
        if whole
            .outcome
            .reason()
            .is_some_and(|reason| is_silent(reason, run))
        {
            return;
        }
        let id = check.info().id;
        let limits = run.limits(check.limits());
        let found = match id {
            "correlation_break" => correlation(sample, halves, readings, limits),
            "swapped_columns" => swap(sample, readings),
            "target_leakage" => leakage(check, run, sample, readings),
            _ => plain(check, run, sample, readings),
        };
        let Found {
            outcome,
            evidence,
            mut columns,
        } = found;
        columns.truncate(COLUMNS_MAX);
        let row_idx = self.push_table_row(scope, ResultKind::Quality, id, &columns, outcome);
        self.rows[row_idx].rows = sample.current.rows;
        self.rows[row_idx].params.extend(run.changed(check));
        self.open_table(row_idx, evidence, limits, None, columns);
    }

    /// Compares whole rows. `halves` are the earlier and the later half of the reference, where it has time: what
    /// tells those apart is no news.
    pub fn rows_together(
        &mut self,
        scope: &Scope,
        sample: TwoSample<'_, RowSample>,
        halves: Option<Halves<'_>>,
    ) {
        for &test in multivariate::ALL {
            for run in self
                .monitors
                .runs(Watched::Multivariate, test, test.standing(), None)
            {
                self.multivariate_run(scope, sample, halves, (test, &run));
            }
        }
    }

    fn multivariate_run(
        &mut self,
        scope: &Scope,
        sample: TwoSample<'_, RowSample>,
        halves: Option<Halves<'_>>,
        (test, run): (&dyn MultivariateTest, &Run),
    ) {
        let found = test.test(sample, &run.params);
        if found.reason().is_some_and(|reason| is_silent(reason, run)) {
            return;
        }
        let measure = |sides: TwoSample<'_, RowSample>| {
            let found = test.test(sides, &run.params);
            found.defined().map(|comparison| comparison.measure)
        };
        let own = halves.and_then(measure);
        let unchanged = test.unchanged().or_else(|| {
            let of_itself = TwoSample {
                reference: sample.reference,
                current: sample.reference,
            };
            measure(of_itself).map(|own| own.value)
        });
        let columns = found.defined().map_or_else(Vec::new, |comparison| {
            let named = comparison.columns.iter().take(COLUMNS_MAX);
            named.map(|share| share.column.clone()).collect()
        });
        let outcome = found.map(|comparison| comparison.measure);
        let evidence = outcome.clone().map(|measure| {
            let middle = unchanged.unwrap_or(measure.value);
            beyond(test, &measure, middle, own.as_ref())
        });
        let id = test.info().id;
        let row_idx = self.push_table_row(scope, ResultKind::Drift, id, &columns, outcome);
        self.rows[row_idx].rows = sample.current.rows();
        self.rows[row_idx].params.extend(run.changed(test));
        let limits = run.limits(test.limits());
        self.open_table(row_idx, evidence, limits, own, columns);
    }

    pub(super) fn push_table_row(
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

    pub(super) fn open_table(
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

/// The table of the reference with fewer rows in its sample, where it has many more than that of the window.
fn reduced(sample: TwoSample<'_, TableProfile>) -> Option<TableProfile> {
    let (own, window) = (
        sample.reference.sample.as_ref()?,
        sample.current.sample.as_ref()?,
    );
    let most = (REFERENCE_ROWS.0 * window.n_kept()).max(REFERENCE_ROWS.1);
    (own.n_kept() > most).then(|| TableProfile {
        rows: sample.reference.rows,
        columns: sample.reference.columns.clone(),
        row_copies: sample.reference.row_copies,
        id_copies: sample.reference.id_copies,
        sample: Some(own.reduced(most)),
        pairs: Vec::new(),
    })
}

/// Whether a reason is no result: what the method needs was not collected, or is not there yet. Somebody who asked
/// for it is told.
pub(super) fn is_silent(reason: &Reason, run: &Run) -> bool {
    !run.is_named
        && matches!(
            reason,
            Reason::NotApplicable
                | Reason::ColumnAbsent
                | Reason::NoTargets
                | Reason::NoRows
                | Reason::NoReference
                | Reason::TooFewRows { .. }
        )
}

/// How far a value lies beyond `unchanged`, and beyond what the reference shows against itself.
fn beyond(
    test: &dyn MultivariateTest,
    measure: &Measure,
    unchanged: f64,
    own: Option<&Measure>,
) -> Evidence {
    let usual = own.map_or(unchanged, |own| own.value);
    let range = (usual.min(unchanged), usual.max(unchanged));
    let is_unusual = own.is_some_and(|own| own.value > unchanged);
    // Where a value has no interval, only its size is held against that of the reference.
    let of_change = own
        .filter(|_| is_unusual)
        .and_then(|own| change(own, measure, Direction::LowerIsBetter).p_value);
    Evidence {
        size: test.size(measure.value, range),
        p_value: measure.p_value.map(|own| own.max(of_change.unwrap_or(0.0))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(id: &str) -> &'static dyn MultivariateTest {
        let mut all = multivariate::ALL.iter().copied();
        all.find(|test| test.info().id == id)
            .expect("in the catalog")
    }

    #[test]
    fn what_tells_the_reference_from_itself_is_no_news() {
        let area = |value: f64| {
            Measure::new(value)
                .with_interval(value - 0.02, value + 0.02)
                .with_p_value(1e-9)
        };
        let classifier = test("domain_classifier");
        let beyond =
            |measure: &Measure, own: Option<&Measure>| beyond(classifier, measure, 0.5, own);
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

    #[test]
    fn a_fall_of_the_reconstruction_error_counts_too() {
        let pca = test("pca_reconstruction_error");
        let error = |value: f64| Measure::new(value).with_p_value(1e-9);
        let size = |value, own: f64| beyond(pca, &error(value), 2.0, Some(&error(own))).size;
        assert!((size(1.0, 2.2) - 0.5).abs() < 1e-12);
        assert!((size(2.6, 2.2) - 0.2).abs() < 1e-12);
        assert_eq!(size(2.1, 2.2), 0.0);
        let kernel = test("mmd_multivariate");
        let found = beyond(kernel, &error(0.2), 0.0, Some(&error(0.05)));
        assert_eq!(found.p_value, Some(1e-9));
        assert!((found.size - 0.15).abs() < 1e-12);
    }
}
