//! English.

mod claims;

mod faults;

mod names;

mod notes;

mod series;

use keepwell_core::decide::Verdict;
use keepwell_core::outcome::Reason;
use keepwell_core::schema::{Kind, Role};
use keepwell_monitor::note::Note;
use keepwell_monitor::report::{Report, SegmentValues, Side};
use keepwell_monitor::row::ResultRow;

use super::claim::{Claim, Extent, MetricName, When};
use super::date::{self, Grain};
use super::labels::Labels;
use super::number::{count, estimate, share, value};
use super::phrase::{Phrase, name};
use super::{Lang, Texts, adjusted_p_value, number, printable};
use crate::report::digest::{Gap, Performance, Tally};

/// The texts.
pub(super) struct English;

static LABELS: Labels = Labels {
    model: "model",
    task: "task",
    positive: "positive class",
    reference: "reference",
    current: "current",
    windows: "windows",
    window: "window",
    versions: "versions",
    version: "version",
    segments: "segments",
    segment: "segment",
    guessed: "guessed",
    note: "note",
    findings: "Findings, worst first",
    also: "also: ",
    by_window: "by window",
    strip_legend: "One sign per window: · nothing found, ▂▄▆█ how far off, ? not judged.",
    metrics: "Performance",
    metric: "metric",
    worst: "worst window",
    latest: "latest window",
    constant: "constant",
    constant_lead: "Under “constant”: what always predicting the same would reach on the same targets.",
    verdict: "verdict",
    interval: "95 % interval",
    provisional: "* provisional: targets may still come, and the value may change.",
    groups: "Groups",
    measure: "measure",
    column: "column",
    value: "value",
    apart: "lowest – highest",
    estimates: "Estimated without targets",
    estimates_lead: "Estimates cannot see that the relation of inputs and target changed.",
    estimate: "estimate",
    performance: "performance",
    table: "rows as a whole",
    not_computed: "Not judged",
    reason: "reason",
    concerns: "concerns",
    approximate: "Computed from sketches: the JSON results state the error bounds.",
    hint: "More: --html FILE for charts, --json FILE for every result.",
    details: "Details of the run",
    none: "–",
};

impl Texts for English {
    fn lang(&self) -> Lang {
        Lang::En
    }

