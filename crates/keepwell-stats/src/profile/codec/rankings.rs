//! Binary form of [`RankingOutcomes`].
//!
//! Mode, level of the sample, rows and incomplete rows; the queries ascending, each as the difference to the one
//! before, with its items, scores and relevances in the order of a sealed profile; the background behind a flag.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::Mode;
use super::super::outcome::RankingOutcomes;
use super::super::outcome::rankings::{Background, LEVEL_MAX, RankedItem, UNKNOWN, is_kept};
use super::tag;
use super::wire::{DecodeError, Reader, Writer, ensure};

impl RankingOutcomes {
    /// The profile as bytes, its background included, for
    /// [`OutcomeProfile::decode`](super::super::OutcomeProfile::decode) of this and every later version. Equal
    /// profiles have equal bytes.
    pub fn encode(&self) -> Vec<u8> {
        let sealed = self.sealed();
        let mut writer = Writer::new(tag::RANKING_OUTCOME);
        writer.mode(sealed.mode);
        writer.number(u64::from(sealed.level));
        writer.number(sealed.rows);
        writer.number(sealed.incomplete);
        writer.length(sealed.queries().count());
        let mut last = 0;
        for query in sealed.queries() {
            writer.number(query.key() - last);
            last = query.key();
            writer.length(query.items().len());
            for item in query.items() {
                writer.number(item.item);
                writer.floats(&[item.score, item.relevance]);
            }
        }
        writer.byte(u8::from(sealed.background.is_some()));
        if let Some(background) = &sealed.background {
            write_background(&mut writer, background);
        }
        writer.finish()
    }

    /// The profile that `encode` wrote, behind its tag.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mode = reader.mode()?;
        let level = reader.number()?;
        ensure(
            level <= u64::from(LEVEL_MAX) && (level == 0 || mode == Mode::Sketched),
            "the level of a sample",
            &level,
        )?;
        let level = level as u32;
        let (rows, incomplete) = (reader.rows()?, reader.rows()?);
        let items = read_queries(reader, level)?;
        ensure(
            items.len() as u64 + incomplete <= rows
                && (level > 0 || items.is_empty() == (rows == incomplete)),
            "rows for every item",
            &rows,
        )?;
        let mut outcomes = Self::from_items(mode, level, items);
        outcomes.rows = rows;
        outcomes.incomplete = incomplete;
        if reader.flag()? {
            outcomes.background = Some(Arc::new(read_background(reader)?));
        }
        Ok(outcomes)
    }
}

fn read_queries(reader: &mut Reader<'_>, level: u32) -> Result<Vec<RankedItem>, DecodeError> {
    let n_queries = reader.length(19)?;
    let mut items: Vec<RankedItem> = Vec::new();
    let mut keys = Vec::new();
    for idx in 0..n_queries {
        let query = ascending(reader, items.last().map(|item| item.query), idx)?;
        ensure(is_kept(query, level), "a query of the sample", &query)?;
        let start = items.len();
        let n_items = reader.length(17)?;
        ensure(n_items > 0, "an item for each query", &n_items)?;
        for _ in 0..n_items {
            items.push(RankedItem {
                query,
                item: reader.number()?,
                score: read_known(reader)?,
                relevance: read_known(reader)?,
            });
        }
        let list = &items[start..];
        ensure(
            list.is_sorted_by(|left, right| {
                left.score > right.score || (left.score == right.score && left.item < right.item)
            }),
            "items by descending score",
            &"another order",
        )?;
        keys.clear();
        keys.extend(list.iter().map(|item| item.item));
        keys.sort_unstable();
        ensure(
            keys.windows(2).all(|pair| pair[0] != pair[1]),
            "each item once",
            &"one twice",
        )?;
    }
    Ok(items)
}

/// A key as its difference to the one before, which is not zero but for the first.
fn ascending(reader: &mut Reader<'_>, last: Option<u64>, idx: usize) -> Result<u64, DecodeError> {
    let step = reader.number()?;
    let key = last.unwrap_or(0).checked_add(step);
    match key {
        Some(key) if idx == 0 || step > 0 => Ok(key),
        _ => Err(DecodeError::invalid("keys in ascending order", &step)),
    }
}

/// A score or a relevance: finite and not negative zero, or the sign that there is none.
fn read_known(reader: &mut Reader<'_>) -> Result<f64, DecodeError> {
    let value = reader.float()?;
    let is_number = value.is_finite() && value.to_bits() != (-0.0_f64).to_bits();
    ensure(
        is_number || value == UNKNOWN,
        "a finite number or none",
        &value,
    )?;
    Ok(value)
}

fn write_background(writer: &mut Writer, background: &Background) {
    let by_user = || {
        let pairs = background.interactions();
        pairs.chunk_by(|left, right| left.0 == right.0)
    };
    writer.length(by_user().count());
    let mut last = 0;
    for pairs in by_user() {
        writer.number(pairs[0].0 - last);
        last = pairs[0].0;
        writer.length(pairs.len());
        let mut last = 0;
        for &(_, item) in pairs {
            writer.number(item - last);
            last = item;
        }
    }
    let vectors = background.vectors();
    writer.length(vectors.len());
    let mut last = 0;
    for (idx, (item, vector)) in vectors.enumerate() {
        if idx == 0 {
            writer.length(vector.len());
        }
        writer.number(item - last);
        last = item;
        writer.floats(vector);
    }
}

fn read_background(reader: &mut Reader<'_>) -> Result<Background, DecodeError> {
    let n_users = reader.length(3)?;
    let mut interactions: Vec<(u64, u64)> = Vec::new();
    for idx in 0..n_users {
        let user = ascending(reader, interactions.last().map(|pair| pair.0), idx)?;
        let n_items = reader.length(1)?;
        ensure(n_items > 0, "an item for each user", &n_items)?;
        let mut last = None;
        for idx in 0..n_items {
            let item = ascending(reader, last, idx)?;
            last = Some(item);
            interactions.push((user, item));
        }
    }
    let n_vectors = reader.length(1)?;
    let mut vectors: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    let dimension = if n_vectors > 0 { reader.length(0)? } else { 0 };
    for idx in 0..n_vectors {
        let last = vectors.last_key_value().map(|(&item, _)| item);
        let item = ascending(reader, last, idx)?;
        let vector = reader.floats(dimension)?;
        ensure(
            vector.iter().all(|x| x.abs() <= 1.0),
            "a vector of length one",
            &item,
        )?;
        vectors.insert(item, vector);
    }
    Ok(Background::from_parts(interactions, vectors))
}
