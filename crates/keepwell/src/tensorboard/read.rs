//! `keepwell tensorboard read`: what the runs wrote.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use glob::Pattern;
use keepwell_interop::tensorboard::{Kind, LogDir, Point, Run, Stamp, Tag, Value};
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use super::args::{Points, ReadArgs};
use super::document::{self, Number};
use super::flaw;
use super::source;
use super::table::{Align, Table};
use super::texts::{Words, words};
use crate::destination;
use crate::failure::Failure;
use crate::report::texts::number::{count, value};
use crate::standard_output;

/// Characters of a text that the table shows.
const TEXT_CHARS: usize = 60;

/// Runs the command.
pub fn run(args: &ReadArgs) -> Result<ExitCode, Failure> {
    let destinations: Vec<&Path> = [&args.csv, &args.json]
        .into_iter()
        .flatten()
        .map(PathBuf::as_path)
        .collect();
    destination::check(&destinations)?;
    // Hyperparameters stand in tags that have no name for people, so patterns do not apply to them.
    let tags: &[Pattern] = match args.kind {
        Kind::Hparams => &[],
        _ => args.tag.as_slice(),
    };
    let logdir = source::open_filled(&args.logdir, &args.run, tags)?;
    let words = words(args.lang);
    flaw::warn(&logdir, words);
    if logdir.runs().all(|run| run.tags().next().is_none()) && !tags.is_empty() {
        return Err(no_such_tag(args)?);
    }
    let reading = Reading {
        logdir: &logdir,
        kind: args.kind,
        points: args.points,
        words,
    };
    if let Some(path) = &args.csv {
        destination::write(path, |out| reading.write_csv(out))?;
    }
    if let Some(path) = &args.json {
        destination::write(path, |out| {
            serde_json::to_writer(&mut *out, &reading)?;
            writeln!(out)
        })?;
    }
    if !destinations.iter().any(|path| destination::is_stdout(path)) {
        let table = match args.kind {
            Kind::Scalar => reading.scalars(),
            Kind::Hparams => reading.hparams(),
            _ => reading.others(),
        };
        standard_output::write(|out| out.write_all(table.text().as_bytes()))?;
        reading.remark();
    }
    Ok(ExitCode::SUCCESS)
}

/// That no tag matches; the log directory is read once more to say which tags there are.
fn no_such_tag(args: &ReadArgs) -> Result<Failure, Failure> {
    let all = source::open(&args.logdir, &args.run, &[])?;
    let mut names: Vec<&str> = all
        .runs()
        .flat_map(|run| run.tags().map(|tag| tag.name()))
        .collect();
    names.sort_unstable();
    names.dedup();
    Ok(source::nothing_matches("tag", &args.tag, &names))
}

/// What is read of a log directory.
struct Reading<'a> {
    logdir: &'a LogDir,
    kind: Kind,
    points: Points,
    words: &'static Words,
}

/// The values of a tag.
enum Values {
    Scalars(Vec<Point>),
    Others(Vec<(Stamp, Json)>),
}

