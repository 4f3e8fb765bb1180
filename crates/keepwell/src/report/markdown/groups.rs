//! Groups that are to be treated alike, and metrics that are estimated without targets.

use keepwell_monitor::report::Report;

use super::{emphasized, escaped, table, table_cell};
use crate::report::digest::{disparities, estimates, metrics};
use crate::report::texts::claim::{MetricName, groups_of};
use crate::report::texts::number::estimate_in_table;
use crate::report::texts::phrase::{Phrase, name};
use crate::report::texts::{Texts, date};

/// One line for each measure of fairness and protected column.
pub(super) fn groups(out: &mut String, report: &Report, texts: &dyn Texts) {
    let rows = disparities(report);
    if rows.is_empty() {
        return;
    }
    let labels = texts.labels();
    out.push_str(&format!("\n**{}**\n\n", escaped(labels.groups)));
    let titles = [
        labels.measure,
        labels.column,
        labels.value,
        labels.interval,
        labels.apart,
        labels.verdict,
    ];
    let has_windows = report.facts.windows.len() > 1;
    let lines: Vec<Vec<String>> = rows
        .iter()
        .filter_map(|row| {
            let numbers = row
                .outcome
                .defined()
                .map(|measure| estimate_in_table(measure, None));
            let window = row
                .scope
                .window
                .filter(|_| has_windows && numbers.is_some())
                .map_or_else(String::new, |window| {
                    format!(" ({})", date::window(window, texts.lang()))
                });
            let apart = groups_of(row).map_or_else(String::new, |(least, greatest)| {
                table_cell(&Phrase::new(&format!(
                    "{} – {}",
                    name(least),
                    name(greatest)
                )))
            });
            let value = numbers
                .as_ref()
                .map_or(labels.none, |numbers| numbers.value.as_str());
            Some(vec![
                escaped(&texts.entry(row.name)),
                table_cell(&Phrase::new(&name(row.column.as_deref()?))),
                format!("{value}{window}"),
                numbers
                    .as_ref()
                    .and_then(|numbers| numbers.interval.clone())
                    .unwrap_or_default(),
                apart,
                emphasized(row.verdict.as_ref()?, texts),
            ])
        })
        .collect();
    table(out, &titles, &lines);
}

/// One line for each metric, with the warning of what an estimate cannot see.
pub(super) fn expected(out: &mut String, report: &Report, texts: &dyn Texts) {
    let rows = estimates(report, &metrics(report, None));
    if rows.is_empty() {
        return;
    }
    let labels = texts.labels();
    out.push_str(&format!(
        "\n**{}**\n\n{}\n\n",
        escaped(labels.estimates),
        escaped(labels.estimates_lead)
    ));
    let has_windows = report.facts.windows.len() > 1;
    let titles = [
        labels.metric,
        labels.reference,
        labels.estimate,
        labels.interval,
    ];
    let lines: Vec<Vec<String>> = rows
        .iter()
        .filter_map(|expected| {
            let measure = expected.row.outcome.defined()?;
            let numbers = estimate_in_table(measure, expected.reference.map(|own| own.value));
            let window = expected
                .row
                .scope
                .window
                .filter(|_| has_windows)
                .map_or_else(String::new, |window| {
                    format!(" ({})", date::window(window, texts.lang()))
                });
            Some(vec![
                table_cell(&texts.metric(&MetricName::estimated(expected.metric, expected.row))),
                numbers.reference.unwrap_or_default(),
                format!("{}{window}", numbers.value),
                numbers.interval.unwrap_or_default(),
            ])
        })
        .collect();
    table(out, &titles, &lines);
}
