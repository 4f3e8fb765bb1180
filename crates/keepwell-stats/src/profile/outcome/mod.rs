//! Profile of outcomes: predictions against targets.

use super::{MergeError, Mode, Moments, NumericProfile};

/// What is the same for every part of the outcomes of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct OutcomeConfig {
    /// Classes with a score column, in the order in which scores are pushed. A binary model has one:
    /// its positive class, with the score being the probability of it. Empty where no scores exist.
    pub scored_classes: Vec<String>,
    /// The positive class of a binary model; `None` for more classes.
    pub positive: Option<String>,
    /// For binary models without a prediction column: a score `>= threshold` counts as positive.
    pub threshold: f64,
    /// How much is kept.
    pub mode: Mode,
}

/// Confusion counts and scores by target and prediction, for classification.
#[derive(Debug, Clone, PartialEq)]
pub struct OutcomeProfile {
    config: OutcomeConfig,
    /// Canonical class names, in order of first appearance.
    classes: Vec<Box<str>>,
    /// `confusion[target][prediction]`; both indices shifted by one, 0 stands for "none".
    confusion: Vec<Vec<u64>>,
    /// One-versus-rest scores, parallel to `config.scored_classes`.
    scores: Vec<ScoreGrid>,
    /// Cross-entropy of each row that has a target and all scores.
    log_loss: Moments,
}

/// Where a row stands with respect to one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// There is no value.
    Unknown = 0,
    /// Another class.
    Rest = 1,
    /// This class.
    This = 2,
}

/// Scores of one class, kept apart by the row's target and prediction with respect to that class.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreGrid {
    /// `cells[target][prediction]`, indexed by [`Side`].
    cells: [[NumericProfile; 3]; 3],
}

impl ScoreGrid {
    fn new(mode: Mode) -> Self {
        Self {
            cells: std::array::from_fn(|_| std::array::from_fn(|_| NumericProfile::new(mode))),
        }
    }

    /// Scores of the rows with this target and prediction.
    pub fn cell(&self, target: Side, prediction: Side) -> &NumericProfile {
        &self.cells[target as usize][prediction as usize]
    }

    /// Scores of all rows with this target, whatever the prediction, sorted.
    pub fn by_target(&self, target: Side) -> Vec<f64> {
        let mut all: Vec<f64> = self.cells[target as usize]
            .iter()
            .flat_map(|cell| cell.distribution().values().to_vec())
            .collect();
        all.sort_unstable_by(f64::total_cmp);
        all
    }
}

impl OutcomeProfile {
    /// An empty profile.
    pub fn new(config: OutcomeConfig) -> Self {
        let scores = config
            .scored_classes
            .iter()
            .map(|_| ScoreGrid::new(config.mode))
            .collect();
        Self {
            config,
            classes: Vec::new(),
            confusion: vec![vec![0]],
            scores,
            log_loss: Moments::default(),
        }
    }

    /// Index of a class by its canonical name, made on first sight. Give it to [`OutcomeProfile::push`].
    pub fn class_index(&mut self, canonical: &str) -> usize {
        if let Some(idx) = self.classes.iter().position(|class| &**class == canonical) {
            return idx;
        }
        self.classes.push(canonical.into());
        for row in &mut self.confusion {
            row.push(0);
        }
        self.confusion.push(vec![0; self.classes.len() + 1]);
        self.classes.len() - 1
    }

    /// Takes one row: indices of target and prediction (`None` where null), and one score per scored class.
    pub fn push(&mut self, target: Option<usize>, prediction: Option<usize>, scores: &[f64]) {
        let row = target.map_or(0, |idx| idx + 1);
        let column = prediction.map_or(0, |idx| idx + 1);
        self.confusion[row][column] += 1;
        for (position, &score) in scores.iter().enumerate() {
            let class = self.config.scored_classes[position].as_str();
            let side = |idx: Option<usize>| match idx {
                None => Side::Unknown,
                Some(idx) if &*self.classes[idx] == class => Side::This,
                Some(_) => Side::Rest,
            };
            let (target, prediction) = (side(target), side(prediction));
            self.scores[position].cells[target as usize][prediction as usize].push(score);
        }
    }

    /// Adds another part.
    ///
    /// # Errors
    /// If the parts were configured differently.
    pub fn merge(&mut self, other: Self) -> Result<(), MergeError> {
        if self.config != other.config {
            return Err(MergeError::Config);
        }
        let map: Vec<usize> = std::iter::once(0)
            .chain(
                other
                    .classes
                    .iter()
                    .map(|class| self.class_index(class) + 1),
            )
            .collect();
        for (row, counts) in other.confusion.iter().enumerate() {
            for (column, &n) in counts.iter().enumerate() {
                self.confusion[map[row]][map[column]] += n;
            }
        }
        for (own, other) in self.scores.iter_mut().zip(other.scores) {
            for (own, other) in own
                .cells
                .iter_mut()
                .flatten()
                .zip(other.cells.into_iter().flatten())
            {
                own.merge(other)?;
            }
        }
        self.log_loss.merge(&other.log_loss);
        Ok(())
    }

    /// Configuration.
    pub fn config(&self) -> &OutcomeConfig {
        &self.config
    }

    /// Names of the classes seen, ascending.
    pub fn classes(&self) -> Vec<&str> {
        let mut classes: Vec<&str> = self.classes.iter().map(|class| &**class).collect();
        classes.sort_unstable();
        classes
    }

    /// Rows with this target and prediction, by canonical name; `None` stands for null.
    pub fn confusion(&self, target: Option<&str>, prediction: Option<&str>) -> u64 {
        let position = |name: Option<&str>| match name {
            None => Some(0),
            Some(name) => self
                .classes
                .iter()
                .position(|class| &**class == name)
                .map(|idx| idx + 1),
        };
        match (position(target), position(prediction)) {
            (Some(row), Some(column)) => self.confusion[row][column],
            _ => 0,
        }
    }

    /// All rows.
    pub fn rows(&self) -> u64 {
        self.confusion.iter().flatten().sum()
    }

    /// Rows with a target.
    pub fn targets(&self) -> u64 {
        self.confusion.iter().skip(1).flatten().sum()
    }

    /// Scores of a class; `None` where it has no score column.
    pub fn scores(&self, class: &str) -> Option<&ScoreGrid> {
        let position = self
            .config
            .scored_classes
            .iter()
            .position(|scored| scored == class)?;
        Some(&self.scores[position])
    }

    /// Cross-entropy of the rows that have a target and all scores.
    pub fn log_loss(&self) -> &Moments {
        &self.log_loss
    }
}
