//! `keepwell tensorboard lint`: the judgement of every training.

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::process::ExitCode;

use keepwell_interop::training::{Finding, Severity, judge, trainings};
use serde_json::{Map, Value as Json, json};
use unicode_width::UnicodeWidthStr;

use super::args::LintArgs;
use super::document::number;
use super::flaw::{Flaw, Wrong, flaws};
use super::source;
use super::texts::{Words, words};
use crate::cli::FailOn;
use crate::destination;
use crate::failure::Failure;
use crate::report::texts::printable;
use crate::standard_output;

/// How much a fault of a file matters.
const FLAW: Severity = Severity::Warning;

/// A training with what was found.
struct Judged {
    name: String,
    findings: Vec<Finding>,
}

impl Judged {
    fn severity(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

/// Runs the command.
pub fn run(args: &LintArgs) -> Result<ExitCode, Failure> {
    if let Some(path) = &args.json {
        destination::check(&[path])?;
    }
    // Patterns choose among trainings, of which each can have several runs, so all runs are read.
    let logdir = source::open_filled(&args.logdir, &[], &[])?;
    let mut all = trainings(&logdir, Some(source::now()));
    let names: Vec<String> = all.iter().map(|training| training.name.clone()).collect();
    all.retain(|training| source::matches(&args.run, &training.name));
    if all.is_empty() {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        return Err(source::nothing_matches("training", &args.run, &names));
    }
    let mut judged: Vec<Judged> = all
        .iter()
        .map(|training| Judged {
            name: training.name.clone(),
            findings: judge(training),
        })
        .collect();
    // The sort is stable, so names ascend among trainings that are equally bad.
    judged.sort_by_key(|training| Reverse(training.severity()));
    let flaws = flaws(&logdir);
    let words = words(args.lang);
    if let Some(path) = &args.json {
        let document = document(&judged, &flaws, words);
        destination::write(path, |out| writeln!(out, "{document:#}"))?;
    }
    if !args.json.as_deref().is_some_and(destination::is_stdout) {
        let text = text(&judged, &flaws, words);
        standard_output::write(|out| out.write_all(text.as_bytes()))?;
    }
    let worst = worst(&judged, &flaws);
    let is_found = match args.fail_on {
        FailOn::Never => false,
        FailOn::Alert => worst >= Some(Severity::Alert),
        FailOn::Warning => worst >= Some(Severity::Warning),
    };
    Ok(ExitCode::from(u8::from(is_found)))
}

fn worst(judged: &[Judged], flaws: &[Flaw]) -> Option<Severity> {
    let findings = judged.iter().filter_map(Judged::severity);
    findings.chain(flaws.iter().map(|_| FLAW)).max()
}

fn text(judged: &[Judged], flaws: &[Flaw], words: &Words) -> String {
    let count = |severity| {
        let findings = judged.iter().flat_map(|training| &training.findings);
        findings
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let n_warnings = count(Severity::Warning) + flaws.len();
    let mut text = words.summary(judged.len(), count(Severity::Alert), n_warnings);
    text.push('\n');
    // Writing to a String cannot fail.
    for training in judged {
        let _ = write!(text, "\n{}", printable(&training.name));
        if training.findings.is_empty() {
            let _ = writeln!(text, ": {}", words.nothing_found);
            continue;
        }
        text.push('\n');
        for finding in &training.findings {
            line(
                &mut text,
                words.marker(finding.severity),
                &words.finding(finding),
            );
        }
    }
    if !flaws.is_empty() {
        let _ = writeln!(text, "\n{}", words.files);
    }
    for flaw in flaws {
        line(&mut text, words.marker(FLAW), &words.flaw(flaw));
    }
    text
}

fn line(text: &mut String, marker: &str, sentence: &str) {
    const MARKER_WIDTH: usize = 7;
    let padding = " ".repeat(MARKER_WIDTH.saturating_sub(marker.width()));
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  {marker}{padding}  {}", printable(sentence));
}

fn document(judged: &[Judged], flaws: &[Flaw], words: &Words) -> Json {
    let trainings = judged.iter().map(|training| {
        let findings = training.findings.iter();
        json!({
            "training": training.name,
            "severity": training.severity().map(Severity::id),
            "findings": findings.map(|finding| finding_json(finding, words)).collect::<Vec<_>>(),
        })
    });
    json!({
        "severity": worst(judged, flaws).map(Severity::id),
        "trainings": trainings.collect::<Vec<_>>(),
        "files": flaws.iter().map(|flaw| flaw_json(flaw, words)).collect::<Vec<_>>(),
    })
}

fn finding_json(finding: &Finding, words: &Words) -> Json {
    let evidence = finding.evidence.iter();
    let evidence: Map<String, Json> = evidence
        .map(|(name, value)| ((*name).to_owned(), number(*value)))
        .collect();
    json!({
        "judgement": finding.judgement,
        "severity": finding.severity.id(),
        "line": finding.line,
        "step": finding.step,
        "wall_time": number(finding.wall_time),
        "evidence": evidence,
        "text": words.finding(finding),
    })
}

fn flaw_json(flaw: &Flaw, words: &Words) -> Json {
    let (count, offset) = match flaw.what {
        Wrong::Unreadable(_) => (None, None),
        Wrong::Damaged {
            count,
            first_offset,
            ..
        } => (Some(count), Some(first_offset)),
        Wrong::Stopped { offset, .. } => (Some(1), Some(offset)),
    };
    json!({
        "file": flaw.path,
        "kind": flaw.what.id(),
        "severity": FLAW.id(),
        "count": count,
        "first_offset": offset,
        "text": words.flaw(flaw),
    })
}
