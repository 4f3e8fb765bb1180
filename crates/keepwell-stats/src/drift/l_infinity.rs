//! The largest change of a share.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::DriftTest;
use crate::comparison;
use crate::profile::{ColumnProfile, TwoSample};
use crate::special::TableLaw;

entry! {
    /// Largest difference between the shares of a category on both sides.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, categorical or boolean columns. Nulls are left out. The
    /// categories are those of both sides together.
    ///
    /// # Result
    /// `value` in `[0, 1]`, no unit: 0.2 means that some category has 20 percent of the rows more, or
    /// less, than before. `p_value` of "both sides come from one distribution": that of the chi-squared
    /// statistic by its law for sparse tables (see `chi_squared`).
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: neither categorical nor boolean. `all_null`: a side without values.
    /// `too_many_categories`: an identifier or free text, of which a profile keeps a sample only.
    ///
    /// # Cost
    /// `O(k)` for `k` categories.
    ///
    /// # When to use, and when not
    /// Where one category that takes over, or goes away, is what matters. Many categories that change a
    /// little each leave it small; `total_variation` adds them up.
    ///
    /// # Reference
    /// The Chebyshev distance, as used for categories by NannyML and by TensorFlow Data Validation.
    /// ```python oracle
    /// r, c = tables(reference, current)
    /// dict(value=scipy.spatial.distance.chebyshev(r / r.sum(), c / c.sum()))
    /// ```
    pub struct LInfinity = "l_infinity" since "0.1";
}

impl DriftTest for LInfinity {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Categorical, Kind::Boolean]
    }

    fn is_symmetric(&self) -> bool {
        true
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn test(&self, sample: TwoSample<'_, ColumnProfile>, _params: &Params) -> Outcome<Measure> {
        let measure = comparison::categories(sample).map(|table| {
            let [n, m] = table.rows().map(|rows| rows as f64);
            let largest = table
                .columns()
                .iter()
                .map(|&[reference, current]| (reference as f64 / n - current as f64 / m).abs())
                .fold(0.0, f64::max);
            Measure::new(largest).with_p_value(table.p_value(table.statistic(), TableLaw::Auto))
        });
        measure.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::tests::names;

    #[test]
    fn the_category_that_changed_most_decides() {
        let reference = names(&[("a", 50), ("b", 30), ("c", 20)]);
        let current = names(&[("a", 45), ("b", 25), ("d", 30)]);
        let sample = TwoSample {
            reference: &reference,
            current: &current,
        };
        let outcome = LInfinity.test(sample, &Params::default());
        let found = outcome.defined().expect("values on both sides");
        assert!((found.value - 0.3).abs() < 1e-15);
        assert!(found.p_value.expect("a law") < 1e-6);
    }
}
