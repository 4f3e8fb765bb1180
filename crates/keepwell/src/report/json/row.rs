//! The tidy shape of a row.

use keepwell_core::decide::Verdict;
use keepwell_core::measure::Measure;
use keepwell_monitor::row::{CONSTANT, ResultRow, Segment};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// Rows in the tidy shape.
pub(super) struct Rows<'a> {
    pub(super) model: &'a str,
    pub(super) rows: &'a [ResultRow],
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows.iter().map(|row| RowDocument::of(self.model, row)))
    }
}

/// The tidy shape; the order of its keys is part of the contract.
#[derive(Serialize)]
pub(super) struct RowDocument<'a> {
    model: &'a str,
    version: Option<&'a str>,
    pub(super) window_start: Option<String>,
    pub(super) window_end: Option<String>,
    segment: Option<String>,
    column: Option<&'a str>,
    pub(super) class: Option<&'a str>,
    pub(super) kind: &'static str,
    pub(super) name: &'static str,
    params: ParamsDocument<'a>,
    pub(super) value: Option<f64>,
    pub(super) lower: Option<f64>,
    pub(super) upper: Option<f64>,
    p_value: Option<f64>,
    threshold: Option<f64>,
    verdict: Option<&'static str>,
    reason: Option<&'static str>,
    rows: u64,
    targets: Option<u64>,
}

/// Parameters and labels of a row, its corrected p-value and its error bound as numbers.
struct ParamsDocument<'a>(&'a ResultRow);

impl Serialize for ParamsDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (label, value) in &self.0.params {
            let is_number = label.starts_with("p_value_") || *label == CONSTANT;
            match is_number.then(|| value.parse::<f64>()) {
                Some(Ok(number)) => map.serialize_entry(label, &number)?,
                _ => map.serialize_entry(label, value)?,
            }
        }
        if let Some(bound) = measure(self.0).and_then(|measure| measure.error_bound) {
            map.serialize_entry("error_bound", &bound)?;
        }
        map.end()
    }
}

impl<'a> RowDocument<'a> {
    pub(super) fn of(model: &'a str, row: &'a ResultRow) -> Self {
        let value = measure(row);
        let interval = value.and_then(|measure| measure.interval);
        Self {
            model,
            version: row.scope.version.as_deref(),
            window_start: row.scope.window.map(|window| window.start.to_rfc3339()),
            window_end: row.scope.window.map(|window| window.end.to_rfc3339()),
            segment: row.scope.segment.as_ref().map(segment_text),
            column: row.column.as_deref(),
            class: row.class.as_deref(),
            kind: row.kind.id(),
            name: row.name,
            params: ParamsDocument(row),
            value: value.and_then(|measure| finite(measure.value)),
            lower: interval.and_then(|interval| finite(interval.lower)),
            upper: interval.and_then(|interval| finite(interval.upper)),
            p_value: value.and_then(|measure| measure.p_value).and_then(finite),
            threshold: row.threshold.and_then(finite),
            verdict: verdict(row),
            reason: reason(row),
            rows: row.rows,
            targets: row.targets,
        }
    }
}

/// A value that does not exist is a verdict too: undefined.
fn verdict(row: &ResultRow) -> Option<&'static str> {
    match (&row.verdict, row.outcome.reason()) {
        (Some(verdict), _) => Some(verdict.id()),
        (None, Some(_)) => Some("undefined"),
        (None, None) => None,
    }
}

/// Why there is no value or no verdict; `provisional` where both exist but may still change.
fn reason(row: &ResultRow) -> Option<&'static str> {
    match (row.outcome.reason(), &row.verdict) {
        (Some(reason), _) | (None, Some(Verdict::Undefined(reason))) => Some(reason.id()),
        _ if row.is_provisional => Some("provisional"),
        _ => None,
    }
}

fn measure(row: &ResultRow) -> Option<&Measure> {
    row.outcome.defined()
}

/// JSON has no NaN and no infinity.
pub(super) fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// `country=DE`; all values beyond the most frequent ones are `country=<other>`.
pub(super) fn segment_text(segment: &Segment) -> String {
    let value = segment.value.as_deref().unwrap_or("<other>");
    format!("{}={value}", segment.column)
}
