//! Joint moments of target and error, for the variance of quotients of sums of squares.

/// Central moments of pairs of target `t` and error `e`, up to the fourth order, of those that the delta
/// method needs. Merged by shifting both parts to their common centre; they serve intervals only, whose
/// first six digits they keep.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Comoments {
    /// Number of pairs.
    pub(crate) count: u64,
    /// Means of target and error.
    pub(crate) means: [f64; 2],
    /// Sums of `t^i e^j` around the means, in the order of [`ORDERS`].
    pub(crate) sums: [f64; ORDERS.len()],
}

/// Powers of target and error of each sum.
const ORDERS: [(i32, i32); 10] = [
    (2, 0),
    (1, 1),
    (0, 2),
    (3, 0),
    (2, 1),
    (1, 2),
    (0, 3),
    (4, 0),
    (2, 2),
    (0, 4),
];

/// What counts as zero, as a share of the terms that cancel: their rounding.
const ROUNDING: f64 = 1e-12;

impl Comoments {
    /// Moments of one block of finite targets and errors; `None` beyond the range of `f64`.
    pub(super) fn of_block(targets: &[f64], errors: &[f64]) -> Option<Self> {
        if targets.is_empty() {
            return Some(Self::default());
        }
        let n = targets.len() as f64;
        let means = [targets, errors].map(|values| values.iter().sum::<f64>() / n);
        let mut sums = [0.0; ORDERS.len()];
        for (target, error) in targets.iter().zip(errors) {
            let (t, e) = (target - means[0], error - means[1]);
            let (tt, te, ee) = (t * t, t * e, e * e);
            let terms = [
                tt,
                te,
                ee,
                tt * t,
                tt * e,
                te * e,
                ee * e,
                tt * tt,
                te * te,
                ee * ee,
            ];
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum += term;
            }
        }
        Self {
            count: targets.len() as u64,
            means,
            sums,
        }
        .in_range()
    }

    /// Both parts as one; `None` beyond the range of `f64`.
    pub(super) fn merged(&self, other: &Self) -> Option<Self> {
        if self.count == 0 {
            return Some(*other);
        }
        if other.count == 0 {
            return Some(*self);
        }
        let count = self.count + other.count;
        let share = other.count as f64 / count as f64;
        let means: [f64; 2] = std::array::from_fn(|idx| {
            self.means[idx] + (other.means[idx] - self.means[idx]) * share
        });
        let (own, other) = (self.around(means), other.around(means));
        Self {
            count,
            means,
            sums: std::array::from_fn(|idx| own[idx] + other[idx]),
        }
        .in_range()
    }

    fn in_range(self) -> Option<Self> {
        let numbers = self.means.iter().chain(&self.sums);
        numbers.copied().all(f64::is_finite).then_some(self)
    }

    /// The sums around another centre.
    fn around(&self, centre: [f64; 2]) -> [f64; ORDERS.len()] {
        let n = self.count as f64;
        let [a, b] = [self.means[0] - centre[0], self.means[1] - centre[1]];
        let [s20, s11, s02, s30, s21, s12, s03, s40, s22, s04] = self.sums;
        [
            s20 + n * a * a,
            s11 + n * a * b,
            s02 + n * b * b,
            s30 + 3.0 * a * s20 + n * a.powi(3),
            s21 + b * s20 + 2.0 * a * s11 + n * a * a * b,
            s12 + a * s02 + 2.0 * b * s11 + n * a * b * b,
            s03 + 3.0 * b * s02 + n * b.powi(3),
            s40 + 4.0 * a * s30 + 6.0 * a * a * s20 + n * a.powi(4),
            s22 + 2.0 * b * s21
                + 2.0 * a * s12
                + b * b * s20
                + a * a * s02
                + 4.0 * a * b * s11
                + n * a * a * b * b,
            s04 + 4.0 * b * s03 + 6.0 * b * b * s02 + n * b.powi(4),
        ]
    }

    /// Standard error of the quotient of the mean of `(e - origin)²` by the variance of the targets, by the
    /// delta method; `None` where it is beyond the range of `f64`. With the origin zero the quotient is
    /// `1 - r²`, with the mean error it is one minus the explained variance.
    pub fn quotient_error(&self, origin: f64) -> Option<f64> {
        let n = self.count as f64;
        let [s20, _, s02, _, s21, _, s03, s40, s22, s04] = self.sums.map(|sum| sum / n);
        let bias = self.means[1] - origin;
        let quotient = (s02 + bias * bias) / s20;
        // Variance of (e - origin)² - quotient (t - mean)².
        let terms = [
            s04,
            -s02 * s02,
            4.0 * bias * bias * s02,
            4.0 * bias * s03,
            quotient * quotient * s40,
            -quotient * quotient * s20 * s20,
            -2.0 * quotient * s22,
            2.0 * quotient * s02 * s20,
            -4.0 * quotient * bias * s21,
        ];
        let variance: f64 = terms.iter().sum();
        let scale: f64 = terms.iter().map(|term| term.abs()).sum();
        let variance = if variance > ROUNDING * scale {
            variance
        } else {
            0.0
        };
        let error = (variance / (n - 1.0)).sqrt() / s20;
        error.is_finite().then_some(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> (Vec<f64>, Vec<f64>) {
        (0..900)
            .map(|i| {
                let x = f64::from(i);
                (
                    (x * 0.7).sin() * 3.0 + 100.0,
                    (x * 1.3).cos() + 0.2 * (x * 0.7).sin() + 0.5,
                )
            })
            .unzip()
    }

    fn direct(targets: &[f64], errors: &[f64], origin: f64) -> f64 {
        let n = targets.len() as f64;
        let mean = targets.iter().sum::<f64>() / n;
        let spread = targets.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / n;
        let loss = errors.iter().map(|e| (e - origin).powi(2)).sum::<f64>() / n;
        let influence =
            |t: f64, e: f64| ((e - origin).powi(2) - loss / spread * (t - mean).powi(2)) / spread;
        let squares = targets
            .iter()
            .zip(errors)
            .map(|(&t, &e)| influence(t, e).powi(2));
        (squares.sum::<f64>() / n / (n - 1.0)).sqrt()
    }

    #[test]
    fn merged_parts_give_the_error_of_the_whole() {
        let (targets, errors) = rows();
        let mut merged = Comoments::default();
        for (targets, errors) in targets.chunks(130).zip(errors.chunks(130)) {
            let part = Comoments::of_block(targets, errors).expect("in range");
            merged = merged.merged(&part).expect("in range");
        }
        let whole = Comoments::of_block(&targets, &errors).expect("in range");
        for (idx, (merged, whole)) in merged.sums.iter().zip(&whole.sums).enumerate() {
            assert!(
                (merged - whole).abs() <= 1e-9 * whole.abs().max(1.0),
                "{:?}",
                ORDERS[idx]
            );
        }
        for origin in [0.0, whole.means[1]] {
            let expected = direct(&targets, &errors, origin);
            for moments in [&merged, &whole] {
                let found = moments.quotient_error(origin).expect("in range");
                assert!(
                    (found - expected).abs() <= 1e-9 * expected,
                    "{found} {expected}"
                );
            }
        }
    }

    #[test]
    fn a_constant_prediction_has_no_error_in_its_quotient() {
        let targets: Vec<f64> = (0..50).map(|i| f64::from(i * i)).collect();
        let mean = targets.iter().sum::<f64>() / 50.0;
        let errors: Vec<f64> = targets.iter().map(|t| mean - t).collect();
        let moments = Comoments::of_block(&targets, &errors).expect("in range");
        assert_eq!(moments.quotient_error(0.0), Some(0.0));
    }

    #[test]
    fn what_is_out_of_range_is_none() {
        assert_eq!(Comoments::of_block(&[1e100, -1e100], &[0.0, 0.0]), None);
        let constant = Comoments::of_block(&[5.0, 5.0], &[0.0, 1.0]).expect("in range");
        assert_eq!(constant.quotient_error(0.0), None);
    }
}
