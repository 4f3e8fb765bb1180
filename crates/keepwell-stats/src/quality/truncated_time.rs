//! Instants that lost their minutes.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::QualityCheck;
use super::implausible_time::calendars;
use crate::interval::proportion;
use crate::profile::{ColumnProfile, TwoSample};
use crate::special::fisher_exact;

entry! {
    /// Share of instants that lie at a whole hour, as after a cut to the hour or to the day.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, timestamp columns. Nulls are left out. Midnight of every
    /// time zone that is off by whole hours is a whole hour.
    ///
    /// # Result
    /// `value` in `[0, 1]`: such instants over all instants of the current window, with the interval of
    /// Wilson. `p_value` of "the share is that of the reference", two-sided, by Fisher's exact test:
    /// dates that gained a time are a change of the source, too.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: not a timestamp, or a profile written by a version that did not count whole hours.
    /// `all_null`: a side without values.
    ///
    /// # Cost
    /// `O(1)`.
    ///
    /// # When to use, and when not
    /// For exports that keep the date only, after which the hour of the day is the same for all rows.
    /// A column of dates is all whole hours on both sides: look at the p-value.
    ///
    /// # Reference
    /// Fisher (1922), Journal of the Royal Statistical Society 85(1), 87–94.
    /// ```python oracle
    /// x, y = present(reference), present(current)
    /// assert x
    /// n, m = len(x), len(y)
    /// a, b = (sum(v % 3_600_000_000 == 0 for v in side) for side in (x, y))
    /// dict(value=b / m, p_value=scipy.stats.fisher_exact([[a, n - a], [b, m - b]])[1])
    /// ```
    pub struct TruncatedTime = "truncated_time" since "0.1";
}

impl QualityCheck for TruncatedTime {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Timestamp]
    }

    fn check(&self, sample: TwoSample<'_, ColumnProfile>, _params: &Params) -> Outcome<Measure> {
        measure(sample).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>) -> Result<Measure, Reason> {
    let table = calendars(sample)?.map(|(profile, calendar)| {
        let present = profile.counts().present();
        let whole = calendar.whole_hours().min(present);
        [whole, present - whole]
    });
    let [whole, rest] = table[1];
    let share = proportion(whole, whole + rest).ok_or(Reason::AllNull)?;
    Ok(share.with_p_value(fisher_exact(table)))
}

#[cfg(test)]
mod tests {
    use super::super::implausible_time::tests::instants;
    use super::*;

    fn check(reference: &ColumnProfile, current: &ColumnProfile) -> Measure {
        let outcome = TruncatedTime.check(TwoSample { reference, current }, &Params::default());
        *outcome.defined().expect("instants on both sides")
    }

    #[test]
    fn a_lost_time_of_day_is_found_in_every_zone() {
        let reference = instants(["2025-03-01T10:17:03Z"; 40]);
        for midnight in ["2025-03-02", "2025-03-02T05:00Z", "2025-03-01T16:00Z"] {
            let found = check(&reference, &instants([midnight; 30]));
            assert_eq!(found.value, 1.0);
            assert!(found.p_value.expect("exact") < 1e-9);
        }
    }

    #[test]
    fn dates_always_were_dates() {
        let found = check(&instants(["2025-03-01"; 40]), &instants(["2025-04-01"; 30]));
        assert_eq!((found.value, found.p_value), (1.0, Some(1.0)));
    }
}
