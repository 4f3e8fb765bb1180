//! Share of targets that are found.

use keepwell_core::entry;
use keepwell_core::params::Params;

use super::{Direction, Metric, Ratios, Reading, THRESHOLD, ratio_readings};
use crate::profile::OutcomeProfile;
use crate::profile::outcome::boxes::{ClassBoxes, GROUPS};

entry! {
    /// Share of the targets that a detection with a score from a threshold on matches.
    ///
    /// # Inputs
    /// The images that have a list of predictions and a list of targets. In each image and class detections are
    /// matched in descending order of their score, at most 100, each with the free target that it overlaps
    /// most, if the intersection is at least half of the union.
    /// # Result
    /// A value in `[0, 1]` for all classes together and one for each class, no unit, higher is better. The
    /// interval is Wilson's for as many rows of a share as have the variance between 64 groups of images.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no image has both lists; `zero_denominator` without a
    /// target; `too_many_categories` above 1,000 classes.
    /// # Cost
    /// `O(n)` for `n` detections.
    /// # When to use, and when not
    /// At the threshold that the model is used at: it says how many objects are missed. Read it with
    /// `detection_precision`; to compare models without a threshold take `map`.
    /// # Reference
    /// Lin et al. (2014), Proceedings of ECCV, 740–755; the matches are those of `pycocotools`.
    /// ```python oracle
    /// def share(entries):
    ///     hits = sum(e["dtMatches"][0][i] > 0 for e in entries for i, s in enumerate(e["dtScores"])
    ///                if s >= params["threshold"])
    ///     targets = sum(len(e["gtIds"]) for e in entries)
    ///     return hits / targets if targets else None
    /// {"": share([e for of in by_class.values() for e in of]),
    ///  **{f"class={name}": share(of) for name, of in by_class.items()}}
    /// ```
    pub struct DetectionRecall = "detection_recall" since "0.1" with [THRESHOLD];
}

impl Metric for DetectionRecall {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        ratio_readings(outcomes, params, found)
    }
}

fn found(boxes: &ClassBoxes, threshold: f64) -> Ratios {
    let mut groups: Ratios = [[0.0; 2]; GROUPS];
    for (group, &targets) in groups.iter_mut().zip(boxes.targets()) {
        group[1] = targets as f64;
    }
    for detection in boxes.detections() {
        if detection.score >= threshold && detection.is_hit(0) {
            groups[usize::from(detection.group)][0] += 1.0;
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::super::testing::{first, image};
    use super::*;
    use crate::profile::BoxOutcomes;

    #[test]
    fn targets_without_a_confident_detection_are_missed() {
        let mut outcomes = BoxOutcomes::default();
        image(
            &mut outcomes,
            &[(0.9, 10.0), (0.4, 20.0)],
            &[10.0, 20.0, 60.0],
        );
        image(&mut outcomes, &[], &[10.0]);
        let measure = first(&DetectionRecall, &outcomes).into_result();
        assert_eq!(measure.expect("targets").value, 0.25);
    }
}
