//! Bytes to the profile of outcomes of whatever task.

use super::super::OutcomeProfile;
use super::super::outcome::{
    BoxOutcomes, ClassOutcomes, LabelOutcomes, RankingOutcomes, TextOutcomes, ValueOutcomes,
};
use super::classes::Form;
use super::tag;
use super::wire::{DecodeError, Reader};

impl OutcomeProfile {
    /// The profile that [`OutcomeProfile::encode`] wrote.
    ///
    /// # Errors
    /// If the bytes are cut off, of a later version, or nothing that `encode` writes.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (tag, mut reader) = Reader::new(bytes)?;
        let profile = match tag {
            tag::CLASS_OUTCOME_FIRST => {
                Self::Classes(ClassOutcomes::read(&mut reader, Form::First)?)
            }
            tag::CLASS_OUTCOME => Self::Classes(ClassOutcomes::read(&mut reader, Form::Second)?),
            tag::VALUE_OUTCOME => Self::Values(ValueOutcomes::read(&mut reader)?),
            tag::LABEL_OUTCOME => Self::Labels(LabelOutcomes::read(&mut reader)?),
            tag::RANKING_OUTCOME => Self::Rankings(RankingOutcomes::read(&mut reader)?),
            tag::TEXT_OUTCOME => Self::Texts(TextOutcomes::read(&mut reader)?),
            tag::BOX_OUTCOME => Self::Boxes(BoxOutcomes::read(&mut reader)?),
            other => return Err(DecodeError::invalid("the profile of outcomes", &other)),
        };
        reader.finish()?;
        Ok(profile)
    }
}
