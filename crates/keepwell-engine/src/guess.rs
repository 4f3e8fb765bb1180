//! What columns are that their type does not tell, guessed from their first rows.

use std::collections::HashSet;

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use keepwell_core::schema::Kind;

use crate::error::EngineError;
use crate::lists;
use crate::note::Note;
use crate::scan::first_batch;
use crate::session::Session;
use crate::table::{OpenOptions, Table};

/// Fewer texts say nothing.
const TEXTS_MIN: usize = 30;
/// Texts are longer than this on average; most names, codes and addresses are shorter.
const CHARACTERS_MIN: usize = 40;
/// A column that takes no more bytes a row than this repeats itself, or has hardly any value.
const ROW_BYTES_MIN: f32 = 8.0;

impl Session {
    /// Finds columns of free text, and lists of numbers that are no vectors. Declared kinds stay.
    pub(crate) async fn guess_kinds(
        &self,
        table: &mut Table,
        options: &OpenOptions,
    ) -> Result<(), EngineError> {
        for part_idx in 0..table.parts.len() {
            let part = &table.parts[part_idx];
            let is_open = |idx: &usize| {
                let column = &table.columns[*idx];
                let first = column.positions.iter().position(Option::is_some);
                let Some(position) = column.positions[part_idx].filter(|_| first == Some(part_idx))
                else {
                    return false;
                };
                let data_type = part.schema.field(position).data_type();
                options.kind(&column.name).is_none()
                    && match column.kind {
                        Kind::Categorical => {
                            is_plain_text(data_type) && part.row_bytes[position] >= ROW_BYTES_MIN
                        }
                        Kind::Embedding => !matches!(data_type, DataType::FixedSizeList(..)),
                        _ => false,
                    }
            };
            let open: Vec<usize> = (0..table.columns.len()).filter(is_open).collect();
            if open.is_empty() {
                continue;
            }
            let arrays = first_batch(self.context.task_ctx(), table, part_idx, &open).await?;
            for (idx, array) in open.into_iter().zip(arrays) {
                let column = &mut table.columns[idx];
                if column.kind == Kind::Embedding {
                    if !has_one_length(&array) {
                        column.kind = Kind::Unsupported;
                    }
                } else if is_free_text(&array) {
                    column.kind = Kind::Text;
                    let column = column.name.clone();
                    table.notes.push(Note::FreeText { column });
                }
            }
        }
        Ok(())
    }
}

/// A dictionary says that its values are names.
fn is_plain_text(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
    )
}

/// Whether texts are long, mostly differ and mostly hold blanks.
fn is_free_text(array: &ArrayRef) -> bool {
    let Ok(texts) = cast(array, &DataType::Utf8View) else {
        return false;
    };
    let texts: Vec<&str> = texts.as_string_view().iter().flatten().collect();
    let n_blank = texts
        .iter()
        .filter(|text| text.trim().contains(' '))
        .count();
    let n_characters: usize = texts.iter().map(|text| text.chars().count()).sum();
    let distinct: HashSet<&str> = texts.iter().copied().collect();
    texts.len() >= TEXTS_MIN
        && n_characters > CHARACTERS_MIN * texts.len()
        && 2 * distinct.len() > texts.len()
        && 2 * n_blank > texts.len()
}

/// Whether all lists that are not null have the same number of items.
fn has_one_length(array: &ArrayRef) -> bool {
    match lists::vectors(array) {
        Ok(lists) => {
            let mut lengths = lists.rows().flatten().map(|row| row.len());
            let first = lengths.next();
            lengths.all(|length| Some(length) == first)
        }
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{ListArray, StringArray};
    use datafusion::arrow::datatypes::Float32Type;

    use super::*;

    fn texts(n: usize, text: impl Fn(usize) -> String) -> ArrayRef {
        Arc::new(StringArray::from(
            (0..n).map(|row| Some(text(row))).collect::<Vec<_>>(),
        ))
    }

    #[test]
    fn only_long_and_different_texts_with_blanks_are_free() {
        let sentence = |row: usize| format!("Order {row} came late and the box was quite wet");
        assert!(is_free_text(&texts(40, sentence)));
        assert!(!is_free_text(&texts(TEXTS_MIN - 1, sentence)));
        assert!(!is_free_text(&texts(40, |row| sentence(row % 20))));
        assert!(!is_free_text(
            &texts(40, |row| sentence(row).replace(' ', "-"))
        ));
        assert!(!is_free_text(&texts(40, |row| format!(
            "No. {row} Long Street"
        ))));
    }

    #[test]
    fn vectors_have_one_length() {
        let lists = |lengths: &[usize]| -> ArrayRef {
            let rows = lengths.iter().map(|&n| Some(vec![Some(1.0); n]));
            Arc::new(ListArray::from_iter_primitive::<Float32Type, _, _>(rows))
        };
        assert!(has_one_length(&lists(&[3, 3, 3])));
        assert!(!has_one_length(&lists(&[3, 2])));
    }
}
