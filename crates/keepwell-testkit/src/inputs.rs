//! Profiles from the shared inputs of the reference vectors, and rows from which tests make their own.

use keepwell_core::schema::Kind;
use keepwell_core::time::Timestamp;
use keepwell_stats::profile::{ClassConfig, ClassOutcomes, ColumnProfile, Mode, TwoSample};
use serde_json::Value;

use crate::vectors::number;

/// A value of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Null.
    Null,
    /// A number, NaN and infinities included.
    Number(f64),
    /// A name or a text.
    Text(String),
    /// A vector.
    Vector(Vec<f64>),
    /// True or false.
    Flag(bool),
    /// An instant.
    Instant(Timestamp),
}

/// The rows of a column.
#[derive(Debug, Clone)]
pub struct Column {
    /// What the values are.
    pub kind: Kind,
    /// One a row.
    pub cells: Vec<Cell>,
}

impl Column {
    /// A numeric column without nulls.
    pub fn numeric(values: impl IntoIterator<Item = f64>) -> Self {
        Self {
            kind: Kind::Numeric,
            cells: values.into_iter().map(Cell::Number).collect(),
        }
    }

    /// A categorical column without nulls.
    pub fn categorical(values: impl IntoIterator<Item = String>) -> Self {
        Self {
            kind: Kind::Categorical,
            cells: values.into_iter().map(Cell::Text).collect(),
        }
    }

    /// A boolean column without nulls.
    pub fn boolean(values: impl IntoIterator<Item = bool>) -> Self {
        Self {
            kind: Kind::Boolean,
            cells: values.into_iter().map(Cell::Flag).collect(),
        }
    }

    /// A timestamp column without nulls, from microseconds since 1970.
    pub fn timestamp(micros: impl IntoIterator<Item = i64>) -> Self {
        Self {
            kind: Kind::Timestamp,
            cells: micros
                .into_iter()
                .map(|micros| Cell::Instant(Timestamp(micros)))
                .collect(),
        }
    }

    /// A column of texts without nulls.
    pub fn text(values: impl IntoIterator<Item = String>) -> Self {
        Self {
            kind: Kind::Text,
            cells: values.into_iter().map(Cell::Text).collect(),
        }
    }

    /// A column of vectors without nulls.
    pub fn embedding(values: impl IntoIterator<Item = Vec<f64>>) -> Self {
        Self {
            kind: Kind::Embedding,
            cells: values.into_iter().map(Cell::Vector).collect(),
        }
    }

    /// The profile of these rows.
    ///
    /// # Panics
    /// If a value is not of the kind of the column.
    pub fn profile(&self, mode: Mode) -> ColumnProfile {
        let mut profile = ColumnProfile::new(self.kind, mode);
        for cell in &self.cells {
            match (&mut profile, cell) {
                (ColumnProfile::Numeric(column), Cell::Number(value)) => column.push(*value),
                (ColumnProfile::Numeric(column), Cell::Null) => column.push_nulls(1),
                (ColumnProfile::Categorical(column), Cell::Text(name)) => column.push(name, 1),
                (ColumnProfile::Categorical(column), Cell::Null) => column.push_nulls(1),
                (ColumnProfile::Boolean(column), Cell::Flag(flag)) => {
                    column.push(u64::from(*flag), u64::from(!flag), 0);
                }
                (ColumnProfile::Boolean(column), Cell::Null) => column.push(0, 0, 1),
                (ColumnProfile::Timestamp(column), Cell::Instant(at)) => column.push(*at),
                (ColumnProfile::Timestamp(column), Cell::Null) => column.push_nulls(1),
                (ColumnProfile::Text(column), Cell::Text(text)) => column.push(text, 1),
                (ColumnProfile::Text(column), Cell::Null) => column.push_nulls(1),
                (ColumnProfile::Embedding(column), Cell::Vector(vector)) => column.push(vector),
                (ColumnProfile::Embedding(column), Cell::Null) => column.push_nulls(1),
                (_, cell) => panic!("{cell:?} in a column of kind {}", self.kind),
            }
        }
        profile.seal();
        profile
    }

    pub(crate) fn from_json(kind: &Value, cells: &Value) -> Self {
        let kind: Kind = kind
            .as_str()
            .and_then(|word| word.parse().ok())
            .expect("a case names the kind of its column");
        let cells = cells.as_array().expect("a sample is a list");
        let cell = |value: &Value| match (kind, value) {
            (_, Value::Null) => Cell::Null,
            (Kind::Numeric, value) => Cell::Number(number(value)),
            (Kind::Categorical | Kind::Text, Value::String(name)) => Cell::Text(name.clone()),
            (Kind::Embedding, Value::Array(vector)) => {
                Cell::Vector(vector.iter().map(number).collect())
            }
            (Kind::Boolean, Value::Bool(flag)) => Cell::Flag(*flag),
            (Kind::Timestamp, Value::Number(micros)) => {
                Cell::Instant(Timestamp(micros.as_i64().expect("whole microseconds")))
            }
            (_, other) => panic!("{other} in a column of kind {kind}"),
        };
        Self {
            kind,
            cells: cells.iter().map(cell).collect(),
        }
    }
}

