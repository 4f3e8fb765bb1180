//! Curves of a classifier, with no more points than can be seen.

use keepwell_monitor::evaluation::Curves;
use keepwell_monitor::report::Report;
use serde::Serialize;

use super::budget::{Budget, Reserve};
use super::track::{Rounded, Slots};
use super::words::cut;

/// Most points of a curve.
const POINTS_MAX: usize = 30;
/// How far a point may be moved, as a part of an axis: less than a pixel.
const TOLERANCE: f64 = 0.003;

/// The curves of one class, of the reference and by slot.
#[derive(Debug, Serialize)]
pub(super) struct CurvesView {
    class: String,
    own: Option<SideView>,
    slots: Vec<Option<SideView>>,
}

/// The curves of one stretch of time. Shares in parts of 1000.
#[derive(Debug, Serialize)]
pub(super) struct SideView {
    /// Threshold, false positive rate, recall.
    roc: Vec<(Rounded, u32, u32)>,
    /// Threshold, recall, precision.
    pr: Vec<(Rounded, u32, u32)>,
    /// Mean score, share of the class with its interval, rows.
    bins: Vec<(u32, u32, u32, u32, u64)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<NowView>,
}

/// What the decisions in force do.
#[derive(Debug, Serialize)]
struct NowView {
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Rounded>,
    fpr: Option<u32>,
    recall: Option<u32>,
    precision: Option<u32>,
}

/// Curves of windows for which there was no room yet: class, slot, curves.
pub(super) type Waiting = Vec<(usize, usize, SideView)>;

/// The curves of each class: the reference's and those of the slot that is shown first, then, while there is room,
/// those of the windows from the last on; and those that wait.
pub(super) fn collect(
    report: &Report,
    slots: &Slots,
    budget: &mut Budget,
) -> (Vec<CurvesView>, Waiting) {
    let has_predictions = report.facts.has_predictions();
    let first = report
        .findings
        .first()
        .and_then(|finding| finding.episodes.first())
        .and_then(|episode| slots.position(report.rows[episode.worst.row_idx].scope.window))
        .unwrap_or(slots.len() - 1);
    let mut views: Vec<CurvesView> = Vec::new();
    let mut waiting = Vec::new();
    for curves in &report.reference_curves {
        let view = view_of(&mut views, curves, slots);
        let own = SideView::of(curves, has_predictions);
        budget.charge(&own);
        views[view].own = Some(own);
    }
    for curves in report.curves.iter().rev() {
        let Some(slot) = slots.position(curves.window) else {
            continue;
        };
        let view = view_of(&mut views, curves, slots);
        let side = SideView::of(curves, has_predictions);
        if slot == first {
            budget.charge(&side);
            views[view].slots[slot] = Some(side);
        } else if budget.takes(&side, Reserve::CURVES) {
            views[view].slots[slot] = Some(side);
        } else {
            waiting.push((view, slot, side));
        }
    }
    (views, waiting)
}

/// Puts in what waited, while there is room; the number of what is left out.
pub(super) fn fill(views: &mut [CurvesView], waiting: Waiting, budget: &mut Budget) -> usize {
    let mut n_omitted = 0;
    for (view, slot, side) in waiting {
        if budget.takes(&side, Reserve::REST) {
            views[view].slots[slot] = Some(side);
        } else {
            n_omitted += 1;
        }
    }
    n_omitted
}

/// The place of the class, which is added if it is new.
fn view_of(views: &mut Vec<CurvesView>, curves: &Curves, slots: &Slots) -> usize {
    let class = cut(&curves.class);
    let known = views.iter().position(|view| view.class == class);
    known.unwrap_or_else(|| {
        views.push(CurvesView {
            class,
            own: None,
            slots: (0..slots.len()).map(|_| None).collect(),
        });
        views.len() - 1
    })
}

