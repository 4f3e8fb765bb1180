//! A column that holds another kind of values than before.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::QualityCheck;
use crate::profile::{ColumnProfile, Counts, TwoSample};

entry! {
    /// Whether the kind of the column differs from that of the reference.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, columns of any kind.
    ///
    /// # Result
    /// `value`: 1 if the kinds differ (numbers that became text, say), else 0. No p-value: it is a fact.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `all_null`: a side without values, whose kind is
    /// no more than a guess.
    ///
    /// # Cost
    /// `O(1)`.
    ///
    /// # When to use, and when not
    /// On every column whose kind is inferred from the data; `type_violation` says for how many rows it
    /// matters. Where the kind is declared, reading the data fails before this check could see a change.
    ///
    /// # Reference
    /// None: it compares two names.
    /// ```python oracle
    /// def kind(values):
    ///     value = next((v for v in values if v is not None), None)
    ///     return "bool" if isinstance(value, bool) else "str" if isinstance(value, str) else "float"
    /// have_values = present(reference) and present(current)
    /// dict(value=float(kind(reference) != kind(current)) if have_values else None)
    /// ```
    pub struct TypeChange = "type_change" since "0.1";
}

impl QualityCheck for TypeChange {
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
            Outcome::Undefined(Reason::NoReference)
        } else if current.rows == 0 {
            Outcome::Undefined(Reason::NoRows)
        } else if [reference, current].map(Counts::present).contains(&0) {
            Outcome::Undefined(Reason::AllNull)
        } else {
            let is_changed = sample.reference.kind() != sample.current.kind();
            Outcome::Defined(Measure::new(f64::from(u8::from(is_changed))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::tests::{flags, names, nulls, numbers};

    #[test]
    fn each_pair_of_kinds_is_a_change() {
        let columns = [numbers(&[1.0]), names(&[("1", 1)]), flags(1, 0)];
        for (i, reference) in columns.iter().enumerate() {
            for (j, current) in columns.iter().enumerate() {
                let outcome =
                    TypeChange.check(TwoSample { reference, current }, &Params::default());
                let found = outcome.defined().expect("values on both sides");
                assert_eq!(found.value, f64::from(u8::from(i != j)));
                assert_eq!(found.p_value, None);
            }
        }
    }

    #[test]
    fn kind_of_nothing_is_a_guess() {
        let (reference, current) = (numbers(&[1.0]), nulls(Kind::Categorical, 5));
        let sample = TwoSample {
            reference: &reference,
            current: &current,
        };
        let outcome = TypeChange.check(sample, &Params::default());
        assert_eq!(outcome.reason(), Some(&Reason::AllNull));
    }
}