/// The two samples of a case of drift tests and quality checks: reference and current.
///
/// # Panics
/// If the case is not of this form.
pub fn samples(case: &Value) -> (Column, Column) {
    (
        Column::from_json(&case["kind"], &case["reference"]),
        Column::from_json(&case["current_kind"], &case["current"]),
    )
}

/// Profiles of two samples.
#[derive(Debug)]
pub struct Pair {
    reference: ColumnProfile,
    current: ColumnProfile,
}

impl Pair {
    /// Takes both profiles.
    pub fn new(reference: &Column, current: &Column, mode: Mode) -> Self {
        Self {
            reference: reference.profile(mode),
            current: current.profile(mode),
        }
    }

    /// What drift tests and quality checks take.
    pub fn sample(&self) -> TwoSample<'_, ColumnProfile> {
        TwoSample {
            reference: &self.reference,
            current: &self.current,
        }
    }

    /// The samples exchanged.
    pub fn exchanged(&self) -> TwoSample<'_, ColumnProfile> {
        TwoSample {
            reference: &self.current,
            current: &self.reference,
        }
    }
}

/// One row of a classifier.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Class that is true; `None` where not known.
    pub target: Option<String>,
    /// Class that was decided on; `None` where null.
    pub prediction: Option<String>,
    /// One for each scored class, NaN where null.
    pub scores: Vec<f64>,
}

/// Rows of a classifier.
#[derive(Debug, Clone)]
pub struct Rows {
    /// See [`ClassConfig::positive`].
    pub positive: Option<String>,
    /// See [`ClassConfig::scored_classes`].
    pub scored_classes: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
}

impl Rows {
    /// The rows of a case of metrics, or of one sample of a case of estimators.
    ///
    /// # Panics
    /// If the case is not of this form.
    pub fn from_json(case: &Value) -> Self {
        let list = |name: &str| case[name].as_array().expect("a column is a list").clone();
        let class = |value: &Value| value.as_str().map(str::to_owned);
        let scores = |value: &Value| match value {
            Value::Array(row) => row.iter().map(number).collect(),
            one => vec![number(one)],
        };
        let scores: Vec<Vec<f64>> = match &case["score"] {
            Value::Null => vec![Vec::new(); list("target").len()],
            Value::Array(rows) => rows.iter().map(scores).collect(),
            other => panic!("expected scores; found {other}"),
        };
        let rows = list("target")
            .iter()
            .zip(list("prediction"))
            .zip(scores)
            .map(|((target, prediction), scores)| Row {
                target: class(target),
                prediction: class(&prediction),
                scores,
            })
            .collect();
        Self {
            positive: class(&case["positive"]),
            scored_classes: list("scored_classes").iter().filter_map(class).collect(),
            rows,
        }
    }

    /// These rows without their targets.
    #[must_use]
    pub fn without_targets(mut self) -> Self {
        for row in &mut self.rows {
            row.target = None;
        }
        self
    }

    /// The profile of these rows.
    pub fn profile(&self, mode: Mode) -> ClassOutcomes {
        self.profile_of(&self.rows, mode)
    }

    /// The profile of some of these rows.
    pub fn profile_of(&self, rows: &[Row], mode: Mode) -> ClassOutcomes {
        let mut profile = ClassOutcomes::new(ClassConfig {
            scored_classes: self.scored_classes.clone(),
            positive: self.positive.clone(),
            threshold: 0.5,
            mode,
        });
        for row in rows {
            let target = row
                .target
                .as_deref()
                .map(|class| profile.class_index(class));
            let prediction = row
                .prediction
                .as_deref()
                .map(|class| profile.class_index(class));
            profile.push(target, prediction, &row.scores);
        }
        profile.seal();
        profile
    }
}

/// The series of a case of detectors.
///
/// # Panics
/// If the case is not of this form.
pub fn series(case: &Value) -> Vec<f64> {
    let series = case["series"].as_array().expect("a series is a list");
    series.iter().map(number).collect()
}

/// The groups of a case of measures of fairness, by name.
///
/// # Panics
/// If the case is not of this form.
pub fn groups(case: &Value) -> Vec<(String, Rows)> {
    let groups = case["groups"].as_object().expect("groups by name");
    groups
        .iter()
        .map(|(name, rows)| (name.clone(), Rows::from_json(rows)))
        .collect()
}
