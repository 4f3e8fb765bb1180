//! Mean average precision.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;

use super::{Direction, Metric, Reading, paired};
use crate::interval;
use crate::profile::OutcomeProfile;
use crate::profile::outcome::boxes::{ClassBoxes, GROUPS, Matched, OVERLAPS};

/// Shares of targets found at which precision is read, a hundredth apart.
const RECALLS: usize = 101;

/// Which of [`OVERLAPS`] a reading averages over, and its name.
const READINGS: [(&str, std::ops::Range<usize>); 3] = [
    ("0.50:0.95", 0..OVERLAPS.len()),
    ("0.50", 0..1),
    ("0.75", 5..6),
];

entry! {
    /// Area under the precision-recall curve of detections, averaged over classes and over how exactly a box has
    /// to be placed.
    ///
    /// # Inputs
    /// The images that have a list of predictions and a list of targets, matched by the rules of COCO: in each
    /// image and class the detections in descending order of their score, at most 100, each with the free
    /// target that it overlaps most. Equal scores count together.
    /// # Result
    /// Values in `[0, 1]`, no unit, higher is better, labelled by `threshold`, the least intersection over union
    /// of a match: `0.50:0.95` is the mean over ten of them 0.05 apart, the number that COCO ranks by; then
    /// `0.50` and `0.75`; then `0.50:0.95` of each class. Precision is read at 101 values of recall.
    /// The interval is Wilson's for as many rows of a share as have the variance that leaving out each of 64
    /// groups of images shows (jackknife). Its lower end is that of the value without interpolation, because
    /// taking the best precision at a recall or a higher one favours chance: the value of a few hundred images
    /// is up to half a standard error too high.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no image has both lists; `no_targets` also where no
    /// image has a target of any class, or of this class; `too_many_categories` above 1,000 classes.
    /// # Cost
    /// `O(n)` for `n` detections, some 700 times over.
    /// # When to use, and when not
    /// To compare versions of a detector, or one over time, without choosing a threshold. It weighs rare classes as
    /// much as frequent ones, and every recall alike, also those that nobody uses; at the threshold in use look
    /// at `detection_precision` and `detection_recall`. Crowd regions and sizes of objects are not told
    /// apart. Where scores are equal `pycocotools` takes them in the order of images; here that order has no
    /// influence.
    /// # Reference
    /// Lin et al. (2014), Proceedings of ECCV, 740–755; the values are those of `pycocotools`.
    /// ```python oracle
    /// def mean(precisions):
    ///     known = precisions[precisions > -1]
    ///     return known.mean() if known.size else None
    /// precision = evaluation.eval["precision"][:, :, :, 0, 2]
    /// {"threshold=0.50:0.95": mean(precision), "threshold=0.50": mean(precision[0]),
    ///  "threshold=0.75": mean(precision[5]),
    ///  **{f"threshold=0.50:0.95,class={name}": mean(precision[:, :, k]) for k, name in enumerate(by_class)}}
    /// ```
    pub struct MeanAveragePrecision = "map" since "0.1";
}

impl Metric for MeanAveragePrecision {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn standing(&self) -> Standing {
        Standing::Decided
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        let Some(outcomes) = outcomes.boxes() else {
            return Vec::new();
        };
        let classes = paired(outcomes).and_then(|outcomes| {
            let classes: Vec<(&str, Option<Averages>)> = outcomes
                .classes()
                .map(|(class, boxes)| (class, Averages::of(boxes)))
                .collect();
            if classes.iter().all(|(_, averages)| averages.is_none()) {
                return Err(Reason::NoTargets);
            }
            Ok(classes)
        });
        let labels = |name: &str| vec![("threshold", name.to_owned())];
        let mut readings: Vec<Reading> = READINGS
            .iter()
            .map(|(name, overlaps)| Reading {
                class: None,
                labels: labels(name),
                outcome: match &classes {
                    Ok(classes) => {
                        let known = classes.iter().filter_map(|(_, averages)| averages.as_ref());
                        mean(
                            &known.collect::<Vec<_>>(),
                            overlaps.clone(),
                            outcomes.images(),
                        )
                    }
                    Err(reason) => Outcome::Undefined(reason.clone()),
                },
            })
            .collect();
        let (name, overlaps) = &READINGS[0];
        for (class, averages) in classes.unwrap_or_default() {
            readings.push(Reading {
                class: Some(class.to_owned()),
                labels: labels(name),
                outcome: match averages {
                    Some(averages) => mean(&[&averages], overlaps.clone(), outcomes.images()),
                    None => Outcome::Undefined(Reason::NoTargets),
                },
            });
        }
        readings
    }
}

