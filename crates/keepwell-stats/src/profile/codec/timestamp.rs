//! Binary form of timestamp profiles.

use keepwell_core::time::Timestamp;

use super::super::TimestampProfile;
use super::super::timestamp::Calendar;
use super::wire::{DecodeError, Reader, Writer, ensure};

/// Counts, and if there is an instant, the first and the last; then the calendar, if the profile has one:
/// instants at whole hours, and the number of years with their instants.
pub(super) fn write(writer: &mut Writer, profile: &TimestampProfile) {
    writer.counts(&profile.counts);
    if let Some((first, last)) = profile.range {
        writer.instant(first);
        writer.instant(last);
    }
    if let Some(calendar) = &profile.calendar {
        writer.number(calendar.whole_hours);
        writer.length(calendar.years.len());
        for &count in &calendar.years {
            writer.number(count);
        }
    }
}

/// A profile as it is written now.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<TimestampProfile, DecodeError> {
    let mut profile = read_first(reader)?;
    let whole_hours = reader.rows()?;
    let n = reader.length(1)?;
    ensure(
        n <= Calendar::PLACES_MAX,
        "not more years than are kept",
        &n,
    )?;
    let mut years = Vec::with_capacity(n);
    for _ in 0..n {
        years.push(reader.rows()?);
    }
    let present = profile.counts.present();
    // At most 232 counts of at most 2^48: no overflow.
    ensure(
        years.iter().sum::<u64>() == present && whole_hours <= present,
        "a calendar that agrees with the number of instants",
        &"another one",
    )?;
    ensure(
        years.last() != Some(&0),
        "no years after the last instant",
        &"an empty one",
    )?;
    profile.calendar = Some(Calendar { years, whole_hours });
    Ok(profile)
}

/// A profile as it was written before there were calendars.
pub(super) fn read_first(reader: &mut Reader<'_>) -> Result<TimestampProfile, DecodeError> {
    let counts = reader.counts()?;
    ensure(
        counts.present() + counts.null == counts.rows
            && counts.infinite() + counts.zero + counts.negative + counts.empty == 0,
        "instants",
        &"counts of other kinds",
    )?;
    let range: Option<(Timestamp, Timestamp)> = if counts.present() > 0 {
        Some((reader.instant()?, reader.instant()?))
    } else {
        None
    };
    ensure(
        range.is_none_or(|(first, last)| first <= last),
        "a first instant not after the last",
        &"the other way round",
    )?;
    Ok(TimestampProfile {
        counts,
        range,
        calendar: None,
    })
}
