//! Instants and windows for people: a month as a month, a day as a day. Always UTC.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use keepwell_core::time::{Timestamp, Window};

use super::Lang;

/// The largest unit of the calendar at whose borders a window begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grain {
    /// Seconds or less.
    Second,
    /// Minutes or hours.
    Minute,
    /// Days or weeks.
    Day,
    /// Months.
    Month,
    /// Years.
    Year,
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Grain {
    /// Grain of a window.
    pub fn of(window: Window) -> Self {
        Self::of_instant(window.start).min(Self::of_instant(window.end))
    }

    fn of_instant(at: Timestamp) -> Self {
        let Some(civil) = civil(at) else {
            return Self::Second;
        };
        if civil.second() != 0 || civil.subsec_nanosecond() != 0 {
            Self::Second
        } else if civil.hour() != 0 || civil.minute() != 0 {
            Self::Minute
        } else if civil.day() != 1 {
            Self::Day
        } else if civil.month() != 1 {
            Self::Month
        } else {
            Self::Year
        }
    }
}

/// An instant at this grain: `2013`, `Jul 2013`, `2013-07-03`, `2013-07-03 14:00`.
pub fn instant(at: Timestamp, grain: Grain, lang: Lang) -> String {
    let Some(civil) = civil(at) else {
        return at.to_string();
    };
    let (year, month) = (civil.year(), usize::from(civil.month().unsigned_abs()));
    match (grain, lang) {
        (Grain::Year, Lang::En) => format!("{year}"),
        (Grain::Year, Lang::ZhCn) => format!("{year}年"),
        (Grain::Month, Lang::En) => format!("{} {year}", MONTHS[(month + 11) % 12]),
        (Grain::Month, Lang::ZhCn) => format!("{year}年{month}月"),
        (Grain::Day, _) => civil.date().to_string(),
        (Grain::Minute, _) => civil.strftime("%Y-%m-%d %H:%M").to_string(),
        (Grain::Second, _) => civil.strftime("%Y-%m-%d %H:%M:%S").to_string(),
    }
}

/// A window by its first instant; several months or years as a span: `Jul–Sep 2013`, `2012–2013`.
pub fn window(window: Window, lang: Lang) -> String {
    let grain = Grain::of(window);
    let first = instant(window.start, grain, lang);
    if grain < Grain::Month {
        return first;
    }
    let last = instant(Timestamp(window.end.0.saturating_sub(1)), grain, lang);
    if first == last {
        return first;
    }
    match (first.split_once(' '), last.split_once(' ')) {
        (Some((month, year)), Some((_, last_year))) if year == last_year => {
            format!("{month}–{last}")
        }
        _ => format!("{first}–{last}"),
    }
}

/// First and last event: as days, or with the time if both fall on one day.
pub fn range(first: Timestamp, last: Timestamp, lang: Lang) -> (String, String) {
    let days = (
        instant(first, Grain::Day, lang),
        instant(last, Grain::Day, lang),
    );
    if days.0 != days.1 {
        return days;
    }
    (
        instant(first, Grain::Minute, lang),
        instant(last, Grain::Minute, lang),
    )
}

fn civil(at: Timestamp) -> Option<DateTime> {
    let instant = jiff::Timestamp::from_microsecond(at.0).ok()?;
    Some(Offset::UTC.to_datetime(instant))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(start: &str, end: &str) -> Window {
        Window {
            start: start.parse().expect("an instant"),
            end: end.parse().expect("an instant"),
        }
    }

    #[test]
    fn windows_are_named_by_their_width() {
        for (start, end, en, zh) in [
            ("2013-07-01", "2013-08-01", "Jul 2013", "2013年7月"),
            (
                "2013-07-01",
                "2013-10-01",
                "Jul–Sep 2013",
                "2013年7月–2013年9月",
            ),
            (
                "2013-11-01",
                "2014-02-01",
                "Nov 2013–Jan 2014",
                "2013年11月–2014年1月",
            ),
            ("2013-01-01", "2014-01-01", "2013", "2013年"),
            ("2013-01-01", "2013-02-01", "Jan 2013", "2013年1月"),
            ("2013-07-03", "2013-07-04", "2013-07-03", "2013-07-03"),
            (
                "2013-07-03T14:00:00Z",
                "2013-07-03T15:00:00Z",
                "2013-07-03 14:00",
                "2013-07-03 14:00",
            ),
            (
                "2013-07-03T14:00:15Z",
                "2013-07-03T14:00:30Z",
                "2013-07-03 14:00:15",
                "2013-07-03 14:00:15",
            ),
        ] {
            assert_eq!(window(of(start, end), Lang::En), en);
            assert_eq!(window(of(start, end), Lang::ZhCn), zh);
        }
    }

    #[test]
    fn instants_beyond_the_calendar_do_not_panic() {
        let far = Window {
            start: Timestamp(i64::MIN),
            end: Timestamp(i64::MAX),
        };
        assert!(!window(far, Lang::En).is_empty());
    }
}
