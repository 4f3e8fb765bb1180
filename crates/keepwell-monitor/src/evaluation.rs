//! Profiles in, rows out.
//!
//! An [`Evaluation`] takes one column or one part of the outcomes at a time, so that the caller never
//! needs to hold more than a few columns in memory. Decisions fall at the end, when the p-values of
//! all of them are known: see [`Evaluation::finish`].

use keepwell_core::decide::{Evidence, Limits, Verdict, decide};
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::{Kind, Role};
use keepwell_core::time::Timestamp;
use keepwell_stats::metric::{Direction, Metric, Reading};
use keepwell_stats::profile::{ColumnProfile, OutcomeProfile, TwoSample};
use keepwell_stats::{drift, metric, multiple, quality};

use crate::finding::{Detail, Fact, detail_of};
use crate::row::{ResultKind, ResultRow, Scope};
use crate::rule::{Rule, change, drift_rule, drift_size};
use crate::shape::Shape;

/// A window whose share of targets is below this part of the reference's is provisional.
const MATURITY_MIN: f64 = 0.95;

/// A column under evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Name.
    pub name: String,
    /// Part that it plays.
    pub role: Role,
    /// Kind in the reference.
    pub kind: Kind,
}

/// What a report shows of a column beside its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnPicture {
    /// The column.
    pub column: ColumnInfo,
    /// Its histograms over the windows, in the order in which they were given.
    pub shape: Option<Shape>,
}

/// Rows so far, and the decisions that are still open.
#[derive(Debug, Clone)]
pub struct Evaluation {
    rule: Rule,
    mature_until: Option<Timestamp>,
    rows: Vec<ResultRow>,
    reference_rows: Vec<ResultRow>,
    pending: Vec<Pending>,
    pictures: Vec<ColumnPicture>,
}

/// A row that waits for its verdict.
#[derive(Debug, Clone)]
struct Pending {
    row_idx: usize,
    size: f64,
    p_value: Option<f64>,
    limits: Limits,
    role: Option<Role>,
    reference: Option<Measure>,
    detail: Detail,
}

/// All rows with their verdicts, and a fact for each verdict that is not `ok`.
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// Results of the current events.
    pub rows: Vec<ResultRow>,
    /// Metrics of the reference itself, without verdicts.
    pub reference_rows: Vec<ResultRow>,
    /// Facts behind warnings and alerts.
    pub facts: Vec<Fact>,
    /// Pictures of the columns.
    pub pictures: Vec<ColumnPicture>,
    /// Number of decisions that were taken.
    pub decisions: usize,
}

impl Evaluation {
    /// An empty evaluation.
    pub fn new(rule: Rule) -> Self {
        Self {
            rule,
            mature_until: None,
            rows: Vec::new(),
            reference_rows: Vec::new(),
            pending: Vec::new(),
            pictures: Vec::new(),
        }
    }

    /// Says until when targets can be expected to have come: a window that ends later is provisional.
    #[must_use]
    pub fn with_maturity(mut self, mature_until: Option<Timestamp>) -> Self {
        self.mature_until = mature_until;
        self
    }

    /// Compares a column of each scope with the reference.
    pub fn column(
        &mut self,
        column: &ColumnInfo,
        reference: &ColumnProfile,
        currents: &[(Scope, &ColumnProfile)],
    ) {
        for (scope, current) in currents {
            let sample = TwoSample {
                reference,
                current: *current,
            };
            self.quality(column, scope, sample);
            self.drift(column, scope, sample);
        }
    }

    /// Keeps the histograms of a column for the report.
    pub fn picture(
        &mut self,
        column: &ColumnInfo,
        reference: &ColumnProfile,
        windows: &[&ColumnProfile],
    ) {
        self.pictures.push(ColumnPicture {
            column: column.clone(),
            shape: Shape::of(reference, windows),
        });
    }

    fn quality(
        &mut self,
        column: &ColumnInfo,
        scope: &Scope,
        sample: TwoSample<'_, ColumnProfile>,
    ) {
        for check in quality::ALL {
            if !check.kinds().contains(&sample.reference.kind()) {
                continue;
            }
            let params = Params::defaults(check.parameters());
            let id = check.info().id;
            let outcome = check.check(sample, &params);
            // What the reference shows against itself is not news.
            let own = check
                .check(
                    TwoSample {
                        reference: sample.reference,
                        current: sample.reference,
                    },
                    &params,
                )
                .defined()
                .copied();
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
            let row_idx =
                self.push_column_row(column, scope, sample, ResultKind::Quality, id, outcome);
            // A target that has not come is late, not lost: metrics say so as `provisional`.
            if column.role == Role::Target && id == "missing" {
                continue;
            }
            self.open(
                row_idx,
                evidence,
                check.limits(),
                Some(column.role),
                own,
                || detail_of(id, sample),
            );
        }
    }

