//! Tags of one file, with what was kept of each.

use std::collections::BTreeMap;

use prost::Message;

use super::damage::DamageKind;
use super::event::{Content, SummaryValue};
use super::proto::summary::SummaryMetadata;
use super::series::{Point, Series};
use super::tensor;

/// Tags that a file may have.
pub const TAGS_MAX: usize = 100_000;

/// What a tag holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// Numbers.
    Scalar,
    /// Histograms; distributions are made of them.
    Histogram,
    /// Images, several a step.
    Image,
    /// Sounds, several a step.
    Audio,
    /// Texts in Markdown, one or a table a step.
    Text,
    /// Curves of precision over recall.
    PrCurve,
    /// Hyperparameters, in the metadata of the tag.
    Hparams,
    /// The layout of the dashboard of custom scalars.
    CustomScalars,
    /// Vertices, faces or colours of a mesh.
    Mesh,
    /// A graph, or metadata of its execution.
    Graph,
    /// Tensors of another plug-in, or of none.
    Tensor,
}

impl Kind {
    /// Every kind, in the order in which they are listed.
    pub const ALL: [Self; 11] = [
        Self::Scalar,
        Self::Histogram,
        Self::Image,
        Self::Audio,
        Self::Text,
        Self::PrCurve,
        Self::Hparams,
        Self::CustomScalars,
        Self::Mesh,
        Self::Graph,
        Self::Tensor,
    ];

    /// Stable identifier: the name of TensorBoard's plug-in, or `tensors` where there is none.
    pub fn id(self) -> &'static str {
        match self {
            Self::Scalar => "scalars",
            Self::Histogram => "histograms",
            Self::Image => "images",
            Self::Audio => "audio",
            Self::Text => "text",
            Self::PrCurve => "pr_curves",
            Self::Hparams => "hparams",
            Self::CustomScalars => "custom_scalars",
            Self::Mesh => "mesh",
            Self::Graph => "graphs",
            Self::Tensor => "tensors",
        }
    }

    /// The kind of the plug-in with this name.
    fn of_plugin(name: &str) -> Self {
        if name.starts_with("graph_") {
            return Self::Graph;
        }
        let known = Self::ALL.into_iter().find(|kind| kind.id() == name);
        known.unwrap_or(Self::Tensor)
    }
}

/// What a tag says about itself, once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// Name of the plug-in that the tag is for; empty where none was written.
    pub plugin: String,
    /// What the plug-in keeps, a message of its own.
    pub content: Vec<u8>,
    /// A name for people; empty where none was written.
    pub display_name: String,
    /// A description in Markdown; empty where none was written.
    pub description: String,
}

/// Which part of an event a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Position among the values of its summary.
    Value(u32),
    Graph,
    MetaGraph,
    RunMetadata,
}

/// Where a value stands in a file; it is read from there when it is wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    pub(crate) step: i64,
    pub(crate) wall_time: f64,
    /// Where its record begins.
    pub(crate) offset: u64,
    pub(crate) part: Part,
}

/// What was kept of a tag.
#[derive(Debug, Clone)]
pub(crate) enum Kept {
    Points(Series),
    Places(Vec<Place>),
    /// The tag was not selected.
    Nothing,
}

/// A tag of one file.
#[derive(Debug, Clone)]
pub(crate) struct FileTag {
    pub(crate) name: Box<str>,
    pub(crate) kind: Kind,
    pub(crate) metadata: Metadata,
    pub(crate) kept: Kept,
    /// The tag that came after this one when it came last.
    follower: usize,
}

/// When an event was.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) step: i64,
    pub(crate) wall_time: f64,
    pub(crate) offset: u64,
}

/// Tags of one file, in the order in which they came.
#[derive(Debug, Clone, Default)]
pub(crate) struct TagTable {
    tags: Vec<FileTag>,
    by_name: BTreeMap<Box<str>, usize>,
    /// The tag of the last value.
    last: usize,
}

impl TagTable {
    pub(crate) fn tags(&self) -> &[FileTag] {
        &self.tags
    }

    /// Takes a value of a summary, the `idx`th of its event. Only tags for which `is_selected` holds are kept.
    #[inline]
    pub(crate) fn add(
        &mut self,
        value: &SummaryValue<'_>,
        idx: u32,
        moment: Moment,
        is_selected: &dyn Fn(&str) -> bool,
    ) -> Result<(), DamageKind> {
        let tag = match self.expected(value.tag) {
            Some(tag) => tag,
            None => match self.find_or_insert(value, is_selected)? {
                Some(tag) => tag,
                None => return Ok(()),
            },
        };
        let place = |part| Place {
            step: moment.step,
            wall_time: moment.wall_time,
            offset: moment.offset,
            part,
        };
        match (&mut self.tags[tag].kept, value.content) {
            (Kept::Nothing, _) | (_, Content::Absent) => {}
            (Kept::Points(series), content) => series.push(Point {
                step: moment.step,
                wall_time: moment.wall_time,
                value: number(content).ok_or(DamageKind::Misfit)?,
            }),
            (Kept::Places(_), Content::Number(_)) => return Err(DamageKind::Misfit),
            (Kept::Places(places), _) => places.push(place(Part::Value(idx))),
        }
        Ok(())
    }

