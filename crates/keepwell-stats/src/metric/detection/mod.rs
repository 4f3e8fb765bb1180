//! Metrics of object detectors.

mod detection_precision;
mod detection_recall;
mod iou;
mod map;

use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use super::{Direction, Metric, Reading};
use crate::interval;
use crate::profile::outcome::boxes::{ClassBoxes, GROUPS};
use crate::profile::row_sums::RowSums;
use crate::profile::{BoxOutcomes, OutcomeProfile};

/// Every metric of object detectors, in alphabetical order.
pub static ALL: &[&dyn Metric] = &[
    &detection_precision::DetectionPrecision,
    &detection_recall::DetectionRecall,
    &iou::Iou,
    &map::MeanAveragePrecision,
];

/// Most classes that are told apart.
const CLASSES_MAX: usize = 1_000;

/// From which score on a detection counts.
const THRESHOLD: Parameter = Parameter {
    name: "threshold",
    doc: "Least score, inclusive, of a detection that counts.",
    domain: Domain::Float {
        default: 0.5,
        min: 0.0,
        max: 1.0,
    },
};

/// The outcomes, if there is an image with both predictions and targets.
fn paired(outcomes: &BoxOutcomes) -> Result<&BoxOutcomes, Reason> {
    if outcomes.rows() == 0 {
        Err(Reason::NoRows)
    } else if outcomes.targets() == 0 {
        Err(Reason::NoTargets)
    } else if outcomes.predictions() == 0 {
        Err(Reason::NoPredictions)
    } else if outcomes.images() == 0 {
        Err(Reason::NoTargets)
    } else if outcomes.classes().len() > CLASSES_MAX {
        Err(Reason::TooManyCategories {
            found: outcomes.classes().len() as u64,
        })
    } else {
        Ok(outcomes)
    }
}

/// A part and its whole for each group of images.
type Ratios = [[f64; 2]; GROUPS];

/// A metric that is the quotient of two sums over images, for all classes together, then for each class.
fn ratio_readings(
    outcomes: &OutcomeProfile,
    params: &Params,
    count: fn(&ClassBoxes, f64) -> Ratios,
) -> Vec<Reading> {
    let Some(outcomes) = outcomes.boxes() else {
        return Vec::new();
    };
    let threshold = params.float(THRESHOLD.name);
    let outcomes = match paired(outcomes) {
        Ok(outcomes) => outcomes,
        Err(reason) => return vec![Reading::plain(Outcome::Undefined(reason))],
    };
    let mut all: Ratios = [[0.0; 2]; GROUPS];
    let mut readings = vec![Reading::plain(Outcome::Undefined(Reason::ZeroDenominator))];
    for (class, boxes) in outcomes.classes() {
        let own = count(boxes, threshold);
        for (all, own) in all.as_flattened_mut().iter_mut().zip(own.as_flattened()) {
            *all += own;
        }
        readings.push(Reading::of_class(class, ratio(&own)));
    }
    readings[0].outcome = ratio(&all);
    readings
}

/// Quotient of the sums, with the variance that the groups of images show.
fn ratio(groups: &Ratios) -> Outcome<Measure> {
    let mut sums = RowSums::<2>::default();
    groups
        .iter()
        .filter(|group| group[1] > 0.0)
        .for_each(|group| sums.push(group));
    let [part, whole] = *sums.sums();
    if whole == 0.0 {
        return Outcome::Undefined(Reason::ZeroDenominator);
    }
    let value = (part / whole).clamp(0.0, 1.0);
    let variance = sums.variance(&[1.0 / whole, -value / whole]);
    let alone = value * (1.0 - value) / whole;
    Outcome::Defined(interval::effective_share(
        value,
        variance.unwrap_or(alone),
        whole,
    ))
}

/// Profiles for the tests of the metrics.
#[cfg(test)]
mod testing {
    use super::*;
    use crate::profile::outcome::boxes::{Detection, Rectangle, Target};

    /// One image with boxes of class `cat` of height 10 from 0 on: score and width of detections, widths of
    /// targets.
    pub(super) fn image(outcomes: &mut BoxOutcomes, detections: &[(f64, f64)], targets: &[f64]) {
        let area = |width: f64| Rectangle {
            x_min: 0.0,
            y_min: 0.0,
            x_max: width,
            y_max: 10.0,
        };
        let detections: Vec<Detection<'_>> = detections
            .iter()
            .map(|&(score, width)| Detection {
                class: "cat",
                score,
                area: area(width),
            })
            .collect();
        let targets: Vec<Target<'_>> = targets
            .iter()
            .map(|&width| Target {
                class: "cat",
                area: area(width),
            })
            .collect();
        outcomes.push(Some(&detections), Some(&targets));
        outcomes.seal();
    }

    /// The first reading with default parameters.
    pub(super) fn first(metric: &dyn Metric, outcomes: &BoxOutcomes) -> Outcome<Measure> {
        let params = Params::defaults(metric.parameters());
        let outcomes = OutcomeProfile::Boxes(outcomes.clone());
        metric.evaluate(&outcomes, &params).remove(0).outcome
    }
}

#[cfg(test)]
mod tests {
    use super::testing::first;
    use super::*;

    #[test]
    fn reasons_say_what_is_absent() {
        let mut outcomes = BoxOutcomes::default();
        let reasons = |outcomes: &BoxOutcomes| -> Vec<Option<Reason>> {
            ALL.iter()
                .map(|metric| first(*metric, outcomes).reason().cloned())
                .collect()
        };
        assert_eq!(reasons(&outcomes), vec![Some(Reason::NoRows); ALL.len()]);
        outcomes.push(Some(&[]), None);
        assert_eq!(reasons(&outcomes), vec![Some(Reason::NoTargets); ALL.len()]);
        outcomes.push(Some(&[]), Some(&[]));
        let none = vec![Some(Reason::ZeroDenominator); ALL.len() - 1];
        assert_eq!(reasons(&outcomes)[..ALL.len() - 1], none);
        assert_eq!(reasons(&outcomes).last(), Some(&Some(Reason::NoTargets)));
        let mut silent = BoxOutcomes::default();
        silent.push(None, Some(&[]));
        assert_eq!(
            reasons(&silent),
            vec![Some(Reason::NoPredictions); ALL.len()]
        );
    }
}
