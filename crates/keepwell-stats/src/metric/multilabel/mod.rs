//! Metrics of multilabel classifiers.

mod hamming_loss;
mod subset_accuracy;

use super::{Direction, Metric, Reading, share};

/// Every metric of multilabel classifiers, in alphabetical order.
pub static ALL: &[&dyn Metric] = &[&hamming_loss::HammingLoss, &subset_accuracy::SubsetAccuracy];

/// Profiles for the tests of the metrics.
#[cfg(test)]
mod testing {
    use keepwell_core::measure::Measure;
    use keepwell_core::outcome::Outcome;
    use keepwell_core::params::Params;

    use super::*;
    use crate::profile::LabelOutcomes;

    /// Rows of target and prediction, one letter a label; a dash is null.
    pub(super) fn outcome(metric: &dyn Metric, rows: &[(&str, &str)]) -> Outcome<Measure> {
        let mut outcomes = LabelOutcomes::default();
        for (target, prediction) in rows {
            let [target, prediction] = [target, prediction].map(|letters| {
                (*letters != "-").then(|| -> Vec<usize> {
                    let label = |letter: char| outcomes.label_index(&letter.to_string());
                    letters.chars().map(label).collect()
                })
            });
            outcomes.push(target.as_deref(), prediction.as_deref());
        }
        let mut readings = metric.evaluate(&outcomes.into(), &Params::default());
        assert_eq!(readings.len(), 1);
        readings.remove(0).outcome
    }
}
