//! Values that are not scalars.

use std::io;
use std::path::PathBuf;

use keepwell_core::fault::Fault;
use prost::Message;

use super::event::{
    self, Content, GRAPH_FIELD, META_GRAPH_FIELD, RUN_METADATA_FIELD, SUMMARY_FIELD, SummaryValues,
};
use super::histogram::Histogram;
use super::layout::Layout;
use super::proto::summary::{Audio, HistogramProto, Image, TaggedRunMetadata};
use super::tag::{Kind, Part};
use super::tensor::{Elements, Tensor};

/// A value of a tag at a step.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Of [`Kind::Histogram`].
    Histogram(Histogram),
    /// Of [`Kind::Image`].
    Images(Images),
    /// Of [`Kind::Audio`].
    Audio(Vec<Clip>),
    /// Of [`Kind::Text`].
    Text(Text),
    /// Of [`Kind::PrCurve`].
    PrCurve(PrCurve),
    /// Of [`Kind::CustomScalars`].
    Layout(Layout),
    /// Of [`Kind::Graph`]: a serialised message, as it was written.
    Graph(Vec<u8>),
    /// Of [`Kind::Mesh`], [`Kind::Tensor`] and [`Kind::Hparams`].
    Tensor(Tensor),
}

/// Images of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    /// Pixels from left to right, as written; the images themselves decide.
    pub width: u64,
    /// Pixels from top to bottom, as written.
    pub height: u64,
    /// The images, usually as PNG.
    pub encoded: Vec<Vec<u8>>,
}

/// A sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clip {
    /// The sound, usually as WAV.
    pub encoded: Vec<u8>,
    /// What is said about it, in Markdown; empty where nothing is.
    pub caption: String,
}

/// Texts of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Empty for one text; two lengths for a table.
    pub shape: Vec<usize>,
    /// Texts in Markdown, row-major; bytes that are not UTF-8 are replaced.
    pub texts: Vec<String>,
}

/// Counts, precision and recall over falling numbers of positive decisions, one entry a threshold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PrCurve {
    /// Positive decisions on positive rows.
    pub true_positives: Vec<f64>,
    /// Positive decisions on negative rows.
    pub false_positives: Vec<f64>,
    /// Negative decisions on negative rows.
    pub true_negatives: Vec<f64>,
    /// Negative decisions on positive rows.
    pub false_negatives: Vec<f64>,
    /// As written, in `[0, 1]`.
    pub precision: Vec<f64>,
    /// As written, in `[0, 1]`.
    pub recall: Vec<f64>,
}

impl PrCurve {
    /// The curve of scores in `[0, 1]` with whether their row is positive, at `n_thresholds` thresholds from
    /// zero to one, a score being positive from its threshold on. Other scores count as the nearest end, NaN
    /// as zero.
    pub fn of_scores(rows: impl Iterator<Item = (f64, bool)>, n_thresholds: usize) -> Self {
        let n_thresholds = n_thresholds.max(2);
        let mut positives = vec![0.0; n_thresholds];
        let mut negatives = vec![0.0; n_thresholds];
        for (score, is_positive) in rows {
            // Thresholds that the score reaches, less one; the cast puts NaN and what is below at zero.
            let idx = (score * (n_thresholds - 1) as f64) as usize;
            let counts = if is_positive {
                &mut positives
            } else {
                &mut negatives
            };
            counts[idx.min(n_thresholds - 1)] += 1.0;
        }
        for counts in [&mut positives, &mut negatives] {
            for idx in (1..n_thresholds).rev() {
                counts[idx - 1] += counts[idx];
            }
        }
        let rest = |counts: &[f64]| counts.iter().map(|count| counts[0] - count).collect();
        // Where nothing is counted the ratio is zero, as TensorBoard's own writer has it.
        let ratio = |part: &[f64], other: &[f64]| {
            let pairs = part.iter().zip(other);
            pairs
                .map(|(part, other)| part / (part + other).max(1e-7))
                .collect()
        };
        let false_negatives: Vec<f64> = rest(&positives);
        Self {
            true_negatives: rest(&negatives),
            precision: ratio(&positives, &negatives),
            recall: ratio(&positives, &false_negatives),
            false_negatives,
            true_positives: positives,
            false_positives: negatives,
        }
    }

