//! Metrics that are a function of the counts of one class, and so have averages over classes.

use keepwell_core::measure::Measure;
use keepwell_core::outcome::Outcome;

use super::decision::Decided;
use super::{Reading, share};
use crate::interval::{self, Dependence};
use crate::profile::outcome::classes::{ClassCounts, Confusion};

/// A metric that is a function of the counts of one class.
pub(super) struct ClassScore<'a> {
    /// Its value in `[0, 1]`, which stays the same if all counts grow by one factor.
    pub(super) value: &'a (dyn Fn(ClassCounts) -> Outcome<Measure> + Sync),
    /// Its derivatives; asked for only where the value is defined.
    pub(super) gradient: &'a (dyn Fn(ClassCounts) -> Gradient + Sync),
    /// The value for the counts of all classes added up.
    pub(super) micro: &'a (dyn Fn(&Confusion<'_>) -> Outcome<Measure> + Sync),
    /// What a class without a value counts as in averages: the worst.
    pub(super) worst: f64,
    /// Most classes on whose value one wrong row bears: 1 or 2.
    pub(super) reach: f64,
}

/// Derivatives of a [`ClassScore`] by each of its counts, the others held fixed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Gradient {
    pub(super) correct: f64,
    pub(super) targets: f64,
    pub(super) predictions: f64,
    pub(super) rows: f64,
}

impl ClassScore<'_> {
    /// The value of the positive class of a binary model; for more classes the averages, then each class.
    pub(super) fn readings(&self, decided: &Decided<'_>) -> Vec<Reading> {
        if let Some(positive) = decided.positive {
            return decided.plain(|confusion| (self.value)(confusion.counts_of(positive)));
        }
        let confusion = match &decided.confusion {
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
        let weighted = self.average(confusion, &by_class, &by_targets, Weights::Targets);
        let mut readings = vec![
            Reading::average(
                "macro",
                self.average(confusion, &by_class, &equal, Weights::Fixed),
            ),
            Reading::average("micro", (self.micro)(confusion)),
            Reading::average("weighted", weighted),
        ];
        let classes = confusion.classes().zip(by_class);
        readings.extend(classes.map(|(class, outcome)| Reading::of_class(class, outcome)));
        readings
    }

    /// Weighted mean over classes, an undefined value counting as the worst. The interval is recovered from
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
        let value_of = |idx: usize| {
            let defined = by_class[idx].defined();
            defined.map_or(self.worst, |measure| measure.value)
        };
        let value: f64 = weights
            .iter()
            .enumerate()
            .map(|(idx, weight)| weight * value_of(idx))
            .sum();
        let slopes: Vec<Gradient> = by_class
            .iter()
            .zip(weights)
            .zip(confusion.counts())
            .map(|((outcome, &weight), &counts)| match outcome {
                Outcome::Defined(_) => (self.gradient)(counts).times(weight),
                Outcome::Undefined(_) => Gradient::default(),
            })
            .collect();
        // Each row bears on every class by being one of all rows.
        let everywhere: f64 = slopes.iter().map(|slope| slope.rows).sum();
        let (mut joint, mut separate) = (0.0_f64, 0.0_f64);
        for cell in confusion.cells() {
            let (target, prediction) = (slopes[cell.target], slopes[cell.prediction]);
            let n = cell.n as f64;
            let is_correct = cell.target == cell.prediction;
            let (own, other) = if is_correct {
                (target.targets + target.predictions + target.correct, 0.0)
            } else {
                (target.targets, prediction.predictions)
            };
            let drift = match kind {
                Weights::Fixed => 0.0,
                Weights::Targets => (value_of(cell.target) - value) / confusion.n() as f64,
            };
            joint += n * (everywhere + own + other + drift).powi(2);
            separate += n * (target.rows + own).powi(2);
            if !is_correct {
                separate += n * (prediction.rows + other).powi(2);
            }
        }
        for (slope, counts) in slopes.iter().zip(confusion.counts()) {
            separate += counts.neither() as f64 * slope.rows * slope.rows;
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

impl Gradient {
    fn times(self, factor: f64) -> Self {
        Self {
            correct: factor * self.correct,
            targets: factor * self.targets,
            predictions: factor * self.predictions,
            rows: factor * self.rows,
        }
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

/// Share of the rows that are right: the micro average of most metrics.
pub(super) fn accuracy(confusion: &Confusion<'_>) -> Outcome<Measure> {
    share(confusion.correct(), confusion.n())
}

/// Share of the rows that are wrong.
pub(super) fn error(confusion: &Confusion<'_>) -> Outcome<Measure> {
    share(confusion.n() - confusion.correct(), confusion.n())
}

/// Counts of all classes against their rest: each wrong row is a false positive of one class, a false
/// negative of another, and a true negative of all others; a right row is one of all but its class.
/// Given are the wrong rows among all decisions against a class, `n (k - 1)` for `k` classes.
pub(super) fn wrong_share(confusion: &Confusion<'_>) -> Outcome<Measure> {
    let n_others = confusion.classes().len().saturating_sub(1) as f64;
    if n_others < 1.0 {
        return share(0, 0);
    }
    error(confusion).map(|wrong| interval::transformed(&wrong, |wrong| wrong / n_others))
}

/// [`wrong_share`] from above.
pub(super) fn right_share(confusion: &Confusion<'_>) -> Outcome<Measure> {
    let n_others = confusion.classes().len().saturating_sub(1) as f64;
    if n_others < 1.0 {
        return share(0, 0);
    }
    accuracy(confusion)
        .map(|right| interval::transformed(&right, |right| 1.0 - (1.0 - right) / n_others))
}
