//! Curves of a class against the rest, for reports: what happens at each threshold, and whether scores are
//! probabilities.
//!
//! The class is the positive one of a binary model, or any class with a score column. Rows are those with a
//! target and a finite score of each scored class. Points are exact; where there would be too many, some are
//! left out. On sketched profiles they are off by its rank error.

use keepwell_core::measure::Measure;
use keepwell_core::outcome::Reason;

use crate::interval;
use crate::profile::ClassOutcomes;
use crate::profile::outcome::classes::{Ranks, Tie};

/// What a threshold does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RocPoint {
    /// A score from here on, inclusive, is decided for the class; infinite for the first point, which
    /// decides nothing for it.
    pub threshold: f64,
    /// Share of the other rows that are decided for it.
    pub fpr: f64,
    /// Share of its rows that are decided for it.
    pub tpr: f64,
}

/// What a threshold does, seen from the decisions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PrecisionRecallPoint {
    /// A score from here on, inclusive, is decided for the class; infinite for the first point, whose
    /// precision is 1 by convention.
    pub threshold: f64,
    /// Share of the rows decided for the class that are of it.
    pub precision: f64,
    /// Share of its rows that are decided for it.
    pub recall: f64,
}

/// Rows of similar score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationPoint {
    /// Number of rows, at least one.
    pub n: u64,
    /// Their mean score.
    pub score: f64,
    /// The share of them that is of the class, with its interval of Wilson.
    pub share: Measure,
}

/// How scores are put into bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binning {
    /// Bins of equal width over `[0, 1]`, each with its upper end, the first with both.
    EqualWidth,
    /// Bins that hold about as many rows each.
    Quantile,
}

/// Points of the receiver operating characteristic, thresholds descending, from (0, 0) to (1, 1); points
/// on a line between their neighbours are left out, and then as many as it takes to keep `n_points_max`.
///
/// # Errors
/// The reason why there is no curve, as for `roc_auc`.
pub fn roc_curve(
    outcomes: &ClassOutcomes,
    class: &str,
    n_points_max: usize,
) -> Result<Vec<RocPoint>, Reason> {
    let ranks = sides(outcomes, class)?;
    let (n_this, n_rest) = (ranks.this as f64, ranks.rest as f64);
    let corners = corners(&cumulated(&ranks.ties));
    let points = corners.into_iter().map(|cut| RocPoint {
        threshold: cut.threshold,
        fpr: cut.rest as f64 / n_rest,
        tpr: cut.this as f64 / n_this,
    });
    let along = |point: &RocPoint| (point.fpr + point.tpr) / 2.0;
    Ok(thinned(points.collect(), along, n_points_max))
}

/// Points of precision over recall, thresholds descending, from recall 0 to 1; at most `n_points_max`.
///
/// # Errors
/// The reason why there is no curve, as for `average_precision`.
pub fn precision_recall_curve(
    outcomes: &ClassOutcomes,
    class: &str,
    n_points_max: usize,
) -> Result<Vec<PrecisionRecallPoint>, Reason> {
    let ranks = sides(outcomes, class)?;
    let n_this = ranks.this as f64;
    let cuts = cumulated(&ranks.ties);
    let points = cuts.into_iter().map(|cut| PrecisionRecallPoint {
        threshold: cut.threshold,
        precision: match cut.this + cut.rest {
            0 => 1.0,
            n => cut.this as f64 / n as f64,
        },
        recall: cut.this as f64 / n_this,
    });
    Ok(thinned(
        points.collect(),
        |point| point.recall,
        n_points_max,
    ))
}

/// Mean score against the share of the class, over the bins that hold rows, scores ascending.
///
/// # Errors
/// The reason why there is no curve, as for `expected_calibration_error`.
pub fn calibration_curve(
    outcomes: &ClassOutcomes,
    class: &str,
    binning: Binning,
    n_bins: usize,
) -> Result<Vec<CalibrationPoint>, Reason> {
    let ranks = ranks_of(outcomes, class)?;
    if outcomes.improbable() > 0 {
        return Err(Reason::NotApplicable);
    }
    if ranks.this + ranks.rest == 0 {
        return Err(Reason::NoTargets);
    }
    Ok(binned(&ranks.ties, binning, n_bins))
}

fn ranks_of<'a>(outcomes: &'a ClassOutcomes, class: &str) -> Result<&'a Ranks, Reason> {
    outcomes.scored()?;
    let grid = outcomes.scores(class).ok_or(Reason::NoScores)?;
    Ok(grid.ranks())
}

fn sides<'a>(outcomes: &'a ClassOutcomes, class: &str) -> Result<&'a Ranks, Reason> {
    let ranks = ranks_of(outcomes, class)?;
    match (ranks.this, ranks.rest) {
        (0, 0) => Err(Reason::NoTargets),
        (0, _) | (_, 0) => Err(Reason::OneClass),
        _ => Ok(ranks),
    }
}

