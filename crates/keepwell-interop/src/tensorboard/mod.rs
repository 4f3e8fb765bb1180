//! Event files of TensorBoard, as TensorFlow, Keras, PyTorch, tensorboardX and others write them.
//!
//! A log directory holds runs: each folder with a file whose name contains `tfevents`. A file is a row of
//! records (`record`), each with an event (`event`): a time, a step and mostly a summary, which has
//! values by tag. [`LogDir`] finds the runs and follows their files; the points of scalars are kept in memory
//! ([`Series`]), all of them and unrounded, everything else is left in the files and read on demand
//! ([`Tag::read`]). [`RunWriter`] writes such files.
//!
//! What is kept of a file depends on its bytes alone: reading it once, or after each byte that it grew by,
//! gives the same. A damaged record is left out, counted and named ([`Damage`]); a record that is not there
//! in full is waited for ([`Progress`]). Nothing that a file says makes the reader allocate more than the
//! file has, or fail.
//!
//! Where TensorBoard's own readers disagree, this one keeps what was written, and [`Tag::shown`] gives what
//! its user interface shows.
//!
//! In reading order:
//!
//! - `record` and `crc`: bytes to records; `wire` and `event`: records to values of summaries;
//! - `proto` and `tensor`: messages, and tensors of every type of number;
//! - `series`, `tag`, `damage`, `content`, `file`: what is kept of a file;
//! - `walk`, `run`, `logdir`: all files of a log directory;
//! - `value`, `histogram`, `layout`, `hparams`: what is not a scalar;
//! - `downsample`: fewer points for a chart; `writer`: the way back.

mod crc;
mod record;

mod event;
mod wire;

mod proto;

mod tensor;

mod content;
mod damage;
mod file;
mod series;
mod tag;

mod logdir;
mod run;
mod walk;

mod histogram;
mod hparams;
mod layout;
mod value;

mod downsample;

mod writer;

pub use content::{Session, SessionStatus};
pub use damage::{Damage, DamageKind};
pub use downsample::{Axis, downsample};
pub use file::{EventFile, Progress};
pub use histogram::{Bucket, DISTRIBUTION_BASIS_POINTS, Histogram};
pub use hparams::{
    Declared, DeclaredHparam, DeclaredMetric, HparamDomain, HparamValue, Hparams, RunStatus,
};
pub use layout::{Category, Chart, Layout, Lines, Margin};
pub use logdir::{LoadOptions, LogDir, OpenError, Refresh, Selector};
pub use run::{Run, Stamp, Tag};
pub use series::{Point, Restart, Series, restarts, shown};
pub use tag::{Kind, Metadata, TAGS_MAX};
pub use tensor::{Elements, Tensor};
pub use value::{Clip, Images, PrCurve, Text, Value, ValueError};
pub use walk::{FILES_MAX, WalkFault};
pub use writer::{Description, RunWriter};
