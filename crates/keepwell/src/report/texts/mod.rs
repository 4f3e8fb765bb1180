//! Every text of every report, in each language.
//!
//! [`Texts`] is what a language must be able to say; a missing key does not compile. Renderers hold no
//! words of their own. Names from data stay apart from our words: see [`phrase`]. Numbers and dates of
//! both languages come from [`number`] and [`date`].

pub mod phrase;

pub mod number;

pub mod date;

pub mod claim;

pub mod fault;

pub mod labels;

mod en;

mod zh_cn;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use keepwell_core::decide::Verdict;
use keepwell_core::outcome::Reason;
use keepwell_core::schema::{Kind, Role, UnknownWord};
use keepwell_monitor::finding::{Episode, Finding, Subject};
use keepwell_monitor::note::Note;
use keepwell_monitor::report::{Report, SegmentValues, Side};
use keepwell_monitor::row::{CONSTANT, ResultRow, Segment};

use self::claim::{Claim, MetricName, When};
use self::labels::Labels;
use self::phrase::{Phrase, name};

pub use self::phrase::printable;
use super::digest::{Gap, Tally};

/// Notes on the input that are shown.
const N_NOTES: usize = 5;
/// Names that a note gives.
const N_NAMES: usize = 20;

/// A language of the reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    ZhCn,
}

impl Lang {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::ZhCn];

    /// Language tag, as in the `lang` attribute of HTML.
    pub fn id(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhCn => "zh-CN",
        }
    }

    /// Its texts.
    pub fn texts(self) -> &'static dyn Texts {
        match self {
            Self::En => &en::English,
            Self::ZhCn => &zh_cn::Chinese,
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Lang {
    type Err = UnknownWord;

    /// Reads `en` and `zh-CN`, in any case; `zh` alone means Simplified Chinese.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "en" => Ok(Self::En),
            "zh" | "zh-cn" => Ok(Self::ZhCn),
            _ => Err(UnknownWord::new(
                text,
                "a language",
                &Self::ALL.map(Self::id),
            )),
        }
    }
}

/// What a language must be able to say. Sentences begin in lower case and end without a full stop
/// unless noted, so that they can be joined.
pub trait Texts: Sync {
    /// The language.
    fn lang(&self) -> Lang;

    /// Fixed words and headings.
    fn labels(&self) -> &'static Labels;

    /// `2 alerts, 3 warnings; 14 of 18 columns unchanged`. Begins with a capital.
    fn headline(&self, tally: &Tally) -> String;

    /// `ALERT`: the marker of a finding, readable without colour.
    fn marker(&self, verdict: &Verdict) -> &'static str;

    /// A verdict inside a table: `alert`, `not judged`.
    fn verdict(&self, verdict: &Verdict) -> &'static str;

    /// What an episode says, without segment and time: `F1 fell from 0.81 to 0.74 (95 % interval …)`.
    fn claim(&self, claim: &Claim<'_>) -> Phrase;

    /// The same in a few words behind another fact about the same subject: `recall 0.90 → 0.79`.
    fn brief(&self, claim: &Claim<'_>) -> Phrase;

    /// When it holds: `since Nov 2013 (2 of 7 windows, worst Dec 2013)`.
    fn when(&self, when: &When) -> String;

    /// Joins a segment or version, a claim and a time to one sentence.
    fn join(&self, scope: Option<&Phrase>, claim: &Phrase, when: Option<&str>) -> Phrase;

    /// All values of a segment column beyond the most frequent ones: `plan: other`.
    fn other_values(&self, column: &str) -> Phrase;

    /// `version 3`.
    fn version(&self, version: &str) -> Phrase;

    /// A metric: `F1`, `macro F1`, `recall of class a`.
    fn metric(&self, metric: &MetricName<'_>) -> Phrase;

    /// The name of a catalog entry that has one in this language.
    fn named(&self, id: &str) -> Option<&'static str>;

    /// A catalog entry of any family inside a list: `KS`, `missing values`. One without a name goes by the words
    /// of its identifier.
    fn entry<'a>(&self, id: &'a str) -> Cow<'a, str> {
        match self.named(id) {
            Some(name) => Cow::Borrowed(name),
            None if id.contains('_') => Cow::Owned(id.replace('_', " ")),
            None => Cow::Borrowed(id),
        }
    }

    /// The groups of a measure of fairness: `women lowest, men highest`.
    fn groups(&self, least: &str, greatest: &str) -> Phrase;

    /// A kind of column.
    fn kind(&self, kind: Kind) -> &'static str;

    /// A part of a column.
    fn role(&self, role: Role) -> &'static str;

    /// A task by its identifier.
    fn task<'a>(&self, id: &'a str) -> &'a str;

