//! From scores to probabilities, and from these to expected counts.

use keepwell_core::outcome::Reason;

use super::expectation::{Expectation, Scored};
use super::isotonic::{Isotonic, Point};
use crate::profile::outcome::classes::Side;
use crate::profile::{ClassOutcomes, ScoreGrid, TwoSample};

const SIDES: [Side; 3] = [Side::Unknown, Side::Rest, Side::This];

/// Expected counts of one class in the current window, against the rest. Its scores are mapped to
/// probabilities by what the reference saw of the class, or taken as they are.
///
/// # Errors
/// The reason why there is nothing to expect.
pub(super) fn expectation(
    sample: TwoSample<'_, ClassOutcomes>,
    class: &str,
    is_calibrated: bool,
) -> Result<Expectation, Reason> {
    let scores = scores_of(sample.current, class)?;
    let curve = if is_calibrated {
        Some(curve(sample.reference, class)?)
    } else {
        None
    };
    if curve.is_none() && sample.current.improbable() > 0 {
        return Err(Reason::NotApplicable);
    }
    let mut rows = Vec::new();
    let mut is_sketched = false;
    for target in SIDES {
        for prediction in SIDES {
            let distribution = scores.cell(target, prediction).distribution();
            is_sketched |= distribution.rank_error() > 0.0;
            let mut before = 0;
            for (idx, &score) in distribution.values().iter().enumerate() {
                let upto = distribution.cumulative(idx);
                rows.push(Scored {
                    score,
                    rows: (upto - before) as f64,
                    probability: curve
                        .as_ref()
                        .map_or(score, |curve| curve.probability(score)),
                    decision: match prediction {
                        Side::Unknown => None,
                        Side::Rest => Some(false),
                        Side::This => Some(true),
                    },
                });
                before = upto;
            }
        }
    }
    if rows.is_empty() {
        return Err(Reason::AllNull);
    }
    if curve.is_some() {
        let reference = scores_of(sample.reference, class)?;
        let is_exact = |&side: &Side| reference.ranked(side).rank_error <= 0.0;
        is_sketched |= !SIDES.iter().all(is_exact);
    }
    Ok(Expectation::new(rows, curve, is_sketched))
}

fn scores_of<'a>(outcomes: &'a ClassOutcomes, class: &str) -> Result<&'a ScoreGrid, Reason> {
    if outcomes.rows() == 0 {
        return Err(Reason::NoRows);
    }
    outcomes.scores(class).ok_or(Reason::NoScores)
}

/// The curve from scores to probabilities in the reference.
fn curve(reference: &ClassOutcomes, class: &str) -> Result<Isotonic, Reason> {
    let scores = match scores_of(reference, class) {
        Err(Reason::NoRows) => return Err(Reason::NoReference),
        other => other?,
    };
    if reference.targets() == 0 {
        return Err(Reason::NoTargets);
    }
    let ranks = scores.ranks();
    match (ranks.this, ranks.rest) {
        (0, 0) => return Err(Reason::AllNull),
        (0, _) | (_, 0) => return Err(Reason::OneClass),
        _ => {}
    }
    let points: Vec<Point> = ranks
        .ties
        .iter()
        .map(|tie| Point {
            score: tie.score,
            rows: (tie.this + tie.rest) as f64,
            positives: tie.this as f64,
        })
        .collect();
    Isotonic::fit(&points).ok_or(Reason::AllNull)
}
