//! Pictures of a finding: its distribution then and now, and its fact over the windows.

use keepwell_monitor::finding::{Finding, Subject};
use keepwell_monitor::report::Report;
use keepwell_monitor::row::ResultKind;
use keepwell_monitor::shape::{Bins, Shape};

use super::page::{Ink, Page, Span, shortened, width};
use super::sketch;
use crate::report::digest::marks;
use crate::report::texts::phrase::{Phrase, name};
use crate::report::texts::{Texts, date, number};

/// Signs of a strip over windows.
const STRIP_WIDTH: usize = 40;
/// Categories that are named beside their bars.
const N_NAMES: usize = 3;

/// Draws what there is to draw, as many pictures to a line as fit; whether a strip is among them.
pub(super) fn write(
    page: &mut Page,
    report: &Report,
    finding: &Finding,
    texts: &dyn Texts,
    indent: usize,
) -> bool {
    let strip = strip(report, finding, texts);
    let has_strip = strip.is_some();
    let mut line = String::new();
    for picture in distribution(report, finding, texts)
        .into_iter()
        .flatten()
        .chain(strip)
    {
        if !line.is_empty() && indent + width(&line) + 2 + width(&picture) > page.width() {
            flush(page, &line, indent);
            line.clear();
        }
        if !line.is_empty() {
            line.push_str("  ");
        }
        line.push_str(&picture);
    }
    if !line.is_empty() {
        flush(page, &line, indent);
    }
    has_strip
}

fn flush(page: &mut Page, line: &str, indent: usize) {
    page.line(&[Span::new(
        Ink::Quiet,
        format!("{}{line}", " ".repeat(indent)),
    )]);
}

/// The reference with its axis, and the worst window, for a column that drifted.
fn distribution(report: &Report, finding: &Finding, texts: &dyn Texts) -> Option<[String; 2]> {
    // Pictures are of all rows.
    if finding.segment.is_some() || finding.version.is_some() {
        return None;
    }
    let Subject::Column(column) = &finding.subject else {
        return None;
    };
    let drift = finding
        .episodes
        .iter()
        .find(|episode| report.rows[episode.worst.row_idx].kind == ResultKind::Drift)?;
    let shape = report
        .pictures
        .iter()
        .find(|picture| picture.column.name == *column)
        .and_then(|picture| picture.shape.as_ref())?;
    let windows = &report.facts.windows;
    let window = report.rows[drift.worst.row_idx].scope.window;
    let idx = window.and_then(|window| windows.binary_search(&window).ok());
    let current = bars(shape, shape.windows.get(idx.unwrap_or(0))?);
    let reference = bars(shape, &shape.reference);
    let own_label = texts.labels().reference;
    let label = match window {
        Some(window) if windows.len() > 1 => date::window(window, texts.lang()),
        _ => texts.labels().current.to_owned(),
    };
    let greatest = |bars: &[f64]| bars.iter().copied().fold(0.0, f64::max);
    // A single spike now must not flatten the reference's shape.
    let top = greatest(&reference).max(greatest(&current).min(2.0 * greatest(&reference)));
    // Both begin below each other where they stand on two lines.
    let label_width = width(own_label).max(width(&label));
    let labelled = |label: &str, bars: &[f64]| {
        let gap = " ".repeat(label_width - width(label));
        format!("{gap}{label} {}", sketch::histogram(bars, top))
    };
    let axis = axis(shape, texts);
    Some([
        format!("{}  {axis}", labelled(own_label, &reference)),
        labelled(&label, &current),
    ])
}

/// The bins that are drawn: all but that of missing values, and "all others" only where it holds any.
fn bars(shape: &Shape, shares: &[f64]) -> Vec<f64> {
    let mut bars = shares[..shares.len().saturating_sub(1)].to_vec();
    if let Bins::Names(names) = &shape.bins {
        let has_others = std::iter::once(&shape.reference)
            .chain(&shape.windows)
            .any(|shares| shares.get(names.len()).is_some_and(|&share| share > 0.0));
        if !has_others {
            bars.truncate(names.len());
        }
    }
    bars
}

/// What the bars stand for: the ends of a number, the first few names.
fn axis(shape: &Shape, texts: &dyn Texts) -> String {
    match &shape.bins {
        Bins::Edges(edges) => match (edges.first(), edges.last()) {
            (Some(&low), Some(&high)) => number::range(low, high),
            _ => String::new(),
        },
        Bins::Names(names) => {
            let shown: Vec<Phrase> = names
                .iter()
                .take(N_NAMES)
                .map(|text| Phrase::new(&name(&shortened(text, 12))))
                .collect();
            let list = texts.list(&shown, N_NAMES).to_string();
            if names.len() > N_NAMES {
                format!("{list} …")
            } else {
                list
            }
        }
    }
}

/// The most urgent fact of the finding, one sign per window.
fn strip(report: &Report, finding: &Finding, texts: &dyn Texts) -> Option<String> {
    let windows = &report.facts.windows;
    let (first, last) = (*windows.first()?, *windows.last()?);
    if windows.len() < 2 {
        return None;
    }
    let marks = marks(report, finding, finding.episodes.first()?);
    Some(format!(
        "{} {} {}",
        date::window(first, texts.lang()),
        sketch::strip(&marks, STRIP_WIDTH),
        date::window(last, texts.lang()),
    ))
}
