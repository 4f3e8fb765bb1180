//! Scores of one class against the rest.

use super::super::super::{MergeError, Mode, NumericProfile};

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
    pub(crate) cells: [[NumericProfile; 3]; 3],
}

/// Distinct scores in ascending order, each with the number of rows that it stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct RankedScores {
    /// Strictly ascending; no number of rows is zero.
    pub scores: Vec<(f64, u64)>,
    /// Number of rows.
    pub n: u64,
    /// Bound on the error of any rank, as a share of `n`; zero means exact.
    pub rank_error: f64,
}

/// Rows of one score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tie {
    /// The score.
    pub score: f64,
    /// Rows of the class.
    pub this: u64,
    /// Rows of other classes.
    pub rest: u64,
}

impl RankedScores {
    /// The scores of several cells together.
    pub(crate) fn of<'a>(cells: impl Iterator<Item = &'a NumericProfile>) -> Self {
        let mut kept: Vec<(f64, u64)> = Vec::new();
        let (mut n, mut errors) = (0, 0.0);
        for cell in cells {
            let distribution = cell.distribution();
            let mut before = 0;
            for (idx, &value) in distribution.values().iter().enumerate() {
                let upto = distribution.cumulative(idx);
                kept.push((value, upto - before));
                before = upto;
            }
            n += distribution.n();
            errors += distribution.rank_error() * distribution.n() as f64;
        }
        // A stable sort finds the ascending runs of the cells and merges them.
        kept.sort_by(|a, b| a.0.total_cmp(&b.0));
        kept.dedup_by(|next, kept| {
            let is_tie = next.0 == kept.0;
            if is_tie {
                kept.1 += next.1;
            }
            is_tie
        });
        Self {
            scores: kept,
            n,
            rank_error: if n == 0 { 0.0 } else { errors / n as f64 },
        }
    }

    /// The scores of both sides together, strictly ascending.
    pub fn ties_with(&self, rest: &Self) -> Vec<Tie> {
        let mut own = self.scores.iter().peekable();
        let mut others = rest.scores.iter().peekable();
        let mut ties = Vec::with_capacity(self.scores.len() + rest.scores.len());
        loop {
            let score = match (own.peek(), others.peek()) {
                (None, None) => return ties,
                (Some(&&(score, _)), None) | (None, Some(&&(score, _))) => score,
                (Some(&&(a, _)), Some(&&(b, _))) => a.min(b),
            };
            let this = own.next_if(|entry| entry.0 == score);
            let rest = others.next_if(|entry| entry.0 == score);
            ties.push(Tie {
                score,
                this: this.map_or(0, |entry| entry.1),
                rest: rest.map_or(0, |entry| entry.1),
            });
        }
    }
}

impl ScoreGrid {
    /// An empty grid.
    pub(crate) fn new(mode: Mode) -> Self {
        Self {
            cells: std::array::from_fn(|_| std::array::from_fn(|_| NumericProfile::new(mode))),
        }
    }

    pub(crate) fn push(&mut self, target: Side, prediction: Side, score: f64) {
        self.cells[target as usize][prediction as usize].push(score);
    }

    pub(crate) fn merge(&mut self, other: Self) -> Result<(), MergeError> {
        let others = other.cells.into_iter().flatten();
        for (own, other) in self.cells.iter_mut().flatten().zip(others) {
            own.merge(other)?;
        }
        Ok(())
    }

    pub(crate) fn seal(&mut self) {
        self.cells
            .iter_mut()
            .flatten()
            .for_each(NumericProfile::seal);
    }

    /// Scores of the rows with this target and prediction.
    pub fn cell(&self, target: Side, prediction: Side) -> &NumericProfile {
        &self.cells[target as usize][prediction as usize]
    }

    /// Scores of all rows with this target, whatever the prediction, with their weights.
    pub fn ranked(&self, target: Side) -> RankedScores {
        RankedScores::of(self.cells[target as usize].iter())
    }
}