    /// Why something is undefined, with its numbers.
    fn reason(&self, reason: &Reason) -> String;

    /// Why several things are undefined, without the numbers of any of them.
    fn reason_of_many(&self, reason: &Reason) -> String;

    /// Files, rows and range of one side: `a.parquet, 120,000 rows, 2013-01-01 to 2013-06-30`.
    fn side(&self, side: &Side) -> Phrase;

    /// `7 windows, Jul 2013 to Jan 2014`.
    fn windows(&self, report: &Report) -> Option<String>;

    /// `origin (3 values), carrier (10 values and 6 others together)`.
    fn segments(&self, segments: &[SegmentValues]) -> Phrase;

    /// `target = label, score = probability (from their names)`.
    fn guesses(&self, report: &Report) -> Phrase;

    /// What was assumed, or left out: ``column `day` names no time zone and is read as UTC``.
    fn note(&self, note: &Note) -> Phrase;

    /// `and 7 more`.
    fn more(&self, n: usize) -> String;

    /// What could not be judged for one reason: `no targets yet: accuracy, F1 (in 2 of 7 windows)`. At
    /// most `limit` names are given; `n_windows` is the number of windows of the run.
    fn gap(&self, gap: &Gap<'_>, n_windows: usize, limit: usize) -> Phrase;

    /// `and 2 alerts, 10 warnings more: …`, the line for what is not shown in full.
    fn further(&self, n_alerts: usize, n_warnings: usize, names: &Phrase) -> Phrase;

    /// The one quiet line for columns without any finding.
    fn quiet(&self, n: usize, names: &Phrase) -> Phrase;

    /// How verdicts were taken: the rule with its numbers. A full sentence.
    fn rule(&self, report: &Report) -> String;

    /// One row in short, for tables of programs: `0.213 (limit 0.05, p < 0.001)`.
    fn row(&self, row: &ResultRow) -> String;

    /// Heading of the segments in which a metric became worse.
    fn weakest_segments(&self, metric: &Phrase) -> Phrase;

    /// Heading of one metric for each version.
    fn by_version(&self, metric: &Phrase) -> Phrase;

    /// Separator of a list of names.
    fn comma(&self) -> &'static str;

    /// Separator of clauses that hold commas.
    fn semicolon(&self) -> &'static str;

    /// Joins a list, showing at most `limit` of it.
    fn list(&self, names: &[Phrase], limit: usize) -> Phrase {
        joined(names, limit, self.comma(), |n| self.more(n))
    }

    /// Joins clauses, showing at most `limit` of them.
    fn clauses(&self, clauses: &[Phrase], limit: usize) -> Phrase {
        joined(clauses, limit, self.semicolon(), |n| self.more(n))
    }

    /// What a finding is about, in a word or two: `price`, `country=DE performance`.
    fn subject(&self, finding: &Finding) -> Phrase {
        let subject = match &finding.subject {
            Subject::Performance => Phrase::new(self.labels().performance),
            Subject::Table => Phrase::new(self.labels().table),
            Subject::Column(column) => Phrase::new(&name(column)),
        };
        match self.scope(finding.segment.as_ref(), finding.version.as_deref()) {
            Some(scope) => Phrase::new(&format!("{} {}", scope.marked(), subject.marked())),
            None => subject,
        }
    }

    /// Segment and version of a finding or a row; `None` for all rows.
    fn scope(&self, segment: Option<&Segment>, version: Option<&str>) -> Option<Phrase> {
        let segment = segment.map(|segment| match &segment.value {
            Some(value) => Phrase::new(&name(&format!("{}={value}", segment.column))),
            None => self.other_values(&segment.column),
        });
        let version = version.map(|version| self.version(version));
        let parts: Vec<String> = version.iter().chain(&segment).map(Phrase::marked).collect();
        (!parts.is_empty()).then(|| Phrase::new(&parts.join(self.comma())))
    }

    /// What was compared: a label and a text for each line.
    fn run(&self, report: &Report) -> Vec<(&'static str, Phrase)> {
        let (facts, labels) = (&report.facts, self.labels());
        let mut model = vec![Phrase::new(&name(&facts.model))];
        if let Some(task) = &facts.task {
            model.push(Phrase::new(&printable(self.task(task))));
        }
        if let Some(positive) = &facts.positive {
            let positive = format!("{} {}", labels.positive, name(positive));
            model.push(Phrase::new(&positive));
        }
        let mut lines = vec![
            (labels.model, self.list(&model, 3)),
            (labels.reference, self.side(&facts.reference)),
            (labels.current, self.side(&facts.current)),
        ];
        if let Some(windows) = self.windows(report) {
            lines.push((labels.windows, Phrase::new(&windows)));
        }
        if !facts.versions.is_empty() {
            let versions: Vec<Phrase> = facts
                .versions
                .iter()
                .map(|version| Phrase::new(&name(version)))
                .collect();
            lines.push((labels.versions, self.list(&versions, 6)));
        }
        if !facts.segments.is_empty() {
            lines.push((labels.segments, self.segments(&facts.segments)));
        }
        if !facts.guesses.is_empty() {
            lines.push((labels.guessed, self.guesses(report)));
        }
        for note in facts.notes.iter().take(N_NOTES) {
            lines.push((labels.note, self.note(note)));
        }
        if facts.notes.len() > N_NOTES {
            let more = self.more(facts.notes.len() - N_NOTES);
            lines.push((labels.note, Phrase::new(&more)));
        }
        if facts.is_approximate {
            lines.push((labels.note, Phrase::new(labels.approximate)));
        }
        lines
    }

    /// The sentence for an episode of a finding of this report: for whom, what, since when.
    fn sentence(&self, report: &Report, finding: &Finding, episode: &Episode) -> Phrase {
        let when = When::of(report, episode).map(|when| self.when(&when));
        self.join(
            self.scope(finding.segment.as_ref(), finding.version.as_deref())
                .as_ref(),
            &self.claim(&Claim::of(report, episode)),
            when.as_deref(),
        )
    }
}

fn joined(
    parts: &[Phrase],
    limit: usize,
    separator: &str,
    more: impl Fn(usize) -> String,
) -> Phrase {
    let shown: Vec<String> = parts.iter().take(limit).map(Phrase::marked).collect();
    let mut marked = shown.join(separator);
    if parts.len() > limit {
        marked.push_str(separator);
        marked.push_str(&more(parts.len() - limit));
    }
    Phrase::new(&marked)
}

/// The corrected p-value that a decided row carries among its parameters.
pub fn adjusted_p_value(row: &ResultRow) -> Option<f64> {
    row_label(row, "p_value_adjusted")?.parse().ok()
}

/// What a constant prediction on the same targets would reach in the metric of this row.
pub fn yardstick(row: &ResultRow) -> Option<f64> {
    row_label(row, CONSTANT)?.parse().ok()
}

/// What a row says under a label, such as `average` or `metric`.
pub fn row_label<'a>(row: &'a ResultRow, name: &str) -> Option<&'a str> {
    row.params
        .iter()
        .find(|(label, _)| *label == name)
        .map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests;
