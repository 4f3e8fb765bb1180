//! Boxes that were predicted, against those that are there.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use keepwell_core::class::canonical;

use super::super::MergeError;
use crate::sketch::Hash128;

/// Least intersections over union at which a detection counts as right, those of COCO. The last digit of the
/// ninth is that of `numpy.linspace`.
pub const OVERLAPS: [f64; 10] = [
    0.5,
    0.55,
    0.6,
    0.65,
    0.7,
    0.75,
    0.8,
    0.85,
    0.899_999_999_999_999_9,
    0.95,
];

/// Most detections of one class in one image that count: those with the highest scores.
pub const DETECTIONS_MAX: usize = 100;

/// Number of groups that images are dealt to by their hash.
pub const GROUPS: usize = 64;

/// A rectangle with sides along the axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rectangle {
    /// Left end.
    pub x_min: f64,
    /// Upper or lower end, whichever has the smaller number.
    pub y_min: f64,
    /// Right end, not below `x_min`.
    pub x_max: f64,
    /// The other end, not below `y_min`.
    pub y_max: f64,
}

/// A predicted box.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection<'a> {
    /// What it is said to be.
    pub class: &'a str,
    /// How sure that is; any scale.
    pub score: f64,
    /// Where it is.
    pub area: Rectangle,
}

/// A box that is there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target<'a> {
    /// What it is.
    pub class: &'a str,
    /// Where it is.
    pub area: Rectangle,
}

/// Detections matched with targets image by image, by the rules of COCO: of each class the detections in
/// descending order of their score, each with the free target that it overlaps most.
///
/// Only images with a list of predictions and a list of targets, be they empty, enter the metrics. A box with
/// a coordinate that is not finite, or with a maximum below its minimum, and a detection with a score that is
/// NaN are left out and counted as unusable.
///
/// # Cost
/// 24 bytes a detection. Time `O(p t)` for an image of `p` detections and `t` targets of a class.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BoxOutcomes {
    pub(in crate::profile) rows: u64,
    pub(in crate::profile) targets: u64,
    pub(in crate::profile) predictions: u64,
    pub(in crate::profile) images: u64,
    pub(in crate::profile) unusable: u64,
    /// By canonical class; none without a detection or a target.
    pub(in crate::profile) classes: BTreeMap<String, ClassBoxes>,
}

/// The detections and the number of targets of one class.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassBoxes {
    pub(in crate::profile) detections: Vec<Matched>,
    /// Targets by group of their image.
    pub(in crate::profile) targets: [u64; GROUPS],
}

/// A detection, and how it matched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Matched {
    /// As it was given; never NaN nor negative zero.
    pub score: f64,
    /// Intersection over union with its target at the least of [`OVERLAPS`]; zero where it has none.
    pub overlap: f64,
    /// One bit for each of [`OVERLAPS`]: whether it has a target there.
    pub hits: u16,
    /// Group of its image.
    pub group: u8,
}

impl Matched {
    /// Whether it has a target at the overlap of this position in [`OVERLAPS`].
    pub fn is_hit(&self, overlap_idx: usize) -> bool {
        self.hits >> overlap_idx & 1 == 1
    }

    /// Descending scores; the rest makes the order of equal ones unique.
    fn order(&self, other: &Self) -> Ordering {
        other
            .score
            .total_cmp(&self.score)
            .then(self.hits.cmp(&other.hits))
            .then(self.overlap.total_cmp(&other.overlap))
            .then(self.group.cmp(&other.group))
    }
}

impl Default for ClassBoxes {
    fn default() -> Self {
        Self {
            detections: Vec::new(),
            targets: [0; GROUPS],
        }
    }
}

impl ClassBoxes {
    /// Detections, once sealed in descending order of their score.
    pub fn detections(&self) -> &[Matched] {
        &self.detections
    }

    /// Number of targets by group of images.
    pub fn targets(&self) -> &[u64; GROUPS] {
        &self.targets
    }

    pub(in crate::profile) fn is_sorted(&self) -> bool {
        self.detections
            .is_sorted_by(|left, right| left.order(right) != Ordering::Greater)
    }
}

