//! Writes event files that TensorBoard shows.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use prost::Message;

use super::histogram::Histogram;
use super::hparams::{self, Declared, Hparams, RunStatus};
use super::layout::Layout;
use super::proto::plugin;
use super::proto::summary::{
    Event, PluginData, SessionLog, SourceMetadata, Summary, SummaryMetadata, Value, event, value,
};
use super::proto::tensor::{Dim, TensorProto, TensorShapeProto};
use super::record;
use super::run::Stamp;
use super::tensor::{Elements, Tensor};
use super::value::{Clip, Images, PrCurve, Text};

/// Bytes that are held back until there are so many, or [`RunWriter::flush`] is called.
const BUFFER_BYTES: usize = 64 * 1024;

/// Writes one run: an event file in its folder.
///
/// The forms of the values are those that the greatest number of readers understand: scalars as numbers of
/// the first format, in single precision; all others as tensors. Values are buffered; what was written is in
/// the file after [`RunWriter::flush`], and when the writer is dropped.
#[derive(Debug)]
pub struct RunWriter {
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
    described: BTreeMap<String, Description>,
    /// Tags that have their metadata.
    begun: BTreeSet<String>,
}

/// What people read about a tag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    /// A name in place of the tag; may be empty.
    pub display_name: String,
    /// Text in Markdown; may be empty.
    pub text: String,
}

impl RunWriter {
    /// Begins a new event file in `folder`, which is made where it does not exist. A file that is there is
    /// never written to, whatever its name. `wall_time` is now, in seconds since 1970.
    ///
    /// # Errors
    /// If the folder or the file cannot be made.
    pub fn create(folder: impl AsRef<Path>, wall_time: f64) -> io::Result<Self> {
        const ATTEMPTS_MAX: usize = 1_000;
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let folder = folder.as_ref();
        fs::create_dir_all(folder)?;
        let process = std::process::id();
        let mut attempt = 0;
        let (path, file) = loop {
            let count = COUNTER.fetch_add(1, Ordering::Relaxed);
            let name = format!(
                "events.out.tfevents.{:010}.keepwell.{process}.{count}",
                wall_time.max(0.0) as u64
            );
            let path = folder.join(name);
            match OpenOptions::new().append(true).create_new(true).open(&path) {
                Ok(file) => break (path, file),
                Err(fault)
                    if fault.kind() == io::ErrorKind::AlreadyExists && attempt < ATTEMPTS_MAX =>
                {
                    attempt += 1;
                }
                Err(fault) => return Err(fault),
            }
        };
        let mut writer = Self {
            path,
            file,
            buffer: Vec::new(),
            described: BTreeMap::new(),
            begun: BTreeSet::new(),
        };
        writer.push(&Event {
            wall_time,
            step: 0,
            what: Some(event::What::FileVersion("brain.Event:2".to_owned())),
            source_metadata: Some(SourceMetadata {
                writer: "keepwell".to_owned(),
            }),
        })?;
        writer.flush()?;
        Ok(writer)
    }

    /// The event file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Says what people read about a tag; of use before its first value only.
    pub fn describe(&mut self, tag: &str, description: Description) {
        self.described.insert(tag.to_owned(), description);
    }

    /// Writes a number. It is rounded to single precision, the only one that TensorBoard shows.
    ///
    /// # Errors
    /// If the file cannot be written, as for every kind.
    pub fn scalar(&mut self, tag: &str, stamp: Stamp, number: f64) -> io::Result<()> {
        const SCALAR_CLASS: i32 = 1;
        let metadata = self.metadata(tag, "scalars", Vec::new(), SCALAR_CLASS);
        let content = value::Content::SimpleValue(number as f32);
        self.value(tag, stamp, metadata, Some(content))
    }

