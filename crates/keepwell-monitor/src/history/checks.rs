//! Quality checks over the windows of the reference, for the series that monitors read.

use keepwell_core::params::Params;
use keepwell_stats::profile::{ColumnProfile, TwoSample};
use keepwell_stats::quality;

use super::Point;
use crate::monitors::{Monitors, SeriesOf, Watched};

/// By id, the values of each check that a monitor reads for `column`, one per window.
pub(super) fn check_points(
    monitors: &Monitors,
    column: &str,
    windows: &[&ColumnProfile],
) -> Vec<(&'static str, Vec<Point>)> {
    let mut found = Vec::new();
    for &check in quality::ALL {
        let of = SeriesOf {
            family: Watched::Quality,
            id: check.info().id,
        };
        if monitors.of_series(of, Some(column)).next().is_none() {
            continue;
        }
        let params = Params::defaults(check.parameters());
        // By what a check compares with the reference, a window of the reference has no fault.
        let point = |window: &&ColumnProfile| {
            let sample = TwoSample {
                reference: *window,
                current: *window,
            };
            let outcome = check.check(sample, &params);
            Point {
                value: outcome.defined().map(|measure| measure.value),
                rows: window.counts().rows,
            }
        };
        found.push((of.id, windows.iter().map(point).collect()));
    }
    found
}