impl BoxOutcomes {
    /// Takes an image: its detections, and the boxes that are there; `None` where not known.
    pub fn push(&mut self, predictions: Option<&[Detection<'_>]>, targets: Option<&[Target<'_>]>) {
        self.rows += 1;
        self.predictions += u64::from(predictions.is_some());
        self.targets += u64::from(targets.is_some());
        let (Some(predictions), Some(targets)) = (predictions, targets) else {
            return;
        };
        self.images += 1;
        let group = group(predictions, targets);
        let n_boxes = predictions.len() + targets.len();
        let mut by_class: BTreeMap<_, (Vec<&Detection<'_>>, Vec<&Rectangle>)> = BTreeMap::new();
        let mut n_usable = 0;
        for detection in predictions {
            if detection.area.is_usable() && !detection.score.is_nan() {
                by_class
                    .entry(canonical(detection.class))
                    .or_default()
                    .0
                    .push(detection);
                n_usable += 1;
            }
        }
        for target in targets {
            if target.area.is_usable() {
                by_class
                    .entry(canonical(target.class))
                    .or_default()
                    .1
                    .push(&target.area);
                n_usable += 1;
            }
        }
        self.unusable += (n_boxes - n_usable) as u64;
        for (class, (mut detections, targets)) in by_class {
            detections.sort_by(|left, right| right.score.total_cmp(&left.score));
            detections.truncate(DETECTIONS_MAX);
            let own = match self.classes.get_mut(&*class) {
                Some(own) => own,
                None => self.classes.entry(class.into_owned()).or_default(),
            };
            own.targets[usize::from(group)] += targets.len() as u64;
            own.detections.extend(matched(&detections, &targets, group));
        }
    }

    /// All images.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Images with a list of targets.
    pub fn targets(&self) -> u64 {
        self.targets
    }

    /// Images with a list of predictions.
    pub fn predictions(&self) -> u64 {
        self.predictions
    }

    /// Images with both.
    pub fn images(&self) -> u64 {
        self.images
    }

    /// Boxes that were left out.
    pub fn unusable(&self) -> u64 {
        self.unusable
    }

    /// Every class with its boxes, in ascending order of the name.
    pub fn classes(&self) -> impl ExactSizeIterator<Item = (&str, &ClassBoxes)> {
        self.classes
            .iter()
            .map(|(class, boxes)| (class.as_str(), boxes))
    }

    /// Adds another part.
    ///
    /// # Errors
    /// None; the signature is that of all outcomes.
    pub fn merge(&mut self, other: Self) -> Result<(), MergeError> {
        self.rows += other.rows;
        self.targets += other.targets;
        self.predictions += other.predictions;
        self.images += other.images;
        self.unusable += other.unusable;
        for (class, boxes) in other.classes {
            let own = self.classes.entry(class).or_default();
            own.detections.extend(boxes.detections);
            for (own, other) in own.targets.iter_mut().zip(boxes.targets) {
                *own += other;
            }
        }
        Ok(())
    }

    /// Prepares for evaluation: sorts the detections.
    pub fn seal(&mut self) {
        for boxes in self.classes.values_mut().filter(|boxes| !boxes.is_sorted()) {
            boxes.detections.sort_unstable_by(Matched::order);
        }
    }
}

impl Rectangle {
    fn is_usable(&self) -> bool {
        let sides = [self.x_min, self.y_min, self.x_max, self.y_max];
        sides.iter().all(|side| side.is_finite())
            && self.x_min <= self.x_max
            && self.y_min <= self.y_max
            && self.size().is_finite()
    }

    fn size(&self) -> f64 {
        (self.x_max - self.x_min) * (self.y_max - self.y_min)
    }

    /// Intersection over union; zero where nothing is shared.
    fn overlap(&self, other: &Self) -> f64 {
        let width = self.x_max.min(other.x_max) - self.x_min.max(other.x_min);
        let height = self.y_max.min(other.y_max) - self.y_min.max(other.y_min);
        if width <= 0.0 || height <= 0.0 {
            return 0.0;
        }
        let shared = width * height;
        shared / (self.size() + other.size() - shared)
    }
}

/// Matches the detections of one class in one image, in descending order of their score, at each of
/// [`OVERLAPS`]: each takes the free target that it overlaps most, of equal ones the last.
fn matched<'a>(
    detections: &'a [&Detection<'_>],
    targets: &[&Rectangle],
    group: u8,
) -> impl Iterator<Item = Matched> + use<'a> {
    let overlaps: Vec<Vec<f64>> = detections
        .iter()
        .map(|detection| {
            targets
                .iter()
                .map(|target| detection.area.overlap(target))
                .collect()
        })
        .collect();
    let mut found = vec![(0_u16, 0.0); detections.len()];
    for (overlap_idx, least) in OVERLAPS.into_iter().enumerate() {
        let mut is_free = vec![true; targets.len()];
        for (overlaps, found) in overlaps.iter().zip(&mut found) {
            let best = overlaps
                .iter()
                .enumerate()
                .filter(|&(target, &overlap)| is_free[target] && overlap >= least)
                .max_by(|left, right| left.1.total_cmp(right.1));
            if let Some((target, &overlap)) = best {
                is_free[target] = false;
                found.0 |= 1 << overlap_idx;
                if overlap_idx == 0 {
                    found.1 = overlap;
                }
            }
        }
    }
    detections
        .iter()
        .zip(found)
        .map(move |(detection, (hits, overlap))| Matched {
            score: detection.score + 0.0,
            overlap,
            hits,
            group,
        })
}

