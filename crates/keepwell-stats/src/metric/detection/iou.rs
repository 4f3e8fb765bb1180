//! How well boxes that were found are placed.

use keepwell_core::entry;
use keepwell_core::params::Params;

use super::{Direction, Metric, Ratios, Reading, THRESHOLD, ratio_readings};
use crate::profile::OutcomeProfile;
use crate::profile::outcome::boxes::{ClassBoxes, GROUPS};

entry! {
    /// Mean intersection over union of the detections with a score from a threshold on and the targets that they
    /// match.
    ///
    /// # Inputs
    /// The images that have a list of predictions and a list of targets. In each image and class detections are
    /// matched in descending order of their score, at most 100, each with the free target that it overlaps
    /// most, if the intersection is at least half of the union. Detections without a match do not count.
    /// # Result
    /// A value in `[0.5, 1]` for all classes together and one for each class, no unit, higher is better. The
    /// interval is Wilson's for as many rows of a share as have the variance between 64 groups of images.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no image has both lists; `zero_denominator` without a
    /// match; `too_many_categories` above 1,000 classes.
    /// # Cost
    /// `O(n)` for `n` detections.
    /// # When to use, and when not
    /// To tell boxes that are placed worse (a camera that moved, another resolution) from objects that are no
    /// longer found, which it does not see: read it with `detection_recall`.
    /// # Reference
    /// Everingham et al. (2010), International Journal of Computer Vision 88(2), 303–338; the matches are those
    /// of `pycocotools`.
    /// ```python oracle
    /// def mean(entries):
    ///     found = [e["ious"][i][e["gtIds"].index(int(g))] for e in entries
    ///              for i, (s, g) in enumerate(zip(e["dtScores"], e["dtMatches"][0]))
    ///              if s >= params["threshold"] and g > 0]
    ///     return np.mean(found) if found else None
    /// {"": mean([e for of in by_class.values() for e in of]),
    ///  **{f"class={name}": mean(of) for name, of in by_class.items()}}
    /// ```
    pub struct Iou = "iou" since "0.1" with [THRESHOLD];
}

impl Metric for Iou {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        ratio_readings(outcomes, params, overlaps)
    }
}

fn overlaps(boxes: &ClassBoxes, threshold: f64) -> Ratios {
    let mut groups: Ratios = [[0.0; 2]; GROUPS];
    for detection in boxes.detections() {
        if detection.score >= threshold && detection.is_hit(0) {
            let group = &mut groups[usize::from(detection.group)];
            group[0] += detection.overlap;
            group[1] += 1.0;
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
    fn detections_without_a_match_do_not_count() {
        let mut outcomes = BoxOutcomes::default();
        image(&mut outcomes, &[(0.9, 8.0), (0.8, 100.0)], &[10.0]);
        image(&mut outcomes, &[(0.9, 10.0)], &[6.0]);
        let measure = first(&Iou, &outcomes).into_result().expect("matches");
        assert!((measure.value - 0.7).abs() < 1e-15);
    }
}
