//! Metrics of classifiers.

mod accuracy;
mod average_precision;
mod balanced_accuracy;
mod brier_score;
mod business_value;
mod class_score;
mod cohen_kappa;
mod confusion_matrix;
pub mod curves;
mod decision;
mod expected_calibration_error;
mod f1;
mod f_beta;
mod fnr;
mod fpr;
mod jaccard;
mod log_loss;
mod mcc;
mod npv;
mod one_versus_rest;
mod precision;
mod recall;
mod roc_auc;
mod specificity;
#[cfg(test)]
mod testing;
mod top_k_accuracy;

use super::{Direction, Metric, Reading, share};
use crate::profile::OutcomeProfile;
use crate::profile::outcome::classes::ClassCounts;

/// Every metric of classifiers, in alphabetical order.
pub static ALL: &[&dyn Metric] = &[
    &accuracy::Accuracy,
    &average_precision::AveragePrecision,
    &balanced_accuracy::BalancedAccuracy,
    &brier_score::BrierScore,
    &business_value::BusinessValue,
    &cohen_kappa::CohenKappa,
    &confusion_matrix::ConfusionMatrix,
    &expected_calibration_error::ExpectedCalibrationError,
    &f1::F1,
    &f_beta::FBeta,
    &fnr::Fnr,
    &fpr::Fpr,
    &jaccard::Jaccard,
    &log_loss::LogLoss,
    &mcc::Mcc,
    &npv::Npv,
    &precision::Precision,
    &recall::Recall,
    &roc_auc::RocAuc,
    &specificity::Specificity,
    &top_k_accuracy::TopKAccuracy,
];

/// Counts of the positive class of a binary model.
fn positive_counts(outcomes: &OutcomeProfile) -> Option<ClassCounts> {
    let outcomes = outcomes.classes()?;
    let positive = outcomes.config().positive.as_deref()?;
    Some(outcomes.labelled().ok()?.counts_of(positive))
}

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Reason;
    use keepwell_core::params::Params;

    use super::super::yardstick;
    use super::testing::profile;
    use super::*;
    use crate::profile::ClassOutcomes;

    fn value_of(id: &str, label: &str, outcomes: &ClassOutcomes) -> Result<f64, Reason> {
        let metric = ALL.iter().find(|metric| metric.info().id == id);
        let metric = *metric.expect("a metric");
        let params = Params::defaults(metric.parameters());
        let constant = outcomes.constant().expect("targets");
        let readings = yardstick(metric, &constant.into(), &params);
        let is_named = |reading: &&Reading| match label {
            "" => reading.labels.is_empty() && reading.class.is_none(),
            label => reading.labels.iter().any(|(_, value)| value == label),
        };
        let reading = readings.iter().find(is_named).expect("a reading");
        let measure = reading.outcome.clone().into_result()?;
        assert_eq!((measure.interval, measure.error_bound), (None, None));
        Ok(measure.value)
    }

    #[test]
    fn yardstick_of_a_binary_model_is_its_base_rate() {
        let mut outcomes = profile(Some("1"), &["1"]);
        let (yes, no) = (outcomes.class_index("1"), outcomes.class_index("0"));
        for row in 0..1_000 {
            let target = if row % 5 == 0 { yes } else { no };
            outcomes.push(Some(target), Some(yes), &[0.9]);
        }
        let entropy = -(0.2_f64 * 0.2_f64.ln() + 0.8 * 0.8_f64.ln());
        for (id, expected) in [
            ("accuracy", 0.8),
            ("balanced_accuracy", 0.5),
            ("recall", 0.0),
            ("f1", 0.0),
            ("specificity", 1.0),
            ("roc_auc", 0.5),
            ("average_precision", 0.2),
            ("log_loss", entropy),
            ("brier_score", 0.16),
            ("expected_calibration_error", 0.0),
            ("cohen_kappa", 0.0),
            ("business_value", 0.6),
        ] {
            let found = value_of(id, "", &outcomes).expect("defined");
            assert!((found - expected).abs() < 1e-12, "{id}: {found}");
        }
        for id in ["precision", "mcc"] {
            let found = value_of(id, "", &outcomes);
            assert_eq!(found, Err(Reason::ZeroDenominator), "{id}");
        }
    }

    #[test]
    fn yardstick_of_several_classes() {
        let mut outcomes = profile(None, &["a", "b", "c"]);
        for row in 0..100 {
            let target = usize::from(row % 10 >= 5) + usize::from(row % 10 >= 8);
            outcomes.push(Some(target), Some(2), &[0.1, 0.2, 0.7]);
        }
        for (id, label, expected) in [
            ("accuracy", "", 0.5),
            ("recall", "macro", 1.0 / 3.0),
            ("roc_auc", "macro", 0.5),
            ("top_k_accuracy", "", 0.8),
            ("brier_score", "", 1.0 - 0.25 - 0.09 - 0.04),
            ("expected_calibration_error", "top_label", 0.0),
        ] {
            let found = value_of(id, label, &outcomes).expect("defined");
            assert!((found - expected).abs() < 1e-12, "{id}: {found}");
        }
    }

    #[test]
    fn without_targets_there_is_no_yardstick() {
        let mut outcomes = profile(Some("1"), &["1"]);
        outcomes.push(None, None, &[0.5]);
        assert!(outcomes.constant().is_none());
    }
}
