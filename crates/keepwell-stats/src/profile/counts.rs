//! Counts of rows by what is wrong or special about them.

/// Counts that every column has. Kinds of absence are counted apart, because each has its own cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// All rows, whatever they hold.
    pub rows: u64,
    /// Rows with null.
    pub null: u64,
    /// Rows with NaN (numeric columns).
    pub nan: u64,
    /// Rows with positive infinity (numeric columns).
    pub positive_infinity: u64,
    /// Rows with negative infinity (numeric columns).
    pub negative_infinity: u64,
    /// Rows with exactly zero (numeric columns).
    pub zero: u64,
    /// Rows with a finite number below zero (numeric columns).
    pub negative: u64,
    /// Rows with the empty string (categorical columns).
    pub empty: u64,
}

impl Counts {
    /// Rows without a value: null or NaN.
    pub fn missing(&self) -> u64 {
        self.null + self.nan
    }

    /// Rows with a value, infinite ones included.
    pub fn present(&self) -> u64 {
        self.rows - self.missing()
    }

    /// Rows with positive or negative infinity.
    pub fn infinite(&self) -> u64 {
        self.positive_infinity + self.negative_infinity
    }

    /// Adds the counts of another part.
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.null += other.null;
        self.nan += other.nan;
        self.positive_infinity += other.positive_infinity;
        self.negative_infinity += other.negative_infinity;
        self.zero += other.zero;
        self.negative += other.negative;
        self.empty += other.empty;
    }
}
