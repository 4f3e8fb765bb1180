//! What can be asked of a table, and what comes back.

use keepwell_core::schema::Kind;
use keepwell_core::time::Window;
use keepwell_stats::profile::row_sample::RowSample;
use keepwell_stats::profile::{ColumnProfile, OutcomeConfig, OutcomeProfile};

use crate::sample::ChosenRows;

/// What to profile.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Columns, each with the kind as which it is read.
    pub columns: Vec<(String, Kind)>,
    /// Target, prediction and scores, if outcomes are wanted.
    pub outcomes: Option<OutcomeColumns>,
    /// Windows of time; `None` for all rows, whatever their time.
    pub time: Option<TimeSlices>,
    /// Values of a column that are kept apart; `None` for one group of all.
    pub group_by: Option<GroupBy>,
    /// Rows of which the values are kept too, in [`Profiled::samples`]; whatever their window and group here.
    pub sample: Option<ChosenRows>,
}

/// Columns that tell outcomes. How each is read depends on the configuration:
///
/// - **labels**: a list of names, or text: a JSON list, or labels parted by the first of `|`, `;` and `,` that
///   occurs; a set without labels is an empty list, or `[]`;
/// - **texts**: the target is text or a list of texts, any of which would be right;
/// - **boxes**: text such as `[{"class": "car", "score": 0.9, "box": [x_min, y_min, x_max, y_max]}]` or a list
///   of structs with these fields; a target needs no score.
#[derive(Debug, Clone)]
pub struct OutcomeColumns {
    /// Column of the ground truth: a class, a number, labels, a relevance, texts, boxes.
    pub target: Option<String>,
    /// Column of the decision, value, labels, text or boxes; of a ranking the place in the list, 1 being the
    /// first. A classifier without one decides by its scores, a ranking is ordered by them.
    pub prediction: Option<String>,
    /// Columns of the scores: of a classifier parallel to its scored classes, of a ranking at most one, the
    /// highest score being the first; none otherwise.
    pub scores: Vec<String>,
    /// Column of the query that a row of a ranking belongs to; of no other task.
    pub query: Option<String>,
    /// Column of the item that a row of a ranking is about; of no other task.
    pub item: Option<String>,
    /// What is the same for all parts; it says how the columns are read.
    pub config: OutcomeConfig,
}

/// Windows of time.
#[derive(Debug, Clone)]
pub struct TimeSlices {
    /// Column of the event time.
    pub column: String,
    /// In order; they do not overlap.
    pub windows: Vec<Window>,
}

/// Values of a column that are kept apart.
#[derive(Debug, Clone)]
pub struct GroupBy {
    /// The column.
    pub column: String,
    /// Values in the canonical spelling of [`keepwell_core::class`], as
    /// [`Session::values`](crate::Session::values) gives them. All else, null included, is one group
    /// of others.
    pub values: Vec<String>,
}

/// Profiles by window and group.
#[derive(Debug)]
pub struct Profiled {
    /// One for each window and group, in their order; those without rows are there too.
    pub cells: Vec<Cell>,
    /// One for each window of [`Request::sample`], and one more where windows share one; of the columns of the
    /// request but those of an unsupported kind; instants as microseconds since 1970. Empty if no sample was
    /// asked for.
    pub samples: Vec<RowSample>,
    /// Rows whose time is null.
    pub rows_without_time: u64,
    /// Rows whose time is in no window.
    pub rows_outside_windows: u64,
}

/// The rows of one window and one group.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Position in [`TimeSlices::windows`]; `None` if no windows were asked for.
    pub window: Option<usize>,
    /// The group.
    pub group: Group,
    /// Number of rows.
    pub rows: u64,
    /// Profiles, sealed, parallel to [`Request::columns`].
    pub columns: Vec<ColumnProfile>,
    /// Profile of the outcomes, sealed, if they were asked for.
    pub outcomes: Option<OutcomeProfile>,
}

/// A group of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Group {
    /// All rows: no groups were asked for.
    All,
    /// Rows with this value.
    Value(String),
    /// Rows with any other value, or none.
    Other,
}
