//! Values over slots, in few bytes.

use std::collections::BTreeMap;

use keepwell_core::decide::Verdict;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::time::Window;
use keepwell_monitor::report::Report;
use keepwell_monitor::row::ResultRow;
use serde::{Serialize, Serializer};

use crate::report::texts::{adjusted_p_value, yardstick};

/// Most windows that a page shows; of more, the last ones.
pub(super) const WINDOWS_MAX: usize = 400;

/// The columns of every chart: one per window that is shown, and one more for rows about all windows
/// together if there are any.
#[derive(Debug, Clone)]
pub(super) struct Slots {
    index: BTreeMap<Option<Window>, usize>,
    /// Windows that are shown, in order.
    pub(super) windows: Vec<Window>,
    /// Number of earlier windows, which are not.
    pub(super) n_before: usize,
    /// Whether the last slot is about all windows together.
    has_whole: bool,
}

impl Slots {
    /// The slots of a report; at least one.
    pub(super) fn of(report: &Report) -> Self {
        let all = &report.facts.windows;
        let n_before = all.len().saturating_sub(WINDOWS_MAX);
        let windows = all[n_before..].to_vec();
        let has_whole =
            windows.is_empty() || report.rows.iter().any(|row| row.scope.window.is_none());
        let mut index: BTreeMap<Option<Window>, usize> = windows
            .iter()
            .enumerate()
            .map(|(idx, window)| (Some(*window), idx))
            .collect();
        if has_whole {
            index.insert(None, windows.len());
        }
        Self {
            index,
            windows,
            n_before,
            has_whole,
        }
    }

    /// Slot of a row's window; `None` where it is not shown.
    pub(super) fn position(&self, window: Option<Window>) -> Option<usize> {
        if self.windows.is_empty() {
            // All events are one stretch, which has a beginning and an end where they have time.
            return Some(0);
        }
        self.index.get(&window).copied()
    }

    /// Number of slots, at least one.
    pub(super) fn len(&self) -> usize {
        self.windows.len() + usize::from(self.has_whole)
    }
}

/// A number with a limited number of digits; nothing where it is not finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rounded(Option<f64>);

impl Rounded {
    /// Keeps `digits` significant digits, at least one.
    pub(super) fn new(value: f64, digits: usize) -> Self {
        let text = format!("{value:.*e}", digits.saturating_sub(1));
        Self(text.parse().ok().filter(|value: &f64| value.is_finite()))
    }
}

impl Serialize for Rounded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            // Whole numbers without ".0".
            Some(value) if value.fract() == 0.0 && value.abs() < 9e15 => {
                serializer.serialize_i64(value as i64)
            }
            Some(value) => serializer.serialize_f64(value),
            None => serializer.serialize_none(),
        }
    }
}

/// One value per slot, or one for all of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Values {
    /// The same everywhere.
    Same(Option<Rounded>),
    /// One per slot.
    Each(Vec<Option<Rounded>>),
}

impl Values {
    /// Rounds and folds values.
    pub(super) fn new(values: &[Option<f64>], digits: usize) -> Self {
        let rounded: Vec<Option<Rounded>> = values
            .iter()
            .map(|value| value.map(|value| Rounded::new(value, digits)))
            .collect();
        match rounded.first() {
            Some(first) if rounded.iter().all(|value| value == first) => Self::Same(*first),
            _ => Self::Each(rounded),
        }
    }

    /// Whether there is no value in any slot.
    pub(super) fn is_nothing(&self) -> bool {
        *self == Self::Same(None)
    }
}

/// Reasons, each once; tracks point to them.
#[derive(Debug, Clone, Default)]
pub(super) struct Reasons(Vec<Reason>);

impl Reasons {
    /// Position of a reason, which is added if it is new.
    pub(super) fn position(&mut self, reason: &Reason) -> usize {
        let known = self.0.iter().position(|known| known == reason);
        known.unwrap_or_else(|| {
            self.0.push(reason.clone());
            self.0.len() - 1
        })
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Reason> {
        self.0.iter()
    }
}

/// A statistic over the slots, as the page reads it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Track {
    v: Values,
    #[serde(skip_serializing_if = "Values::is_nothing")]
    lo: Values,
    #[serde(skip_serializing_if = "Values::is_nothing")]
    hi: Values,
    #[serde(skip_serializing_if = "Values::is_nothing")]
    p: Values,
    #[serde(skip_serializing_if = "Values::is_nothing")]
    q: Values,
    d: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<(usize, usize)>,
}

/// How exactly numbers are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Precision {
    /// Significant digits of a value.
    pub(super) digits: usize,
    /// Whether p-values are kept.
    pub(super) has_p_values: bool,
}

/// Rows of one statistic, by slot.
#[derive(Debug, Clone)]
pub(super) struct Collected<'a> {
    rows: Vec<Option<&'a ResultRow>>,
}

impl<'a> Collected<'a> {
    /// Nothing yet.
    pub(super) fn new(slots: &Slots) -> Self {
        Self {
            rows: vec![None; slots.len()],
        }
    }

    /// Puts a row in its place.
    pub(super) fn put(&mut self, slot: usize, row: &'a ResultRow) {
        if let Some(place) = self.rows.get_mut(slot) {
            *place = Some(row);
        }
    }

