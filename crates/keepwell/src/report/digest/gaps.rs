//! What could not be decided, gathered by reason.

use std::borrow::Cow;

use keepwell_core::outcome::Reason;
use keepwell_monitor::report::{NotComputed, Report};
use keepwell_stats::{fairness, quality};

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
    pub fn names<'b>(&'b self, entry: impl Fn(&'b str) -> Cow<'b, str>) -> Vec<Phrase> {
        let metrics = self.metrics.iter().map(|id| Phrase::new(&entry(id)));
        let columns = self.columns.iter().map(|column| Phrase::new(&name(column)));
        metrics.chain(columns).collect()
    }
}

/// Gathers what could not be decided, in the order in which reasons first occur. Statistics that do not
/// apply to a column or task are no news and are left out.
pub fn gaps(report: &Report) -> Vec<Gap<'_>> {
    let mut gaps: Vec<Gap<'_>> = Vec::new();
    for entry in &report.not_computed {
        // Of a constant column some checks have nothing to say, and it is constant by right.
        let is_constant = entry.reason == Reason::Constant
            && quality::ALL
                .iter()
                .any(|check| check.info().id == entry.name);
        if entry.reason != Reason::NotApplicable && !is_constant {
            add(&mut gaps, entry);
        }
    }
    gaps
}

/// What cannot be said of the groups of a column is no fault of the column.
fn is_fairness(name: &str) -> bool {
    fairness::ALL
        .iter()
        .any(|measure| measure.info().id == name)
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
        Some(column) if !is_fairness(entry.name) => (&mut gap.columns, column.as_str()),
        _ => (&mut gap.metrics, entry.name),
    };
    if !names.contains(&found) {
        names.push(found);
    }
}
