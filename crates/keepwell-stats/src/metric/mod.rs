//! Metrics: quantities about a model, from its predictions and targets.

mod accuracy;
mod confusion_matrix;
mod f1;
mod log_loss;
mod precision;
mod recall;
mod roc_auc;

use keepwell_core::catalog::Entry;
use keepwell_core::decide::Limits;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;

use crate::interval::{self, Dependence};
use crate::profile::OutcomeProfile;
use crate::profile::outcome::{ClassCounts, Confusion};

/// One value of a metric: over all classes, or of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Canonical class name for a per-class value.
    pub class: Option<String>,
    /// What tells this value from the others of the same metric, for example `("average", "macro")`.
    pub labels: Vec<(&'static str, String)>,
    /// The value with its interval, or why there is none.
    pub outcome: Outcome<Measure>,
}

/// Which way is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// `*_score` and the like.
    HigherIsBetter,
    /// `*_loss`, `*_error`.
    LowerIsBetter,
    /// A count or a share that is neither good nor bad.
    Neutral,
}

/// A quantity computed from the outcomes of a model.
pub trait Metric: Entry {
    /// Which way is good.
    fn direction(&self) -> Direction;

    /// Least and greatest possible value.
    fn range(&self) -> (f64, f64);

    /// The values for these outcomes: for a binary model one, that of the positive class; for more
    /// classes one per average and one per class.
    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading>;

    /// From which loss on a change for the worse matters, where a specification sets nothing else:
    /// in units of the metric for a score, relative to the reference for a loss.
    fn limits(&self) -> Limits {
        match self.direction() {
            Direction::LowerIsBetter => Limits {
                warning: 0.05,
                alert: 0.1,
            },
            _ => Limits {
                warning: 0.02,
                alert: 0.05,
            },
        }
    }
}

/// Every metric, in alphabetical order.
pub static ALL: &[&dyn Metric] = &[
    &accuracy::Accuracy,
    &confusion_matrix::ConfusionMatrix,
    &f1::F1,
    &log_loss::LogLoss,
    &precision::Precision,
    &recall::Recall,
    &roc_auc::RocAuc,
];

impl Reading {
    /// The only value of a metric, or that of the positive class.
    fn plain(outcome: Outcome<Measure>) -> Self {
        Self {
            class: None,
            labels: Vec::new(),
            outcome,
        }
    }

    /// An average over classes: `macro`, `micro` or `weighted`.
    fn average(kind: &str, outcome: Outcome<Measure>) -> Self {
        Self {
            class: None,
            labels: vec![("average", kind.to_owned())],
            outcome,
        }
    }

    /// The value of one class against the rest.
    fn of_class(class: &str, outcome: Outcome<Measure>) -> Self {
        Self {
            class: Some(class.to_owned()),
            labels: Vec::new(),
            outcome,
        }
    }
}

/// A measure of a share of rows.
fn share(successes: u64, n: u64) -> Outcome<Measure> {
    match interval::proportion(successes, n) {
        Some(measure) => Outcome::Defined(measure),
        None => Outcome::Undefined(Reason::ZeroDenominator),
    }
}

/// A metric that is a function of the counts of one class, and so has averages over classes.
struct ClassScore {
    /// Its value in `[0, 1]`, which stays the same if all counts grow by one factor.
    value: fn(ClassCounts) -> Outcome<Measure>,
    /// Its derivatives; asked for only where the value is defined.
    gradient: fn(ClassCounts) -> Gradient,
    /// Most classes on whose value one wrong row bears: 1 or 2.
    reach: f64,
}

/// Derivatives of a [`ClassScore`] by each of its counts, the others held fixed.
#[derive(Debug, Clone, Copy, Default)]
struct Gradient {
    correct: f64,
    targets: f64,
    predictions: f64,
}

impl ClassScore {
    /// The value of the positive class of a binary model; for more classes the averages, then each class.
    fn readings(&self, outcomes: &OutcomeProfile) -> Vec<Reading> {
        let confusion = outcomes.labelled();
        if let Some(positive) = &outcomes.config().positive {
            let counts = confusion.map(|confusion| confusion.counts_of(positive));
            return vec![Reading::plain(match counts {
                Ok(counts) => (self.value)(counts),
                Err(reason) => Outcome::Undefined(reason),
            })];
        }
        let confusion = match confusion {
            Ok(confusion) => confusion,
            Err(reason) => {
                let undefined = |kind| Reading::average(kind, Outcome::Undefined(reason.clone()));
                return ["macro", "micro", "weighted"].map(undefined).into();
            }
        };
        let (n, n_classes) = (confusion.n() as f64, confusion.counts().len() as f64);
        let by_class: Vec<_> = confusion
            .counts()
            .iter()
            .map(|&counts| (self.value)(counts))
            .collect();
        let equal = vec![1.0 / n_classes; by_class.len()];
        let by_targets: Vec<f64> = confusion
            .counts()
            .iter()
            .map(|counts| counts.targets as f64 / n)
            .collect();
        let weighted = self.average(&confusion, &by_class, &by_targets, Weights::Targets);
        let mut readings = vec![
            Reading::average(
                "macro",
                self.average(&confusion, &by_class, &equal, Weights::Fixed),
            ),
            Reading::average("micro", share(confusion.correct(), confusion.n())),
            Reading::average("weighted", weighted),
        ];
        let classes = confusion.classes().zip(by_class);
        readings.extend(classes.map(|(class, outcome)| Reading::of_class(class, outcome)));
        readings
    }

