//! Instants that cannot be meant.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};
use keepwell_core::schema::Kind;

use super::QualityCheck;
use crate::comparison;
use crate::interval::proportion;
use crate::profile::timestamp::{Calendar, TimestampProfile, year_of};
use crate::profile::{ColumnProfile, TwoSample};
use crate::special::fisher_exact;

entry! {
    /// Share of instants that lie before `year_min`, or more than `years_ahead` years after the last one of
    /// the reference.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, timestamp columns. Nulls are left out. Years are of equal
    /// length, 365.2425 days from 1970-01-01T00:00Z on, so that 1 January may count to the year
    /// before.
    ///
    /// # Result
    /// `value` in `[0, 1]`: such instants over all instants of the current window, with the interval of
    /// Wilson. `p_value` of "the share is that of the reference", two-sided, by Fisher's exact test.
    /// The reference has none after its last instant; where that itself is broken, so is this half.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: not a timestamp, or a profile written by a version that did not count years.
    /// `all_null`: a side without values.
    ///
    /// # Cost
    /// `O(1)`.
    ///
    /// # When to use, and when not
    /// For zeros that became 1970, seconds read as milliseconds (1970 again) and the reverse (beyond the
    /// year 50,000), and end dates such as 9999-12-31. Old instants that are meant, such as birthdays, are
    /// on both sides, so the p-value is silent.
    ///
    /// # Reference
    /// Fisher (1922), Journal of the Royal Statistical Society 85(1), 87–94.
    /// ```python oracle
    /// def year(micros):
    ///     return min(max(1970 + micros // 31_556_952_000_000, 1969), 2200)
    /// x, y = present(reference), present(current)
    /// first, last = params["year_min"], max(year(max(x)), 1970) + params["years_ahead"]
    /// n, m = len(x), len(y)
    /// a, b = (sum(year(v) < first or year(v) > last for v in side) for side in (x, y))
    /// dict(value=b / m, p_value=scipy.stats.fisher_exact([[a, n - a], [b, m - b]])[1])
    /// ```
    pub struct ImplausibleTime = "implausible_time" since "0.1" with [
        Parameter {
            name: "year_min",
            doc: "First year that is plausible. 1990 is after everything that an instant of zero, or a small \
                  number read in the wrong unit, can become.",
            domain: Domain::Integer {
                default: 1990,
                min: 1970,
                max: 2100,
            },
        },
        Parameter {
            name: "years_ahead",
            doc: "Years after the last year of the reference that are still plausible.",
            domain: Domain::Integer {
                default: 10,
                min: 0,
                max: 100,
            },
        },
    ];
}

impl QualityCheck for ImplausibleTime {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Timestamp]
    }

    fn check(&self, sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Outcome<Measure> {
        measure(sample, params).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Result<Measure, Reason> {
    let sides = calendars(sample)?;
    let (_, last) = sides[0].0.range().ok_or(Reason::AllNull)?;
    let year_after = year_of(last).min(Calendar::YEAR_MAX) + params.integer("years_ahead") + 1;
    let table = sides.map(|(profile, calendar)| {
        let before = calendar.before(params.integer("year_min"));
        let after = if year_after <= Calendar::YEAR_MAX {
            calendar.from(year_after)
        } else {
            0
        };
        let n_broken = (before + after).min(profile.counts().present());
        [n_broken, profile.counts().present() - n_broken]
    });
    let share = proportion(table[1][0], table[1][0] + table[1][1]).ok_or(Reason::AllNull)?;
    Ok(share.with_p_value(fisher_exact(table)))
}

/// Both timestamp profiles, each with instants and their calendar.
///
/// # Errors
/// The reason why they cannot be compared.
pub(super) fn calendars(
    sample: TwoSample<'_, ColumnProfile>,
) -> Result<[(&TimestampProfile, &Calendar); 2], Reason> {
    comparison::require_values(sample)?;
    match [sample.reference, sample.current].map(calendar) {
        [Some(reference), Some(current)] => Ok([reference, current]),
        _ => Err(Reason::NotApplicable),
    }
}

fn calendar(profile: &ColumnProfile) -> Option<(&TimestampProfile, &Calendar)> {
    match profile {
        ColumnProfile::Timestamp(profile) => Some((profile, profile.calendar()?)),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use keepwell_core::catalog::Entry;

    use super::*;

    /// A timestamp column.
    pub(in crate::quality) fn instants<'a>(
        texts: impl IntoIterator<Item = &'a str>,
    ) -> ColumnProfile {
        let mut profile = TimestampProfile::default();
        for text in texts {
            profile.push(text.parse().expect("an instant"));
        }
        ColumnProfile::Timestamp(profile)
    }

    fn check(reference: &ColumnProfile, current: &ColumnProfile) -> Measure {
        let params = Params::defaults(ImplausibleTime.parameters());
        let outcome = ImplausibleTime.check(TwoSample { reference, current }, &params);
        *outcome.defined().expect("instants on both sides")
    }

    #[test]
    fn zeros_and_wrong_units_are_found() {
        let reference = instants(["2025-03-01"; 60]);
        for broken in [
            "1970-01-01",
            "1970-01-21T03:00Z",
            "9999-12-30",
            "2041-01-01",
        ] {
            let current = instants(["2025-04-01"; 45].into_iter().chain([broken; 15]));
            let found = check(&reference, &current);
            assert_eq!(found.value, 0.25, "{broken}");
            assert!(found.p_value.expect("exact") < 1e-4, "{broken}");
        }
        let later = check(&reference, &instants(["2034-01-01"; 50]));
        assert_eq!((later.value, later.p_value), (0.0, Some(1.0)));
    }

    #[test]
    fn birthdays_are_meant() {
        let birthdays = instants(["1962-07-01", "1988-02-03", "1995-06-05"].repeat(20));
        let found = check(&birthdays, &birthdays);
        assert!((found.value - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(found.p_value, Some(1.0));
    }
}
