//! Count, mean and centred sum of squares with a merge that loses no digits.

/// Mean and variance of a stream, by Welford's update and the merge of Chan, Golub and LeVeque (1983),
/// The American Statistician 37(3), 242–247.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Moments {
    /// Number of values.
    pub count: u64,
    /// Arithmetic mean; zero while there is no value.
    pub mean: f64,
    /// Sum of squared deviations from the mean.
    pub m2: f64,
}

impl Moments {
    /// Takes one finite value.
    pub fn push(&mut self, value: f64) {
        self.count += 1;
        let delta = value - self.mean;
        self.mean += delta / self.count as f64;
        self.m2 += delta * (value - self.mean);
    }

    /// Adds another part.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        let (own, others) = (self.count as f64, other.count as f64);
        let total = own + others;
        let delta = other.mean - self.mean;
        self.mean += delta * (others / total);
        self.m2 += other.m2 + delta * delta * (own * others / total);
        self.count += other.count;
    }

    /// Unbiased sample variance; `None` below two values.
    pub fn variance(&self) -> Option<f64> {
        (self.count >= 2).then(|| self.m2 / (self.count - 1) as f64)
    }

    /// Square root of [`Moments::variance`].
    pub fn standard_deviation(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }
}
