//! A value, or the reason why there is none.

use std::fmt;

/// Result of a statistic: a value, or why it is not defined for this input.
///
/// An undefined statistic is not an error: it is an answer, has a reason, and can be alerted on. It
/// is never NaN, zero or silence.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome<T> {
    /// The statistic exists.
    Defined(T),
    /// The statistic does not exist for this input.
    Undefined(Reason),
}

impl<T> Outcome<T> {
    /// The value, or `None` where undefined.
    pub fn defined(&self) -> Option<&T> {
        match self {
            Self::Defined(value) => Some(value),
            Self::Undefined(_) => None,
        }
    }

    /// The reason, or `None` where defined.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Defined(_) => None,
            Self::Undefined(reason) => Some(reason),
        }
    }

    /// Applies `transform` to a defined value.
    pub fn map<U>(self, transform: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Self::Defined(value) => Outcome::Defined(transform(value)),
            Self::Undefined(reason) => Outcome::Undefined(reason),
        }
    }

    /// Turns the outcome into a `Result`, so that `?` can be used inside a computation.
    ///
    /// # Errors
    /// The reason, where undefined.
    pub fn into_result(self) -> Result<T, Reason> {
        match self {
            Self::Defined(value) => Ok(value),
            Self::Undefined(reason) => Err(reason),
        }
    }
}

impl<T> From<Result<T, Reason>> for Outcome<T> {
    fn from(result: Result<T, Reason>) -> Self {
        match result {
            Ok(value) => Self::Defined(value),
            Err(reason) => Self::Undefined(reason),
        }
    }
}

/// Why a statistic is undefined. The text form ([`fmt::Display`]) is for people, [`Reason::id`] for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The window or the segment holds no row.
    NoRows,
    /// The reference holds no row that could be compared.
    NoReference,
    /// Every value is null (or NaN, for a numeric statistic).
    AllNull,
    /// Too few usable rows: what is needed and what there is.
    TooFewRows {
        /// Least number of usable rows.
        needed: u64,
        /// Number of usable rows found.
        found: u64,
    },
    /// Too few windows with a value for a method that reads a series: what is needed and what there is.
    TooFewWindows {
        /// Least number of windows with a value.
        needed: u64,
        /// Number of windows with a value found.
        found: u64,
    },
    /// Targets hold a single class, so that a statistic over two does not exist.
    OneClass,
    /// No prediction of the window has a target yet.
    NoTargets,
    /// No prediction column and no score from which a decision could be taken.
    NoPredictions,
    /// No score column was given.
    NoScores,
    /// All values are equal on both sides where a spread is needed.
    Constant,
    /// A quotient with denominator zero, for example precision without a positive prediction.
    ZeroDenominator,
    /// So many distinct values that the column is an identifier or free text, not a category.
    TooManyCategories {
        /// Number of distinct values, estimated where not counted.
        found: u64,
    },
    /// Reference and current hold different kinds of values.
    KindMismatch,
    /// The column exists on one side only.
    ColumnAbsent,
    /// The data type has no statistic yet (nested, binary …).
    UnsupportedType,
    /// Only a sketch of the values was kept where the statistic needs all of them.
    Sketched,
    /// Infinite values where the statistic needs finite ones.
    NonFinite,
    /// The statistic does not apply to this kind of column or task.
    NotApplicable,
}

impl Reason {
    /// Stable identifier in snake case.
    pub fn id(&self) -> &'static str {
        match self {
            Self::NoRows => "no_rows",
            Self::NoReference => "no_reference",
            Self::AllNull => "all_null",
            Self::TooFewRows { .. } => "too_few_rows",
            Self::TooFewWindows { .. } => "too_few_windows",
            Self::OneClass => "one_class",
            Self::NoTargets => "no_targets",
            Self::NoPredictions => "no_predictions",
            Self::NoScores => "no_scores",
            Self::Constant => "constant",
            Self::ZeroDenominator => "zero_denominator",
            Self::TooManyCategories { .. } => "too_many_categories",
            Self::KindMismatch => "kind_mismatch",
            Self::ColumnAbsent => "column_absent",
            Self::UnsupportedType => "unsupported_type",
            Self::Sketched => "sketched",
            Self::NonFinite => "non_finite",
            Self::NotApplicable => "not_applicable",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRows => write!(f, "no rows"),
            Self::NoReference => write!(f, "no reference rows"),
            Self::AllNull => write!(f, "all null"),
            Self::TooFewRows { needed, found } => {
                write!(f, "too few rows: {found} of at least {needed}")
            }
            Self::TooFewWindows { needed, found } => {
                write!(f, "too few windows: {found} of at least {needed}")
            }
            Self::OneClass => write!(f, "one class only"),
            Self::NoTargets => write!(f, "no targets yet"),
            Self::NoPredictions => write!(f, "no predictions"),
            Self::NoScores => write!(f, "no scores"),
            Self::Constant => write!(f, "constant"),
            Self::ZeroDenominator => write!(f, "nothing to divide by"),
            Self::TooManyCategories { found } => {
                write!(f, "identifier or free text: about {found} distinct values")
            }
            Self::KindMismatch => write!(f, "reference and current differ in type"),
            Self::ColumnAbsent => write!(f, "column absent on one side"),
            Self::UnsupportedType => write!(f, "data type not supported"),
            Self::Sketched => write!(f, "needs all values, not a sketch"),
            Self::NonFinite => write!(f, "infinite values"),
            Self::NotApplicable => write!(f, "does not apply"),
        }
    }
}
