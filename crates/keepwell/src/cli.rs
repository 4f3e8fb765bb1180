//! What can be typed.

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use keepwell_core::schema::{Kind, Task};
use keepwell_core::time::{Every, Timestamp};

use crate::failure::Failure;
use crate::report::texts::Lang;
use crate::standard_output;
use crate::tensorboard::args::TensorboardArgs;

/// Watches machine-learning models in production and keeps them well.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Compare the events of a model with its reference: what changed, since when, for whom
    Check(Box<CheckArgs>),
    /// List every metric, drift test, quality check, detector and estimator
    Catalog(CatalogArgs),
    /// Read, judge, compare and follow the TensorBoard logs of trainings
    Tensorboard(Box<TensorboardArgs>),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// Arguments of `keepwell catalog`.
#[derive(Debug, Args)]
pub struct CatalogArgs {
    /// Print one entry in full, by its id
    pub id: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `keepwell check`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct CheckArgs {
    /// Files, globs or folders with events: reference before --until, current after
    #[arg(value_name = "EVENTS", conflicts_with_all = ["reference", "current"])]
    pub events: Vec<String>,
    /// Files, globs or folders to compare against (Parquet, CSV, NDJSON, Arrow IPC; .gz, .zst)
    #[arg(long, value_name = "FILES", num_args = 1..)]
    pub reference: Vec<String>,
    /// Files, globs or folders to judge
    #[arg(long, value_name = "FILES", num_args = 1..)]
    pub current: Vec<String>,
    /// Model spec (YAML)
    #[arg(long, value_name = "FILE")]
    pub spec: Option<PathBuf>,
    /// End of the reference in one file, for example 2026-01-01 (UTC)
    #[arg(long, value_name = "INSTANT")]
    pub until: Option<Timestamp>,
    /// Give a result per window of this width, for example 1h, 1d, 1w, 1mo
    #[arg(long, value_name = "WIDTH")]
    pub every: Option<Every>,

    /// Look at one part only: the columns and rows, or the outcomes of the model
    #[arg(long, value_enum, value_name = "PART")]
    pub only: Option<Part>,

    /// Columns of the events, where the spec and their names do not tell
    #[command(flatten)]
    pub columns: ColumnArgs,

    /// Greatest share of false reports among all reports (false discovery rate); default: what the alarm
    /// budget of the spec allows, else 0.01
    #[arg(long, value_name = "RATE", value_parser = rate, help_heading = "Decision")]
    pub alpha: Option<f64>,
    /// How p-values are corrected for their number, by its id in the catalog; default: benjamini_hochberg
    #[arg(long, value_name = "ID", help_heading = "Decision")]
    pub correction: Option<String>,
    /// Least number of usable rows on either side for a decision
    #[arg(
        long,
        value_name = "N",
        default_value_t = 30,
        help_heading = "Decision"
    )]
    pub min_rows: u64,
    /// Which verdict makes the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Alert, help_heading = "Decision")]
    pub fail_on: FailOn,

    /// Write a self-contained HTML report
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub html: Option<PathBuf>,
    /// Write all results as JSON; `-` is standard output
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub json: Option<PathBuf>,
    /// Write JUnit XML, for CI; `-` is standard output
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub junit: Option<PathBuf>,
    /// Write a Markdown summary; `-` is standard output
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub markdown: Option<PathBuf>,
    /// Language of the reports
    #[arg(
        long,
        value_name = "LANG",
        default_value = "en",
        help_heading = "Output"
    )]
    pub lang: Lang,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = Color::Auto, help_heading = "Output")]
    pub color: Color,
    /// Print no summary and no progress
    #[arg(long, short, help_heading = "Output")]
    pub quiet: bool,

    /// Sketch distributions in bounded memory instead of keeping all values; errors are stated
    #[arg(long, help_heading = "Resources")]
    pub approx: bool,
    /// Memory for values and queries, for example 512MiB or 4GiB
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = bytes, help_heading = "Resources")]
    pub memory_limit: u64,
    /// Number of threads; default: all cores
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Resources")]
    pub threads: Option<u16>,
    /// Values of a segment column that are looked at one by one; the rest is taken together
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000), help_heading = "Resources")]
    pub max_segments: u16,
}

