//! What was asked: spec and flags as one, the files opened, the roles of their columns.

use std::collections::{BTreeMap, BTreeSet};

use keepwell_core::schema::Kind;
use keepwell_core::time::{Every, Timestamp};
use keepwell_engine::{OpenOptions, Session, SessionConfig, Table};
use keepwell_monitor::note::Note;
use keepwell_monitor::roles::{Roles, SourceColumn};
use keepwell_monitor::spec::{self, ClassName, ModelSpec, ScoreSpec};
use keepwell_stats::profile::Mode;

use super::version;
use crate::cli::{CheckArgs, IMAGE};
use crate::failure::Failure;

/// Files, opened, and what the user said of them.
pub struct Input {
    /// Engine.
    pub session: Session,
    /// Spec, with the flags laid over it.
    pub spec: ModelSpec,
    /// What is compared.
    pub sides: Sides,
    /// Roles of the columns of the current events.
    pub roles: Roles,
    /// Width of windows.
    pub every: Option<Every>,
    /// How long targets usually take, in microseconds.
    pub target_delay: Option<i64>,
    /// Mode of the profiles.
    pub mode: Mode,
    /// What was assumed about the sides.
    pub notes: Vec<Note>,
}

/// Where reference and current events come from.
pub enum Sides {
    /// Each has files of its own, or rows of its own in the same files.
    Two {
        /// What is compared against.
        reference: Table,
        /// What is judged.
        current: Table,
    },
    /// One set of files: the reference before the instant, the current events from it on.
    One {
        /// All events.
        events: Table,
        /// First instant of the current events.
        until: Timestamp,
    },
}

impl Sides {
    /// The table of the current events.
    pub fn current(&self) -> &Table {
        match self {
            Self::Two { current, .. } => current,
            Self::One { events, .. } => events,
        }
    }

    /// The table of the reference.
    pub fn reference(&self) -> &Table {
        match self {
            Self::Two { reference, .. } => reference,
            Self::One { events, .. } => events,
        }
    }
}

impl Input {
    /// Reads the spec and opens the files.
    pub async fn open(args: &CheckArgs) -> Result<Self, Failure> {
        let spec = merged_spec(args)?;
        let reference = Reference::of(args, &spec)?;
        let mode = if args.approx {
            Mode::Sketched
        } else {
            Mode::Exact
        };
        let session = Session::try_new(SessionConfig {
            memory_limit_bytes: args.memory_limit,
            threads: super::threads(args),
            mode,
            ..SessionConfig::default()
        })?;
        let mut options = open_options(&spec)?;
        let mut sides = open_sides(args, &reference, &session, &options).await?;
        let mut roles = Roles::resolve(&spec, &known_columns(&sides))?;
        // A time column that was guessed by its name may hold text or numbers: read it as time.
        if let Some(column) = &roles.timestamp
            && !options.time_columns.contains(column)
            && !is_time(sides.current(), column)
        {
            options.time_columns.push(column.clone());
            sides = open_sides(args, &reference, &session, &options).await?;
            roles = Roles::resolve(&spec, &known_columns(&sides))?;
        }
        let mut notes = Vec::new();
        if let Reference::Version(version) = &reference {
            let parted = version::part(&session, sides.current(), &roles, version).await?;
            notes.extend(parted.note());
            sides = Sides::Two {
                reference: parted.reference,
                current: parted.current,
            };
        }
        let every = match (&args.every, &spec.windows.every) {
            (Some(every), _) => Some(*every),
            (None, Some(text)) => Some(parse(text, "windows.every")?),
            (None, None) => None,
        };
        Ok(Self {
            target_delay: target_delay(&spec)?,
            session,
            spec,
            sides,
            roles,
            every,
            mode,
            notes,
        })
    }
}

/// What is compared against.
enum Reference {
    /// Files of its own.
    Files(Vec<String>),
    /// The rows before this instant.
    Until(Timestamp),
    /// The rows of this version.
    Version(String),
}

impl Reference {
    /// What the flags say, or else the spec.
    fn of(args: &CheckArgs, spec: &ModelSpec) -> Result<Self, Failure> {
        if !args.reference.is_empty() {
            return Ok(Self::Files(args.reference.clone()));
        }
        if let Some(until) = args.until {
            return Ok(Self::Until(until));
        }
        let written = &spec.reference;
        match (&written.file, &written.until, &written.version) {
            (Some(file), None, None) => Ok(Self::Files(vec![beside_spec(args, file)])),
            (None, Some(until), None) => Ok(Self::Until(parse(until, "reference.until")?)),
            (None, None, Some(version)) => Ok(Self::Version(version.canonical())),
            (None, None, None) => Err(Failure::usage(
                "keepwell.usage.no_reference",
                "expected something to compare with; found no reference",
                Some(
                    "give `--reference FILES`, or `--until INSTANT` if the reference is the earlier part of the same files",
                ),
            )),
            _ => Err(Failure::usage(
                "keepwell.spec.reference",
                "reference: expected one of `file`, `until` and `version`; found several",
                Some("leave one, or say it by `--reference FILES` or `--until INSTANT`"),
            )),
        }
    }
}

/// Columns of both sides. A role that only the reference can fill (targets that are not there yet) is
/// no fault.
fn known_columns(sides: &Sides) -> Vec<SourceColumn> {
    let mut names = BTreeSet::new();
    let both = sides
        .current()
        .columns
        .iter()
        .chain(&sides.reference().columns);
    both.filter(|column| names.insert(&column.name))
        .map(|column| SourceColumn {
            name: column.name.clone(),
            kind: column.kind,
        })
        .collect()
}

fn is_time(table: &Table, column: &str) -> bool {
    table
        .columns
        .iter()
        .any(|known| known.name == column && known.kind == Kind::Timestamp)
}