    /// Writes a histogram, from which the distributions are drawn too.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn histogram(&mut self, tag: &str, stamp: Stamp, histogram: &Histogram) -> io::Result<()> {
        let rows = histogram.buckets.iter();
        let numbers = rows.flat_map(|bucket| [bucket.left, bucket.right, bucket.count]);
        let tensor = doubles(&[histogram.buckets.len(), 3], numbers);
        self.tensor_value(tag, stamp, "histograms", version(), tensor)
    }

    /// Writes images, which are encoded already (PNG, JPEG, GIF).
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn images(&mut self, tag: &str, stamp: Stamp, images: &Images) -> io::Result<()> {
        let size = [images.width, images.height].map(|pixels| pixels.to_string().into_bytes());
        let texts: Vec<Vec<u8>> = size
            .into_iter()
            .chain(images.encoded.iter().cloned())
            .collect();
        let tensor = strings(&[texts.len()], texts);
        self.tensor_value(tag, stamp, "images", version(), tensor)
    }

    /// Writes sounds, which are encoded as WAV already.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn audio(&mut self, tag: &str, stamp: Stamp, clips: &[Clip]) -> io::Result<()> {
        const WAV: i32 = 11;
        let texts = clips
            .iter()
            .flat_map(|clip| [clip.encoded.clone(), clip.caption.clone().into_bytes()]);
        let tensor = strings(&[clips.len(), 2], texts.collect());
        let content = plugin::Audio {
            version: 0,
            encoding: WAV,
        };
        self.tensor_value(tag, stamp, "audio", content.encode_to_vec(), tensor)
    }

    /// Writes texts in Markdown: one, a list or a table.
    ///
    /// # Errors
    /// If the file cannot be written, or there are not as many texts as the shape says.
    pub fn text(&mut self, tag: &str, stamp: Stamp, text: &Text) -> io::Result<()> {
        let texts = text.texts.iter().map(|text| text.clone().into_bytes());
        let texts: Vec<Vec<u8>> = texts.collect();
        check_shape(&text.shape, texts.len())?;
        let tensor = strings(&text.shape, texts);
        self.tensor_value(tag, stamp, "text", version(), tensor)
    }

    /// Writes a curve of precision over recall.
    ///
    /// # Errors
    /// If the file cannot be written, or the parts of the curve differ in length.
    pub fn pr_curve(&mut self, tag: &str, stamp: Stamp, curve: &PrCurve) -> io::Result<()> {
        let rows = curve.rows();
        let n_thresholds = curve.precision.len();
        for row in rows {
            check_shape(&[n_thresholds], row.len())?;
        }
        let numbers = rows.into_iter().flatten().map(|&number| number as f32);
        let tensor = floats(&[6, n_thresholds], numbers);
        let content = plugin::PrCurve {
            version: 0,
            num_thresholds: u32::try_from(n_thresholds).unwrap_or(u32::MAX),
        };
        self.tensor_value(tag, stamp, "pr_curves", content.encode_to_vec(), tensor)
    }

    /// Writes the layout of the dashboard of custom scalars; it belongs into the root run.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn layout(&mut self, wall_time: f64, layout: &Layout) -> io::Result<()> {
        let stamp = Stamp { step: 0, wall_time };
        let tensor = strings(&[], vec![layout.encode()]);
        let tag = "custom_scalars__config__";
        self.tensor_value(tag, stamp, "custom_scalars", version(), tensor)
    }

    /// Writes a tensor for the plug-in with this name; no dashboard shows those of an unknown one.
    ///
    /// # Errors
    /// If the file cannot be written, or there are not as many elements as the shape says.
    pub fn tensor(
        &mut self,
        tag: &str,
        stamp: Stamp,
        plugin_name: &str,
        tensor: &Tensor,
    ) -> io::Result<()> {
        let proto = match &tensor.elements {
            Elements::Numbers(numbers) => {
                check_shape(&tensor.shape, numbers.len())?;
                doubles(&tensor.shape, numbers.iter().copied())
            }
            Elements::Bytes(texts) => {
                check_shape(&tensor.shape, texts.len())?;
                strings(&tensor.shape, texts.clone())
            }
        };
        self.tensor_value(tag, stamp, plugin_name, Vec::new(), proto)
    }

    /// Writes a serialised `GraphDef`.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn graph(&mut self, wall_time: f64, graph: &[u8]) -> io::Result<()> {
        self.push(&Event {
            wall_time,
            what: Some(event::What::GraphDef(graph.to_vec())),
            ..Event::default()
        })
    }

    /// Writes that the run started again, at this step.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn session_started(&mut self, stamp: Stamp) -> io::Result<()> {
        self.push(&Event {
            wall_time: stamp.wall_time,
            step: stamp.step,
            what: Some(event::What::SessionLog(SessionLog { status: 1 })),
            source_metadata: None,
        })
    }

    /// Writes which hyperparameters and metrics the runs of a study have; it belongs into the root run.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn declared(&mut self, wall_time: f64, declared: &Declared) -> io::Result<()> {
        let content = hparams::study_content(declared, wall_time);
        self.metadata_alone(hparams::STUDY_TAG, wall_time, content)
    }

    /// Writes the hyperparameters of the run; `ended` and `status` are for [`RunWriter::ended`].
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn hparams(&mut self, wall_time: f64, hparams: &Hparams) -> io::Result<()> {
        let content = hparams::start_content(hparams);
        self.metadata_alone(hparams::START_TAG, wall_time, content)
    }

    /// Writes how the run ended, for the dashboard of hyperparameters.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn ended(&mut self, wall_time: f64, status: RunStatus) -> io::Result<()> {
        let content = hparams::end_content(status, wall_time);
        self.metadata_alone(hparams::END_TAG, wall_time, content)
    }

    /// Puts everything that was written into the file.
    ///
    /// # Errors
    /// If the file cannot be written; what was not stays for the next attempt, which may then repeat a part
    /// of a record, after which readers stop.
    pub fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// Hyperparameters stand in the metadata. TensorFlow's writer adds an empty tensor, since some readers
    /// leave out values without data.
    fn metadata_alone(&mut self, tag: &str, wall_time: f64, content: Vec<u8>) -> io::Result<()> {
        let stamp = Stamp { step: 0, wall_time };
        let tensor = floats(&[0], [].into_iter());
        self.tensor_value(tag, stamp, "hparams", content, tensor)
    }

    fn tensor_value(
        &mut self,
        tag: &str,
        stamp: Stamp,
        plugin_name: &str,
        content: Vec<u8>,
        tensor: TensorProto,
    ) -> io::Result<()> {
        // Readers infer the class from the plug-in; those that are told it skip conversions that they need.
        const UNKNOWN_CLASS: i32 = 0;
        let metadata = self.metadata(tag, plugin_name, content, UNKNOWN_CLASS);
        let content = value::Content::Tensor(Box::new(tensor));
        self.value(tag, stamp, metadata, Some(content))
    }

    /// Metadata for the first value of a tag; none for later ones.
    fn metadata(
        &mut self,
        tag: &str,
        plugin_name: &str,
        content: Vec<u8>,
        data_class: i32,
    ) -> Option<SummaryMetadata> {
        if self.begun.contains(tag) {
            return None;
        }
        self.begun.insert(tag.to_owned());
        let description = self.described.remove(tag).unwrap_or_default();
        Some(SummaryMetadata {
            plugin_data: Some(PluginData {
                plugin_name: plugin_name.to_owned(),
                content,
            }),
            display_name: description.display_name,
            summary_description: description.text,
            data_class,
        })
    }

    fn value(
        &mut self,
        tag: &str,
        stamp: Stamp,
        metadata: Option<SummaryMetadata>,
        content: Option<value::Content>,
    ) -> io::Result<()> {
        let value = Value {
            tag: tag.to_owned(),
            metadata,
            content,
        };
        self.push(&Event {
            wall_time: stamp.wall_time,
            step: stamp.step,
            what: Some(event::What::Summary(Summary { value: vec![value] })),
            source_metadata: None,
        })
    }

    fn push(&mut self, event: &Event) -> io::Result<()> {
        record::write(&event.encode_to_vec(), &mut self.buffer);
        if self.buffer.len() >= BUFFER_BYTES {
            self.flush()?;
        }
        Ok(())
    }
}

