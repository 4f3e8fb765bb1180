//! Profiles of outcomes: predictions against targets, by what the model does.

pub mod classes;

pub mod values;

pub mod labels;

pub mod rankings;

pub mod texts;

pub mod boxes;

pub use boxes::BoxOutcomes;
pub use classes::{ClassConfig, ClassOutcomes, ScoreGrid};
pub use labels::LabelOutcomes;
pub use rankings::RankingOutcomes;
pub use texts::TextOutcomes;
pub use values::ValueOutcomes;

use super::{MergeError, Mode};

/// What is the same for every part of the outcomes of a model.
#[derive(Debug, Clone, PartialEq)]
pub enum OutcomeConfig {
    /// See [`OutcomeProfile::Classes`].
    Classes(ClassConfig),
    /// See [`OutcomeProfile::Values`].
    Values(Mode),
    /// See [`OutcomeProfile::Labels`].
    Labels,
    /// See [`OutcomeProfile::Rankings`].
    Rankings(Mode),
    /// See [`OutcomeProfile::Texts`].
    Texts,
    /// See [`OutcomeProfile::Boxes`].
    Boxes,
}

/// Outcomes of a model, mergeable, with all that its metrics need.
#[derive(Debug, Clone, PartialEq)]
pub enum OutcomeProfile {
    /// One of several classes for each row.
    Classes(ClassOutcomes),
    /// A number for each row.
    Values(ValueOutcomes),
    /// Any number of labels for each row.
    Labels(LabelOutcomes),
    /// Items in an order for each query.
    Rankings(RankingOutcomes),
    /// A text for each row.
    Texts(TextOutcomes),
    /// Boxes around objects for each image.
    Boxes(BoxOutcomes),
}

impl From<ClassOutcomes> for OutcomeProfile {
    fn from(outcomes: ClassOutcomes) -> Self {
        Self::Classes(outcomes)
    }
}

impl From<ValueOutcomes> for OutcomeProfile {
    fn from(outcomes: ValueOutcomes) -> Self {
        Self::Values(outcomes)
    }
}

impl From<LabelOutcomes> for OutcomeProfile {
    fn from(outcomes: LabelOutcomes) -> Self {
        Self::Labels(outcomes)
    }
}

impl From<RankingOutcomes> for OutcomeProfile {
    fn from(outcomes: RankingOutcomes) -> Self {
        Self::Rankings(outcomes)
    }
}

/// Calls the same method on whatever the outcomes are.
macro_rules! each {
    ($outcomes:expr, $inner:ident => $body:expr) => {
        match $outcomes {
            OutcomeProfile::Classes($inner) => $body,
            OutcomeProfile::Values($inner) => $body,
            OutcomeProfile::Labels($inner) => $body,
            OutcomeProfile::Rankings($inner) => $body,
            OutcomeProfile::Texts($inner) => $body,
            OutcomeProfile::Boxes($inner) => $body,
        }
    };
}

impl OutcomeProfile {
    /// An empty profile.
    pub fn new(config: &OutcomeConfig) -> Self {
        match config {
            OutcomeConfig::Classes(config) => Self::Classes(ClassOutcomes::new(config.clone())),
            OutcomeConfig::Values(mode) => Self::Values(ValueOutcomes::new(*mode)),
            OutcomeConfig::Labels => Self::Labels(LabelOutcomes::default()),
            OutcomeConfig::Rankings(mode) => Self::Rankings(RankingOutcomes::new(*mode)),
            OutcomeConfig::Texts => Self::Texts(TextOutcomes::default()),
            OutcomeConfig::Boxes => Self::Boxes(BoxOutcomes::default()),
        }
    }

    /// All rows, or for rankings all queries and for boxes all images.
    pub fn rows(&self) -> u64 {
        each!(self, outcomes => outcomes.rows())
    }

    /// Those of [`OutcomeProfile::rows`] that have a target.
    pub fn targets(&self) -> u64 {
        each!(self, outcomes => outcomes.targets())
    }

    /// Adds another part.
    ///
    /// # Errors
    /// If the parts belong to different tasks or were configured differently.
    pub fn merge(&mut self, other: Self) -> Result<(), MergeError> {
        match (self, other) {
            (Self::Classes(own), Self::Classes(other)) => own.merge(other),
            (Self::Values(own), Self::Values(other)) => own.merge(other),
            (Self::Labels(own), Self::Labels(other)) => own.merge(other),
            (Self::Rankings(own), Self::Rankings(other)) => own.merge(other),
            (Self::Texts(own), Self::Texts(other)) => own.merge(other),
            (Self::Boxes(own), Self::Boxes(other)) => own.merge(other),
            _ => Err(MergeError::Config),
        }
    }

    /// Prepares for evaluation: sorts what is kept. Changes no result.
    pub fn seal(&mut self) {
        each!(self, outcomes => outcomes.seal());
    }

    /// The profile as bytes, its configuration included, for [`OutcomeProfile::decode`] of this and every
    /// later version.
    pub fn encode(&self) -> Vec<u8> {
        each!(self, outcomes => outcomes.encode())
    }

    /// Outcomes of the best prediction on the same targets that ignores its input: the yardstick of a
    /// metric. `None` for a task without one, and where no row has a target.
    pub fn constant(&self) -> Option<Self> {
        match self {
            Self::Classes(outcomes) => outcomes.constant().map(Self::Classes),
            Self::Values(outcomes) => outcomes.constant().map(Self::Values),
            _ => None,
        }
    }

    /// Outcomes of a classifier, if it is one.
    pub fn classes(&self) -> Option<&ClassOutcomes> {
        match self {
            Self::Classes(outcomes) => Some(outcomes),
            _ => None,
        }
    }

    /// Outcomes of a regressor, if it is one.
    pub fn values(&self) -> Option<&ValueOutcomes> {
        match self {
            Self::Values(outcomes) => Some(outcomes),
            _ => None,
        }
    }

    /// Outcomes of a multilabel classifier, if it is one.
    pub fn labels(&self) -> Option<&LabelOutcomes> {
        match self {
            Self::Labels(outcomes) => Some(outcomes),
            _ => None,
        }
    }

    /// Outcomes of a ranker or recommender, if it is one.
    pub fn rankings(&self) -> Option<&RankingOutcomes> {
        match self {
            Self::Rankings(outcomes) => Some(outcomes),
            _ => None,
        }
    }

    /// Outcomes of a model that generates text, if it is one.
    pub fn texts(&self) -> Option<&TextOutcomes> {
        match self {
            Self::Texts(outcomes) => Some(outcomes),
            _ => None,
        }
    }

    /// Outcomes of an object detector, if it is one.
    pub fn boxes(&self) -> Option<&BoxOutcomes> {
        match self {
            Self::Boxes(outcomes) => Some(outcomes),
            _ => None,
        }
    }
}
