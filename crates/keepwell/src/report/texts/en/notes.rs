//! What a run assumed, in English.

use keepwell_core::schema::Role;
use keepwell_monitor::note::{Note, Pairing, Place, Unpaired, UnreadImage, UnreadImages};

use super::{English, count, name};
use crate::report::texts::number;
use crate::report::texts::phrase::{Phrase, printable};
use crate::report::texts::{N_NAMES, Texts};

impl English {
    /// Names from the data are marked.
    pub(super) fn note_marked(&self, note: &Note) -> String {
        match note {
            Note::AlarmBudget {
                alpha,
                expected,
                allowed,
            } => say_budget(*alpha, *expected, *allowed),
            Note::AlarmBudgetWithoutTime => {
                "the alarm budget needs event time; this check keeps to --alpha".to_owned()
            }
            Note::OlderVersions { versions } => {
                format!(
                    "versions that ended before the reference began are left out: {}",
                    self.listed(versions)
                )
            }
            Note::MissingColumns { task, missing } => self.say_missing(task, missing),
            Note::NoEventTime { rows: 1 } => "1 row has no event time and is left out".to_owned(),
            Note::NoEventTime { rows } => {
                format!("{} rows have no event time and are left out", count(*rows))
            }
            Note::NewColumns { columns } => {
                format!(
                    "columns that the reference does not have: {}",
                    self.listed(columns)
                )
            }
            Note::MixedTypes {
                place,
                before,
                found,
            } => say_types(place, before, found),
            Note::EpochUnit { column, unit } => {
                format!("column {} is read as {unit} since 1970, UTC", name(column))
            }
            Note::NaiveTime { column } => {
                format!(
                    "column {} names no time zone and is read as UTC",
                    name(column)
                )
            }
            Note::UnnamedColumn { file, column } => format!(
                "a column of {} has no name and is called {}",
                name(file),
                name(column)
            ),
            Note::Delimiter { file, delimiter } => format!(
                "the fields of {} are parted by {}",
                name(file),
                separator(*delimiter)
            ),
            Note::DuplicateKey { place } => {
                format!("{}: the key occurs twice; its last value counts", at(place))
            }
            Note::FreeText { column } => format!(
                "column {} holds long texts and is read as free text, not as categories",
                name(column)
            ),
            Note::Nested { place } => format!(
                "{}: found a list or an object; only rows and nulls of the column are counted",
                at(place)
            ),
            Note::UnreadImages(found) => say_unread(found),
            Note::Paired(pairing) => say_pairing(pairing),
            Note::NotPaired { columns } => format!(
                "not compared entity by entity, as the types have nothing in common: {}",
                names(columns)
            ),
        }
    }
    fn listed(&self, names: &[String]) -> String {
        let names: Vec<Phrase> = names.iter().map(|own| Phrase::new(&name(own))).collect();
        self.list(&names, N_NAMES).marked()
    }

    fn say_missing(&self, task: &str, missing: &[Role]) -> String {
        let keys: Vec<Phrase> = missing
            .iter()
            .map(|role| Phrase::new(&name(&format!("{}:", role.id()))))
            .collect();
        format!(
            "metrics of the task {} need {} under {} in the spec",
            self.task(task),
            self.list(&keys, N_NAMES).marked(),
            name("columns:")
        )
    }
}

fn say_budget(alpha: f64, expected: f64, allowed: f64) -> String {
    format!(
        "alpha {} follows from the alarm budget: it allows {} false alarms in a run of this length, and at \
                 most {} are expected if nothing changed",
        number::value(alpha),
        number::value(allowed),
        number::value(expected)
    )
}

fn say_types(place: &Place, before: &str, found: &str) -> String {
    format!(
        "{}: found {} after {before}; the column is read as text",
        at(place),
        name(found)
    )
}

fn say_unread(found: &UnreadImages) -> String {
    let examples: Vec<String> = found.examples.iter().map(unread).collect();
    format!(
        "{} of {} images of column {} in {} cannot be read, and nothing describes them: {}",
        count(found.n_unread),
        count(found.n_images),
        name(&found.column),
        name(&found.file),
        examples.join(", ")
    )
}

fn say_pairing(pairing: &Pairing) -> String {
    let sample = match pairing.one_in {
        1 => String::new(),
        n => format!(" in a sample of one key in {}", count(n)),
    };
    format!(
        "paired by {}: {} entities on both sides{sample}{}{}",
        names(&pairing.key),
        count(pairing.entities),
        unpaired("in the reference", &pairing.reference),
        unpaired("now", &pairing.current)
    )
}

fn names(columns: &[String]) -> String {
    let names: Vec<String> = columns.iter().map(|column| name(column)).collect();
    names.join(", ")
}

/// What was left out on one side.
fn unpaired(side: &str, rows: &Unpaired) -> String {
    let parts: Vec<String> = [
        (rows.alone, "without a partner"),
        (rows.repeated, "with the key of an earlier row"),
        (rows.without_key, "with a null in the key"),
    ]
    .iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, what)| format!("{} {what}", count(*n)))
    .collect();
    match parts.is_empty() {
        true => String::new(),
        false => format!("; rows left out {side}: {}", parts.join(", ")),
    }
}

fn unread(image: &UnreadImage) -> String {
    let named = image.name.as_ref();
    let named = named.map_or_else(|| format!("row {}", image.row), |own| name(own));
    let fault = match image.fault {
        "missing" => "there is no such file",
        "unreadable" => "the system refuses it",
        "unknown_format" => "no PNG, JPEG, WebP, GIF or BMP",
        "damaged" => "damaged",
        "too_large" => "too large",
        other => other,
    };
    format!("{named} ({fault})")
}

fn at(place: &Place) -> String {
    let unit = if place.is_line { "line" } else { "row" };
    let position = format!("{}, {unit} {}", name(&place.file), place.number);
    match &place.column {
        Some(column) => format!("{position}, column {}", name(column)),
        None => position,
    }
}

fn separator(delimiter: char) -> String {
    match delimiter {
        '\t' => "tabs".to_owned(),
        ';' => "semicolons".to_owned(),
        ',' => "commas".to_owned(),
        other => name(&printable(&other.to_string())),
    }
}
