//! Profile of a column of any kind.

use keepwell_core::schema::Kind;

use super::{
    BooleanProfile, CategoricalProfile, Counts, EmbeddingProfile, MergeError, Mode, NumericProfile,
    TextProfile, TimestampProfile,
};

/// Profile of a column, by its kind.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnProfile {
    /// Numbers.
    Numeric(NumericProfile),
    /// Names.
    Categorical(CategoricalProfile),
    /// True and false.
    Boolean(BooleanProfile),
    /// Instants.
    Timestamp(TimestampProfile),
    /// Free text.
    Text(Box<TextProfile>),
    /// Vectors.
    Embedding(EmbeddingProfile),
    /// Anything else: only rows and nulls are counted.
    Unsupported(Counts),
}

impl ColumnProfile {
    /// An empty profile for a column of this kind.
    pub fn new(kind: Kind, mode: Mode) -> Self {
        match kind {
            Kind::Numeric => Self::Numeric(NumericProfile::new(mode)),
            Kind::Categorical => Self::Categorical(CategoricalProfile::new(mode)),
            Kind::Boolean => Self::Boolean(BooleanProfile::default()),
            Kind::Timestamp => Self::Timestamp(TimestampProfile::default()),
            Kind::Text => Self::Text(Box::new(TextProfile::new(mode))),
            Kind::Embedding => Self::Embedding(EmbeddingProfile::new(mode)),
            _ => Self::Unsupported(Counts::default()),
        }
    }

    /// The profile of a column in which each of `rows` rows is null.
    pub fn all_null(kind: Kind, mode: Mode, rows: u64) -> Self {
        let mut profile = Self::new(kind, mode);
        match &mut profile {
            Self::Numeric(numeric) => numeric.push_nulls(rows),
            Self::Categorical(categorical) => categorical.push_nulls(rows),
            Self::Boolean(boolean) => boolean.push(0, 0, rows),
            Self::Timestamp(timestamp) => timestamp.push_nulls(rows),
            Self::Text(text) => text.push_nulls(rows),
            Self::Embedding(embedding) => embedding.push_nulls(rows),
            Self::Unsupported(counts) => {
                counts.rows += rows;
                counts.null += rows;
            }
        }
        profile
    }

    /// Kind of the column.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Numeric(_) => Kind::Numeric,
            Self::Categorical(_) => Kind::Categorical,
            Self::Boolean(_) => Kind::Boolean,
            Self::Timestamp(_) => Kind::Timestamp,
            Self::Text(_) => Kind::Text,
            Self::Embedding(_) => Kind::Embedding,
            Self::Unsupported(_) => Kind::Unsupported,
        }
    }

    /// Counts of all rows.
    pub fn counts(&self) -> &Counts {
        match self {
            Self::Numeric(profile) => profile.counts(),
            Self::Categorical(profile) => profile.counts(),
            Self::Boolean(profile) => profile.counts(),
            Self::Timestamp(profile) => profile.counts(),
            Self::Text(profile) => profile.counts(),
            Self::Embedding(profile) => profile.counts(),
            Self::Unsupported(counts) => counts,
        }
    }

    /// Adds another part.
    ///
    /// # Errors
    /// If the kinds or modes differ.
    pub fn merge(&mut self, other: Self) -> Result<(), MergeError> {
        match (self, other) {
            (Self::Numeric(own), Self::Numeric(other)) => own.merge(other),
            (Self::Categorical(own), Self::Categorical(other)) => own.merge(other),
            (Self::Boolean(own), Self::Boolean(other)) => {
                own.merge(&other);
                Ok(())
            }
            (Self::Timestamp(own), Self::Timestamp(other)) => {
                own.merge(&other);
                Ok(())
            }
            (Self::Text(own), Self::Text(other)) => own.merge(*other),
            (Self::Embedding(own), Self::Embedding(other)) => own.merge(other),
            (Self::Unsupported(own), Self::Unsupported(other)) => {
                own.merge(&other);
                Ok(())
            }
            (own, other) => Err(MergeError::Kind {
                expected: own.kind().id(),
                found: other.kind().id(),
            }),
        }
    }

    /// Prepares for evaluation; see [`NumericProfile::seal`].
    pub fn seal(&mut self) {
        match self {
            Self::Numeric(profile) => profile.seal(),
            Self::Text(profile) => profile.seal(),
            Self::Embedding(profile) => profile.seal(),
            _ => {}
        }
    }

    /// Counts by name, for categorical and boolean columns in ascending order of the name; `None`
    /// for other kinds. Booleans are named `false` and `true`.
    pub fn category_counts(&self) -> Option<Vec<(&str, u64)>> {
        match self {
            Self::Categorical(profile) => Some(profile.categories()),
            Self::Boolean(profile) => Some(vec![
                ("false", profile.n_false()),
                ("true", profile.n_true()),
            ]),
            _ => None,
        }
    }
}
