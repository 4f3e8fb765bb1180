//! Fixed words and headings.

/// Words that every language has, one field each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Labels {
    /// What was judged, as a heading of the table of the run.
    pub model: &'static str,
    /// Task of the model.
    pub task: &'static str,
    /// Positive class, before its name.
    pub positive: &'static str,
    /// What was compared against.
    pub reference: &'static str,
    /// What was judged.
    pub current: &'static str,
    /// Stretches of time.
    pub windows: &'static str,
    /// One of them, as a heading of a column.
    pub window: &'static str,
    /// Versions of the model.
    pub versions: &'static str,
    /// One of them, as a heading of a column.
    pub version: &'static str,
    /// Segment columns.
    pub segments: &'static str,
    /// One segment, as a heading of a column.
    pub segment: &'static str,
    /// Roles that were guessed.
    pub guessed: &'static str,
    /// An assumption about the input.
    pub note: &'static str,
    /// Heading of the findings.
    pub findings: &'static str,
    /// Directly before further facts of one finding.
    pub also: &'static str,
    /// Before the strip over windows.
    pub by_window: &'static str,
    /// What the signs of a strip mean.
    pub strip_legend: &'static str,
    /// Heading of the metrics.
    pub metrics: &'static str,
    /// Heading of the column of metric names.
    pub metric: &'static str,
    /// Heading of the worst window.
    pub worst: &'static str,
    /// Heading of the last window.
    pub latest: &'static str,
    /// Heading of what a constant prediction would reach.
    pub constant: &'static str,
    /// What that means. A full sentence.
    pub constant_lead: &'static str,
    /// Heading of the column of verdicts.
    pub verdict: &'static str,
    /// Heading of a 95 % confidence interval.
    pub interval: &'static str,
    /// What the sign of a provisional value means.
    pub provisional: &'static str,
    /// Heading of the comparison of groups.
    pub groups: &'static str,
    /// Heading of the column of measures of fairness.
    pub measure: &'static str,
    /// Heading of a protected column.
    pub column: &'static str,
    /// Heading of a column of values.
    pub value: &'static str,
    /// Heading of the groups with the lowest and the highest rate.
    pub apart: &'static str,
    /// Heading of metrics that are estimated without targets.
    pub estimates: &'static str,
    /// What estimates cannot see. A full sentence.
    pub estimates_lead: &'static str,
    /// Heading of an estimated value.
    pub estimate: &'static str,
    /// How well the model does, as the subject of a finding.
    pub performance: &'static str,
    /// Subject of findings about rows as wholes.
    pub table: &'static str,
    /// Heading of what could not be decided.
    pub not_computed: &'static str,
    /// Heading of a column of reasons.
    pub reason: &'static str,
    /// Heading of what a reason concerns.
    pub concerns: &'static str,
    /// Profiles were sketched. A full sentence.
    pub approximate: &'static str,
    /// Where to find more. A full sentence.
    pub hint: &'static str,
    /// Heading of the details of a collapsed part.
    pub details: &'static str,
    /// The plain word for a value that does not exist.
    pub none: &'static str,
}
