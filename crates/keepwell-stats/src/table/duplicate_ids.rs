//! Identifiers that occur more than once.

use keepwell_core::entry;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;

use super::{TableCheck, TableReading, repetition, require_rows};
use crate::profile::{TableProfile, TwoSample};

entry! {
    /// Share of rows whose identifier another row of the table has, too.
    ///
    /// # Inputs
    /// `reference`, `current`: tables with the number of rows that have an identifier of the prediction, and of distinct
    /// identifiers. Above 65,536 distinct ones the numbers are those of a fair sample of them.
    ///
    /// # Result
    /// `value` in `[0, 1]`: rows less distinct rows, over rows, of the current table, with the interval of
    /// Wilson. `p_value` of "no more than in the reference", one-sided: given all copies of both tables,
    /// the probability by the binomial law that so many belong to the current one, whose share is
    /// expected to be its share of the rows; if it has `r > 1` times the rows of the reference, `r` times
    /// as many copies are allowed besides, since chance makes copies in proportion to the square of
    /// the rows.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a table without rows. `column_absent`: a table without a column of identifiers.
    ///
    /// # Cost
    /// `O(1)`.
    ///
    /// # When to use, and when not
    /// Deliveries that promise "at least once" repeat rows; targets are then joined to several predictions,
    /// and every count is too high. Silent where identifiers were made anew for each delivery.
    ///
    /// # Reference
    /// The conditional test of two Poisson means: Przyborowski and Wilenski (1940), Biometrika 31, 313–323.
    /// ```python oracle
    /// assert reference.rows and current.rows
    /// def copies(side):
    ///     keys = [v for v in side.ids if v is not None]
    ///     return len(keys), len(keys) - len(set(keys))
    /// (n, a), (m, b) = copies(reference), copies(current)
    /// weight = m / n * max(m / n, 1)
    /// p_value = scipy.stats.binom.sf(b - 1, a + b, weight / (1 + weight)) if b else 1.0
    /// {"": dict(value=b / m, p_value=p_value)}
    /// ```
    pub struct DuplicateIds = "duplicate_ids" since "0.1";
}

impl TableCheck for DuplicateIds {
    fn check(&self, sample: TwoSample<'_, TableProfile>, _params: &Params) -> Vec<TableReading> {
        let outcome = require_rows(sample).and_then(|()| {
            let (Some(reference), Some(current)) =
                (sample.reference.id_copies, sample.current.id_copies)
            else {
                return Err(Reason::ColumnAbsent);
            };
            repetition::measure(reference, current)
        });
        vec![TableReading::whole(Outcome::from(outcome))]
    }
}
