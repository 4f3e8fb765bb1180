//! `keepwell tensorboard watch`: the runs while they are written.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use keepwell_interop::tensorboard::{Kind, LogDir, Point, Run};
use unicode_width::UnicodeWidthStr;

use super::args::WatchArgs;
use super::flaw;
use super::read::number;
use super::source;
use super::texts::{Words, words};
use crate::failure::Failure;
use crate::report::texts::{Lang, printable};
use crate::standard_output::unwritable;

/// Tags that a line shows.
const N_TAGS: usize = 8;
/// Back to the top, and nothing below.
const CLEAR: &str = "\u{1b}[H\u{1b}[J";

/// Runs the command, until it is interrupted or nobody reads it.
pub fn run(args: &WatchArgs) -> Result<ExitCode, Failure> {
    let mut logdir = source::open(&args.logdir, &args.run, &args.tag)?;
    let words = words(args.lang);
    flaw::warn(&logdir, words);
    let mut board = Board {
        words,
        lang: args.lang,
        lines: BTreeMap::new(),
    };
    let mut changed: Vec<String> = logdir.runs().map(|run| run.name().to_owned()).collect();
    let mut removed: Vec<String> = Vec::new();
    let screen = Some(io::stdout())
        .filter(IsTerminal::is_terminal)
        .filter(|_| !args.once)
        .and_then(|_| terminal_size::terminal_size())
        .map(|(width, height)| (usize::from(width.0), usize::from(height.0)));
    let mut is_first = true;
    loop {
        if is_first || !changed.is_empty() || !removed.is_empty() {
            board.update(&logdir, &changed, &removed);
            let text = match screen {
                Some((width, height)) => board.page(width, height),
                None => board.news(&changed, &removed, is_first),
            };
            if !print(&text)? {
                return Ok(ExitCode::SUCCESS);
            }
        }
        if args.once {
            return Ok(ExitCode::SUCCESS);
        }
        is_first = false;
        pause(args.every);
        let refresh = logdir.refresh();
        changed = refresh.runs_changed;
        removed = refresh.runs_removed;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "files that others write give no signal that works on every system: they are looked at in turns"
)]
fn pause(every: Duration) {
    thread::sleep(every);
}

/// Writes to standard output; false where its reader has gone.
fn print(text: &str) -> Result<bool, Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(fault) if fault.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(fault) => Err(unwritable(Path::new("-"), &fault)),
    }
}

/// The last values of each run; made again only for runs that changed.
struct Board {
    words: &'static Words,
    lang: Lang,
    lines: BTreeMap<String, Line>,
}

/// The last values of a run.
struct Line {
    wall_time: f64,
    step: Option<i64>,
    /// Losses first, then by name.
    tags: Vec<(String, f64)>,
}

impl Line {
    fn of(run: &Run) -> Self {
        let scalars = run.tags().filter(|tag| tag.kind() == Kind::Scalar);
        // What TensorBoard shows ends with the point that was written last.
        let mut last: Vec<(String, Point)> = scalars
            .filter_map(|tag| Some((tag.name().to_owned(), tag.points().last()?)))
            .collect();
        last.sort_by_key(|(tag, _)| !tag.to_lowercase().contains("loss"));
        Self {
            wall_time: run.last_wall_time().unwrap_or(f64::NEG_INFINITY),
            step: last.iter().map(|(_, point)| point.step).max(),
            tags: last
                .into_iter()
                .map(|(tag, point)| (tag, point.value))
                .collect(),
        }
    }
}

impl Board {
    fn update(&mut self, logdir: &LogDir, changed: &[String], removed: &[String]) {
        for name in removed {
            self.lines.remove(name);
        }
        for name in changed {
            if let Some(run) = logdir.run(name) {
                self.lines.insert(name.clone(), Line::of(run));
            }
        }
    }

    /// All runs that fit on a terminal, those first that were written last.
    fn page(&self, width: usize, height: usize) -> String {
        if self.lines.is_empty() {
            return format!("{CLEAR}{}\n", self.words.waiting);
        }
        let mut latest: Vec<(&String, &Line)> = self.lines.iter().collect();
        latest.sort_by(|one, other| other.1.wall_time.total_cmp(&one.1.wall_time));
        let shown = latest.len().min(height.saturating_sub(2).max(1));
        let mut text = CLEAR.to_owned();
        for (name, line) in &latest[..shown] {
            text.push_str(&self.line(name, line, width));
            text.push('\n');
        }
        if shown < latest.len() {
            text.push_str(&self.lang.texts().more(latest.len() - shown));
            text.push('\n');
        }
        text
    }

    /// A line for each run that changed.
    fn news(&self, changed: &[String], removed: &[String], is_first: bool) -> String {
        if is_first && self.lines.is_empty() {
            return format!("{}\n", self.words.waiting);
        }
        let mut text = String::new();
        for name in removed {
            text.push_str(&format!("{}  {}\n", printable(name), self.words.gone));
        }
        for name in changed {
            if let Some(line) = self.lines.get(name) {
                text.push_str(&self.line(name, line, usize::MAX));
                text.push('\n');
            }
        }
        text
    }

    /// The line of a run, with as many tags as fit.
    fn line(&self, name: &str, line: &Line, width: usize) -> String {
        let mut text = printable(name).into_owned();
        if let Some(step) = line.step {
            text.push_str(&format!("  {} {step}", self.words.step));
        }
        for (tag, value) in line.tags.iter().take(N_TAGS) {
            let part = format!("  {} {}", printable(tag), number(*value));
            if text.width().saturating_add(part.width()) > width {
                break;
            }
            text.push_str(&part);
        }
        text
    }
}
