//! Scalars of a training, by what they mean.

use std::collections::BTreeMap;

use crate::tensorboard::{HparamValue, Kind, LogDir, Point, Run, RunStatus};

/// What a scalar means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Loss on the rows that are learned from.
    TrainingLoss,
    /// Loss on other rows.
    ValidationLoss,
    /// Length of the gradient.
    GradientNorm,
    /// Learning rate.
    LearningRate,
    /// Something done per second.
    Throughput,
    /// Anything else.
    Other,
}

/// A scalar.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The tag; of a sub-run, its name and the tag, with `/` between them.
    pub name: String,
    /// What it means.
    pub role: Role,
    /// Points with ascending steps.
    pub points: Vec<Point>,
}

/// A training: what a run wrote, and its sub-runs `train`, `validation` and the like.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Training {
    /// Name of the run.
    pub name: String,
    /// Its scalars, in the order of their names.
    pub lines: Vec<Line>,
    /// Hyperparameters that are numbers, by name.
    pub hparams: BTreeMap<String, f64>,
    /// How it stands, as it says itself.
    pub status: RunStatus,
    /// Now, in seconds since 1970; `None` where the training is of the past.
    pub now: Option<f64>,
}

impl Training {
    /// Lines with this role.
    pub fn lines_of(&self, role: Role) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.role == role)
    }

    /// Lines with this role that have at least `n_points` finite points, and these points.
    pub(crate) fn finite_lines(
        &self,
        role: Role,
        n_points: usize,
    ) -> impl Iterator<Item = (&Line, Vec<Point>)> {
        self.lines_of(role).filter_map(move |line| {
            let points = super::curve::finite(&line.points);
            (points.len() >= n_points).then_some((line, points))
        })
    }

    fn add(&mut self, run: &Run, inside: Option<&str>) {
        for tag in run.tags().filter(|tag| tag.kind() == Kind::Scalar) {
            let name = match inside {
                Some(inside) => format!("{inside}/{}", tag.name()),
                None => tag.name().to_owned(),
            };
            self.lines.push(Line {
                role: Role::of(&name),
                name,
                points: tag.shown(),
            });
        }
        let Some(hparams) = run.hparams() else {
            return;
        };
        if hparams.status != RunStatus::Unknown {
            self.status = hparams.status;
        }
        for (name, value) in hparams.values {
            if let HparamValue::Number(number) = value {
                self.hparams.insert(name, number);
            }
        }
    }
}

/// The trainings of a log directory, in the order of their names. `now` is in seconds since 1970, or `None`
/// if nothing is written any more.
pub fn trainings(logdir: &LogDir, now: Option<f64>) -> Vec<Training> {
    let mut trainings = BTreeMap::new();
    for run in logdir.runs() {
        let (name, inside) = match logdir.parent_of(run) {
            Some(parent) => (parent.name(), None),
            None => part_of(run.name()),
        };
        let training = trainings.entry(name).or_insert_with(|| Training {
            name: name.to_owned(),
            now,
            ..Training::default()
        });
        training.add(run, inside);
    }
    let mut trainings: Vec<Training> = trainings.into_values().collect();
    for training in &mut trainings {
        training
            .lines
            .sort_by(|one, other| one.name.cmp(&other.name));
    }
    trainings
}

/// Words for other rows than those that are learned from.
const VALIDATION: [&str; 7] = [
    "val",
    "valid",
    "validation",
    "eval",
    "evaluation",
    "test",
    "dev",
];

/// The training that a run is part of, and its name inside, as Keras writes `train` and `validation`.
fn part_of(run: &str) -> (&str, Option<&str>) {
    let (outer, inner) = run.rsplit_once('/').unwrap_or((".", run));
    let is_part = inner == "train" || inner == "training" || VALIDATION.contains(&inner);
    if is_part {
        (outer, Some(inner))
    } else {
        (run, None)
    }
}

impl Role {
    /// What the words of a name say.
    fn of(name: &str) -> Self {
        let name = name.to_lowercase();
        let words: Vec<&str> = name
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
        let starts = |wanted: &str| words.iter().any(|word| word.starts_with(wanted));
        if has(&["per", "throughput", "fps"]) && (has(&["second", "sec", "s", "throughput", "fps"]))
        {
            Self::Throughput
        } else if starts("grad") && has(&["norm"]) || has(&["gradnorm"]) {
            Self::GradientNorm
        } else if has(&["lr"]) || name.contains("learning_rate") || name.contains("learning rate") {
            Self::LearningRate
        } else if words.iter().any(|word| word.ends_with("loss")) || has(&["nll", "xent"]) {
            if has(&VALIDATION) {
                Self::ValidationLoss
            } else {
                Self::TrainingLoss
            }
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_the_usual_writers_have_their_roles() {
        for (name, role) in [
            ("train/loss", Role::TrainingLoss),
            ("train_loss", Role::TrainingLoss),
            ("validation/epoch_loss", Role::ValidationLoss),
            ("eval/loss", Role::ValidationLoss),
            ("val_loss", Role::ValidationLoss),
            ("train/grad_norm", Role::GradientNorm),
            ("grad_2.0_norm_total", Role::GradientNorm),
            ("train/learning_rate", Role::LearningRate),
            ("lr-Adam", Role::LearningRate),
            ("train/epoch_learning_rate", Role::LearningRate),
            ("train/train_samples_per_second", Role::Throughput),
            ("epoch_accuracy", Role::Other),
            ("epoch", Role::Other),
            ("glossary", Role::Other),
        ] {
            assert_eq!(Role::of(name), role, "{name}");
        }
    }

    #[test]
    fn runs_of_one_training_belong_together() {
        assert_eq!(part_of("a/train"), ("a", Some("train")));
        assert_eq!(part_of("validation"), (".", Some("validation")));
        assert_eq!(part_of("a/b"), ("a/b", None));
        assert_eq!(part_of("."), (".", None));
    }
}
