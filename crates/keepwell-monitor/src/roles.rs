//! Which column plays which part, from the spec or guessed from names.

use std::collections::BTreeSet;

use keepwell_core::class;
use keepwell_core::fault::Fault;
use keepwell_core::schema::{Kind, Role, Task};

use crate::spec::{ModelSpec, ScoreSpec};

/// A column as the source declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceColumn {
    /// Name.
    pub name: String,
    /// Kind by its type, or as the spec declares it.
    pub kind: Kind,
}

/// A part that was not written but guessed from a name; printed, so that nobody is surprised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// The part.
    pub role: Role,
    /// The column.
    pub column: String,
}

/// Parts of all columns. Which classes there are is settled later by [`Roles::settle`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Roles {
    /// Event time.
    pub timestamp: Option<String>,
    /// Identifier of the prediction.
    pub prediction_id: Option<String>,
    /// Version of the model.
    pub version: Option<String>,
    /// Decision or value.
    pub prediction: Option<String>,
    /// Ground truth.
    pub target: Option<String>,
    /// Score columns with the class that they are for; `None` for "the positive class".
    pub scores: Vec<(Option<String>, String)>,
    /// Query of a ranking.
    pub query: Option<String>,
    /// Item of a ranking.
    pub item: Option<String>,
    /// Segment columns.
    pub segments: Vec<String>,
    /// Those among them whose values name protected groups.
    pub protected: Vec<String>,
    /// Features, in the order of the source. Segment columns are features too.
    pub features: Vec<SourceColumn>,
    /// What was guessed.
    pub guesses: Vec<Guess>,
}

/// The task with the classes that it needs.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// Two classes.
    Binary {
        /// Canonical name of the positive class.
        positive: String,
    },
    /// More classes, by canonical name, ascending.
    Multiclass {
        /// All of them.
        classes: Vec<String>,
    },
    /// A number.
    Regression,
    /// Any number of labels for each row.
    Multilabel,
    /// Items in an order for each query.
    Ranking,
    /// Boxes around objects in images.
    Detection,
    /// A text for each row.
    Text,
    /// No prediction, score or target: only the data are looked at.
    DataOnly,
}

/// A spec and a source that do not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RoleError {
    /// A column that the spec or a flag names does not exist.
    #[error("expected a column `{column}` for the role {role}; found {found}")]
    Missing {
        /// Name that was written.
        column: String,
        /// Part that it should play.
        role: &'static str,
        /// Names that exist, shortened.
        found: String,
        /// The existing name that resembles it most.
        nearest: Option<String>,
    },
    /// A declared kind or task is not a known word.
    #[error("{0}")]
    Word(#[from] keepwell_core::schema::UnknownWord),
    /// Two classes, and no way to tell which is positive.
    #[error(
        "expected a positive class; found the classes {classes} and none that is named like one"
    )]
    Positive {
        /// The classes found.
        classes: String,
    },
    /// The positive class never occurs.
    #[error("expected the positive class `{positive}` among the classes; found {classes}")]
    AbsentPositive {
        /// Class that was written.
        positive: String,
        /// The classes found.
        classes: String,
    },
    /// A binary model with more than two classes.
    #[error("expected at most two classes for a binary model; found {classes}")]
    NotBinary {
        /// The classes found.
        classes: String,
    },
    /// A ranking without a column that says which rows belong together, or which item a row is about.
    #[error("expected a column with the {} of each row for a ranking; found none", role.id())]
    Ranking {
        /// Part that no column plays.
        role: Role,
    },
    /// A column with one kind in the role of another.
    #[error("expected numbers in the {role} column `{column}`; found {kind}")]
    Kind {
        /// Name of the column.
        column: String,
        /// Part that it plays.
        role: &'static str,
        /// Kind found.
        kind: Kind,
    },
}

impl Fault for RoleError {
    fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "monitor.column.missing",
            Self::Word(_) => "monitor.spec.unknown_word",
            Self::Positive { .. } => "monitor.positive.unknown",
            Self::AbsentPositive { .. } => "monitor.positive.absent",
            Self::NotBinary { .. } => "monitor.task.not_binary",
            Self::Ranking { .. } => "monitor.task.ranking",
            Self::Kind { .. } => "monitor.column.kind",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { nearest, .. } => nearest
                .as_ref()
                .map(|name| format!("did you mean `{name}`?")),
            Self::Positive { .. } => Some(
                "name it: `--positive CLASS`, or `positive:` under `columns:` in the spec".into(),
            ),
            Self::NotBinary { .. } => Some("set `task: multiclass`".into()),
            Self::Ranking { role } => {
                let key = role.id();
                Some(format!("name it: `{key}:` under `columns:` in the spec"))
            }
            Self::Kind { .. } => Some(
                "if the column holds numbers as text, declare it under `columns: kinds:`".into(),
            ),
            _ => None,
        }
    }
}

