//! What methods on rows share: the threshold, and whether there are more anomalies than expected.

use keepwell_core::catalog::{Entry, Standing};
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use crate::features::{Encoder, Rows};
use crate::interval;
use crate::matrix::Matrix;
use crate::profile::TwoSample;
use crate::profile::row_sample::RowSample;
use crate::random::Random;
use crate::special::at_least_marked;

/// Share of the reference that counts as anomalous.
pub(super) const CONTAMINATION: Parameter = Parameter {
    name: "contamination",
    doc: "Share of the reference's rows that the threshold marks as anomalous.",
    domain: Domain::Float {
        default: 0.01,
        min: 0.001,
        max: 0.5,
    },
};

/// The seed of what is random.
pub(super) const SEED: Parameter = Parameter {
    name: "seed",
    doc: "Chooses the half of the reference that is fitted, and whatever else is random.",
    domain: Domain::Integer {
        default: 0,
        min: 0,
        max: u64::MAX,
    },
};

/// Scores rows by how unlike those of the reference they are.
pub trait RowAnomaly: Entry {
    /// How a run treats it where the specification says nothing.
    fn standing(&self) -> Standing {
        Standing::OnRequest
    }

    /// Learns from rows of the reference: rows by features, all finite. The parameters are those of the
    /// entry.
    ///
    /// # Errors
    /// The reason if nothing can be learned.
    fn fit(&self, reference: &Matrix, params: &Params) -> Result<Box<dyn RowModel>, Reason>;

    /// Learns from a sample of the reference what to judge any windows by, of the columns that `like` has, too.
    ///
    /// One half of the reference, chosen at random, is fitted. The threshold is exceeded by the share
    /// `contamination` of the other half, rounded down to whole rows.
    ///
    /// # Errors
    /// The reason if nothing can be learned.
    fn learn(
        &self,
        reference: &RowSample,
        like: &RowSample,
        params: &Params,
    ) -> Result<RowJudge, Reason> {
        learn(&|rows| self.fit(rows, params), reference, like, params)
    }

    /// Scores the current rows and tells which are anomalous; see [`RowAnomaly::learn`].
    fn detect(&self, sample: TwoSample<'_, RowSample>, params: &Params) -> Outcome<RowAnomalies> {
        if sample.reference.n_kept() == 0 {
            return Outcome::Undefined(Reason::NoReference);
        }
        if sample.current.n_kept() == 0 {
            return Outcome::Undefined(Reason::NoRows);
        }
        let judge = self.learn(sample.reference, sample.current, params);
        judge.and_then(|judge| judge.judge(sample.current)).into()
    }
}

/// What was learned of the reference.
pub trait RowModel {
    /// For each row how unlike the reference it is; larger is more so. All finite.
    fn scores(&self, rows: &Matrix) -> Vec<f64>;

    /// What each feature adds to the score of a row; `None` where the score is no such sum.
    fn parts(&self, _row: &[f64]) -> Option<Vec<f64>> {
        None
    }
}

/// Anomalous rows of the current window.
#[derive(Debug, Clone, PartialEq)]
pub struct RowAnomalies {
    /// Share of the current rows that are anomalous, with the p-value of "both windows come from one
    /// distribution" against "the current rows are more often anomalous".
    pub measure: Measure,
    /// Share that is expected if nothing changed.
    pub expected_share: f64,
    /// Rows with a score above it are anomalous.
    pub threshold: f64,
    /// Score of each current row, in the order of the sample.
    pub scores: Vec<f64>,
    /// Columns by what they add to the scores of the anomalous rows beyond the usual, most first; empty where the
    /// method does not say so, or no row is anomalous.
    pub columns: Vec<String>,
}

impl RowAnomalies {
    /// Positions in the sample of the anomalous rows, the most anomalous first.
    pub fn positions(&self) -> Vec<usize> {
        let mut found: Vec<usize> = (0..self.scores.len())
            .filter(|&idx| self.scores[idx] > self.threshold)
            .collect();
        found.sort_by(|&a, &b| self.scores[b].total_cmp(&self.scores[a]));
        found
    }
}

/// A method with what it learned, and its threshold.
pub struct RowJudge {
    encoder: Encoder,
    model: Box<dyn RowModel>,
    threshold: f64,
    /// Rank of the threshold among the scores of the rows that were left.
    rank: usize,
    /// Whether each row of the reference that was left lies above the threshold, in the order of the sample.
    left: Vec<bool>,
    /// Mean of what each feature adds to the score of a row that was left; empty where the method cannot say.
    usual: Vec<f64>,
}

impl RowJudge {
    /// Share of anomalous rows that is expected if nothing changed.
    pub fn expected_share(&self) -> f64 {
        self.rank as f64 / (self.left.len() + 1) as f64
    }

