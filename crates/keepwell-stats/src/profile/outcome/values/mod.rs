//! Numbers that were predicted, against their targets.

pub mod comoments;

pub mod loss;

use keepwell_core::outcome::Reason;

use super::super::moments::BLOCK;
use super::super::{MergeError, Mode, Moments, NumericProfile};

pub use comoments::Comoments;
pub use loss::Loss;
pub(crate) use loss::LossMoments;

/// Moments of losses, targets and errors, and the distribution of the errors, for regression.
///
/// A row is usable if target and prediction are finite; the others are counted. In exact mode one number is
/// kept for each usable row, its error; in sketched mode a few kilobytes.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueOutcomes {
    pub(crate) counts: ValueCounts,
    /// In the order of [`Loss::ALL`].
    pub(crate) losses: [LossMoments; Loss::ALL.len()],
    pub(crate) target: Moments,
    /// Least and greatest target of the usable rows; infinite, least above greatest, while there is none.
    pub(crate) target_range: (f64, f64),
    /// Of target and error; `None` where their fourth powers are beyond the range of `f64`.
    pub(crate) comoments: Option<Comoments>,
    /// Prediction minus target of the usable rows.
    pub(crate) errors: NumericProfile,
}

/// Rows of [`ValueOutcomes`], by what they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ValueCounts {
    /// All rows.
    pub rows: u64,
    /// Rows whose target is neither null nor NaN.
    pub targets: u64,
    /// Rows whose prediction is neither null nor NaN.
    pub predictions: u64,
    /// Rows with both of which one is infinite.
    pub infinite: u64,
}

/// Targets and predictions of the same rows, NaN where null.
#[derive(Debug, Clone, Copy)]
pub struct ValueRows<'a> {
    /// What was true.
    pub targets: &'a [f64],
    /// What was predicted; as many as targets.
    pub predictions: &'a [f64],
}

impl ValueOutcomes {
    /// An empty profile.
    pub fn new(mode: Mode) -> Self {
        Self {
            counts: ValueCounts::default(),
            losses: [LossMoments::default(); Loss::ALL.len()],
            target: Moments::default(),
            target_range: (f64::INFINITY, f64::NEG_INFINITY),
            comoments: Some(Comoments::default()),
            errors: NumericProfile::new(mode),
        }
    }

    /// Takes one row, `None` where null. Slow: prefer [`ValueOutcomes::extend_from_slices`].
    pub fn push(&mut self, target: Option<f64>, prediction: Option<f64>) {
        self.extend_from_slices(ValueRows {
            targets: &[target.unwrap_or(f64::NAN)],
            predictions: &[prediction.unwrap_or(f64::NAN)],
        });
    }

    /// Takes many rows. Rows beyond the shorter of the two slices are left out.
    pub fn extend_from_slices(&mut self, rows: ValueRows<'_>) {
        let blocks = rows.targets.chunks(BLOCK);
        for (targets, predictions) in blocks.zip(rows.predictions.chunks(BLOCK)) {
            let (mut usable_targets, mut usable_predictions) = ([0.0; BLOCK], [0.0; BLOCK]);
            let mut n_usable = 0;
            for (&target, &prediction) in targets.iter().zip(predictions) {
                self.counts.rows += 1;
                self.counts.targets += u64::from(!target.is_nan());
                self.counts.predictions += u64::from(!prediction.is_nan());
                if target.is_finite() && prediction.is_finite() {
                    usable_targets[n_usable] = target;
                    usable_predictions[n_usable] = prediction;
                    n_usable += 1;
                } else {
                    self.counts.infinite += u64::from(!target.is_nan() && !prediction.is_nan());
                }
            }
            self.take_usable(&usable_targets[..n_usable], &usable_predictions[..n_usable]);
        }
    }

    /// Takes at most [`BLOCK`] rows that are counted and usable.
    fn take_usable(&mut self, targets: &[f64], predictions: &[f64]) {
        if targets.is_empty() {
            return;
        }
        self.target.merge(&Moments::of_block(targets));
        for &target in targets {
            self.target_range.0 = self.target_range.0.min(target);
            self.target_range.1 = self.target_range.1.max(target);
        }
        let mut buffer = [0.0; BLOCK];
        for (loss, own) in Loss::ALL.into_iter().zip(&mut self.losses) {
            let values = &mut buffer[..targets.len()];
            loss.fill(values, targets, predictions);
            own.take(values);
        }
        let errors = &mut buffer[..targets.len()];
        Loss::Error.fill(errors, targets, predictions);
        self.errors.extend_from_slice(errors);
        self.comoments = merged(self.comoments, Comoments::of_block(targets, errors));
    }

