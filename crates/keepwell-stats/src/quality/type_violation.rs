//! Values that are not what the reference holds.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;
use keepwell_core::time::Timestamp;

use super::QualityCheck;
use crate::comparison;
use crate::profile::{ColumnProfile, NumericProfile, TwoSample};

entry! {
    /// Share of values that cannot be read as the kind of the reference.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, columns of any kind. Null and NaN are left out. Where the
    /// kinds are equal every value can be read. Else a text is read as a number (decimal, with or
    /// without exponent, spaces around it allowed), as `true` or `false` in any case, or as an instant (RFC
    /// 3339, or a date); a number as true or false if it is 1 or 0; everything as a text; true and false as 1
    /// and 0.
    ///
    /// # Result
    /// `value` in `[0, 1]`: such values over all values of the current window. No p-value: it is a fact.
    /// `error_bound` on a sketched profile of numbers that should be true or false.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `all_null`: a side without values.
    /// `not_applicable`: two kinds of which neither can be read as the other. `too_many_categories`: a
    /// text column with so many different values that a profile keeps a sample only.
    ///
    /// # Cost
    /// `O(k)` for `k` categories.
    ///
    /// # When to use, and when not
    /// Where kinds are inferred from the data, one word such as `n/a` turns a column of numbers into text:
    /// `type_change` says that it happened, this says for how many rows. A share of 0 next to a change
    /// of kind means numbers in quotes. Where kinds are declared, such values are refused when the data
    /// are read.
    ///
    /// # Reference
    /// None: it counts.
    /// ```python oracle
    /// def is_number(text):
    ///     try:
    ///         return math.isfinite(float(text))
    ///     except ValueError:
    ///         return False
    /// readers = {
    ///     (float, str): is_number,
    ///     (bool, str): lambda text: text.strip().lower() in ("true", "false"),
    ///     (bool, float): lambda value: value in (0.0, 1.0),
    /// }
    /// x, y = present(reference), present(current)
    /// kinds = type(x[0]), type(y[0])
    /// reader = readers.get(kinds, lambda value: True)
    /// dict(value=np.mean([not reader(value) for value in y]))
    /// ```
    pub struct TypeViolation = "type_violation" since "0.1";
}

impl QualityCheck for TypeViolation {
    fn kinds(&self) -> &'static [Kind] {
        &[
            Kind::Numeric,
            Kind::Categorical,
            Kind::Boolean,
            Kind::Timestamp,
            Kind::Text,
        ]
    }

    fn check(&self, sample: TwoSample<'_, ColumnProfile>, _params: &Params) -> Outcome<Measure> {
        measure(sample).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>) -> Result<Measure, Reason> {
    match comparison::require_values(sample) {
        Ok(()) => return Ok(Measure::new(0.0)),
        Err(Reason::KindMismatch) => {}
        Err(reason) => return Err(reason),
    }
    let n_present = [sample.reference, sample.current].map(|side| side.counts().present());
    if n_present.contains(&0) {
        return Err(Reason::AllNull);
    }
    let mut error_bound = 0.0;
    let n_readable = match (sample.reference.kind(), sample.current) {
        (Kind::Numeric, ColumnProfile::Boolean(_)) => n_present[1],
        (Kind::Categorical | Kind::Text, current) if has_text_form(current.kind()) => n_present[1],
        (Kind::Boolean, ColumnProfile::Numeric(current)) => {
            // The ones lie between two ranks.
            error_bound = 2.0 * current.distribution().rank_error();
            n_flags(current)
        }
        (kind, ColumnProfile::Categorical(current)) => {
            comparison::require_complete(sample)?;
            let is_readable = reader(kind).ok_or(Reason::NotApplicable)?;
            current
                .categories()
                .into_iter()
                .filter(|(name, _)| is_readable(name.trim()))
                .map(|(_, count)| count)
                .sum()
        }
        _ => return Err(Reason::NotApplicable),
    };
    let n_broken = n_present[1] - n_readable.min(n_present[1]);
    let share = n_broken as f64 / n_present[1] as f64;
    Ok(Measure::new(share).with_error_bound(error_bound.min(1.0)))
}

fn has_text_form(kind: Kind) -> bool {
    !matches!(kind, Kind::Embedding | Kind::Unsupported)
}

/// Whether a text can be read as a value of this kind.
fn reader(kind: Kind) -> Option<fn(&str) -> bool> {
    match kind {
        Kind::Numeric => Some(|text| text.parse::<f64>().is_ok_and(f64::is_finite)),
        Kind::Boolean => Some(|text| {
            ["true", "false"]
                .iter()
                .any(|word| text.eq_ignore_ascii_case(word))
        }),
        Kind::Timestamp => Some(|text| text.parse::<Timestamp>().is_ok()),
        _ => None,
    }
}

/// Rows that are 0 or 1.
fn n_flags(profile: &NumericProfile) -> u64 {
    let values = profile.distribution();
    let n_ones = values.rank_le(1.0) - values.rank_lt(1.0);
    profile.counts().zero + n_ones
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::tests::{flags, names, nulls, numbers};

    fn check(reference: &ColumnProfile, current: &ColumnProfile) -> Outcome<Measure> {
        TypeViolation.check(TwoSample { reference, current }, &Params::default())
    }

    fn value(reference: &ColumnProfile, current: &ColumnProfile) -> f64 {
        check(reference, current).defined().expect("a share").value
    }

    #[test]
    fn words_among_numbers_are_counted() {
        let texts = names(&[("1.5", 60), (" -2e3 ", 20), ("n/a", 15), ("inf", 5)]);
        assert_eq!(value(&numbers(&[1.0, 2.0]), &texts), 0.2);
        assert_eq!(value(&numbers(&[1.0]), &names(&[("1", 3), ("2", 4)])), 0.0);
        assert_eq!(value(&texts, &numbers(&[1.0])), 0.0);
        let dates = ColumnProfile::Timestamp({
            let mut profile = crate::profile::TimestampProfile::default();
            profile.push(Timestamp(0));
            profile
        });
        let texts = names(&[("2025-01-31", 3), ("31/01/2025", 1)]);
        assert_eq!(value(&dates, &texts), 0.25);
        assert_eq!(
            check(&dates, &numbers(&[1.0])).reason(),
            Some(&Reason::NotApplicable)
        );
    }

    #[test]
    fn flags_are_zero_and_one() {
        assert_eq!(value(&flags(3, 4), &numbers(&[0.0, 1.0, 1.0, 2.0])), 0.25);
        assert_eq!(value(&flags(3, 4), &names(&[("True", 3), ("no", 1)])), 0.25);
        assert_eq!(value(&numbers(&[3.0]), &flags(3, 4)), 0.0);
    }

    #[test]
    fn kind_of_nothing_is_a_guess() {
        let outcome = check(&numbers(&[1.0]), &nulls(Kind::Categorical, 5));
        assert_eq!(outcome.reason(), Some(&Reason::AllNull));
    }
}
