//! Profile of a timestamp column.

use keepwell_core::time::Timestamp;

use super::Counts;

/// Microseconds in a mean year of the Gregorian calendar (365.2425 days).
const YEAR: i64 = 31_556_952_000_000;

/// Microseconds in an hour.
const HOUR: i64 = 3_600_000_000;

/// Counts, range and calendar of instants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimestampProfile {
    pub(super) counts: Counts,
    pub(super) range: Option<(Timestamp, Timestamp)>,
    /// `None` where a part was written before there were calendars.
    pub(super) calendar: Option<Calendar>,
}

/// Instants by year, and by whether minutes and seconds are zero.
///
/// Years are of equal length, 365.2425 days from 1970-01-01T00:00Z on, so that the first instant of a
/// calendar year may count to the one before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    /// Instants before 1970, then in 1970, 1971 …; the last place is never zero, and that of
    /// [`Calendar::YEAR_MAX`] holds all later ones.
    pub(super) years: Vec<u64>,
    pub(super) whole_hours: u64,
}

impl Calendar {
    /// The year that stands for all later ones, too.
    pub const YEAR_MAX: u64 = 2200;

    /// Places of [`Calendar::years`], that of all before 1970 included.
    pub(super) const PLACES_MAX: usize = (Self::YEAR_MAX - 1970) as usize + 2;

    /// Instants before this year, from 1970 to [`Calendar::YEAR_MAX`].
    pub fn before(&self, year: u64) -> u64 {
        let n_places = self.place_of(year).min(self.years.len());
        self.years[..n_places].iter().sum()
    }

    /// Instants in this year or later, from 1970 to [`Calendar::YEAR_MAX`].
    pub fn from(&self, year: u64) -> u64 {
        let n_places = self.place_of(year).min(self.years.len());
        self.years[n_places..].iter().sum()
    }

    /// Instants at a whole hour of UTC.
    pub fn whole_hours(&self) -> u64 {
        self.whole_hours
    }

    fn place_of(&self, year: u64) -> usize {
        (year.clamp(1970, Self::YEAR_MAX) - 1970) as usize + 1
    }

    fn push(&mut self, at: Timestamp) {
        let place = usize::try_from(at.0.div_euclid(YEAR) + 1).unwrap_or(0);
        let place = place.min(Self::PLACES_MAX - 1);
        if place >= self.years.len() {
            self.years.resize(place + 1, 0);
        }
        self.years[place] += 1;
        self.whole_hours += u64::from(at.0 % HOUR == 0);
    }

    fn merge(&mut self, other: &Self) {
        if other.years.len() > self.years.len() {
            self.years.resize(other.years.len(), 0);
        }
        for (own, other) in self.years.iter_mut().zip(&other.years) {
            *own += other;
        }
        self.whole_hours += other.whole_hours;
    }
}

/// The year of an instant as a [`Calendar`] counts it; 1970 for all earlier ones.
pub fn year_of(at: Timestamp) -> u64 {
    1970 + u64::try_from(at.0.div_euclid(YEAR)).unwrap_or(0)
}

impl Default for TimestampProfile {
    fn default() -> Self {
        Self {
            counts: Counts::default(),
            range: None,
            calendar: Some(Calendar::default()),
        }
    }
}

impl TimestampProfile {
    /// Takes one instant.
    pub fn push(&mut self, at: Timestamp) {
        self.counts.rows += 1;
        self.widen(at, at);
        if let Some(calendar) = &mut self.calendar {
            calendar.push(at);
        }
    }

    /// Takes `n` rows that hold null.
    pub fn push_nulls(&mut self, n: u64) {
        self.counts.rows += n;
        self.counts.null += n;
    }

    /// Adds another part.
    pub fn merge(&mut self, other: &Self) {
        // A part without instants knows its calendar whatever version wrote it.
        if self.counts.present() == 0 {
            self.calendar.clone_from(&other.calendar);
        } else if other.counts.present() > 0 {
            self.calendar = match (self.calendar.take(), &other.calendar) {
                (Some(mut own), Some(other)) => {
                    own.merge(other);
                    Some(own)
                }
                _ => None,
            };
        }
        self.counts.merge(&other.counts);
        if let Some((first, last)) = other.range {
            self.widen(first, last);
        }
    }

    /// Counts of all rows.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// First and last instant; `None` where there is none.
    pub fn range(&self) -> Option<(Timestamp, Timestamp)> {
        self.range
    }

    /// Instants by year; `None` where a part was written before profiles had a calendar.
    pub fn calendar(&self) -> Option<&Calendar> {
        self.calendar.as_ref()
    }

    fn widen(&mut self, first: Timestamp, last: Timestamp) {
        self.range = Some(match self.range {
            Some((start, end)) => (start.min(first), end.max(last)),
            None => (first, last),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(instants: &[&str]) -> TimestampProfile {
        let mut profile = TimestampProfile::default();
        for text in instants {
            profile.push(text.parse().expect("an instant"));
        }
        profile
    }

    #[test]
    fn instants_are_counted_by_year() {
        let found = profile(&[
            "1969-12-31T23:59:59Z",
            "1970-01-01",
            "2025-06-01T10:00Z",
            "2025-06-01T10:00:01Z",
            "9999-12-30",
        ]);
        let calendar = found.calendar().expect("of this version");
        assert_eq!(calendar.before(1970), 1);
        assert_eq!(calendar.before(1990), 2);
        assert_eq!(calendar.from(2025), 3);
        assert_eq!(calendar.from(2026), 1);
        assert_eq!(calendar.from(Calendar::YEAR_MAX), 1);
        assert_eq!(calendar.whole_hours(), 3);
        assert_eq!(year_of(Timestamp(-1)), 1970);
        assert_eq!(year_of("2025-06-01".parse().expect("a date")), 2025);
    }

    #[test]
    fn parts_add_up_and_a_part_without_calendar_has_none() {
        let (left, right) = (profile(&["2024-05-01"]), profile(&["2031-05-01"]));
        let mut merged = left.clone();
        merged.merge(&right);
        assert_eq!(merged, profile(&["2031-05-01", "2024-05-01"]));
        let mut former = left.clone();
        former.calendar = None;
        merged.merge(&former);
        assert_eq!(merged.calendar(), None);
        let mut empty = TimestampProfile::default();
        empty.merge(&former);
        assert_eq!(empty, former);
        former.merge(&TimestampProfile::default());
        assert_eq!(former.calendar(), None);
    }
}
