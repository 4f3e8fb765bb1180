//! The metrics: reference beside now, and the segments that lost most.

use keepwell_monitor::report::Report;
use keepwell_monitor::row::ResultRow;

use super::page::{Ink, Page, Span, shortened, spans};
use super::table::{self, Field};
use super::{ink, sketch};
use crate::report::digest::{MetricSeries, metrics, segment_losses, versions};
use crate::report::texts::claim::MetricName;
use crate::report::texts::number::{Estimate, bare_in_table, estimate_in_table};
use crate::report::texts::phrase::{Phrase, name};
use crate::report::texts::{Texts, date, yardstick};

/// Metrics that are shown.
const N_METRICS: usize = 10;
/// Versions that are shown.
const N_VERSIONS: usize = 4;
/// Segments that are shown.
const N_SEGMENTS: usize = 4;
/// Signs of a curve over windows.
const CURVE_WIDTH: usize = 30;

/// Writes the section; nothing where there are no metrics.
pub(super) fn write(page: &mut Page, report: &Report, texts: &dyn Texts) {
    let labels = texts.labels();
    let series: Vec<(Span, MetricSeries<'_>)> = metrics(report, None)
        .into_iter()
        .take(N_METRICS)
        .map(|series| (metric(series.sample, texts), series))
        .collect();
    if !series.is_empty() {
        page.heading(labels.metrics);
        over_windows(page, report, labels.metric, &series, texts);
        let is_provisional = series
            .iter()
            .filter_map(|(_, series)| series.latest())
            .any(|row| row.is_provisional);
        if is_provisional {
            let note = Span::new(Ink::Quiet, labels.provisional);
            page.paragraph(&[Span::new(Ink::Plain, " ")], 2, &[note]);
        }
    }
    let versions: Vec<(Span, MetricSeries<'_>)> = versions(report)
        .into_iter()
        .take(N_VERSIONS)
        .map(|(version, series)| {
            let version = Phrase::new(&name(version)).to_string();
            (Span::new(Ink::Name, shortened(&version, 28)), series)
        })
        .collect();
    if let Some((_, first)) = versions.first() {
        page.blank();
        let heading = texts.by_version(&texts.metric(&MetricName::of(first.sample)));
        page.line(&spans(&heading, Ink::Strong));
        over_windows(page, report, labels.version, &versions, texts);
    }
    segments(page, report, texts);
}

/// One line for each series: reference, worst and latest window, curve and verdict; without windows the
/// reference beside now.
fn over_windows(
    page: &mut Page,
    report: &Report,
    title: &str,
    series: &[(Span, MetricSeries<'_>)],
    texts: &dyn Texts,
) {
    let labels = texts.labels();
    let has_windows = report.facts.windows.len() > 1;
    let fields = [
        field(title, false, 0),
        field(labels.reference, true, 0),
        field(labels.worst, false, 2),
        field(
            if has_windows {
                labels.latest
            } else {
                labels.current
            },
            true,
            0,
        ),
        field(labels.interval, true, 3),
        field(labels.constant, true, 4),
        field(labels.by_window, false, 1),
        field(labels.verdict, false, 0),
    ];
    let rows: Vec<Vec<Span>> = series
        .iter()
        .map(|(label, series)| {
            let latest = numbers(series.latest(), series);
            let constant = series
                .latest()
                .and_then(yardstick)
                .map_or_else(String::new, bare_in_table);
            let (mut worst, mut curve) = (String::new(), String::new());
            if has_windows {
                worst = series.worst().map_or_else(String::new, |row| {
                    let window = row.scope.window.map_or_else(String::new, |window| {
                        format!(" ({})", date::window(window, texts.lang()))
                    });
                    format!("{}{window}", numbers(Some(row), series).value)
                });
                curve = sketch::curve(&series.values(), series.span_min(), CURVE_WIDTH);
            }
            vec![
                label.clone(),
                plain(latest.reference.unwrap_or_default()),
                plain(worst),
                plain(latest.value),
                plain(latest.interval.unwrap_or_default()),
                Span::new(Ink::Quiet, constant),
                Span::new(Ink::Quiet, curve),
                verdict(series, texts),
            ]
        })
        .collect();
    table::write(page, &fields, &rows);
}

fn segments(page: &mut Page, report: &Report, texts: &dyn Texts) {
    let losses = segment_losses(report, N_SEGMENTS);
    let Some(first) = losses.first() else { return };
    let labels = texts.labels();
    page.blank();
    let heading = texts.weakest_segments(&texts.metric(&MetricName::of(first.row)));
    page.line(&spans(&heading, Ink::Strong));
    let has_windows = report.facts.windows.len() > 1;
    let fields = [
        field(labels.segment, false, 0),
        field(labels.reference, true, 0),
        field(
            if has_windows {
                labels.worst
            } else {
                labels.current
            },
            true,
            0,
        ),
        field(labels.interval, true, 1),
        field(labels.window, false, 2),
        field(labels.verdict, false, 0),
    ];
    let rows: Vec<Vec<Span>> = losses
        .iter()
        .filter_map(|loss| {
            let measure = loss.row.outcome.defined()?;
            let numbers = estimate_in_table(measure, loss.reference.map(|own| own.value));
            let segment = texts.scope(Some(loss.segment), None)?.to_string();
            let window = loss
                .row
                .scope
                .window
                .filter(|_| has_windows)
                .map_or_else(String::new, |window| date::window(window, texts.lang()));
            let verdict = loss.row.verdict.as_ref()?;
            Some(vec![
                Span::new(Ink::Name, shortened(&segment, 28)),
                plain(numbers.reference.unwrap_or_default()),
                plain(numbers.value),
                plain(numbers.interval.unwrap_or_default()),
                plain(window),
                Span::new(ink(verdict), texts.verdict(verdict)),
            ])
        })
        .collect();
    table::write(page, &fields, &rows);
}

pub(super) fn field(title: &str, is_right: bool, rank: u8) -> Field<'_> {
    Field {
        title,
        is_right,
        rank,
    }
}

pub(super) fn plain(text: String) -> Span {
    Span::new(Ink::Plain, text)
}

fn metric(row: &ResultRow, texts: &dyn Texts) -> Span {
    let name = texts.metric(&MetricName::of(row)).to_string();
    plain(shortened(&name, 24))
}

fn verdict(series: &MetricSeries<'_>, texts: &dyn Texts) -> Span {
    match series.verdict() {
        Some(verdict) => Span::new(ink(verdict), texts.verdict(verdict)),
        None => plain(String::new()),
    }
}

/// Value and interval of one window beside the reference; a provisional value bears a star.
fn numbers(row: Option<&ResultRow>, series: &MetricSeries<'_>) -> Estimate {
    let reference = series.reference.map(|own| own.value);
    let Some((row, measure)) = row.and_then(|row| row.outcome.defined().map(|value| (row, value)))
    else {
        return Estimate {
            value: String::new(),
            interval: None,
            reference: None,
        };
    };
    let mut numbers = estimate_in_table(measure, reference);
    if row.is_provisional {
        numbers.value.push('*');
    }
    numbers
}