    /// Weighted mean over classes, an undefined value counting as zero. The interval is recovered from
    /// those of the classes ([`interval::weighted_sum`]); what the classes have in common, and the
    /// variance of the weights, come from the delta method on the multinomial cells of the confusion
    /// matrix, as in Takahashi et al. (2022), Applied Intelligence 52, 4961–4972.
    fn average(
        &self,
        confusion: &Confusion<'_>,
        by_class: &[Outcome<Measure>],
        weights: &[f64],
        kind: Weights,
    ) -> Outcome<Measure> {
        let value_of = |idx: usize| by_class[idx].defined().map_or(0.0, |measure| measure.value);
        let value: f64 = weights
            .iter()
            .enumerate()
            .map(|(idx, weight)| weight * value_of(idx))
            .sum();
        let gradients: Vec<Gradient> = by_class
            .iter()
            .zip(confusion.counts())
            .map(|(outcome, &counts)| match outcome {
                Outcome::Defined(_) => (self.gradient)(counts),
                Outcome::Undefined(_) => Gradient::default(),
            })
            .collect();
        let (mut joint, mut separate) = (0.0_f64, 0.0_f64);
        for cell in confusion.cells() {
            let (target, prediction) = (gradients[cell.target], gradients[cell.prediction]);
            let n = cell.n as f64;
            let mut own = weights[cell.target] * target.targets;
            let mut other = weights[cell.prediction] * prediction.predictions;
            if cell.target == cell.prediction {
                own += other + weights[cell.target] * target.correct;
                other = 0.0;
            }
            let drift = match kind {
                Weights::Fixed => 0.0,
                Weights::Targets => (value_of(cell.target) - value) / confusion.n() as f64,
            };
            joint += n * (own + other + drift).powi(2);
            separate += n * (own * own + other * other);
        }
        let inflation = if separate > 0.0 {
            (joint / separate).clamp(1.0, self.reach)
        } else {
            self.reach
        };
        let dependence = Dependence {
            inflation,
            extra_variance: (joint - inflation * separate).max(0.0),
        };
        let terms: Vec<(f64, Measure)> = weights
            .iter()
            .zip(by_class)
            .filter_map(|(&weight, outcome)| outcome.defined().map(|measure| (weight, *measure)))
            .collect();
        Outcome::Defined(interval::weighted_sum(value, &terms, dependence))
    }
}

/// Where the weights of an average come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weights {
    /// They are the same for every sample.
    Fixed,
    /// They are the shares of the targets, and vary with the sample.
    Targets,
}

/// Profiles for the tests of the metrics.
#[cfg(test)]
mod testing {
    use super::*;
    use crate::profile::{Mode, OutcomeConfig};

    pub(super) fn profile(positive: Option<&str>, scored: &[&str]) -> OutcomeProfile {
        OutcomeProfile::new(OutcomeConfig {
            scored_classes: scored.iter().map(|&class| class.to_owned()).collect(),
            positive: positive.map(str::to_owned),
            threshold: 0.5,
            mode: Mode::Exact,
        })
    }

    /// Rows of target and prediction.
    pub(super) fn decided(positive: Option<&str>, rows: &[(&str, &str)]) -> OutcomeProfile {
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
    ) -> OutcomeProfile {
        let mut outcomes = profile(positive, classes);
        for (target, scores) in rows {
            let target = (!target.is_empty()).then(|| outcomes.class_index(target));
            outcomes.push_scored(target, scores);
        }
        outcomes
    }

    /// The outcome of a metric that has one reading.
    pub(super) fn only(metric: &dyn Metric, outcomes: &OutcomeProfile) -> Outcome<Measure> {
        let mut readings = metric.evaluate(outcomes, &Params::default());
        assert_eq!(readings.len(), 1);
        readings.remove(0).outcome
    }

    /// The value of an average or of a class.
    pub(super) fn value_of(
        metric: &dyn Metric,
        outcomes: &OutcomeProfile,
        name: &str,
    ) -> Result<f64, Reason> {
        let readings = metric.evaluate(outcomes, &Params::default());
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
        mut sample: impl FnMut(&mut Random) -> OutcomeProfile,
    ) -> f64 {
        let held = (0..n_samples).filter(|&seed| {
            let outcomes = sample(&mut Random(seed));
            let readings = metric.evaluate(&outcomes, &Params::default());
            let measure = readings[idx].outcome.defined().expect("defined");
            let interval = measure.interval.expect("always there");
            interval.lower <= truth && truth <= interval.upper
        });
        held.count() as f64 / n_samples as f64
    }
}
