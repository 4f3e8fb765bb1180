//! Kinds and roles of columns, tasks of models.

use std::fmt;
use std::str::FromStr;

/// What the values of a column are, statistically.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// Numbers with a meaningful order and distance.
    Numeric,
    /// Names; order and distance mean nothing.
    Categorical,
    /// True or false.
    Boolean,
    /// Instants.
    Timestamp,
    /// Free text: sentences, documents, prompts.
    Text,
    /// A fixed number of components, none of which means anything alone.
    Embedding,
    /// A type without statistics yet (nested, binary …).
    Unsupported,
}

impl Kind {
    /// Every kind that a specification can name.
    pub const ALL: [Self; 6] = [
        Self::Numeric,
        Self::Categorical,
        Self::Boolean,
        Self::Timestamp,
        Self::Text,
        Self::Embedding,
    ];

    /// Stable identifier.
    pub fn id(self) -> &'static str {
        match self {
            Self::Numeric => "numeric",
            Self::Categorical => "categorical",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp",
            Self::Text => "text",
            Self::Embedding => "embedding",
            Self::Unsupported => "unsupported",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Kind {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.id() == text)
            .ok_or_else(|| UnknownWord::new(text, "a column kind", &Self::ALL.map(Self::id)))
    }
}

/// What a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Task {
    /// Classification into two classes, one of them positive.
    Binary,
    /// Classification into more than two classes.
    Multiclass,
    /// Any number of labels for each row.
    Multilabel,
    /// Prediction of a number.
    Regression,
    /// Items in an order for each query: search, recommendation.
    Ranking,
    /// Boxes around objects in images.
    Detection,
    /// Text that is compared with a reference text.
    Text,
}

impl Task {
    /// Every task.
    pub const ALL: [Self; 7] = [
        Self::Binary,
        Self::Multiclass,
        Self::Multilabel,
        Self::Regression,
        Self::Ranking,
        Self::Detection,
        Self::Text,
    ];

    /// Stable identifier.
    pub fn id(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Multiclass => "multiclass",
            Self::Multilabel => "multilabel",
            Self::Regression => "regression",
            Self::Ranking => "ranking",
            Self::Detection => "detection",
            Self::Text => "text",
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Task {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|task| task.id() == text)
            .ok_or_else(|| UnknownWord::new(text, "a task", &Self::ALL.map(Self::id)))
    }
}

/// Part that a column plays in the events of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Input of the model.
    Feature,
    /// Decision or value that the model gave.
    Prediction,
    /// Probability or margin behind the decision.
    Score,
    /// Ground truth.
    Target,
    /// Event time.
    Timestamp,
    /// Identifier of the prediction.
    PredictionId,
    /// Version of the model that answered.
    Version,
    /// Column whose values name segments; it is a feature too.
    Segment,
    /// Column whose values name the groups that are to be treated alike; it is a feature too.
    Protected,
    /// Identifier of the query that the rows of a ranking belong to.
    Query,
    /// Identifier of what is ranked.
    Item,
    /// Named by the specification as not to be looked at.
    Excluded,
}

impl Role {
    /// Stable identifier.
    pub fn id(self) -> &'static str {
        match self {
            Self::Feature => "feature",
            Self::Prediction => "prediction",
            Self::Score => "score",
            Self::Target => "target",
            Self::Timestamp => "timestamp",
            Self::PredictionId => "prediction_id",
            Self::Version => "version",
            Self::Segment => "segment",
            Self::Protected => "protected",
            Self::Query => "query",
            Self::Item => "item",
            Self::Excluded => "excluded",
        }
    }
}

/// A word that is not in a closed list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}: one of {allowed}; found `{found}`")]
pub struct UnknownWord {
    expected: &'static str,
    allowed: String,
    found: String,
}

impl UnknownWord {
    /// An error that says what was `found` where one of `allowed` was expected.
    pub fn new(found: &str, expected: &'static str, allowed: &[&str]) -> Self {
        Self {
            expected,
            allowed: allowed.join(", "),
            found: found.to_owned(),
        }
    }
}
