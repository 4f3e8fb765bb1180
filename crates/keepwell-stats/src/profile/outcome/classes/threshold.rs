//! Decisions of a binary model at another threshold than the one it was run with.

use keepwell_core::outcome::Reason;

use super::confusion::POSITIVE;
use super::{ClassOutcomes, Confusion, NONE, REST, ScoreGrid, Side};

/// Rows of one target at or above the threshold, and all of them.
struct Cut {
    above: u64,
    n: u64,
    /// How far `above` may be off.
    slack: u64,
}

impl Cut {
    fn of(grid: &ScoreGrid, target: Side, threshold: f64) -> Self {
        let mut cut = Self {
            above: 0,
            n: 0,
            slack: 0,
        };
        for cell in &grid.cells[target as usize] {
            let distribution = cell.distribution();
            cut.n += distribution.n();
            cut.above += distribution.n() - distribution.rank_lt(threshold);
            cut.slack += (distribution.rank_error() * distribution.n() as f64).ceil() as u64;
        }
        cut
    }

    /// The count, then the least and the greatest that it can be, where they differ.
    fn counts(&self) -> [u64; 3] {
        let least = self.above.saturating_sub(self.slack);
        let greatest = (self.above + self.slack).min(self.n);
        [self.above, least, greatest]
    }
}

/// Confusion counts of a binary model at a threshold of our choice.
#[derive(Debug, Clone, PartialEq)]
pub struct AtThreshold<'a> {
    /// The counts.
    pub confusion: Confusion<'a>,
    /// Those of a sketched profile may be off by its rank error: the four extremes, so that a quantity that
    /// rises or falls with each count lies between its values for them. Empty where the counts are exact.
    pub extremes: Vec<Confusion<'a>>,
}

impl ClassOutcomes {
    /// Confusion counts of a binary model if a score `>= threshold` decides for the positive class, over
    /// the rows that have a target and a finite score, whatever was logged as prediction.
    ///
    /// # Errors
    /// `NoRows`, `NoScores`, `AllNull` and `NoTargets` where there is nothing to count, `NotApplicable` for a
    /// model of more classes.
    pub fn at_threshold(&self, threshold: f64) -> Result<AtThreshold<'_>, Reason> {
        self.scored()?;
        let (Some(_), [grid]) = (&self.config.positive, &self.scores[..]) else {
            return Err(Reason::NotApplicable);
        };
        let own = Cut::of(grid, Side::This, threshold);
        let rest = Cut::of(grid, Side::Rest, threshold);
        if own.n + rest.n == 0 {
            return Err(Reason::NoTargets);
        }
        let confusion = |found: u64, alarms: u64| {
            let mut raw = vec![
                (POSITIVE, POSITIVE, found),
                (POSITIVE, REST, own.n - found),
                (REST, POSITIVE, alarms),
                (REST, REST, rest.n - alarms),
            ];
            raw.retain(|cell| cell.2 > 0);
            let name = self.complement(&mut raw);
            self.sorted(&raw, name.as_deref())
        };
        let [found, found_min, found_max] = own.counts();
        let [alarms, alarms_min, alarms_max] = rest.counts();
        let mut extremes = Vec::new();
        if own.slack + rest.slack > 0 {
            for found in [found_min, found_max] {
                extremes.extend([alarms_min, alarms_max].map(|alarms| confusion(found, alarms)));
            }
        }
        Ok(AtThreshold {
            confusion: confusion(found, alarms),
            extremes,
        })
    }

    /// Rows whose prediction is this class, and all rows with a prediction, whether or not they have a
    /// target. A decision against the positive class that was taken from the score is a prediction, too.
    pub fn selected(&self, class: &str) -> (u64, u64) {
        let slot = self.index.get(class).copied();
        let selected = self.count(|_, prediction| Some(prediction) == slot);
        (selected, self.count(|_, prediction| prediction != NONE))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::Mode;
    use super::super::ClassConfig;
    use super::*;

    fn profile(mode: Mode) -> ClassOutcomes {
        ClassOutcomes::new(ClassConfig {
            scored_classes: vec!["yes".to_owned()],
            positive: Some("yes".to_owned()),
            threshold: 0.5,
            mode,
        })
    }

    #[test]
    fn threshold_is_inclusive_and_replaces_what_was_logged() {
        let mut outcomes = profile(Mode::Exact);
        let (yes, no) = (outcomes.class_index("yes"), outcomes.class_index("no"));
        for (target, score) in [(yes, 0.7), (yes, 0.3), (no, 0.7), (no, 0.2), (no, f64::NAN)] {
            outcomes.push(Some(target), Some(no), &[score]);
        }
        let found = outcomes.at_threshold(0.7).expect("rows exist");
        assert!(found.extremes.is_empty());
        let confusion = found.confusion;
        let counts = confusion.counts_of("yes");
        assert_eq!((counts.correct, counts.targets), (1, 2));
        assert_eq!((counts.predictions, counts.rows), (2, 4));
        assert_eq!(confusion.classes().collect::<Vec<_>>(), ["no", "yes"]);
        assert_eq!(outcomes.selected("yes"), (0, 5));
    }

    #[test]
    fn a_sketch_says_between_which_counts_the_exact_ones_lie() {
        let [mut exact, mut sketched] = [Mode::Exact, Mode::Sketched].map(profile);
        for outcomes in [&mut exact, &mut sketched] {
            let classes = [outcomes.class_index("no"), outcomes.class_index("yes")];
            for row in 0..20_000_u32 {
                let score = f64::from(row.wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 24);
                let is_positive = row % 3 == 0;
                outcomes.push(Some(classes[usize::from(is_positive)]), None, &[score]);
            }
        }
        let truth = exact.at_threshold(0.3).expect("rows exist");
        let found = sketched.at_threshold(0.3).expect("rows exist");
        assert_eq!((truth.extremes.len(), found.extremes.len()), (0, 4));
        let counts = |confusion: &Confusion<'_>| confusion.counts_of("yes");
        let (least, greatest) = (counts(&found.extremes[0]), counts(&found.extremes[3]));
        let truth = counts(&truth.confusion);
        assert!(least.correct <= truth.correct && truth.correct <= greatest.correct);
        assert!(least.predictions <= truth.predictions);
        assert!(
            truth.predictions <= greatest.predictions && least.predictions < greatest.predictions
        );
    }

    #[test]
    fn several_classes_have_no_threshold() {
        let mut outcomes = profile(Mode::Exact);
        assert_eq!(outcomes.at_threshold(0.5), Err(Reason::NoRows));
        outcomes.push(None, None, &[0.5]);
        assert_eq!(outcomes.at_threshold(0.5), Err(Reason::NoTargets));
        let mut several = ClassOutcomes::new(ClassConfig {
            scored_classes: ["a", "b"].map(str::to_owned).to_vec(),
            positive: None,
            threshold: 0.5,
            mode: Mode::Exact,
        });
        several.push_scored(Some(0), &[0.6, 0.4]);
        assert_eq!(several.at_threshold(0.5), Err(Reason::NotApplicable));
    }
}