    /// The rows of its tensor.
    pub(crate) fn rows(&self) -> [&[f64]; 6] {
        [
            &self.true_positives,
            &self.false_positives,
            &self.true_negatives,
            &self.false_negatives,
            &self.precision,
            &self.recall,
        ]
    }
}

/// A value that cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ValueError {
    /// There are not as many values.
    #[error("expected one of {count} values; found position {idx}")]
    Absent {
        /// Position that was asked for.
        idx: usize,
        /// Number of values.
        count: usize,
    },
    /// The file cannot be read, or changed since its values were found.
    #[error("expected to read a value again from `{}`; found that it cannot be", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why it cannot be read.
        #[source]
        source: io::Error,
    },
    /// The value is not of the kind of its tag.
    #[error("tag `{tag}`: {message}")]
    Decode {
        /// The tag.
        tag: String,
        /// What was expected and found.
        message: String,
    },
}

impl Fault for ValueError {
    fn code(&self) -> &'static str {
        match self {
            Self::Absent { .. } => "interop.value.absent",
            Self::Read { .. } => "interop.value.unreadable",
            Self::Decode { .. } => "interop.value.malformed",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Read { .. } => Some("look at the log directory again, then ask again".to_owned()),
            _ => None,
        }
    }
}

impl Value {
    /// The value in an event, or what is wrong with it.
    pub(crate) fn decode(payload: &[u8], part: Part, kind: Kind) -> Result<Self, String> {
        let field = |number| {
            event::field(payload, number)
                .ok()
                .flatten()
                .ok_or_else(|| "expected an event with this value; found another".to_owned())
        };
        match part {
            Part::Graph => field(GRAPH_FIELD).map(|graph| Self::Graph(graph.to_vec())),
            Part::MetaGraph => field(META_GRAPH_FIELD).map(|graph| Self::Graph(graph.to_vec())),
            Part::RunMetadata => {
                let tagged = TaggedRunMetadata::decode(field(RUN_METADATA_FIELD)?);
                let tagged = tagged.map_err(|fault| fault.to_string())?;
                Ok(Self::Graph(tagged.run_metadata))
            }
            Part::Value(idx) => Self::of_summary(field(SUMMARY_FIELD)?, idx, kind),
        }
    }

    fn of_summary(summary: &[u8], idx: u32, kind: Kind) -> Result<Self, String> {
        let mut values = SummaryValues::new(summary);
        let mut next = || values.next().ok().flatten();
        let value = (0..idx)
            .try_for_each(|_| next().map(drop))
            .and_then(|()| next())
            .ok_or("expected a summary with this value; found fewer values")?;
        match value.content {
            Content::Image(bytes) => image(bytes).map(Self::Images),
            Content::Histogram(bytes) => {
                let proto = HistogramProto::decode(bytes).map_err(|fault| fault.to_string())?;
                Histogram::of_proto(&proto).map(Self::Histogram)
            }
            Content::Audio(bytes) => clip(bytes).map(|clip| Self::Audio(vec![clip])),
            Content::Tensor(bytes) => Self::of_tensor(bytes, kind),
            Content::Number(_) | Content::Absent => {
                Err("expected a value of this kind; found a scalar or none".to_owned())
            }
        }
    }

    fn of_tensor(bytes: &[u8], kind: Kind) -> Result<Self, String> {
        let tensor = Tensor::decode(bytes)?;
        Ok(match kind {
            Kind::Histogram => Self::Histogram(Histogram::of_tensor(&tensor)?),
            Kind::Image => Self::Images(images(&tensor)?),
            Kind::Audio => Self::Audio(clips(tensor)?),
            Kind::Text => Self::Text(text(tensor)?),
            Kind::PrCurve => Self::PrCurve(pr_curve(&tensor)?),
            Kind::CustomScalars => Self::Layout(Layout::decode(&single(tensor)?)?),
            Kind::Graph => Self::Graph(single(tensor)?),
            Kind::Scalar | Kind::Mesh | Kind::Tensor | Kind::Hparams => Self::Tensor(tensor),
        })
    }
}

