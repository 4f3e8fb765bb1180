//! Profile of outcomes: predictions against targets.

pub mod area;

pub mod confusion;

mod constant;

pub(crate) mod parts;

pub mod ranks;

pub mod scores;

mod threshold;

use std::cmp::Ordering;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use keepwell_core::outcome::Reason;

use super::super::{MergeError, Mode, Moments};

pub use area::RocArea;
pub use confusion::{Cell, ClassCounts, Confusion};
pub(crate) use parts::ClassParts;
pub use ranks::TargetRanks;
pub use scores::{RankedScores, Ranks, ScoreGrid, Side, Tie};
pub use threshold::AtThreshold;

/// Most classes that are told apart. A target with more is an identifier or free text, not a class: what
/// comes later goes into one bucket for all others, and statistics over classes become undefined.
pub const MAX_CLASSES: usize = 1_000;

/// Probabilities are kept this far from 0 and 1, so that one certain mistake does not make a mean infinite:
/// the bound of scikit-learn's `log_loss` for 64-bit floats.
pub(crate) const PROBABILITY_MIN: f64 = f64::EPSILON;

/// Index of a class, or one of the special places below.
pub(crate) type Slot = u32;
/// There is no value.
pub(crate) const NONE: Slot = Slot::MAX;
/// A decision against the positive class that was taken from the score; it names no class.
pub(crate) const REST: Slot = Slot::MAX - 1;
/// All classes beyond [`MAX_CLASSES`].
pub(crate) const OTHER: Slot = Slot::MAX - 2;

/// Index from [`ClassOutcomes::class_index`] of every class beyond [`MAX_CLASSES`].
pub const OTHER_CLASS: usize = OTHER as usize;

/// What is the same for every part of the outcomes of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassConfig {
    /// Canonical names of the classes with a score column, each once, in the order in which scores are
    /// pushed. A binary model has one: its positive class, with the score being the probability of it.
    /// Empty where no scores exist.
    pub scored_classes: Vec<String>,
    /// Canonical name of the positive class of a binary model; `None` for more classes.
    pub positive: Option<String>,
    /// For binary models without a prediction column: a score `>= threshold` counts as positive.
    pub threshold: f64,
    /// How much is kept.
    pub mode: Mode,
}

/// Confusion counts and scores by target and prediction, for classification.
///
/// Memory is bounded by the pairs of classes that occur, at most `(MAX_CLASSES + 3)²` counts, and the
/// scores, which [`Mode`] governs.
#[derive(Debug, Clone)]
pub struct ClassOutcomes {
    config: ClassConfig,
    /// Canonical class names: those with scores first, in the order of the configuration, then the
    /// others in order of first appearance.
    classes: Vec<Box<str>>,
    index: HashMap<Box<str>, Slot, FixedState>,
    /// Rows by target and prediction; no count is zero.
    cells: HashMap<(Slot, Slot), u64, FixedState>,
    /// One-versus-rest scores, parallel to `config.scored_classes`.
    scores: Vec<ScoreGrid>,
    /// Cross-entropy of each row that has a target and all scores, while those are probabilities.
    log_loss: Moments,
    /// Squared error of the scores of the same rows, but for those from bytes of the first form.
    squared_error: Moments,
    /// Of the rows that have a target and all scores, but for those from bytes of the first form.
    ranks: TargetRanks,
    unscored: u64,
    improbable: u64,
}

impl ClassOutcomes {
    /// An empty profile.
    pub fn new(config: ClassConfig) -> Self {
        let mut profile = Self {
            classes: Vec::new(),
            index: HashMap::default(),
            cells: HashMap::default(),
            scores: config
                .scored_classes
                .iter()
                .map(|_| ScoreGrid::new(config.mode))
                .collect(),
            log_loss: Moments::default(),
            squared_error: Moments::default(),
            ranks: TargetRanks::new(config.scored_classes.len()),
            unscored: 0,
            improbable: 0,
            config,
        };
        for idx in 0..profile.config.scored_classes.len() {
            let name: Box<str> = profile.config.scored_classes[idx].as_str().into();
            profile.intern(name);
        }
        profile
    }

