//! What the records of a file hold.

use prost::Message;

use super::damage::{DamageCounts, DamageKind};
use super::event::{Event, SummaryValues, What};
use super::proto::summary::{SessionLog, TaggedRunMetadata};
use super::record::{Framed, frame};
use super::tag::{Moment, Part, Place, TagTable};

/// Session events that are kept of a file; a run has a handful.
const SESSIONS_MAX: usize = 10_000;

/// What a session said about itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Session {
    /// Step of the event.
    pub step: i64,
    /// Seconds since 1970.
    pub wall_time: f64,
    /// What happened.
    pub status: SessionStatus,
}

/// States of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionStatus {
    /// It started, perhaps again from a checkpoint.
    Started,
    /// It stopped.
    Stopped,
    /// It wrote a checkpoint.
    Checkpoint,
}

/// Which files and which tags are read, and with what limits.
pub(crate) struct ReadOptions<'a> {
    pub(crate) record_bytes_max: u64,
    pub(crate) is_selected: &'a dyn Fn(&str) -> bool,
}

/// What the records of a file held.
#[derive(Debug, Default)]
pub(crate) struct FileContent {
    pub(crate) tags: TagTable,
    pub(crate) sessions: Vec<Session>,
    pub(crate) damage: DamageCounts,
    pub(crate) first_wall_time: Option<f64>,
    pub(crate) last_wall_time: Option<f64>,
    pub(crate) n_records: u64,
}

impl FileContent {
    /// Takes the whole records at the beginning of `bytes`, which stand at `offset` in the file. Gives the
    /// bytes that they have, and the length of the record that follows; none where it cannot be known.
    pub(crate) fn take(
        &mut self,
        bytes: &[u8],
        offset: u64,
        options: &ReadOptions<'_>,
    ) -> (usize, Option<u64>) {
        let mut used = 0;
        loop {
            let at = offset + used as u64;
            let (outcome, record_bytes) = match frame(&bytes[used..]) {
                Framed::Record { payload, bytes } => (self.add(payload, at, options), bytes),
                Framed::BadPayload { bytes } => (Err(DamageKind::BadPayload), bytes),
                Framed::BadLength => return (used, None),
                Framed::Partial { bytes } => return (used, Some(bytes)),
            };
            if let Err(kind) = outcome {
                self.damage.add(kind, at);
            }
            self.n_records += 1;
            used += record_bytes;
        }
    }

    /// Takes the payload of a record.
    #[inline]
    fn add(
        &mut self,
        payload: &[u8],
        offset: u64,
        options: &ReadOptions<'_>,
    ) -> Result<(), DamageKind> {
        let event = Event::scan(payload).map_err(|_| DamageKind::NotAnEvent)?;
        if !event.wall_time.is_finite() {
            return Err(DamageKind::BadWallTime);
        }
        self.first_wall_time.get_or_insert(event.wall_time);
        let last = self.last_wall_time.get_or_insert(event.wall_time);
        *last = last.max(event.wall_time);
        let moment = Moment {
            step: event.step,
            wall_time: event.wall_time,
            offset,
        };
        match event.what {
            What::Summary(summary) => self.add_summary(summary, moment, options),
            What::Nothing | What::FileVersion => Ok(()),
            other => self.add_other(other, moment, options),
        }
    }

    #[inline]
    fn add_summary(
        &mut self,
        summary: &[u8],
        moment: Moment,
        options: &ReadOptions<'_>,
    ) -> Result<(), DamageKind> {
        let mut values = SummaryValues::new(summary);
        let mut idx = 0;
        while let Some(value) = values.next().map_err(|_| DamageKind::NotAnEvent)? {
            if let Err(kind) = self.tags.add(&value, idx, moment, options.is_selected) {
                self.damage.add(kind, moment.offset);
            }
            idx += 1;
        }
        Ok(())
    }

