//! What the page says in one language.

use std::collections::BTreeMap;

use keepwell_core::decide::Verdict;
use keepwell_core::outcome::Reason;
use keepwell_core::schema::{Kind, Role, Task};
use keepwell_monitor::finding::Finding;
use keepwell_monitor::report::{Report, Side};
use keepwell_stats::metric;
use serde::Serialize;

use super::labels::{self, PageLabels};
use super::track::{Reasons, Slots};
use super::view::episodes_shown;
use crate::report::digest::{self, Tally};
use crate::report::texts::claim::{Claim, When};
use crate::report::texts::phrase::{Phrase, Piece, capitalized, printable};
use crate::report::texts::{Lang, Texts, date, row_label};

/// Most letters of a name from the data.
const NAME_LETTERS_MAX: usize = 80;
/// Most notes.
const NOTES_MAX: usize = 30;

/// Texts of one language.
#[derive(Debug, Serialize)]
pub(super) struct Words {
    labels: &'static PageLabels,
    names: BTreeMap<&'static str, String>,
    slots: Vec<String>,
    headline: String,
    rule: String,
    ranges: BTreeMap<&'static str, String>,
    windows: String,
    findings: Vec<Vec<Line>>,
    reasons: Vec<String>,
    gaps: Vec<String>,
    notes: Vec<Vec<PieceView>>,
}

/// One episode in words.
#[derive(Debug, Serialize)]
struct Line {
    claim: Vec<PieceView>,
    when: Option<String>,
}

/// A name from the data stands in a list of one.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum PieceView {
    Text(String),
    Name([String; 1]),
}

/// A name from the data, harmless and not too long.
pub(super) fn cut(text: &str) -> String {
    cut_at(text, NAME_LETTERS_MAX)
}

/// Text from the data, harmless and of at most `n_letters` letters.
pub(super) fn cut_at(text: &str, n_letters: usize) -> String {
    let mut letters = text.chars();
    let mut short: String = letters.by_ref().take(n_letters).collect();
    if letters.next().is_some() {
        short.pop();
        short.push('…');
    }
    printable(&short).into_owned()
}

/// Puts a report into words.
pub(super) fn words(lang: Lang, report: &Report, slots: &Slots, findings: &[&Finding]) -> Words {
    let texts = lang.texts();
    let facts = &report.facts;
    let mut names: Vec<String> = slots
        .windows
        .iter()
        .map(|window| date::window(*window, lang))
        .collect();
    if names.len() < slots.len() {
        let labels = labels::of(lang);
        names.push(
            if names.is_empty() {
                labels.current
            } else {
                labels.all_windows
            }
            .to_owned(),
        );
    }
    Words {
        labels: labels::of(lang),
        names: known_names(texts, report),
        slots: names,
        headline: texts.headline(&Tally::of(report)),
        rule: texts.rule(report),
        ranges: BTreeMap::from([
            ("reference", range(&facts.reference, lang)),
            ("current", range(&facts.current, lang)),
        ]),
        windows: texts.windows(report).unwrap_or_default(),
        findings: findings
            .iter()
            .map(|finding| lines(texts, report, finding))
            .collect(),
        reasons: Vec::new(),
        gaps: digest::gaps(report)
            .iter()
            .map(|gap| {
                if gap.is_one {
                    texts.reason(gap.reason)
                } else {
                    texts.reason_of_many(gap.reason)
                }
            })
            .map(|reason| capitalized(&reason))
            .collect(),
        notes: facts
            .notes
            .iter()
            .take(NOTES_MAX)
            .map(|note| pieces(&texts.note(note).capitalized()))
            .collect(),
    }
}

impl Words {
    /// Adds the reasons, which are known only when everything has been gathered.
    pub(super) fn give_reasons(&mut self, lang: Lang, reasons: &Reasons) {
        self.reasons = reasons
            .iter()
            .map(|reason| capitalized(&lang.texts().reason(reason)))
            .collect();
    }
}

/// First to last event.
fn range(side: &Side, lang: Lang) -> String {
    let Some((first, last)) = side.range else {
        return String::new();
    };
    let (first, last) = date::range(first, last, lang);
    format!("{first} – {last} UTC")
}

/// Names of everything with an identifier that the page may mention.
fn known_names(texts: &dyn Texts, report: &Report) -> BTreeMap<&'static str, String> {
    let mut names: BTreeMap<&'static str, String> = report
        .rows
        .iter()
        .map(|row| (row.name, capitalized(&texts.entry(row.name))))
        .collect();
    for metric in metric::all() {
        let id = metric.info().id;
        if report
            .rows
            .iter()
            .any(|row| row_label(row, "metric") == Some(id))
        {
            names.insert(id, capitalized(&texts.entry(id)));
        }
    }
    for kind in Kind::ALL.into_iter().chain([Kind::Unsupported]) {
        names.insert(kind.id(), texts.kind(kind).to_owned());
    }
    for role in [
        Role::Feature,
        Role::Prediction,
        Role::Score,
        Role::Target,
        Role::PredictionId,
        Role::Version,
        Role::Segment,
        Role::Protected,
        Role::Query,
        Role::Item,
        Role::Excluded,
    ] {
        names.insert(role.id(), capitalized(texts.role(role)));
    }
    for task in Task::ALL {
        names.insert(task.id(), capitalized(texts.task(task.id())));
    }
    for verdict in [
        Verdict::Ok,
        Verdict::Warning,
        Verdict::Alert,
        Verdict::Undefined(Reason::NoRows),
    ] {
        names.insert(verdict.id(), capitalized(texts.verdict(&verdict)));
    }
    names
}

fn lines(texts: &dyn Texts, report: &Report, finding: &Finding) -> Vec<Line> {
    episodes_shown(finding)
        .iter()
        .map(|episode| Line {
            claim: pieces(&texts.claim(&Claim::of(report, episode)).capitalized()),
            when: When::of(report, episode).map(|when| capitalized(&texts.when(&when))),
        })
        .collect()
}

fn pieces(phrase: &Phrase) -> Vec<PieceView> {
    phrase
        .pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => PieceView::Text(text.clone()),
            Piece::Name(name) => PieceView::Name([cut(name)]),
        })
        .collect()
}
