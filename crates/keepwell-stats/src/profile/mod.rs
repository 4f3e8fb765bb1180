//! Mergeable summaries of columns and of outcomes.
//!
//! The profile of a whole is the merge of the profiles of its parts, in any order: counts and sets
//! are equal to the bit, sums of floating-point numbers to rounding. Everything that Keepwell says
//! is computed from profiles, so a file, a stream and a cluster share one code path.

pub mod counts;

pub mod moments;

pub mod distribution;

pub mod numeric;

pub mod categorical;

pub mod boolean;

pub mod timestamp;

pub mod scatter;

pub mod row_sums;

pub mod vocabulary;

pub mod text;

pub mod embedding;

pub mod column;

pub mod duplicates;

pub mod paired;

pub mod table;

pub mod outcome;

pub mod row_sample;

pub mod codec;

pub use boolean::BooleanProfile;
pub use categorical::CategoricalProfile;
pub use codec::DecodeError;
pub use column::ColumnProfile;
pub use counts::Counts;
pub use distribution::Distribution;
pub use duplicates::{DistinctCount, DuplicateProfile};
pub use embedding::EmbeddingProfile;
pub use moments::Moments;
pub use numeric::NumericProfile;
pub use outcome::{
    BoxOutcomes, ClassConfig, ClassOutcomes, LabelOutcomes, OutcomeConfig, OutcomeProfile,
    RankingOutcomes, ScoreGrid, TextOutcomes, ValueOutcomes,
};
pub use paired::PairedProfile;
pub use table::{ColumnSummary, TableColumn, TableProfile};
pub use text::TextProfile;
pub use timestamp::TimestampProfile;

/// How much a profile keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// All values: results agree with SciPy and scikit-learn to 1e-9; memory grows with rows.
    Exact,
    /// Bounded memory: results state their error bound.
    Sketched,
}

/// The two samples of a comparison. Named, because exchanging them changes most results.
#[derive(Debug)]
pub struct TwoSample<'a, T: ?Sized> {
    /// What is compared against.
    pub reference: &'a T,
    /// What is judged.
    pub current: &'a T,
}

impl<T: ?Sized> Clone for TwoSample<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for TwoSample<'_, T> {}

/// Two profiles that cannot become one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// The profiles describe different kinds of columns.
    #[error("expected a profile of kind {expected}; found {found}")]
    Kind {
        /// Kind of the profile that was to grow.
        expected: &'static str,
        /// Kind of the other.
        found: &'static str,
    },
    /// One is exact and the other sketched.
    #[error("expected two exact or two sketched profiles; found one of each")]
    Mode,
    /// The outcomes were configured differently.
    #[error("expected outcomes of one configuration; found two that differ")]
    Config,
}
