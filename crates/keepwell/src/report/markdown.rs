//! A summary for a comment on a pull request.

use keepwell_core::decide::Verdict;
use keepwell_monitor::report::Report;
use keepwell_monitor::row::ResultRow;

use super::digest::{Columns, MetricSeries, Selection, Tally, gaps, metrics, segment_losses};
use super::texts::claim::{Claim, MetricName};
use super::texts::number::estimate;
use super::texts::phrase::{Phrase, Piece, name};
use super::texts::{Lang, Texts, date};

/// Findings about all rows that are told in full.
const N_WHOLE: usize = 15;
/// Findings about segments and versions that are told in full.
const N_PARTS: usize = 6;
/// Further facts of one finding that are told.
const N_ALSO: usize = 3;
/// Names in a list.
const N_NAMES: usize = 20;
/// Segments in the table.
const N_SEGMENTS: usize = 6;

/// Writes the summary in GitHub's dialect of Markdown. Names from the data stand in code spans, and
/// nothing in them or in notes is read as Markdown, HTML or a mention.
pub fn render(report: &Report, lang: Lang) -> String {
    let texts = lang.texts();
    let mut out = String::new();
    headline(&mut out, report, texts);
    findings(&mut out, report, texts);
    metric_table(&mut out, report, texts);
    segment_table(&mut out, report, texts);
    details(&mut out, report, texts);
    out
}

fn headline(out: &mut String, report: &Report, texts: &dyn Texts) {
    let tally = Tally::of(report);
    let marker = tally.verdict().map_or_else(String::new, |verdict| {
        format!("{} · ", texts.marker(&verdict))
    });
    let model = inline(&Phrase::new(&name(&report.facts.model)));
    out.push_str(&format!(
        "### {marker}{model}\n\n{}\n",
        escaped(&texts.headline(&tally))
    ));
}

fn findings(out: &mut String, report: &Report, texts: &dyn Texts) {
    let selection = Selection::of(report, N_WHOLE, N_PARTS);
    if selection.shown.is_empty() {
        return;
    }
    out.push_str(&format!("\n**{}**\n\n", escaped(texts.labels().findings)));
    for finding in &selection.shown {
        let Some(first) = finding.episodes.first() else {
            continue;
        };
        out.push_str(&format!(
            "- **{}** {}\n",
            texts.marker(&finding.verdict),
            inline(&texts.sentence(report, finding, first))
        ));
        let further: Vec<Phrase> = finding.episodes[1..]
            .iter()
            .map(|episode| texts.claim(&Claim::of(report, episode)))
            .collect();
        if !further.is_empty() {
            out.push_str(&format!(
                "  {} {}\n",
                escaped(texts.labels().also),
                inline(&texts.clauses(&further, N_ALSO))
            ));
        }
    }
    let rest = &selection.rest;
    if !rest.is_empty() {
        let n_alerts = rest
            .iter()
            .filter(|finding| finding.verdict == Verdict::Alert)
            .count();
        let names: Vec<Phrase> = rest.iter().map(|finding| texts.subject(finding)).collect();
        let line = texts.further(
            n_alerts,
            rest.len() - n_alerts,
            &texts.list(&names, N_NAMES),
        );
        out.push_str(&format!("- {}\n", inline(&line)));
    }
}

fn metric_table(out: &mut String, report: &Report, texts: &dyn Texts) {
    let mut series = metrics(report);
    series.retain(|series| {
        series
            .latest()
            .is_some_and(|row| row.outcome.defined().is_some())
    });
    if series.is_empty() {
        return;
    }
    let labels = texts.labels();
    let has_windows = report.facts.windows.len() > 1;
    let mut titles = vec![labels.metric, labels.reference];
    if has_windows {
        titles.extend([labels.worst, labels.latest]);
    } else {
        titles.push(labels.current);
    }
    titles.extend([labels.interval, labels.verdict]);
    let rows: Vec<Vec<String>> = series
        .iter()
        .map(|series| {
            let latest = cell(series.latest(), series, texts);
            let mut row = vec![
                table_cell(&texts.metric(&MetricName::of(series.sample))),
                latest.reference,
            ];
            if has_windows {
                row.push(cell(series.worst(), series, texts).value);
            }
            row.push(latest.value);
            row.push(latest.interval);
            row.push(
                series
                    .verdict()
                    .map_or_else(String::new, |verdict| emphasized(verdict, texts)),
            );
            row
        })
        .collect();
    out.push_str(&format!("\n**{}**\n\n", escaped(labels.metrics)));
    table(out, &titles, &rows);
    let is_provisional = series
        .iter()
        .filter_map(MetricSeries::latest)
        .any(|row| row.is_provisional);
    if is_provisional {
        out.push_str(&format!("\n{}\n", escaped(labels.provisional)));
    }
}

