//! What is to be computed: task and classes, windows, segments, versions, columns.

use std::collections::BTreeSet;

use keepwell_core::class;
use keepwell_core::schema::{Kind, Role};
use keepwell_core::time::{Timestamp, Window};
use keepwell_engine::Table;
use keepwell_monitor::evaluation::ColumnInfo;
use keepwell_monitor::monitors::Monitors;
use keepwell_monitor::note::Note;
use keepwell_monitor::report::{Facts, SegmentValues, Side};
use keepwell_monitor::roles::Problem;
use keepwell_monitor::rule::{Correction, Rule};
use keepwell_stats::profile::{ClassConfig, OutcomeConfig};

use super::background::Known;
use super::budget::Level;
use super::input::{Input, Sides};
use super::notes;
use super::past::Past;
use crate::cli::{CheckArgs, Part};
use crate::failure::Failure;

/// Most windows of a run; more would be neither read nor drawn.
const WINDOWS_MAX: usize = 10_000;
/// Distinct values of a target or prediction column that are looked at to tell classes from numbers.
const CLASSES_MAX: usize = 1_001;
/// Decisions are taken from scores at or above it where there is no prediction column.
const THRESHOLD: f64 = 0.5;

/// What is to be computed.
pub struct Plan {
    /// Task with its classes.
    pub problem: Problem,
    /// Windows of the current events; empty where they are taken as a whole.
    pub windows: Vec<Window>,
    /// Stretch of the reference, where it is part of the same files.
    pub reference_window: Option<Window>,
    /// Windows of the reference, where it has enough of them.
    pub past: Option<Past>,
    /// Monitors of the specification.
    pub monitors: Monitors,
    /// First and last event of the reference, where events have time.
    pub reference_range: Option<(Timestamp, Timestamp)>,
    /// First and last current event, where events have time.
    pub current_range: Option<(Timestamp, Timestamp)>,
    /// Segment columns with the values that are looked at one by one.
    pub segments: Vec<SegmentValues>,
    /// Versions, where there is more than one.
    pub versions: Vec<String>,
    /// Columns to compare.
    pub columns: Vec<ColumnInfo>,
    /// How outcomes are kept; `None` where there is nothing to score.
    pub outcomes: Option<OutcomeConfig>,
    /// What is known of users and items before the lists of a ranking are made.
    pub known: Known,
    /// The rule of the verdicts.
    pub rule: Rule,
    /// What was assumed, or left out.
    pub notes: Vec<Note>,
}

/// How many rows there are to compare.
pub struct Rows {
    /// In the reference.
    pub reference: u64,
    /// In the current events.
    pub current: u64,
    /// Without an event time, and so on neither side.
    pub without_time: u64,
}

impl Rows {
    fn note(&self) -> Option<Note> {
        (self.without_time > 0).then_some(Note::NoEventTime {
            rows: self.without_time,
        })
    }
}

impl Plan {
    /// Looks at the files as far as is needed to know what to compute.
    pub async fn new(args: &CheckArgs, input: &mut Input) -> Result<Self, Failure> {
        let problem = settle(input).await?;
        let time = Times::of(input).await?;
        let segments = segments(input, usize::from(args.max_segments)).await?;
        let versions = versions(input, usize::from(args.max_segments)).await?;
        let columns = match args.only {
            Some(Part::Performance) => Vec::new(),
            Some(Part::Data) | None => columns(input, &problem),
        };
        let outcomes = match args.only {
            Some(Part::Data) => None,
            Some(Part::Performance) | None => outcome_config(input, &problem),
        };
        let level = Level::of(args, input, time.current_range)?;
        let mut notes = notes::of(input, &problem);
        notes.extend(level.note.clone());
        Ok(Self {
            outcomes,
            known: Known::read(args, input).await?,
            problem,
            past: past(input, &time),
            windows: time.windows,
            monitors: monitors(input)?,
            reference_window: time.reference_window,
            reference_range: time.reference_range,
            current_range: time.current_range,
            segments,
            versions,
            columns,
            rule: Rule {
                alpha: level.alpha,
                rows_min: args.min_rows,
                correction: match &input.spec.correction {
                    Some(id) => Correction::of(id)?,
                    None => Correction::default(),
                },
            },
            notes,
        })
    }

