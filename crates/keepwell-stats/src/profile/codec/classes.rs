//! Binary form of outcome profiles.

use super::super::outcome::classes::{ClassParts, NONE, OTHER, REST, ScoreGrid, Slot, TargetRanks};
use super::super::{ClassConfig, ClassOutcomes, Moments, NumericProfile};
use super::wire::{DecodeError, Reader, Writer, ensure};
use super::{ROWS_MAX, numeric, tag};

/// Slots are written with the special ones first: 0 stands for `OTHER`, 1 for `REST`, 2 for `NONE`, and
/// `idx + 3` for a class.
const SPECIAL_SLOTS: Slot = 3;
const _: () = assert!(
    OTHER.wrapping_add(SPECIAL_SLOTS) == 0
        && REST.wrapping_add(SPECIAL_SLOTS) == 1
        && NONE.wrapping_add(SPECIAL_SLOTS) == 2
);

/// What the bytes hold. The tag says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Without squared errors and ranks of targets.
    First,
    /// What is written.
    Second,
}

impl Form {
    /// The form that a tag stands for; `None` where it is none of outcomes of a classifier.
    pub(super) fn of(tag: u8) -> Option<Self> {
        match tag {
            tag::CLASS_OUTCOME_FIRST => Some(Self::First),
            tag::CLASS_OUTCOME => Some(Self::Second),
            _ => None,
        }
    }
}

impl ClassOutcomes {
    /// The profile as bytes, its configuration included, for [`ClassOutcomes::decode`] of this and every
    /// later version. Equal profiles in exact mode have equal bytes once they are sealed.
    pub fn encode(&self) -> Vec<u8> {
        let parts = self.to_parts();
        let mut writer = Writer::new(tag::CLASS_OUTCOME);
        write_config(&mut writer, &parts.config);
        writer.length(parts.unscored_classes.len());
        for class in &parts.unscored_classes {
            writer.text(class);
        }
        writer.length(parts.cells.len());
        for &(target, prediction, rows) in &parts.cells {
            writer.number(u64::from(target.wrapping_add(SPECIAL_SLOTS)));
            writer.number(u64::from(prediction.wrapping_add(SPECIAL_SLOTS)));
            writer.number(rows);
        }
        for cell in parts
            .scores
            .iter()
            .flat_map(|grid| grid.cells.as_flattened())
        {
            numeric::write(&mut writer, cell);
        }
        writer.moments(&parts.log_loss);
        writer.number(parts.unscored);
        writer.number(parts.improbable);
        writer.moments(&parts.squared_error);
        for &rows in parts.ranks.counts() {
            writer.number(rows);
        }
        writer.finish()
    }

    /// The profile that [`ClassOutcomes::encode`] wrote.
    ///
    /// # Errors
    /// If the bytes are cut off, of a later version, or nothing that `encode` writes.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (tag, mut reader) = Reader::new(bytes)?;
        let form =
            Form::of(tag).ok_or_else(|| DecodeError::invalid("the profile of outcomes", &tag))?;
        let profile = Self::read(&mut reader, form)?;
        reader.finish()?;
        Ok(profile)
    }

    /// The profile behind its tag.
    pub(super) fn read(reader: &mut Reader<'_>, form: Form) -> Result<Self, DecodeError> {
        let config = read_config(reader)?;
        let unscored_classes = read_texts(reader)?;
        ensure(
            unscored_classes.is_sorted(),
            "classes in ascending order",
            &"another order",
        )?;
        let cells = read_cells(reader)?;
        let scores = config
            .scored_classes
            .iter()
            .map(|_| read_grid(reader, &config))
            .collect::<Result<Vec<_>, _>>()?;
        let n_scored = config.scored_classes.len();
        let mut parts = ClassParts {
            config,
            unscored_classes,
            cells,
            scores,
            log_loss: reader.moments()?,
            unscored: reader.rows()?,
            improbable: reader.rows()?,
            squared_error: Moments::default(),
            ranks: TargetRanks::new(n_scored),
        };
        if form == Form::Second {
            parts.squared_error = reader.moments()?;
            let ranks: Result<Vec<u64>, _> =
                parts.ranks.counts().iter().map(|_| reader.rows()).collect();
            parts.ranks = TargetRanks::from_counts(ranks?);
        }
        Self::from_parts(parts).map_err(|expected| DecodeError::invalid(expected, &"others"))
    }
}

fn write_config(writer: &mut Writer, config: &ClassConfig) {
    writer.length(config.scored_classes.len());
    for class in &config.scored_classes {
        writer.text(class);
    }
    writer.byte(u8::from(config.positive.is_some()));
    if let Some(positive) = &config.positive {
        writer.text(positive);
    }
    writer.float(config.threshold);
    writer.mode(config.mode);
}

fn read_config(reader: &mut Reader<'_>) -> Result<ClassConfig, DecodeError> {
    let scored_classes = read_texts(reader)?;
    let positive = if reader.flag()? {
        Some(reader.text()?.to_owned())
    } else {
        None
    };
    let threshold = reader.float()?;
    // A configuration with NaN would not be equal to itself, and so would not merge.
    ensure(!threshold.is_nan(), "a threshold", &threshold)?;
    Ok(ClassConfig {
        scored_classes,
        positive,
        threshold,
        mode: reader.mode()?,
    })
}

fn read_texts(reader: &mut Reader<'_>) -> Result<Vec<String>, DecodeError> {
    let n = reader.length(1)?;
    (0..n).map(|_| Ok(reader.text()?.to_owned())).collect()
}

fn read_cells(reader: &mut Reader<'_>) -> Result<Vec<(Slot, Slot, u64)>, DecodeError> {
    let n = reader.length(3)?;
    let mut cells: Vec<(Slot, Slot, u64)> = Vec::new();
    let mut total = 0_u64;
    for _ in 0..n {
        let cell = (read_slot(reader)?, read_slot(reader)?, reader.rows()?);
        ensure(
            cells
                .last()
                .is_none_or(|last| (last.0, last.1) < (cell.0, cell.1)),
            "cells in ascending order, each once",
            &"another order",
        )?;
        total = total.saturating_add(cell.2);
        ensure(total <= ROWS_MAX, "at most 2^48 rows", &total)?;
        cells.push(cell);
    }
    Ok(cells)
}

fn read_slot(reader: &mut Reader<'_>) -> Result<Slot, DecodeError> {
    let shifted = reader.number()?;
    let shifted = Slot::try_from(shifted)
        .map_err(|_| DecodeError::invalid("the place of a class", &shifted))?;
    Ok(shifted.wrapping_sub(SPECIAL_SLOTS))
}

fn read_grid(reader: &mut Reader<'_>, config: &ClassConfig) -> Result<ScoreGrid, DecodeError> {
    let mut grid = ScoreGrid::new(config.mode);
    for cell in grid.cells.as_flattened_mut() {
        let scores: NumericProfile = numeric::read(reader)?;
        ensure(
            scores.mode() == config.mode,
            "scores of the mode of the outcomes",
            &"the other mode",
        )?;
        *cell = scores;
    }
    Ok(grid)
}