    /// Adds another part.
    ///
    /// # Errors
    /// If one is exact and the other sketched.
    pub fn merge(&mut self, other: Self) -> Result<(), MergeError> {
        self.errors.merge(other.errors)?;
        self.counts.rows += other.counts.rows;
        self.counts.targets += other.counts.targets;
        self.counts.predictions += other.counts.predictions;
        self.counts.infinite += other.counts.infinite;
        for (own, other) in self.losses.iter_mut().zip(&other.losses) {
            own.merge(other);
        }
        self.target.merge(&other.target);
        self.target_range.0 = self.target_range.0.min(other.target_range.0);
        self.target_range.1 = self.target_range.1.max(other.target_range.1);
        self.comoments = merged(self.comoments, other.comoments);
        Ok(())
    }

    /// Prepares for evaluation: sorts the errors.
    pub fn seal(&mut self) {
        self.errors.seal();
    }

    /// The outcomes of the mean of the targets as the prediction of every usable row, of which there is one,
    /// else none: error and squared error, exactly. What else such a prediction costs, the moments of the
    /// targets do not tell: other losses do not exist in the result, and errors are not kept.
    pub fn constant(&self) -> Option<Self> {
        let n = self.usable().ok()?;
        let mut constant = Self::new(self.mode());
        constant.counts = ValueCounts {
            rows: n,
            targets: n,
            predictions: n,
            infinite: 0,
        };
        constant.target = self.target;
        constant.target_range = self.target_range;
        constant.comoments = None;
        let mean_square = self.target.m2 / n as f64;
        for loss in Loss::ALL {
            let own = &mut constant.losses[loss as usize];
            own.moments.count = n;
            match loss {
                Loss::Error => own.moments.m2 = self.target.m2,
                Loss::Squared if mean_square.is_finite() => own.moments.mean = mean_square,
                _ => {
                    *own = LossMoments {
                        undefined: n,
                        ..LossMoments::default()
                    }
                }
            }
        }
        Some(constant)
    }

    /// How much is kept.
    pub fn mode(&self) -> Mode {
        self.errors.mode()
    }

    /// Rows by what they hold.
    pub fn counts(&self) -> &ValueCounts {
        &self.counts
    }

    /// All rows.
    pub fn rows(&self) -> u64 {
        self.counts.rows
    }

    /// Rows with a target.
    pub fn targets(&self) -> u64 {
        self.counts.targets
    }

    /// Number of usable rows, at least one.
    ///
    /// # Errors
    /// `NoRows`, `NoTargets` and `NoPredictions` where there is nothing to compare, `NonFinite` if all that
    /// could be compared is infinite.
    pub fn usable(&self) -> Result<u64, Reason> {
        match self.counts {
            ValueCounts { rows: 0, .. } => Err(Reason::NoRows),
            ValueCounts { targets: 0, .. } => Err(Reason::NoTargets),
            ValueCounts { predictions: 0, .. } => Err(Reason::NoPredictions),
            _ if self.target.count > 0 => Ok(self.target.count),
            ValueCounts { infinite: 0, .. } => Err(Reason::NoTargets),
            _ => Err(Reason::NonFinite),
        }
    }

    /// Moments of a loss over all usable rows, of which there is at least one.
    ///
    /// # Errors
    /// As [`ValueOutcomes::usable`]; `NotApplicable` if the loss does not exist for a row, `NonFinite` if that
    /// of a row is beyond the range of `f64`.
    pub fn loss(&self, loss: Loss) -> Result<&Moments, Reason> {
        self.usable()?;
        let own = &self.losses[loss as usize];
        if own.undefined > 0 {
            Err(Reason::NotApplicable)
        } else if own.infinite > 0 {
            Err(Reason::NonFinite)
        } else {
            Ok(&own.moments)
        }
    }

    /// Moments of the targets of the usable rows.
    pub fn target(&self) -> &Moments {
        &self.target
    }

    /// Least and greatest target of the usable rows; `None` where there is none.
    pub fn target_range(&self) -> Option<(f64, f64)> {
        (self.target.count > 0).then_some(self.target_range)
    }

    /// Joint moments of target and error of the usable rows; `None` where they are beyond the range of `f64`.
    pub fn comoments(&self) -> Option<&Comoments> {
        self.comoments.as_ref()
    }

    /// Prediction minus target of the usable rows; infinite where it is beyond the range of `f64`.
    pub fn errors(&self) -> &NumericProfile {
        &self.errors
    }
}

