//! Groups for the tests of the measures.

use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;

use super::{Disparity, FairnessMetric, Group};
use crate::profile::{ClassConfig, ClassOutcomes, Mode};

/// Rows of a group: right positive, missed, false alarm, right negative.
pub(super) fn group([tp, misses, alarms, tn]: [u64; 4]) -> ClassOutcomes {
    let mut outcomes = ClassOutcomes::new(ClassConfig {
        scored_classes: Vec::new(),
        positive: Some("1".to_owned()),
        threshold: 0.5,
        mode: Mode::Exact,
    });
    let (yes, no) = (outcomes.class_index("1"), outcomes.class_index("0"));
    for (n, target, prediction) in [
        (tp, yes, yes),
        (misses, yes, no),
        (alarms, no, yes),
        (tn, no, no),
    ] {
        for _ in 0..n {
            outcomes.push(Some(target), Some(prediction), &[]);
        }
    }
    outcomes
}

/// The measure with its defaults for groups `a`, `b`, … of these rows.
pub(super) fn disparity(metric: &dyn FairnessMetric, groups: &[[u64; 4]]) -> Outcome<Disparity> {
    let outcomes: Vec<ClassOutcomes> = groups.iter().map(|&rows| group(rows)).collect();
    let groups: Vec<Group<'_>> = ["a", "b", "c", "d"]
        .into_iter()
        .zip(&outcomes)
        .map(|(name, outcomes)| Group { name, outcomes })
        .collect();
    metric.evaluate(&groups, &Params::defaults(metric.parameters()))
}
