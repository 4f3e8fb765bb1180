//! Why a metric changed: the segments that have the greatest part in it.

use keepwell_core::catalog::Standing;
use keepwell_core::time::Window;
use keepwell_stats::attribution::{SegmentParts, parts_of_change, parts_of_change_of_root};
use keepwell_stats::metric;
use keepwell_stats::profile::OutcomeProfile;

use super::Evaluation;
use crate::row::Scope;

/// Fewest segments between which a change is divided.
const SEGMENTS_MIN: usize = 2;

/// The outcomes of one value of a segment column on both sides; `None` for what has no name of its own.
pub struct SegmentOutcomes<'a> {
    /// The value.
    pub value: Option<String>,
    /// Outcomes in the reference.
    pub reference: &'a OutcomeProfile,
    /// Outcomes now.
    pub current: &'a OutcomeProfile,
}

/// The change of a metric divided among the values of a segment column.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// Window of the change.
    pub window: Option<Window>,
    /// Identifier of the metric.
    pub metric: &'static str,
    /// The segment column.
    pub column: String,
    /// Part of each value in the change, in the unit of the metric, greatest extent first; they add up to
    /// the change of the whole. `None` stands for all that has no name of its own.
    pub parts: Vec<(Option<String>, f64)>,
}

impl Attribution {
    /// The change of the whole.
    pub fn change(&self) -> f64 {
        self.parts.iter().map(|(_, part)| part).sum()
    }

    /// The value with the greatest part in the direction of the change, and its share of it, which is above 1
    /// where others went the other way.
    pub fn leading(&self) -> Option<(&str, f64)> {
        let change = self.change();
        let (value, part) = self
            .parts
            .iter()
            .filter_map(|(value, part)| Some((value.as_deref()?, part)))
            .max_by(|left, right| {
                (left.1 * change.signum()).total_cmp(&(right.1 * change.signum()))
            })?;
        (part * change > 0.0).then(|| (value, part / change))
    }
}

impl Evaluation {
    /// Divides the change of each metric that is a ratio of sums among the values of a segment column, which
    /// together must hold all rows.
    pub fn attribute(&mut self, scope: &Scope, column: &str, segments: &[SegmentOutcomes<'_>]) {
        if segments.len() < SEGMENTS_MIN {
            return;
        }
        let decided = metric::all().filter(|metric| metric.standing() == Standing::Decided);
        for metric in decided {
            let sums: Option<Vec<SegmentParts>> = segments
                .iter()
                .map(|segment| {
                    Some(SegmentParts {
                        reference: metric
                            .ratio(segment.reference)
                            .or_else(|| empty(segment.reference))?,
                        current: metric
                            .ratio(segment.current)
                            .or_else(|| empty(segment.current))?,
                    })
                })
                .collect();
            let found = sums.and_then(|sums| match metric.is_root_of_ratio() {
                true => parts_of_change_of_root(&sums),
                false => parts_of_change(&sums),
            });
            let Some(found) = found else {
                continue;
            };
            let mut parts: Vec<(Option<String>, f64)> = segments
                .iter()
                .map(|segment| segment.value.clone())
                .zip(found)
                .collect();
            parts.sort_by(|left, right| right.1.abs().total_cmp(&left.1.abs()));
            self.attributions.push(Attribution {
                window: scope.window,
                metric: metric.info().id,
                column: column.to_owned(),
                parts,
            });
        }
    }
}

/// A segment without rows with a target adds nothing to either sum.
fn empty(outcomes: &OutcomeProfile) -> Option<keepwell_stats::attribution::RatioParts> {
    (outcomes.targets() == 0).then(Default::default)
}
