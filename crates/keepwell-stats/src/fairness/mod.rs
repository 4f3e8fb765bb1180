//! Fairness: whether the groups of a protected column are treated alike.
//!
//! Every measure compares one rate, or two, between groups: the share that is decided for the positive
//! class, of all rows or of those with a given target or decision. Rows of groups are independent.

mod demographic_parity_difference;
mod demographic_parity_ratio;
mod disparate_impact;
mod equal_opportunity_difference;
mod equalized_odds_difference;
mod equalized_odds_ratio;
mod extremes;
mod predictive_parity_difference;
mod rate;
#[cfg(test)]
mod testing;

use keepwell_core::catalog::{Entry, Standing};
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::{Domain, Parameter, Params};

use crate::profile::ClassOutcomes;

/// The rows of one group.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    /// The value of the protected column.
    pub name: &'a str,
    /// What was decided for them.
    pub outcomes: &'a ClassOutcomes,
}

/// How far the treatment of groups is apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Disparity {
    /// The value; its p-value is that of "the rate is the same in all groups".
    pub measure: Measure,
    /// The group with the lowest rate.
    pub least: String,
    /// The group with the highest rate, or the one that the others are compared with.
    pub greatest: String,
    /// Groups with so few rows that they were left out.
    pub n_left_out: usize,
}

/// A measure of how far the treatment of groups is apart.
pub trait FairnessMetric: Entry {
    /// The value where all groups are treated alike: 0 for a difference, 1 for a ratio.
    fn parity(&self) -> f64;

    /// How a check treats it where the specification says nothing.
    fn standing(&self) -> Standing {
        Standing::Shown
    }

    /// Compares groups of one binary model, each named once, in any order.
    fn evaluate(&self, groups: &[Group<'_>], params: &Params) -> Outcome<Disparity>;
}

/// Every measure of fairness, in alphabetical order.
pub static ALL: &[&dyn FairnessMetric] = &[
    &demographic_parity_difference::DemographicParityDifference,
    &demographic_parity_ratio::DemographicParityRatio,
    &disparate_impact::DisparateImpact,
    &equal_opportunity_difference::EqualOpportunityDifference,
    &equalized_odds_difference::EqualizedOddsDifference,
    &equalized_odds_ratio::EqualizedOddsRatio,
    &predictive_parity_difference::PredictiveParityDifference,
];

/// The parameter of every measure of fairness that keeps small groups from deciding it.
const ROWS_MIN: Parameter = Parameter {
    name: "rows_min",
    doc: "Least number of rows that the rate of a group rests on; groups with fewer are left out.",
    domain: Domain::Integer {
        default: 30,
        min: 1,
        max: 1_000_000_000,
    },
};
