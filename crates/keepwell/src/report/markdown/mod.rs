//! A summary for a comment on a pull request.

mod groups;

use keepwell_core::decide::Verdict;
use keepwell_monitor::report::Report;
use keepwell_monitor::row::ResultRow;

use super::digest::{
    Columns, MetricSeries, Selection, Tally, gaps, metrics, segment_losses, versions,
};
use super::texts::claim::{Claim, MetricName};
use super::texts::number::{bare_in_table, estimate_in_table};
use super::texts::phrase::{Phrase, Piece, name};
use super::texts::{Lang, Texts, date, yardstick};

/// Findings about all rows that are told in full.
const N_WHOLE: usize = 15;
/// Findings about segments and versions that are told in full.
const N_PARTS: usize = 6;
/// Further facts of one finding that are told.
const N_ALSO: usize = 3;
/// Metrics in the table.
const N_METRICS: usize = 20;
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
    metric_tables(&mut out, report, texts);
    segment_table(&mut out, report, texts);
    groups::groups(&mut out, report, texts);
    groups::expected(&mut out, report, texts);
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
            .map(|episode| texts.brief(&Claim::of(report, episode)))
            .collect();
        if !further.is_empty() {
            out.push_str(&format!(
                "  {}{}\n",
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

fn metric_tables(out: &mut String, report: &Report, texts: &dyn Texts) {
    let labels = texts.labels();
    let series: Vec<(String, MetricSeries<'_>)> = metrics(report, None)
        .into_iter()
        .take(N_METRICS)
        .map(|series| {
            (
                table_cell(&texts.metric(&MetricName::of(series.sample))),
                series,
            )
        })
        .collect();
    if !series.is_empty() {
        out.push_str(&format!("\n**{}**\n\n", escaped(labels.metrics)));
        series_table(out, report, labels.metric, &series, texts);
        let is_provisional = series
            .iter()
            .filter_map(|(_, series)| series.latest())
            .any(|row| row.is_provisional);
        if is_provisional {
            out.push_str(&format!("\n{}\n", escaped(labels.provisional)));
        }
    }
    let versions: Vec<(String, MetricSeries<'_>)> = versions(report)
        .into_iter()
        .map(|(version, series)| (table_cell(&Phrase::new(&name(version))), series))
        .collect();
    if let Some((_, first)) = versions.first() {
        let heading = texts.by_version(&texts.metric(&MetricName::of(first.sample)));
        out.push_str(&format!("\n**{}**\n\n", inline(&heading)));
        series_table(out, report, labels.version, &versions, texts);
    }
}

/// One line for each series: reference, worst and latest window; without windows the reference beside now.
fn series_table(
    out: &mut String,
    report: &Report,
    title: &str,
    series: &[(String, MetricSeries<'_>)],
    texts: &dyn Texts,
) {
    let labels = texts.labels();
    let has_windows = report.facts.windows.len() > 1;
    let mut titles = vec![title, labels.reference];
    if has_windows {
        titles.extend([labels.worst, labels.latest]);
    } else {
        titles.push(labels.current);
    }
    titles.push(labels.interval);
    let has_constant = series
        .iter()
        .any(|(_, series)| series.latest().and_then(yardstick).is_some());
    titles.extend(has_constant.then_some(labels.constant));
    titles.push(labels.verdict);
    let rows: Vec<Vec<String>> = series
        .iter()
        .map(|(label, series)| {
            let latest = cell(series.latest(), series, texts);
            let mut row = vec![label.clone(), latest.reference];
            if has_windows {
                row.push(cell(series.worst(), series, texts).value);
            }
            row.extend([latest.value, latest.interval]);
            if has_constant {
                let constant = series.latest().and_then(yardstick);
                row.push(constant.map_or_else(String::new, bare_in_table));
            }
            row.push(
                series
                    .verdict()
                    .map_or_else(String::new, |verdict| emphasized(verdict, texts)),
            );
            row
        })
        .collect();
    table(out, &titles, &rows);
    if has_constant {
        out.push_str(&format!("\n{}\n", escaped(labels.constant_lead)));
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
            let numbers = estimate_in_table(loss.row.outcome.defined()?, reference);
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
    let numbers = estimate_in_table(measure, series.reference.map(|own| own.value));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::Sample;

    #[test]
    fn the_worst_stands_first_and_details_are_folded() {
        let text = render(&Sample::default().report(), Lang::En);
        assert!(text.starts_with(
            "### ALERT · `churn`\n\n10 alerts; 5 of 14 columns unchanged, 1 not judged\n\n\
             **Findings, worst first**\n\n- **ALERT** Log loss rose by 43 %, from 0.50 to 0.71"
        ));
        assert!(
            text.contains("| F1 | 0.858 | 0.702\\* (Dec 2013) | 0.702\\* (Dec 2013) | 0."),
            "{text}"
        );
        assert!(text.contains("| `country=DE` | 0.499 | 0.904 (Dec 2013) |"));
        assert!(text.contains("<summary>Details of the run</summary>\n\n- model: `churn`"));
        assert!(text.ends_with("</details>\n"));
    }

    #[test]
    fn versions_stand_side_by_side() {
        let sample = Sample {
            has_versions: true,
            ..Sample::default()
        };
        let text = render(&sample.report(), Lang::En);
        assert!(
            text.contains("**By version: log loss**\n\n| version | reference | worst window |")
        );
        assert!(
            text.contains("\n| `2` | 0.499 | 0.832 (Dec 2013) | 0.832 (Dec 2013) |"),
            "{text}"
        );
    }

    #[test]
    fn groups_and_estimates_have_tables() {
        let sample = Sample {
            has_groups: true,
            ..Sample::default()
        };
        let text = render(&sample.report(), Lang::En);
        assert!(text.contains("| equalized odds gap | `sex` | 0."), "{text}");
        assert!(text.contains("**Estimated without targets**\n\nEstimates cannot see"));
    }

    #[test]
    fn names_are_never_read_as_markup() {
        let sample = Sample {
            prefix: "``|<img src=x>@all*",
            ..Sample::default()
        };
        let text = render(&sample.report(), Lang::En);
        for line in text.lines().filter(|line| line.starts_with('|')) {
            let bars = line.replace("\\|", "").matches('|').count();
            assert!((6..=8).contains(&bars), "{line}");
        }
        let outside: String = text.split("```").step_by(2).collect();
        assert!(
            !outside.contains("<img") && !outside.contains("@all"),
            "{outside}"
        );
    }

    #[test]
    fn code_spans_hold_any_text() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code(""), "`  `");
        assert_eq!(escaped("a_b <c> @d"), "a\\_b &lt;c&gt; &#64;d");
    }

    #[test]
    fn a_quiet_run_in_chinese() {
        let sample = Sample {
            n_windows: 0,
            wrong: 0.0,
            ..Sample::default()
        };
        let text = render(&sample.report(), Lang::ZhCn);
        assert!(text.starts_with(
            "### 正常 · `churn`\n\n没有发现问题；14 列中 13 列无变化，1 列未判定；模型表现未下降\n"
        ), "{text}");
        assert!(text.contains("| 准确率 | 0.900 | 0.900 |"));
    }
}