/// Names that mean a role, best first; compared without case.
const NAMES: [(Role, &[&str]); 6] = [
    (
        Role::Timestamp,
        &[
            "timestamp",
            "event_time",
            "prediction_time",
            "predicted_at",
            "datetime",
            "time",
            "ts",
        ],
    ),
    (
        Role::PredictionId,
        &["prediction_id", "inference_id", "request_id", "event_id"],
    ),
    (Role::Version, &["model_version", "version"]),
    (
        Role::Prediction,
        &[
            "prediction",
            "predicted",
            "y_pred",
            "predicted_label",
            "prediction_label",
            "decision",
        ],
    ),
    (
        Role::Score,
        &[
            "score",
            "probability",
            "y_score",
            "y_proba",
            "proba",
            "prob",
            "prediction_score",
            "prediction_probability",
        ],
    ),
    (
        Role::Target,
        &["target", "label", "y_true", "ground_truth", "actual"],
    ),
];

impl Problem {
    /// Identifier of the task; `None` where only the data are looked at.
    pub fn task(&self) -> Option<Task> {
        match self {
            Self::Binary { .. } => Some(Task::Binary),
            Self::Multiclass { .. } => Some(Task::Multiclass),
            Self::Multilabel => Some(Task::Multilabel),
            Self::Regression => Some(Task::Regression),
            Self::Ranking => Some(Task::Ranking),
            Self::Detection => Some(Task::Detection),
            Self::Text => Some(Task::Text),
            Self::DataOnly => None,
        }
    }
}

impl Roles {
    /// Parts of `columns`: what the spec names, and for the rest what common names suggest.
    ///
    /// # Errors
    /// If the spec names a column that does not exist.
    pub fn resolve(spec: &ModelSpec, columns: &[SourceColumn]) -> Result<Self, RoleError> {
        let mut roles = Self::default();
        let named = &spec.columns;
        let mut taken = BTreeSet::new();
        {
            let mut claim =
                |name: &Option<String>, role: Role| -> Result<Option<String>, RoleError> {
                    let Some(name) = name else { return Ok(None) };
                    find(columns, name, role)?;
                    taken.insert(name.clone());
                    Ok(Some(name.clone()))
                };
            roles.timestamp = claim(&named.timestamp, Role::Timestamp)?;
            roles.prediction_id = claim(&named.prediction_id, Role::PredictionId)?;
            roles.version = claim(&named.version, Role::Version)?;
            roles.prediction = claim(&named.prediction, Role::Prediction)?;
            roles.target = claim(&named.target, Role::Target)?;
            roles.query = claim(&named.query, Role::Query)?;
            roles.item = claim(&named.item, Role::Item)?;
            match &named.score {
                Some(ScoreSpec::Positive(column)) => {
                    claim(&Some(column.clone()), Role::Score)?;
                    roles.scores.push((None, column.clone()));
                }
                Some(ScoreSpec::PerClass(columns)) => {
                    for (class, column) in columns {
                        claim(&Some(column.clone()), Role::Score)?;
                        roles.scores.push((Some(class.canonical()), column.clone()));
                    }
                }
                None => {}
            }
        }
        roles.guess(columns, &mut taken, &named.features.include);
        // Protected groups are segments too: how the model does for each of them is the first question.
        for segment in named.segments.iter().chain(&named.protected) {
            find(columns, segment, Role::Segment)?;
            if !roles.segments.contains(segment) {
                roles.segments.push(segment.clone());
            }
        }
        roles.protected.clone_from(&named.protected);
        for name in named.features.include.iter().chain(&named.features.exclude) {
            find(columns, name, Role::Feature)?;
        }
        roles.features = columns
            .iter()
            .filter(|column| !taken.contains(&column.name))
            .filter(|column| !named.features.exclude.contains(&column.name))
            .filter(|column| {
                let is_named = named.features.include.contains(&column.name);
                is_named || !named.key.contains(&column.name)
            })
            .filter(|column| {
                named.features.include.is_empty() || named.features.include.contains(&column.name)
            })
            .cloned()
            .collect();
        Ok(roles)
    }

