//! Sets of labels that were predicted, against their targets.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use keepwell_core::outcome::Reason;

use super::super::MergeError;
use super::classes::{ClassCounts, MAX_CLASSES, OTHER_CLASS};

/// Counts by label of the rows of a multilabel classifier.
///
/// A row is usable if it has a target and a prediction; each is a set of labels, which may be empty. Memory is
/// bounded by the number of labels, at most [`MAX_CLASSES`].
#[derive(Debug, Clone, Default)]
pub struct LabelOutcomes {
    pub(crate) rows: LabelRows,
    /// Canonical names in order of first appearance.
    labels: Vec<Box<str>>,
    index: HashMap<Box<str>, usize, FixedState>,
    /// Parallel to `labels`, over usable rows.
    counts: Vec<LabelCounts>,
}

/// Rows of [`LabelOutcomes`], by what they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LabelRows {
    /// All rows.
    pub all: u64,
    /// Rows with a target.
    pub targets: u64,
    /// Rows with a prediction.
    pub predictions: u64,
    /// Rows with both.
    pub usable: u64,
    /// Usable rows whose prediction is their target.
    pub exact: u64,
    /// Usable rows with a label beyond [`MAX_CLASSES`].
    pub others: u64,
    /// Sum over usable rows of the squared number of labels that are in one of target and prediction only.
    pub squared_differences: u64,
}

/// Usable rows of one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct LabelCounts {
    pub(crate) correct: u64,
    pub(crate) targets: u64,
    pub(crate) predictions: u64,
}

/// The content of a [`LabelOutcomes`] in the one order that it determines.
#[derive(Debug, PartialEq)]
pub(crate) struct LabelParts {
    pub(crate) rows: LabelRows,
    /// Ascending by name; no label without rows.
    pub(crate) labels: Vec<(String, LabelCounts)>,
}

impl LabelOutcomes {
    /// Index of a label by its canonical name, made on first sight, valid as long as the profile. Give it to
    /// [`LabelOutcomes::push`]. Labels beyond [`MAX_CLASSES`] share [`OTHER_CLASS`].
    pub fn label_index(&mut self, canonical: &str) -> usize {
        match self.index.get(canonical) {
            Some(&idx) => idx,
            None if self.labels.len() >= MAX_CLASSES => OTHER_CLASS,
            None => {
                let idx = self.labels.len();
                self.labels.push(canonical.into());
                self.index.insert(canonical.into(), idx);
                self.counts.push(LabelCounts::default());
                idx
            }
        }
    }

    /// Takes one row: the indices of its labels in any order, `None` where null. A label that stands twice
    /// counts once.
    pub fn push(&mut self, target: Option<&[usize]>, prediction: Option<&[usize]>) {
        self.rows.all += 1;
        self.rows.targets += u64::from(target.is_some());
        self.rows.predictions += u64::from(prediction.is_some());
        let (Some(target), Some(prediction)) = (target, prediction) else {
            return;
        };
        let (target, prediction) = (as_set(target), as_set(prediction));
        self.rows.usable += 1;
        self.rows.exact += u64::from(target == prediction);
        let mut n_shared = 0;
        let mut has_others = false;
        for &label in &target {
            let is_shared = prediction.binary_search(&label).is_ok();
            n_shared += u64::from(is_shared);
            match self.counts.get_mut(label) {
                Some(counts) => {
                    counts.targets += 1;
                    counts.correct += u64::from(is_shared);
                }
                None => has_others = true,
            }
        }
        for &label in &prediction {
            match self.counts.get_mut(label) {
                Some(counts) => counts.predictions += 1,
                None => has_others = true,
            }
        }
        self.rows.others += u64::from(has_others);
        let n_different = (target.len() + prediction.len()) as u64 - 2 * n_shared;
        let square = n_different.saturating_mul(n_different);
        self.rows.squared_differences = self.rows.squared_differences.saturating_add(square);
    }

