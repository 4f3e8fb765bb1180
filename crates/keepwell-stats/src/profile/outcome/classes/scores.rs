//! Scores of one class against the rest.

use std::sync::OnceLock;

use super::super::super::{Distribution, MergeError, Mode, NumericProfile};

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
    ranks: Kept,
}

/// The ranks of a grid, once they were asked for. They are no part of its value, and a copy of the grid starts
/// without them: so whoever evaluates a copy bounds the time for which they are kept.
#[derive(Debug, Default)]
struct Kept(OnceLock<Box<Ranks>>);

impl Clone for Kept {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Kept {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// The scores of a class and of the rest in one order.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranks {
    /// Strictly ascending.
    pub ties: Vec<Tie>,
    /// Rows of the class.
    pub this: u64,
    /// Rows of other classes.
    pub rest: u64,
    /// Bound on the error of the difference of two ranks, one of each side, as shares of their rows; zero means
    /// exact.
    pub rank_error: f64,
}

impl Ranks {
    /// The scores of both sides.
    pub fn of(this: &RankedScores, rest: &RankedScores) -> Self {
        Self {
            ties: this.ties_with(rest),
            this: this.n,
            rest: rest.n,
            rank_error: this.rank_error + rest.rank_error,
        }
    }
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
        let mut scores: Vec<(f64, u64)> = Vec::new();
        let (mut n, mut errors) = (0, 0.0);
        for cell in cells {
            let distribution = cell.distribution();
            n += distribution.n();
            errors += distribution.rank_error() * distribution.n() as f64;
            let run = run(&distribution);
            if scores.is_empty() {
                scores = run;
            } else if !run.is_empty() {
                let mut both = Vec::with_capacity(scores.len() + run.len());
                each_score(&scores, &run, |score, own, other| {
                    both.push((score, own + other));
                });
                scores = both;
            }
        }
        Self {
            scores,
            n,
            rank_error: if n == 0 { 0.0 } else { errors / n as f64 },
        }
    }

    /// The scores of both sides together, strictly ascending.
    pub fn ties_with(&self, rest: &Self) -> Vec<Tie> {
        let mut ties = Vec::with_capacity(self.scores.len() + rest.scores.len());
        each_score(&self.scores, &rest.scores, |score, this, rest| {
            ties.push(Tie { score, this, rest });
        });
        ties
    }
}

/// The distinct values of a cell, ascending, with their rows.
fn run(distribution: &Distribution<'_>) -> Vec<(f64, u64)> {
    let mut run: Vec<(f64, u64)> = Vec::with_capacity(distribution.values().len());
    let mut before = 0;
    for (idx, &value) in distribution.values().iter().enumerate() {
        let upto = distribution.cumulative(idx);
        match run.last_mut() {
            Some(last) if last.0 == value => last.1 += upto - before,
            _ => run.push((value, upto - before)),
        }
        before = upto;
    }
    run
}

/// Calls `visit` with each score of either side, ascending, and its rows on both.
///
/// Which side comes next is as good as random, so the loop counts instead of branching.
fn each_score(own: &[(f64, u64)], other: &[(f64, u64)], mut visit: impl FnMut(f64, u64, u64)) {
    let (mut at_own, mut at_other) = (0, 0);
    while let (Some(&(a, n_own)), Some(&(b, n_other))) = (own.get(at_own), other.get(at_other)) {
        let (is_own, is_other) = (a <= b, b <= a);
        visit(
            a.min(b),
            n_own * u64::from(is_own),
            n_other * u64::from(is_other),
        );
        at_own += usize::from(is_own);
        at_other += usize::from(is_other);
    }
    for &(score, n) in &own[at_own..] {
        visit(score, n, 0);
    }
    for &(score, n) in &other[at_other..] {
        visit(score, 0, n);
    }
}

impl ScoreGrid {
    /// An empty grid.
    pub(crate) fn new(mode: Mode) -> Self {
        Self {
            cells: std::array::from_fn(|_| std::array::from_fn(|_| NumericProfile::new(mode))),
            ranks: Kept::default(),
        }
    }

    pub(crate) fn push(&mut self, target: Side, prediction: Side, score: f64) {
        if self.ranks.0.get().is_some() {
            self.ranks = Kept::default();
        }
        self.cells[target as usize][prediction as usize].push(score);
    }

    pub(crate) fn merge(&mut self, other: Self) -> Result<(), MergeError> {
        self.ranks = Kept::default();
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

    /// The scores of all rows with a target, whatever the prediction. Kept for the next time, until the grid
    /// changes.
    pub fn ranks(&self) -> &Ranks {
        self.ranks.0.get_or_init(|| {
            let ranks = Ranks::of(&self.ranked(Side::This), &self.ranked(Side::Rest));
            Box::new(ranks)
        })
    }

    /// Scores of all rows with this target, whatever the prediction, with their weights.
    pub fn ranked(&self, target: Side) -> RankedScores {
        RankedScores::of(self.cells[target as usize].iter())
    }
}