/// Rows at or above a threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cut {
    threshold: f64,
    this: u64,
    rest: u64,
}

/// One cut above all scores, then one at each, descending.
fn cumulated(ties: &[Tie]) -> Vec<Cut> {
    let mut cut = Cut {
        threshold: f64::INFINITY,
        this: 0,
        rest: 0,
    };
    let mut cuts = Vec::with_capacity(ties.len() + 1);
    cuts.push(cut);
    for tie in ties.iter().rev() {
        cut = Cut {
            threshold: tie.score,
            this: cut.this + tie.this,
            rest: cut.rest + tie.rest,
        };
        cuts.push(cut);
    }
    cuts
}

/// The first and the last cut, and those at which the curve turns.
fn corners(cuts: &[Cut]) -> Vec<Cut> {
    let turns = |before: &Cut, here: &Cut, after: &Cut| {
        let step = |from: u64, to: u64| u128::from(to - from);
        step(before.this, here.this) * step(here.rest, after.rest)
            != step(here.this, after.this) * step(before.rest, here.rest)
    };
    let is_kept = |idx: usize| match (idx.checked_sub(1), cuts.get(idx + 1)) {
        (Some(before), Some(after)) => turns(&cuts[before], &cuts[idx], after),
        _ => true,
    };
    (0..cuts.len())
        .filter(|&idx| is_kept(idx))
        .map(|idx| cuts[idx])
        .collect()
}

/// At most `n_max` of the points: the first, the last, and those that enter another of equal parts of the
/// way. `along` rises from 0 to 1.
fn thinned<T: Copy>(points: Vec<T>, along: impl Fn(&T) -> f64, n_max: usize) -> Vec<T> {
    if points.len() <= n_max.max(2) {
        return points;
    }
    let n_parts = n_max.saturating_sub(1).max(1) as f64;
    let part = |point: &T| (along(point) * n_parts).floor().min(n_parts - 1.0) as usize;
    let last = points.len() - 1;
    let mut entered = None;
    let mut kept = Vec::new();
    for (idx, point) in points.iter().enumerate() {
        if idx == last || entered != Some(part(point)) {
            entered = Some(part(point));
            kept.push(*point);
        }
    }
    kept
}

/// The bins that hold rows, ascending; `ties` is not empty, and its scores are probabilities.
pub(super) fn binned(ties: &[Tie], binning: Binning, n_bins: usize) -> Vec<CalibrationPoint> {
    let edges: Vec<f64> = match binning {
        Binning::EqualWidth => (1..n_bins).map(|idx| share_of(idx, n_bins)).collect(),
        Binning::Quantile => quantiles(ties, n_bins),
    };
    let mut points = Vec::new();
    let mut left = ties;
    for upper in edges.into_iter().chain([f64::INFINITY]) {
        let (here, above) = left.split_at(left.partition_point(|tie| tie.score <= upper));
        left = above;
        let (own, rest) = here
            .iter()
            .fold((0, 0), |(own, rest), tie| (own + tie.this, rest + tie.rest));
        let n = own + rest;
        let scores: f64 = here
            .iter()
            .map(|tie| tie.score * (tie.this + tie.rest) as f64)
            .sum();
        if let Some(share) = interval::proportion(own, n) {
            points.push(CalibrationPoint {
                n,
                score: scores / n as f64,
                share,
            });
        }
    }
    points
}

/// The share `idx / n` as NumPy's `linspace` rounds it, so that scores on an edge fall into its bins.
fn share_of(idx: usize, n: usize) -> f64 {
    idx as f64 * (1.0 / n as f64)
}