impl Reading<'_> {
    /// The runs that have tags of the kind, with these tags.
    fn tags(&self) -> impl Iterator<Item = (&Run, Vec<Tag<'_>>)> {
        self.logdir.runs().filter_map(move |run| {
            let tags: Vec<Tag<'_>> = run.tags().filter(|tag| tag.kind() == self.kind).collect();
            (!tags.is_empty()).then_some((run, tags))
        })
    }

    fn values(&self, run: &Run, tag: &Tag<'_>) -> Values {
        match self.kind {
            Kind::Scalar => Values::Scalars(self.points_of(tag)),
            _ => Values::Others(self.others_of(run, tag)),
        }
    }

    fn points_of(&self, tag: &Tag<'_>) -> Vec<Point> {
        match self.points {
            Points::Shown => tag.shown(),
            Points::Written => tag.points().collect(),
        }
    }

    /// Values that are not scalars; what cannot be read is told, and stands as `null`.
    fn others_of(&self, run: &Run, tag: &Tag<'_>) -> Vec<(Stamp, Json)> {
        let stamps: Vec<Stamp> = tag.stamps().collect();
        let positions = match self.points {
            Points::Shown => tag.shown_positions(),
            Points::Written => (0..stamps.len()).collect(),
        };
        let value = |idx: usize| match tag.read(idx) {
            Ok(value) => document::value(&value),
            Err(fault) => {
                let text = self
                    .words
                    .unreadable_value(run.name(), tag.name(), &fault.to_string());
                flaw::note(self.words, &text);
                Json::Null
            }
        };
        let positions = positions.into_iter();
        positions
            .filter_map(|idx| Some((*stamps.get(idx)?, value(idx))))
            .collect()
    }

    /// One row for each value; what is no scalar is a cell of JSON.
    fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "run,tag,step,wall_time,value")?;
        if self.kind == Kind::Hparams {
            return self.write_hparams(out);
        }
        for (run, tags) in self.tags() {
            for tag in &tags {
                let name = format!("{},{}", cell(run.name()), cell(tag.name()));
                match self.values(run, tag) {
                    Values::Scalars(points) => {
                        for point in points {
                            let (step, time) = (point.step, point.wall_time);
                            let value = number_cell(point.value);
                            writeln!(out, "{name},{step},{time},{value}")?;
                        }
                    }
                    Values::Others(values) => {
                        for (Stamp { step, wall_time }, value) in values {
                            let value = cell(&value.to_string());
                            writeln!(out, "{name},{step},{wall_time},{value}")?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Hyperparameters have no step, and the time of the run's start.
    fn write_hparams(&self, out: &mut dyn Write) -> io::Result<()> {
        for run in self.logdir.runs() {
            let Some(hparams) = run.hparams() else {
                continue;
            };
            let document = document::hparams(&hparams, None);
            let time = hparams.started.map(|time| time.to_string());
            let time = time.unwrap_or_default();
            for (name, value) in document["values"].as_object().into_iter().flatten() {
                let value = value.as_str().map_or_else(|| value.to_string(), cell);
                writeln!(out, "{},{},,{time},{value}", cell(run.name()), cell(name))?;
            }
        }
        Ok(())
    }

    fn scalars(&self) -> Table {
        let words = self.words;
        let mut table = Table::new(&[
            (words.run, Align::Left),
            (words.tag, Align::Left),
            (words.values, Align::Right),
            (words.last_step, Align::Right),
            (words.last, Align::Right),
            (words.least, Align::Right),
            (words.greatest, Align::Right),
        ]);
        for (run, tags) in self.tags() {
            for tag in &tags {
                let points = self.points_of(tag);
                let values = || points.iter().map(|point| point.value);
                let finite = || values().filter(|value| value.is_finite());
                let last = points.last();
                table.push([
                    run.name().to_owned(),
                    tag.name().to_owned(),
                    count(points.len() as u64),
                    last.map_or_else(String::new, |point| point.step.to_string()),
                    last.map_or_else(String::new, |point| number(point.value)),
                    finite().min_by(f64::total_cmp).map_or_else(dash, number),
                    finite().max_by(f64::total_cmp).map_or_else(dash, number),
                ]);
            }
        }
        table
    }

    fn others(&self) -> Table {
        let words = self.words;
        let mut table = Table::new(&[
            (words.run, Align::Left),
            (words.tag, Align::Left),
            (words.values, Align::Right),
            (words.last_step, Align::Right),
            (words.last, Align::Left),
        ]);
        for (run, tags) in self.tags() {
            for tag in &tags {
                let positions = match self.points {
                    Points::Shown => tag.shown_positions(),
                    Points::Written => (0..tag.stamps().count()).collect(),
                };
                let last = positions.last().copied();
                let stamp = last.and_then(|idx| tag.stamps().nth(idx));
                table.push([
                    run.name().to_owned(),
                    tag.name().to_owned(),
                    count(positions.len() as u64),
                    stamp.map_or_else(String::new, |stamp| stamp.step.to_string()),
                    last.and_then(|idx| tag.read(idx).ok())
                        .map_or_else(dash, |value| brief(&value)),
                ]);
            }
        }
        table
    }

    fn hparams(&self) -> Table {
        let words = self.words;
        let mut table = Table::new(&[
            (words.run, Align::Left),
            (words.parent, Align::Left),
            (words.status, Align::Left),
            (words.hyperparameters, Align::Left),
        ]);
        for run in self.logdir.runs() {
            let Some(hparams) = run.hparams() else {
                continue;
            };
            let document = document::hparams(&hparams, None);
            let values = document["values"].as_object().into_iter().flatten();
            let values: Vec<String> = values
                .map(|(name, value)| match value.as_str() {
                    Some(text) => format!("{name}={text}"),
                    None => format!("{name}={value}"),
                })
                .collect();
            let parent = self.logdir.parent_of(run).map(Run::name);
            table.push([
                run.name().to_owned(),
                parent.map_or_else(dash, str::to_owned),
                document::status(hparams.status).to_owned(),
                values.join(", "),
            ]);
        }
        table
    }

    /// Says what the table does not show.
    fn remark(&self) {
        let mut others: BTreeMap<Kind, usize> = BTreeMap::new();
        for run in self.logdir.runs() {
            for tag in run.tags().filter(|tag| tag.kind() != self.kind) {
                *others.entry(tag.kind()).or_default() += 1;
            }
            if self.kind != Kind::Scalar || self.points != Points::Shown {
                continue;
            }
            let went_back = |tag: &Tag<'_>| Some(tag.restarts().len()).filter(|&n| n > 0);
            let mut tags = run.tags().filter(|tag| tag.kind() == Kind::Scalar);
            if let Some((tag, n)) = tags.find_map(|tag| Some((tag.name(), went_back(&tag)?))) {
                flaw::note(self.words, &self.words.restarts(run.name(), tag, n));
            }
        }
        let others = others.into_iter();
        let others: Vec<String> = others
            .map(|(kind, n)| format!("{} ({n})", kind.id()))
            .collect();
        if !others.is_empty() {
            flaw::note(self.words, &self.words.also_there(&others.join(", ")));
        }
    }
}

impl Serialize for Reading<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.kind == Kind::Hparams {
            return serializer.collect_map(self.logdir.runs().filter_map(|run| {
                let parent = self.logdir.parent_of(run).map(Run::name);
                Some((run.name(), document::hparams(&run.hparams()?, parent)))
            }));
        }
        let runs = self.tags().map(|(run, tags)| {
            let reading = self;
            (run.name(), RunValues { reading, run, tags })
        });
        serializer.collect_map(runs)
    }
}

/// The tags of a run; the values of one are in memory at a time.
struct RunValues<'a> {
    reading: &'a Reading<'a>,
    run: &'a Run,
    tags: Vec<Tag<'a>>,
}

impl Serialize for RunValues<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let tags = self.tags.iter();
        serializer.collect_map(tags.map(|tag| (tag.name(), self.reading.values(self.run, tag))))
    }
}

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Scalars(points) => serializer.collect_seq(
                points
                    .iter()
                    .map(|point| (point.step, point.wall_time, Number(point.value))),
            ),
            Self::Others(values) => serializer.collect_seq(
                values
                    .iter()
                    .map(|(stamp, value)| (stamp.step, stamp.wall_time, value)),
            ),
        }
    }
}