    fn labels(&self) -> &'static Labels {
        &LABELS
    }

    fn headline(&self, tally: &Tally) -> String {
        let mut parts = vec![match tally.verdict() {
            None => "Nothing could be judged".to_owned(),
            Some(Verdict::Ok) => "Nothing found".to_owned(),
            Some(_) => counted(tally.n_alerts, tally.n_warnings),
        }];
        if tally.n_columns > 0 && tally.n_decisions > 0 {
            let mut columns = format!(
                "{} of {} unchanged",
                count(tally.n_unchanged as u64),
                plural(tally.n_columns, "column")
            );
            if tally.n_undecided > 0 {
                columns.push_str(&format!(", {} not judged", count(tally.n_undecided as u64)));
            }
            parts.push(columns);
        }
        match tally.performance {
            Performance::Held => parts.push("performance held".to_owned()),
            Performance::NotJudged => parts.push("performance not judged".to_owned()),
            Performance::Worse | Performance::Absent => {}
        }
        parts.join("; ")
    }

    fn marker(&self, verdict: &Verdict) -> &'static str {
        match verdict {
            Verdict::Ok => "OK",
            Verdict::Warning => "WARNING",
            Verdict::Alert => "ALERT",
            Verdict::Undefined(_) => "NOT JUDGED",
        }
    }

    fn verdict(&self, verdict: &Verdict) -> &'static str {
        match verdict {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Alert => "alert",
            Verdict::Undefined(_) => "not judged",
        }
    }

    fn claim(&self, claim: &Claim<'_>) -> Phrase {
        Phrase::new(&self.say(claim))
    }

    fn brief(&self, claim: &Claim<'_>) -> Phrase {
        Phrase::new(&self.say_briefly(claim))
    }

    fn when(&self, when: &When) -> String {
        let label = |window| date::window(window, Lang::En);
        let (first, last) = (label(when.first), label(when.last));
        let at = match when.grain() {
            Grain::Year | Grain::Month => "in",
            Grain::Day => "on",
            Grain::Minute | Grain::Second => "at",
        };
        let n_of = format!("{} of {} windows", when.n_hit, when.n_decided);
        let worst = format!("worst {}", label(when.worst));
        let extent = match when.extent() {
            Extent::OnlyJudged => format!("{at} {first}, the only window judged"),
            Extent::All => format!("in all {} windows ({worst})", when.n_decided),
            Extent::Latest if when.n_hit == 1 => format!("new in the last window, {first}"),
            Extent::Latest => format!("in the last window, {first} ({n_of})"),
            Extent::Once if when.n_hit == 1 => format!("{at} {first} only"),
            Extent::Once => format!("{n_of}, {worst}"),
            Extent::Since if when.n_hit == 1 => format!("since {first}"),
            Extent::Since => format!("since {first} ({n_of}, {worst})"),
            Extent::Between => format!("from {first} to {last} ({n_of}, {worst})"),
        };
        match when.worse_level() {
            Some(level) => format!("{extent}, worse level since {}", label(level)),
            None => extent,
        }
    }

    fn join(&self, scope: Option<&Phrase>, claim: &Phrase, when: Option<&str>) -> Phrase {
        let mut marked = scope.map_or_else(String::new, |scope| format!("{}: ", scope.marked()));
        marked.push_str(&claim.marked());
        if let Some(when) = when {
            marked.push_str(", ");
            marked.push_str(when);
        }
        Phrase::new(&marked).capitalized()
    }

    fn other_values(&self, column: &str) -> Phrase {
        Phrase::new(&format!("other values of {}", name(column)))
    }

    fn version(&self, version: &str) -> Phrase {
        Phrase::new(&format!("version {}", name(version)))
    }

    fn metric(&self, metric: &MetricName<'_>) -> Phrase {
        let plain = self.entry(metric.id);
        let mut text = match metric.average {
            Some(average) => format!("{average} {plain}"),
            None => plain.into_owned(),
        };
        let labels: Vec<String> = metric
            .labels()
            .map(|(label, value)| format!("{} {}", label.replace('_', " "), printable(value)))
            .collect();
        if !labels.is_empty() {
            text.push_str(&format!(" ({})", labels.join(", ")));
        }
        Phrase::new(&match metric.class {
            Some(class) => format!("{text} of class {}", name(class)),
            None => text,
        })
    }

    fn named(&self, id: &str) -> Option<&'static str> {
        names::of(id)
    }

    fn groups(&self, least: &str, greatest: &str) -> Phrase {
        Phrase::new(&format!(
            "{} lowest, {} highest",
            name(least),
            name(greatest)
        ))
    }

    fn kind(&self, kind: Kind) -> &'static str {
        kind.id()
    }

    fn role(&self, role: Role) -> &'static str {
        match role {
            Role::PredictionId => "prediction id",
            Role::Protected => "protected groups",
            role => role.id(),
        }
    }

    fn task<'a>(&self, id: &'a str) -> &'a str {
        match id {
            "binary" => "binary classification",
            "multiclass" => "multiclass classification",
            "multilabel" => "multilabel classification",
            "detection" => "object detection",
            other => other,
        }
    }

    fn reason(&self, reason: &Reason) -> String {
        match reason {
            Reason::TooFewRows { needed, found } => {
                format!(
                    "too few usable rows: {}, and {} are needed",
                    count(*found),
                    count(*needed)
                )
            }
            Reason::TooFewWindows { needed, found } => {
                format!(
                    "too few windows: {}, and {} are needed",
                    count(*found),
                    count(*needed)
                )
            }
            Reason::TooManyCategories { found } => {
                format!(
                    "identifier or free text: about {} distinct values",
                    count(*found)
                )
            }
            other => other.to_string(),
        }
    }

    fn reason_of_many(&self, reason: &Reason) -> String {
        match reason {
            Reason::TooFewRows { needed, .. } => {
                format!("too few usable rows: {} are needed", count(*needed))
            }
            Reason::TooFewWindows { needed, .. } => {
                format!("too few windows: {} are needed", count(*needed))
            }
            Reason::TooManyCategories { .. } => {
                "identifier or free text: too many distinct values".to_owned()
            }
            other => other.to_string(),
        }
    }

    fn side(&self, side: &Side) -> Phrase {
        let mut parts = Vec::new();
        if !side.files.is_empty() {
            let files: Vec<Phrase> = side
                .files
                .iter()
                .map(|file| Phrase::new(&name(file)))
                .collect();
            parts.push(self.list(&files, 3).marked());
        }
        parts.push(format!(
            "{} {}",
            count(side.rows),
            if side.rows == 1 { "row" } else { "rows" }
        ));
        if let Some((first, last)) = side.range {
            let (first, last) = date::range(first, last, Lang::En);
            parts.push(format!("{first} to {last} UTC"));
        }
        Phrase::new(&parts.join(", "))
    }

    fn windows(&self, report: &Report) -> Option<String> {
        let windows = &report.facts.windows;
        let (first, last) = (*windows.first()?, *windows.last()?);
        let label = |window| date::window(window, Lang::En);
        Some(match windows.len() {
            1 => format!("1 window, {}", label(first)),
            n => format!("{n} windows, {} to {}", label(first), label(last)),
        })
    }

    fn segments(&self, segments: &[SegmentValues]) -> Phrase {
        let texts: Vec<Phrase> = segments
            .iter()
            .map(|segment| {
                let others = match segment.n_other {
                    0 => String::new(),
                    n => format!(", {} more taken together", count(n)),
                };
                Phrase::new(&format!(
                    "{} ({}{others})",
                    name(&segment.column),
                    plural(segment.values.len(), "value")
                ))
            })
            .collect();
        self.list(&texts, 5)
    }

    fn guesses(&self, report: &Report) -> Phrase {
        let texts: Vec<Phrase> = report
            .facts
            .guesses
            .iter()
            .map(|guess| {
                Phrase::new(&format!(
                    "{} = {}",
                    self.role(guess.role),
                    name(&guess.column)
                ))
            })
            .collect();
        Phrase::new(&format!(
            "{}, from their names",
            self.list(&texts, 6).marked()
        ))
    }

    fn note(&self, note: &Note) -> Phrase {
        Phrase::new(&self.note_marked(note))
    }

    fn more(&self, n: usize) -> String {
        format!("and {} more", count(n as u64))
    }

    fn gap(&self, gap: &Gap<'_>, n_windows: usize, limit: usize) -> Phrase {
        let reason = match gap.is_one {
            true => self.reason(gap.reason),
            false => self.reason_of_many(gap.reason),
        };
        let when = match n_windows {
            0 | 1 => String::new(),
            n => format!(" (in {} of {n} windows)", gap.n_windows),
        };
        let names = self.list(&gap.names(|id| self.entry(id)), limit).marked();
        Phrase::new(&format!("{reason}: {names}{when}"))
    }

    fn further(&self, n_alerts: usize, n_warnings: usize, names: &Phrase) -> Phrase {
        Phrase::new(&format!(
            "and {} more: {}",
            counted(n_alerts, n_warnings),
            names.marked()
        ))
    }

    fn quiet(&self, n: usize, names: &Phrase) -> Phrase {
        Phrase::new(&format!(
            "Unchanged, {}: {}",
            plural(n, "column"),
            names.marked()
        ))
    }

    fn rule(&self, report: &Report) -> String {
        format!(
            "A finding is significant (false discovery rate {} over {}) and large enough to matter.",
            share(report.facts.rule.alpha),
            plural(report.decisions, "decision"),
        )
    }

    fn row(&self, row: &ResultRow) -> String {
        let Some(measure) = row.outcome.defined() else {
            return row
                .outcome
                .reason()
                .map_or_else(String::new, |reason| self.reason(reason));
        };
        let estimate = estimate(measure, None);
        let mut notes = Vec::new();
        if let Some(interval) = estimate.interval {
            notes.push(format!("95 % interval {interval}"));
        }
        if let Some(threshold) = row.threshold {
            notes.push(format!("limit {}", value(threshold)));
        }
        if let Some(p_value) = adjusted_p_value(row) {
            notes.push(format!("adjusted p {}", number::p_value(p_value)));
        }
        if notes.is_empty() {
            estimate.value
        } else {
            format!("{} ({})", estimate.value, notes.join(", "))
        }
    }

    fn weakest_segments(&self, metric: &Phrase) -> Phrase {
        Phrase::new(&format!("Weakest segments by {}", metric.marked()))
    }

    fn by_version(&self, metric: &Phrase) -> Phrase {
        Phrase::new(&format!("By version: {}", metric.marked()))
    }

    fn comma(&self) -> &'static str {
        ", "
    }

    fn semicolon(&self) -> &'static str {
        "; "
    }
}

fn counted(n_alerts: usize, n_warnings: usize) -> String {
    match (n_alerts, n_warnings) {
        (0, n) => plural(n, "warning"),
        (n, 0) => plural(n, "alert"),
        (n, m) => format!("{}, {}", plural(n, "alert"), plural(m, "warning")),
    }
}

fn plural(n: usize, noun: &str) -> String {
    let number = count(n as u64);
    if n == 1 {
        format!("{number} {noun}")
    } else {
        format!("{number} {noun}s")
    }
}
