//! The stored answers of the reference computations, and the inputs they belong to.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// The reference vectors of one family, as `cargo xtask vectors` wrote them.
#[derive(Debug)]
pub struct Vectors {
    /// The shared inputs, by name of the case.
    pub inputs: BTreeMap<String, Value>,
    /// By id of the entry.
    pub entries: BTreeMap<String, EntryVectors>,
}

/// The reference vectors of one entry.
#[derive(Debug)]
pub struct EntryVectors {
    /// The reference computation that gave them.
    pub oracle: String,
    /// One for each set of parameters.
    pub runs: Vec<Run>,
}

/// The answers for one set of parameters.
#[derive(Debug)]
pub struct Run {
    /// Each declared parameter with its value.
    pub params: Value,
    /// By name of the case; `null` means that the answer is undefined.
    pub cases: BTreeMap<String, Value>,
}

impl Vectors {
    /// Reads a file of reference vectors.
    ///
    /// # Panics
    /// If the file is absent or not of this form: `cargo xtask vectors` makes it anew.
    pub fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|error| {
            panic!("{}: {error}; run `cargo xtask vectors`", path.display())
        });
        let document: Value = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self {
            inputs: members(&document["inputs"]),
            entries: members(&document["entries"])
                .into_iter()
                .map(|(id, entry)| (id, EntryVectors::new(&entry)))
                .collect(),
        }
    }
}

impl EntryVectors {
    fn new(entry: &Value) -> Self {
        let runs = entry["runs"].as_array().expect("an entry has runs");
        Self {
            oracle: entry["oracle"]
                .as_str()
                .expect("an entry has an oracle")
                .to_owned(),
            runs: runs
                .iter()
                .map(|run| Run {
                    params: run["params"].clone(),
                    cases: members(&run["cases"]),
                })
                .collect(),
        }
    }
}

fn members(object: &Value) -> BTreeMap<String, Value> {
    let object = object.as_object().expect("vectors are objects by name");
    object
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// A number of a vector; NaN and the infinities are written as words.
///
/// # Panics
/// If the value is something else.
pub fn number(value: &Value) -> f64 {
    match value {
        Value::Number(number) => number.as_f64().expect("JSON numbers fit"),
        Value::String(word) => match word.as_str() {
            "NaN" => f64::NAN,
            "Infinity" => f64::INFINITY,
            "-Infinity" => f64::NEG_INFINITY,
            _ => panic!("expected a number; found `{word}`"),
        },
        other => panic!("expected a number; found {other}"),
    }
}

/// A list of numbers.
///
/// # Panics
/// If the value is something else.
pub fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().expect("a list of numbers");
    values.iter().map(number).collect()
}

/// The positions of the vector of a detector.
///
/// # Panics
/// If the value is something else.
pub fn changes(value: &Value) -> Vec<usize> {
    let changes = value["changes"].as_array().expect("a list of positions");
    let position = |value: &Value| value.as_u64().and_then(|idx| usize::try_from(idx).ok());
    changes
        .iter()
        .map(|value| position(value).expect("a position"))
        .collect()
}
