//! What the commands say, in each language.

mod en;

mod zh_cn;

use keepwell_interop::training::{Finding, Severity};

use super::flaw::Flaw;
use crate::report::texts::Lang;
use crate::report::texts::number::value;

/// Fixed words, and the sentences of a language. Sentences begin in lower case and end without a full stop.
#[derive(Debug)]
pub struct Words {
    pub note: &'static str,
    pub run: &'static str,
    pub tag: &'static str,
    pub values: &'static str,
    pub last_step: &'static str,
    pub last: &'static str,
    pub least: &'static str,
    pub greatest: &'static str,
    pub best: &'static str,
    pub difference: &'static str,
    pub status: &'static str,
    pub parent: &'static str,
    pub hyperparameters: &'static str,
    pub step: &'static str,
    pub nothing_found: &'static str,
    pub files: &'static str,
    pub waiting: &'static str,
    pub gone: &'static str,
    /// How much a finding matters, as a marker.
    marker: fn(Severity) -> &'static str,
    finding: fn(&Finding, &Evidence<'_>) -> Option<String>,
    flaw: fn(&Flaw) -> String,
    also_there: fn(&str) -> String,
    restarts: fn(&str, &str, usize) -> String,
    unreadable_value: fn(&str, &str, &str) -> String,
    summary: fn(usize, usize, usize) -> String,
}

/// The texts of a language.
pub fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &en::WORDS,
        Lang::ZhCn => &zh_cn::WORDS,
    }
}

impl Words {
    /// `ALERT`, readable without colour.
    pub fn marker(&self, severity: Severity) -> &'static str {
        (self.marker)(severity)
    }

    /// What a finding says. A judgement without a sentence goes by its id and its numbers.
    pub fn finding(&self, finding: &Finding) -> String {
        (self.finding)(finding, &Evidence(finding)).unwrap_or_else(|| {
            let numbers = finding.evidence.iter();
            let numbers: Vec<String> = numbers
                .map(|(name, number)| format!("{name} = {}", value(*number)))
                .collect();
            let (id, line, step) = (finding.judgement, &finding.line, finding.step);
            format!("{id} {line} ({} {step}; {})", self.step, numbers.join(", "))
        })
    }

    /// What is wrong with a file.
    pub fn flaw(&self, flaw: &Flaw) -> String {
        (self.flaw)(flaw)
    }

    /// That there are values of other kinds, such as `2 histograms`.
    pub fn also_there(&self, kinds: &str) -> String {
        (self.also_there)(kinds)
    }

    /// That the steps of a tag went back.
    pub fn restarts(&self, run: &str, tag: &str, n_restarts: usize) -> String {
        (self.restarts)(run, tag, n_restarts)
    }

    /// That a value cannot be read, and why.
    pub fn unreadable_value(&self, run: &str, tag: &str, why: &str) -> String {
        (self.unreadable_value)(run, tag, why)
    }

    /// `3 trainings: 1 alert, 2 warnings`.
    pub fn summary(&self, n_trainings: usize, n_alerts: usize, n_warnings: usize) -> String {
        (self.summary)(n_trainings, n_alerts, n_warnings)
    }
}

/// The numbers of a finding, by name.
pub struct Evidence<'a>(&'a Finding);

impl Evidence<'_> {
    /// Whether there is such a number.
    fn has(&self, name: &str) -> bool {
        self.0.evidence.iter().any(|(own, _)| *own == name)
    }

    /// A number; NaN where there is none, which is shown as a dash.
    fn number(&self, name: &str) -> f64 {
        let mut evidence = self.0.evidence.iter();
        let found = evidence.find(|(own, _)| *own == name);
        found.map_or(f64::NAN, |(_, number)| *number)
    }

    /// A number as text.
    fn text(&self, name: &str) -> String {
        value(self.number(name))
    }
}

#[cfg(test)]
mod tests {
    use keepwell_interop::training::ALL;

    use super::*;

    #[test]
    fn every_judgement_has_a_sentence_in_each_language() {
        for lang in Lang::ALL {
            for judgement in ALL {
                let finding = Finding {
                    judgement: judgement.info().id,
                    severity: Severity::Warning,
                    line: "loss".to_owned(),
                    step: 7,
                    wall_time: 0.0,
                    evidence: Vec::new(),
                };
                let sentence = (words(lang).finding)(&finding, &Evidence(&finding));
                assert!(sentence.is_some(), "{} in {lang}", finding.judgement);
            }
        }
    }
}