    /// Until when targets can be expected to have come; `None` where no delay is known.
    pub fn mature_until(&self, input: &Input) -> Option<Timestamp> {
        let (_, last) = self.current_range?;
        Some(Timestamp(last.0.saturating_sub(input.target_delay?)))
    }

    /// Facts of the run for the report.
    pub fn facts(&self, input: &Input, rows: &Rows) -> Facts {
        let side = |table: &Table, rows, range| Side {
            files: files(table),
            rows,
            range,
        };
        Facts {
            model: input
                .spec
                .model
                .clone()
                .unwrap_or_else(|| "model".to_owned()),
            task: self.problem.task().map(|task| task.id().to_owned()),
            positive: match &self.problem {
                Problem::Binary { positive } => Some(positive.clone()),
                _ => None,
            },
            reference: side(
                input.sides.reference(),
                rows.reference,
                self.reference_range,
            ),
            current: side(input.sides.current(), rows.current, self.current_range),
            windows: self.windows.clone(),
            roles: input.roles.list(),
            guesses: input.roles.guesses.clone(),
            versions: self.versions.clone(),
            segments: self.segments.clone(),
            rule: self.rule,
            is_approximate: input.mode == keepwell_stats::profile::Mode::Sketched,
            notes: self.notes.iter().cloned().chain(rows.note()).collect(),
        }
    }
}

/// Tells the task from the classes that targets and predictions hold.
async fn settle(input: &mut Input) -> Result<Problem, Failure> {
    let mut classes = BTreeSet::new();
    let mut kind = None;
    for column in [input.roles.target.clone(), input.roles.prediction.clone()]
        .into_iter()
        .flatten()
    {
        for table in tables(&input.sides) {
            let Some(found) = table.columns.iter().find(|found| found.name == column) else {
                continue;
            };
            kind = kind.or(Some(found.kind));
            let values = input.session.values(table, &column, CLASSES_MAX).await?;
            classes.extend(
                values
                    .iter()
                    .filter_map(|(value, _)| value.as_deref())
                    .map(|value| class::canonical(value).into_owned()),
            );
        }
    }
    Ok(input.roles.settle(&input.spec, &classes, kind)?)
}

/// What event time says about both sides.
struct Times {
    windows: Vec<Window>,
    reference_window: Option<Window>,
    reference_range: Option<(Timestamp, Timestamp)>,
    current_range: Option<(Timestamp, Timestamp)>,
}

impl Times {
    async fn of(input: &Input) -> Result<Self, Failure> {
        let Some(column) = &input.roles.timestamp else {
            return match (&input.sides, input.every) {
                (Sides::Two { .. }, None) => Ok(Self {
                    windows: Vec::new(),
                    reference_window: None,
                    reference_range: None,
                    current_range: None,
                }),
                _ => Err(Failure::usage(
                    "keepwell.usage.no_timestamp",
                    "expected a column with event time for --until and --every; found none",
                    Some(
                        "name it: `--timestamp COLUMN`, or `timestamp:` under `columns:` in the spec",
                    ),
                )),
            };
        };
        match &input.sides {
            Sides::Two { reference, current } => {
                let reference_range = match has_column(reference, column) {
                    true => input.session.time_range(reference, column).await?,
                    false => None,
                };
                let current_range = match has_column(current, column) {
                    true => input.session.time_range(current, column).await?,
                    false => None,
                };
                let windows = match (input.every, current_range) {
                    (Some(_), Some((first, last))) => grid(input, first, last, None)?,
                    _ => Vec::new(),
                };
                Ok(Self {
                    windows,
                    reference_window: None,
                    reference_range,
                    current_range,
                })
            }
            Sides::One { events, until } => {
                let range = input.session.time_range(events, column).await?;
                let (first, last) = range.ok_or_else(|| {
                    Failure::usage(
                        "keepwell.timestamp.all_null",
                        format!("expected instants in the time column `{column}`; found none"),
                        None,
                    )
                })?;
                split_at(input, first, last, *until)
            }
        }
    }
}

