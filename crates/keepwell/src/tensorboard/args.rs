//! What can be typed after `keepwell tensorboard`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use glob::Pattern;
use keepwell_core::time::Every;
use keepwell_interop::tensorboard::Kind;

use crate::cli::FailOn;
use crate::report::texts::Lang;

/// Arguments of `keepwell tensorboard`.
#[derive(Debug, Args)]
pub struct TensorboardArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: TensorboardCommand,
}

/// What to do with a log directory.
#[derive(Debug, Subcommand)]
pub enum TensorboardCommand {
    /// Print what the runs wrote: a table, CSV or JSON
    Read(ReadArgs),
    /// Judge every training: diverged, not finite, spikes, overfitting, stalled
    Lint(LintArgs),
    /// Compare two runs, tag by tag
    Diff(DiffArgs),
    /// Follow the runs while they are written
    Watch(WatchArgs),
}

/// Arguments of `keepwell tensorboard read`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ReadArgs {
    /// Log directory, or one event file
    #[arg(value_name = "LOGDIR")]
    pub logdir: PathBuf,
    /// What to read: scalars, histograms, images, audio, text, pr_curves, hparams, custom_scalars, mesh,
    /// graphs or tensors
    #[arg(long, value_name = "KIND", default_value = "scalars", value_parser = kind)]
    pub kind: Kind,
    /// Runs to read, as a pattern such as 'sweep/*'; can be repeated
    #[arg(long, value_name = "GLOB", value_parser = pattern)]
    pub run: Vec<Pattern>,
    /// Tags to read, as a pattern such as '*loss'; can be repeated
    #[arg(long, value_name = "GLOB", value_parser = pattern)]
    pub tag: Vec<Pattern>,
    /// Which points: those that TensorBoard shows, or all as they were written
    #[arg(long, value_enum, default_value_t = Points::Shown)]
    pub points: Points,
    /// Write one row for each value as CSV; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Write {run: {tag: [[step, wall_time, value], …]}} as JSON; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Language of the table
    #[arg(long, value_name = "LANG", default_value = "en")]
    pub lang: Lang,
}

/// Arguments of `keepwell tensorboard lint`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct LintArgs {
    /// Log directory, or one event file
    #[arg(value_name = "LOGDIR")]
    pub logdir: PathBuf,
    /// Trainings to judge, as a pattern such as 'sweep/*'; can be repeated
    #[arg(long, value_name = "GLOB", value_parser = pattern)]
    pub run: Vec<Pattern>,
    /// Which finding makes the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Warning)]
    pub fail_on: FailOn,
    /// Write all findings as JSON; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Language of the findings
    #[arg(long, value_name = "LANG", default_value = "en")]
    pub lang: Lang,
}

/// Arguments of `keepwell tensorboard diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// Log directory
    #[arg(value_name = "LOGDIR")]
    pub logdir: PathBuf,
    /// Run to compare with, such as `sweep/1`, or `.` for the log directory itself
    #[arg(value_name = "RUN")]
    pub before: String,
    /// Run to compare
    #[arg(value_name = "RUN")]
    pub after: String,
    /// Tags to compare, as a pattern such as '*loss'; can be repeated
    #[arg(long, value_name = "GLOB", value_parser = pattern)]
    pub tag: Vec<Pattern>,
    /// Write the comparison as JSON; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Language of the table
    #[arg(long, value_name = "LANG", default_value = "en")]
    pub lang: Lang,
}

/// Arguments of `keepwell tensorboard watch`.
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// Log directory, or one event file
    #[arg(value_name = "LOGDIR")]
    pub logdir: PathBuf,
    /// Runs to follow, as a pattern such as 'sweep/*'; can be repeated
    #[arg(long, value_name = "GLOB", value_parser = pattern)]
    pub run: Vec<Pattern>,
    /// Tags to show, as a pattern such as '*loss'; can be repeated
    #[arg(long, value_name = "GLOB", value_parser = pattern)]
    pub tag: Vec<Pattern>,
    /// How often to look, from 1s on
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = interval)]
    pub every: Duration,
    /// Print what is there, and end
    #[arg(long)]
    pub once: bool,
    /// Language of the lines
    #[arg(long, value_name = "LANG", default_value = "en")]
    pub lang: Lang,
}

/// Which points of a tag are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Points {
    /// As TensorBoard shows them: what a restart did again replaces what it was before
    Shown,
    /// All, in the order in which they were written
    Written,
}

const EXAMPLES: &str = "\
Examples:
  keepwell tensorboard read logs
  keepwell tensorboard read logs --tag '*loss' --json -
  keepwell tensorboard read logs --kind hparams";

const EXIT_CODES: &str = "\
Exit codes: 0 nothing found, 1 findings at or above --fail-on, 2 bad input or usage, 3 internal fault.";

fn pattern(text: &str) -> Result<Pattern, String> {
    Pattern::new(text).map_err(|fault| format!("expected a pattern such as 'sweep/*': {fault}"))
}

fn kind(text: &str) -> Result<Kind, String> {
    let is_named = |kind: &Kind| kind.id() == text || *kind == Kind::Text && text == "texts";
    Kind::ALL.into_iter().find(is_named).ok_or_else(|| {
        let ids = Kind::ALL.map(Kind::id).join(", ");
        format!("expected one of {ids}")
    })
}

fn interval(text: &str) -> Result<Duration, String> {
    match text.parse::<Every>() {
        Ok(Every::Fixed(micros)) => Ok(Duration::from_micros(micros.unsigned_abs())),
        _ => Err("expected a time of at least a second, such as 2s or 1m".to_owned()),
    }
}
