//! Events and the values of their summaries, as views of a record's bytes.

use super::wire::{Field, Fields, Malformed};

/// What an event carries beside its time and step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum What<'a> {
    /// Nothing that is kept.
    Nothing,
    /// The header of a file; the format's name, usually `brain.Event:2`.
    FileVersion,
    /// A serialised graph.
    Graph,
    /// A serialised meta graph.
    MetaGraph,
    /// A serialised `SessionLog`.
    SessionLog(&'a [u8]),
    /// A serialised `TaggedRunMetadata`.
    RunMetadata(&'a [u8]),
    /// A serialised `Summary`.
    Summary(&'a [u8]),
}

/// An event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Event<'a> {
    /// Seconds since 1970.
    pub(crate) wall_time: f64,
    pub(crate) step: i64,
    pub(crate) what: What<'a>,
}

impl<'a> Event<'a> {
    /// The event in the payload of a record.
    ///
    /// # Errors
    /// If the bytes are no message. A field of an unexpected wire type is skipped as an unknown one.
    #[inline]
    pub(crate) fn scan(payload: &'a [u8]) -> Result<Self, Malformed> {
        let mut event = Self {
            wall_time: 0.0,
            step: 0,
            what: What::Nothing,
        };
        let mut fields = Fields::new(payload);
        while let Some(field) = fields.next()? {
            match field {
                (1, Field::Fixed64(bytes)) => event.wall_time = f64::from_le_bytes(bytes),
                (2, Field::Varint(step)) => event.step = step.cast_signed(),
                (5, Field::Bytes(summary)) => event.what = What::Summary(summary),
                (3, Field::Bytes(_)) => event.what = What::FileVersion,
                (4, Field::Bytes(_)) => event.what = What::Graph,
                (7, Field::Bytes(log)) => event.what = What::SessionLog(log),
                (8, Field::Bytes(metadata)) => event.what = What::RunMetadata(metadata),
                (9, Field::Bytes(_)) => event.what = What::MetaGraph,
                _ => {}
            }
        }
        Ok(event)
    }
}

/// The bytes of the last field of a message that has this number; the field is a message, text or bytes.
pub(crate) fn field(message: &[u8], wanted: u32) -> Result<Option<&[u8]>, Malformed> {
    let mut fields = Fields::new(message);
    let mut found = None;
    while let Some((number, field)) = fields.next()? {
        if let Field::Bytes(bytes) = field
            && number == wanted
        {
            found = Some(bytes);
        }
    }
    Ok(found)
}

/// Number of the field of an event that holds a graph.
pub(crate) const GRAPH_FIELD: u32 = 4;

/// Number of the field of an event that holds a summary.
pub(crate) const SUMMARY_FIELD: u32 = 5;

/// Number of the field of an event that holds tagged run metadata.
pub(crate) const RUN_METADATA_FIELD: u32 = 8;

/// Number of the field of an event that holds a meta graph.
pub(crate) const META_GRAPH_FIELD: u32 = 9;

/// What a value of a summary is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Content<'a> {
    /// No value: hyperparameters stand in the metadata alone.
    Absent,
    /// A number of the first format.
    Number(f32),
    /// A serialised `Summary.Image`.
    Image(&'a [u8]),
    /// A serialised `HistogramProto`.
    Histogram(&'a [u8]),
    /// A serialised `Summary.Audio`.
    Audio(&'a [u8]),
    /// A serialised `TensorProto`.
    Tensor(&'a [u8]),
}

/// One value of a summary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SummaryValue<'a> {
    /// Text in UTF-8, not checked yet.
    pub(crate) tag: &'a [u8],
    /// A serialised `SummaryMetadata`.
    pub(crate) metadata: Option<&'a [u8]>,
    pub(crate) content: Content<'a>,
}

/// Values of a summary, in their order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SummaryValues<'a> {
    fields: Fields<'a>,
}

impl<'a> SummaryValues<'a> {
    /// The values of a serialised `Summary`.
    pub(crate) fn new(summary: &'a [u8]) -> Self {
        Self {
            fields: Fields::new(summary),
        }
    }

    /// The next value, or `None` after the last.
    ///
    /// # Errors
    /// If the bytes are no message; what follows cannot be read then.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<SummaryValue<'a>>, Malformed> {
        while let Some(field) = self.fields.next()? {
            if let (1, Field::Bytes(value)) = field {
                return scan_value(value).map(Some);
            }
        }
        Ok(None)
    }
}

#[inline]
fn scan_value(bytes: &[u8]) -> Result<SummaryValue<'_>, Malformed> {
    let mut value = SummaryValue {
        tag: &[],
        metadata: None,
        content: Content::Absent,
    };
    let mut fields = Fields::new(bytes);
    while let Some(field) = fields.next()? {
        match field {
            (1, Field::Bytes(tag)) => value.tag = tag,
            (2, Field::Fixed32(number)) => {
                value.content = Content::Number(f32::from_le_bytes(number));
            }
            (9, Field::Bytes(metadata)) => value.metadata = Some(metadata),
            (8, Field::Bytes(tensor)) => value.content = Content::Tensor(tensor),
            (4, Field::Bytes(image)) => value.content = Content::Image(image),
            (5, Field::Bytes(histogram)) => value.content = Content::Histogram(histogram),
            (6, Field::Bytes(audio)) => value.content = Content::Audio(audio),
            _ => {}
        }
    }
    Ok(value)
}