    /// Index of a class by its canonical name, made on first sight, valid as long as the profile. Give it
    /// to [`ClassOutcomes::push`]. Classes beyond [`MAX_CLASSES`] share [`OTHER_CLASS`].
    pub fn class_index(&mut self, canonical: &str) -> usize {
        match self.index.get(canonical) {
            Some(&slot) => slot as usize,
            None if self.classes.len() >= MAX_CLASSES => OTHER_CLASS,
            None => self.intern(canonical.into()) as usize,
        }
    }

    fn intern(&mut self, name: Box<str>) -> Slot {
        let slot = self.classes.len() as Slot;
        self.classes.push(name.clone());
        self.index.insert(name, slot);
        slot
    }

    /// Takes one row: indices of target and prediction (`None` where null), and one score per scored class,
    /// NaN where null. A row with a score that is not finite is counted, but its scores are not used.
    pub fn push(&mut self, target: Option<usize>, prediction: Option<usize>, scores: &[f64]) {
        self.push_slots(slot(target), slot(prediction), scores);
    }

    /// Takes one row without a prediction column: the decision comes from the scores. A binary model is
    /// positive from the threshold of the configuration on, with more classes the highest score decides,
    /// of equal ones the first. There is no decision where a score is not finite.
    pub fn push_scored(&mut self, target: Option<usize>, scores: &[f64]) {
        let prediction = self.decision(scores);
        self.push_slots(slot(target), prediction, scores);
    }

    fn decision(&self, scores: &[f64]) -> Slot {
        if !self.is_complete(scores) {
            return NONE;
        }
        match scores {
            [] => NONE,
            // A single score is that of the positive class, which has the first index.
            [score] if *score >= self.config.threshold => 0,
            [_] => REST,
            _ => {
                let mut best = 0;
                for (idx, score) in scores.iter().enumerate() {
                    if *score > scores[best] {
                        best = idx;
                    }
                }
                best as Slot
            }
        }
    }

    fn is_complete(&self, scores: &[f64]) -> bool {
        debug_assert_eq!(
            scores.len(),
            self.scores.len(),
            "one score per scored class"
        );
        scores.len() == self.scores.len() && scores.iter().all(|score| score.is_finite())
    }

