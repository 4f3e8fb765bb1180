//! Quality checks: faults of the data themselves, before any question of drift.

mod constant;
mod missing;
mod out_of_range;
mod type_change;
mod unseen_category;

use keepwell_core::catalog::Entry;
use keepwell_core::decide::Limits;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use crate::profile::{ColumnProfile, TwoSample};

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
    &missing::Missing,
    &out_of_range::OutOfRange,
    &type_change::TypeChange,
    &unseen_category::UnseenCategory,
];