    fn drift(&mut self, column: &ColumnInfo, scope: &Scope, sample: TwoSample<'_, ColumnProfile>) {
        let kind = sample.reference.kind();
        let rule = drift_rule(kind);
        let mut significance = None;
        let mut size_row = None;
        for test in drift::ALL {
            if !test.kinds().contains(&kind) {
                continue;
            }
            let id = test.info().id;
            let outcome = test.test(sample, &Params::defaults(test.parameters()));
            if rule.is_some_and(|rule| rule.significance == id) {
                significance = Some(outcome.clone());
            }
            let row_idx = self.push_column_row(
                column,
                scope,
                sample,
                ResultKind::Drift,
                id,
                outcome.clone(),
            );
            if rule.is_some_and(|rule| rule.size == id) {
                size_row = Some((row_idx, outcome));
            }
        }
        let (Some(rule), Some(significance), Some((row_idx, outcome))) =
            (rule, significance, size_row)
        else {
            return;
        };
        let p_value = significance.defined().and_then(|measure| measure.p_value);
        self.rows[row_idx].outcome = outcome
            .clone()
            .map(|measure| Measure { p_value, ..measure });
        let too_few = [sample.reference, sample.current]
            .iter()
            .find_map(|side| self.too_few(side.counts().present()));
        let evidence = match (outcome, significance, too_few) {
            (Outcome::Undefined(reason), ..)
            | (_, Outcome::Undefined(reason), _)
            | (_, _, Some(reason)) => Outcome::Undefined(reason),
            // Size without significance is no evidence.
            _ if p_value.is_none() => Outcome::Undefined(Reason::NotApplicable),
            (Outcome::Defined(measure), ..) => Outcome::Defined(Evidence {
                size: drift_size(rule.size, measure.value, sample),
                p_value,
            }),
        };
        self.open(
            row_idx,
            evidence,
            rule.limits,
            Some(column.role),
            None,
            || detail_of(rule.size, sample),
        );
    }

    /// Compares the outcomes of a scope with the reference.
    pub fn outcomes(
        &mut self,
        scope: &Scope,
        reference: &OutcomeProfile,
        current: &OutcomeProfile,
    ) {
        let maturity =
            |outcomes: &OutcomeProfile| outcomes.targets() as f64 / outcomes.rows().max(1) as f64;
        let is_early = match (scope.window, self.mature_until) {
            (Some(window), Some(mature_until)) => window.end > mature_until,
            _ => false,
        };
        let is_provisional = current.rows() > 0
            && (is_early || maturity(current) < MATURITY_MIN * maturity(reference));
        for metric in metric::ALL {
            let params = Params::defaults(metric.parameters());
            let own = metric.evaluate(reference, &params);
            for reading in metric.evaluate(current, &params) {
                let counterpart = own
                    .iter()
                    .find(|own| own.class == reading.class && own.labels == reading.labels);
                let evidence =
                    self.metric_evidence(*metric, counterpart, &reading, current.targets());
                let is_decided = is_decided(*metric, &reading);
                let reading = Reading {
                    outcome: with_p_value(reading.outcome, &evidence),
                    ..reading
                };
                let row_idx = self.rows.len();
                self.rows.push(metric_row(
                    metric.info().id,
                    scope,
                    reading,
                    current,
                    is_provisional,
                ));
                if is_decided {
                    let of_reference = counterpart.and_then(|own| own.outcome.defined().copied());
                    self.open(
                        row_idx,
                        evidence,
                        metric.limits(),
                        None,
                        of_reference,
                        || Detail::None,
                    );
                }
            }
        }
    }

    /// Keeps the metrics of the reference itself.
    pub fn reference_outcomes(&mut self, scope: &Scope, reference: &OutcomeProfile) {
        for metric in metric::ALL {
            for reading in metric.evaluate(reference, &Params::defaults(metric.parameters())) {
                self.reference_rows.push(metric_row(
                    metric.info().id,
                    scope,
                    reading,
                    reference,
                    false,
                ));
            }
        }
    }

