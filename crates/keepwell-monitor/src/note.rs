//! What a run assumed, or left out, for the user to see. The texts of the reports put it into words.

use keepwell_core::schema::Role;

/// Where in the input something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Path of the file.
    pub file: String,
    /// Line of a text file, or row of a file that has no lines; from 1.
    pub number: u64,
    /// Whether `number` counts lines.
    pub is_line: bool,
    /// Name of the column, where one is concerned.
    pub column: Option<String>,
}

/// An assumption that the user may want to correct, or something that was left out.
#[derive(Debug, Clone, PartialEq)]
pub enum Note {
    /// The level of the run follows from the alarm budget of the specification.
    AlarmBudget {
        /// The level: see [`Rule::alpha`](crate::rule::Rule::alpha).
        alpha: f64,
        /// False alarms that are expected in this run at most, if nothing changed.
        expected: f64,
        /// False alarms that the budget allows in the stretch of time of this run.
        allowed: f64,
    },
    /// Without event time nobody can tell how long a run lasts, so the alarm budget is not followed.
    AlarmBudgetWithoutTime,
    /// These versions ended before the one that is the reference began, and are on neither side.
    OlderVersions {
        /// Their names.
        versions: Vec<String>,
    },
    /// Metrics of the task need columns that were not named.
    MissingColumns {
        /// The task, by its identifier.
        task: &'static str,
        /// The parts that no column plays.
        missing: Vec<Role>,
    },
    /// Rows without an event time are on neither side.
    NoEventTime {
        /// How many.
        rows: u64,
    },
    /// There is nothing to compare these columns with.
    NewColumns {
        /// Names of columns that the reference does not have.
        columns: Vec<String>,
    },
    /// Values of several types stand in one column, which is therefore read as text.
    MixedTypes {
        /// The first value that does not fit those before it.
        place: Place,
        /// What the values before it are: `nulls`, `truth values`, `integers`, `numbers`, `instants`, `text` or
        /// `lists or objects`.
        before: &'static str,
        /// That value, shortened.
        found: String,
    },
    /// Numbers were taken as time since 1970.
    EpochUnit {
        /// The column.
        column: String,
        /// Unit of its numbers: `seconds`, `milliseconds`, `microseconds` or `nanoseconds`.
        unit: &'static str,
    },
    /// Times without a zone were taken as UTC.
    NaiveTime {
        /// The column.
        column: String,
    },
    /// A column without a name was given one.
    UnnamedColumn {
        /// Path of the file.
        file: String,
        /// The name that it was given.
        column: String,
    },
    /// The fields of a CSV file are parted by something else than its name tells.
    Delimiter {
        /// Path of the file.
        file: String,
        /// What parts them.
        delimiter: char,
    },
    /// A key occurs twice in a JSON object; the last value counts.
    DuplicateKey {
        /// The first such line, and the key as the column.
        place: Place,
    },
    /// A column of long texts that mostly differ is read as free text.
    FreeText {
        /// The column.
        column: String,
    },
    /// Some values of a column are lists or objects, so that only its rows and nulls are counted.
    Nested {
        /// The first such value.
        place: Place,
    },
    /// Some images cannot be read; what describes them is null.
    UnreadImages(UnreadImages),
    /// Rows of both sides were paired by a key.
    Paired(Pairing),
    /// Columns whose values cannot be compared, entity by entity: their types have nothing in common.
    NotPaired {
        /// Names of the columns.
        columns: Vec<String>,
    },
}

/// How rows of both sides were paired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairing {
    /// Columns of the key.
    pub key: Vec<String>,
    /// Entities on both sides.
    pub entities: u64,
    /// Of how many keys one was looked at; 1 where all were.
    pub one_in: u64,
    /// Rows of the reference.
    pub reference: Unpaired,
    /// Current rows.
    pub current: Unpaired,
}

/// Rows of one side that were not paired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unpaired {
    /// Keys that the other side does not have.
    pub alone: u64,
    /// Rows whose key an earlier row has.
    pub repeated: u64,
    /// Rows with a null in their key.
    pub without_key: u64,
}

/// Images of a column that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadImages {
    /// Path of the file with the column.
    pub file: String,
    /// The column.
    pub column: String,
    /// Rows with an image.
    pub n_images: u64,
    /// Those whose image cannot be read.
    pub n_unread: u64,
    /// Some of them.
    pub examples: Vec<UnreadImage>,
}

/// An image that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadImage {
    /// Its path, where the column holds paths.
    pub name: Option<String>,
    /// Row of the file, from 1.
    pub row: u64,
    /// Why not: `missing`, `unreadable`, `unknown_format`, `damaged` or `too_large`.
    pub fault: &'static str,
}