    /// Adds another part.
    ///
    /// # Errors
    /// None today; the same signature as that of every profile.
    pub fn merge(&mut self, other: Self) -> Result<(), MergeError> {
        let (own, others) = (&mut self.rows, &other.rows);
        own.all += others.all;
        own.targets += others.targets;
        own.predictions += others.predictions;
        own.usable += others.usable;
        own.exact += others.exact;
        own.others += others.others;
        own.squared_differences = own
            .squared_differences
            .saturating_add(others.squared_differences);
        for (label, counts) in other.labels.into_iter().zip(other.counts) {
            let idx = self.label_index(&label);
            match self.counts.get_mut(idx) {
                Some(own) => {
                    own.correct += counts.correct;
                    own.targets += counts.targets;
                    own.predictions += counts.predictions;
                }
                // Too many labels: at least these rows held one that is not kept.
                None => self.rows.others += counts.targets.max(counts.predictions),
            }
        }
        Ok(())
    }

    /// Prepares for evaluation: nothing to do.
    pub fn seal(&mut self) {}

    /// All rows.
    pub fn rows(&self) -> u64 {
        self.rows.all
    }

    /// Rows with a target.
    pub fn targets(&self) -> u64 {
        self.rows.targets
    }

    /// Rows by what they hold; there is a usable one, and no label beyond [`MAX_CLASSES`].
    ///
    /// # Errors
    /// `NoRows`, `NoTargets`, `NoPredictions`, and `TooManyCategories` above [`MAX_CLASSES`] labels.
    pub fn usable(&self) -> Result<&LabelRows, Reason> {
        match self.rows {
            LabelRows { all: 0, .. } => Err(Reason::NoRows),
            LabelRows { targets: 0, .. } => Err(Reason::NoTargets),
            LabelRows { predictions: 0, .. } => Err(Reason::NoPredictions),
            LabelRows { usable: 0, .. } => Err(Reason::NoTargets),
            LabelRows { others: 0, .. } => Ok(&self.rows),
            _ => Err(Reason::TooManyCategories {
                found: MAX_CLASSES as u64 + 1,
            }),
        }
    }

    /// Counts of each label that a usable row has as target or as prediction, ascending by name.
    pub fn counts(&self) -> Vec<(&str, ClassCounts)> {
        let mut counts: Vec<(&str, ClassCounts)> = self
            .labels
            .iter()
            .zip(&self.counts)
            .filter(|(_, counts)| **counts != LabelCounts::default())
            .map(|(label, counts)| {
                let counts = ClassCounts {
                    correct: counts.correct,
                    targets: counts.targets,
                    predictions: counts.predictions,
                    rows: self.rows.usable,
                };
                (&**label, counts)
            })
            .collect();
        counts.sort_unstable_by_key(|(label, _)| *label);
        counts
    }

    /// The content in canonical order.
    pub(crate) fn to_parts(&self) -> LabelParts {
        let counts = self.counts().into_iter().map(|(label, counts)| {
            let counts = LabelCounts {
                correct: counts.correct,
                targets: counts.targets,
                predictions: counts.predictions,
            };
            (label.to_owned(), counts)
        });
        LabelParts {
            rows: self.rows,
            labels: counts.collect(),
        }
    }

    /// A profile from its canonical content; `Err` says what would be right.
    pub(crate) fn from_parts(parts: LabelParts) -> Result<Self, &'static str> {
        let rows = parts.rows;
        if rows.usable > rows.targets.min(rows.predictions)
            || rows.targets.max(rows.predictions) > rows.all
            || rows.exact > rows.usable
            || (rows.exact == rows.usable && rows.squared_differences > 0)
        {
            return Err("counts of rows that can be");
        }
        let mut profile = Self {
            rows,
            ..Self::default()
        };
        for (label, counts) in parts.labels {
            let n_before = profile.labels.len();
            if profile.label_index(&label) != n_before {
                return Err("labels that differ, not more than the limit");
            }
            let is_possible = counts.correct <= counts.targets.min(counts.predictions)
                && counts.targets.max(counts.predictions) > 0
                && counts.targets + (counts.predictions - counts.correct.min(counts.predictions))
                    <= rows.usable;
            if !is_possible {
                return Err("counts of a label that can be");
            }
            profile.counts[n_before] = counts;
        }
        Ok(profile)
    }
}

