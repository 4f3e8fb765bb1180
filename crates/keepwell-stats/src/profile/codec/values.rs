//! Binary form of [`ValueOutcomes`].
//!
//! Counts; for each loss its moments and the rows that have none; moments and range of the targets; the joint
//! moments, behind a flag; the errors.

use super::super::outcome::ValueOutcomes;
use super::super::outcome::values::{Comoments, Loss, LossMoments, ValueCounts};
use super::wire::{DecodeError, Reader, Writer, ensure};
use super::{numeric, tag};

impl ValueOutcomes {
    /// The profile as bytes, for [`OutcomeProfile::decode`](super::super::OutcomeProfile::decode) of this and
    /// every later version.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new(tag::VALUE_OUTCOME);
        let counts = &self.counts;
        for count in [
            counts.rows,
            counts.targets,
            counts.predictions,
            counts.infinite,
        ] {
            writer.number(count);
        }
        for loss in &self.losses {
            writer.moments(&loss.moments);
            writer.number(loss.undefined);
            writer.number(loss.infinite);
        }
        writer.moments(&self.target);
        writer.floats(&[self.target_range.0, self.target_range.1]);
        writer.byte(u8::from(self.comoments.is_some()));
        if let Some(comoments) = &self.comoments {
            writer.number(comoments.count);
            writer.floats(&comoments.means);
            writer.floats(&comoments.sums);
        }
        numeric::write(&mut writer, &self.errors);
        writer.finish()
    }

    /// The profile that `encode` wrote, behind its tag.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let counts = read_counts(reader)?;
        let mut losses = [LossMoments::default(); Loss::ALL.len()];
        for (kind, loss) in Loss::ALL.into_iter().zip(&mut losses) {
            *loss = LossMoments {
                moments: reader.moments()?,
                undefined: reader.rows()?,
                infinite: reader.rows()?,
            };
            let mean = loss.moments.mean;
            ensure(
                kind == Loss::Error || mean >= 0.0,
                "a loss of at least 0",
                &mean,
            )?;
        }
        let target = reader.moments()?;
        let range = reader.floats(2)?;
        let target_range = (range[0], range[1]);
        ensure(
            match target.count {
                0 => target_range == (f64::INFINITY, f64::NEG_INFINITY),
                _ => range[0].is_finite() && range[1].is_finite() && range[0] <= range[1],
            },
            "the range of the targets",
            &range[0],
        )?;
        let comoments = if reader.flag()? {
            Some(read_comoments(reader)?)
        } else {
            None
        };
        let errors = numeric::read(reader)?;
        // Rows with two values are at most those with either one.
        let n = target.count;
        let is_sum = |count: u64| count == n;
        ensure(
            n + counts.infinite <= counts.targets.min(counts.predictions)
                && is_sum(errors.counts().rows)
                && errors.counts().missing() == 0
                && comoments.is_none_or(|comoments| is_sum(comoments.count))
                && losses
                    .iter()
                    .all(|loss| is_sum(loss.moments.count + loss.undefined + loss.infinite)),
            "parts that speak for the same rows",
            &n,
        )?;
        Ok(Self {
            counts,
            losses,
            target,
            target_range,
            comoments,
            errors,
        })
    }
}

fn read_counts(reader: &mut Reader<'_>) -> Result<ValueCounts, DecodeError> {
    let counts = ValueCounts {
        rows: reader.rows()?,
        targets: reader.rows()?,
        predictions: reader.rows()?,
        infinite: reader.rows()?,
    };
    ensure(
        counts.targets.max(counts.predictions) <= counts.rows,
        "counts of at most all rows",
        &counts.rows,
    )?;
    Ok(counts)
}

fn read_comoments(reader: &mut Reader<'_>) -> Result<Comoments, DecodeError> {
    let count = reader.rows()?;
    let mut comoments = Comoments {
        count,
        ..Comoments::default()
    };
    for place in comoments.means.iter_mut().chain(&mut comoments.sums) {
        *place = reader.float()?;
        ensure(place.is_finite(), "finite moments", place)?;
    }
    Ok(comoments)
}
