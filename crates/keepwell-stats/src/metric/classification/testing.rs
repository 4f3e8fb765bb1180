//! Profiles for the tests of the metrics.

use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;

use super::Metric;
use crate::profile::{ClassConfig, ClassOutcomes, Mode};

pub(super) fn profile(positive: Option<&str>, scored: &[&str]) -> ClassOutcomes {
    ClassOutcomes::new(ClassConfig {
        scored_classes: scored.iter().map(|&class| class.to_owned()).collect(),
        positive: positive.map(str::to_owned),
        threshold: 0.5,
        mode: Mode::Exact,
    })
}

/// Rows of target and prediction.
pub(super) fn decided(positive: Option<&str>, rows: &[(&str, &str)]) -> ClassOutcomes {
    let mut outcomes = profile(positive, &[]);
    for (target, prediction) in rows {
        let target = outcomes.class_index(target);
        let prediction = outcomes.class_index(prediction);
        outcomes.push(Some(target), Some(prediction), &[]);
    }
    outcomes
}

/// Rows of target and scores; the empty target is none.
pub(super) fn scored(
    positive: Option<&str>,
    classes: &[&str],
    rows: &[(&str, &[f64])],
) -> ClassOutcomes {
    let mut outcomes = profile(positive, classes);
    for (target, scores) in rows {
        let target = (!target.is_empty()).then(|| outcomes.class_index(target));
        outcomes.push_scored(target, scores);
    }
    outcomes
}

/// The outcome of a metric that has one reading.
pub(super) fn only(metric: &dyn Metric, outcomes: &ClassOutcomes) -> Outcome<Measure> {
    let mut readings = metric.evaluate(
        &outcomes.clone().into(),
        &Params::defaults(metric.parameters()),
    );
    assert_eq!(readings.len(), 1);
    readings.remove(0).outcome
}

/// The value of an average or of a class.
pub(super) fn value_of(
    metric: &dyn Metric,
    outcomes: &ClassOutcomes,
    name: &str,
) -> Result<f64, Reason> {
    let readings = metric.evaluate(
        &outcomes.clone().into(),
        &Params::defaults(metric.parameters()),
    );
    let reading = readings
        .into_iter()
        .find(|reading| {
            reading.class.as_deref() == Some(name)
                || reading.labels.iter().any(|label| label.1 == name)
        })
        .expect("the reading is there");
    reading.outcome.into_result().map(|measure| measure.value)
}

/// A small deterministic generator (SplitMix64), enough to draw samples for coverage tests.
pub(super) struct Random(pub(super) u64);

impl Random {
    /// A number in `[0, 1)`.
    pub(super) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A standard normal number.
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * self.uniform()).cos()
    }
}

/// Share of `n_samples` samples whose interval for the reading at `idx` holds `truth`.
pub(super) fn coverage(
    metric: &dyn Metric,
    idx: usize,
    truth: f64,
    n_samples: u64,
    mut sample: impl FnMut(&mut Random) -> ClassOutcomes,
) -> f64 {
    let held = (0..n_samples).filter(|&seed| {
        let outcomes = sample(&mut Random(seed));
        let readings = metric.evaluate(&outcomes.into(), &Params::defaults(metric.parameters()));
        let measure = readings[idx].outcome.defined().expect("defined");
        let interval = measure.interval.expect("always there");
        interval.lower <= truth && truth <= interval.upper
    });
    held.count() as f64 / n_samples as f64
}
