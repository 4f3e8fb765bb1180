//! Share of detections that are right.

use keepwell_core::entry;
use keepwell_core::params::Params;

use super::{Direction, Metric, Ratios, Reading, THRESHOLD, ratio_readings};
use crate::profile::OutcomeProfile;
use crate::profile::outcome::boxes::GROUPS;

entry! {
    /// Share of the detections with a score from a threshold on that match a target.
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
    /// detection from the threshold on; `too_many_categories` above 1,000 classes.
    /// # Cost
    /// `O(n)` for `n` detections.
    /// # When to use, and when not
    /// At the threshold that the model is used at: it says how many alarms are false. Read it with
    /// `detection_recall`, since a higher threshold raises it at the cost of recall; to compare models
    /// without a threshold take `map`.
    /// # Reference
    /// Lin et al. (2014), Proceedings of ECCV, 740–755; the matches are those of `pycocotools`.
    /// ```python oracle
    /// def share(entries):
    ///     hits = [e["dtMatches"][0][i] > 0 for e in entries for i, s in enumerate(e["dtScores"])
    ///             if s >= params["threshold"]]
    ///     return np.mean(hits) if hits else None
    /// {"": share([e for of in by_class.values() for e in of]),
    ///  **{f"class={name}": share(of) for name, of in by_class.items()}}
    /// ```
    pub struct DetectionPrecision = "detection_precision" since "0.1" with [THRESHOLD];
}

impl Metric for DetectionPrecision {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        ratio_readings(outcomes, params, |boxes, threshold| {
            let mut groups: Ratios = [[0.0; 2]; GROUPS];
            for detection in boxes.detections() {
                if detection.score >= threshold {
                    let group = &mut groups[usize::from(detection.group)];
                    group[0] += f64::from(u8::from(detection.is_hit(0)));
                    group[1] += 1.0;
                }
            }
            groups
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{first, image};
    use super::*;
    use crate::profile::BoxOutcomes;

    #[test]
    fn only_confident_detections_count() {
        let mut outcomes = BoxOutcomes::default();
        image(
            &mut outcomes,
            &[(0.9, 10.0), (0.5, 100.0), (0.4, 10.0)],
            &[10.0],
        );
        let measure = first(&DetectionPrecision, &outcomes).into_result();
        assert_eq!(measure.expect("detections").value, 0.5);
    }
}
