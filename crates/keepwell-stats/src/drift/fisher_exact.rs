//! Fisher's exact test of two categories.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::DriftTest;
use crate::comparison;
use crate::profile::{ColumnProfile, TwoSample};
use crate::special;

entry! {
    /// Fisher's exact test of whether one of two categories has the same share on both sides.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, boolean columns, or categorical ones with at most two
    /// categories on both sides together. Nulls are left out.
    ///
    /// # Result
    /// `value` in `[0, 1]`, no unit: the absolute difference between the shares of either category. The
    /// odds ratio, which SciPy gives, is infinite as soon as one count is zero and has no scale on which
    /// to set a limit. `p_value` of "both sides come from one distribution", two-sided and exact for
    /// any number of rows. One category on both sides gives 0 with a p-value of 1.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: neither categorical nor boolean, or more than two categories. `all_null`: a side
    /// without values. `too_many_categories`: an identifier or free text.
    ///
    /// # Cost
    /// `O(sqrt(n + m))`.
    ///
    /// # When to use, and when not
    /// For rates in small windows. It is conservative: with few rows it raises fewer false alarms than
    /// the level allows, and finds less. `chi_squared` takes it by itself where counts are small.
    ///
    /// # Reference
    /// Fisher (1922), Journal of the Royal Statistical Society 85(1), 87–94.
    /// ```python oracle
    /// r, c = tables(reference, current)
    /// assert len(r) <= 2
    /// p_value = scipy.stats.fisher_exact([r, c])[1] if len(r) == 2 else 1.0
    /// dict(value=abs(r[0] / r.sum() - c[0] / c.sum()), p_value=p_value)
    /// ```
    pub struct FisherExact = "fisher_exact" since "0.1";
}

impl DriftTest for FisherExact {
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
        measure(sample).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>) -> Result<Measure, Reason> {
    let table = comparison::categories(sample)?;
    let (first, second) = match *table.columns() {
        [first] => (first, [0, 0]),
        [first, second] => (first, second),
        _ => return Err(Reason::NotApplicable),
    };
    let [n, m] = table.rows().map(|rows| rows as f64);
    let difference = (first[0] as f64 / n - first[1] as f64 / m).abs();
    Ok(Measure::new(difference).with_p_value(special::fisher_exact([first, second])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::tests::{flags, names};

    fn test(reference: &ColumnProfile, current: &ColumnProfile) -> Outcome<Measure> {
        FisherExact.test(TwoSample { reference, current }, &Params::default())
    }

    #[test]
    fn lady_tasting_tea() {
        // Fisher (1935): 3 of 4 right in each row has p = 34/70 two-sided.
        let outcome = test(&flags(3, 1), &flags(1, 3));
        let found = outcome.defined().expect("two categories");
        assert_eq!(found.value, 0.5);
        assert!((found.p_value.expect("exact") - 34.0 / 70.0).abs() < 1e-12);
    }

    #[test]
    fn names_count_as_flags_while_there_are_two() {
        let two = test(
            &names(&[("no", 7), ("yes", 3)]),
            &names(&[("no", 2), ("yes", 9)]),
        );
        assert_eq!(two, test(&flags(3, 7), &flags(9, 2)));
        let one = test(&names(&[("no", 7)]), &names(&[("no", 2)]));
        let one = one.defined().expect("nothing differs");
        assert_eq!((one.value, one.p_value), (0.0, Some(1.0)));
        let three = test(&names(&[("no", 7), ("yes", 3)]), &names(&[("maybe", 1)]));
        assert_eq!(three.reason(), Some(&Reason::NotApplicable));
    }
}
