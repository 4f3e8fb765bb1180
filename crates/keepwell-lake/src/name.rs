//! Names of tables: a model and what is stored of it.

use std::fmt;

use crate::error::LakeError;

/// Most characters of a model's name.
pub const MODEL_NAME_MAX: usize = 128;

/// What a table of a model holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// One row for each prediction.
    Predictions,
    /// One row for each target, joined to a prediction by `prediction_id`.
    Targets,
    /// One row for each row that was refused, kept for its sender to look at.
    Rejected,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Predictions, Self::Targets, Self::Rejected];

    /// Name of the table within the schema of its model.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Predictions => "predictions",
            Self::Targets => "targets",
            Self::Rejected => "rejected",
        }
    }

    /// Columns that each batch has, without nulls.
    pub(crate) fn required(self) -> &'static [&'static str] {
        match self {
            Self::Predictions | Self::Targets => &[TIMESTAMP, "prediction_id"],
            Self::Rejected => &[TIMESTAMP],
        }
    }
}

/// Event time; every table has it.
pub const TIMESTAMP: &str = "timestamp";
/// Day of the event in UTC, by which files are partitioned; added by the lake.
pub const DAY: &str = "_day";
/// Number of the row in order of arrival, unique in the lake; added by the lake.
pub const ROW: &str = "_row";
/// When the batch was accepted; added by the lake.
pub const RECEIVED: &str = "_received";

/// A table of the lake: `<model>.<kind>`, a schema for each model.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    model: String,
    kind: Kind,
}

impl TableName {
    /// The table of `kind` of a model.
    ///
    /// # Errors
    /// `lake.model.name` for a name that is empty, too long, or has control characters.
    pub fn try_new(model: &str, kind: Kind) -> Result<Self, LakeError> {
        let sound = (1..=MODEL_NAME_MAX).contains(&model.chars().count())
            && model.trim() == model
            && !model.chars().any(char::is_control);
        if !sound {
            return Err(LakeError::ModelName {
                limit: MODEL_NAME_MAX,
                found: model.chars().take(MODEL_NAME_MAX + 1).collect(),
            });
        }
        Ok(Self {
            model: model.to_owned(),
            kind,
        })
    }

    /// The model.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// What is stored of it.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.model, self.kind.as_str())
    }
}
