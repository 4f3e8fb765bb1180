//! The tidy shape of every result: one row per value, the same in every output.

use keepwell_core::decide::Verdict;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Outcome;
use keepwell_core::time::Window;

/// The rows where a column has a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Segment {
    /// Name of the segment column.
    pub column: String,
    /// Its value; `None` stands for all values beyond the most frequent ones, taken together.
    pub value: Option<String>,
}

/// The part of the events that a result is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Scope {
    /// Stretch of event time; `None` where events have no time.
    pub window: Option<Window>,
    /// Version of the model; `None` means all.
    pub version: Option<String>,
    /// Segment; `None` means all rows.
    pub segment: Option<Segment>,
}

/// What kind of statement a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResultKind {
    /// A quantity from predictions and targets.
    Metric,
    /// A fault of the data.
    Quality,
    /// A comparison of two distributions.
    Drift,
    /// A comparison of groups that are to be treated alike.
    Fairness,
    /// A metric as it is expected to be, without targets.
    Estimate,
    /// Rows that do not fit the others, or a series of windows that does not go on as it was.
    Anomaly,
}

impl ResultKind {
    /// Stable identifier.
    pub fn id(self) -> &'static str {
        match self {
            Self::Metric => "metric",
            Self::Quality => "quality",
            Self::Drift => "drift",
            Self::Fairness => "fairness",
            Self::Estimate => "estimate",
            Self::Anomaly => "anomaly",
        }
    }
}

/// Label of the quantity whose windows a detector or an anomaly read.
pub const SERIES: &str = "series";

/// Label of what a metric says of the best prediction on the same targets that ignores its input.
pub const CONSTANT: &str = "constant_prediction";

/// One result.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultRow {
    /// Window, version and segment.
    pub scope: Scope,
    /// Column, where the result is about one.
    pub column: Option<String>,
    /// Class, where the result is about one.
    pub class: Option<String>,
    /// What kind of statement.
    pub kind: ResultKind,
    /// Identifier of the entry in the catalog.
    pub name: &'static str,
    /// Parameters and labels of the value, for example `average=macro`.
    pub params: Vec<(&'static str, String)>,
    /// The value, or why there is none.
    pub outcome: Outcome<Measure>,
    /// The size from which on a warning would have been given, in the unit of the decision.
    pub threshold: Option<f64>,
    /// The decision; `None` on a row that is shown beside the one that was decided on.
    pub verdict: Option<Verdict>,
    /// Targets may still come, by the usual delay or because the reference has more of them: the value may
    /// change.
    pub is_provisional: bool,
    /// Rows that the value rests on, before any are left out for missing values.
    pub rows: u64,
    /// Rows among them with a target; `None` where targets play no part.
    pub targets: Option<u64>,
}
