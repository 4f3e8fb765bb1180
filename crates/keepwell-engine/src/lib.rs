//! Reads files and computes profiles of their columns, with DataFusion.
//!
//! Nothing of DataFusion or Arrow is seen from outside, but for SQL. In reading order:
//!
//! - [`error`], [`note`]: what can go wrong, and what was assumed;
//! - [`source`]: from patterns to files of known format;
//! - `part`: one Parquet or Arrow file; `staging`: text files become temporary Parquet files;
//!   `images`: columns of images become columns of numbers;
//! - [`table`]: files united by the names of their columns;
//! - `text`, `names`, `lists`, `boxes`, `values`: from Arrow arrays to what profiles take;
//! - [`request`], `plan`: what is asked, and its division into jobs;
//! - `memory`, `accumulate`, `outcomes`, `cells`, `scan`, `fold`, `assemble`: from batches to profiles by window and group;
//! - [`session`]: the engine itself;
//! - `guess`: what columns are that their type does not tell;
//! - `selection`: a table parted by a value of a column;
//! - [`sample`], [`duplicates`]: samples of whole rows, and rows that occur twice;
//! - [`paired`]: values of the same entities in two tables;
//! - `udaf`, `query`: profiles as SQL aggregates.

pub mod error;

pub mod note;

pub mod source;

mod part;

mod staging;

mod images;

pub mod table;

mod text;

mod names;

mod lists;

mod boxes;

mod values;

mod memory;

mod accumulate;

mod outcomes;

mod cells;

mod scan;

pub mod request;

mod plan;

mod fold;

mod assemble;

pub mod session;

mod guess;

mod selection;

pub mod sample;

pub mod duplicates;

pub mod paired;

mod udaf;

mod query;

pub use duplicates::{DuplicateCounts, DuplicateRequest};
pub use error::{EngineError, Place, Position};
pub use note::{ImageFault, Note, UnreadImage};
pub use paired::{KeyCounts, PairExample, PairRequest, Paired, PairedValues, TwoTables};
pub use request::{Cell, Group, GroupBy, OutcomeColumns, Profiled, Request, TimeSlices};
pub use sample::{ChosenRows, SampleRequest, SampleWindows, join_columns};
pub use session::{Session, SessionConfig};
pub use source::Format;
pub use table::{Column, OpenOptions, Table};
