//! A number together with what is known of its uncertainty.

/// A two-sided interval for a quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end, never above the value it belongs to.
    pub lower: f64,
    /// Upper end, never below the value it belongs to.
    pub upper: f64,
}

/// A finite number with, where they exist, its interval, its p-value and its approximation error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// The quantity itself; always finite.
    pub value: f64,
    /// Confidence interval at level 0.95.
    pub interval: Option<Interval>,
    /// Standard error of `value` under resampling of rows, in the unit of `value`.
    pub standard_error: Option<f64>,
    /// p-value in `[0, 1]` of the null hypothesis that the entry names.
    pub p_value: Option<f64>,
    /// Bound on `|value - exact value|` where the input was sketched; `None` means exact.
    pub error_bound: Option<f64>,
}

impl Measure {
    /// An exact value without interval or p-value.
    pub fn new(value: f64) -> Self {
        Self {
            value,
            interval: None,
            standard_error: None,
            p_value: None,
            error_bound: None,
        }
    }

    /// Adds a confidence interval.
    #[must_use]
    pub fn with_interval(mut self, lower: f64, upper: f64) -> Self {
        self.interval = Some(Interval { lower, upper });
        self
    }

    /// Adds the standard error.
    #[must_use]
    pub fn with_standard_error(mut self, standard_error: f64) -> Self {
        self.standard_error = Some(standard_error);
        self
    }

    /// Adds a p-value.
    #[must_use]
    pub fn with_p_value(mut self, p_value: f64) -> Self {
        self.p_value = Some(p_value);
        self
    }

    /// Adds the error bound of a sketched input; zero means exact and is dropped.
    #[must_use]
    pub fn with_error_bound(mut self, error_bound: f64) -> Self {
        self.error_bound = (error_bound > 0.0).then_some(error_bound);
        self
    }
}
