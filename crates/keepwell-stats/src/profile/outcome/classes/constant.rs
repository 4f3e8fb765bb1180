//! What a prediction that ignores its input would have achieved.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::super::super::{Mode, Moments, NumericProfile};
use super::{ClassOutcomes, NONE, OTHER, Side, Slot, cross_entropy, squared_error};

impl ClassOutcomes {
    /// Outcomes of the best constant prediction on the same targets: each row is decided for the most
    /// frequent target (of equally frequent ones the first by name), and each score is the share of its
    /// class. `None` where no row has a target.
    ///
    /// The targets are those of the rows that have a prediction, or of all rows where none has one. Scores
    /// are kept in sketched mode, which is exact for a constant.
    pub fn constant(&self) -> Option<Self> {
        let targets = self.target_counts();
        let n: u64 = targets.values().sum();
        let name = |slot: Slot| self.classes.get(slot as usize).map(|name| &**name);
        // All classes beyond the limit share the last place, whose name is `None`.
        let decision = *targets
            .iter()
            .max_by_key(|&(&slot, &rows)| (slot != OTHER, rows, Reverse(name(slot))))?
            .0;
        let mut config = self.config.clone();
        config.mode = Mode::Sketched;
        let mut constant = Self::new(config);
        constant.classes.clone_from(&self.classes);
        constant.index.clone_from(&self.index);
        let rows_of = |slot: Slot| targets.get(&slot).copied().unwrap_or(0);
        let scores: Vec<f64> = (0..self.scores.len() as Slot)
            .map(|slot| rows_of(slot) as f64 / n as f64)
            .collect();
        for (&target, &rows) in &targets {
            constant.cells.insert((target, decision), rows);
            if scores.is_empty() {
                continue;
            }
            constant.ranks.push_rows(target as usize, &scores, rows);
            constant
                .log_loss
                .merge(&repeated(cross_entropy(target, &scores), rows));
            constant
                .squared_error
                .merge(&repeated(squared_error(target, &scores), rows));
        }
        for ((idx, grid), &score) in constant.scores.iter_mut().enumerate().zip(&scores) {
            let own = idx as Slot;
            let n_own = rows_of(own);
            let decided = Side::of(decision, own) as usize;
            grid.cells[Side::This as usize][decided] = of_constant(score, n_own);
            grid.cells[Side::Rest as usize][decided] = of_constant(score, n - n_own);
        }
        Some(constant)
    }

    /// Rows by target; no number is zero.
    fn target_counts(&self) -> BTreeMap<Slot, u64> {
        let is_labelled = |target: Slot, prediction: Slot| target != NONE && prediction != NONE;
        let has_predictions = self.count(is_labelled) > 0;
        let mut counts = BTreeMap::new();
        for (&(target, prediction), &rows) in &self.cells {
            let is_counted = if has_predictions {
                is_labelled(target, prediction)
            } else {
                target != NONE
            };
            if is_counted {
                *counts.entry(target).or_insert(0) += rows;
            }
        }
        counts
    }
}

fn repeated(value: f64, rows: u64) -> Moments {
    Moments {
        count: rows,
        mean: value,
        m2: 0.0,
    }
}

/// The profile of one value in so many rows, by doubling.
fn of_constant(value: f64, rows: u64) -> NumericProfile {
    let add = |all: &mut NumericProfile, part: NumericProfile| {
        all.merge(part).expect("both are sketched");
    };
    let mut all = NumericProfile::new(Mode::Sketched);
    let mut power = all.clone();
    power.push(value);
    let mut left = rows;
    while left > 0 {
        if left % 2 == 1 {
            add(&mut all, power.clone());
        }
        left /= 2;
        if left > 0 {
            let same = power.clone();
            add(&mut power, same);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::ClassConfig;
    use super::*;

    fn outcomes(positive: Option<&str>, scored: &[&str]) -> ClassOutcomes {
        ClassOutcomes::new(ClassConfig {
            scored_classes: scored.iter().map(|&class| class.to_owned()).collect(),
            positive: positive.map(str::to_owned),
            threshold: 0.5,
            mode: Mode::Exact,
        })
    }

    #[test]
    fn decides_for_the_most_frequent_class_with_its_share_as_score() {
        let mut profile = outcomes(Some("1"), &["1"]);
        let (yes, no) = (profile.class_index("1"), profile.class_index("0"));
        for row in 0..1_000 {
            let target = if row % 4 == 0 { yes } else { no };
            profile.push(Some(target), Some(yes), &[0.9]);
        }
        profile.push(None, Some(yes), &[0.9]);
        let constant = profile.constant().expect("targets exist");
        assert_eq!(constant.confusion(Some("0"), Some("0")), 750);
        assert_eq!(constant.confusion(Some("1"), Some("0")), 250);
        assert_eq!((constant.rows(), constant.scored_targets()), (1_000, 1_000));
        let grid = constant.scores("1").expect("scored");
        let kept: u64 = grid
            .ranked(Side::This)
            .scores
            .iter()
            .map(|kept| kept.1)
            .sum();
        assert_eq!((kept, grid.ranked(Side::This).scores.len()), (250, 1));
        // The mean squared error of a constant share is its variance.
        assert!((constant.squared_error().mean - 0.25 * 0.75).abs() < 1e-15);
    }

    #[test]
    fn of_equally_frequent_classes_the_first_by_name() {
        let mut profile = outcomes(None, &[]);
        for class in ["b", "a", "c"] {
            let class = profile.class_index(class);
            profile.push(Some(class), Some(class), &[]);
        }
        let constant = profile.constant().expect("targets exist");
        assert_eq!(constant.confusion(Some("c"), Some("a")), 1);
        assert_eq!(outcomes(None, &[]).constant(), None);
    }

    #[test]
    fn several_classes_have_ranks_and_scores() {
        let mut profile = outcomes(None, &["a", "b", "c"]);
        for target in [0, 0, 0, 1, 2] {
            profile.push_scored(Some(target), &[0.1, 0.2, 0.7]);
        }
        let constant = profile.constant().expect("targets exist");
        // Shares 0.6, 0.2 and 0.2: of the equal ones the later counts as higher.
        assert_eq!(constant.ranks().counts(), [3, 1, 1, 0]);
        let expected = (3.0 * (0.16 + 0.04 + 0.04) + 2.0 * (0.36 + 0.64 + 0.04)) / 5.0;
        assert!((constant.squared_error().mean - expected).abs() < 1e-15);
    }
}
