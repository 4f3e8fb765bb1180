//! What could not be decided, gathered by reason.

use keepwell_core::outcome::Reason;
use keepwell_monitor::report::{NotComputed, Report};

use crate::report::texts::phrase::{Phrase, name};

/// A reason, and all that it concerns.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap<'a> {
    /// The reason of the first of them.
    pub reason: &'a Reason,
    /// Whether all of them give the same numbers.
    pub is_one: bool,
    /// Columns, each once.
    pub columns: Vec<&'a str>,
    /// Metrics, each once.
    pub metrics: Vec<&'a str>,
    /// The greatest number of windows that any of them concerns.
    pub n_windows: usize,
}

impl Gap<'_> {
    /// Metrics by the names that `entry` gives them, then columns.
    pub fn names(&self, entry: impl Fn(&str) -> &str) -> Vec<Phrase> {
        let metrics = self.metrics.iter().map(|id| Phrase::new(entry(id)));
        let columns = self.columns.iter().map(|column| Phrase::new(&name(column)));
        metrics.chain(columns).collect()
    }
}

/// Gathers what could not be decided, in the order in which reasons first occur. Statistics that do not
/// apply to a column or task are no news and are left out.
pub fn gaps(report: &Report) -> Vec<Gap<'_>> {
    let mut gaps: Vec<Gap<'_>> = Vec::new();
    for entry in &report.not_computed {
        if entry.reason != Reason::NotApplicable {
            add(&mut gaps, entry);
        }
    }
    gaps
}

fn add<'a>(gaps: &mut Vec<Gap<'a>>, entry: &'a NotComputed) {
    let known = gaps
        .iter()
        .position(|gap| gap.reason.id() == entry.reason.id());
    let idx = known.unwrap_or_else(|| {
        gaps.push(Gap {
            reason: &entry.reason,
            is_one: true,
            columns: Vec::new(),
            metrics: Vec::new(),
            n_windows: 0,
        });
        gaps.len() - 1
    });
    let gap = &mut gaps[idx];
    gap.is_one &= *gap.reason == entry.reason;
    gap.n_windows = gap.n_windows.max(entry.n_windows);
    let (names, found) = match &entry.column {
        Some(column) => (&mut gap.columns, column.as_str()),
        None => (&mut gap.metrics, entry.name),
    };
    if !names.contains(&found) {
        names.push(found);
    }
}
