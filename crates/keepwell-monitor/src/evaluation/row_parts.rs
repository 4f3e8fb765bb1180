//! Rows of a sample with the parts that its columns play.

use std::borrow::Cow;

use keepwell_core::class;
use keepwell_stats::profile::row_sample::{RowSample, SampleValues};
use keepwell_stats::profile::{ClassOutcomes, Mode, OutcomeConfig, OutcomeProfile, ValueOutcomes};

/// Which columns of a sample play which part.
#[derive(Debug, Clone, Copy)]
pub struct RowParts<'a> {
    /// Features.
    pub features: &'a [&'a str],
    /// Target.
    pub target: Option<&'a str>,
    /// Prediction; `None` where decisions come from the scores.
    pub prediction: Option<&'a str>,
    /// Scores, in the order of the scored classes of the configuration.
    pub scores: &'a [&'a str],
    /// What is the same for all outcomes of the model.
    pub config: &'a OutcomeConfig,
}

impl RowParts<'_> {
    /// Numbers of a column, one a row, NaN where there is none; `None` without a column of numbers.
    pub(super) fn numbers<'s>(sample: &'s RowSample, name: Option<&str>) -> Option<&'s [f64]> {
        match &sample.column(name?)?.values {
            SampleValues::Numbers(values) => Some(values),
            _ => None,
        }
    }

    /// The outcomes of each row alone; `None` for a task whose rows are not outcomes by themselves, and where the
    /// sample lacks target or prediction.
    pub(super) fn outcomes(&self, sample: &RowSample) -> Option<Vec<OutcomeProfile>> {
        match self.config {
            OutcomeConfig::Values(_) => {
                let targets = Self::numbers(sample, self.target)?;
                let predictions = Self::numbers(sample, self.prediction)?;
                let rows = targets.iter().zip(predictions);
                let profile = |(&target, &prediction): (&f64, &f64)| {
                    let mut outcomes = ValueOutcomes::new(Mode::Exact);
                    outcomes.push(Some(target), Some(prediction));
                    OutcomeProfile::from(outcomes)
                };
                Some(rows.map(profile).collect())
            }
            OutcomeConfig::Classes(config) => {
                let config = keepwell_stats::profile::ClassConfig {
                    mode: Mode::Exact,
                    ..config.clone()
                };
                let target = &sample.column(self.target?)?.values;
                let prediction = match self.prediction {
                    Some(name) => Some(&sample.column(name)?.values),
                    None => None,
                };
                let scores: Option<Vec<&[f64]>> = self
                    .scores
                    .iter()
                    .map(|name| Self::numbers(sample, Some(name)))
                    .collect();
                // Without the scores, decisions are still known where they were logged.
                let scores = scores.unwrap_or_default();
                let profile = |row_idx: usize| {
                    let mut outcomes = ClassOutcomes::new(config.clone());
                    let mut index = |values: &SampleValues| {
                        class_of(values, row_idx).map(|name| outcomes.class_index(&name))
                    };
                    let target = index(target);
                    let own: Vec<f64> = scores.iter().map(|values| values[row_idx]).collect();
                    match prediction.map(&mut index) {
                        Some(prediction) => outcomes.push(target, prediction, &own),
                        None => outcomes.push_scored(target, &own),
                    }
                    OutcomeProfile::from(outcomes)
                };
                Some((0..sample.n_kept()).map(profile).collect())
            }
            _ => None,
        }
    }
}

/// Canonical name of the class of a row; `None` where missing.
fn class_of(values: &SampleValues, row_idx: usize) -> Option<Cow<'_, str>> {
    match values {
        SampleValues::Names(names) => names.name(row_idx).map(class::canonical),
        SampleValues::Flags(flags) => {
            flags[row_idx].map(|flag| Cow::Borrowed(if flag { "1" } else { "0" }))
        }
        SampleValues::Numbers(values) => {
            let value = values[row_idx];
            (!value.is_nan()).then(|| Cow::Owned(class::canonical_number(value)))
        }
        SampleValues::Vectors(_) => None,
    }
}