    /// Takes a part of an event that is no summary, under a tag and a plug-in that TensorBoard uses for it.
    pub(crate) fn add_graph(
        &mut self,
        name: &str,
        plugin: &str,
        place: Place,
        is_selected: &dyn Fn(&str) -> bool,
    ) -> Result<(), DamageKind> {
        let tag = match self.by_name.get(name) {
            Some(&tag) => tag,
            None => {
                let metadata = Metadata {
                    plugin: plugin.to_owned(),
                    ..Metadata::default()
                };
                self.insert(name, Kind::Graph, metadata, is_selected)?
            }
        };
        match &mut self.tags[tag].kept {
            Kept::Points(_) => Err(DamageKind::Misfit),
            Kept::Places(places) => {
                places.push(place);
                Ok(())
            }
            Kept::Nothing => Ok(()),
        }
    }

    /// The tag that came next after the last one before, if it has this name: writers go through their tags
    /// in one order again and again, which spares a search.
    #[inline]
    fn expected(&mut self, name: &[u8]) -> Option<usize> {
        let follower = self.tags.get(self.last)?.follower;
        let found = self.tags.get(follower)?;
        if found.name.as_bytes() != name {
            return None;
        }
        self.last = follower;
        Some(follower)
    }

    /// The tag of this value; `None` for a new one without data and metadata.
    fn find_or_insert(
        &mut self,
        value: &SummaryValue<'_>,
        is_selected: &dyn Fn(&str) -> bool,
    ) -> Result<Option<usize>, DamageKind> {
        let name = str::from_utf8(value.tag).map_err(|_| DamageKind::NotAnEvent)?;
        let found = match self.by_name.get(name) {
            Some(&found) => found,
            None => {
                let proto = value.metadata.map(SummaryMetadata::decode).transpose();
                let proto = proto.map_err(|_| DamageKind::NotAnEvent)?;
                if proto.is_none() && value.content == Content::Absent {
                    return Ok(None);
                }
                let (kind, metadata) = described(proto.unwrap_or_default(), value.content);
                self.insert(name, kind, metadata, is_selected)?
            }
        };
        if let Some(last) = self.tags.get_mut(self.last) {
            last.follower = found;
        }
        self.last = found;
        Ok(Some(found))
    }

    fn insert(
        &mut self,
        name: &str,
        kind: Kind,
        metadata: Metadata,
        is_selected: &dyn Fn(&str) -> bool,
    ) -> Result<usize, DamageKind> {
        let idx = self.tags.len();
        if idx >= TAGS_MAX {
            return Err(DamageKind::TooManyTags);
        }
        let kept = match kind {
            _ if !is_selected(name) => Kept::Nothing,
            Kind::Scalar => Kept::Points(Series::default()),
            _ => Kept::Places(Vec::new()),
        };
        self.tags.push(FileTag {
            name: name.into(),
            kind,
            metadata,
            kept,
            follower: 0,
        });
        self.by_name.insert(name.into(), idx);
        Ok(idx)
    }
}

#[inline]
fn number(content: Content<'_>) -> Option<f64> {
    match content {
        Content::Number(value) => Some(f64::from(value)),
        Content::Tensor(tensor) => tensor::scalar(tensor),
        _ => None,
    }
}

/// What a tag is by its first value. A value of the first format says so itself; a tensor is what its
/// plug-in says. One number without any plug-in is a scalar whose first record, with the metadata, was lost.
fn described(proto: SummaryMetadata, content: Content<'_>) -> (Kind, Metadata) {
    const SCALAR_CLASS: i32 = 1;
    let data = proto.plugin_data.unwrap_or_default();
    let by_plugin = Kind::of_plugin(&data.plugin_name);
    let kind = match content {
        Content::Number(_) => Kind::Scalar,
        Content::Image(_) => Kind::Image,
        Content::Histogram(_) => Kind::Histogram,
        Content::Audio(_) => Kind::Audio,
        Content::Absent => by_plugin,
        Content::Tensor(_) if proto.data_class == SCALAR_CLASS => Kind::Scalar,
        Content::Tensor(tensor) if data.plugin_name.is_empty() => match tensor::scalar(tensor) {
            Some(_) => Kind::Scalar,
            None => Kind::Tensor,
        },
        Content::Tensor(_) => by_plugin,
    };
    let metadata = Metadata {
        plugin: data.plugin_name,
        content: data.content,
        display_name: proto.display_name,
        description: proto.summary_description,
    };
    (kind, metadata)
}