/// Group of an image, by the hash of all that is known of it.
fn group(predictions: &[Detection<'_>], targets: &[Target<'_>]) -> u8 {
    let mut bytes = Vec::new();
    let mut add = |class: &str, numbers: &[f64]| {
        bytes.extend(class.as_bytes());
        bytes.push(0);
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    };
    let corners = |area: &Rectangle| [area.x_min, area.y_min, area.x_max, area.y_max];
    for detection in predictions {
        add(detection.class, &[detection.score]);
        add("", &corners(&detection.area));
    }
    for target in targets {
        add(target.class, &corners(&target.area));
    }
    (Hash128::of(&bytes).first % GROUPS as u64) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(x_min: f64, x_max: f64) -> Rectangle {
        Rectangle {
            x_min,
            y_min: 0.0,
            x_max,
            y_max: 10.0,
        }
    }

    fn detection(score: f64, area: Rectangle) -> Detection<'static> {
        Detection {
            class: "cat",
            score,
            area,
        }
    }

    fn target(area: Rectangle) -> Target<'static> {
        Target { class: "cat", area }
    }

    #[test]
    fn overlap_is_intersection_over_union() {
        assert_eq!(area(0.0, 10.0).overlap(&area(5.0, 15.0)), 50.0 / 150.0);
        assert_eq!(area(0.0, 10.0).overlap(&area(10.0, 15.0)), 0.0);
        assert_eq!(area(3.0, 3.0).overlap(&area(3.0, 3.0)), 0.0);
        assert_eq!(area(1.0, 2.0).overlap(&area(1.0, 2.0)), 1.0);
    }

    #[test]
    fn higher_scores_take_their_target_first() {
        let mut outcomes = BoxOutcomes::default();
        outcomes.push(
            Some(&[
                detection(0.5, area(0.0, 10.0)),
                detection(0.9, area(0.0, 8.0)),
            ]),
            Some(&[target(area(0.0, 10.0))]),
        );
        outcomes.seal();
        let (_, boxes) = outcomes.classes().next().expect("a class");
        let [first, second] = boxes.detections() else {
            panic!("two detections");
        };
        assert_eq!((first.score, first.overlap), (0.9, 0.8));
        // At overlaps above 0.8 the first finds nothing, so the second takes the target.
        assert_eq!((first.hits, second.hits), (0b00_0111_1111, 0b11_1000_0000));
        assert_eq!(second.overlap, 0.0);
        assert_eq!(boxes.targets().iter().sum::<u64>(), 1);
    }

    #[test]
    fn classes_are_matched_apart_by_their_canonical_name() {
        let mut outcomes = BoxOutcomes::default();
        let mut one = detection(0.9, area(0.0, 10.0));
        one.class = "1.0";
        let two = Target {
            class: " 1",
            area: area(0.0, 10.0),
        };
        outcomes.push(Some(&[one]), Some(&[two, target(area(0.0, 10.0))]));
        let names: Vec<&str> = outcomes.classes().map(|(name, _)| name).collect();
        assert_eq!(names, ["1", "cat"]);
        assert!(outcomes.classes["1"].detections[0].is_hit(9));
        assert!(outcomes.classes["cat"].detections.is_empty());
    }

    #[test]
    fn unusable_boxes_and_unknown_images_are_counted() {
        let mut outcomes = BoxOutcomes::default();
        outcomes.push(
            Some(&[
                detection(f64::NAN, area(0.0, 1.0)),
                detection(0.5, area(1.0, 0.0)),
                detection(0.5, area(0.0, f64::INFINITY)),
                detection(0.5, area(0.0, 1.0)),
            ]),
            Some(&[target(area(0.0, f64::NAN))]),
        );
        outcomes.push(None, Some(&[]));
        outcomes.push(Some(&[]), None);
        assert_eq!(outcomes.unusable(), 4);
        assert_eq!((outcomes.rows(), outcomes.images()), (3, 1));
        assert_eq!((outcomes.predictions(), outcomes.targets()), (2, 2));
        assert_eq!(outcomes.classes["cat"].detections.len(), 1);
    }

    #[test]
    fn only_the_highest_scores_of_an_image_count() {
        let many: Vec<Detection<'_>> = (0..150)
            .map(|idx| detection(f64::from(idx), area(0.0, 1.0)))
            .collect();
        let mut outcomes = BoxOutcomes::default();
        outcomes.push(Some(&many), Some(&[]));
        let kept = &outcomes.classes["cat"].detections;
        assert_eq!(kept.len(), DETECTIONS_MAX);
        assert!(kept.iter().all(|matched| matched.score >= 50.0));
    }

    #[test]
    fn sealed_is_the_same_in_any_order() {
        let images: Vec<Vec<Detection<'_>>> = (0..40)
            .map(|seed: u32| {
                (0..seed % 5)
                    .map(|idx| {
                        let left = f64::from(seed * 7 % 11 + idx);
                        detection(f64::from(seed * idx % 4), area(left, left + 10.0))
                    })
                    .collect()
            })
            .collect();
        let targets = [target(area(3.0, 12.0)), target(area(8.0, 19.0))];
        let mut forward = BoxOutcomes::default();
        let mut parts = [(); 2].map(|()| BoxOutcomes::default());
        for (idx, image) in images.iter().enumerate() {
            forward.push(Some(image), Some(&targets[idx % 2..]));
            parts[idx % 2].push(Some(image), Some(&targets[idx % 2..]));
        }
        let [first, mut merged] = parts;
        merged.merge(first).expect("one configuration");
        forward.seal();
        merged.seal();
        assert_eq!(forward, merged);
    }
}