    fn guess(
        &mut self,
        columns: &[SourceColumn],
        taken: &mut BTreeSet<String>,
        features: &[String],
    ) {
        for (role, names) in NAMES {
            let is_open = match role {
                Role::Timestamp => self.timestamp.is_none(),
                Role::PredictionId => self.prediction_id.is_none(),
                Role::Version => self.version.is_none(),
                Role::Prediction => self.prediction.is_none(),
                Role::Score => self.scores.is_empty(),
                _ => self.target.is_none(),
            };
            if !is_open {
                continue;
            }
            let candidate = names.iter().find_map(|name| {
                columns.iter().find(|column| {
                    column.name.eq_ignore_ascii_case(name)
                        && !taken.contains(&column.name)
                        && !features.contains(&column.name)
                        && is_fit(role, column.kind)
                })
            });
            let Some(column) = candidate else { continue };
            let name = column.name.clone();
            match role {
                Role::Timestamp => self.timestamp = Some(name.clone()),
                Role::PredictionId => self.prediction_id = Some(name.clone()),
                Role::Version => self.version = Some(name.clone()),
                Role::Prediction => self.prediction = Some(name.clone()),
                Role::Score => self.scores.push((None, name.clone())),
                _ => self.target = Some(name.clone()),
            }
            taken.insert(name.clone());
            self.guesses.push(Guess { role, column: name });
        }
    }

    /// Settles the task and the classes, once the distinct values of targets and predictions are known.
    ///
    /// `classes` are canonical names from both columns, and `class_kind` is the kind of the target (or,
    /// without one, of the prediction).
    ///
    /// # Errors
    /// If the task and the classes do not fit, or no positive class can be told.
    pub fn settle(
        &mut self,
        spec: &ModelSpec,
        classes: &BTreeSet<String>,
        class_kind: Option<Kind>,
    ) -> Result<Problem, RoleError> {
        let task = match &spec.task {
            Some(task) => Some(task.parse::<Task>()?),
            None => self.guess_task(spec, classes, class_kind),
        };
        let listed = || listed(classes);
        match task {
            None => Ok(Problem::DataOnly),
            Some(Task::Binary) => {
                if classes.len() > 2 {
                    return Err(RoleError::NotBinary { classes: listed() });
                }
                let written = spec
                    .columns
                    .positive
                    .as_ref()
                    .map(|class| class.canonical());
                let positive = match written {
                    Some(positive) if classes.is_empty() || classes.contains(&positive) => positive,
                    // One class only: the positive one may just not have occurred.
                    Some(positive) if classes.len() == 1 => positive,
                    Some(positive) => {
                        return Err(RoleError::AbsentPositive {
                            positive,
                            classes: listed(),
                        });
                    }
                    None => self
                        .guess_positive(classes)
                        .ok_or_else(|| RoleError::Positive { classes: listed() })?,
                };
                for (class, _) in &mut self.scores {
                    class.get_or_insert_with(|| positive.clone());
                }
                // Of several score columns a binary model needs that of its positive class.
                self.scores
                    .retain(|(class, _)| class.as_ref() == Some(&positive));
                Ok(Problem::Binary { positive })
            }
            Some(Task::Multiclass) => {
                let mut all = classes.clone();
                all.extend(self.scores.iter().filter_map(|(class, _)| class.clone()));
                // A single score without a class says nothing of the others.
                self.scores.retain(|(class, _)| class.is_some());
                Ok(Problem::Multiclass {
                    classes: all.into_iter().collect(),
                })
            }
            Some(Task::Multilabel) => Ok(self.without_scores(Problem::Multilabel)),
            Some(Task::Ranking) => match (&self.query, &self.item) {
                (Some(_), Some(_)) => Ok(Problem::Ranking),
                (None, _) => Err(RoleError::Ranking { role: Role::Query }),
                (_, None) => Err(RoleError::Ranking { role: Role::Item }),
            },
            Some(Task::Detection) => Ok(self.without_scores(Problem::Detection)),
            Some(Task::Text) => Ok(self.without_scores(Problem::Text)),
            Some(_) => Ok(self.without_scores(Problem::Regression)),
        }
    }

    /// A task without scores takes a number that is called so for one feature more.
    fn without_scores(&mut self, problem: Problem) -> Problem {
        let scores = self.scores.drain(..);
        self.features.extend(scores.map(|(_, name)| SourceColumn {
            name,
            kind: Kind::Numeric,
        }));
        self.guesses.retain(|guess| guess.role != Role::Score);
        problem
    }

