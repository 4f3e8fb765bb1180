//! Binary form of [`LabelOutcomes`]: counts of rows, then each label with its counts, ascending by name.

use super::super::outcome::LabelOutcomes;
use super::super::outcome::labels::{LabelCounts, LabelParts, LabelRows};
use super::tag;
use super::wire::{DecodeError, Reader, Writer, ensure};

impl LabelOutcomes {
    /// The profile as bytes, for [`OutcomeProfile::decode`](super::super::OutcomeProfile::decode) of this and
    /// every later version. Equal profiles have equal bytes.
    pub fn encode(&self) -> Vec<u8> {
        let LabelParts { rows, labels } = self.to_parts();
        let mut writer = Writer::new(tag::LABEL_OUTCOME);
        for count in [
            rows.all,
            rows.targets,
            rows.predictions,
            rows.usable,
            rows.exact,
            rows.others,
            rows.squared_differences,
        ] {
            writer.number(count);
        }
        writer.length(labels.len());
        for (label, counts) in &labels {
            writer.text(label);
            for count in [counts.correct, counts.targets, counts.predictions] {
                writer.number(count);
            }
        }
        writer.finish()
    }

    /// The profile that `encode` wrote, behind its tag.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let rows = LabelRows {
            all: reader.rows()?,
            targets: reader.rows()?,
            predictions: reader.rows()?,
            usable: reader.rows()?,
            exact: reader.rows()?,
            others: reader.rows()?,
            squared_differences: reader.number()?,
        };
        let n = reader.length(4)?;
        let mut labels: Vec<(String, LabelCounts)> = Vec::new();
        for _ in 0..n {
            let label = reader.text()?;
            ensure(
                labels.last().is_none_or(|(last, _)| last.as_str() < label),
                "labels in ascending order",
                &label,
            )?;
            let counts = LabelCounts {
                correct: reader.rows()?,
                targets: reader.rows()?,
                predictions: reader.rows()?,
            };
            labels.push((label.to_owned(), counts));
        }
        Self::from_parts(LabelParts { rows, labels })
            .map_err(|expected| DecodeError::invalid(expected, &"others"))
    }
}
