//! Profiles in, rows out.
//!
//! An [`Evaluation`] takes one column or one part of the outcomes at a time, so that the caller never
//! needs to hold more than a few columns in memory. Decisions fall at the end, when the p-values of
//! all of them are known: see [`Evaluation::finish`].

mod columns;

mod curves;

mod outcomes;

mod groups;

mod estimates;

mod attribution;

mod row_parts;

mod column_shares;

mod evidence;

mod tables;

mod anomalies;

mod series;

mod pairs;

use keepwell_core::decide::{Evidence, Limits, Verdict, decide};
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::schema::{Kind, Role};
use keepwell_core::time::Timestamp;
use keepwell_stats::profile::ColumnProfile;

use crate::finding::{Detail, Fact, LevelChange};
use crate::history::{self, Deviation, Prior};
use crate::monitors::Monitors;
use crate::row::ResultRow;
use crate::rule::Rule;
use crate::shape::Shape;
use series::Series;

pub use attribution::{Attribution, SegmentOutcomes};
pub use column_shares::ColumnAttribution;
pub use curves::{Curves, Decisions};
pub use groups::Groups;
pub use outcomes::OutcomeHistory;
pub use pairs::{PairedEvidence, pair_digits};
pub use row_parts::RowParts;
pub use tables::Halves;

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
    monitors: Monitors,
    mature_until: Option<Timestamp>,
    rows: Vec<ResultRow>,
    reference_rows: Vec<ResultRow>,
    pending: Vec<Pending>,
    /// Variances between the windows of the reference, of columns and of metrics.
    column_ratios: Vec<(f64, f64)>,
    metric_ratios: Vec<(f64, f64)>,
    series: Vec<Series>,
    level_changes: Vec<LevelChange>,
    attributions: Vec<Attribution>,
    column_attributions: Vec<ColumnAttribution>,
    pictures: Vec<ColumnPicture>,
    curves: Vec<Curves>,
    reference_curves: Vec<Curves>,
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
    past: Past,
}

/// How far a value lies from those of the reference's windows.
#[derive(Debug, Clone, Default)]
enum Past {
    /// The reference has no windows, or none that this can be held against.
    #[default]
    Unknown,
    /// Shares of a column.
    Column(Vec<Deviation>),
    /// A metric.
    Metric(Vec<Deviation>),
}

/// What a decision rests on beside its evidence.
struct Ground {
    limits: Limits,
    role: Option<Role>,
    reference: Option<Measure>,
    past: Past,
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
    /// Changes of metrics divided among the values of each segment column.
    pub attributions: Vec<Attribution>,
    /// Changes of metrics divided among the columns that shifted.
    pub column_attributions: Vec<ColumnAttribution>,
    /// Curves of the current events, by window and class.
    pub curves: Vec<Curves>,
    /// Curves of the reference, by class.
    pub reference_curves: Vec<Curves>,
    /// Where the levels of metrics of all rows changed, in current windows.
    pub level_changes: Vec<LevelChange>,
    /// Number of decisions that were taken.
    pub decisions: usize,
}

impl Evaluation {
    /// An empty evaluation.
    pub fn new(rule: Rule) -> Self {
        Self {
            rule,
            monitors: Monitors::default(),
            mature_until: None,
            rows: Vec::new(),
            reference_rows: Vec::new(),
            pending: Vec::new(),
            column_ratios: Vec::new(),
            metric_ratios: Vec::new(),
            series: Vec::new(),
            level_changes: Vec::new(),
            attributions: Vec::new(),
            column_attributions: Vec::new(),
            pictures: Vec::new(),
            curves: Vec::new(),
            reference_curves: Vec::new(),
        }
    }

    /// Adds the monitors of a specification.
    #[must_use]
    pub fn with_monitors(mut self, monitors: Monitors) -> Self {
        self.monitors = monitors;
        self
    }

    /// Says until when targets can be expected to have come: a window that ends later is provisional.
    #[must_use]
    pub fn with_maturity(mut self, mature_until: Option<Timestamp>) -> Self {
        self.mature_until = mature_until;
        self
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

    fn too_few(&self, found: u64) -> Option<Reason> {
        (found < self.rule.rows_min).then_some(Reason::TooFewRows {
            needed: self.rule.rows_min,
            found,
        })
    }

    fn open(
        &mut self,
        row_idx: usize,
        evidence: Outcome<Evidence>,
        ground: Ground,
        detail: impl FnOnce() -> Detail,
    ) {
        let limits = ground.limits;
        self.rows[row_idx].threshold = Some(limits.warning);
        match evidence {
            Outcome::Defined(evidence) => self.pending.push(Pending {
                row_idx,
                size: evidence.size,
                p_value: evidence.p_value,
                limits,
                role: ground.role,
                reference: ground.reference,
                // Only what reaches a limit can become a finding.
                detail: if evidence.size < limits.warning {
                    Detail::None
                } else {
                    detail()
                },
                past: ground.past,
            }),
            Outcome::Undefined(reason) => {
                self.rows[row_idx].verdict = Some(Verdict::Undefined(reason));
            }
        }
    }

    /// Holds each value against the reference's own windows, where those are known: what is usual there is no
    /// news, however sure. The greater of both p-values counts.
    fn weigh_past(&mut self) {
        let of_columns = Prior::learn(&self.column_ratios);
        let of_metrics = Prior::learn(&self.metric_ratios);
        for open in &mut self.pending {
            let (deviations, prior) = match &open.past {
                Past::Unknown => continue,
                Past::Column(deviations) => (deviations, of_columns),
                Past::Metric(deviations) => (deviations, of_metrics),
            };
            let found = history::p_value(deviations, prior);
            if let (Some(own), Some(found)) = (&mut open.p_value, found) {
                *own = history::weighed(*own, found, deviations);
                self.rows[open.row_idx]
                    .params
                    .push(("p_value_windows", format!("{found:.3e}")));
            }
        }
    }

    /// Corrects the p-values for the number of decisions and takes the decisions.
    pub fn finish(mut self) -> Evaluated {
        self.read_series();
        self.weigh_past();
        let p_values: Vec<f64> = self
            .pending
            .iter()
            .filter_map(|open| open.p_value)
            .collect();
        let mut adjusted = self.rule.correction.adjust(&p_values).into_iter();
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
            level_changes: self.level_changes,
            attributions: self.attributions,
            column_attributions: self.column_attributions,
            curves: self.curves,
            reference_curves: self.reference_curves,
            decisions,
        }
    }
}