impl Drop for RunWriter {
    fn drop(&mut self) {
        // Nothing can be told from here; who wants to know calls `flush` before.
        let _ = self.flush();
    }
}

/// Content of plug-ins that have nothing to say but the version of their format, which is zero.
fn version() -> Vec<u8> {
    plugin::Version { version: 0 }.encode_to_vec()
}

fn check_shape(shape: &[usize], n_elements: usize) -> io::Result<()> {
    let expected = shape
        .iter()
        .try_fold(1_usize, |count, &length| count.checked_mul(length));
    if expected == Some(n_elements) {
        return Ok(());
    }
    let message = format!("expected as many elements as shape {shape:?} has; found {n_elements}");
    Err(io::Error::new(io::ErrorKind::InvalidInput, message))
}

fn shaped(dtype: i32, shape: &[usize]) -> TensorProto {
    let dim = shape.iter().map(|&length| Dim {
        size: i64::try_from(length).unwrap_or(i64::MAX),
    });
    TensorProto {
        dtype,
        tensor_shape: Some(TensorShapeProto { dim: dim.collect() }),
        ..TensorProto::default()
    }
}

fn floats(shape: &[usize], numbers: impl Iterator<Item = f32>) -> TensorProto {
    const FLOAT: i32 = 1;
    TensorProto {
        tensor_content: numbers.flat_map(f32::to_le_bytes).collect(),
        ..shaped(FLOAT, shape)
    }
}

fn doubles(shape: &[usize], numbers: impl Iterator<Item = f64>) -> TensorProto {
    const DOUBLE: i32 = 2;
    TensorProto {
        tensor_content: numbers.flat_map(f64::to_le_bytes).collect(),
        ..shaped(DOUBLE, shape)
    }
}

fn strings(shape: &[usize], texts: Vec<Vec<u8>>) -> TensorProto {
    const STRING: i32 = 7;
    TensorProto {
        string_val: texts,
        ..shaped(STRING, shape)
    }
}
