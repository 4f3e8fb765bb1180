//! `keepwell tensorboard diff`: two runs, tag by tag.

use std::collections::BTreeMap;
use std::process::ExitCode;

use keepwell_interop::tensorboard::{Kind, LogDir, Point, Run};
use serde_json::{Map, Value as Json, json};

use super::args::DiffArgs;
use super::document;
use super::flaw;
use super::read::{dash, number};
use super::source;
use super::table::{Align, Table};
use super::texts::{Words, words};
use crate::destination;
use crate::failure::Failure;
use crate::report::texts::printable;
use crate::standard_output;

/// What a run says of a tag.
#[derive(Debug, Clone, Copy)]
struct Side {
    last: Point,
    /// The best finite point, where the tag's words tell which is better.
    best: Option<Point>,
}

/// A tag on both sides.
#[derive(Debug, Clone, Copy, Default)]
struct Pair {
    before: Option<Side>,
    after: Option<Side>,
}

impl Pair {
    /// The last value after, less the last one before.
    fn difference(&self) -> Option<f64> {
        Some(self.after?.last.value - self.before?.last.value)
    }
}

/// Runs the command.
pub fn run(args: &DiffArgs) -> Result<ExitCode, Failure> {
    if let Some(path) = &args.json {
        destination::check(&[path])?;
    }
    let logdir = source::open_filled(&args.logdir, &[], &[])?;
    let words = words(args.lang);
    flaw::warn(&logdir, words);
    let before = find(&logdir, &args.before)?;
    let after = find(&logdir, &args.after)?;
    let mut pairs: BTreeMap<&str, Pair> = BTreeMap::new();
    for (tag, side) in sides(before) {
        pairs.entry(tag).or_default().before = Some(side);
    }
    for (tag, side) in sides(after) {
        pairs.entry(tag).or_default().after = Some(side);
    }
    let names: Vec<&str> = pairs.keys().copied().collect();
    pairs.retain(|tag, _| source::matches(&args.tag, tag));
    if pairs.is_empty() && !args.tag.is_empty() {
        return Err(source::nothing_matches("scalar", &args.tag, &names));
    }
    if let Some(path) = &args.json {
        let document = document(args, &pairs);
        destination::write(path, |out| writeln!(out, "{document:#}"))?;
    }
    if !args.json.as_deref().is_some_and(destination::is_stdout) {
        let table = table(&pairs, words).text();
        let (before, after) = (printable(&args.before), printable(&args.after));
        standard_output::write(|out| write!(out, "A  {before}\nB  {after}\n\n{table}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn find<'a>(logdir: &'a LogDir, name: &str) -> Result<&'a Run, Failure> {
    logdir.run(name).ok_or_else(|| {
        let names: Vec<&str> = logdir.runs().map(|run| run.name()).collect();
        Failure::usage(
            "keepwell.tensorboard.unknown_run",
            format!("expected the name of a run; found `{name}`"),
            source::hint(&names).as_deref(),
        )
    })
}

fn sides(run: &Run) -> impl Iterator<Item = (&str, Side)> {
    let scalars = run.tags().filter(|tag| tag.kind() == Kind::Scalar);
    scalars.filter_map(|tag| {
        let points = tag.shown();
        let last = *points.last()?;
        let best = best(tag.name(), &points);
        Some((tag.name(), Side { last, best }))
    })
}

/// The least point of what is lost, the greatest of what is gained, by the words of the tag; the first one
/// of equals.
fn best(tag: &str, points: &[Point]) -> Option<Point> {
    const LOWER: [&str; 10] = [
        "loss",
        "error",
        "perplexity",
        "ppl",
        "mae",
        "mse",
        "rmse",
        "nll",
        "wer",
        "cer",
    ];
    const HIGHER: [&str; 13] = [
        "accuracy",
        "acc",
        "auc",
        "f1",
        "precision",
        "recall",
        "score",
        "reward",
        "bleu",
        "rouge",
        "map",
        "iou",
        "r2",
    ];
    let tag = tag.to_lowercase();
    let is_one_of = |words: &[&str]| {
        let mut parts = tag.split(|letter: char| !letter.is_alphanumeric());
        parts.any(|part| words.contains(&part))
    };
    let mut finite = points.iter().filter(|point| point.value.is_finite());
    if is_one_of(&LOWER) {
        return finite
            .min_by(|one, other| one.value.total_cmp(&other.value))
            .copied();
    }
    if !is_one_of(&HIGHER) {
        return None;
    }
    let first = *finite.next()?;
    Some(
        finite.fold(first, |best, point| match point.value > best.value {
            true => *point,
            false => best,
        }),
    )
}

fn table(pairs: &BTreeMap<&str, Pair>, words: &Words) -> Table {
    let titles = [
        format!("A {}", words.last),
        format!("B {}", words.last),
        words.difference.to_owned(),
        format!("A {}", words.best),
        format!("B {}", words.best),
    ];
    let mut columns = vec![(words.tag, Align::Left)];
    columns.extend(titles.iter().map(|title| (title.as_str(), Align::Right)));
    let mut table = Table::new(&columns);
    for (tag, pair) in pairs {
        let last = |side: Option<Side>| side.map_or_else(dash, |side| number(side.last.value));
        let best = |side: Option<Side>| {
            let best = side.and_then(|side| side.best);
            best.map_or_else(dash, |point| number(point.value))
        };
        let difference = pair.difference().map_or_else(dash, |difference| {
            let sign = if difference > 0.0 { "+" } else { "" };
            format!("{sign}{}", number(difference))
        });
        table.push([
            (*tag).to_owned(),
            last(pair.before),
            last(pair.after),
            difference,
            best(pair.before),
            best(pair.after),
        ]);
    }
    table
}

fn document(args: &DiffArgs, pairs: &BTreeMap<&str, Pair>) -> Json {
    let tags: Map<String, Json> = pairs
        .iter()
        .map(|(tag, pair)| {
            let document = json!({
                "before": side_json(pair.before),
                "after": side_json(pair.after),
                "difference": pair.difference().map(document::number),
            });
            ((*tag).to_owned(), document)
        })
        .collect();
    json!({"before": args.before, "after": args.after, "tags": tags})
}

fn side_json(side: Option<Side>) -> Json {
    let point = |point: Point| json!({"step": point.step, "value": document::number(point.value)});
    match side {
        Some(side) => json!({"last": point(side.last), "best": side.best.map(point)}),
        None => Json::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_point_is_the_first_of_the_right_end() {
        let points: Vec<Point> = [3.0, 1.0, f64::NAN, 4.0, 1.0, 4.0]
            .into_iter()
            .zip(0..)
            .map(|(value, step)| Point {
                step,
                wall_time: 0.0,
                value,
            })
            .collect();
        let step = |tag| best(tag, &points).map(|point| point.step);
        assert_eq!(step("epoch_loss"), Some(1));
        assert_eq!(step("val/Accuracy"), Some(3));
        assert_eq!(step("learning_rate"), None);
    }
}
