//! Columns with any number of items in each row: vectors, labels, reference texts.
//!
//! They come as Arrow lists, or as text that is taken apart here, each distinct text of a batch once.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringViewBuilder};
use datafusion::arrow::buffer::ScalarBuffer;
use datafusion::arrow::compute::{CastOptions, cast, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Field, Float64Type};

use crate::names::{NULL, Names, Spelling};
use crate::values::ConvertError;

/// What text that stands for a vector must look like.
const VECTOR: &str = "a JSON list of numbers";

/// What text that stands for labels must look like.
const LABELS: &str = "labels as a JSON list, or parted by |, ; or ,";

/// Any number of items for each row.
#[derive(Debug)]
pub(crate) struct Lists<T> {
    /// Where the items of each row stand; `None` where the row is null.
    rows: Vec<Option<Range<usize>>>,
    /// The items of all rows.
    pub(crate) items: T,
}

impl<T> Lists<T> {
    /// Every range lies within the items.
    pub(crate) fn new(rows: Vec<Option<Range<usize>>>, items: T) -> Self {
        Self { rows, items }
    }

    /// Where the items of a row stand; `None` where the row is null.
    pub(crate) fn get(&self, row_idx: usize) -> Option<Range<usize>> {
        self.rows[row_idx].clone()
    }

    /// The same for every row.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Option<Range<usize>>> {
        self.rows.iter().cloned()
    }

    pub(crate) fn reorder(self, order: &[u32]) -> Self {
        Self {
            rows: order.iter().map(|&row| self.get(row as usize)).collect(),
            items: self.items,
        }
    }
}

/// Type of the items of a list; `None` for what is no list.
pub(crate) fn item_type(data_type: &DataType) -> Option<&DataType> {
    match data_type {
        DataType::List(field) | DataType::LargeList(field) | DataType::FixedSizeList(field, _) => {
            Some(field.data_type())
        }
        _ => None,
    }
}

/// Whether values of this type are bytes, which may be those of a text.
pub(crate) fn is_binary(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView
    )
}

/// The rows of an Arrow list with their items as `item`; `None` for what is no list.
pub(crate) fn from_arrow(
    array: &ArrayRef,
    item: &DataType,
) -> Result<Option<Lists<ArrayRef>>, ConvertError> {
    if item_type(array.data_type()).is_none() {
        return Ok(None);
    }
    let field = Arc::new(Field::new_list_field(item.clone(), true));
    let lists = cast(array, &DataType::LargeList(field))?;
    let lists = lists.as_list::<i64>();
    let rows = lists.value_offsets().windows(2).enumerate();
    let rows = rows
        .map(|(row_idx, ends)| {
            (!lists.is_null(row_idx)).then(|| ends[0] as usize..ends[1] as usize)
        })
        .collect();
    Ok(Some(Lists::new(rows, Arc::clone(lists.values()))))
}

/// Vectors of numbers.
pub(crate) fn vectors(array: &ArrayRef) -> Result<Lists<ScalarBuffer<f64>>, ConvertError> {
    if let Some(lists) = from_arrow(array, &DataType::Float64)? {
        let items = lists.items.as_primitive::<Float64Type>();
        let items = match items.null_count() {
            0 => items.values().clone(),
            _ => items
                .iter()
                .map(|component| component.unwrap_or(f64::NAN))
                .collect(),
        };
        return Ok(Lists::new(lists.rows, items));
    }
    let mut items: Vec<f64> = Vec::new();
    let rows = each_text(array, VECTOR, |text| {
        let vector: Vec<Option<f64>> = serde_json::from_str(text).ok()?;
        let start = items.len();
        items.extend(vector.iter().map(|component| component.unwrap_or(f64::NAN)));
        Some(start..items.len())
    })?;
    Ok(Lists::new(rows, items.into()))
}

/// Labels in their canonical spelling. A value that is no list and no text is one label.
pub(crate) fn labels(array: &ArrayRef) -> Result<Lists<Names>, ConvertError> {
    if let Some(lists) = name_lists(array, Spelling::AsClass)? {
        return Ok(lists);
    }
    if !is_text(array.data_type()) {
        return singles(array, Spelling::AsClass);
    }
    let mut builder = StringViewBuilder::new();
    let mut n_labels = 0;
    let rows = each_text(array, LABELS, |text| {
        let start = n_labels;
        for label in split_labels(text)? {
            builder.append_value(label);
            n_labels += 1;
        }
        Some(start..n_labels)
    })?;
    let labels: ArrayRef = Arc::new(builder.finish());
    Ok(Lists::new(
        rows,
        Names::try_new(&labels, Spelling::AsClass)?,
    ))
}