/// A number for each of [`OVERLAPS`].
type ByOverlap = [f64; OVERLAPS.len()];

/// Average precision of one class.
struct Averages {
    all: ByOverlap,
    /// The same without interpolation: the precision at each recall, not the best at this one or a higher one.
    raw: ByOverlap,
    /// By group of images, then by overlap: what it is without that group. Equal to `all` for a group without
    /// a box of the class.
    without: Vec<ByOverlap>,
    /// Whether a group has a box of the class.
    is_used: [bool; GROUPS],
}

impl Averages {
    /// `None` without a target.
    fn of(boxes: &ClassBoxes) -> Option<Self> {
        let n_targets: u64 = boxes.targets().iter().sum();
        if n_targets == 0 {
            return None;
        }
        let mut sorted = boxes.detections().to_vec();
        if !sorted.is_sorted_by(|left, right| left.score >= right.score) {
            sorted.sort_by(|left, right| right.score.total_cmp(&left.score));
        }
        let mut is_used = boxes.targets().map(|targets| targets > 0);
        for detection in &sorted {
            is_used[usize::from(detection.group)] = true;
        }
        let averages = |detections: &[Matched], n_targets: u64| {
            std::array::from_fn(|idx| average_precision(detections, idx, n_targets))
        };
        let both: [(f64, f64); OVERLAPS.len()] = averages(&sorted, n_targets);
        let all = both.map(|(all, _)| all);
        let without = (0..GROUPS)
            .map(|group| {
                let rest = n_targets - boxes.targets()[group];
                if !is_used[group] || rest == 0 {
                    return all;
                }
                let kept: Vec<Matched> = sorted
                    .iter()
                    .filter(|detection| usize::from(detection.group) != group)
                    .copied()
                    .collect();
                averages(&kept, rest).map(|(all, _)| all)
            })
            .collect();
        Some(Self {
            all,
            raw: both.map(|(_, raw)| raw),
            without,
            is_used,
        })
    }
}

/// Mean over classes, of which there is one, and overlaps, with the variance of the jackknife over groups of
/// images.
fn mean(classes: &[&Averages], overlaps: std::ops::Range<usize>, images: u64) -> Outcome<Measure> {
    let n = (classes.len() * overlaps.len()) as f64;
    let of = |pick: &dyn Fn(&Averages) -> &ByOverlap| {
        let sum = |class: &&Averages| pick(class)[overlaps.clone()].iter().sum::<f64>();
        classes.iter().map(sum).sum::<f64>() / n
    };
    let value = of(&|class| &class.all);
    let without: Vec<f64> = (0..GROUPS)
        .filter(|&group| classes.iter().any(|class| class.is_used[group]))
        .map(|group| of(&|class| &class.without[group]))
        .collect();
    if without.len() < 2 {
        return Outcome::Defined(Measure::new(value));
    }
    let n_groups = without.len() as f64;
    let squares: f64 = without
        .iter()
        .map(|without| (without - value).powi(2))
        .sum();
    let variance = (n_groups - 1.0) / n_groups * squares;
    let measure = interval::effective_share(value, variance, images as f64);
    let lowest = interval::effective_share(of(&|class| &class.raw), variance, images as f64);
    Outcome::Defined(match (lowest.interval, measure.interval) {
        (Some(lowest), Some(own)) => measure.with_interval(lowest.lower.min(own.lower), own.upper),
        _ => measure,
    })
}

