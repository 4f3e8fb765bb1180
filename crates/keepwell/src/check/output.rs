//! Writes what was asked for.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use keepwell_monitor::report::Report;

use crate::cli::{CheckArgs, Color, FailOn};
use crate::destination;
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
    let destinations: Vec<&Path> = [&args.html, &args.json, &args.junit, &args.markdown]
        .into_iter()
        .flatten()
        .map(PathBuf::as_path)
        .collect();
    if args
        .html
        .as_ref()
        .is_some_and(|path| destination::is_stdout(path))
    {
        return Err(Failure::usage(
            "keepwell.usage.html_stdout",
            "expected a file for --html; found `-`",
            None,
        ));
    }
    destination::check(&destinations)
}

/// Writes the reports, and the summary to the terminal unless a report takes standard output.
pub fn write(args: &CheckArgs, report: &Report) -> Result<(), Failure> {
    if let Some(path) = &args.html {
        destination::write(path, |out| {
            out.write_all(html::render(report, args.lang).as_bytes())
        })?;
    }
    if let Some(path) = &args.json {
        destination::write(path, |out| json::write(report, out))?;
    }
    if let Some(path) = &args.junit {
        let fails_on_warning = args.fail_on == FailOn::Warning;
        destination::write(path, |out| {
            out.write_all(junit::render(report, fails_on_warning).as_bytes())
        })?;
    }
    if let Some(path) = &args.markdown {
        destination::write(path, |out| {
            out.write_all(markdown::render(report, args.lang).as_bytes())
        })?;
    }
    let is_stdout_taken = [&args.json, &args.junit, &args.markdown]
        .into_iter()
        .flatten()
        .any(|path| destination::is_stdout(path));
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
