//! Columns: faults of the data, and drift.

use keepwell_core::catalog::Standing;
use keepwell_core::decide::{Evidence, Limits};
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::schema::Role;
use keepwell_stats::drift::DriftTest;
use keepwell_stats::profile::{ColumnProfile, TwoSample};
use keepwell_stats::quality::QualityCheck;
use keepwell_stats::{drift, quality};

use super::series::Subject;
use super::{ColumnInfo, Evaluation, Ground, Past};
use crate::finding::detail_of;
use crate::history::ColumnHistory;
use crate::monitors::{Run, SeriesOf, Watched};
use crate::row::{ResultKind, ResultRow, Scope};
use crate::rule::{DriftRule, drift_rule, drift_size};

/// A column of a scope, beside the reference.
#[derive(Clone, Copy)]
struct Case<'a> {
    column: &'a ColumnInfo,
    scope: &'a Scope,
    sample: TwoSample<'a, ColumnProfile>,
    history: Option<&'a ColumnHistory>,
}

impl Evaluation {
    /// Compares a column of each scope with the reference, and with the windows of the reference where those
    /// are known.
    pub fn column(
        &mut self,
        column: &ColumnInfo,
        reference: &ColumnProfile,
        history: Option<&ColumnHistory>,
        currents: &[(Scope, &ColumnProfile)],
    ) {
        self.column_ratios
            .extend(history.into_iter().flat_map(ColumnHistory::ratios));
        for (scope, current) in currents {
            let sample = TwoSample {
                reference,
                current: *current,
            };
            let case = Case {
                column,
                scope,
                sample,
                history,
            };
            self.quality(case);
            self.drift(case);
        }
    }

    fn quality(&mut self, case: Case<'_>) {
        for &check in quality::ALL {
            if !check.kinds().contains(&case.sample.reference.kind()) {
                continue;
            }
            let is_outcome = matches!(
                case.column.role,
                Role::Target | Role::Prediction | Role::Score
            );
            // What is predicted may well be half of what it was; only an input is measured in a unit.
            if is_outcome && check.info().id == "scale_change" {
                continue;
            }
            let column = Some(case.column.name.as_str());
            for run in self
                .monitors
                .runs(Watched::Quality, check, Standing::Decided, column)
            {
                self.quality_run(case, check, &run);
            }
        }
    }

    fn quality_run(&mut self, case: Case<'_>, check: &dyn QualityCheck, run: &Run) {
        let (id, sample) = (check.info().id, case.sample);
        let outcome = check.check(sample, &run.params);
        // What the reference shows against itself is not news.
        let of_itself = TwoSample {
            reference: sample.reference,
            current: sample.reference,
        };
        let own = check.check(of_itself, &run.params).defined().copied();
        let too_few = self.too_few(sample.current.counts().rows);
        let evidence = match (&outcome, too_few) {
            (Outcome::Undefined(reason), _) => Outcome::Undefined(reason.clone()),
            // What is certain needs no number of rows.
            (Outcome::Defined(measure), Some(reason)) if measure.p_value.is_some() => {
                Outcome::Undefined(reason)
            }
            (Outcome::Defined(measure), _) => Outcome::Defined(Evidence {
                size: (measure.value - own.map_or(0.0, |own| own.value)).abs(),
                p_value: measure.p_value,
            }),
        };
        let value = outcome.defined().map(|measure| measure.value);
        let row_idx = self.push_column_row(case, ResultKind::Quality, id, outcome);
        self.rows[row_idx].params = run.changed(check);
        self.follow_check(case, check, run, row_idx);
        // A target that has not come is late, not lost: metrics say so as `provisional`.
        if case.column.role == Role::Target && id == "missing" {
            return;
        }
        let past = match (case.history, case.scope.window, &evidence) {
            // The history is that of the default parameters.
            (Some(history), Some(window), Outcome::Defined(_)) if run.changed(check).is_empty() => {
                let value = value.unwrap_or_default();
                let found = history.of_fault(id, window, value, sample.current);
                found.map_or(Past::Unknown, Past::Column)
            }
            _ => Past::Unknown,
        };
        let ground = Ground {
            limits: run.limits(check.limits()),
            role: Some(case.column.role),
            reference: own,
            past,
        };
        self.open(row_idx, evidence, ground, || detail_of(id, sample));
    }

