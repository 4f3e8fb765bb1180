//! What was wrong with a file, counted and named.

/// What is wrong with a record, or with one value of it. Reading goes on behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DamageKind {
    /// The payload does not agree with its checksum.
    BadPayload,
    /// The payload is no event.
    NotAnEvent,
    /// The record is longer than [`LoadOptions::record_bytes_max`](super::LoadOptions::record_bytes_max).
    TooLong,
    /// The time of the event is not a finite number.
    BadWallTime,
    /// The value is of another kind than its tag, or no value of that kind.
    Misfit,
    /// The file has more tags than [`TAGS_MAX`](super::TAGS_MAX); values of further ones are left out.
    TooManyTags,
}

impl DamageKind {
    /// Stable identifier in snake case.
    pub fn id(self) -> &'static str {
        match self {
            Self::BadPayload => "bad_payload",
            Self::NotAnEvent => "not_an_event",
            Self::TooLong => "too_long",
            Self::BadWallTime => "bad_wall_time",
            Self::Misfit => "misfit",
            Self::TooManyTags => "too_many_tags",
        }
    }
}

/// Damage of one kind in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// What is wrong.
    pub kind: DamageKind,
    /// How often: in records, or for [`DamageKind::Misfit`] and [`DamageKind::TooManyTags`] in values.
    pub count: u64,
    /// Where the first such record begins, in bytes from the beginning of the file.
    pub first_offset: u64,
}

/// Damage of all kinds, one entry a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DamageCounts {
    found: Vec<Damage>,
}

impl DamageCounts {
    #[cold]
    pub(crate) fn add(&mut self, kind: DamageKind, offset: u64) {
        match self.found.iter_mut().find(|damage| damage.kind == kind) {
            Some(damage) => damage.count += 1,
            None => self.found.push(Damage {
                kind,
                count: 1,
                first_offset: offset,
            }),
        }
    }

    pub(crate) fn found(&self) -> &[Damage] {
        &self.found
    }
}