/// The spec with the flags laid over it: what is typed goes before what is written.
fn merged_spec(args: &CheckArgs) -> Result<ModelSpec, Failure> {
    let mut spec = match &args.spec {
        None => ModelSpec::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|fault| {
                Failure::usage(
                    "keepwell.spec.unreadable",
                    format!(
                        "expected a model spec in {}; found: {fault}",
                        path.display()
                    ),
                    None,
                )
            })?;
            spec::parse(&text, &path.display().to_string())?
        }
    };
    let flags = &args.columns;
    let columns = &mut spec.columns;
    let lay = |flag: &Option<String>, key: &mut Option<String>| {
        if flag.is_some() {
            key.clone_from(flag);
        }
    };
    lay(&flags.model, &mut spec.model);
    lay(&flags.target, &mut columns.target);
    lay(&flags.prediction, &mut columns.prediction);
    lay(&flags.timestamp, &mut columns.timestamp);
    lay(&flags.prediction_id, &mut columns.prediction_id);
    lay(&flags.model_version, &mut columns.version);
    if let Some(positive) = &flags.positive {
        columns.positive = Some(ClassName::Text(positive.clone()));
    }
    if let Some(task) = flags.task {
        spec.task = Some(task.id().to_owned());
    }
    if !flags.score.is_empty() {
        columns.score = Some(score(&flags.score)?);
    }
    if args.correction.is_some() {
        spec.correction.clone_from(&args.correction);
    }
    if !flags.pair_by.is_empty() {
        columns.key.clone_from(&flags.pair_by);
    }
    for segment in &flags.segment {
        if !columns.segments.contains(segment) {
            columns.segments.push(segment.clone());
        }
    }
    columns
        .features
        .exclude
        .extend(flags.exclude.iter().cloned());
    for (column, kind) in &flags.kind {
        columns.kinds.insert(column.clone(), kind.clone());
    }
    Ok(spec)
}

fn score(flags: &[String]) -> Result<ScoreSpec, Failure> {
    if let [column] = flags
        && !column.contains('=')
    {
        return Ok(ScoreSpec::Positive(column.clone()));
    }
    flags
        .iter()
        .map(|flag| {
            let (class, column) = flag.split_once('=').ok_or_else(|| {
                Failure::usage(
                    "keepwell.usage.score",
                    format!("expected CLASS=COLUMN where several scores are given; found `{flag}`"),
                    None,
                )
            })?;
            Ok((ClassName::Text(class.to_owned()), column.to_owned()))
        })
        .collect::<Result<BTreeMap<_, _>, Failure>>()
        .map(ScoreSpec::PerClass)
}

/// The usual delay of targets, in microseconds.
fn target_delay(spec: &ModelSpec) -> Result<Option<i64>, Failure> {
    let text = spec.windows.target_delay.as_ref();
    text.map(|text| fixed(text, "windows.target_delay"))
        .transpose()
}

/// A length of time in microseconds; months have no fixed length, so days are asked for.
pub fn fixed(text: &str, key: &str) -> Result<i64, Failure> {
    match parse(text, key)? {
        Every::Fixed(micros) => Ok(micros),
        Every::Months(_) => Err(Failure::usage(
            "keepwell.spec.time",
            format!("{key}: expected a fixed length such as 36h or 60d; found `{text}`"),
            None,
        )),
    }
}

fn open_options(spec: &ModelSpec) -> Result<OpenOptions, Failure> {
    let kinds = spec
        .columns
        .kinds
        .iter()
        .filter(|(_, kind)| *kind != IMAGE)
        .map(|(column, kind)| {
            kind.parse()
                .map(|kind| (column.clone(), kind))
                .map_err(|fault| Failure::from(keepwell_monitor::roles::RoleError::Word(fault)))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let images = spec.columns.kinds.iter();
    let images = images.filter(|(_, kind)| *kind == IMAGE);
    Ok(OpenOptions {
        kinds,
        images: images.map(|(column, _)| column.clone()).collect(),
        time_columns: spec.columns.timestamp.iter().cloned().collect(),
        ..OpenOptions::default()
    })
}

async fn open_sides(
    args: &CheckArgs,
    reference: &Reference,
    session: &Session,
    options: &OpenOptions,
) -> Result<Sides, Failure> {
    let current = if args.current.is_empty() {
        &args.events
    } else {
        &args.current
    };
    if current.is_empty() {
        return Err(Failure::usage(
            "keepwell.usage.no_events",
            "expected events to judge; found none",
            Some(
                "give files: `keepwell check EVENTS --until INSTANT`, or `--reference FILES --current FILES`",
            ),
        ));
    }
    let current = session.open(current, options).await?;
    Ok(match reference {
        Reference::Files(files) => Sides::Two {
            reference: session.open(files, options).await?,
            current,
        },
        Reference::Until(until) => Sides::One {
            events: current,
            until: *until,
        },
        // Parted when the column of the version is known.
        Reference::Version(_) => Sides::Two {
            reference: current.clone(),
            current,
        },
    })
}

/// A path in a spec counts from the folder of the spec.
pub fn beside_spec(args: &CheckArgs, file: &str) -> String {
    match args.spec.as_ref().and_then(|spec| spec.parent()) {
        Some(folder) => folder.join(file).display().to_string(),
        None => file.to_owned(),
    }
}

fn parse<T: std::str::FromStr<Err = keepwell_core::time::TimeError>>(
    text: &str,
    key: &str,
) -> Result<T, Failure> {
    text.parse()
        .map_err(|fault: keepwell_core::time::TimeError| {
            Failure::usage("keepwell.spec.time", format!("{key}: {fault}"), None)
        })
}
