//! A table: files of one format whose columns are united by name.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use keepwell_core::schema::Kind;

use crate::error::{EngineError, TypeConflict};
use crate::note::Note;
use crate::part::Part;
use crate::source::Format;
use crate::values::{Epoch, Reading, can_read, natural_kind, type_name};

/// Files that were opened as one table. Cheap to clone; temporary files go with the last clone.
#[derive(Debug, Clone)]
pub struct Table {
    /// What the user called it: the path or the pattern.
    pub name: String,
    /// The files, in the order in which their rows follow.
    pub files: Vec<PathBuf>,
    /// Format of the files.
    pub format: Format,
    /// Columns in the order of the first file; those that only later files have come after.
    pub columns: Vec<Column>,
    /// Number of rows.
    pub rows: u64,
    /// What was assumed.
    pub notes: Vec<Note>,
    pub(crate) parts: Vec<Arc<Part>>,
    by_name: Arc<HashMap<String, usize>>,
}

/// A column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    /// Name; no two columns of a table have the same.
    pub name: String,
    /// What its values are, as declared or by their type.
    pub kind: Kind,
    /// Its type in words, such as `integer` or `text`.
    pub data_type: String,
    /// Unit, where the column holds numbers that stand for time.
    pub(crate) epoch: Option<Epoch>,
    /// Position in each part; `None` where the part lacks the column.
    pub(crate) positions: Vec<Option<usize>>,
}

/// What the user says about the input beforehand.
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    /// Declared kinds by the name of the column. Names that the table does not have are passed over.
    pub kinds: Vec<(String, Kind)>,
    /// Columns that hold time: text is parsed, numbers are taken as time since 1970.
    pub time_columns: Vec<String>,
    /// Columns of images, by path (from the folder of the table's file) or as bytes. Each becomes one column of numbers
    /// for each descriptor of images, such as `photo.brightness`.
    pub images: Vec<String>,
    /// Texts that stand for null in CSV files, beside the empty field; for example `NA`.
    pub null_texts: Vec<String>,
}

impl OpenOptions {
    /// The declared kind of a column.
    pub(crate) fn kind(&self, column: &str) -> Option<Kind> {
        let declared = self.kinds.iter().find(|(name, _)| name == column);
        let is_time = self.time_columns.iter().any(|name| name == column);
        match declared {
            _ if is_time => Some(Kind::Timestamp),
            Some(&(_, kind)) => Some(kind),
            None => None,
        }
    }
}

impl Table {
    /// Position of a column.
    ///
    /// # Errors
    /// If there is no such column; the error names similar ones.
    pub fn column_idx(&self, name: &str) -> Result<usize, EngineError> {
        self.by_name
            .get(name)
            .copied()
            .ok_or_else(|| EngineError::ColumnMissing {
                table: self.name.clone(),
                column: name.to_owned(),
                similar: self.similar(name),
            })
    }

    /// A column by its name.
    ///
    /// # Errors
    /// If there is no such column; the error names similar ones.
    pub fn column(&self, name: &str) -> Result<&Column, EngineError> {
        Ok(&self.columns[self.column_idx(name)?])
    }

    /// Types that a column has in the files that have it.
    pub(crate) fn types<'a>(&'a self, column: &'a Column) -> impl Iterator<Item = &'a DataType> {
        let positions = column.positions.iter().zip(&self.parts);
        positions.filter_map(|(at, part)| Some(part.schema.field((*at)?).data_type()))
    }

    /// Names that share the most pairs of letters with `name`, at most five.
    fn similar(&self, name: &str) -> Vec<String> {
        let pairs = |text: &str| -> Vec<(char, char)> {
            let lower: Vec<char> = text.to_lowercase().chars().collect();
            lower.windows(2).map(|pair| (pair[0], pair[1])).collect()
        };
        let asked = pairs(name);
        let mut scored: Vec<(usize, &str)> = self
            .columns
            .iter()
            .map(|column| {
                let own = pairs(&column.name);
                let shared = asked.iter().filter(|pair| own.contains(pair)).count();
                (shared, column.name.as_str())
            })
            .collect();
        scored.sort_by_key(|&(shared, _)| std::cmp::Reverse(shared));
        scored
            .into_iter()
            .take(5)
            .map(|(_, name)| name.to_owned())
            .collect()
    }

