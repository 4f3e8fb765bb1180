//! Columns that came, went, or became something else.

use std::collections::BTreeMap;

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Role;

use super::{TableCheck, TableReading, readings, require_rows};
use crate::profile::{TableColumn, TableProfile, TwoSample};

entry! {
    /// Share of columns that were added, were removed, or hold another kind of values.
    ///
    /// # Inputs
    /// `reference`, `current`: tables with the kind of each column. Columns are matched by name; those that
    /// the specification excludes do not count.
    ///
    /// # Result
    /// `value` in `[0, 1]`: such columns over the columns of both tables together. Then one reading of 1 for
    /// each of them, in ascending order of the name, with the finding `added`, `removed` or `kind`. A column
    /// without values has no kind of its own and changes none. No p-value: it is a fact.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a table without rows.
    ///
    /// # Cost
    /// `O(k log k)` for `k` columns.
    ///
    /// # When to use, and when not
    /// First of all: a renamed column is one removed and one added, and every later check is silent about
    /// it. Two columns that only changed their order are no change.
    ///
    /// # Reference
    /// None: it compares names.
    /// ```python oracle
    /// def kind(name):
    ///     kinds = [side.kinds[name] for side in (reference, current) if present(side.columns[name])]
    ///     return len(set(kinds)) > 1
    /// assert reference.rows and current.rows
    /// a, b = set(reference.columns), set(current.columns)
    /// answer = {f"added:{name}": 1 for name in b - a} | {f"removed:{name}": 1 for name in a - b}
    /// answer |= {f"kind:{name}": 1 for name in a & b if kind(name)}
    /// answer | {"": len(answer) / len(a | b)}
    /// ```
    pub struct SchemaChange = "schema_change" since "0.1";
}

impl TableCheck for SchemaChange {
    fn check(&self, sample: TwoSample<'_, TableProfile>, _params: &Params) -> Vec<TableReading> {
        readings(changes(sample))
    }
}

fn changes(sample: TwoSample<'_, TableProfile>) -> Result<Vec<TableReading>, Reason> {
    require_rows(sample)?;
    let mut columns: BTreeMap<&str, [Option<&TableColumn>; 2]> = BTreeMap::new();
    for (side, table) in [sample.reference, sample.current].into_iter().enumerate() {
        for column in &table.columns {
            if column.role != Role::Excluded {
                columns.entry(&column.name).or_default()[side] = Some(column);
            }
        }
    }
    let found: Vec<TableReading> = columns
        .iter()
        .filter_map(|(name, sides)| {
            Some(TableReading {
                finding: Some(finding(sides)?),
                ..TableReading::of([name], Measure::new(1.0))
            })
        })
        .collect();
    let share = found.len() as f64 / columns.len().max(1) as f64;
    let mut readings = vec![TableReading::whole(Outcome::Defined(Measure::new(share)))];
    readings.extend(found);
    Ok(readings)
}

fn finding(sides: &[Option<&TableColumn>; 2]) -> Option<&'static str> {
    match sides {
        [Some(reference), Some(current)] => {
            let (reference, current) = (&reference.summary, &current.summary);
            let have_values = reference.counts.present() > 0 && current.counts.present() > 0;
            (have_values && reference.kind != current.kind).then_some("kind")
        }
        [Some(_), None] => Some("removed"),
        [None, _] => Some("added"),
    }
}
