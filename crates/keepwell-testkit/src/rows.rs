//! Samples of whole rows.

use keepwell_stats::matrix::Matrix;
use keepwell_stats::profile::row_sample::{
    Names, RowSample, SampleColumn, SampleConfig, SampleValues,
};
use serde_json::Value;

use crate::vectors::number;

/// The sample that holds all rows of these columns.
///
/// # Panics
/// If the columns differ in length.
pub fn sample<N: Into<String>>(columns: impl IntoIterator<Item = (N, SampleValues)>) -> RowSample {
    let columns: Vec<SampleColumn> = columns
        .into_iter()
        .map(|(name, values)| SampleColumn {
            name: name.into(),
            values,
        })
        .collect();
    let n = columns.first().map_or(0, |column| column.values.n_rows());
    let config = SampleConfig {
        capacity: n,
        seed: 0,
    };
    RowSample::new(config, n as u64, (0..n as u64).collect(), columns)
}

/// The sample of these columns of numbers, which are called `x0`, `x1` and so on.
///
/// # Panics
/// If the columns differ in length.
pub fn numbers(columns: Vec<Vec<f64>>) -> RowSample {
    let named = columns.into_iter().enumerate();
    sample(named.map(|(idx, values)| (format!("x{idx}"), SampleValues::Numbers(values))))
}

/// One side of a case of multivariate tests: columns of numbers, or of texts and nulls.
///
/// # Panics
/// If the case is not of this form.
pub fn from_json(columns: &Value) -> RowSample {
    let columns = columns.as_object().expect("columns by name");
    sample(
        columns
            .iter()
            .map(|(name, values)| (name.as_str(), values_from_json(values))),
    )
}

/// One side of a case of estimators on rows: features, predictions and targets.
///
/// # Panics
/// If the case is not of this form.
pub fn regression_from_json(columns: &Value) -> (RowSample, Vec<f64>, Vec<f64>) {
    let mut features = columns.as_object().expect("columns by name").clone();
    let mut take = |name: &str| -> Vec<f64> {
        let values = features.remove(name).expect("a column of this name");
        list(&values).iter().map(number).collect()
    };
    let (predictions, targets) = (take("y_pred"), take("y_true"));
    (from_json(&Value::Object(features)), predictions, targets)
}

fn values_from_json(values: &Value) -> SampleValues {
    let values = list(values);
    let is_number = |value: &Value| value.is_number() || value.as_str().is_some_and(is_special);
    if values.iter().all(is_number) {
        return SampleValues::Numbers(values.iter().map(number).collect());
    }
    let names: Vec<Option<&str>> = values.iter().map(Value::as_str).collect();
    SampleValues::Names(Names::of(&names))
}

/// One side of a case of anomalies: rows of numbers.
///
/// # Panics
/// If the case is not of this form.
pub fn matrix(rows: &Value) -> Matrix {
    let row = |row: &Value| -> Vec<f64> { list(row).iter().map(number).collect() };
    let rows: Vec<Vec<f64>> = list(rows).iter().map(row).collect();
    Matrix::from_rows(rows.first().map_or(0, Vec::len), rows)
}

/// What a reference computation says of anomalies.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Score of each row or point, `None` where there is none; empty if it does not tell.
    pub scores: Vec<Option<f64>>,
    /// Positions of the anomalous ones; `None` if it does not tell.
    pub positions: Option<Vec<usize>>,
}

impl Answer {
    /// The answer in a vector of anomalies; `None` where undefined.
    ///
    /// # Panics
    /// If the vector is not of this form.
    pub fn from_json(vector: &Value) -> Option<Self> {
        let vector = vector.as_object()?;
        let score = |score: &Value| (!score.is_null()).then(|| number(score));
        let position = |idx: &Value| idx.as_u64().map(|idx| idx as usize);
        Some(Self {
            scores: vector
                .get("scores")
                .map(|scores| list(scores).iter().map(score).collect())
                .unwrap_or_default(),
            positions: vector.get("positions").map(|positions| {
                let positions = list(positions).iter();
                positions
                    .map(|idx| position(idx).expect("a position"))
                    .collect()
            }),
        })
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

/// Whether the text stands for a number that JSON does not have.
fn is_special(text: &str) -> bool {
    matches!(text, "NaN" | "Infinity" | "-Infinity")
}