    /// Whether the rows carry a label of this name.
    pub(super) fn has_label(&self, name: &str) -> bool {
        let first = self.rows.iter().flatten().next();
        first.is_some_and(|row| row.params.iter().any(|(label, _)| *label == name))
    }

    /// The slot with the most urgent verdict, of equal ones that with the greatest value; `None` without a
    /// warning or alert.
    pub(super) fn worst_slot(&self) -> Option<usize> {
        let mut worst: Option<(u8, f64, usize)> = None;
        for (slot, row) in self.rows.iter().enumerate() {
            let Some(row) = row else { continue };
            let (Some(verdict @ (Verdict::Warning | Verdict::Alert)), Some(measure)) =
                (&row.verdict, row.outcome.defined())
            else {
                continue;
            };
            let own = (verdict.urgency(), measure.value, slot);
            if worst.is_none_or(|worst| (own.0, own.1) > (worst.0, worst.1)) {
                worst = Some(own);
            }
        }
        worst.map(|(_, _, slot)| slot)
    }

    /// What a constant prediction would reach, by slot.
    pub(super) fn constants(&self) -> Values {
        self.each(3, |row, _| yardstick(row))
    }

    /// Values by slot.
    pub(super) fn values(&self, digits: usize) -> Values {
        self.each(digits, |_, measure| Some(measure.value))
    }

    fn each(&self, digits: usize, part: impl Fn(&ResultRow, &Measure) -> Option<f64>) -> Values {
        let values: Vec<Option<f64>> = self
            .rows
            .iter()
            .map(|row| {
                row.and_then(|row| row.outcome.defined().and_then(|measure| part(row, measure)))
            })
            .collect();
        Values::new(&values, digits)
    }

    /// One letter per slot; see `script/page.js`.
    pub(super) fn marks(&self) -> String {
        self.rows
            .iter()
            .map(|row| match row.map(|row| (&row.verdict, &row.outcome)) {
                None => '.',
                Some((Some(Verdict::Ok), _)) => 'o',
                Some((Some(Verdict::Warning), _)) => 'w',
                Some((Some(Verdict::Alert), _)) => 'a',
                Some((Some(Verdict::Undefined(_)), _) | (None, Outcome::Undefined(_))) => 'u',
                Some((None, Outcome::Defined(_))) => '-',
            })
            .collect()
    }

    /// The greatest urgency of a verdict, and the greatest multiple of the limit.
    pub(super) fn worst(&self) -> (u8, f64) {
        let mut worst = (0, 0.0_f64);
        for row in self.rows.iter().flatten() {
            let urgency = match &row.verdict {
                Some(verdict @ (Verdict::Warning | Verdict::Alert)) => verdict.urgency(),
                _ => 0,
            };
            let size = match (row.outcome.defined(), row.threshold) {
                (Some(measure), Some(limit)) if limit > 0.0 => measure.value / limit,
                _ => 0.0,
            };
            worst = (worst.0.max(urgency), worst.1.max(size));
        }
        worst
    }

    /// Least size that gives a warning; `None` where nothing is decided.
    pub(super) fn limit(&self) -> Option<Rounded> {
        let limit = self.rows.iter().flatten().find_map(|row| row.threshold);
        limit.map(|limit| Rounded::new(limit, 6))
    }

    /// All of it.
    pub(super) fn track(&self, precision: Precision, reasons: &mut Reasons) -> Track {
        let digits = precision.digits;
        let interval =
            |end: fn(&Measure) -> Option<f64>| self.each(digits, |_, measure| end(measure));
        let p_value = |of: fn(&ResultRow, &Measure) -> Option<f64>| {
            if precision.has_p_values {
                self.each(3, of)
            } else {
                Values::Same(None)
            }
        };
        let why = self
            .rows
            .iter()
            .enumerate()
            .filter_map(|(slot, row)| Some((slot, reason_of((*row)?)?)))
            .map(|(slot, reason)| (slot, reasons.position(reason)))
            .collect();
        Track {
            v: self.values(digits),
            lo: interval(|measure| measure.interval.map(|interval| interval.lower)),
            hi: interval(|measure| measure.interval.map(|interval| interval.upper)),
            // Where a corrected one decided, the raw one is left to the JSON results.
            p: p_value(|row, measure| measure.p_value.filter(|_| adjusted_p_value(row).is_none())),
            q: p_value(|row, _| adjusted_p_value(row)),
            d: self.marks(),
            why,
        }
    }
}

fn reason_of(row: &ResultRow) -> Option<&Reason> {
    match &row.verdict {
        Some(Verdict::Undefined(reason)) => Some(reason),
        _ => row.outcome.reason(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(values: &Values) -> String {
        serde_json::to_string(values).expect("plain numbers")
    }

    #[test]
    fn numbers_are_short() {
        let values = Values::new(&[Some(1.0 / 3.0), None, Some(12.0), Some(1e-300)], 6);
        assert_eq!(json(&values), "[0.333333,null,12,1e-300]");
        assert_eq!(json(&Values::new(&[Some(0.0); 12], 6)), "0");
        assert_eq!(
            json(&Values::new(&[Some(f64::INFINITY), Some(1.0)], 6)),
            "[null,1]"
        );
        assert_eq!(json(&Values::new(&[], 6)), "[]");
    }
}
