//! The log directory that was asked for.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use glob::Pattern;
use keepwell_interop::tensorboard::{LoadOptions, LogDir, Selector};

use crate::failure::Failure;

/// Names that a hint gives.
const N_NAMES: usize = 10;

/// Opens a log directory, and reads the runs and tags that a pattern matches; no pattern matches all.
///
/// # Errors
/// If there is nothing at the path.
pub fn open(logdir: &Path, runs: &[Pattern], tags: &[Pattern]) -> Result<LogDir, Failure> {
    let options = LoadOptions {
        runs: selector(runs),
        tags: selector(tags),
        ..LoadOptions::default()
    };
    Ok(LogDir::open_with(logdir, options)?)
}

/// As [`open`], where it is of no use without a run.
///
/// # Errors
/// If there is nothing at the path, no event file inside, or none of a run that is wanted.
pub fn open_filled(logdir: &Path, runs: &[Pattern], tags: &[Pattern]) -> Result<LogDir, Failure> {
    let opened = open(logdir, runs, tags)?;
    if opened.runs().next().is_some() {
        return Ok(opened);
    }
    // Opened once more, so that the message can say what there would be.
    let all = LogDir::open_with(
        logdir,
        LoadOptions {
            tags: Some(Box::new(|_: &str| false)),
            ..LoadOptions::default()
        },
    )?;
    let names: Vec<&str> = all.runs().map(|run| run.name()).collect();
    if names.is_empty() {
        return Err(Failure::usage(
            "keepwell.tensorboard.no_runs",
            format!(
                "expected files named like `events.out.tfevents.…` below {}; found none",
                logdir.display()
            ),
            Some("name the folder that the training writes its logs to"),
        ));
    }
    Err(nothing_matches("run", runs, &names))
}

/// That no name matches the patterns.
pub fn nothing_matches(what: &str, patterns: &[Pattern], names: &[&str]) -> Failure {
    let patterns: Vec<&str> = patterns.iter().map(Pattern::as_str).collect();
    Failure::usage(
        "keepwell.tensorboard.nothing_matches",
        format!(
            "expected a {what} that matches `{}`; found none",
            patterns.join("` or `")
        ),
        hint(names).as_deref(),
    )
}

/// Which names there are, for a hint.
pub fn hint(names: &[&str]) -> Option<String> {
    let (first, further) = names.split_at(names.len().min(N_NAMES));
    let last = match further.len() {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    (!first.is_empty()).then(|| format!("there are `{}`{last}", first.join("`, `")))
}

/// Whether one of the patterns matches; a `*` matches across folders, and no pattern matches all.
pub fn matches(patterns: &[Pattern], name: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(name))
}

/// Now, in seconds since 1970.
pub fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}

fn selector(patterns: &[Pattern]) -> Option<Selector> {
    if patterns.is_empty() {
        return None;
    }
    let patterns = patterns.to_vec();
    Some(Box::new(move |name: &str| matches(&patterns, name)))
}