    fn guess_task(
        &self,
        spec: &ModelSpec,
        classes: &BTreeSet<String>,
        class_kind: Option<Kind>,
    ) -> Option<Task> {
        let has_outcome =
            self.prediction.is_some() || self.target.is_some() || !self.scores.is_empty();
        if !has_outcome {
            return None;
        }
        let is_per_class = self.scores.iter().any(|(class, _)| class.is_some());
        if is_per_class && self.scores.len() > 2 {
            return Some(Task::Multiclass);
        }
        if spec.columns.positive.is_some() {
            return Some(Task::Binary);
        }
        match class_kind {
            // Many distinct numbers are values, not classes.
            Some(Kind::Numeric)
                if classes.len() > 20 || classes.iter().any(|class| class.contains('.')) =>
            {
                Some(Task::Regression)
            }
            _ if classes.len() <= 2 => Some(Task::Binary),
            _ => Some(Task::Multiclass),
        }
    }

    fn guess_positive(&self, classes: &BTreeSet<String>) -> Option<String> {
        if classes.is_empty() {
            // Scores alone: the name of the class matters to nobody.
            return Some("1".to_owned());
        }
        class::guess_positive(classes.iter().map(String::as_str))
            .map(str::to_owned)
            .or_else(|| {
                // Only the negative class occurs, by a name whose opposite is known.
                let opposites = [
                    ("0", "1"),
                    ("no", "yes"),
                    ("n", "y"),
                    ("f", "t"),
                    ("negative", "positive"),
                ];
                let [only] = classes.iter().collect::<Vec<_>>()[..] else {
                    return None;
                };
                opposites
                    .iter()
                    .find(|(negative, _)| negative.eq_ignore_ascii_case(only))
                    .map(|(_, positive)| (*positive).to_owned())
            })
    }

    /// Parts that no column plays and without which the task has no metrics.
    pub fn missing(&self, problem: &Problem) -> Vec<Role> {
        let (has_prediction, has_score) = (self.prediction.is_some(), !self.scores.is_empty());
        let is_predicted = match problem {
            Problem::DataOnly => return Vec::new(),
            // Classes are decided, and items ordered, by scores too.
            Problem::Binary { .. } | Problem::Multiclass { .. } | Problem::Ranking => {
                has_prediction || has_score
            }
            Problem::Regression | Problem::Multilabel | Problem::Detection | Problem::Text => {
                has_prediction
            }
        };
        let parts = [
            (Role::Target, self.target.is_some()),
            (Role::Prediction, is_predicted),
        ];
        let missing = parts.into_iter().filter(|(_, is_there)| !is_there);
        missing.map(|(role, _)| role).collect()
    }

    /// Every column with a part, for the line that is printed and for the report.
    pub fn list(&self) -> Vec<(Role, String)> {
        let single = [
            (Role::Timestamp, &self.timestamp),
            (Role::PredictionId, &self.prediction_id),
            (Role::Version, &self.version),
            (Role::Prediction, &self.prediction),
            (Role::Target, &self.target),
            (Role::Query, &self.query),
            (Role::Item, &self.item),
        ];
        let mut list: Vec<(Role, String)> = single
            .into_iter()
            .filter_map(|(role, column)| column.clone().map(|column| (role, column)))
            .collect();
        list.extend(
            self.scores
                .iter()
                .map(|(_, column)| (Role::Score, column.clone())),
        );
        list.extend(self.segments.iter().map(|column| {
            let role = match self.protected.contains(column) {
                true => Role::Protected,
                false => Role::Segment,
            };
            (role, column.clone())
        }));
        list
    }
}

