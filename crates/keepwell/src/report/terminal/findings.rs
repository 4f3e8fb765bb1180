//! The findings: a sentence each, worst first, with a small picture.

use keepwell_core::decide::Verdict;
use keepwell_monitor::finding::{Episode, Finding, Subject};
use keepwell_monitor::report::Report;
use keepwell_monitor::row::ResultKind;
use keepwell_monitor::shape::{Bins, Shape};

use super::page::{Ink, Page, Span, spans, width};
use super::{ink, sketch};
use crate::report::digest::{Mark, Selection, marks};
use crate::report::texts::claim::Claim;
use crate::report::texts::phrase::{Phrase, name};
use crate::report::texts::{Texts, date, number};

/// Findings about all rows that are told in full.
const N_WHOLE: usize = 8;
/// Findings about segments and versions that are told in full.
const N_PARTS: usize = 3;
/// Findings with a picture.
const N_PICTURES: usize = 6;
/// Further facts of one finding that are told.
const N_ALSO: usize = 2;
/// Signs of a strip over windows.
const STRIP_WIDTH: usize = 40;

/// Writes the section; nothing where nothing was found.
pub(super) fn write(page: &mut Page, report: &Report, texts: &dyn Texts) {
    if report.findings.is_empty() {
        return;
    }
    page.heading(texts.labels().findings);
    let indent = 4 + [Verdict::Alert, Verdict::Warning]
        .iter()
        .map(|verdict| width(texts.marker(verdict)))
        .max()
        .unwrap_or(0);
    let selection = Selection::of(report, N_WHOLE, N_PARTS);
    let mut has_strip = false;
    for (idx, finding) in selection.shown.iter().enumerate() {
        let Some(first) = finding.episodes.first() else {
            continue;
        };
        page.paragraph(
            &[
                Span::new(Ink::Plain, "  "),
                Span::new(ink(&finding.verdict), texts.marker(&finding.verdict)),
            ],
            indent,
            &spans(&texts.sentence(report, finding, first), Ink::Plain),
        );
        also(page, report, finding, texts, indent);
        if idx < N_PICTURES {
            distribution(page, report, finding, texts, indent);
            has_strip |= over_time(page, report, finding, first, texts, indent);
        }
    }
    rest(page, &selection.rest, texts);
    if has_strip {
        page.paragraph(
            &[],
            2,
            &[Span::new(Ink::Quiet, texts.labels().strip_legend)],
        );
    }
}

fn also(page: &mut Page, report: &Report, finding: &Finding, texts: &dyn Texts, indent: usize) {
    let further = &finding.episodes[1..];
    if further.is_empty() {
        return;
    }
    let claims: Vec<Phrase> = further
        .iter()
        .map(|episode| texts.claim(&Claim::of(report, episode)))
        .collect();
    let body = format!(
        "{} {}",
        texts.labels().also,
        texts.clauses(&claims, N_ALSO).marked()
    );
    page.paragraph(&[], indent, &spans(&Phrase::new(&body), Ink::Quiet));
}

/// Reference beside the worst window, for a column that drifted.
fn distribution(
    page: &mut Page,
    report: &Report,
    finding: &Finding,
    texts: &dyn Texts,
    indent: usize,
) {
    // Pictures are of all rows.
    if finding.segment.is_some() || finding.version.is_some() {
        return;
    }
    let Subject::Column(column) = &finding.subject else {
        return;
    };
    let drift = finding
        .episodes
        .iter()
        .find(|episode| report.rows[episode.worst.row_idx].kind == ResultKind::Drift);
    let shape = report
        .pictures
        .iter()
        .find(|picture| picture.column.name == *column)
        .and_then(|picture| picture.shape.as_ref());
    let (Some(drift), Some(shape)) = (drift, shape) else {
        return;
    };
    let window = report.rows[drift.worst.row_idx].scope.window;
    let idx = window
        .and_then(|window| {
            report
                .facts
                .windows
                .iter()
                .position(|known| *known == window)
        })
        .unwrap_or(0);
    let Some(current) = shape.windows.get(idx) else {
        return;
    };
    let label = match window {
        Some(window) if report.facts.windows.len() > 1 => date::window(window, texts.lang()),
        _ => texts.labels().current.to_owned(),
    };
    let (reference, current) = (bars(shape, &shape.reference), bars(shape, current));
    let top = reference
        .iter()
        .chain(&current)
        .copied()
        .fold(0.0, f64::max);
    let own = format!(
        "{} {}",
        texts.labels().reference,
        sketch::histogram(&reference, top)
    );
    let now = format!("{label} {}", sketch::histogram(&current, top));
    let axis = axis(shape, texts);
    let line = |parts: &[&str]| format!("{}{}", " ".repeat(indent), parts.join("  "));
    let together = line(&[&own, &now, &axis]);
    if width(&together) <= page.width() {
        page.line(&[Span::new(Ink::Quiet, together)]);
    } else {
        page.line(&[Span::new(Ink::Quiet, line(&[&own, &axis]))]);
        // Both histograms begin below each other.
        let gap = width(texts.labels().reference).saturating_sub(width(&label));
        let below = format!("{}{now}", " ".repeat(gap));
        page.line(&[Span::new(Ink::Quiet, line(&[&below]))]);
    }
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

/// What stands below the bars: the ends of a number, the first few names.
fn axis(shape: &Shape, texts: &dyn Texts) -> String {
    match &shape.bins {
        Bins::Edges(edges) => match (edges.first(), edges.last()) {
            (Some(&low), Some(&high)) => number::range(low, high),
            _ => String::new(),
        },
        Bins::Names(names) => {
            let names: Vec<Phrase> = names
                .iter()
                .map(|text| Phrase::new(&name(&super::page::shortened(text, 12))))
                .collect();
            let shown = texts.list(&names[..names.len().min(3)], 3).to_string();
            if names.len() > 3 {
                format!("{shown} …")
            } else {
                shown
            }
        }
    }
}

/// The strip over windows; whether there is one.
fn over_time(
    page: &mut Page,
    report: &Report,
    finding: &Finding,
    episode: &Episode,
    texts: &dyn Texts,
    indent: usize,
) -> bool {
    let windows = &report.facts.windows;
    let (Some(first), Some(last)) = (windows.first(), windows.last()) else {
        return false;
    };
    if windows.len() < 2 {
        return false;
    }
    let marks: Vec<Mark> = marks(report, finding, episode);
    let body = format!(
        "{} {} {} {}",
        texts.labels().by_window,
        date::window(*first, texts.lang()),
        sketch::strip(&marks, STRIP_WIDTH),
        date::window(*last, texts.lang()),
    );
    page.line(&[Span::new(
        Ink::Quiet,
        format!("{}{body}", " ".repeat(indent)),
    )]);
    true
}

fn rest(page: &mut Page, rest: &[&Finding], texts: &dyn Texts) {
    if rest.is_empty() {
        return;
    }
    let n_alerts = rest
        .iter()
        .filter(|finding| finding.verdict == Verdict::Alert)
        .count();
    let names: Vec<Phrase> = rest.iter().map(|finding| texts.subject(finding)).collect();
    let body = texts.further(n_alerts, rest.len() - n_alerts, &texts.list(&names, 6));
    page.paragraph(&[Span::new(Ink::Plain, "  ")], 4, &spans(&body, Ink::Plain));
}
