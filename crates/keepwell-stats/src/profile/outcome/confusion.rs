//! Confusion counts of the rows that have both a target and a prediction.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use keepwell_core::outcome::Reason;

use super::{MAX_CLASSES, NONE, OTHER, OutcomeProfile, REST, Slot};

/// Rows with one target and one prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Position of the target in [`Confusion::classes`].
    pub target: usize,
    /// Position of the prediction in [`Confusion::classes`].
    pub prediction: usize,
    /// Number of rows, above zero.
    pub n: u64,
}

/// Rows of one class against all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClassCounts {
    /// Rows with this class as target and as prediction.
    pub correct: u64,
    /// Rows with this class as target.
    pub targets: u64,
    /// Rows with this class as prediction.
    pub predictions: u64,
}

impl ClassCounts {
    /// Rows with this class as target, as prediction, or both.
    pub fn either(&self) -> u64 {
        self.targets + self.predictions - self.correct
    }
}

/// Confusion counts of the rows that have both a target and a prediction; there is at least one.
#[derive(Debug, Clone, PartialEq)]
pub struct Confusion<'a> {
    /// Classes seen as target or prediction, ascending.
    classes: Vec<Cow<'a, str>>,
    /// Ascending by target, then prediction.
    cells: Vec<Cell>,
    /// Parallel to `classes`.
    counts: Vec<ClassCounts>,
    n: u64,
}

impl OutcomeProfile {
    /// Confusion counts of the rows that have both a target and a prediction.
    ///
    /// Where decisions were taken from the score of a binary model, the class that is not positive has the
    /// name of the only other class seen. If more were seen, all of them count as one class.
    ///
    /// # Errors
    /// `NoRows`, `NoTargets` and `NoPredictions` where there is nothing to count, `TooManyCategories` above
    /// [`MAX_CLASSES`].
    pub fn labelled(&self) -> Result<Confusion<'_>, Reason> {
        if self.rows() == 0 {
            return Err(Reason::NoRows);
        }
        if self.targets() == 0 {
            return Err(Reason::NoTargets);
        }
        if self.predictions() == 0 {
            return Err(Reason::NoPredictions);
        }
        let mut raw: Vec<(Slot, Slot, u64)> = Vec::new();
        for (&(target, prediction), &n) in &self.cells {
            if target != NONE && prediction != NONE {
                raw.push((target, prediction, n));
            }
        }
        if raw.is_empty() {
            return Err(Reason::NoTargets);
        }
        if raw
            .iter()
            .any(|&(target, prediction, _)| target == OTHER || prediction == OTHER)
        {
            return Err(Reason::TooManyCategories {
                found: MAX_CLASSES as u64 + 1,
            });
        }
        let complement = self.complement(&mut raw);
        Ok(self.sorted(&raw, complement.as_deref()))
    }

    /// Resolves decisions that were taken against the positive class: to the only other class seen, or else
    /// together with all other classes to the slot `REST`, whose name is returned.
    fn complement(&self, raw: &mut [(Slot, Slot, u64)]) -> Option<String> {
        if raw.iter().all(|cell| cell.1 != REST) {
            return None;
        }
        // Only a single score takes such decisions, and it is that of the first class.
        let positive = 0;
        let mut others: Vec<Slot> = self
            .cells
            .keys()
            .flat_map(|&(target, prediction)| [target, prediction])
            .filter(|&slot| slot != positive && (slot as usize) < self.classes.len())
            .collect();
        others.sort_unstable();
        others.dedup();
        let (rest, name) = match (others.as_slice(), &*self.classes[positive as usize]) {
            ([only], _) => (*only, None),
            ([], "1") => (REST, Some("0".to_owned())),
            (_, positive) => (REST, Some(format!("not {positive}"))),
        };
        for (target, prediction, _) in raw {
            for slot in [target, prediction] {
                if *slot != positive {
                    *slot = rest;
                }
            }
        }
        name
    }

    /// The cells with classes in ascending order; `complement` is the name of the slot `REST`.
    fn sorted(&self, raw: &[(Slot, Slot, u64)], complement: Option<&str>) -> Confusion<'_> {
        let slots: BTreeSet<Slot> = raw.iter().flat_map(|cell| [cell.0, cell.1]).collect();
        let mut named: Vec<(Cow<'_, str>, Slot)> = slots
            .into_iter()
            .map(|slot| match self.classes.get(slot as usize) {
                Some(class) => (Cow::Borrowed(&**class), slot),
                None => (Cow::Owned(complement.unwrap_or_default().to_owned()), slot),
            })
            .collect();
        named.sort_unstable();
        let position: HashMap<Slot, usize, FixedState> = named
            .iter()
            .enumerate()
            .map(|(idx, (_, slot))| (*slot, idx))
            .collect();
        let mut cells: BTreeMap<(usize, usize), u64> = BTreeMap::new();
        for (target, prediction, n) in raw {
            *cells
                .entry((position[target], position[prediction]))
                .or_insert(0) += n;
        }
        let cells = cells
            .into_iter()
            .map(|((target, prediction), n)| Cell {
                target,
                prediction,
                n,
            })
            .collect();
        Confusion::new(named.into_iter().map(|(name, _)| name).collect(), cells)
    }
}

impl<'a> Confusion<'a> {
    fn new(classes: Vec<Cow<'a, str>>, cells: Vec<Cell>) -> Self {
        let mut counts = vec![ClassCounts::default(); classes.len()];
        for cell in &cells {
            counts[cell.target].targets += cell.n;
            counts[cell.prediction].predictions += cell.n;
            if cell.target == cell.prediction {
                counts[cell.target].correct += cell.n;
            }
        }
        Self {
            n: cells.iter().map(|cell| cell.n).sum(),
            classes,
            cells,
            counts,
        }
    }

    /// Rows with both a target and a prediction, at least one.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Rows whose prediction is their target.
    pub fn correct(&self) -> u64 {
        self.counts.iter().map(|counts| counts.correct).sum()
    }

    /// Classes seen as target or prediction, ascending.
    pub fn classes(&self) -> impl ExactSizeIterator<Item = &str> {
        self.classes.iter().map(|class| &**class)
    }

    /// The cells that hold rows, ascending by target, then prediction.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Counts of each class against the rest, in the order of [`Confusion::classes`].
    pub fn counts(&self) -> &[ClassCounts] {
        &self.counts
    }

    /// Counts of a class by its canonical name; all zero where it was not seen.
    pub fn counts_of(&self, class: &str) -> ClassCounts {
        match self.classes.binary_search_by(|own| (**own).cmp(class)) {
            Ok(idx) => self.counts[idx],
            Err(_) => ClassCounts::default(),
        }
    }
}
