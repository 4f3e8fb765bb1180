//! Confusion counts of the rows that have both a target and a prediction.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use keepwell_core::outcome::Reason;

use super::{ClassOutcomes, MAX_CLASSES, NONE, OTHER, REST, Slot};

/// Place of the positive class of a binary model with scores: its score is the only one, so it is the first.
pub(super) const POSITIVE: Slot = 0;

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
    /// All rows.
    pub rows: u64,
}

impl ClassCounts {
    /// Rows with this class as target, as prediction, or both.
    pub fn either(&self) -> u64 {
        self.targets + self.predictions - self.correct
    }

    /// Rows with this class neither as target nor as prediction: true negatives.
    pub fn neither(&self) -> u64 {
        self.rows - self.either()
    }

    /// Rows with this class as prediction, but not as target: false positives.
    pub fn alarms(&self) -> u64 {
        self.predictions - self.correct
    }

    /// Rows with this class as target, but not as prediction: false negatives.
    pub fn misses(&self) -> u64 {
        self.targets - self.correct
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

impl ClassOutcomes {
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

    /// Resolves targets and decisions that are only known to be not of the positive class: to the only other
    /// class seen, or else together with all other classes to the slot `REST`, whose name is returned.
    pub(super) fn complement(&self, raw: &mut [(Slot, Slot, u64)]) -> Option<String> {
        if raw.iter().all(|cell| cell.0 != REST && cell.1 != REST) {
            return None;
        }
        // Only a single score takes such decisions, and it is that of the first class.
        let name = self.rest_name(&self.classes[POSITIVE as usize]);
        let rest = self.index.get(&*name).copied().unwrap_or(REST);
        for (target, prediction, _) in raw {
            for slot in [target, prediction] {
                if *slot != POSITIVE {
                    *slot = rest;
                }
            }
        }
        Some(name)
    }

    /// Name of what is not of the positive class of a binary model: that of the only other class seen in
    /// targets or predictions, or else one made from its own.
    pub fn rest_name(&self, positive: &str) -> String {
        let mut others = self.classes();
        others.retain(|class| *class != positive);
        match (others.as_slice(), positive) {
            ([only], _) => (*only).to_owned(),
            ([], "1") => "0".to_owned(),
            (_, positive) => format!("not {positive}"),
        }
    }

    /// The cells with classes in ascending order; `complement` is the name of the slot `REST`.
    pub(super) fn sorted(
        &self,
        raw: &[(Slot, Slot, u64)],
        complement: Option<&str>,
    ) -> Confusion<'_> {
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
        let n = cells.iter().map(|cell| cell.n).sum();
        let none = ClassCounts {
            rows: n,
            ..ClassCounts::default()
        };
        let mut counts = vec![none; classes.len()];
        for cell in &cells {
            counts[cell.target].targets += cell.n;
            counts[cell.prediction].predictions += cell.n;
            if cell.target == cell.prediction {
                counts[cell.target].correct += cell.n;
            }
        }
        Self {
            n,
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

    /// Variance of a quantity whose derivative by the share of each cell is `slope(target, prediction)`, the
    /// cells being multinomial: the delta method.
    pub fn variance(&self, slope: impl Fn(usize, usize) -> f64) -> f64 {
        let n = self.n as f64;
        let mean = |of: &dyn Fn(f64) -> f64| {
            let each = |cell: &Cell| cell.n as f64 / n * of(slope(cell.target, cell.prediction));
            self.cells.iter().map(each).sum::<f64>()
        };
        let centre = mean(&|slope| slope);
        mean(&|slope| (slope - centre).powi(2)) / n
    }

    /// Counts of a class by its canonical name; where it was not seen, all but the rows are zero.
    pub fn counts_of(&self, class: &str) -> ClassCounts {
        match self.classes.binary_search_by(|own| (**own).cmp(class)) {
            Ok(idx) => self.counts[idx],
            Err(_) => ClassCounts {
                rows: self.n,
                ..ClassCounts::default()
            },
        }
    }
}