/// The windows of the reference, cut as the current events are.
fn past(input: &Input, time: &Times) -> Option<Past> {
    let (first, last) = time.reference_range?;
    let (last, rows) = match &input.sides {
        Sides::One { events, until } => {
            let length = |from: Timestamp, to: Timestamp| to.0.saturating_sub(from.0) as f64;
            let (_, end) = time.current_range?;
            // Rows are taken to be spread evenly, which is enough to say whether there are many.
            let share = length(first, *until) / length(first, end).max(1.0);
            let rows = (events.rows as f64 * share) as u64;
            (Timestamp(until.0 - 1), rows)
        }
        Sides::Two { reference, .. } => (last, reference.rows),
    };
    match input.every {
        Some(every) => Past::by_windows(first, Timestamp(last.0.saturating_add(1)), every)
            .or_else(|| Past::by_few_windows((first, last), every, rows)),
        None => Past::by_stretches((first, last), time.current_range?, rows),
    }
}

/// The monitors of the specification.
fn monitors(input: &Input) -> Result<Monitors, Failure> {
    let monitors = Monitors::resolve(&input.spec.monitors)?;
    for (number, column) in monitors.columns() {
        if !has_column(input.sides.reference(), column) {
            return Err(Failure::usage(
                "keepwell.spec.monitor_column",
                format!("monitor {number}: expected a column of the reference; found `{column}`"),
                None,
            ));
        }
    }
    Ok(monitors)
}

fn split_at(
    input: &Input,
    first: Timestamp,
    last: Timestamp,
    until: Timestamp,
) -> Result<Times, Failure> {
    if !(first < until && until <= last) {
        return Err(Failure::usage(
            "keepwell.usage.until_outside",
            format!(
                "expected an instant after the first event ({first}) and not after the last ({last}) for --until; found {until}"
            ),
            None,
        ));
    }
    let windows = match input.every {
        Some(_) => grid(input, until, last, Some(until))?,
        None => vec![Window {
            start: until,
            end: Timestamp(last.0.saturating_add(1)),
        }],
    };
    Ok(Times {
        windows,
        reference_window: Some(Window {
            start: first,
            end: until,
        }),
        reference_range: Some((first, until)),
        current_range: Some((until, last)),
    })
}

/// Windows of the grid from `from` to `to`; the first is cut off at `not_before`.
fn grid(
    input: &Input,
    from: Timestamp,
    to: Timestamp,
    not_before: Option<Timestamp>,
) -> Result<Vec<Window>, Failure> {
    let Some(every) = input.every else {
        return Ok(Vec::new());
    };
    let mut windows = every.windows(from, to, WINDOWS_MAX).map_err(|found| {
        Failure::usage(
            "keepwell.usage.too_many_windows",
            format!(
                "expected at most {WINDOWS_MAX} windows; {every} from {from} to {to} makes {found}"
            ),
            Some("choose a greater width"),
        )
    })?;
    if let (Some(first), Some(not_before)) = (windows.first_mut(), not_before) {
        first.start = first.start.max(not_before);
    }
    Ok(windows)
}

async fn segments(input: &Input, most: usize) -> Result<Vec<SegmentValues>, Failure> {
    let mut segments = Vec::new();
    for column in &input.roles.segments {
        if !has_column(input.sides.current(), column) {
            continue;
        }
        let mut values = present_values(input, column).await?;
        let n_other = values.len().saturating_sub(most) as u64;
        values.truncate(most);
        segments.push(SegmentValues {
            column: column.clone(),
            values,
            n_other,
        });
    }
    Ok(segments)
}

