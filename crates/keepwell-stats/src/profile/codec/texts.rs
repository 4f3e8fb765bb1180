//! Binary form of [`TextOutcomes`].
//!
//! Counts, then the moments and the sums of each metric in the order of the fields.

use super::super::Moments;
use super::super::outcome::TextOutcomes;
use super::super::row_sums::RowSums;
use super::tag;
use super::wire::{DecodeError, Reader, Writer, ensure};

impl TextOutcomes {
    /// The profile as bytes, for [`OutcomeProfile::decode`](super::super::OutcomeProfile::decode) of this
    /// and every later version.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new(tag::TEXT_OUTCOME);
        for count in [
            self.rows,
            self.targets,
            self.predictions,
            self.equal,
            self.equal_answers,
        ] {
            writer.number(count);
        }
        for moments in self.token_f1.iter().chain(self.rouge.as_flattened()) {
            writer.moments(moments);
        }
        self.edits
            .iter()
            .for_each(|sums| write_sums(&mut writer, sums));
        self.bleu
            .iter()
            .for_each(|sums| write_sums(&mut writer, sums));
        write_sums(&mut writer, &self.chrf);
        writer.finish()
    }

    /// The profile behind its tag.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut outcomes = Self {
            rows: reader.rows()?,
            targets: reader.rows()?,
            predictions: reader.rows()?,
            equal: reader.rows()?,
            equal_answers: reader.rows()?,
            ..Self::default()
        };
        for moments in outcomes
            .token_f1
            .iter_mut()
            .chain(outcomes.rouge.as_flattened_mut())
        {
            *moments = reader.moments()?;
        }
        for sums in &mut outcomes.edits {
            *sums = read_sums(reader)?;
        }
        for sums in &mut outcomes.bleu {
            *sums = read_sums(reader)?;
        }
        outcomes.chrf = read_sums(reader)?;
        outcomes.check()?;
        Ok(outcomes)
    }

    fn check(&self) -> Result<(), DecodeError> {
        let pairs = self.pairs();
        let is_share = |moments: &Moments| {
            moments.count == pairs
                && (0.0..=1.0).contains(&moments.mean)
                && moments.m2 <= moments.count as f64
        };
        let shares = self.token_f1.iter().chain(self.rouge.as_flattened());
        ensure(
            shares.into_iter().all(is_share)
                && self.edits.iter().all(|sums| sums.rows() == pairs)
                && self.bleu.iter().all(|sums| sums.rows() == pairs)
                && self.equal.max(self.equal_answers) <= pairs,
            "sums over the rows with prediction and reference",
            &pairs,
        )?;
        let at_most = self.targets.min(self.predictions);
        let at_least = (self.targets + self.predictions).saturating_sub(self.rows);
        ensure(
            self.targets.max(self.predictions) <= self.rows
                && (at_least..=at_most).contains(&pairs),
            "not more rows with prediction and reference than rows with one",
            &pairs,
        )
    }
}

/// Rows, sums, and sums of products.
fn write_sums<const N: usize>(writer: &mut Writer, sums: &RowSums<N>) {
    writer.number(sums.rows);
    writer.floats(&sums.sums);
    writer.floats(&sums.products);
}

fn read_sums<const N: usize>(reader: &mut Reader<'_>) -> Result<RowSums<N>, DecodeError> {
    let mut sums = RowSums {
        rows: reader.rows()?,
        ..RowSums::default()
    };
    for sum in &mut sums.sums {
        *sum = reader.float()?;
    }
    let n_products = sums.products.len();
    sums.products = reader.floats(n_products)?;
    let numbers = || sums.sums.iter().chain(&sums.products);
    // No sum of a writer is near this bound, and no function of sums below it overflows.
    ensure(
        numbers().all(|&number| (0.0..1e100).contains(&number) && number.is_sign_positive())
            && (sums.rows > 0 || numbers().all(|&number| number == 0.0)),
        "sums of at least 0, which are 0 where there is no row",
        &"others",
    )?;
    Ok(sums)
}