/// Names for an error, shortened.
fn listed(classes: &BTreeSet<String>) -> String {
    let mut names: Vec<&str> = classes.iter().map(String::as_str).take(10).collect();
    if classes.len() > names.len() {
        names.push("…");
    }
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

/// A guess by name must also fit by kind: a text column named `score` is no score.
fn is_fit(role: Role, kind: Kind) -> bool {
    match role {
        Role::Score => kind == Kind::Numeric,
        Role::Version => kind != Kind::Timestamp,
        _ => kind != Kind::Unsupported,
    }
}

fn find<'a>(
    columns: &'a [SourceColumn],
    name: &str,
    role: Role,
) -> Result<&'a SourceColumn, RoleError> {
    if let Some(column) = columns.iter().find(|column| column.name == name) {
        return Ok(column);
    }
    let mut names: Vec<&str> = columns
        .iter()
        .map(|column| column.name.as_str())
        .take(12)
        .collect();
    if columns.len() > names.len() {
        names.push("…");
    }
    let nearest = columns
        .iter()
        .map(|column| {
            (
                strsim::damerau_levenshtein(name, &column.name),
                &column.name,
            )
        })
        .min()
        .filter(|(distance, _)| *distance <= name.len().div_ceil(2))
        .map(|(_, name)| name.clone());
    Err(RoleError::Missing {
        column: name.to_owned(),
        role: role.id(),
        found: if names.is_empty() {
            "no columns".to_owned()
        } else {
            names.join(", ")
        },
        nearest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec;

    fn columns(names: &[(&str, Kind)]) -> Vec<SourceColumn> {
        names
            .iter()
            .map(|&(name, kind)| SourceColumn {
                name: name.to_owned(),
                kind,
            })
            .collect()
    }

    fn classes(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn common_names_are_guessed_and_said() {
        let source = columns(&[
            ("ts", Kind::Timestamp),
            ("prediction", Kind::Categorical),
            ("probability", Kind::Numeric),
            ("label", Kind::Categorical),
            ("price", Kind::Numeric),
        ]);
        let roles = Roles::resolve(&ModelSpec::default(), &source).expect("fits");
        assert_eq!(roles.timestamp.as_deref(), Some("ts"));
        assert_eq!(roles.target.as_deref(), Some("label"));
        assert_eq!(roles.scores, [(None, "probability".to_owned())]);
        assert_eq!(roles.guesses.len(), 4);
        assert_eq!(roles.features.len(), 1);
    }

    #[test]
    fn a_text_column_named_score_stays_a_feature() {
        let source = columns(&[("score", Kind::Categorical)]);
        let roles = Roles::resolve(&ModelSpec::default(), &source).expect("fits");
        assert!(roles.scores.is_empty());
        assert_eq!(roles.features.len(), 1);
    }

    #[test]
    fn a_missing_column_is_named_with_the_nearest() {
        let spec = spec::parse("columns: {target: churnd}", "m.yaml").expect("valid");
        let fault =
            Roles::resolve(&spec, &columns(&[("churned", Kind::Categorical)])).expect_err("absent");
        assert_eq!(
            fault.to_string(),
            "expected a column `churnd` for the role target; found churned"
        );
        assert_eq!(fault.hint().as_deref(), Some("did you mean `churned`?"));
    }

    #[test]
    fn tasks_are_settled_from_the_classes() {
        let spec = ModelSpec::default();
        let mut roles = Roles {
            target: Some("t".into()),
            ..Roles::default()
        };
        let mut settle = |names: &[&str], kind| roles.settle(&spec, &classes(names), Some(kind));
        assert_eq!(
            settle(&["0", "1"], Kind::Numeric),
            Ok(Problem::Binary {
                positive: "1".into()
            })
        );
        assert_eq!(
            settle(&["no"], Kind::Categorical),
            Ok(Problem::Binary {
                positive: "yes".into()
            })
        );
        assert!(matches!(
            settle(&["cat", "dog"], Kind::Categorical),
            Err(RoleError::Positive { .. })
        ));
        assert!(matches!(
            settle(&["a", "b", "c"], Kind::Categorical),
            Ok(Problem::Multiclass { .. })
        ));
        assert_eq!(
            settle(&["1.5", "2", "7"], Kind::Numeric),
            Ok(Problem::Regression)
        );
    }

    #[test]
    fn a_task_says_which_columns_it_lacks() {
        let mut roles = Roles {
            scores: vec![(None, "s".into())],
            ..Roles::default()
        };
        assert_eq!(roles.missing(&Problem::Ranking), [Role::Target]);
        assert_eq!(
            roles.missing(&Problem::Text),
            [Role::Target, Role::Prediction]
        );
        assert!(roles.missing(&Problem::DataOnly).is_empty());
        let spec = spec::parse("task: ranking", "m.yaml").expect("valid");
        let settled = |roles: &mut Roles| roles.settle(&spec, &BTreeSet::new(), None);
        let needs = |role| Err(RoleError::Ranking { role });
        assert_eq!(settled(&mut roles), needs(Role::Query));
        roles.query = Some("q".into());
        assert_eq!(settled(&mut roles), needs(Role::Item));
        roles.item = Some("i".into());
        assert_eq!(settled(&mut roles), Ok(Problem::Ranking));
    }

    #[test]
    fn a_binary_model_refuses_a_third_class() {
        let spec = spec::parse("task: binary\ncolumns: {target: t, positive: a}", "m.yaml")
            .expect("valid");
        let mut roles = Roles::resolve(&spec, &columns(&[("t", Kind::Categorical)])).expect("fits");
        assert!(matches!(
            roles.settle(&spec, &classes(&["a", "b", "c"]), Some(Kind::Categorical)),
            Err(RoleError::NotBinary { .. })
        ));
        assert!(matches!(
            roles.settle(&spec, &classes(&["b", "c"]), Some(Kind::Categorical)),
            Err(RoleError::AbsentPositive { .. })
        ));
    }
}
