//! What methods on rows share: the threshold, and whether there are more anomalies than expected.

use keepwell_core::catalog::Entry;
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
    /// Learns from rows of the reference: rows by features, all finite. The parameters are those of the
    /// entry.
    ///
    /// # Errors
    /// The reason if nothing can be learned.
    fn fit(&self, reference: &Matrix, params: &Params) -> Result<Box<dyn RowModel>, Reason>;

    /// Scores the current rows and tells which are anomalous.
    ///
    /// One half of the reference, chosen at random, is fitted. The threshold is exceeded by the share
    /// `contamination` of the other half, rounded down to whole rows.
    fn detect(&self, sample: TwoSample<'_, RowSample>, params: &Params) -> Outcome<RowAnomalies> {
        let fit = |reference: &Matrix| self.fit(reference, params);
        detect(&fit, sample, params).into()
    }
}

/// What was learned of the reference.
pub trait RowModel {
    /// For each row how unlike the reference it is; larger is more so. All finite.
    fn scores(&self, rows: &Matrix) -> Vec<f64>;
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

type Fit<'a> = dyn Fn(&Matrix) -> Result<Box<dyn RowModel>, Reason> + 'a;

fn detect(
    fit: &Fit<'_>,
    sample: TwoSample<'_, RowSample>,
    params: &Params,
) -> Result<RowAnomalies, Reason> {
    let (n_reference, n_current) = (sample.reference.n_kept(), sample.current.n_kept());
    if n_reference == 0 {
        return Err(Reason::NoReference);
    }
    if n_current == 0 {
        return Err(Reason::NoRows);
    }
    let mut order: Vec<usize> = (0..n_reference).collect();
    Random::new(params.integer("seed")).shuffle(&mut order);
    let (fitted, left) = order.split_at(n_reference / 2);
    let contamination = params.float("contamination");
    // The rank of the threshold among the scores of the rows that are left.
    let rank = (contamination * left.len() as f64).floor() as usize;
    if rank == 0 {
        return Err(Reason::TooFewRows {
            needed: (2.0 / contamination).ceil() as u64,
            found: n_reference as u64,
        });
    }
    let positions: Vec<usize> = (0..n_current).collect();
    let none = Rows {
        sample: sample.current,
        positions: &[],
    };
    let of_reference = |positions| Rows {
        sample: sample.reference,
        positions,
    };
    // The current side decides which columns there are, not what is learned of them.
    let encoder = Encoder::fit(&[of_reference(fitted), none]);
    if encoder.n_features() == 0 {
        return Err(Reason::ColumnAbsent);
    }
    let model = fit(&encoder.dense(of_reference(fitted)))?;
    let mut expected = model.scores(&encoder.dense(of_reference(left)));
    let scores = model.scores(&encoder.dense(Rows {
        sample: sample.current,
        positions: &positions,
    }));
    expected.sort_unstable_by(|a, b| b.total_cmp(a));
    let threshold = expected[rank - 1];
    let n_found = scores.iter().filter(|&&score| score > threshold).count() as u64;
    let share = interval::proportion(n_found, n_current as u64).ok_or(Reason::NoRows)?;
    // Of the highest scores of both sides, ending with the last current one that was found, at most
    // `rank - 1` are of the reference.
    let p_value = at_least_marked(
        n_found,
        n_found + rank as u64 - 1,
        n_current as u64,
        (n_current + left.len()) as u64,
    );
    Ok(RowAnomalies {
        measure: share.with_p_value(p_value),
        expected_share: rank as f64 / (left.len() + 1) as f64,
        threshold,
        scores,
    })
}
