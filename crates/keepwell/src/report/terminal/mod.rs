//! The summary on the terminal: understood at once, worst first, in plain words.
//!
//! In reading order: [`page`] wraps and colours, [`sketch`] draws, [`table`] aligns; [`findings`] with
//! its [`pictures`] and [`metrics`] write the two large sections, [`groups`] two small ones.

mod page;

mod sketch;

mod table;

mod pictures;

mod findings;

mod metrics;

mod groups;

use keepwell_core::decide::Verdict;
use keepwell_monitor::report::Report;

use self::page::{Ink, Page, Span, spans, spans_with_names};
use super::digest::{Columns, Tally, gaps};
use super::texts::phrase::{Phrase, name};
use super::texts::{Lang, Texts};

/// Least width that is written for; a narrower terminal wraps by itself.
const WIDTH_MIN: usize = 60;
/// Lines longer than this are hard to read.
const WIDTH_MAX: usize = 110;
/// Columns that the name of a file may take.
const FILE_WIDTH: usize = 44;
/// Reasons that are shown.
const N_GAPS: usize = 6;

/// How the terminal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether it takes colours.
    pub color: bool,
    /// Its columns; taken as at least 60 and used up to 110.
    pub width: usize,
}

/// Writes the summary; every line ends with a line feed. Names from the data are shown without control
/// characters, so nothing in them reaches the terminal as a command.
pub fn render(report: &Report, lang: Lang, style: Style) -> String {
    let texts = lang.texts();
    let mut page = Page::new(Style {
        width: style.width.clamp(WIDTH_MIN, WIDTH_MAX),
        ..style
    });
    headline(&mut page, report, texts);
    compared(&mut page, report, texts);
    findings::write(&mut page, report, texts);
    metrics::write(&mut page, report, texts);
    groups::write(&mut page, report, texts);
    not_computed(&mut page, report, texts);
    closing(&mut page, report, texts);
    page.finish()
}

/// Ink of a verdict.
fn ink(verdict: &Verdict) -> Ink {
    match verdict {
        Verdict::Ok => Ink::Good,
        Verdict::Warning => Ink::Warning,
        Verdict::Alert => Ink::Alert,
        Verdict::Undefined(_) => Ink::Quiet,
    }
}

fn headline(page: &mut Page, report: &Report, texts: &dyn Texts) {
    let tally = Tally::of(report);
    let mut label = Vec::new();
    if let Some(verdict) = tally.verdict() {
        label.push(Span::new(ink(&verdict), texts.marker(&verdict)));
        label.push(Span::new(Ink::Plain, "  "));
    }
    page.paragraph(&label, 0, &[Span::new(Ink::Strong, texts.headline(&tally))]);
    page.blank();
}

/// What was compared.
fn compared(page: &mut Page, report: &Report, texts: &dyn Texts) {
    let lines = texts.run(report);
    let indent = lines
        .iter()
        .map(|(label, _)| page::width(label))
        .max()
        .unwrap_or(0)
        + 2;
    for (label, body) in &lines {
        page.paragraph(
            &[Span::new(Ink::Quiet, *label)],
            indent,
            &spans_with_names(body, Ink::Plain, FILE_WIDTH),
        );
    }
}

fn not_computed(page: &mut Page, report: &Report, texts: &dyn Texts) {
    let gaps = gaps(report);
    if gaps.is_empty() {
        return;
    }
    page.heading(texts.labels().not_computed);
    for gap in gaps.iter().take(N_GAPS) {
        let body = spans(&texts.gap(gap, report.facts.windows.len(), 6), Ink::Plain);
        page.paragraph(&[Span::new(Ink::Plain, "  -")], 4, &body);
    }
    if gaps.len() > N_GAPS {
        let more = texts.more(gaps.len() - N_GAPS);
        page.paragraph(&[], 2, &[Span::new(Ink::Quiet, more)]);
    }
}

fn closing(page: &mut Page, report: &Report, texts: &dyn Texts) {
    page.blank();
    let columns = Columns::of(report);
    if !columns.unchanged.is_empty() {
        let names: Vec<Phrase> = columns
            .unchanged
            .iter()
            .map(|column| Phrase::new(&name(column)))
            .collect();
        let quiet = texts.quiet(names.len(), &texts.list(&names, 8));
        page.paragraph(&[], 0, &spans(&quiet, Ink::Quiet));
    }
    for line in [texts.rule(report).as_str(), texts.labels().hint] {
        page.paragraph(&[], 0, &[Span::new(Ink::Quiet, line)]);
    }
}

#[cfg(test)]
mod tests;
