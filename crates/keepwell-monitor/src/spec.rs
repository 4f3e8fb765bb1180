//! The written definition of a model: one YAML file for command line, server and Python.

use std::collections::BTreeMap;

use keepwell_core::fault::Fault;
use serde::Deserialize;

use crate::monitors::MonitorSpec;

/// Definition of a model and of how it is watched. Every key can be left out where it can be inferred.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelSpec {
    /// Name of the model.
    pub model: Option<String>,
    /// `binary`, `multiclass`, `multilabel`, `regression`, `ranking`, `detection` or `text`.
    pub task: Option<String>,
    /// Which column plays which part.
    pub columns: ColumnsSpec,
    /// How event time is cut.
    pub windows: WindowsSpec,
    /// What is compared against.
    pub reference: ReferenceSpec,
    /// How many false alarms are accepted.
    pub alarm_budget: AlarmBudgetSpec,
    /// What is known of the items of a ranking beside the events.
    pub ranking: RankingSpec,
    /// How p-values are corrected for their number: see [`Correction::of`](crate::rule::Correction::of).
    pub correction: Option<String>,
    /// Monitors of the user's own, beside the sensible ones by task.
    pub monitors: Vec<MonitorSpec>,
}

/// Roles of columns, by name.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ColumnsSpec {
    /// Identifier of the prediction.
    pub prediction_id: Option<String>,
    /// Columns that name an entity: a row of the reference and a current row with the same values are about one, and
    /// their other values are compared. They are no features unless they are named as such.
    pub key: Vec<String>,
    /// Event time.
    pub timestamp: Option<String>,
    /// Version of the model.
    pub version: Option<String>,
    /// Decision or value.
    pub prediction: Option<String>,
    /// A column of probabilities of the positive class, or one column per class.
    pub score: Option<ScoreSpec>,
    /// Ground truth.
    pub target: Option<String>,
    /// Query that a row of a ranking belongs to.
    pub query: Option<String>,
    /// Item that a row of a ranking is about.
    pub item: Option<String>,
    /// The positive class of a binary model.
    pub positive: Option<ClassName>,
    /// Scores at or above it count as positive where there is no prediction column. Default 0.5.
    pub threshold: Option<f64>,
    /// Columns whose values name segments.
    pub segments: Vec<String>,
    /// Columns whose values name protected groups.
    pub protected: Vec<String>,
    /// Which other columns are features.
    pub features: FeaturesSpec,
    /// Kinds that are declared instead of inferred: `numeric`, `categorical`, `boolean`,
    /// `timestamp`, `text`, `embedding`, `image`. A column of images is read as columns of numbers that describe them,
    /// such as `photo.brightness`.
    pub kinds: BTreeMap<String, String>,
}

/// Score columns.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum ScoreSpec {
    /// One column: the probability of the positive class.
    Positive(String),
    /// Class to column.
    PerClass(BTreeMap<ClassName, String>),
}

/// A class as it may be written in YAML: `yes`, `1`, `true`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(untagged)]
pub enum ClassName {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Any other name.
    Text(String),
}

impl ClassName {
    /// The canonical spelling; see [`keepwell_core::class`].
    pub fn canonical(&self) -> String {
        match self {
            Self::Boolean(value) => u8::from(*value).to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Text(text) => keepwell_core::class::canonical(text).into_owned(),
        }
    }
}

/// Which columns are features: all others, or those that are named.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FeaturesSpec {
    /// Only these. Empty means every other column.
    pub include: Vec<String>,
    /// Not these.
    pub exclude: Vec<String>,
}

/// How event time is cut.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WindowsSpec {
    /// Width, for example `1h`, `1d`, `1mo`.
    pub every: Option<String>,
    /// How long targets usually take, for example `7d`.
    pub target_delay: Option<String>,
}

/// What is compared against; at most one key.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReferenceSpec {
    /// A file of its own; a relative path counts from the folder of the spec.
    pub file: Option<String>,
    /// The rows before this instant.
    pub until: Option<String>,
    /// The rows of this version.
    pub version: Option<ClassName>,
}

/// How many false alarms are accepted.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlarmBudgetSpec {
    /// Number of false alarms.
    pub false_alarms: Option<f64>,
    /// Per which stretch of time, for example `30d`.
    pub per: Option<String>,
}

/// What is known of the items of a ranking beside the events.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RankingSpec {
    /// Who had what before: what is popular, and what there is.
    pub interactions: Option<InteractionsSpec>,
    /// How items are alike.
    pub items: Option<ItemsSpec>,
}

/// A file with earlier interactions, one row each.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InteractionsSpec {
    /// The file; a relative path counts from the folder of the spec.
    pub file: String,
    /// Column of the user; by default as the column of the query is called.
    pub user: Option<String>,
    /// Column of the item; by default as in the events.
    pub item: Option<String>,
}