/// A number of a table; NaN by its name, since a dash means that there is none.
pub fn number(x: f64) -> String {
    if x.is_nan() {
        "NaN".to_owned()
    } else {
        value(x)
    }
}

/// What stands for nothing.
pub fn dash() -> String {
    "–".to_owned()
}

/// A number with all its digits.
fn number_cell(value: f64) -> String {
    match Number(value).name() {
        Some(name) => name.to_owned(),
        None => document::number(value).to_string(),
    }
}

/// A text as a field of CSV (RFC 4180).
fn cell(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// A value in a few characters.
fn brief(value: &Value) -> String {
    match value {
        Value::Histogram(histogram) => {
            match (histogram.buckets.first(), histogram.buckets.last()) {
                (Some(first), Some(last)) => format!(
                    "{} × {} … {}",
                    number(histogram.total()),
                    number(first.left),
                    number(last.right)
                ),
                _ => "0 ×".to_owned(),
            }
        }
        Value::Images(images) => format!(
            "{} × {}×{}",
            images.encoded.len(),
            images.width,
            images.height
        ),
        Value::Text(text) => {
            let first = text.texts.first().map_or("", String::as_str);
            let line = first.lines().next().unwrap_or_default();
            let mut shown: String = line.chars().take(TEXT_CHARS).collect();
            if shown.len() < first.len() {
                shown.push('…');
            }
            shown
        }
        Value::Tensor(tensor) => format!("{:?}", tensor.shape),
        _ => dash(),
    }
}
