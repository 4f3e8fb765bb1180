//! Mean and spread of the points so far.

use super::state::{Reader, Writer};
use crate::profile::DecodeError;

/// Running mean and sum of squares by the recurrences of Welford (1962), Technometrics 4(3), 419–420, in
/// the order of operations of river.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    pub(super) n: u64,
    pub(super) mean: f64,
    /// Sum of squared deviations from the mean.
    m2: f64,
}

impl Spread {
    pub(super) const FRESH: Self = Self {
        n: 0,
        mean: 0.0,
        m2: 0.0,
    };

    /// Takes a finite value. Where the squares leave the range of numbers, it forgets all points instead
    /// of holding an infinite spread for ever.
    pub(super) fn push(&mut self, value: f64) {
        self.n += 1;
        let before = value - self.mean;
        self.mean += (1.0 / self.n as f64) * before;
        self.m2 += before * (value - self.mean);
        if !self.m2.is_finite() {
            *self = Self::FRESH;
        }
    }

    /// Unbiased standard deviation; zero below two points.
    pub(super) fn deviation(&self) -> f64 {
        if self.n > 1 {
            (self.m2 / (self.n - 1) as f64).sqrt()
        } else {
            0.0
        }
    }

    /// By how many standard deviations `value`, a further point, departs from the mean, in units in which
    /// points of one normal distribution have Student's distribution; `None` while all points are equal.
    ///
    /// Hawkins (1987), The Statistician 36(4), 299–316: values of points in sequence are independent, so
    /// that a chart of them has the error rate of one whose mean and deviation are known.
    pub(super) fn score(&self, value: f64) -> Option<f64> {
        let deviation = self.deviation();
        let n = self.n as f64;
        (deviation > 0.0).then(|| (value - self.mean) / deviation * (n / (n + 1.0)).sqrt())
    }

    pub(super) fn write(&self, writer: Writer) -> Writer {
        writer.count(self.n).number(self.mean).number(self.m2)
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            n: reader.points()?,
            mean: reader.number()?,
            m2: reader.number()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_in_units_of_the_points_before() {
        let mut spread = Spread::FRESH;
        for value in [2.0, 2.0] {
            spread.push(value);
        }
        assert_eq!(spread.score(9.0), None);
        for value in [4.0, 4.0] {
            spread.push(value);
        }
        // Mean 3, variance 4/3, four points before.
        let expected = 2.0 / (4.0_f64 / 3.0).sqrt() * 0.8_f64.sqrt();
        let found = spread.score(5.0).expect("points differ");
        assert!((found - expected).abs() < 1e-15);
    }

    #[test]
    fn squares_out_of_range_begin_afresh() {
        let mut spread = Spread::FRESH;
        spread.push(1e308);
        spread.push(-1e308);
        assert_eq!(spread, Spread::FRESH);
    }
}