/// Texts as they are written. A value that is no list is one text.
pub(crate) fn references(array: &ArrayRef) -> Result<Lists<Names>, ConvertError> {
    match name_lists(array, Spelling::AsWritten)? {
        Some(lists) => Ok(lists),
        None => singles(&as_text(array)?, Spelling::AsWritten),
    }
}

/// The names in an Arrow list; `None` for what is no list.
fn name_lists(array: &ArrayRef, spelling: Spelling) -> Result<Option<Lists<Names>>, ConvertError> {
    let Some(item) = item_type(array.data_type()) else {
        return Ok(None);
    };
    let Some(lists) = from_arrow(array, &item.clone())? else {
        return Ok(None);
    };
    let names = Names::try_new(&lists.items, spelling)?;
    Ok(Some(Lists::new(lists.rows, names)))
}

/// One name for each row that is not null.
fn singles(array: &ArrayRef, spelling: Spelling) -> Result<Lists<Names>, ConvertError> {
    let names = Names::try_new(array, spelling)?;
    let rows = names.codes().iter().enumerate();
    let rows = rows
        .map(|(row_idx, &code)| (code != NULL).then_some(row_idx..row_idx + 1))
        .collect();
    Ok(Lists::new(rows, names))
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Null | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => is_binary(data_type),
    }
}

/// Bytes as the text that they are; all else as it is.
fn as_text(array: &ArrayRef) -> Result<ArrayRef, ConvertError> {
    if !is_binary(array.data_type()) {
        return Ok(Arc::clone(array));
    }
    let strict = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    let text = cast_with_options(array, &DataType::Utf8, &strict);
    text.map_err(|_| ConvertError::Impossible)
}

/// Reads each distinct text once, and gives for each row what was read; `read` gives `None` for a text that is
/// not what was expected.
pub(crate) fn each_text(
    array: &ArrayRef,
    expected: &'static str,
    mut read: impl FnMut(&str) -> Option<Range<usize>>,
) -> Result<Vec<Option<Range<usize>>>, ConvertError> {
    let names = Names::try_new(&as_text(array)?, Spelling::AsWritten)?;
    let mut by_code: Vec<Option<Range<usize>>> = Vec::with_capacity(names.len());
    for code in 0..names.len() as u32 {
        match read(names.name(code)) {
            Some(items) => by_code.push(Some(items)),
            None => return Err(ConvertError::of_name(&names, code, expected)),
        }
    }
    let rows = names.codes().iter();
    Ok(rows
        .map(|&code| by_code.get(code as usize).cloned().flatten())
        .collect())
}

/// The labels of a text: a JSON list of names, numbers and truth values, or labels parted by the first of `|`,
/// `;` and `,` that occurs. An empty text has none.
fn split_labels(text: &str) -> Option<Vec<Cow<'_, str>>> {
    let text = text.trim();
    if text.starts_with('[') {
        let labels: Vec<serde_json::Value> = serde_json::from_str(text).ok()?;
        return labels
            .into_iter()
            .map(|label| name_of(label).map(Cow::Owned))
            .collect();
    }
    let delimiter = ['|', ';', ','].into_iter().find(|&one| text.contains(one));
    let labels = text.split(|own| Some(own) == delimiter);
    Some(
        labels
            .map(str::trim)
            .filter(|label| !label.is_empty())
            .map(Cow::Borrowed)
            .collect(),
    )
}