    /// For each row of the reference that was not fitted whether it lies above the threshold, in the order of the
    /// sample.
    pub fn of_reference(&self) -> &[bool] {
        &self.left
    }

    /// Scores the rows of a window and tells which are anomalous.
    ///
    /// # Errors
    /// `no_rows`: there are none.
    ///
    /// # Panics
    /// If the sample has not the columns that were learned.
    pub fn judge(&self, current: &RowSample) -> Result<RowAnomalies, Reason> {
        let positions: Vec<usize> = (0..current.n_kept()).collect();
        let rows = self.encoder.dense(Rows {
            sample: current,
            positions: &positions,
        });
        let scores = self.model.scores(&rows);
        let is_found = |idx: &usize| scores[*idx] > self.threshold;
        let found: Vec<usize> = positions.into_iter().filter(is_found).collect();
        let (n, n_found) = (scores.len() as u64, found.len() as u64);
        let share = interval::proportion(n_found, n).ok_or(Reason::NoRows)?;
        // Of the highest scores of both sides, ending with the last current one that was found, at most
        // `rank - 1` are of the reference.
        let p_value = at_least_marked(
            n_found,
            n_found + self.rank as u64 - 1,
            n,
            n + self.left.len() as u64,
        );
        Ok(RowAnomalies {
            measure: share.with_p_value(p_value),
            expected_share: self.expected_share(),
            threshold: self.threshold,
            columns: self.columns(&rows, &found),
            scores,
        })
    }

    /// The columns that make these rows odd.
    fn columns(&self, rows: &Matrix, found: &[usize]) -> Vec<String> {
        let of_found = found.iter().map(|&idx| self.model.parts(rows.row(idx)));
        let Some(excess) = mean(of_found).filter(|mean| mean.len() == self.usual.len()) else {
            return Vec::new();
        };
        let excess: Vec<f64> = excess
            .iter()
            .zip(&self.usual)
            .map(|(own, usual)| own - usual)
            .collect();
        let by_column = self.encoder.by_column(&excess);
        let names = self.encoder.columns().iter().map(|column| &column.name);
        let mut columns: Vec<(&String, f64)> = names
            .zip(by_column)
            .filter(|(_, excess)| *excess > 0.0)
            .collect();
        columns.sort_by(|left, right| right.1.total_cmp(&left.1));
        columns.into_iter().map(|(name, _)| name.clone()).collect()
    }
}

/// Mean over rows of what each feature adds; `None` without rows, or where a method cannot say.
fn mean(parts: impl Iterator<Item = Option<Vec<f64>>>) -> Option<Vec<f64>> {
    let mut n = 0.0;
    let mut sums: Vec<f64> = Vec::new();
    for parts in parts {
        let parts = parts?;
        sums.resize(parts.len(), 0.0);
        sums.iter_mut()
            .zip(&parts)
            .for_each(|(sum, part)| *sum += part);
        n += 1.0;
    }
    (n > 0.0).then(|| sums.into_iter().map(|sum| sum / n).collect())
}

type Fit<'a> = dyn Fn(&Matrix) -> Result<Box<dyn RowModel>, Reason> + 'a;

fn learn(
    fit: &Fit<'_>,
    reference: &RowSample,
    like: &RowSample,
    params: &Params,
) -> Result<RowJudge, Reason> {
    let n_reference = reference.n_kept();
    if n_reference == 0 {
        return Err(Reason::NoReference);
    }
    let mut order: Vec<usize> = (0..n_reference).collect();
    Random::new(params.integer("seed")).shuffle(&mut order);
    let (fitted, left) = order.split_at(n_reference / 2);
    let mut left = left.to_vec();
    left.sort_unstable();
    let contamination = params.float("contamination");
    let rank = (contamination * left.len() as f64).floor() as usize;
    if rank == 0 {
        return Err(Reason::TooFewRows {
            needed: (2.0 / contamination).ceil() as u64,
            found: n_reference as u64,
        });
    }
    let none = Rows {
        sample: like,
        positions: &[],
    };
    let of_reference = |positions| Rows {
        sample: reference,
        positions,
    };
    // The current side decides which columns there are, not what is learned of them.
    let encoder = Encoder::fit(&[of_reference(fitted), none]);
    if encoder.n_features() == 0 {
        return Err(Reason::ColumnAbsent);
    }
    let model = fit(&encoder.dense(of_reference(fitted)))?;
    let rows = encoder.dense(of_reference(&left));
    let scores = model.scores(&rows);
    let mut descending = scores.clone();
    descending.sort_unstable_by(|a, b| b.total_cmp(a));
    let threshold = descending[rank - 1];
    Ok(RowJudge {
        left: scores.iter().map(|&score| score > threshold).collect(),
        usual: mean(rows.rows().map(|row| model.parts(row))).unwrap_or_default(),
        encoder,
        model,
        threshold,
        rank,
    })
}
