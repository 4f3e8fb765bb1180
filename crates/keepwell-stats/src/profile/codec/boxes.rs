//! Binary form of [`BoxOutcomes`].
//!
//! Counts, then each class in ascending order of its name: targets by group, and the detections, each with
//! score, overlap, hits and group.

use super::super::outcome::BoxOutcomes;
use super::super::outcome::boxes::{ClassBoxes, GROUPS, Matched, OVERLAPS};
use super::wire::{DecodeError, Reader, Writer, ensure};
use super::{ROWS_MAX, tag};

/// Bytes of a detection.
const DETECTION_BYTES: usize = 8 + 8 + 2 + 1;

impl BoxOutcomes {
    /// The profile as bytes, for [`OutcomeProfile::decode`](super::super::OutcomeProfile::decode) of this
    /// and every later version. Equal profiles have equal bytes once they are sealed.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new(tag::BOX_OUTCOME);
        for count in [
            self.rows,
            self.targets,
            self.predictions,
            self.images,
            self.unusable,
        ] {
            writer.number(count);
        }
        writer.length(self.classes.len());
        for (class, boxes) in &self.classes {
            writer.text(class);
            boxes.targets.iter().for_each(|&n| writer.number(n));
            writer.length(boxes.detections.len());
            for detection in &boxes.detections {
                writer.float(detection.score);
                writer.float(detection.overlap);
                let [low, high] = detection.hits.to_le_bytes();
                writer.byte(low);
                writer.byte(high);
                writer.byte(detection.group);
            }
        }
        writer.finish()
    }

    /// The profile behind its tag.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut outcomes = Self {
            rows: reader.rows()?,
            targets: reader.rows()?,
            predictions: reader.rows()?,
            images: reader.rows()?,
            unusable: reader.rows()?,
            ..Self::default()
        };
        ensure(
            outcomes.targets.max(outcomes.predictions) <= outcomes.rows
                && outcomes.images <= outcomes.targets.min(outcomes.predictions),
            "not more images with both lists than with one",
            &outcomes.images,
        )?;
        let n_classes = reader.length(GROUPS + 2)?;
        for _ in 0..n_classes {
            let class = reader.text()?;
            ensure(
                outcomes
                    .classes
                    .last_key_value()
                    .is_none_or(|(last, _)| last.as_str() < class),
                "classes in ascending order, each once",
                &class,
            )?;
            let boxes = read_class(reader)?;
            ensure(
                outcomes.images > 0,
                "boxes of images with both lists",
                &"boxes without an image",
            )?;
            outcomes.classes.insert(class.to_owned(), boxes);
        }
        Ok(outcomes)
    }
}

fn read_class(reader: &mut Reader<'_>) -> Result<ClassBoxes, DecodeError> {
    let mut boxes = ClassBoxes::default();
    let mut n_targets = 0;
    for targets in &mut boxes.targets {
        *targets = reader.rows()?;
        n_targets += *targets;
    }
    let n = reader.length(DETECTION_BYTES)?;
    ensure(
        n_targets <= ROWS_MAX && n_targets + n as u64 > 0,
        "a class with a box, and at most 2^48 of them",
        &n_targets,
    )?;
    boxes.detections.reserve(n);
    for _ in 0..n {
        let detection = Matched {
            score: reader.float()?,
            overlap: reader.float()?,
            hits: u16::from_le_bytes([reader.byte()?, reader.byte()?]),
            group: reader.byte()?,
        };
        let is_sound = !detection.score.is_nan()
            && detection.score.to_bits() != (-0.0_f64).to_bits()
            && (0.0..=1.0).contains(&detection.overlap)
            && detection.hits >> OVERLAPS.len() == 0
            && detection.is_hit(0) == (detection.overlap >= OVERLAPS[0])
            && (detection.is_hit(0) || detection.overlap.to_bits() == 0)
            && usize::from(detection.group) < GROUPS;
        ensure(is_sound, "a score and how it matched", &detection.score)?;
        boxes.detections.push(detection);
    }
    Ok(boxes)
}
