//! Binary form of column profiles.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::super::categorical::{LEVEL_MAX, NAME_BYTES_MAX, categories_max, level};
use super::super::{BooleanProfile, CategoricalProfile, ColumnProfile};
use super::wire::{DecodeError, Reader, Writer, ensure};
use super::{embedding, numeric, tag, text, timestamp};

impl ColumnProfile {
    /// The profile as bytes, for [`ColumnProfile::decode`] of this and every later version.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Numeric(profile) => {
                let mut writer = Writer::new(tag::NUMERIC);
                numeric::write(&mut writer, profile);
                writer.finish()
            }
            Self::Categorical(profile) => {
                let mut writer = Writer::new(tag::CATEGORICAL);
                write_categorical(&mut writer, profile);
                writer.finish()
            }
            Self::Boolean(profile) => {
                let mut writer = Writer::new(tag::BOOLEAN);
                writer.counts(&profile.counts);
                writer.number(profile.n_true);
                writer.finish()
            }
            Self::Timestamp(profile) => {
                let mut writer = Writer::new(match profile.calendar {
                    Some(_) => tag::TIMESTAMP,
                    None => tag::TIMESTAMP_FIRST,
                });
                timestamp::write(&mut writer, profile);
                writer.finish()
            }
            Self::Text(profile) => {
                let mut writer = Writer::new(tag::TEXT);
                text::write(&mut writer, profile);
                writer.finish()
            }
            Self::Embedding(profile) => {
                let mut writer = Writer::new(tag::EMBEDDING);
                embedding::write(&mut writer, profile);
                writer.finish()
            }
            Self::Unsupported(counts) => {
                let mut writer = Writer::new(tag::UNSUPPORTED);
                writer.counts(counts);
                writer.finish()
            }
        }
    }

    /// The profile that [`ColumnProfile::encode`] wrote.
    ///
    /// # Errors
    /// If the bytes are cut off, of a later version, or nothing that `encode` writes.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (tag, mut reader) = Reader::new(bytes)?;
        let profile = match tag {
            tag::NUMERIC => Self::Numeric(numeric::read(&mut reader)?),
            tag::CATEGORICAL => Self::Categorical(read_categorical(&mut reader)?),
            tag::BOOLEAN => Self::Boolean(read_boolean(&mut reader)?),
            tag::TIMESTAMP_FIRST => Self::Timestamp(timestamp::read_first(&mut reader)?),
            tag::TIMESTAMP => Self::Timestamp(timestamp::read(&mut reader)?),
            tag::TEXT => Self::Text(Box::new(text::read(&mut reader)?)),
            tag::EMBEDDING => Self::Embedding(embedding::read(&mut reader)?),
            tag::UNSUPPORTED => Self::Unsupported(reader.counts()?),
            other => return Err(DecodeError::invalid("the profile of a column", &other)),
        };
        reader.finish()?;
        Ok(profile)
    }
}

/// Counts, mode, sampling level, and each category with its rows in ascending order of the name.
fn write_categorical(writer: &mut Writer, profile: &CategoricalProfile) {
    writer.counts(&profile.counts);
    writer.mode(profile.mode);
    writer.number(u64::from(profile.level));
    let categories = profile.categories();
    writer.length(categories.len());
    for (name, rows) in categories {
        writer.text(name);
        writer.number(rows);
    }
}

fn read_categorical(reader: &mut Reader<'_>) -> Result<CategoricalProfile, DecodeError> {
    let counts = reader.counts()?;
    ensure(
        counts.present() + counts.null == counts.rows
            && counts.infinite() + counts.zero + counts.negative == 0,
        "names",
        &"counts of numbers",
    )?;
    let mode = reader.mode()?;
    let sampling = reader.number()?;
    ensure(
        sampling <= u64::from(LEVEL_MAX),
        "a sampling level of at most 65",
        &sampling,
    )?;
    let sampling = sampling as u32;
    let n = reader.length(2)?;
    ensure(
        n <= categories_max(mode),
        "not more categories than are kept",
        &n,
    )?;
    let mut categories = HashMap::with_capacity_and_hasher(n, FixedState::with_seed(0));
    let mut last: Option<&str> = None;
    let mut kept_rows = 0_u64;
    for _ in 0..n {
        let name = reader.text()?;
        let rows = reader.rows()?;
        ensure(
            last.is_none_or(|last| last < name),
            "categories in ascending order, each once",
            &"another order",
        )?;
        ensure(
            name.len() <= NAME_BYTES_MAX && level(name) >= sampling && rows > 0,
            "categories that are kept, with rows",
            &format_args!("one of {} bytes with {rows} rows", name.len()),
        )?;
        last = Some(name);
        // At most 2^16 categories of at most 2^48 rows: no overflow.
        kept_rows = kept_rows.saturating_add(rows);
        categories.insert(name.into(), rows);
    }
    let profile = CategoricalProfile {
        counts,
        mode,
        level: sampling,
        categories,
    };
    let present = counts.present();
    ensure(
        kept_rows <= present && (sampling > 0 || kept_rows == present),
        "categories that agree with the number of rows",
        &format_args!("{kept_rows} of {present}"),
    )?;
    ensure(
        profile.count("") == counts.empty || level("") < sampling,
        "empty names that agree with the counts",
        &profile.count(""),
    )?;
    Ok(profile)
}

fn read_boolean(reader: &mut Reader<'_>) -> Result<BooleanProfile, DecodeError> {
    let counts = reader.counts()?;
    let n_true = reader.rows()?;
    ensure(
        counts.present() + counts.null == counts.rows
            && counts.infinite() + counts.zero + counts.negative + counts.empty == 0,
        "true and false",
        &"counts of other kinds",
    )?;
    ensure(
        n_true <= counts.present(),
        "not more true rows than rows",
        &n_true,
    )?;
    Ok(BooleanProfile { counts, n_true })
}
