//! Multivariate tests: how far apart whole rows of two windows are, also where no single column moved.

mod domain_classifier;
mod mmd_multivariate;
mod pca_reconstruction_error;
mod text_domain_classifier;

use keepwell_core::catalog::{Entry, Standing};
use keepwell_core::decide::Limits;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;

use crate::features::{Encoder, Rows};
use crate::profile::TwoSample;
use crate::profile::row_sample::RowSample;

/// What a multivariate test says.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The statistic, with the p-value of "rows of both windows come from one distribution".
    pub measure: Measure,
    /// The columns that tell the windows apart, the most important first; empty where the method does not
    /// name any. Only to be shown where the p-value is small: chance has its columns, too.
    pub columns: Vec<ColumnShare>,
}

/// The part of one column in a difference.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnShare {
    /// Name of the column.
    pub column: String,
    /// Part of the difference in `[0, 1]`; the parts of all columns sum to one.
    pub share: f64,
}

/// Compares whole rows of two windows.
pub trait MultivariateTest: Entry {
    /// Least and greatest possible value.
    fn range(&self) -> (f64, f64);

    /// How a run treats it where the specification says nothing.
    fn standing(&self) -> Standing {
        Standing::OnRequest
    }

    /// The value where windows do not differ; `None` if it is that of the reference beside itself.
    fn unchanged(&self) -> Option<f64>;

    /// How far a value lies beyond the usual ones, `low` to `high`, on the scale of the limits.
    fn size(&self, value: f64, (_low, high): (f64, f64)) -> f64 {
        (value - high).max(0.0)
    }

    /// From which size on a difference matters, where a specification sets nothing else.
    fn limits(&self) -> Limits {
        Limits {
            warning: 0.05,
            alert: 0.1,
        }
    }

    /// The statistic as `value`, and the columns it rests on.
    fn test(&self, sample: TwoSample<'_, RowSample>, params: &Params) -> Outcome<Comparison>;
}

/// Every multivariate test, in alphabetical order.
pub static ALL: &[&dyn MultivariateTest] = &[
    &domain_classifier::DomainClassifier,
    &mmd_multivariate::MaximumMeanDiscrepancy,
    &pca_reconstruction_error::PcaReconstructionError,
    &text_domain_classifier::TextDomainClassifier,
];

/// Checks that both sides hold enough rows and that they have columns in common.
fn require_rows(sample: TwoSample<'_, RowSample>, needed: usize) -> Result<(), Reason> {
    let (reference, current) = (sample.reference.n_kept(), sample.current.n_kept());
    if reference == 0 {
        return Err(Reason::NoReference);
    }
    if current == 0 {
        return Err(Reason::NoRows);
    }
    let found = reference.min(current);
    if found < needed {
        return Err(Reason::TooFewRows {
            needed: needed as u64,
            found: found as u64,
        });
    }
    let none = Rows {
        sample: sample.reference,
        positions: &[],
    };
    let other = Rows {
        sample: sample.current,
        positions: &[],
    };
    if Encoder::fit(&[none, other]).n_features() == 0 {
        return Err(Reason::ColumnAbsent);
    }
    Ok(())
}

/// Shares of columns from parts that are not negative, largest first; empty if all are zero.
fn shares<'a>(parts: impl Iterator<Item = (&'a str, f64)>) -> Vec<ColumnShare> {
    let mut shares: Vec<ColumnShare> = parts
        .map(|(column, part)| ColumnShare {
            column: column.to_owned(),
            share: part.max(0.0),
        })
        .collect();
    let total: f64 = shares.iter().map(|part| part.share).sum();
    if total <= 0.0 {
        return Vec::new();
    }
    shares.iter_mut().for_each(|part| part.share /= total);
    shares.sort_by(|a, b| b.share.total_cmp(&a.share));
    shares
}
