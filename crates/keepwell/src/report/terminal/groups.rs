//! Groups that are to be treated alike, and metrics that are estimated without targets.

use keepwell_monitor::report::Report;

use super::ink;
use super::metrics::{field, plain};
use super::page::{Ink, Page, Span, shortened};
use super::table;
use crate::report::digest::{disparities, estimates, metrics};
use crate::report::texts::claim::{MetricName, groups_of};
use crate::report::texts::number::estimate_in_table;
use crate::report::texts::phrase::{Phrase, name};
use crate::report::texts::{Texts, date};

/// Lines of either section.
const N_ROWS: usize = 6;
/// Columns that the name of a group may take.
const GROUP_WIDTH: usize = 12;

/// Writes both sections; nothing of one that has nothing to say.
pub(super) fn write(page: &mut Page, report: &Report, texts: &dyn Texts) {
    groups(page, report, texts);
    expected(page, report, texts);
}

fn groups(page: &mut Page, report: &Report, texts: &dyn Texts) {
    let found = disparities(report);
    if found.is_empty() {
        return;
    }
    let labels = texts.labels();
    page.heading(labels.groups);
    let fields = [
        field(labels.measure, false, 0),
        field(labels.column, false, 0),
        field(labels.value, true, 0),
        field(labels.interval, true, 2),
        field(labels.apart, false, 1),
        field(labels.window, false, 3),
        field(labels.verdict, false, 0),
    ];
    let has_windows = report.facts.windows.len() > 1;
    let quoted = |text: &str, width: usize| shortened(&Phrase::new(&name(text)).to_string(), width);
    let rows: Vec<Vec<Span>> = found
        .iter()
        .take(N_ROWS)
        .filter_map(|row| {
            let numbers = row
                .outcome
                .defined()
                .map(|measure| estimate_in_table(measure, None));
            let (value, interval) = match numbers {
                Some(numbers) => (numbers.value, numbers.interval.unwrap_or_default()),
                None => (labels.none.to_owned(), String::new()),
            };
            let apart = groups_of(row).map_or_else(String::new, |(least, greatest)| {
                let (least, greatest) = (quoted(least, GROUP_WIDTH), quoted(greatest, GROUP_WIDTH));
                format!("{least} – {greatest}")
            });
            let window = row
                .scope
                .window
                .filter(|_| has_windows)
                .map_or_else(String::new, |window| date::window(window, texts.lang()));
            let verdict = row.verdict.as_ref()?;
            Some(vec![
                plain(shortened(&texts.entry(row.name), 28)),
                Span::new(Ink::Name, quoted(row.column.as_deref()?, 20)),
                plain(value),
                plain(interval),
                Span::new(Ink::Name, apart),
                plain(window),
                Span::new(ink(verdict), texts.verdict(verdict)),
            ])
        })
        .collect();
    table::write(page, &fields, &rows);
}

fn expected(page: &mut Page, report: &Report, texts: &dyn Texts) {
    let found = estimates(report, &metrics(report, None));
    if found.is_empty() {
        return;
    }
    let labels = texts.labels();
    page.heading(labels.estimates);
    let has_windows = report.facts.windows.len() > 1;
    let fields = [
        field(labels.metric, false, 0),
        field(labels.reference, true, 0),
        field(labels.estimate, true, 0),
        field(labels.interval, true, 1),
        field(labels.window, false, 2),
    ];
    let rows: Vec<Vec<Span>> = found
        .iter()
        .take(N_ROWS)
        .filter_map(|expected| {
            let measure = expected.row.outcome.defined()?;
            let numbers = estimate_in_table(measure, expected.reference.map(|own| own.value));
            let metric = texts.metric(&MetricName::estimated(expected.metric, expected.row));
            let window = expected
                .row
                .scope
                .window
                .filter(|_| has_windows)
                .map_or_else(String::new, |window| date::window(window, texts.lang()));
            Some(vec![
                plain(shortened(&metric.to_string(), 24)),
                plain(numbers.reference.unwrap_or_default()),
                plain(numbers.value),
                plain(numbers.interval.unwrap_or_default()),
                plain(window),
            ])
        })
        .collect();
    table::write(page, &fields, &rows);
    let lead = Span::new(Ink::Quiet, labels.estimates_lead);
    page.paragraph(&[Span::new(Ink::Plain, " ")], 2, &[lead]);
}