/// Versions in the current events; empty where there is only one, which needs no rows of its own.
async fn versions(input: &Input, most: usize) -> Result<Vec<String>, Failure> {
    let Some(column) = &input.roles.version else {
        return Ok(Vec::new());
    };
    if !has_column(input.sides.current(), column) {
        return Ok(Vec::new());
    }
    let mut versions = present_values(input, column).await?;
    if versions.len() < 2 {
        return Ok(Vec::new());
    }
    versions.truncate(most);
    versions.sort();
    Ok(versions)
}

async fn present_values(input: &Input, column: &str) -> Result<Vec<String>, Failure> {
    let values = input
        .session
        .values(input.sides.current(), column, WINDOWS_MAX)
        .await?;
    Ok(values.into_iter().filter_map(|(value, _)| value).collect())
}

/// Columns to compare: outcomes first, then features in the order of the source.
fn columns(input: &Input, problem: &Problem) -> Vec<ColumnInfo> {
    let roles = &input.roles;
    let reference = input.sides.reference();
    let kind_of = |name: &str| {
        reference
            .columns
            .iter()
            .find(|column| column.name == name)
            .map(|column| column.kind)
    };
    let is_class = matches!(problem, Problem::Binary { .. } | Problem::Multiclass { .. });
    let mut columns = Vec::new();
    let outcome = [
        (Role::Target, &roles.target),
        (Role::Prediction, &roles.prediction),
    ];
    for (role, name) in outcome {
        if let Some(name) = name
            && let Some(kind) = kind_of(name)
        {
            columns.push(ColumnInfo {
                name: name.clone(),
                role,
                kind: if is_class { Kind::Categorical } else { kind },
            });
        }
    }
    for (_, name) in &roles.scores {
        if let Some(kind) = kind_of(name) {
            columns.push(ColumnInfo {
                name: name.clone(),
                role: Role::Score,
                kind,
            });
        }
    }
    columns.extend(roles.features.iter().filter_map(|feature| {
        kind_of(&feature.name).map(|kind| ColumnInfo {
            name: feature.name.clone(),
            role: Role::Feature,
            kind,
        })
    }));
    columns
}

/// How outcomes are kept; `None` where there is nothing to score.
fn outcome_config(input: &Input, problem: &Problem) -> Option<OutcomeConfig> {
    // Lists can be compared with one another whatever is relevant.
    if input.roles.target.is_none() && *problem != Problem::Ranking {
        return None;
    }
    let positive = match problem {
        Problem::Binary { positive } => Some(positive.clone()),
        Problem::Multiclass { .. } => None,
        Problem::Regression => return Some(OutcomeConfig::Values(input.mode)),
        Problem::Multilabel => return Some(OutcomeConfig::Labels),
        Problem::Ranking => return Some(OutcomeConfig::Rankings(input.mode)),
        Problem::Detection => return Some(OutcomeConfig::Boxes),
        Problem::Text => return Some(OutcomeConfig::Texts),
        Problem::DataOnly => return None,
    };
    let scores = input.roles.scores.iter();
    Some(OutcomeConfig::Classes(ClassConfig {
        scored_classes: scores.filter_map(|(class, _)| class.clone()).collect(),
        positive,
        threshold: input.spec.columns.threshold.unwrap_or(THRESHOLD),
        mode: input.mode,
    }))
}

/// Whether a table has a column of this name.
pub fn has_column(table: &Table, name: &str) -> bool {
    table.columns.iter().any(|column| column.name == name)
}

/// The tables of both sides, each once.
pub fn tables(sides: &Sides) -> Vec<&Table> {
    match sides {
        Sides::Two { reference, current } => vec![reference, current],
        Sides::One { events, .. } => vec![events],
    }
}

/// Names of the files of a table.
pub fn files(table: &Table) -> Vec<String> {
    table
        .files
        .iter()
        .map(|file| file.display().to_string())
        .collect()
}