    fn add_other(
        &mut self,
        what: What<'_>,
        moment: Moment,
        options: &ReadOptions<'_>,
    ) -> Result<(), DamageKind> {
        let place = |part| Place {
            step: moment.step,
            wall_time: moment.wall_time,
            offset: moment.offset,
            part,
        };
        let is_selected = options.is_selected;
        match what {
            What::Graph => {
                self.tags
                    .add_graph("__run_graph__", "graphs", place(Part::Graph), is_selected)
            }
            What::MetaGraph => self.tags.add_graph(
                "__meta_graph__",
                "graphs",
                place(Part::MetaGraph),
                is_selected,
            ),
            What::RunMetadata(bytes) => {
                let tagged =
                    TaggedRunMetadata::decode(bytes).map_err(|_| DamageKind::NotAnEvent)?;
                self.tags.add_graph(
                    &tagged.tag,
                    "graph_tagged_run_metadata",
                    place(Part::RunMetadata),
                    is_selected,
                )
            }
            What::SessionLog(bytes) => {
                let log = SessionLog::decode(bytes).map_err(|_| DamageKind::NotAnEvent)?;
                self.add_session(log.status, moment);
                Ok(())
            }
            What::Nothing | What::FileVersion | What::Summary(_) => Ok(()),
        }
    }

    fn add_session(&mut self, status: i32, moment: Moment) {
        let status = match status {
            1 => SessionStatus::Started,
            2 => SessionStatus::Stopped,
            3 => SessionStatus::Checkpoint,
            _ => return,
        };
        if self.sessions.len() < SESSIONS_MAX {
            self.sessions.push(Session {
                step: moment.step,
                wall_time: moment.wall_time,
                status,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::proto::summary::{
        Event as EventProto, PluginData, Summary, SummaryMetadata, Value as ValueProto, event,
        value,
    };
    use super::super::proto::tensor::{Dim, TensorProto, TensorShapeProto};
    use super::super::record::{self, HEADER_BYTES};
    use super::super::tag::{Kept, Kind};
    use super::super::value::Value;
    use super::*;

    /// The payload of an event with one tensor.
    fn payload(plugin_name: String, dtype: i32, shape: &[i64], bytes: Vec<u8>) -> Vec<u8> {
        let dim = shape.iter().map(|&size| Dim { size });
        let tensor = TensorProto {
            dtype,
            tensor_shape: Some(TensorShapeProto { dim: dim.collect() }),
            string_val: vec![bytes.clone(); shape.len()],
            tensor_content: bytes,
            ..TensorProto::default()
        };
        let metadata = SummaryMetadata {
            plugin_data: Some(PluginData {
                plugin_name,
                content: vec![],
            }),
            ..SummaryMetadata::default()
        };
        let value = ValueProto {
            tag: "a".to_owned(),
            metadata: Some(metadata),
            content: Some(value::Content::Tensor(Box::new(tensor))),
        };
        let event = EventProto {
            what: Some(event::What::Summary(Summary { value: vec![value] })),
            ..EventProto::default()
        };
        event.encode_to_vec()
    }

    /// Reads payloads as the records of a file, and every value that they have.
    fn read(payloads: &[Vec<u8>]) -> FileContent {
        let mut bytes = Vec::new();
        for payload in payloads {
            record::write(payload, &mut bytes);
        }
        let options = ReadOptions {
            record_bytes_max: u64::MAX,
            is_selected: &|_| true,
        };
        let mut content = FileContent::default();
        let (used, next) = content.take(&bytes, 0, &options);
        assert_eq!((used, next), (bytes.len(), Some(HEADER_BYTES as u64)));
        for tag in content.tags.tags() {
            let Kept::Places(places) = &tag.kept else {
                continue;
            };
            for place in places {
                let begin = usize::try_from(place.offset).expect("inside");
                let Framed::Record { payload, .. } = frame(&bytes[begin..]) else {
                    panic!("a place without its record");
                };
                let _ = Value::decode(payload, place.part, tag.kind);
            }
        }
        content
    }

    proptest! {
        #[test]
        fn any_payload_is_read_or_counted(payloads in vec(vec(any::<u8>(), 0..60), 0..6)) {
            let content = read(&payloads);
            prop_assert_eq!(content.n_records, payloads.len() as u64);
        }

        #[test]
        fn any_damage_of_a_sound_payload_is_read_or_counted(
            kind in 0..Kind::ALL.len(),
            dtype in 0..26_i32,
            shape in vec(-1..5_i64, 0..3),
            bytes in vec(any::<u8>(), 0..24),
            changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        ) {
            let mut payload = payload(Kind::ALL[kind].id().to_owned(), dtype, &shape, bytes);
            for (place, byte) in changes {
                let idx = place.index(payload.len());
                payload[idx] = byte;
            }
            let content = read(&[payload]);
            prop_assert_eq!(content.n_records, 1);
        }
    }
}