    fn push_slots(&mut self, target: Slot, prediction: Slot, scores: &[f64]) {
        *self.cells.entry((target, prediction)).or_insert(0) += 1;
        if self.scores.is_empty() {
            return;
        }
        if !self.is_complete(scores) {
            self.unscored += 1;
            return;
        }
        for (idx, (grid, &score)) in self.scores.iter_mut().zip(scores).enumerate() {
            let own = idx as Slot;
            grid.push(Side::of(target, own), Side::of(prediction, own), score);
        }
        if target != NONE {
            self.ranks.push(target as usize, scores);
        }
        if scores.iter().any(|score| !(0.0..=1.0).contains(score)) {
            self.improbable += 1;
        } else if target != NONE {
            self.log_loss.push(cross_entropy(target, scores));
            self.squared_error.push(squared_error(target, scores));
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
        let map: Vec<Slot> = other
            .classes
            .iter()
            .map(|class| self.class_index(class) as Slot)
            .collect();
        let own = |slot: Slot| map.get(slot as usize).copied().unwrap_or(slot);
        for (&(target, prediction), &n) in &other.cells {
            *self
                .cells
                .entry((own(target), own(prediction)))
                .or_insert(0) += n;
        }
        for (own, other) in self.scores.iter_mut().zip(other.scores) {
            own.merge(other)?;
        }
        self.log_loss.merge(&other.log_loss);
        self.squared_error.merge(&other.squared_error);
        self.ranks.merge(&other.ranks);
        self.unscored += other.unscored;
        self.improbable += other.improbable;
        Ok(())
    }

    /// Prepares for evaluation; see [`NumericProfile::seal`](super::super::NumericProfile::seal).
    pub fn seal(&mut self) {
        self.scores.iter_mut().for_each(ScoreGrid::seal);
    }

    /// Configuration.
    pub fn config(&self) -> &ClassConfig {
        &self.config
    }

    /// Names of the classes seen in targets or predictions, ascending; at most [`MAX_CLASSES`] beside
    /// those with scores.
    pub fn classes(&self) -> Vec<&str> {
        let mut is_seen = vec![false; self.classes.len()];
        for &(target, prediction) in self.cells.keys() {
            for slot in [target, prediction] {
                if let Some(seen) = is_seen.get_mut(slot as usize) {
                    *seen = true;
                }
            }
        }
        let mut classes: Vec<&str> = self
            .classes
            .iter()
            .zip(is_seen)
            .filter_map(|(class, is_seen)| is_seen.then_some(&**class))
            .collect();
        classes.sort_unstable();
        classes
    }

    /// Rows with this target and prediction, by canonical name; `None` stands for null. A decision against
    /// the positive class that was taken from the score counts for no name here; see
    /// [`ClassOutcomes::labelled`].
    pub fn confusion(&self, target: Option<&str>, prediction: Option<&str>) -> u64 {
        let slot = |name: Option<&str>| match name {
            None => Some(NONE),
            Some(name) => self.index.get(name).copied(),
        };
        slot(target)
            .zip(slot(prediction))
            .and_then(|cell| self.cells.get(&cell).copied())
            .unwrap_or(0)
    }

    /// All rows.
    pub fn rows(&self) -> u64 {
        self.count(|_, _| true)
    }

    /// Rows with a target.
    pub fn targets(&self) -> u64 {
        self.count(|target, _| target != NONE)
    }

    /// Rows with a prediction, be it logged or taken from the scores.
    pub fn predictions(&self) -> u64 {
        self.count(|_, prediction| prediction != NONE)
    }

    /// Rows whose target or prediction is a class beyond [`MAX_CLASSES`].
    pub fn others(&self) -> u64 {
        self.count(|target, prediction| target == OTHER || prediction == OTHER)
    }

    fn count(&self, is_counted: impl Fn(Slot, Slot) -> bool) -> u64 {
        self.cells
            .iter()
            .filter(|&(&(target, prediction), _)| is_counted(target, prediction))
            .map(|(_, n)| n)
            .sum()
    }

    /// Number of rows with a finite score of each scored class, at least one.
    ///
    /// # Errors
    /// `NoRows`, `NoScores` without score columns, `AllNull` if no row has all its scores, `NoTargets` if no
    /// row has a target.
    pub fn scored(&self) -> Result<u64, Reason> {
        let rows = self.rows();
        if rows == 0 {
            Err(Reason::NoRows)
        } else if self.scores.is_empty() {
            Err(Reason::NoScores)
        } else if self.unscored == rows {
            Err(Reason::AllNull)
        } else if self.targets() == 0 {
            Err(Reason::NoTargets)
        } else {
            Ok(rows - self.unscored)
        }
    }

    /// Rows of which some score is null, NaN or infinite; zero where the model has no scores.
    pub fn unscored(&self) -> u64 {
        self.unscored
    }

    /// Rows with finite scores of which some lies outside `[0, 1]`: margins, not probabilities.
    pub fn improbable(&self) -> u64 {
        self.improbable
    }

    /// Scores of a class; `None` where it has no score column.
    pub fn scores(&self, class: &str) -> Option<&ScoreGrid> {
        let slot = *self.index.get(class)?;
        self.scores.get(slot as usize)
    }

    /// Cross-entropy in nats of the rows that have a target and all scores, these being probabilities: the
    /// negative logarithm of the score of the target, which is cut to `[eps, 1 - eps]` with `eps` the
    /// distance from 1 to the next `f64`. The score of the other class of a binary model is one minus the
    /// score; a class without a score column has the score zero.
    pub fn log_loss(&self) -> &Moments {
        &self.log_loss
    }

    /// Squared error of the scores of the rows of [`ClassOutcomes::log_loss`]: for a binary model of the
    /// score, else summed over the scored classes, and a target without a score column counts as given
    /// zero. Fewer rows where a part was read from bytes that did not keep it.
    pub fn squared_error(&self) -> &Moments {
        &self.squared_error
    }

    /// Ranks of the targets among the scores of [`ClassOutcomes::scored_targets`] rows of a model of more
    /// than two classes. Fewer rows where a part was read from bytes that did not keep them.
    pub fn ranks(&self) -> &TargetRanks {
        &self.ranks
    }

    /// Rows with a target and a finite score of each scored class; zero without score columns.
    pub fn scored_targets(&self) -> u64 {
        let Some(grid) = self.scores.first() else {
            return 0;
        };
        let sides = [Side::Rest, Side::This].into_iter();
        sides
            .flat_map(|target| grid.cells[target as usize].iter())
            .map(|cell| cell.moments().count)
            .sum()
    }
}

fn slot(idx: Option<usize>) -> Slot {
    idx.map_or(NONE, |idx| idx as Slot)
}

/// Cross-entropy of one row whose scores are probabilities.
fn cross_entropy(target: Slot, scores: &[f64]) -> f64 {
    let probability = match (scores, target) {
        ([score], 0) => *score,
        ([score], _) => 1.0 - score,
        _ => scores.get(target as usize).copied().unwrap_or(0.0),
    };
    -probability
        .clamp(PROBABILITY_MIN, 1.0 - PROBABILITY_MIN)
        .ln()
}

/// Squared error of one row whose scores are probabilities, over the classes; the two classes of a binary
/// model have the same error, which counts once.
fn squared_error(target: Slot, scores: &[f64]) -> f64 {
    let error = |idx: usize, score: f64| score - f64::from(u8::from(idx == target as usize));
    let sum: f64 = scores
        .iter()
        .enumerate()
        .map(|(idx, &score)| error(idx, score).powi(2))
        .sum();
    let has_no_score = scores.len() > 1 && target as usize >= scores.len();
    sum + f64::from(u8::from(has_no_score))
}

impl Side {
    /// Where a row stands with respect to the class `own`.
    fn of(slot: Slot, own: Slot) -> Self {
        match slot.cmp(&own) {
            Ordering::Equal => Self::This,
            _ if slot == NONE => Self::Unknown,
            _ => Self::Rest,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn profile(positive: Option<&str>, scored: &[&str]) -> ClassOutcomes {
        ClassOutcomes::new(ClassConfig {
            scored_classes: scored.iter().map(|&class| class.to_owned()).collect(),
            positive: positive.map(str::to_owned),
            threshold: 0.5,
            mode: Mode::Exact,
        })
    }

    fn push(outcomes: &mut ClassOutcomes, target: Option<&str>, scores: &[f64]) {
        let target = target.map(|class| outcomes.class_index(class));
        outcomes.push_scored(target, scores);
    }

    #[test]
    fn threshold_is_inclusive_and_null_scores_decide_nothing() {
        let mut outcomes = profile(Some("1"), &["1"]);
        for (target, score) in [("1", 0.5), ("1", 0.499), ("0", 0.5), ("0", f64::NAN)] {
            push(&mut outcomes, Some(target), &[score]);
        }
        assert_eq!(outcomes.confusion(Some("1"), Some("1")), 1);
        assert_eq!(outcomes.confusion(Some("0"), Some("1")), 1);
        assert_eq!(outcomes.confusion(Some("0"), None), 1);
        assert_eq!(
            (outcomes.rows(), outcomes.predictions(), outcomes.unscored()),
            (4, 3, 1)
        );
    }

    #[test]
    fn highest_score_decides_and_the_first_of_equals() {
        let mut outcomes = profile(None, &["b", "a", "c"]);
        push(&mut outcomes, Some("a"), &[0.4, 0.4, 0.2]);
        push(&mut outcomes, Some("a"), &[0.1, 0.2, 0.7]);
        push(&mut outcomes, Some("a"), &[0.1, f64::NAN, 0.7]);
        assert_eq!(outcomes.confusion(Some("a"), Some("b")), 1);
        assert_eq!(outcomes.confusion(Some("a"), Some("c")), 1);
        assert_eq!(outcomes.confusion(Some("a"), None), 1);
        assert_eq!(outcomes.classes(), ["a", "b", "c"]);
    }

    #[test]
    fn decision_against_the_positive_class_takes_the_name_of_the_other() {
        let names = |targets: &[&str], positive: &str| -> Vec<String> {
            let mut outcomes = profile(Some(positive), &[positive]);
            for target in targets {
                push(&mut outcomes, Some(target), &[0.1]);
            }
            let confusion = outcomes.labelled().expect("rows exist");
            confusion.classes().map(str::to_owned).collect()
        };
        assert_eq!(names(&["no", "yes"], "yes"), ["no", "yes"]);
        assert_eq!(names(&["1"], "1"), ["0", "1"]);
        assert_eq!(names(&["yes"], "yes"), ["not yes", "yes"]);
        assert_eq!(names(&["no", "never", "yes"], "yes"), ["not yes", "yes"]);
    }

    #[test]
    fn folded_classes_are_counted_and_spoil_only_what_needs_them() {
        let mut outcomes = profile(Some("1"), &["1"]);
        for row in 0..1_500 {
            push(&mut outcomes, Some(&row.to_string()), &[0.5]);
        }
        assert_eq!(outcomes.classes().len(), MAX_CLASSES);
        assert_eq!(outcomes.others(), 500);
        assert_eq!(outcomes.targets(), 1_500);
        assert_eq!(
            outcomes.labelled(),
            Err(Reason::TooManyCategories { found: 1_001 })
        );
        assert_eq!(outcomes.scored(), Ok(1_500));
    }

    #[test]
    fn parts_of_different_models_do_not_merge() {
        let mut outcomes = profile(Some("1"), &["1"]);
        let other = profile(Some("0"), &["0"]);
        assert_eq!(outcomes.merge(other), Err(MergeError::Config));
    }

    #[test]
    fn margins_rank_but_are_not_probabilities() {
        let mut outcomes = profile(Some("1"), &["1"]);
        push(&mut outcomes, Some("1"), &[3.5]);
        push(&mut outcomes, Some("0"), &[-1.0]);
        assert_eq!(outcomes.improbable(), 2);
        assert_eq!(outcomes.log_loss().count, 0);
        let grid = outcomes.scores("1").expect("scored");
        assert_eq!(grid.ranked(Side::This).scores, [(3.5, 1)]);
    }

    /// Target and prediction (0 is null), and whether and which score.
    type Row = (usize, usize, Option<u8>);

    fn of_rows(rows: &[Row]) -> ClassOutcomes {
        let mut outcomes = profile(Some("1"), &["1"]);
        for &(target, prediction, score) in rows {
            let mut class =
                |idx: usize| (idx > 0).then(|| outcomes.class_index(["1", "0", "2", "x"][idx - 1]));
            let (target, prediction) = (class(target), class(prediction));
            let score = score.map_or(f64::NAN, |score| f64::from(score) / 8.0);
            outcomes.push(target, prediction, &[score]);
        }
        outcomes
    }

    /// The content, with sealed scores, and the mean loss apart because merging rounds it.
    fn content(mut outcomes: ClassOutcomes) -> (ClassParts, f64) {
        outcomes.seal();
        let mut parts = outcomes.to_parts();
        let loss = parts.log_loss.mean;
        for moments in [&mut parts.log_loss, &mut parts.squared_error] {
            moments.mean = 0.0;
            moments.m2 = 0.0;
        }
        (parts, loss)
    }

    proptest! {
        #[test]
        fn merged_parts_equal_the_whole_in_any_order(
            rows in proptest::collection::vec((0..5_usize, 0..5_usize, proptest::option::of(0..12_u8)), 0..60),
            cut in 0..60_usize,
        ) {
            let (first, second) = rows.split_at(cut.min(rows.len()));
            let whole = content(of_rows(&rows));
            for (first, second) in [(first, second), (second, first)] {
                let mut merged = of_rows(first);
                merged.merge(of_rows(second)).expect("one configuration");
                let ranks = |outcomes: &ClassOutcomes| {
                    outcomes.scores("1").map(|grid| (grid.ranked(Side::This), grid.ranked(Side::Rest)))
                };
                prop_assert_eq!(ranks(&merged), ranks(&of_rows(&rows)));
                let (parts, loss) = content(merged);
                prop_assert_eq!(&parts.cells, &whole.0.cells);
                prop_assert_eq!(&parts.unscored_classes, &whole.0.unscored_classes);
                prop_assert_eq!(parts.log_loss.count, whole.0.log_loss.count);
                prop_assert_eq!(parts.squared_error.count, whole.0.log_loss.count);
                prop_assert_eq!(
                    (parts.unscored, parts.improbable),
                    (whole.0.unscored, whole.0.improbable)
                );
                prop_assert!((loss - whole.1).abs() <= 1e-12);
            }
        }
    }
}
