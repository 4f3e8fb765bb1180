//! Instants, windows and the grid that cuts event time into windows.
//!
//! Time is UTC throughout. Windows are half open, `[start, end)`, so that each event belongs to exactly
//! one of them.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::Offset;

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;
/// Microseconds in a day.
const DAY: i64 = 86_400 * SECOND;

/// An instant: microseconds since 1970-01-01T00:00:00Z, which reaches beyond the year 290,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

/// A stretch of event time, `[start, end)`; `start < end` always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Window {
    /// First instant inside.
    pub start: Timestamp,
    /// First instant after.
    pub end: Timestamp,
}

/// Width of the windows of a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Every {
    /// A fixed length in microseconds, at least one second. The grid is aligned to 1970-01-01, and
    /// whole weeks to Monday.
    Fixed(i64),
    /// Calendar months of UTC; the grid is aligned to January.
    Months(u32),
}

/// A text that is not an instant or a width.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}; found `{found}`")]
pub struct TimeError {
    expected: &'static str,
    found: String,
}

const INSTANT: &str = "an instant such as 2026-01-31T09:30:00Z, or a date such as 2026-01-31 (UTC)";
const WIDTH: &str = "a width such as 15m, 1h, 1d, 1w or 1mo";

impl Timestamp {
    /// From whole seconds since 1970.
    pub fn from_second(second: i64) -> Self {
        Self(second.saturating_mul(SECOND))
    }

    fn civil(self) -> Option<jiff::civil::DateTime> {
        let instant = jiff::Timestamp::from_microsecond(self.0).ok()?;
        Some(Offset::UTC.to_datetime(instant))
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    /// Reads RFC 3339 with any offset, and dates or date-times without one, which count as UTC.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Ok(Self(instant.as_microsecond()));
        }
        // jiff reads a bare date-time only as civil time; here it means UTC.
        text.parse::<jiff::civil::DateTime>()
            .ok()
            .and_then(|civil| Offset::UTC.to_timestamp(civil).ok())
            .map(|instant| Self(instant.as_microsecond()))
            .ok_or_else(|| TimeError {
                expected: INSTANT,
                found: text.to_owned(),
            })
    }
}

impl fmt::Display for Timestamp {
    /// Shortest of `2026-01-31`, `2026-01-31T09:30Z` and RFC 3339 that loses nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(civil) = self.civil() else {
            return write!(f, "{}µs", self.0);
        };
        if self.0.rem_euclid(DAY) == 0 {
            write!(f, "{}", civil.date())
        } else if self.0.rem_euclid(60 * SECOND) == 0 {
            let (date, hour, minute) = (civil.date(), civil.hour(), civil.minute());
            write!(f, "{date}T{hour:02}:{minute:02}Z")
        } else {
            write!(f, "{civil}Z")
        }
    }
}

impl Timestamp {
    /// RFC 3339 in UTC with seconds, as machines expect it.
    pub fn to_rfc3339(self) -> String {
        match self.civil() {
            Some(civil) => format!("{civil}Z"),
            None => format!("{}µs", self.0),
        }
    }
}

impl FromStr for Every {
    type Err = TimeError;

    /// Reads a whole number and a unit: `s`, `m`, `h`, `d`, `w`, `mo` or `y`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = || TimeError {
            expected: WIDTH,
            found: text.to_owned(),
        };
        let trimmed = text.trim();
        let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = trimmed.split_at(digits);
        let number: i64 = if number.is_empty() {
            1
        } else {
            number.parse().map_err(|_| fault())?
        };
        let fixed = |unit_micros: i64| {
            number
                .checked_mul(unit_micros)
                .filter(|&width| width > 0)
                .map(Self::Fixed)
        };
        let months = |factor: i64| {
            number
                .checked_mul(factor)
                .and_then(|months| u32::try_from(months).ok())
                .filter(|&months| 0 < months && months <= 12_000)
                .map(Self::Months)
        };
        match unit {
            "s" => fixed(SECOND),
            "m" | "min" => fixed(60 * SECOND),
            "h" => fixed(3_600 * SECOND),
            "d" => fixed(DAY),
            "w" => fixed(7 * DAY),
            "mo" => months(1),
            "y" => months(12),
            _ => None,
        }
        .ok_or_else(fault)
    }
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Months(months) if months % 12 == 0 => write!(f, "{}y", months / 12),
            Self::Months(months) => write!(f, "{months}mo"),
            Self::Fixed(width) => {
                let units = [
                    (7 * DAY, "w"),
                    (DAY, "d"),
                    (3_600 * SECOND, "h"),
                    (60 * SECOND, "m"),
                ];
                for (unit, name) in units {
                    if width % unit == 0 {
                        return write!(f, "{}{name}", width / unit);
                    }
                }
                write!(f, "{}s", width / SECOND)
            }
        }
    }
}

impl Every {
    /// The window of the grid that holds `at`.
    pub fn window(self, at: Timestamp) -> Window {
        match self {
            Self::Fixed(width) => {
                // 1970-01-01 was a Thursday: whole weeks start on the Monday before it.
                let origin = if width % (7 * DAY) == 0 { -3 * DAY } else { 0 };
                let start =
                    at.0.saturating_sub(origin)
                        .div_euclid(width)
                        .saturating_mul(width)
                        .saturating_add(origin);
                Window {
                    start: Timestamp(start),
                    end: Timestamp(start.saturating_add(width)),
                }
            }
            Self::Months(months) => {
                let index = month_index(at).div_euclid(i64::from(months));
                Window {
                    start: month_start(index * i64::from(months)),
                    end: month_start((index + 1) * i64::from(months)),
                }
            }
        }
    }

