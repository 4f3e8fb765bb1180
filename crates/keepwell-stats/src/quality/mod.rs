//! Quality checks: faults of the data themselves, before any question of drift.

mod constant;
mod implausible_time;
mod infinite;
mod missing;
mod out_of_range;
mod scale_change;
mod truncated_time;
mod type_change;
mod type_violation;
mod unit;
mod unseen_category;

use keepwell_core::catalog::Entry;
use keepwell_core::decide::Limits;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use crate::profile::{ColumnProfile, TwoSample};

pub use scale_change::unit_change;
pub use unit::UnitChange;

/// Looks for one fault in a column, against the reference.
pub trait QualityCheck: Entry {
    /// Kinds of columns that it applies to.
    fn kinds(&self) -> &'static [Kind];

    /// How bad it is, in `[0, 1]`: a share of rows, or 0 and 1 for facts. `p_value` is that of "the
    /// current rows come from where the reference came from"; `None` where the fact is certain.
    fn check(&self, sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Outcome<Measure>;

    /// From which share of rows on the fault matters, where a specification sets nothing else.
    fn limits(&self) -> Limits {
        Limits {
            warning: 0.01,
            alert: 0.05,
        }
    }
}

/// Every quality check, in alphabetical order.
pub static ALL: &[&dyn QualityCheck] = &[
    &constant::Constant,
    &implausible_time::ImplausibleTime,
    &infinite::Infinite,
    &missing::Missing,
    &out_of_range::OutOfRange,
    &scale_change::ScaleChange,
    &truncated_time::TruncatedTime,
    &type_change::TypeChange,
    &type_violation::TypeViolation,
    &unseen_category::UnseenCategory,
];
