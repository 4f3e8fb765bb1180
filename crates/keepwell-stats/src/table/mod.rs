//! Checks of whole tables: what no column shows by itself.

mod correlation_break;
mod duplicate_ids;
mod duplicate_rows;
mod fit;
mod ranks;
mod repetition;
mod schema_change;
mod serving_skew;
mod swapped_columns;
mod target_leakage;

use keepwell_core::catalog::{Entry, Standing};
use keepwell_core::decide::Limits;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;

use crate::profile::{TableProfile, TwoSample};

pub use correlation_break::RankCorrelation;

/// What a check says about a table, or about some columns of it.
#[derive(Debug, Clone, PartialEq)]
pub struct TableReading {
    /// Columns that it is about, in ascending order unless the entry says otherwise; empty for the table as a
    /// whole.
    pub columns: Vec<String>,
    /// What was found, in snake case, where a check can find several things.
    pub finding: Option<&'static str>,
    /// How bad it is, in `[0, 1]`, or why that is not known. `p_value` is that of "both tables come from
    /// one source"; `None` where the fact is certain.
    pub outcome: Outcome<Measure>,
}

impl TableReading {
    /// About the table as a whole.
    fn whole(outcome: Outcome<Measure>) -> Self {
        Self {
            columns: Vec::new(),
            finding: None,
            outcome,
        }
    }

    /// About these columns.
    fn of<const N: usize>(columns: [&str; N], measure: Measure) -> Self {
        Self {
            columns: columns.map(str::to_owned).to_vec(),
            finding: None,
            outcome: Outcome::Defined(measure),
        }
    }
}

/// Looks for one fault in a table, against the reference.
pub trait TableCheck: Entry {
    /// The first reading is about the table as a whole and is what is decided on; those after it name the
    /// columns that it rests on, worst first.
    fn check(&self, sample: TwoSample<'_, TableProfile>, params: &Params) -> Vec<TableReading>;

    /// How a run treats it where the specification says nothing.
    fn standing(&self) -> Standing {
        Standing::Decided
    }

    /// Whether it takes rows as they follow one another, so that by default it is for samples that hold all of them:
    /// rows of a stream depend on their neighbours, which a sample of one side alone leaves out.
    fn needs_every_row(&self) -> bool {
        false
    }

    /// From which value on the fault matters, where a specification sets nothing else.
    fn limits(&self) -> Limits {
        Limits {
            warning: 0.01,
            alert: 0.05,
        }
    }
}

/// Checks that both tables have rows.
fn require_rows(sample: TwoSample<'_, TableProfile>) -> Result<(), Reason> {
    if sample.reference.rows == 0 {
        Err(Reason::NoReference)
    } else if sample.current.rows == 0 {
        Err(Reason::NoRows)
    } else {
        Ok(())
    }
}

/// The readings, or one that is undefined.
fn readings(found: Result<Vec<TableReading>, Reason>) -> Vec<TableReading> {
    found.unwrap_or_else(|reason| vec![TableReading::whole(Outcome::Undefined(reason))])
}

/// Every check of tables, in alphabetical order.
pub static ALL: &[&dyn TableCheck] = &[
    &correlation_break::CorrelationBreak,
    &duplicate_ids::DuplicateIds,
    &duplicate_rows::DuplicateRows,
    &schema_change::SchemaChange,
    &serving_skew::ServingSkew,
    &swapped_columns::SwappedColumns,
    &target_leakage::TargetLeakage,
];