/// Flags that name columns; they go before the spec.
#[derive(Debug, Args)]
#[command(next_help_heading = "Columns")]
pub struct ColumnArgs {
    /// Name of the model in the reports
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Task of the model
    #[arg(long, value_name = "TASK")]
    pub task: Option<Task>,
    /// Ground truth
    #[arg(long, value_name = "COLUMN")]
    pub target: Option<String>,
    /// Decision or value
    #[arg(long, value_name = "COLUMN")]
    pub prediction: Option<String>,
    /// Probability of the positive class, or CLASS=COLUMN for each class
    #[arg(long, value_name = "COLUMN")]
    pub score: Vec<String>,
    /// The positive class
    #[arg(long, value_name = "CLASS")]
    pub positive: Option<String>,
    /// Event time
    #[arg(long, value_name = "COLUMN")]
    pub timestamp: Option<String>,
    /// Identifier of the prediction
    #[arg(long, value_name = "COLUMN")]
    pub prediction_id: Option<String>,
    /// Column that names an entity: compares the values of the same entities on both sides; can be repeated
    #[arg(long, value_name = "COLUMN")]
    pub pair_by: Vec<String>,
    /// Version of the model
    #[arg(long, value_name = "COLUMN")]
    pub model_version: Option<String>,
    /// Column whose values name segments; can be repeated
    #[arg(long, value_name = "COLUMN")]
    pub segment: Vec<String>,
    /// Column to leave out; can be repeated
    #[arg(long, value_name = "COLUMN")]
    pub exclude: Vec<String>,
    /// Kind of a column, as COLUMN=KIND (numeric, categorical, boolean, timestamp, text, embedding, image); can be
    /// repeated
    #[arg(long, value_name = "COLUMN=KIND", value_parser = column_kind)]
    pub kind: Vec<(String, String)>,
}

/// Part of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Quality, drift, and what rows say as wholes.
    Data,
    /// Metrics, fairness and estimates.
    Performance,
}

/// Which verdict makes the exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Warnings and alerts
    Warning,
    /// Alerts
    Alert,
    /// None
    Never,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The kind of a column of images, which is read as columns of numbers.
pub const IMAGE: &str = "image";

const EXAMPLES: &str = "\
Examples:
  keepwell check --reference train.parquet --current week.parquet
  keepwell check events.parquet --until 2026-01-01 --every 1d --html report.html
  keepwell check 'logs/*.csv.gz' --spec model.yaml --fail-on warning

Exit codes: 0 nothing found, 1 findings at or above --fail-on, 2 bad input or usage, 3 internal fault.";

/// Writes a completion script to standard output.
///
/// # Errors
/// If standard output cannot take it.
pub fn print_completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    // The generator panics if its output fails, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "keepwell", &mut script);
    standard_output::write(|out| out.write_all(&script))
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate < 1.0 => Ok(rate),
        _ => Err("expected a number above 0 and below 1".to_owned()),
    }
}

fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim() {
        "" | "B" => 1,
        "K" | "KiB" => 1 << 10,
        "kB" | "KB" => 1_000,
        "M" | "MiB" => 1 << 20,
        "MB" => 1_000_000,
        "G" | "GiB" => 1 << 30,
        "GB" => 1_000_000_000,
        _ => return Err("expected a size such as 512MiB or 4GiB".to_owned()),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(factor))
        .filter(|&bytes| bytes >= 16 << 20)
        .ok_or_else(|| "expected a size of at least 16MiB, such as 512MiB".to_owned())
}

fn column_kind(text: &str) -> Result<(String, String), String> {
    let (column, kind) = text
        .rsplit_once('=')
        .ok_or_else(|| "expected COLUMN=KIND, such as zip=categorical".to_owned())?;
    if kind != IMAGE {
        kind.parse::<Kind>().map_err(|fault| fault.to_string())?;
    }
    Ok((column.to_owned(), kind.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn sizes_are_read() {
        assert_eq!(bytes("1GiB"), Ok(1 << 30));
        assert_eq!(bytes("512M"), Ok(512 << 20));
        for wrong in ["", "GiB", "1TiBx", "1", "99999999999999999999GiB"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }
}