/// Equal content, whatever the order in which labels were seen.
impl PartialEq for LabelOutcomes {
    fn eq(&self, other: &Self) -> bool {
        self.to_parts() == other.to_parts()
    }
}

/// Labels in ascending order, each once.
fn as_set(labels: &[usize]) -> Vec<usize> {
    let mut labels = labels.to_vec();
    labels.sort_unstable();
    labels.dedup();
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row<'a> = (Option<&'a [&'a str]>, Option<&'a [&'a str]>);

    fn profile(rows: &[Row<'_>]) -> LabelOutcomes {
        let mut outcomes = LabelOutcomes::default();
        for (target, prediction) in rows {
            let [target, prediction] = [target, prediction].map(|labels| {
                labels.map(|labels| -> Vec<usize> {
                    labels
                        .iter()
                        .map(|label| outcomes.label_index(label))
                        .collect()
                })
            });
            outcomes.push(target.as_deref(), prediction.as_deref());
        }
        outcomes
    }

    const ROWS: [Row<'static>; 5] = [
        (Some(&["a", "b"]), Some(&["b", "a", "a"])),
        (Some(&["a"]), Some(&["c"])),
        (Some(&[]), Some(&[])),
        (None, Some(&["z"])),
        (Some(&["y"]), None),
    ];

    #[test]
    fn labels_are_sets() {
        let outcomes = profile(&ROWS);
        let rows = outcomes.usable().expect("there are rows");
        assert_eq!((rows.all, rows.usable, rows.exact), (5, 3, 2));
        assert_eq!(rows.squared_differences, 4);
        let counts = |correct, targets, predictions| ClassCounts {
            correct,
            targets,
            predictions,
            rows: 3,
        };
        let expected = [
            ("a", counts(1, 2, 1)),
            ("b", counts(1, 1, 1)),
            ("c", counts(0, 0, 1)),
        ];
        assert_eq!(outcomes.counts(), expected);
    }

    #[test]
    fn order_of_labels_does_not_matter() {
        let mut reversed = ROWS;
        reversed.reverse();
        assert_eq!(profile(&ROWS), profile(&reversed));
        let mut merged = profile(&ROWS[3..]);
        merged.merge(profile(&ROWS[..3])).expect("always");
        assert_eq!(merged, profile(&ROWS));
        let read = LabelOutcomes::from_parts(merged.to_parts()).expect("a profile");
        assert_eq!(read, merged);
    }

    #[test]
    fn reasons_say_what_is_absent() {
        for (rows, reason) in [
            (&[][..], Reason::NoRows),
            (&ROWS[3..4], Reason::NoTargets),
            (&ROWS[4..], Reason::NoPredictions),
            (&ROWS[3..], Reason::NoTargets),
        ] {
            assert_eq!(profile(rows).usable(), Err(reason));
        }
    }

    #[test]
    fn identifiers_are_not_labels() {
        let part = |start: usize| {
            let mut outcomes = LabelOutcomes::default();
            for row in start..start + 900 {
                let label = outcomes.label_index(&format!("id{row}"));
                outcomes.push(Some(&[label]), Some(&[label]));
            }
            outcomes
        };
        let mut whole = part(0);
        assert!(whole.usable().is_ok());
        whole.merge(part(900)).expect("always");
        assert_eq!(
            whole.usable(),
            Err(Reason::TooManyCategories { found: 1_001 })
        );
    }

    #[test]
    fn what_no_profile_holds_is_refused() {
        let faults: [fn(&mut LabelParts); 6] = [
            |parts| parts.rows.usable = 5,
            |parts| parts.rows.exact = 4,
            |parts| parts.rows.targets = 6,
            |parts| parts.labels[0].1.correct = 2,
            |parts| parts.labels[0].1.targets = 4,
            |parts| parts.labels[1].0 = "a".to_owned(),
        ];
        for (idx, fault) in faults.into_iter().enumerate() {
            let mut parts = profile(&ROWS).to_parts();
            fault(&mut parts);
            assert!(LabelOutcomes::from_parts(parts).is_err(), "fault {idx}");
        }
    }
}
