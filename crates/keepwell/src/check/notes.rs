//! What a run assumed about its input, or left out.

use keepwell_engine::Position;
use keepwell_monitor::note::{Note, Place, UnreadImage, UnreadImages};
use keepwell_monitor::roles::Problem;

use super::input::Input;
use super::plan::{has_column, tables};

/// Everything that is known before rows are read, each once.
pub fn of(input: &Input, problem: &Problem) -> Vec<Note> {
    let mut notes = Vec::new();
    let missing = input.roles.missing(problem);
    if let Some(task) = problem.task()
        && !missing.is_empty()
    {
        notes.push(Note::MissingColumns {
            task: task.id(),
            missing,
        });
    }
    for note in tables(&input.sides).iter().flat_map(|table| &table.notes) {
        let note = of_engine(note);
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes.extend(input.notes.iter().cloned());
    notes.extend(new_columns(input));
    notes
}

/// Columns that the reference does not have.
fn new_columns(input: &Input) -> Option<Note> {
    let columns: Vec<String> = input
        .sides
        .current()
        .columns
        .iter()
        .map(|column| column.name.clone())
        .filter(|name| !has_column(input.sides.reference(), name))
        .collect();
    (!columns.is_empty()).then_some(Note::NewColumns { columns })
}

fn of_engine(note: &keepwell_engine::Note) -> Note {
    use keepwell_engine::Note as Found;
    match note {
        Found::MixedTypes {
            place,
            before,
            found,
        } => Note::MixedTypes {
            place: place_of(place),
            before,
            found: found.clone(),
        },
        Found::EpochUnit { column, unit } => Note::EpochUnit {
            column: column.clone(),
            unit,
        },
        Found::NaiveTime { column } => Note::NaiveTime {
            column: column.clone(),
        },
        Found::UnnamedColumn { path, column } => Note::UnnamedColumn {
            file: path.display().to_string(),
            column: column.clone(),
        },
        Found::Delimiter { path, delimiter } => Note::Delimiter {
            file: path.display().to_string(),
            delimiter: *delimiter,
        },
        Found::DuplicateKey { place } => Note::DuplicateKey {
            place: place_of(place),
        },
        Found::FreeText { column } => Note::FreeText {
            column: column.clone(),
        },
        Found::UnreadImages {
            path,
            column,
            n_images,
            n_unread,
            examples,
        } => Note::UnreadImages(UnreadImages {
            file: path.display().to_string(),
            column: column.clone(),
            n_images: *n_images,
            n_unread: *n_unread,
            examples: examples.iter().map(unread).collect(),
        }),
        Found::Nested { place } => Note::Nested {
            place: place_of(place),
        },
    }
}

fn unread(image: &keepwell_engine::UnreadImage) -> UnreadImage {
    UnreadImage {
        name: image.name.clone(),
        row: image.row,
        fault: image.fault.id(),
    }
}

fn place_of(place: &keepwell_engine::Place) -> Place {
    let (number, is_line) = match place.position {
        Position::Line(line) => (line, true),
        Position::Row(row) => (row, false),
    };
    Place {
        file: place.path.display().to_string(),
        number,
        is_line,
        column: place.column.clone(),
    }
}