    /// Takes the row of a quality check into its series, where a monitor reads that.
    fn follow_check(
        &mut self,
        case: Case<'_>,
        check: &dyn QualityCheck,
        run: &Run,
        row_idx: usize,
    ) {
        let of = SeriesOf {
            family: Watched::Quality,
            id: check.info().id,
        };
        let name = case.column.name.as_str();
        let is_read = self.monitors.of_series(of, Some(name)).next().is_some();
        if !is_read || !run.changed(check).is_empty() {
            return;
        }
        let past = || {
            case.history
                .map_or_else(Vec::new, |known| known.points(of.id))
        };
        let subject = Subject {
            of,
            column: Some((name.to_owned(), case.column.role)),
            class: None,
            labels: Vec::new(),
            is_decided: false,
        };
        self.follow(subject, row_idx, past);
    }

    fn drift(&mut self, case: Case<'_>) {
        let kind = case.sample.reference.kind();
        let rule = drift_rule(kind);
        let mut found: Vec<(&dyn DriftTest, Run, usize, Outcome<Measure>)> = Vec::new();
        for &test in drift::ALL {
            if !test.kinds().contains(&kind) {
                continue;
            }
            let column = Some(case.column.name.as_str());
            for run in self
                .monitors
                .runs(Watched::Drift, test, test.standing(), column)
            {
                let outcome = test.test(case.sample, &run.params);
                let row_idx =
                    self.push_column_row(case, ResultKind::Drift, test.info().id, outcome.clone());
                self.rows[row_idx].params = run.changed(test);
                found.push((test, run, row_idx, outcome));
            }
        }
        let Some(rule) = rule else {
            return;
        };
        let significance = found
            .iter()
            .find(|(test, ..)| test.info().id == rule.significance)
            .map(|(.., outcome)| outcome.clone());
        let Some(significance) = significance else {
            return;
        };
        for (test, run, row_idx, outcome) in found {
            if run.is_named || test.info().id == rule.size {
                let limits = run.limits(rule.limits);
                self.drift_decision(case, rule, limits, row_idx, (test, outcome), &significance);
            }
        }
    }

    /// Opens the decision on the row of a drift test. A test without a p-value of its own takes the one of the
    /// test that the rule names.
    fn drift_decision(
        &mut self,
        case: Case<'_>,
        rule: DriftRule,
        limits: Limits,
        row_idx: usize,
        (test, outcome): (&dyn DriftTest, Outcome<Measure>),
        significance: &Outcome<Measure>,
    ) {
        let (id, sample) = (test.info().id, case.sample);
        let is_rule = id == rule.size;
        let own = outcome.defined().and_then(|measure| measure.p_value);
        let p_value = if is_rule { None } else { own }
            .or_else(|| significance.defined().and_then(|measure| measure.p_value));
        self.rows[row_idx].outcome = outcome
            .clone()
            .map(|measure| Measure { p_value, ..measure });
        let too_few = [sample.reference, sample.current]
            .iter()
            .find_map(|side| self.too_few(side.counts().present()));
        let evidence = match (outcome, significance, too_few) {
            (Outcome::Undefined(reason), ..) => Outcome::Undefined(reason),
            (_, Outcome::Undefined(reason), _) if p_value.is_none() => {
                Outcome::Undefined(reason.clone())
            }
            (_, _, Some(reason)) => Outcome::Undefined(reason),
            // Size without significance is no evidence.
            _ if p_value.is_none() => Outcome::Undefined(Reason::NotApplicable),
            (Outcome::Defined(measure), ..) => Outcome::Defined(Evidence {
                // Some tests say in which direction.
                size: drift_size(id, measure.value, sample).abs(),
                p_value,
            }),
        };
        let past = match (case.history, case.scope.window) {
            (Some(history), Some(window)) => {
                Past::Column(history.of_values(window, sample.current))
            }
            _ => Past::Unknown,
        };
        let ground = Ground {
            limits,
            role: Some(case.column.role),
            reference: None,
            past,
        };
        self.open(row_idx, evidence, ground, || detail_of(id, sample));
    }

    fn push_column_row(
        &mut self,
        case: Case<'_>,
        kind: ResultKind,
        name: &'static str,
        outcome: Outcome<Measure>,
    ) -> usize {
        self.rows.push(ResultRow {
            scope: case.scope.clone(),
            column: Some(case.column.name.clone()),
            class: None,
            kind,
            name,
            params: Vec::new(),
            outcome,
            threshold: None,
            verdict: None,
            is_provisional: false,
            rows: case.sample.current.counts().rows,
            targets: None,
        });
        self.rows.len() - 1
    }
}
