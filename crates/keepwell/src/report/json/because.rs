//! Where a change of a metric lies: its parts by segment and by column.

use keepwell_monitor::report::Report;
use keepwell_monitor::row::ResultRow;
use serde::Serialize;

use super::row::finite;

/// Parts of a change, in the unit of the metric. Those of each segment column add up to it, and so do those of the
/// columns with what they leave unexplained.
#[derive(Serialize)]
pub(super) struct BecauseDocument<'a> {
    segments: Vec<SegmentParts<'a>>,
    columns: Vec<ColumnDocument<'a>>,
    unexplained: Option<f64>,
}

#[derive(Serialize)]
struct SegmentParts<'a> {
    column: &'a str,
    parts: Vec<ValuePart<'a>>,
}

#[derive(Serialize)]
struct ValuePart<'a> {
    /// `null` stands for all that has no name of its own.
    value: Option<&'a str>,
    part: Option<f64>,
}

#[derive(Serialize)]
struct ColumnDocument<'a> {
    column: &'a str,
    part: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
}

/// Where the change behind this row lies; `None` where it is not divided.
pub(super) fn of<'a>(report: &'a Report, row: &ResultRow) -> Option<BecauseDocument<'a>> {
    let segments: Vec<SegmentParts<'a>> = report
        .why_segments(row)
        .map(|own| SegmentParts {
            column: &own.column,
            parts: own
                .parts
                .iter()
                .map(|(value, part)| ValuePart {
                    value: value.as_deref(),
                    part: finite(*part),
                })
                .collect(),
        })
        .collect();
    let of_columns = report.why_columns(row);
    let columns = of_columns.map_or_else(Vec::new, |own| {
        let parts = own.parts.parts.iter();
        parts
            .map(|part| {
                let (lower, upper) = part.interval();
                ColumnDocument {
                    column: &part.column,
                    part: finite(part.part),
                    lower: finite(lower),
                    upper: finite(upper),
                }
            })
            .collect()
    });
    (!segments.is_empty() || of_columns.is_some()).then(|| BecauseDocument {
        segments,
        columns,
        unexplained: of_columns.and_then(|own| finite(own.parts.rest)),
    })
}