fn segment_table(out: &mut String, report: &Report, texts: &dyn Texts) {
    let losses = segment_losses(report, N_SEGMENTS);
    let Some(first) = losses.first() else { return };
    let labels = texts.labels();
    let heading = texts.weakest_segments(&texts.metric(&MetricName::of(first.row)));
    out.push_str(&format!("\n**{}**\n\n", inline(&heading)));
    let has_windows = report.facts.windows.len() > 1;
    let current = if has_windows {
        labels.worst
    } else {
        labels.current
    };
    let titles = [
        labels.segment,
        labels.reference,
        current,
        labels.interval,
        labels.verdict,
    ];
    let rows: Vec<Vec<String>> = losses
        .iter()
        .filter_map(|loss| {
            let reference = loss.reference.map(|own| own.value);
            let numbers = estimate(loss.row.outcome.defined()?, reference);
            let window = loss
                .row
                .scope
                .window
                .filter(|_| has_windows)
                .map_or_else(String::new, |window| {
                    format!(" ({})", date::window(window, texts.lang()))
                });
            Some(vec![
                table_cell(&texts.scope(Some(loss.segment), None)?),
                numbers.reference.unwrap_or_default(),
                format!("{}{window}", numbers.value),
                numbers.interval.unwrap_or_default(),
                emphasized(loss.row.verdict.as_ref()?, texts),
            ])
        })
        .collect();
    table(out, &titles, &rows);
}

fn details(out: &mut String, report: &Report, texts: &dyn Texts) {
    let labels = texts.labels();
    out.push_str(&format!(
        "\n<details>\n<summary>{}</summary>\n\n",
        escaped(labels.details)
    ));
    for (label, text) in texts.run(report) {
        out.push_str(&format!("- {}: {}\n", escaped(label), inline(&text)));
    }
    let gaps = gaps(report);
    if !gaps.is_empty() {
        out.push_str(&format!("\n**{}**\n\n", escaped(labels.not_computed)));
    }
    for gap in &gaps {
        let line = texts.gap(gap, report.facts.windows.len(), N_NAMES);
        out.push_str(&format!("- {}\n", inline(&line)));
    }
    let unchanged: Vec<Phrase> = Columns::of(report)
        .unchanged
        .iter()
        .map(|column| Phrase::new(&name(column)))
        .collect();
    out.push('\n');
    if !unchanged.is_empty() {
        let line = texts.quiet(unchanged.len(), &texts.list(&unchanged, N_NAMES));
        out.push_str(&format!("{}\n\n", inline(&line)));
    }
    out.push_str(&format!("{}\n\n</details>\n", escaped(&texts.rule(report))));
}

/// One value of a table of metrics.
struct Cell {
    reference: String,
    value: String,
    interval: String,
}

fn cell(row: Option<&ResultRow>, series: &MetricSeries<'_>, texts: &dyn Texts) -> Cell {
    let measured = row.and_then(|row| row.outcome.defined().map(|measure| (row, measure)));
    let Some((row, measure)) = measured else {
        return Cell {
            reference: String::new(),
            value: String::new(),
            interval: String::new(),
        };
    };
    let numbers = estimate(measure, series.reference.map(|own| own.value));
    let star = if row.is_provisional { "\\*" } else { "" };
    let window = match row.scope.window {
        Some(window) if series.cells.len() > 1 => {
            format!(" ({})", date::window(window, texts.lang()))
        }
        _ => String::new(),
    };
    Cell {
        reference: numbers.reference.unwrap_or_default(),
        value: format!("{}{star}{window}", numbers.value),
        interval: numbers.interval.unwrap_or_default(),
    }
}

fn emphasized(verdict: &Verdict, texts: &dyn Texts) -> String {
    match verdict {
        Verdict::Alert | Verdict::Warning => format!("**{}**", texts.verdict(verdict)),
        _ => texts.verdict(verdict).to_owned(),
    }
}

fn table(out: &mut String, titles: &[&str], rows: &[Vec<String>]) {
    out.push_str(&format!("| {} |\n", titles.join(" | ")));
    out.push_str(&format!("|{}\n", " --- |".repeat(titles.len())));
    for row in rows {
        out.push_str(&format!("| {} |\n", row.join(" | ")));
    }
}

/// A phrase inside a table, where a bar ends a cell even in a code span.
fn table_cell(phrase: &Phrase) -> String {
    inline(phrase).replace('|', "\\|")
}

/// A phrase outside of tables.
fn inline(phrase: &Phrase) -> String {
    phrase
        .pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => escaped(text),
            Piece::Name(name) => code(name),
        })
        .collect()
}

/// A code span around any text: its fence is longer than every run of backticks inside.
fn code(text: &str) -> String {
    let longest = text
        .split(|symbol| symbol != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let is_padded = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) || text.is_empty();
    let pad = if is_padded { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Text in which nothing is read as Markdown, HTML or a mention.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for symbol in text.chars() {
        match symbol {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '~' => {
                safe.push('\\');
                safe.push(symbol);
            }
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '@' => safe.push_str("&#64;"),
            other => safe.push(other),
        }
    }
    safe
}