fn merged(own: Option<Comoments>, other: Option<Comoments>) -> Option<Comoments> {
    own?.merged(&other?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODES: [Mode; 2] = [Mode::Exact, Mode::Sketched];

    fn profile(mode: Mode, rows: &[(f64, f64)]) -> ValueOutcomes {
        let (targets, predictions): (Vec<f64>, Vec<f64>) = rows.iter().copied().unzip();
        let mut outcomes = ValueOutcomes::new(mode);
        outcomes.extend_from_slices(ValueRows {
            targets: &targets,
            predictions: &predictions,
        });
        outcomes
    }

    #[test]
    fn rows_that_cannot_be_compared_are_counted() {
        let (nan, inf) = (f64::NAN, f64::INFINITY);
        for mode in MODES {
            let outcomes = profile(
                mode,
                &[
                    (1.0, 2.0),
                    (nan, 2.0),
                    (1.0, nan),
                    (inf, 1.0),
                    (nan, inf),
                    (-inf, inf),
                ],
            );
            let expected = ValueCounts {
                rows: 6,
                targets: 4,
                predictions: 5,
                infinite: 2,
            };
            assert_eq!(*outcomes.counts(), expected);
            assert_eq!(outcomes.usable(), Ok(1));
            assert_eq!(outcomes.loss(Loss::Error).map(|loss| loss.mean), Ok(1.0));
            assert_eq!(outcomes.target_range(), Some((1.0, 1.0)));
        }
    }

    #[test]
    fn reasons_say_what_is_absent() {
        let (nan, inf) = (f64::NAN, f64::INFINITY);
        for (rows, reason) in [
            (&[][..], Reason::NoRows),
            (&[(nan, 1.0)], Reason::NoTargets),
            (&[(1.0, nan)], Reason::NoPredictions),
            (&[(nan, 1.0), (1.0, nan)], Reason::NoTargets),
            (&[(inf, 1.0)], Reason::NonFinite),
        ] {
            assert_eq!(profile(Mode::Exact, rows).usable(), Err(reason));
        }
    }

    #[test]
    fn losses_out_of_reach_are_said_so() {
        let outcomes = profile(Mode::Exact, &[(1.0, 2.0), (-1e308, 1e308), (-1.0, 0.5)]);
        assert_eq!(outcomes.loss(Loss::Error), Err(Reason::NonFinite));
        assert_eq!(outcomes.loss(Loss::Squared), Err(Reason::NonFinite));
        assert_eq!(outcomes.loss(Loss::SquaredLog), Err(Reason::NotApplicable));
        assert_eq!(outcomes.comoments(), None);
        let symmetric = outcomes.loss(Loss::SymmetricPercentage);
        assert_eq!(symmetric.map(|loss| loss.count), Ok(3));
    }

    #[test]
    fn single_rows_agree_with_many_at_once() {
        let rows: Vec<(f64, f64)> = (0..3000)
            .map(|i| (f64::from(i).sin() * 5.0 + 20.0, f64::from(i).cos() + 20.0))
            .collect();
        let bulk = profile(Mode::Exact, &rows);
        let mut single = ValueOutcomes::new(Mode::Exact);
        for &(target, prediction) in &rows {
            single.push(Some(target), Some(prediction));
        }
        single.push(None, Some(1.0));
        assert_eq!(single.rows(), 3001);
        for loss in Loss::ALL {
            let (bulk, single) = (bulk.loss(loss), single.loss(loss));
            let (bulk, single) = (bulk.expect("defined"), single.expect("defined"));
            assert!((bulk.mean - single.mean).abs() <= 1e-12 * bulk.mean.abs().max(1.0));
            assert!((bulk.m2 - single.m2).abs() <= 1e-10 * bulk.m2.abs());
        }
    }

    #[test]
    fn best_constant_is_the_mean() {
        let outcomes = profile(Mode::Exact, &[(1.0, 5.0), (2.0, 5.0), (6.0, 5.0)]);
        let constant = outcomes.constant().expect("there are rows");
        assert_eq!(constant.usable(), Ok(3));
        let mean = |loss| constant.loss(loss).map(|loss| loss.mean);
        assert_eq!(mean(Loss::Error), Ok(0.0));
        assert!((mean(Loss::Squared).expect("known") - 14.0 / 3.0).abs() < 1e-15);
        assert_eq!(mean(Loss::Absolute), Err(Reason::NotApplicable));
        assert_eq!(profile(Mode::Exact, &[]).constant(), None);
    }

    #[test]
    fn modes_do_not_mix() {
        let mut exact = profile(Mode::Exact, &[(1.0, 2.0)]);
        let before = exact.clone();
        let sketched = profile(Mode::Sketched, &[(1.0, 2.0)]);
        assert_eq!(exact.merge(sketched), Err(MergeError::Mode));
        assert_eq!(exact, before);
    }
}