/// A file with a vector for each item.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemsSpec {
    /// The file; a relative path counts from the folder of the spec.
    pub file: String,
    /// Column of the item; by default as in the events.
    pub item: Option<String>,
    /// Column of the vector.
    pub vector: String,
}

/// A spec that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}{message}")]
pub struct SpecError {
    /// `file:line:column: ` or empty.
    place: String,
    message: String,
    hint: Option<String>,
}

impl Fault for SpecError {
    fn code(&self) -> &'static str {
        "monitor.spec.invalid"
    }

    fn hint(&self) -> Option<String> {
        self.hint.clone()
    }
}

/// Reads a spec.
///
/// # Errors
/// If the text is not YAML, a key is unknown, or a value has the wrong type; with line and column of
/// the place in `file_name`, and the key that was probably meant.
pub fn parse(text: &str, file_name: &str) -> Result<ModelSpec, SpecError> {
    if text.trim().is_empty() {
        return Ok(ModelSpec::default());
    }
    // YAML 1.2: `yes` and `no` are words, as class names so often are, and only `true` and `false` booleans.
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|fault| {
        let place = fault.location().map_or_else(
            || format!("{file_name}: "),
            |at| format!("{file_name}:{}:{}: ", at.line(), at.column()),
        );
        let message = fault.without_snippet().to_string();
        // The place stands in front already.
        let message = match message.rsplit_once(" at line ") {
            Some((message, _)) => message.to_owned(),
            None => message,
        };
        SpecError {
            hint: nearest_key(&message),
            place,
            message,
        }
    })
}

/// For "unknown field `x`, expected one of a, b": the expected key that resembles `x` most.
fn nearest_key(message: &str) -> Option<String> {
    let (found, expected) = message
        .strip_prefix("unknown field `")?
        .split_once("`, expected ")?;
    expected
        .trim_start_matches("one of ")
        .split(", ")
        .map(|key| (strsim::damerau_levenshtein(found, key), key))
        .min()
        .filter(|(distance, key)| *distance <= key.len().div_ceil(2))
        .map(|(_, key)| format!("did you mean `{key}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_guide_is_read() {
        let spec = parse(
            "model: churn
task: binary
columns:
  prediction_id: id
  timestamp: at
  version: model_version
  prediction: decision
  score: probability
  target: churned
  positive: \"yes\"
  segments: [country, plan]
  protected: [sex]
  features: {exclude: [raw_payload]}
windows: {every: 1h, target_delay: 7d}
reference: {until: 2026-01-01T00:00:00Z}
alarm_budget: {false_alarms: 1, per: 30d}
monitors: []
",
            "model.yaml",
        )
        .expect("valid");
        assert_eq!(spec.model.as_deref(), Some("churn"));
        assert_eq!(
            spec.columns.score,
            Some(ScoreSpec::Positive("probability".into()))
        );
        assert_eq!(
            spec.columns
                .positive
                .map(|class| class.canonical())
                .as_deref(),
            Some("yes")
        );
        assert_eq!(
            spec.reference.until.as_deref(),
            Some("2026-01-01T00:00:00Z")
        );
        assert_eq!(spec.columns.features.exclude, ["raw_payload"]);
    }

    #[test]
    fn classes_may_be_written_as_numbers_and_booleans() {
        for (yaml, expected) in [("1", "1"), ("true", "1"), ("\"yes\"", "yes"), ("no", "no")] {
            let spec = parse(&format!("columns: {{positive: {yaml}}}"), "m.yaml").expect("valid");
            assert_eq!(
                spec.columns.positive.expect("set").canonical(),
                expected,
                "{yaml}"
            );
        }
        let spec = parse("columns: {score: {0: p0, 1: p1}}", "m.yaml").expect("valid");
        assert!(matches!(spec.columns.score, Some(ScoreSpec::PerClass(map)) if map.len() == 2));
    }

    #[test]
    fn an_unknown_key_is_refused_with_place_and_hint() {
        let fault =
            parse("model: x\ncolumns:\n  timestmp: at\n", "model.yaml").expect_err("unknown");
        let message = fault.to_string();
        assert!(
            message.starts_with("model.yaml:3:3: unknown field `timestmp`"),
            "{message}"
        );
        assert_eq!(fault.hint().as_deref(), Some("did you mean `timestamp`?"));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "[1, 2]",
            "model: [",
            "columns: 3",
            "windows: {every: {a: 1}}",
        ] {
            assert!(parse(text, "m.yaml").is_err(), "{text}");
        }
        assert_eq!(
            parse("", "m.yaml").expect("empty is all defaults"),
            ModelSpec::default()
        );
    }
}