    /// Unites parts by the names of their columns.
    pub(crate) fn unite(
        name: String,
        format: Format,
        parts: Vec<Arc<Part>>,
        options: &OpenOptions,
    ) -> Result<Self, EngineError> {
        let mut by_name: HashMap<String, usize> = HashMap::new();
        let mut columns: Vec<Column> = Vec::new();
        // For each column, the part and position that decide its type so far.
        let mut deciding: Vec<(usize, usize)> = Vec::new();
        for (part_idx, part) in parts.iter().enumerate() {
            for (position, field) in part.schema.fields().iter().enumerate() {
                let idx = *by_name.entry(field.name().clone()).or_insert_with(|| {
                    columns.push(Column {
                        name: field.name().clone(),
                        kind: Kind::Categorical,
                        data_type: String::new(),
                        epoch: None,
                        positions: vec![None; parts.len()],
                    });
                    deciding.push((part_idx, position));
                    columns.len() - 1
                });
                columns[idx].positions[part_idx] = Some(position);
                let declared = options.kind(field.name());
                if prevails(&parts, deciding[idx], (part_idx, position), declared)? {
                    deciding[idx] = (part_idx, position);
                }
            }
        }
        for (column, (part_idx, position)) in columns.iter_mut().zip(deciding) {
            describe(column, &parts[part_idx], position, options)?;
        }
        Ok(Self {
            name,
            files: parts.iter().map(|part| part.origin.clone()).collect(),
            format,
            columns,
            rows: parts.iter().map(|part| part.rows).sum(),
            notes: Vec::new(),
            parts,
            by_name: Arc::new(by_name),
        })
    }
}

/// Whether the type of `new` decides over that of `old`: it is wider.
fn prevails(
    parts: &[Arc<Part>],
    old: (usize, usize),
    new: (usize, usize),
    declared: Option<Kind>,
) -> Result<bool, EngineError> {
    let field = |(part_idx, position): (usize, usize)| parts[part_idx].schema.field(position);
    let (old_type, new_type) = (field(old).data_type(), field(new).data_type());
    match (natural_kind(old_type), natural_kind(new_type)) {
        (None, new) => Ok(new.is_some()),
        (_, None) => Ok(false),
        // Integers and floats are one kind; the result is then called a float.
        (Some(Kind::Numeric), Some(Kind::Numeric)) => {
            Ok(old_type.is_integer() && !new_type.is_integer())
        }
        (Some(one), Some(other)) if one == other => Ok(false),
        // Lists are one kind of thing; if some hold no numbers, none is taken as a vector.
        (Some(Kind::Embedding), Some(Kind::Unsupported)) => Ok(true),
        (Some(Kind::Unsupported), Some(Kind::Embedding)) => Ok(false),
        // What is declared says how each of them is read.
        _ if declared.is_some() => Ok(false),
        _ => Err(EngineError::TypeConflict {
            conflict: Box::new(TypeConflict {
                column: field(old).name().clone(),
                first: parts[old.0].origin.clone(),
                first_type: type_name(old_type).to_owned(),
                second: parts[new.0].origin.clone(),
                second_type: type_name(new_type).to_owned(),
            }),
        }),
    }
}

fn describe(
    column: &mut Column,
    part: &Part,
    position: usize,
    options: &OpenOptions,
) -> Result<(), EngineError> {
    let data_type = part.schema.field(position).data_type();
    type_name(data_type).clone_into(&mut column.data_type);
    let declared = options.kind(&column.name);
    column.kind = declared
        .or_else(|| natural_kind(data_type))
        .unwrap_or(Kind::Categorical);
    // Whether numbers may be time is known only after a look at them; any unit does here.
    let reading = Reading::Column {
        kind: column.kind,
        epoch: Some(Epoch::Seconds),
    };
    if can_read(data_type, reading) {
        Ok(())
    } else {
        Err(EngineError::KindImpossible {
            column: column.name.clone(),
            expected: column.kind.id(),
            data_type: column.data_type.clone(),
        })
    }
}
