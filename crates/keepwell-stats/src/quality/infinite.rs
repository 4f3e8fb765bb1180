//! Rows with an infinite number.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::QualityCheck;
use crate::interval::proportion;
use crate::profile::{ColumnProfile, TwoSample};
use crate::special::fisher_exact;

entry! {
    /// Share of rows with positive or negative infinity.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, numeric columns. All rows count, those without a value too.
    ///
    /// # Result
    /// `value` in `[0, 1]`: infinite rows of the current window over all its rows, with the interval of
    /// Wilson. `p_value` of "the share is that of the reference", two-sided, by Fisher's exact test.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: not numeric.
    ///
    /// # Cost
    /// `O(sqrt(n + m))`.
    ///
    /// # When to use, and when not
    /// Infinities come from divisions by zero and from overflow. Every statistic on numbers leaves them
    /// out, so this is the only place where they are seen.
    ///
    /// # Reference
    /// Fisher (1922), Journal of the Royal Statistical Society 85(1), 87–94; Wilson (1927), Journal of the
    /// American Statistical Association 22, 209–212.
    /// ```python oracle
    /// assert all(v is None or isinstance(v, float) for v in current)
    /// n, m = len(reference), len(current)
    /// a, b = (sum(v is not None and math.isinf(v) for v in side) for side in (reference, current))
    /// assert n
    /// dict(value=b / m, p_value=scipy.stats.fisher_exact([[a, n - a], [b, m - b]])[1])
    /// ```
    pub struct Infinite = "infinite" since "0.1";
}

impl QualityCheck for Infinite {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Numeric]
    }

    fn check(&self, sample: TwoSample<'_, ColumnProfile>, _params: &Params) -> Outcome<Measure> {
        measure(sample).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>) -> Result<Measure, Reason> {
    let (reference, current) = (sample.reference.counts(), sample.current.counts());
    if reference.rows == 0 {
        return Err(Reason::NoReference);
    }
    let share = proportion(current.infinite(), current.rows).ok_or(Reason::NoRows)?;
    if sample.reference.kind() != sample.current.kind() {
        return Err(Reason::KindMismatch);
    }
    if sample.reference.kind() != Kind::Numeric {
        return Err(Reason::NotApplicable);
    }
    let table =
        [reference, current].map(|counts| [counts.infinite(), counts.rows - counts.infinite()]);
    Ok(share.with_p_value(fisher_exact(table)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::tests::{nulls, numbers};

    fn check(reference: &ColumnProfile, current: &ColumnProfile) -> Outcome<Measure> {
        Infinite.check(TwoSample { reference, current }, &Params::default())
    }

    #[test]
    fn both_infinities_count_and_nan_does_not() {
        let mut current = vec![1.0; 6];
        current.extend([f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::NAN]);
        let outcome = check(&numbers(&[1.0; 50]), &numbers(&current));
        let found = outcome.defined().expect("rows on both sides");
        assert_eq!(found.value, 0.3);
        assert!(found.p_value.expect("exact") < 0.01);
    }

    #[test]
    fn rows_without_a_value_are_rows() {
        let outcome = check(&numbers(&[f64::INFINITY]), &nulls(Kind::Numeric, 4));
        assert_eq!(outcome.defined().expect("rows on both sides").value, 0.0);
        let time = nulls(Kind::Timestamp, 4);
        assert_eq!(check(&time, &time).reason(), Some(&Reason::NotApplicable));
    }
}
