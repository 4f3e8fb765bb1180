//! A run: the event files of one folder, read as one.

use std::collections::BTreeMap;
use std::fs::File;

use super::content::Session;
use super::file::{EventFile, payload_at};
use super::hparams::Hparams;
use super::series::{Point, Restart, restarts, shown};
use super::tag::{FileTag, Kept, Kind, Metadata, Place};
use super::value::{Value, ValueError};

/// A run.
#[derive(Debug)]
pub struct Run {
    name: String,
    /// In the order of their names, in which their events follow each other.
    pub(crate) files: Vec<EventFile>,
    /// Position of each tag: of the file, and among the tags of the file.
    index: BTreeMap<Box<str>, Vec<(usize, usize)>>,
    record_bytes_max: u64,
}

/// When a value was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stamp {
    /// Step of the training.
    pub step: i64,
    /// Seconds since 1970.
    pub wall_time: f64,
}

impl Run {
    pub(crate) fn new(name: String, record_bytes_max: u64) -> Self {
        Self {
            name,
            files: Vec::new(),
            index: BTreeMap::new(),
            record_bytes_max,
        }
    }

    /// Finds the tags again after files were read.
    pub(crate) fn reindex(&mut self) {
        self.index.clear();
        for (file_idx, file) in self.files.iter().enumerate() {
            for (tag_idx, tag) in file.content().tags.tags().iter().enumerate() {
                if matches!(tag.kept, Kept::Nothing) {
                    continue;
                }
                let place = (file_idx, tag_idx);
                match self.index.get_mut(&tag.name) {
                    Some(places) => places.push(place),
                    None => {
                        self.index.insert(tag.name.clone(), vec![place]);
                    }
                }
            }
        }
    }

    /// The folder relative to the log directory, its parts separated by `/`; `.` for that directory itself.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its files, in the order of their names.
    pub fn files(&self) -> &[EventFile] {
        &self.files
    }

    /// Its tags, in the order of their names.
    pub fn tags(&self) -> impl Iterator<Item = Tag<'_>> {
        self.index.iter().map(|(name, places)| Tag {
            run: self,
            name,
            places,
        })
    }

    /// The tag with this name.
    pub fn tag(&self, name: &str) -> Option<Tag<'_>> {
        let (name, places) = self.index.get_key_value(name)?;
        Some(Tag {
            run: self,
            name,
            places,
        })
    }

    /// Seconds since 1970 of the first event that was written, the header of a file among them.
    pub fn first_wall_time(&self) -> Option<f64> {
        let times = self
            .files
            .iter()
            .filter_map(|file| file.content().first_wall_time);
        times.min_by(f64::total_cmp)
    }

    /// Seconds since 1970 of the latest event.
    pub fn last_wall_time(&self) -> Option<f64> {
        let times = self
            .files
            .iter()
            .filter_map(|file| file.content().last_wall_time);
        times.max_by(f64::total_cmp)
    }

    /// What its sessions said about themselves, in order.
    pub fn sessions(&self) -> impl Iterator<Item = Session> + '_ {
        self.files
            .iter()
            .flat_map(|file| file.content().sessions.iter().copied())
    }

    /// Hyperparameters and status, of a run that wrote some.
    pub fn hparams(&self) -> Option<Hparams> {
        Hparams::of(self)
    }
}

/// A tag of a run, over all its files.
#[derive(Debug, Clone, Copy)]
pub struct Tag<'a> {
    run: &'a Run,
    name: &'a str,
    places: &'a [(usize, usize)],
}

impl<'a> Tag<'a> {
    /// The name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// What it holds, as its first value says.
    pub fn kind(&self) -> Kind {
        self.described().map_or(Kind::Tensor, |tag| tag.kind)
    }

