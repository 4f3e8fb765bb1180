//! The content of an outcome profile in the one order that it determines.

use super::super::super::Moments;
use super::{ClassConfig, ClassOutcomes, NONE, OTHER, REST, ScoreGrid, Slot, TargetRanks};

/// The content of an [`ClassOutcomes`], for the codec and for comparison: the order in which classes were
/// seen is gone.
#[derive(Debug, PartialEq)]
pub(crate) struct ClassParts {
    pub(crate) config: ClassConfig,
    /// Names of the classes that follow the scored ones, ascending; slots count from the scored ones on.
    pub(crate) unscored_classes: Vec<String>,
    /// Target, prediction and rows, ascending by the first two; no count is zero.
    pub(crate) cells: Vec<(Slot, Slot, u64)>,
    /// Parallel to `config.scored_classes`.
    pub(crate) scores: Vec<ScoreGrid>,
    pub(crate) log_loss: Moments,
    pub(crate) squared_error: Moments,
    pub(crate) ranks: TargetRanks,
    pub(crate) unscored: u64,
    pub(crate) improbable: u64,
}

impl ClassOutcomes {
    /// The content in canonical order.
    pub(crate) fn to_parts(&self) -> ClassParts {
        let n_scored = self.scores.len();
        let mut order: Vec<usize> = (n_scored..self.classes.len()).collect();
        order.sort_unstable_by(|&a, &b| self.classes[a].cmp(&self.classes[b]));
        let mut map: Vec<Slot> = (0..self.classes.len() as Slot).collect();
        for (rank, &old) in order.iter().enumerate() {
            map[old] = (n_scored + rank) as Slot;
        }
        let new = |slot: Slot| map.get(slot as usize).copied().unwrap_or(slot);
        let mut cells: Vec<(Slot, Slot, u64)> = self
            .cells
            .iter()
            .map(|(&(target, prediction), &n)| (new(target), new(prediction), n))
            .collect();
        cells.sort_unstable();
        ClassParts {
            config: self.config.clone(),
            unscored_classes: order
                .iter()
                .map(|&idx| self.classes[idx].to_string())
                .collect(),
            cells,
            scores: self.scores.clone(),
            log_loss: self.log_loss,
            squared_error: self.squared_error,
            ranks: self.ranks.clone(),
            unscored: self.unscored,
            improbable: self.improbable,
        }
    }

    /// A profile from its canonical content; `Err` says what is wrong with it.
    pub(crate) fn from_parts(parts: ClassParts) -> Result<Self, &'static str> {
        let mut profile = Self::new(parts.config);
        if profile.index.len() != profile.config.scored_classes.len() {
            return Err("scored classes that differ");
        }
        if parts.scores.len() != profile.scores.len() {
            return Err("one grid of scores per scored class");
        }
        for name in parts.unscored_classes {
            let n_before = profile.classes.len();
            if profile.class_index(&name) != n_before {
                return Err("classes that differ, not more than the limit");
            }
        }
        let n_classes = profile.classes.len() as Slot;
        for (target, prediction, n) in parts.cells {
            let is_place = |slot: Slot| slot < n_classes || slot == OTHER || slot == NONE;
            // Only a single score takes decisions that name no class.
            let is_decision = prediction == REST && profile.scores.len() == 1;
            if !is_place(target) || !(is_place(prediction) || is_decision) {
                return Err("cells of known classes");
            }
            if n == 0 || profile.cells.insert((target, prediction), n).is_some() {
                return Err("cells that differ and hold rows");
            }
        }
        let total = profile
            .cells
            .values()
            .fold(0_u64, |sum, &n| sum.saturating_add(n));
        let others = [parts.unscored, parts.improbable, parts.log_loss.count];
        if others.into_iter().any(|n| n > total) {
            return Err("not more rows than the cells hold");
        }
        profile.scores = parts.scores;
        if !parts.ranks.is_like(&profile.ranks) || parts.ranks.n() > profile.scored_targets() {
            return Err("ranks of not more rows than have a target and scores");
        }
        if parts.squared_error.count > parts.log_loss.count {
            return Err("not more squared errors than losses");
        }
        profile.log_loss = parts.log_loss;
        profile.squared_error = parts.squared_error;
        profile.ranks = parts.ranks;
        profile.unscored = parts.unscored;
        profile.improbable = parts.improbable;
        Ok(profile)
    }
}

/// Equal content, whatever the order in which classes were seen.
impl PartialEq for ClassOutcomes {
    fn eq(&self, other: &Self) -> bool {
        self.to_parts() == other.to_parts()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::Mode;
    use super::*;

    fn profile(order: [&str; 3]) -> ClassOutcomes {
        let mut outcomes = ClassOutcomes::new(ClassConfig {
            scored_classes: vec!["yes".to_owned()],
            positive: Some("yes".to_owned()),
            threshold: 0.5,
            mode: Mode::Exact,
        });
        for name in order {
            outcomes.class_index(name);
        }
        for (target, score) in [
            ("no", 0.25),
            ("yes", 0.75),
            ("maybe", 0.5),
            ("no", f64::NAN),
        ] {
            let target = outcomes.class_index(target);
            outcomes.push_scored(Some(target), &[score]);
        }
        outcomes
    }

    #[test]
    fn order_of_classes_does_not_matter() {
        let first = profile(["no", "yes", "maybe"]);
        assert_eq!(first, profile(["maybe", "no", "yes"]));
        let read = ClassOutcomes::from_parts(first.to_parts()).expect("a profile");
        assert_eq!(read, first);
        assert_eq!(read.classes(), ["maybe", "no", "yes"]);
        assert_eq!(read.unscored(), 1);
    }

    #[test]
    fn what_no_profile_holds_is_refused() {
        let faults: [fn(&mut ClassParts); 10] = [
            |parts| parts.config.scored_classes.push("yes".to_owned()),
            |parts| parts.config.scored_classes.push("no".to_owned()),
            |parts| parts.unscored_classes.push("yes".to_owned()),
            |parts| parts.cells.push((7, 0, 1)),
            |parts| parts.cells.push((REST, 0, 1)),
            |parts| parts.cells.push((0, 1, 0)),
            |parts| parts.cells.push(parts.cells[0]),
            |parts| parts.unscored = 5,
            |parts| parts.squared_error.count += 1,
            |parts| parts.ranks = TargetRanks::new(3),
        ];
        for (idx, fault) in faults.into_iter().enumerate() {
            let mut parts = profile(["no", "yes", "maybe"]).to_parts();
            fault(&mut parts);
            assert!(ClassOutcomes::from_parts(parts).is_err(), "fault {idx}");
        }
        let mut several = profile(["no", "yes", "maybe"]).to_parts();
        several.config.scored_classes.clear();
        several.scores.clear();
        assert!(
            ClassOutcomes::from_parts(several).is_err(),
            "a decision without a score"
        );
    }
}
