//! Writes what was asked for.

use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use keepwell_monitor::report::Report;

use crate::cli::{CheckArgs, Color, FailOn};
use crate::failure::Failure;
use crate::report::{html, json, junit, markdown, terminal};
use crate::standard_output;

/// Width of the summary where output is not a terminal.
const WIDTH_DEFAULT: usize = 100;

/// A progress bar, on a terminal only.
pub struct Progress(ProgressBar);

/// Makes the progress bar: hidden where nobody looks.
pub fn progress(args: &CheckArgs) -> Progress {
    if args.quiet || !std::io::stderr().is_terminal() {
        return Progress(ProgressBar::hidden());
    }
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    Progress(bar)
}

impl Progress {
    /// Sets how much there is to do.
    pub fn start(&self, n_columns: usize, n_groupings: usize) {
        self.0.set_length((n_columns + n_groupings) as u64);
    }

    /// A column is done.
    pub fn column(&self, name: &str) {
        self.0
            .set_message(crate::report::texts::printable(name).into_owned());
        self.0.inc(1);
    }

    /// The outcomes of a grouping are done.
    pub fn outcomes(&self, grouping: &str) {
        self.0
            .set_message(crate::report::texts::printable(grouping).into_owned());
        self.0.inc(1);
    }

    /// All is done.
    pub fn finish_and_clear(&self) {
        self.0.finish_and_clear();
    }
}

/// Refuses destinations that cannot be written before any work is done.
pub fn check_destinations(args: &CheckArgs) -> Result<(), Failure> {
    let destinations: Vec<&PathBuf> = [&args.html, &args.json, &args.junit, &args.markdown]
        .into_iter()
        .flatten()
        .collect();
    if destinations.iter().filter(|path| is_stdout(path)).count() > 1 {
        return Err(Failure::usage(
            "keepwell.usage.stdout_twice",
            "expected at most one report on standard output (`-`); found several",
            None,
        ));
    }
    if args.html.as_ref().is_some_and(|path| is_stdout(path)) {
        return Err(Failure::usage(
            "keepwell.usage.html_stdout",
            "expected a file for --html; found `-`",
            None,
        ));
    }
    for path in destinations {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder
            && !folder.is_dir()
        {
            return Err(Failure::usage(
                "keepwell.output.no_folder",
                format!(
                    "expected the folder {} to write {}; it does not exist",
                    folder.display(),
                    path.display()
                ),
                Some("create it first"),
            ));
        }
    }
    Ok(())
}

/// Writes the reports, and the summary to the terminal unless a report takes standard output.
pub fn write(args: &CheckArgs, report: &Report) -> Result<(), Failure> {
    if let Some(path) = &args.html {
        to(path, |out| {
            out.write_all(html::render(report, args.lang).as_bytes())
        })?;
    }
    if let Some(path) = &args.json {
        to(path, |out| json::write(report, out))?;
    }
    if let Some(path) = &args.junit {
        let fails_on_warning = args.fail_on == FailOn::Warning;
        to(path, |out| {
            out.write_all(junit::render(report, fails_on_warning).as_bytes())
        })?;
    }
    if let Some(path) = &args.markdown {
        to(path, |out| {
            out.write_all(markdown::render(report, args.lang).as_bytes())
        })?;
    }
    let is_stdout_taken = [&args.json, &args.junit, &args.markdown]
        .into_iter()
        .flatten()
        .any(|path| is_stdout(path));
    if args.quiet || is_stdout_taken {
        return Ok(());
    }
    let style = terminal::Style {
        color: has_color(args.color),
        width: width(),
    };
    standard_output::write(|out| {
        out.write_all(terminal::render(report, args.lang, style).as_bytes())
    })
}

fn to(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Failure> {
    if is_stdout(path) {
        return standard_output::write(write);
    }
    write_whole(path, write).map_err(|fault| standard_output::unwritable(path, &fault))
}

/// Writes a file by way of a temporary name, so that a full disk leaves no half report under the
/// wanted one. A link is followed, and what is not a file (a pipe, `/dev/null`) is written to as
/// it stands: a rename would put a file in its place.
fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let into = |file: File| {
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        out.flush()
    };
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if target.exists() && !target.is_file() {
        return into(File::options().write(true).open(&target)?);
    }
    let partial = target.with_added_extension("partial");
    File::create(&partial)
        .and_then(into)
        .and_then(|()| std::fs::rename(&partial, &target))
        .inspect_err(|_| {
            // The write has failed already; a left-over is the lesser evil.
            let _ = std::fs::remove_file(&partial);
        })
}

fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn has_color(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
        }
    }
}

fn width() -> usize {
    terminal_size::terminal_size().map_or(WIDTH_DEFAULT, |(width, _)| usize::from(width.0))
}