impl SideView {
    fn of(curves: &Curves, has_predictions: bool) -> Self {
        let roc = curves.roc.iter();
        let roc: Vec<Point> = roc.map(|at| (at.threshold, at.fpr, at.tpr)).collect();
        let pr = curves.precision_recall.iter();
        let pr: Vec<Point> = pr
            .map(|at| (at.threshold, at.recall, at.precision))
            .collect();
        let bins = curves.calibration.iter().map(|bin| {
            let share = bin.share.value;
            let (lower, upper) = match bin.share.interval {
                Some(interval) => (interval.lower, interval.upper),
                None => (share, share),
            };
            let [score, share, lower, upper] = [bin.score, share, lower, upper].map(mille);
            (score, share, lower, upper, bin.n)
        });
        Self {
            roc: drawn(&roc),
            pr: drawn(&pr),
            bins: bins.collect(),
            now: curves.decisions.map(|decisions| NowView {
                at: decisions
                    .threshold
                    .filter(|_| !has_predictions)
                    .map(|threshold| Rounded::new(threshold, 3)),
                fpr: decisions.fpr.map(mille),
                recall: decisions.recall.map(mille),
                precision: decisions.precision.map(mille),
            }),
        }
    }
}

/// A share in parts of 1000.
fn mille(share: f64) -> u32 {
    // The cast saturates.
    (share * 1000.0).round() as u32
}

/// Threshold and place of a point.
type Point = (f64, f64, f64);

/// The points that make the curve what it is.
fn drawn(points: &[Point]) -> Vec<(Rounded, u32, u32)> {
    let mut tolerance = TOLERANCE;
    let mut kept = simplified(points, tolerance);
    while kept.len() > POINTS_MAX {
        tolerance *= 1.5;
        kept = simplified(points, tolerance);
    }
    kept.into_iter()
        .map(|(threshold, x, y)| (Rounded::new(threshold, 2), mille(x), mille(y)))
        .collect()
}

/// Douglas and Peucker (1973): the first and the last point, and between them those without which the line
/// would pass farther than `tolerance` from some point.
fn simplified(points: &[Point], tolerance: f64) -> Vec<Point> {
    let mut is_kept = vec![false; points.len()];
    let mut open = vec![(0, points.len().saturating_sub(1))];
    while let Some((first, last)) = open.pop() {
        for end in [first, last] {
            if let Some(kept) = is_kept.get_mut(end) {
                *kept = true;
            }
        }
        let between = (first + 1..last).map(|idx| {
            let distance = distance(points[idx], points[first], points[last]);
            (distance, idx)
        });
        let farthest = between.max_by(|left, right| left.0.total_cmp(&right.0));
        if let Some((distance, idx)) = farthest
            && distance > tolerance
        {
            open.extend([(first, idx), (idx, last)]);
        }
    }
    let kept = points.iter().zip(is_kept);
    kept.filter_map(|(point, is_kept)| is_kept.then_some(*point))
        .collect()
}

/// Distance of a point from the segment between two others.
fn distance((_, x, y): Point, (_, x0, y0): Point, (_, x1, y1): Point) -> f64 {
    let (dx, dy) = (x1 - x0, y1 - y0);
    let length = dx * dx + dy * dy;
    let along = match length > 0.0 {
        true => (((x - x0) * dx + (y - y0) * dy) / length).clamp(0.0, 1.0),
        false => 0.0,
    };
    (x - x0 - along * dx).hypot(y - y0 - along * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_keeps_its_form_in_few_points() {
        let curve: Vec<Point> = (0..=1000)
            .map(|idx| f64::from(idx) / 1000.0)
            .map(|x| (1.0 - x, x, x.powf(0.2)))
            .collect();
        let kept = simplified(&curve, TOLERANCE);
        assert!(kept.len() < 25, "{}", kept.len());
        assert_eq!((kept[0], kept[kept.len() - 1]), (curve[0], curve[1000]));
        for point in &curve {
            let near = kept
                .windows(2)
                .map(|ends| distance(*point, ends[0], ends[1]))
                .fold(f64::INFINITY, f64::min);
            assert!(near <= TOLERANCE, "{point:?}: {near}");
        }
        let steps: Vec<Point> = (0..1000)
            .map(|idx| (0.0, f64::from(idx) / 1000.0, f64::from(idx % 2)))
            .collect();
        assert!(drawn(&steps).len() <= POINTS_MAX);
        assert!(drawn(&[]).is_empty());
    }
}