/// Mean over 101 values of recall of the best precision at this recall or a higher one, and of the precision at
/// this recall. The detections are in descending order of their score; there is a target.
fn average_precision(detections: &[Matched], overlap_idx: usize, n_targets: u64) -> (f64, f64) {
    let mut curve: Vec<(f64, f64)> = Vec::new();
    let (mut hits, mut n) = (0_u64, 0_u64);
    for block in detections.chunk_by(|left, right| left.score == right.score) {
        n += block.len() as u64;
        hits += block
            .iter()
            .filter(|detection| detection.is_hit(overlap_idx))
            .count() as u64;
        curve.push((hits as f64 / n_targets as f64, hits as f64 / n as f64));
    }
    let mut best = 0.0_f64;
    let mut left = RECALLS;
    let (mut sum, mut raw) = (0.0, 0.0);
    // From the highest recall down, so that `best` is that of this recall or a higher one.
    for (idx, &(_, precision)) in curve.iter().enumerate().rev() {
        best = best.max(precision);
        let before = idx
            .checked_sub(1)
            .map_or(-1.0, |previous| curve[previous].0);
        while left > 0 && recall(left - 1) > before {
            if recall(left - 1) <= curve[idx].0 {
                sum += best;
                raw += precision;
            }
            left -= 1;
        }
    }
    (sum / RECALLS as f64, raw / RECALLS as f64)
}

/// The recalls of `numpy.linspace(0, 1, 101)`.
fn recall(idx: usize) -> f64 {
    idx as f64 * 0.01
}

#[cfg(test)]
mod tests {
    use super::super::testing::{first, image};
    use super::*;
    use crate::profile::BoxOutcomes;

    #[test]
    fn ends_of_the_scale() {
        let mut right = BoxOutcomes::default();
        let mut wrong = BoxOutcomes::default();
        for width in 1..40 {
            let width = f64::from(width);
            image(&mut right, &[(width / 50.0, width)], &[width]);
            image(&mut wrong, &[(width / 50.0, 3.0 * width)], &[width]);
        }
        for (outcomes, expected) in [(right, 1.0), (wrong, 0.0)] {
            let measure = first(&MeanAveragePrecision, &outcomes)
                .into_result()
                .expect("targets");
            assert!((measure.value - expected).abs() < 1e-12);
            let interval = measure.interval.expect("many images");
            assert!(interval.upper - interval.lower > 0.05);
        }
    }

    #[test]
    fn precision_is_read_at_101_recalls() {
        // Of two targets one is found by the first of two detections: precision 1 up to recall 0.5.
        let mut outcomes = BoxOutcomes::default();
        image(&mut outcomes, &[(0.9, 10.0), (0.8, 90.0)], &[10.0, 30.0]);
        let measure = first(&MeanAveragePrecision, &outcomes).into_result();
        assert!((measure.expect("targets").value - 51.0 / 101.0).abs() < 1e-12);
    }

    #[test]
    fn equal_scores_count_together() {
        let mut outcomes = BoxOutcomes::default();
        image(&mut outcomes, &[(0.5, 10.0)], &[10.0]);
        image(&mut outcomes, &[(0.5, 90.0)], &[]);
        let measure = first(&MeanAveragePrecision, &outcomes).into_result();
        assert!((measure.expect("targets").value - 0.5).abs() < 1e-12);
    }

    #[test]
    fn classes_without_targets_do_not_count() {
        let mut outcomes = BoxOutcomes::default();
        image(&mut outcomes, &[(0.5, 10.0)], &[]);
        let outcome = first(&MeanAveragePrecision, &outcomes);
        assert_eq!(outcome.reason(), Some(&Reason::NoTargets));
    }
}