/// Inner edges of bins with about as many rows each: quantiles with linear interpolation, as NumPy's
/// `percentile` rounds them.
fn quantiles(ties: &[Tie], n_bins: usize) -> Vec<f64> {
    let mut upto = 0;
    let cumulative: Vec<u64> = ties
        .iter()
        .map(|tie| {
            upto += tie.this + tie.rest;
            upto
        })
        .collect();
    let last = upto.saturating_sub(1);
    let at = |rank: u64| ties[cumulative.partition_point(|&n| n <= rank.min(last))].score;
    (1..n_bins)
        .map(|idx| {
            let position = (share_of(idx, n_bins) * 100.0 / 100.0) * last as f64;
            let below = position.floor();
            let (low, high) = (at(below as u64), at(below as u64 + 1));
            let part = position - below;
            if part >= 0.5 {
                high - (high - low) * (1.0 - part)
            } else {
                low + (high - low) * part
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Random, profile, scored};
    use super::*;

    const ROWS: [(&str, &[f64]); 9] = [
        ("0", &[0.1]),
        ("0", &[0.2]),
        ("0", &[0.3]),
        ("1", &[0.3]),
        ("0", &[0.4]),
        ("1", &[0.6]),
        ("1", &[0.8]),
        ("0", &[0.8]),
        ("1", &[0.9]),
    ];

    fn outcomes() -> ClassOutcomes {
        scored(Some("1"), &["1"], &ROWS)
    }

    #[test]
    fn roc_agrees_with_scikit_learn() {
        // sklearn.metrics.roc_curve on ROWS: thresholds, false and true positive rates.
        let points = roc_curve(&outcomes(), "1", 100).expect("two classes");
        let found: Vec<[f64; 3]> = points
            .iter()
            .map(|point| [point.threshold, point.fpr, point.tpr])
            .collect();
        let expected = [
            [f64::INFINITY, 0.0, 0.0],
            [0.9, 0.0, 0.25],
            [0.8, 0.2, 0.5],
            [0.6, 0.2, 0.75],
            [0.4, 0.4, 0.75],
            [0.3, 0.6, 1.0],
            [0.1, 1.0, 1.0],
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn precision_recall_agrees_with_scikit_learn() {
        // sklearn.metrics.precision_recall_curve on ROWS, in reverse order.
        let points = precision_recall_curve(&outcomes(), "1", 100).expect("two classes");
        let found: Vec<[f64; 2]> = points
            .iter()
            .map(|point| [point.precision, point.recall])
            .collect();
        let expected = [
            [1.0, 0.0],
            [1.0, 0.25],
            [2.0 / 3.0, 0.5],
            [0.75, 0.75],
            [0.6, 0.75],
            [4.0 / 7.0, 1.0],
            [0.5, 1.0],
            [4.0 / 9.0, 1.0],
        ];
        assert_eq!(found, expected);
        assert_eq!(points[1].threshold, 0.9);
    }

    #[test]
    fn calibration_agrees_with_scikit_learn() {
        // sklearn.calibration.calibration_curve on ROWS, n_bins=3.
        for (binning, expected) in [
            (
                Binning::EqualWidth,
                [[0.225, 0.25], [0.5, 0.5], [2.5 / 3.0, 2.0 / 3.0]],
            ),
            (
                Binning::Quantile,
                [[0.225, 0.25], [0.5, 0.5], [2.5 / 3.0, 2.0 / 3.0]],
            ),
        ] {
            let points = calibration_curve(&outcomes(), "1", binning, 3).expect("rows exist");
            for (point, [score, share]) in points.iter().zip(expected) {
                assert!((point.score - score).abs() < 1e-15, "{binning:?} {point:?}");
                assert_eq!(point.share.value, share, "{binning:?}");
            }
            assert_eq!(points.len(), 3);
        }
    }

    #[test]
    fn few_points_of_many_are_some_of_them() {
        let mut random = Random(3);
        let mut outcomes = profile(Some("1"), &["1"]);
        let classes = ["0", "1"].map(|class| outcomes.class_index(class));
        for row in 0..4_000 {
            let is_own = row % 4 == 0;
            let score = random.normal() + f64::from(u8::from(is_own));
            outcomes.push(Some(classes[usize::from(is_own)]), None, &[score]);
        }
        for n_max in [2, 3, 50, 200] {
            let all = roc_curve(&outcomes, "1", usize::MAX).expect("two classes");
            let some = roc_curve(&outcomes, "1", n_max).expect("two classes");
            assert!(
                some.len() <= n_max && 2 * some.len() >= n_max,
                "{}",
                some.len()
            );
            assert!(some.iter().all(|point| all.contains(point)));
            assert_eq!(
                (some[0], some[some.len() - 1]),
                (all[0], all[all.len() - 1])
            );
            let some = precision_recall_curve(&outcomes, "1", n_max).expect("two classes");
            assert!(
                some.len() <= n_max && 2 * some.len() >= n_max,
                "{}",
                some.len()
            );
            assert_eq!(some[some.len() - 1].recall, 1.0);
        }
    }

    #[test]
    fn what_has_no_curve_says_why() {
        let margins = scored(Some("1"), &["1"], &[("1", &[3.0]), ("0", &[-1.0])]);
        assert!(roc_curve(&margins, "1", 10).is_ok());
        assert_eq!(
            calibration_curve(&margins, "1", Binning::Quantile, 10),
            Err(Reason::NotApplicable)
        );
        let one = scored(Some("1"), &["1"], &[("1", &[0.3])]);
        assert_eq!(roc_curve(&one, "1", 10), Err(Reason::OneClass));
        assert_eq!(roc_curve(&one, "0", 10), Err(Reason::NoScores));
        assert!(calibration_curve(&one, "1", Binning::EqualWidth, 10).is_ok());
    }
}
