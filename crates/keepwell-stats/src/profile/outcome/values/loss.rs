//! What a row of a regression costs.

use super::super::super::Moments;
use super::super::super::numeric::all_finite;

/// Least absolute target that a percentage is taken of, the rule of scikit-learn.
const TARGET_MIN: f64 = f64::EPSILON;

/// A loss of one row: a function of target `t` and prediction `p`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// `p - t`.
    Error,
    /// `|p - t|`.
    Absolute,
    /// `p - t` where the prediction is too high, else zero.
    Over,
    /// `t - p` where the prediction is too low, else zero.
    Under,
    /// `(p - t)²`.
    Squared,
    /// `(ln(1 + p) - ln(1 + t))²`; does not exist for values `<= -1`.
    SquaredLog,
    /// `|p - t| / max(|t|, ε)` with `ε = 2^-52`, the rule of scikit-learn.
    AbsolutePercentage,
    /// `2 |p - t| / (|t| + |p|)`, in `[0, 2]`; zero where both are zero.
    SymmetricPercentage,
}

impl Loss {
    /// Every loss; the position of each is its number.
    pub const ALL: [Self; 8] = [
        Self::Error,
        Self::Absolute,
        Self::Over,
        Self::Under,
        Self::Squared,
        Self::SquaredLog,
        Self::AbsolutePercentage,
        Self::SymmetricPercentage,
    ];

    /// The loss of each row of a block; slices of one length.
    pub(crate) fn fill(self, losses: &mut [f64], targets: &[f64], predictions: &[f64]) {
        let rows = targets.iter().zip(predictions);
        let places = losses.iter_mut().zip(rows);
        // One loop for each loss, so that it can be vectorised.
        match self {
            Self::Error => places.for_each(|(place, (t, p))| *place = p - t),
            Self::Absolute => places.for_each(|(place, (t, p))| *place = (p - t).abs()),
            Self::Over => places.for_each(|(place, (t, p))| *place = (p - t).max(0.0)),
            Self::Under => places.for_each(|(place, (t, p))| *place = (t - p).max(0.0)),
            Self::Squared => places.for_each(|(place, (t, p))| *place = (p - t) * (p - t)),
            Self::SquaredLog => {
                places.for_each(|(place, (t, p))| *place = squared_log(*t, *p));
            }
            Self::AbsolutePercentage => {
                places.for_each(|(place, (t, p))| *place = (p - t).abs() / t.abs().max(TARGET_MIN));
            }
            Self::SymmetricPercentage => {
                places.for_each(|(place, (t, p))| *place = symmetric_percentage(*t, *p));
            }
        }
    }
}

fn squared_log(target: f64, prediction: f64) -> f64 {
    if target > -1.0 && prediction > -1.0 {
        let error = prediction.ln_1p() - target.ln_1p();
        error * error
    } else {
        f64::NAN
    }
}

fn symmetric_percentage(target: f64, prediction: f64) -> f64 {
    let total = target.abs() + prediction.abs();
    if total == 0.0 {
        0.0
    } else if total.is_finite() {
        2.0 * ((prediction - target).abs() / total)
    } else {
        let (target, prediction) = (target / 4.0, prediction / 4.0);
        2.0 * ((prediction - target).abs() / (target.abs() + prediction.abs()))
    }
}

/// Moments of a loss over usable rows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct LossMoments {
    /// Of the rows whose loss is finite.
    pub(crate) moments: Moments,
    /// Rows for which the loss does not exist.
    pub(crate) undefined: u64,
    /// Rows whose loss is beyond the range of `f64`.
    pub(crate) infinite: u64,
}

impl LossMoments {
    /// Takes the losses of a block.
    pub(super) fn take(&mut self, losses: &[f64]) {
        if all_finite(losses) {
            self.moments.merge(&Moments::of_block(losses));
            return;
        }
        for &loss in losses {
            if loss.is_finite() {
                self.moments.push(loss);
            } else if loss.is_nan() {
                self.undefined += 1;
            } else {
                self.infinite += 1;
            }
        }
    }

    /// Adds another part.
    pub(super) fn merge(&mut self, other: &Self) {
        self.moments.merge(&other.moments);
        self.undefined += other.undefined;
        self.infinite += other.infinite;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(loss: Loss, target: f64, prediction: f64) -> f64 {
        let mut place = [0.0];
        loss.fill(&mut place, &[target], &[prediction]);
        place[0]
    }

    #[test]
    fn numbers_are_positions() {
        for (position, loss) in Loss::ALL.into_iter().enumerate() {
            assert_eq!(loss as usize, position);
        }
    }

    #[test]
    fn losses_by_hand() {
        for (loss, expected) in [
            (Loss::Error, -1.0),
            (Loss::Absolute, 1.0),
            (Loss::Over, 0.0),
            (Loss::Under, 1.0),
            (Loss::Squared, 1.0),
            (Loss::SquaredLog, (5.0_f64 / 4.0).ln().powi(2)),
            (Loss::AbsolutePercentage, 0.25),
            (Loss::SymmetricPercentage, 2.0 / 7.0),
        ] {
            assert!((of(loss, 4.0, 3.0) - expected).abs() < 1e-15, "{loss:?}");
        }
    }

    #[test]
    fn edges_of_the_definitions() {
        assert!(of(Loss::SquaredLog, -1.0, 3.0).is_nan());
        assert!(of(Loss::SquaredLog, 3.0, -2.0).is_nan());
        assert_eq!(of(Loss::AbsolutePercentage, 0.0, 1.0), 2_f64.powi(52));
        assert_eq!(of(Loss::SymmetricPercentage, 0.0, 0.0), 0.0);
        assert_eq!(of(Loss::SymmetricPercentage, 0.0, 5e-324), 2.0);
        assert_eq!(of(Loss::SymmetricPercentage, -f64::MAX, f64::MAX), 2.0);
    }
}
