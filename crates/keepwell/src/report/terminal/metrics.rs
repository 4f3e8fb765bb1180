//! The metrics: reference beside now, and the segments that lost most.

use keepwell_monitor::report::Report;
use keepwell_monitor::row::ResultRow;

use super::page::{Ink, Page, Span, shortened, spans};
use super::table::{self, Field};
use super::{ink, sketch};
use crate::report::digest::{MetricSeries, metrics, segment_losses};
use crate::report::texts::claim::MetricName;
use crate::report::texts::number::{Estimate, estimate};
use crate::report::texts::{Texts, date};

/// Metrics that are shown.
const N_METRICS: usize = 10;
/// Segments that are shown.
const N_SEGMENTS: usize = 4;
/// Signs of a curve over windows.
const CURVE_WIDTH: usize = 30;

/// Writes the section; nothing where there are no metrics.
pub(super) fn write(page: &mut Page, report: &Report, texts: &dyn Texts) {
    let mut series = metrics(report);
    // A metric that is defined nowhere is told under "not judged".
    series.retain(|series| {
        series
            .latest()
            .is_some_and(|row| row.outcome.defined().is_some())
    });
    series.truncate(N_METRICS);
    if !series.is_empty() {
        page.heading(texts.labels().metrics);
        if report.facts.windows.len() > 1 {
            over_windows(page, &series, texts);
        } else {
            of_all(page, &series, texts);
        }
        let is_provisional = series
            .iter()
            .filter_map(MetricSeries::latest)
            .any(|row| row.is_provisional);
        if is_provisional {
            page.paragraph(&[], 2, &[Span::new(Ink::Quiet, texts.labels().provisional)]);
        }
    }
    segments(page, report, texts);
}

fn of_all(page: &mut Page, series: &[MetricSeries<'_>], texts: &dyn Texts) {
    let labels = texts.labels();
    let fields = [
        field(labels.metric, false, 0),
        field(labels.reference, true, 0),
        field(labels.current, true, 0),
        field(labels.interval, true, 1),
        field(labels.verdict, false, 0),
    ];
    let rows: Vec<Vec<Span>> = series
        .iter()
        .map(|series| {
            let numbers = numbers(series.latest(), series);
            vec![
                metric(series.sample, texts),
                plain(numbers.reference.unwrap_or_default()),
                plain(numbers.value),
                plain(numbers.interval.unwrap_or_default()),
                verdict(series, texts),
            ]
        })
        .collect();
    table::write(page, &fields, &rows);
}

fn over_windows(page: &mut Page, series: &[MetricSeries<'_>], texts: &dyn Texts) {
    let labels = texts.labels();
    let fields = [
        field(labels.metric, false, 0),
        field(labels.reference, true, 0),
        field(labels.worst, false, 2),
        field(labels.latest, true, 0),
        field(labels.interval, true, 3),
        field(labels.by_window, false, 1),
        field(labels.verdict, false, 0),
    ];
    let rows: Vec<Vec<Span>> = series
        .iter()
        .map(|series| {
            let latest = numbers(series.latest(), series);
            let worst = series.worst().map_or_else(String::new, |row| {
                let window = row.scope.window.map_or_else(String::new, |window| {
                    format!(" ({})", date::window(window, texts.lang()))
                });
                format!("{}{window}", numbers(Some(row), series).value)
            });
            vec![
                metric(series.sample, texts),
                plain(latest.reference.unwrap_or_default()),
                plain(worst),
                plain(latest.value),
                plain(latest.interval.unwrap_or_default()),
                Span::new(Ink::Quiet, sketch::curve(&series.values(), CURVE_WIDTH)),
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
            let numbers = estimate(measure, loss.reference.map(|own| own.value));
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

fn field(title: &str, is_right: bool, rank: u8) -> Field<'_> {
    Field {
        title,
        is_right,
        rank,
    }
}

fn plain(text: String) -> Span {
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
    let mut numbers = estimate(measure, reference);
    if row.is_provisional {
        numbers.value.push('*');
    }
    numbers
}