fn image(bytes: &[u8]) -> Result<Images, String> {
    let proto = Image::decode(bytes).map_err(|fault| fault.to_string())?;
    Ok(Images {
        width: u64::try_from(proto.width).unwrap_or_default(),
        height: u64::try_from(proto.height).unwrap_or_default(),
        encoded: vec![proto.encoded_image_string],
    })
}

fn clip(bytes: &[u8]) -> Result<Clip, String> {
    let proto = Audio::decode(bytes).map_err(|fault| fault.to_string())?;
    Ok(Clip {
        encoded: proto.encoded_audio_string,
        caption: String::new(),
    })
}

/// Width and height as texts, then the images.
fn images(tensor: &Tensor) -> Result<Images, String> {
    let [width, height, encoded @ ..] = bytes(tensor)? else {
        return Err("expected a width, a height and images; found fewer texts".to_owned());
    };
    let pixels = |text: &[u8]| {
        str::from_utf8(text)
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| "expected a number of pixels; found another text".to_owned())
    };
    Ok(Images {
        width: pixels(width)?,
        height: pixels(height)?,
        encoded: encoded.to_vec(),
    })
}

/// Sounds, or sounds with captions side by side.
fn clips(tensor: Tensor) -> Result<Vec<Clip>, String> {
    let is_captioned = match tensor.shape.as_slice() {
        [_] => false,
        [_, 2] => true,
        other => {
            return Err(format!(
                "expected sounds of shape [k] or [k, 2]; found {other:?}"
            ));
        }
    };
    let mut elements = into_bytes(tensor)?.into_iter();
    let mut clips = Vec::new();
    while let Some(encoded) = elements.next() {
        let caption = if is_captioned { elements.next() } else { None };
        clips.push(Clip {
            encoded,
            caption: String::from_utf8_lossy(&caption.unwrap_or_default()).into_owned(),
        });
    }
    Ok(clips)
}

fn text(tensor: Tensor) -> Result<Text, String> {
    let shape = tensor.shape.clone();
    let texts = into_bytes(tensor)?
        .iter()
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .collect();
    Ok(Text { shape, texts })
}

/// Six rows, a column a threshold.
fn pr_curve(tensor: &Tensor) -> Result<PrCurve, String> {
    let [6, n_thresholds] = *tensor.shape.as_slice() else {
        return Err(format!(
            "expected a curve of shape [6, n]; found {:?}",
            tensor.shape
        ));
    };
    let numbers = tensor.numbers().ok_or("expected numbers; found texts")?;
    let row = |idx: usize| numbers[idx * n_thresholds..(idx + 1) * n_thresholds].to_vec();
    Ok(PrCurve {
        true_positives: row(0),
        false_positives: row(1),
        true_negatives: row(2),
        false_negatives: row(3),
        precision: row(4),
        recall: row(5),
    })
}

fn bytes(tensor: &Tensor) -> Result<&[Vec<u8>], String> {
    match &tensor.elements {
        Elements::Bytes(elements) => Ok(elements),
        Elements::Numbers(_) => Err("expected texts; found numbers".to_owned()),
    }
}

fn into_bytes(tensor: Tensor) -> Result<Vec<Vec<u8>>, String> {
    match tensor.elements {
        Elements::Bytes(elements) => Ok(elements),
        Elements::Numbers(_) => Err("expected texts; found numbers".to_owned()),
    }
}

fn single(tensor: Tensor) -> Result<Vec<u8>, String> {
    let count = bytes(&tensor)?.len();
    match into_bytes(tensor)?.pop() {
        Some(only) if count == 1 => Ok(only),
        _ => Err(format!("expected one text; found {count}")),
    }
}