    /// What it says about itself; `None` if it was never written.
    pub fn metadata(&self) -> Option<&'a Metadata> {
        self.described().map(|tag| &tag.metadata)
    }

    /// Number of values.
    pub fn len(&self) -> usize {
        self.parts()
            .map(|(_, tag)| match &tag.kept {
                Kept::Points(series) => series.len(),
                Kept::Places(places) => places.len(),
                Kept::Nothing => 0,
            })
            .sum()
    }

    /// Whether there is no value, as for a tag that is metadata alone.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All points of a scalar as they were written, in the order of files and records; nothing of other kinds.
    pub fn points(&self) -> impl Iterator<Item = Point> + Clone + 'a {
        self.parts()
            .filter_map(|(_, tag)| match &tag.kept {
                Kept::Points(series) => Some(series.iter()),
                _ => None,
            })
            .flatten()
    }

    /// The points of a scalar that TensorBoard shows: steps ascend, what a restart did again replaces what it
    /// was before, and of a repeated step the last point stays.
    pub fn shown(&self) -> Vec<Point> {
        shown(self.points())
    }

    /// Where the steps of a scalar went back.
    pub fn restarts(&self) -> Vec<Restart> {
        restarts(self.points())
    }

    /// When each value was written that is not a scalar; positions are those of [`Tag::read`].
    pub fn stamps(&self) -> impl Iterator<Item = Stamp> + 'a {
        self.value_places().map(|(_, place)| Stamp {
            step: place.step,
            wall_time: place.wall_time,
        })
    }

    /// Positions of the values that TensorBoard shows, by the same rule as for scalars.
    pub fn shown_positions(&self) -> Vec<usize> {
        let positions = self.stamps().enumerate().map(|(idx, stamp)| Point {
            step: stamp.step,
            wall_time: stamp.wall_time,
            value: idx as f64,
        });
        shown(positions)
            .iter()
            .map(|point| point.value as usize)
            .collect()
    }

    /// Reads the `idx`th value that is not a scalar from its file.
    ///
    /// # Errors
    /// If there is no such value, the file changed or cannot be read, or the value is not of the tag's kind.
    pub fn read(&self, idx: usize) -> Result<Value, ValueError> {
        let (file_idx, place) = self.value_places().nth(idx).ok_or(ValueError::Absent {
            idx,
            count: self.stamps().count(),
        })?;
        self.read_place(file_idx, place)
    }

    /// Reads every value that is not a scalar.
    pub fn values(&self) -> impl Iterator<Item = Result<Value, ValueError>> + '_ {
        self.value_places()
            .map(|(file_idx, place)| self.read_place(file_idx, place))
    }

    fn read_place(&self, file_idx: usize, place: Place) -> Result<Value, ValueError> {
        let path = self.run.files[file_idx].path();
        let payload = File::open(path)
            .and_then(|mut file| payload_at(&mut file, place.offset, self.run.record_bytes_max))
            .map_err(|source| ValueError::Read {
                path: path.to_owned(),
                source,
            })?;
        Value::decode(&payload, place.part, self.kind()).map_err(|message| ValueError::Decode {
            tag: self.name.to_owned(),
            message,
        })
    }

    fn value_places(&self) -> impl Iterator<Item = (usize, Place)> + use<'a> {
        self.parts()
            .filter_map(|(file_idx, tag)| match &tag.kept {
                Kept::Places(places) => Some(places.iter().map(move |&place| (file_idx, place))),
                _ => None,
            })
            .flatten()
    }

    /// The tag in each file that has it.
    fn parts(&self) -> impl Iterator<Item = (usize, &'a FileTag)> + Clone + use<'a> {
        let run = self.run;
        self.places.iter().filter_map(move |&(file_idx, tag_idx)| {
            let tags = run.files.get(file_idx)?.content().tags.tags();
            Some((file_idx, tags.get(tag_idx)?))
        })
    }

    /// The first file's tag that has metadata: a writer gives them with the first value only.
    fn described(&self) -> Option<&'a FileTag> {
        let mut parts = self.parts().map(|(_, tag)| tag);
        let first = parts.clone().next();
        parts.find(|tag| !tag.metadata.plugin.is_empty()).or(first)
    }
}
