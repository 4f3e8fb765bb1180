//! Rows without a value.

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
    /// Share of rows without a value: null or NaN.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, columns of any kind. Infinities and empty strings are values.
    ///
    /// # Result
    /// `value` in `[0, 1]`: missing rows of the current window over all its rows, with the interval of
    /// Wilson. `p_value` of "the share is that of the reference", two-sided, by Fisher's exact test:
    /// a share that fell is a change of the source as much as one that rose.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows.
    ///
    /// # Cost
    /// `O(sqrt(n + m))`.
    ///
    /// # When to use, and when not
    /// On every column. A share that is high but always was is not a fault: look at the p-value.
    ///
    /// # Reference
    /// Fisher (1922), Journal of the Royal Statistical Society 85(1), 87–94; Wilson (1927), Journal of the
    /// American Statistical Association 22, 209–212.
    /// ```python oracle
    /// n, m = len(reference), len(current)
    /// a, b = n - len(present(reference)), m - len(present(current))
    /// p_value = scipy.stats.fisher_exact([[a, n - a], [b, m - b]])[1] if n and m else None
    /// dict(value=b / m if n and m else None, p_value=p_value)
    /// ```
    pub struct Missing = "missing" since "0.1";
}

impl QualityCheck for Missing {
    fn kinds(&self) -> &'static [Kind] {
        &[
            Kind::Numeric,
            Kind::Categorical,
            Kind::Boolean,
            Kind::Timestamp,
            Kind::Text,
            Kind::Embedding,
            Kind::Unsupported,
        ]
    }

    fn check(&self, sample: TwoSample<'_, ColumnProfile>, _params: &Params) -> Outcome<Measure> {
        let (reference, current) = (sample.reference.counts(), sample.current.counts());
        if reference.rows == 0 {
            return Outcome::Undefined(Reason::NoReference);
        }
        let Some(share) = proportion(current.missing(), current.rows) else {
            return Outcome::Undefined(Reason::NoRows);
        };
        let table = [reference, current].map(|counts| [counts.missing(), counts.present()]);
        Outcome::Defined(share.with_p_value(fisher_exact(table)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Mode, NumericProfile};

    fn column(n_present: u64, n_null: u64, n_nan: u64) -> ColumnProfile {
        let mut profile = NumericProfile::new(Mode::Exact);
        for _ in 0..n_present {
            profile.push(1.0);
        }
        for _ in 0..n_nan {
            profile.push(f64::NAN);
        }
        profile.push_nulls(n_null);
        ColumnProfile::Numeric(profile)
    }

    fn check(reference: &ColumnProfile, current: &ColumnProfile) -> Outcome<Measure> {
        Missing.check(TwoSample { reference, current }, &Params::default())
    }

    #[test]
    fn null_and_nan_are_missing() {
        let outcome = check(&column(100, 0, 0), &column(60, 30, 10));
        let found = outcome.defined().expect("rows on both sides");
        assert_eq!(found.value, 0.4);
        assert!(found.p_value.expect("exact") < 1e-10);
        let interval = found.interval.expect("Wilson");
        assert!(0.3 < interval.lower && interval.upper < 0.5);
    }

    #[test]
    fn high_share_that_always_was_is_no_news() {
        let outcome = check(&column(100, 900, 0), &column(10, 90, 0));
        let found = outcome.defined().expect("rows on both sides");
        assert_eq!((found.value, found.p_value), (0.9, Some(1.0)));
    }

    #[test]
    fn column_without_any_value_is_all_missing() {
        let outcome = check(&column(50, 0, 0), &column(0, 50, 0));
        assert_eq!(outcome.defined().expect("rows on both sides").value, 1.0);
        assert_eq!(
            check(&column(0, 0, 0), &column(5, 0, 0)).reason(),
            Some(&Reason::NoReference)
        );
        assert_eq!(
            check(&column(5, 0, 0), &column(0, 0, 0)).reason(),
            Some(&Reason::NoRows)
        );
    }
}