/// The name that a JSON value is; `None` for null, lists and objects.
pub(crate) fn name_of(value: serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{
        BinaryArray, FixedSizeListArray, Int64Array, ListArray, StringArray,
    };
    use datafusion::arrow::datatypes::{Float32Type, Int64Type};

    use super::*;

    fn shown(lists: &Lists<Names>, row_idx: usize) -> Option<Vec<&str>> {
        let names = &lists.items;
        let row = lists.get(row_idx)?;
        Some(
            names.codes()[row]
                .iter()
                .map(|&code| names.name(code))
                .collect(),
        )
    }

    #[test]
    fn labels_come_in_many_spellings() {
        let texts = [
            Some("a|b, c"),
            Some(" a ; b;"),
            Some("a, 1.0"),
            Some("[\"x|y\", 2, true]"),
            Some("[]"),
            Some(""),
            None,
            Some("alone"),
        ];
        let text: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
        let bytes: Vec<Option<&[u8]>> = texts.iter().map(|text| text.map(str::as_bytes)).collect();
        let bytes: ArrayRef = Arc::new(BinaryArray::from(bytes));
        for array in [text, bytes] {
            let found = labels(&array).expect("labels");
            let expected: [Option<&[&str]>; 8] = [
                Some(&["a", "b, c"]),
                Some(&["a", "b"]),
                Some(&["a", "1"]),
                Some(&["x|y", "2", "1"]),
                Some(&[]),
                Some(&[]),
                None,
                Some(&["alone"]),
            ];
            for (row_idx, expected) in expected.into_iter().enumerate() {
                assert_eq!(shown(&found, row_idx).as_deref(), expected, "row {row_idx}");
            }
        }
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(3), None]));
        let found = labels(&numbers).expect("one label each");
        assert_eq!(
            (shown(&found, 0), shown(&found, 1)),
            (Some(vec!["3"]), None)
        );
        let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([
            Some(vec![Some(1), Some(1)]),
            None,
            Some(vec![]),
        ]);
        let found = labels(&(Arc::new(lists) as ArrayRef)).expect("lists");
        let rows: Vec<_> = (0..3).map(|row_idx| shown(&found, row_idx)).collect();
        assert_eq!(rows, [Some(vec!["1", "1"]), None, Some(vec![])]);
    }

    #[test]
    fn a_text_that_is_no_list_is_named_with_its_row() {
        let array: ArrayRef = Arc::new(StringArray::from(vec!["[1, 2]", "[1, 2", "[1, [2]]"]));
        for read in [
            |array: &ArrayRef| labels(array).map(|_| ()),
            |array: &ArrayRef| vectors(array).map(|_| ()),
        ] {
            match read(&array) {
                Err(ConvertError::Value { row_idx, found, .. }) => {
                    assert_eq!((row_idx, found.as_str()), (1, "[1, 2"));
                }
                other => panic!("{other:?}"),
            }
        }
        let bytes: ArrayRef = Arc::new(BinaryArray::from(vec![&[0xff_u8][..]]));
        assert!(matches!(labels(&bytes), Err(ConvertError::Impossible)));
    }

    #[test]
    fn vectors_are_read_from_lists_and_from_text() {
        let rows = || {
            [
                Some(vec![Some(1.0), Some(2.5)]),
                None,
                Some(vec![None, Some(-1.0)]),
            ]
        };
        let list = ListArray::from_iter_primitive::<Float32Type, _, _>(rows());
        let fixed = FixedSizeListArray::from_iter_primitive::<Float32Type, _, _>(rows(), 2);
        let text = StringArray::from(vec![Some("[1, 2.5]"), None, Some("[null, -1.0]")]);
        let arrays: [ArrayRef; 3] = [Arc::new(list), Arc::new(fixed), Arc::new(text)];
        for array in arrays {
            let found = vectors(&array).expect("vectors");
            let row = |row_idx| found.get(row_idx).map(|row| found.items[row].to_vec());
            assert_eq!(row(0), Some(vec![1.0, 2.5]));
            assert_eq!(row(1), None);
            assert!(row(2).is_some_and(|row| row[0].is_nan() && row[1] == -1.0));
            let sliced = vectors(&array.slice(1, 2)).expect("vectors");
            assert_eq!(sliced.get(0), None);
            assert_eq!(sliced.items[sliced.get(1).expect("a vector")][1], -1.0);
        }
    }

    #[test]
    fn reference_texts_are_one_or_many() {
        let single: ArrayRef = Arc::new(StringArray::from(vec![Some("a, b"), None]));
        let found = references(&single).expect("texts");
        assert_eq!(
            (shown(&found, 0), shown(&found, 1)),
            (Some(vec!["a, b"]), None)
        );
    }
}
