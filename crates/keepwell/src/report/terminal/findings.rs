//! The findings: a sentence each, worst first, with a small picture.

use keepwell_core::decide::Verdict;
use keepwell_monitor::finding::Finding;
use keepwell_monitor::report::Report;

use super::page::{Ink, Page, Span, spans, width};
use super::{ink, pictures};
use crate::report::digest::Selection;
use crate::report::texts::Texts;
use crate::report::texts::claim::Claim;
use crate::report::texts::phrase::Phrase;

/// Findings about all rows that are told in full.
const N_WHOLE: usize = 7;
/// Findings about segments and versions that are told in full.
const N_PARTS: usize = 2;
/// Findings with a picture.
const N_PICTURES: usize = 4;
/// Further facts of one finding that are told.
const N_ALSO: usize = 2;

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
            has_strip |= pictures::write(page, report, finding, texts, indent);
        }
    }
    rest(page, &selection.rest, texts, indent);
    if has_strip {
        let legend = Span::new(Ink::Quiet, texts.labels().strip_legend);
        page.paragraph(&[Span::new(Ink::Plain, " ")], 2, &[legend]);
    }
}

fn also(page: &mut Page, report: &Report, finding: &Finding, texts: &dyn Texts, indent: usize) {
    let further = &finding.episodes[1..];
    if further.is_empty() {
        return;
    }
    let claims: Vec<Phrase> = further
        .iter()
        .map(|episode| texts.brief(&Claim::of(report, episode)))
        .collect();
    let body = format!(
        "{}{}",
        texts.labels().also,
        texts.clauses(&claims, N_ALSO).marked()
    );
    page.paragraph(&[], indent, &spans(&Phrase::new(&body), Ink::Quiet));
}

fn rest(page: &mut Page, rest: &[&Finding], texts: &dyn Texts, indent: usize) {
    if rest.is_empty() {
        return;
    }
    let n_alerts = rest
        .iter()
        .filter(|finding| finding.verdict == Verdict::Alert)
        .count();
    let names: Vec<Phrase> = rest.iter().map(|finding| texts.subject(finding)).collect();
    let body = texts.further(n_alerts, rest.len() - n_alerts, &texts.list(&names, 6));
    page.paragraph(&[], indent, &spans(&body, Ink::Plain));
}