    /// Every window of the grid that meets `[from, to]`, in order, but not more than `limit`.
    ///
    /// # Errors
    /// The number of windows there would be, if it is above `limit`.
    pub fn windows(self, from: Timestamp, to: Timestamp, limit: usize) -> Result<Vec<Window>, u64> {
        let mut window = self.window(from);
        let typical = match self {
            Self::Fixed(width) => width,
            Self::Months(months) => i64::from(months) * 30 * DAY,
        };
        let expected = (to.0.saturating_sub(window.start.0) / typical)
            .max(0)
            .unsigned_abs()
            + 1;
        if expected > limit as u64 {
            return Err(expected);
        }
        let mut windows = Vec::new();
        while window.start <= to {
            windows.push(window);
            let next = self.window(window.end);
            // At the end of time the grid stops: its last window has no successor.
            if next.start <= window.start {
                break;
            }
            window = next;
        }
        Ok(windows)
    }
}

/// Months since January of year 0.
fn month_index(at: Timestamp) -> i64 {
    match at.civil() {
        Some(civil) => i64::from(civil.year()) * 12 + i64::from(civil.month()) - 1,
        // Outside jiff's years -9999..=9999 months are clamped to the nearest end.
        None if at.0 < 0 => -9_999 * 12,
        None => 9_999 * 12 + 11,
    }
}

fn month_start(index: i64) -> Timestamp {
    let year = index.div_euclid(12);
    let month = index.rem_euclid(12) + 1;
    let first = i16::try_from(year)
        .ok()
        .and_then(|year| Date::new(year, month as i8, 1).ok())
        .and_then(|date| Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok());
    match first {
        Some(instant) => Timestamp(instant.as_microsecond()),
        None if year < 0 => Timestamp(i64::MIN),
        None => Timestamp(i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Timestamp {
        text.parse().expect("a valid instant")
    }

    #[test]
    fn instants_are_read_in_three_spellings() {
        let expected = Timestamp(1_769_851_800 * SECOND);
        assert_eq!(instant("2026-01-31T09:30:00Z"), expected);
        assert_eq!(instant("2026-01-31T10:30:00+01:00"), expected);
        assert_eq!(instant("2026-01-31 09:30:00"), expected);
        assert_eq!(instant("2026-01-31").to_string(), "2026-01-31");
        assert_eq!(expected.to_string(), "2026-01-31T09:30Z");
        assert!("31/01/2026".parse::<Timestamp>().is_err());
    }

    #[test]
    fn printed_instants_are_read_back() {
        for text in [
            "-007702-09-26T10:00Z",
            "-000001-01-01",
            "0000-12-31T23:59:59.000001Z",
        ] {
            assert_eq!(instant(text).to_string(), text);
        }
    }

    #[test]
    fn widths_round_trip() {
        for width in ["15m", "1h", "1d", "2w", "1mo", "1y", "90s"] {
            let every: Every = width.parse().expect("a valid width");
            assert_eq!(every.to_string(), width);
        }
        for wrong in ["", "0h", "1x", "-1d", "99999999999999999999d", "d1"] {
            assert!(wrong.parse::<Every>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn windows_tile_time() {
        for width in ["1h", "1d", "1w", "1mo", "3mo", "1y"] {
            let every: Every = width.parse().expect("a valid width");
            let windows = every
                .windows(instant("1969-11-03"), instant("1971-02-28"), 100_000)
                .expect("within the limit");
            assert!(windows[0].start <= instant("1969-11-03"));
            for pair in windows.windows(2) {
                assert_eq!(pair[0].end, pair[1].start, "{width}");
            }
            let last = windows.last().expect("not empty");
            assert!(last.start <= instant("1971-02-28") && instant("1971-02-28") < last.end);
        }
    }

    #[test]
    fn weeks_start_on_monday_and_months_on_the_first() {
        let at = instant("2026-11-25T12:00:00Z");
        assert_eq!(
            "1w".parse::<Every>().expect("valid").window(at).start,
            instant("2026-11-23")
        );
        assert_eq!(
            "1mo".parse::<Every>().expect("valid").window(at).start,
            instant("2026-11-01")
        );
    }

    #[test]
    fn far_away_instants_do_not_panic() {
        for at in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX] {
            for width in ["1s", "1w", "1mo", "7y"] {
                let every: Every = width.parse().expect("a valid width");
                let _ = every.window(Timestamp(at));
                let _ = Timestamp(at).to_string();
            }
        }
        for (every, at) in [
            (Every::Fixed(DAY), i64::MAX),
            (Every::Months(71 * 12), i64::MAX / 10),
        ] {
            let windows = every.windows(Timestamp(at), Timestamp(at), 1000);
            assert_eq!(windows.map(|windows| windows.len()), Ok(1), "{every}");
        }
        assert!(
            Every::Fixed(SECOND)
                .windows(Timestamp(0), Timestamp(i64::MAX), 1000)
                .is_err()
        );
    }
}