    fn metric_evidence(
        &self,
        metric: &dyn Metric,
        counterpart: Option<&Reading>,
        reading: &Reading,
        targets: u64,
    ) -> Outcome<Evidence> {
        let current = match &reading.outcome {
            Outcome::Defined(current) => current,
            Outcome::Undefined(reason) => return Outcome::Undefined(reason.clone()),
        };
        let Some(Outcome::Defined(reference)) = counterpart.map(|own| &own.outcome) else {
            return Outcome::Undefined(Reason::NoReference);
        };
        if let Some(reason) = self.too_few(targets) {
            return Outcome::Undefined(reason);
        }
        let change = change(reference, current, metric.direction());
        Outcome::Defined(Evidence {
            size: change.size,
            p_value: change.p_value,
        })
    }

    fn too_few(&self, found: u64) -> Option<Reason> {
        (found < self.rule.rows_min).then_some(Reason::TooFewRows {
            needed: self.rule.rows_min,
            found,
        })
    }

    fn push_column_row(
        &mut self,
        column: &ColumnInfo,
        scope: &Scope,
        sample: TwoSample<'_, ColumnProfile>,
        kind: ResultKind,
        name: &'static str,
        outcome: Outcome<Measure>,
    ) -> usize {
        self.rows.push(ResultRow {
            scope: scope.clone(),
            column: Some(column.name.clone()),
            class: None,
            kind,
            name,
            params: Vec::new(),
            outcome,
            threshold: None,
            verdict: None,
            is_provisional: false,
            rows: sample.current.counts().rows,
            targets: None,
        });
        self.rows.len() - 1
    }

    fn open(
        &mut self,
        row_idx: usize,
        evidence: Outcome<Evidence>,
        limits: Limits,
        role: Option<Role>,
        reference: Option<Measure>,
        detail: impl FnOnce() -> Detail,
    ) {
        self.rows[row_idx].threshold = Some(limits.warning);
        match evidence {
            Outcome::Defined(evidence) => self.pending.push(Pending {
                row_idx,
                size: evidence.size,
                p_value: evidence.p_value,
                limits,
                role,
                reference,
                // Only what reaches a limit can become a finding.
                detail: if evidence.size < limits.warning {
                    Detail::None
                } else {
                    detail()
                },
            }),
            Outcome::Undefined(reason) => {
                self.rows[row_idx].verdict = Some(Verdict::Undefined(reason));
            }
        }
    }

    /// Corrects the p-values for the number of decisions and takes the decisions.
    pub fn finish(mut self) -> Evaluated {
        let p_values: Vec<f64> = self
            .pending
            .iter()
            .filter_map(|open| open.p_value)
            .collect();
        let mut adjusted = multiple::benjamini_hochberg(&p_values).into_iter();
        let decisions = self.pending.len();
        let mut facts = Vec::new();
        for open in self.pending {
            // One adjusted value for each p-value, in the same order.
            let p_value = open.p_value.and_then(|_| adjusted.next());
            let evidence = Evidence {
                size: open.size,
                p_value,
            };
            let verdict = decide(&Outcome::Defined(evidence), open.limits, self.rule.alpha);
            let row = &mut self.rows[open.row_idx];
            row.verdict = Some(verdict.clone());
            if let Some(p_value) = p_value {
                row.params
                    .push(("p_value_adjusted", format!("{p_value:.3e}")));
            }
            if verdict != Verdict::Ok {
                facts.push(Fact {
                    row_idx: open.row_idx,
                    verdict,
                    role: open.role,
                    size: open.size,
                    severity: open.size / open.limits.alert,
                    p_value,
                    reference: open.reference,
                    detail: open.detail,
                });
            }
        }
        Evaluated {
            rows: self.rows,
            reference_rows: self.reference_rows,
            facts,
            pictures: self.pictures,
            decisions,
        }
    }
}

/// The value with the p-value of its change, where there is one.
fn with_p_value(outcome: Outcome<Measure>, evidence: &Outcome<Evidence>) -> Outcome<Measure> {
    let p_value = evidence.defined().and_then(|evidence| evidence.p_value);
    outcome.map(|measure| Measure { p_value, ..measure })
}

/// Decided are the plain value, the macro average and the classes; other averages are shown beside.
fn is_decided(metric: &dyn Metric, reading: &Reading) -> bool {
    metric.direction() != Direction::Neutral
        && reading
            .labels
            .iter()
            .all(|(label, value)| *label != "average" || value == "macro")
}

fn metric_row(
    name: &'static str,
    scope: &Scope,
    reading: Reading,
    outcomes: &OutcomeProfile,
    is_provisional: bool,
) -> ResultRow {
    ResultRow {
        scope: scope.clone(),
        column: None,
        class: reading.class,
        kind: ResultKind::Metric,
        name,
        params: reading.labels,
        outcome: reading.outcome,
        threshold: None,
        verdict: None,
        is_provisional,
        rows: outcomes.rows(),
        targets: Some(outcomes.targets()),
    }
}
