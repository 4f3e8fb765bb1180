//! Rows that occur more than once.

use keepwell_core::entry;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;

use super::{TableCheck, TableReading, repetition, require_rows};
use crate::profile::{TableProfile, TwoSample};

entry! {
    /// Share of rows that repeat another row of the table in every column.
    ///
    /// # Inputs
    /// `reference`, `current`: tables with the number of their rows and of their distinct rows, over all columns that are
    /// not excluded. Above 65,536 distinct rows the numbers are those of a fair sample of distinct rows.
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
    /// `no_reference`, `no_rows`: a table without rows. `not_applicable`: rows were not compared.
    ///
    /// # Cost
    /// `O(1)`.
    ///
    /// # When to use, and when not
    /// For batches that were loaded twice, and for joins that multiply rows. Tables of a few categories
    /// repeat themselves without fault, the more the longer they are, which the p-value allows for.
    ///
    /// # Reference
    /// The conditional test of two Poisson means: Przyborowski and Wilenski (1940), Biometrika 31, 313–323.
    /// ```python oracle
    /// assert reference.rows and current.rows
    /// def copies(side):
    ///     keys = [tuple(column[i] for column in side.columns.values()) for i in range(side.rows)]
    ///     return len(keys), len(keys) - len(set(keys))
    /// (n, a), (m, b) = copies(reference), copies(current)
    /// weight = m / n * max(m / n, 1)
    /// p_value = scipy.stats.binom.sf(b - 1, a + b, weight / (1 + weight)) if b else 1.0
    /// {"": dict(value=b / m, p_value=p_value)}
    /// ```
    pub struct DuplicateRows = "duplicate_rows" since "0.1";
}

impl TableCheck for DuplicateRows {
    fn check(&self, sample: TwoSample<'_, TableProfile>, _params: &Params) -> Vec<TableReading> {
        let outcome = require_rows(sample).and_then(|()| {
            let (Some(reference), Some(current)) =
                (sample.reference.row_copies, sample.current.row_copies)
            else {
                return Err(Reason::NotApplicable);
            };
            repetition::measure(reference, current)
        });
        vec![TableReading::whole(Outcome::from(outcome))]
    }
}
