//! Boxes around objects, from JSON text or from Arrow lists of structs.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array, StringViewBuilder};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use keepwell_stats::profile::outcome::boxes::Rectangle;
use serde::Deserialize;

use crate::lists::{Lists, each_text, from_arrow, item_type, name_of};
use crate::names::{NULL, Names, Spelling};
use crate::values::ConvertError;

/// What boxes that are there must look like.
pub(crate) const TARGETS: &str =
    "boxes such as [{\"class\": \"car\", \"box\": [x_min, y_min, x_max, y_max]}]";

/// What boxes that were predicted must look like: a score is needed.
pub(crate) const DETECTIONS: &str =
    "boxes such as [{\"class\": \"car\", \"score\": 0.9, \"box\": [x_min, y_min, x_max, y_max]}]";

/// Boxes of all rows, side by side.
#[derive(Debug)]
pub(crate) struct Boxes {
    /// One for each box; none is null.
    classes: Names,
    /// NaN where there is none.
    pub(crate) scores: Vec<f64>,
    pub(crate) areas: Vec<Rectangle>,
}

impl Boxes {
    /// Class of a box that belongs to a row.
    pub(crate) fn class(&self, idx: usize) -> &str {
        self.classes.name(self.classes.codes()[idx])
    }
}

/// A box as JSON. Other keys may stand beside these.
#[derive(Deserialize)]
struct BoxText {
    class: serde_json::Value,
    #[serde(default)]
    score: Option<f64>,
    #[serde(rename = "box")]
    sides: [f64; 4],
}

/// The boxes of each row; `expected` is [`TARGETS`] or [`DETECTIONS`].
pub(crate) fn read(array: &ArrayRef, expected: &'static str) -> Result<Lists<Boxes>, ConvertError> {
    let item = item_type(array.data_type()).cloned();
    let lists = match &item {
        Some(item) => from_arrow(array, item)?,
        None => None,
    };
    match lists {
        Some(lists) => from_structs(&lists, expected),
        None => from_text(array, expected),
    }
}

fn from_text(array: &ArrayRef, expected: &'static str) -> Result<Lists<Boxes>, ConvertError> {
    let mut classes = StringViewBuilder::new();
    let (mut scores, mut areas) = (Vec::new(), Vec::new());
    let rows = each_text(array, expected, |text| {
        let boxes: Vec<BoxText> = serde_json::from_str(text).ok()?;
        let start = areas.len();
        for own in boxes {
            if expected == DETECTIONS && own.score.is_none() {
                return None;
            }
            classes.append_value(name_of(own.class)?);
            scores.push(own.score.unwrap_or(f64::NAN));
            areas.push(rectangle(own.sides));
        }
        Some(start..areas.len())
    })?;
    let classes: ArrayRef = Arc::new(classes.finish());
    let classes = Names::try_new(&classes, Spelling::AsClass)?;
    Ok(Lists::new(
        rows,
        Boxes {
            classes,
            scores,
            areas,
        },
    ))
}

fn from_structs(
    lists: &Lists<ArrayRef>,
    expected: &'static str,
) -> Result<Lists<Boxes>, ConvertError> {
    let structs = lists.items.as_struct();
    let (Some(classes), Some(sides)) = (
        structs.column_by_name("class"),
        structs.column_by_name("box"),
    ) else {
        return Err(ConvertError::Impossible);
    };
    let classes = Names::try_new(classes, Spelling::AsClass)?;
    let sides = from_arrow(sides, &DataType::Float64)?.ok_or(ConvertError::Impossible)?;
    let numbers = sides.items.as_primitive::<Float64Type>();
    let scores = match structs.column_by_name("score") {
        Some(scores) => Some(cast(scores, &DataType::Float64)?),
        None if expected == DETECTIONS => return Err(ConvertError::Impossible),
        None => None,
    };
    let mut boxes = Boxes {
        scores: vec![f64::NAN; structs.len()],
        areas: vec![rectangle([f64::NAN; 4]); structs.len()],
        classes,
    };
    for (row_idx, row) in lists.rows().enumerate() {
        for item_idx in row.into_iter().flatten() {
            let fault = |found: &str| ConvertError::Value {
                row_idx,
                expected,
                found: found.to_owned(),
            };
            if structs.is_null(item_idx) || boxes.classes.codes()[item_idx] == NULL {
                return Err(fault("a box without a class"));
            }
            let own: Vec<f64> = sides
                .get(item_idx)
                .into_iter()
                .flatten()
                .map(|idx| at(numbers, idx))
                .collect();
            let own = <[f64; 4]>::try_from(own)
                .map_err(|own| fault(&format!("a box of {} numbers", own.len())))?;
            boxes.areas[item_idx] = rectangle(own);
            if let Some(scores) = &scores {
                boxes.scores[item_idx] = at(scores.as_primitive(), item_idx);
            }
            if expected == DETECTIONS && boxes.scores[item_idx].is_nan() {
                return Err(fault("a box without a score"));
            }
        }
    }
    Ok(Lists::new(lists.rows().collect(), boxes))
}

/// NaN where null.
fn at(numbers: &Float64Array, idx: usize) -> f64 {
    if numbers.is_null(idx) {
        f64::NAN
    } else {
        numbers.value(idx)
    }
}

fn rectangle([x_min, y_min, x_max, y_max]: [f64; 4]) -> Rectangle {
    Rectangle {
        x_min,
        y_min,
        x_max,
        y_max,
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{ListArray, StringArray, StructArray};
    use datafusion::arrow::buffer::OffsetBuffer;
    use datafusion::arrow::datatypes::{Field, Float32Type};

    use super::*;

    const TEXT: &str = r#"[{"class": 3, "score": 0.5, "box": [0, 1, 2, 3], "id": 7}]"#;

    fn text(texts: &[Option<&str>]) -> ArrayRef {
        Arc::new(StringArray::from(texts.to_vec()))
    }

    /// Two rows: one box, and null.
    fn structs(score: Option<f32>, sides: &[f32]) -> ArrayRef {
        let sides = ListArray::from_iter_primitive::<Float32Type, _, _>([Some(
            sides.iter().copied().map(Some).collect::<Vec<_>>(),
        )]);
        let columns: [(&str, ArrayRef); 3] = [
            ("class", text(&[Some("3.0")])),
            (
                "score",
                Arc::new(datafusion::arrow::array::Float32Array::from(vec![score])),
            ),
            ("box", Arc::new(sides)),
        ];
        let fields = columns
            .iter()
            .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
            .collect::<Vec<_>>();
        let arrays = columns.map(|(_, array)| array).to_vec();
        let items = StructArray::new(fields.into(), arrays, None);
        let field = Arc::new(Field::new_list_field(items.data_type().clone(), true));
        let offsets = OffsetBuffer::new(vec![0, 1, 1].into());
        let nulls = Some(vec![true, false].into());
        Arc::new(ListArray::new(field, offsets, Arc::new(items), nulls))
    }

    #[test]
    fn text_and_structs_say_the_same() {
        for array in [
            text(&[Some(TEXT), None]),
            structs(Some(0.5), &[0.0, 1.0, 2.0, 3.0]),
        ] {
            for expected in [TARGETS, DETECTIONS] {
                let found = read(&array, expected).expect("boxes");
                assert_eq!((found.get(0), found.get(1)), (Some(0..1), None));
                let boxes = &found.items;
                assert_eq!(boxes.class(0), "3");
                assert_eq!(boxes.scores[0], 0.5);
                assert_eq!(boxes.areas[0], rectangle([0.0, 1.0, 2.0, 3.0]));
            }
        }
    }

    #[test]
    fn what_is_no_box_is_named_with_its_row() {
        let good = Some(r#"[{"class": "a", "score": 1, "box": [0, 0, 1, 1]}]"#);
        let refused = |array: &ArrayRef, expected| match read(array, expected) {
            Err(ConvertError::Value { row_idx, found, .. }) => (row_idx, found),
            other => panic!("{other:?}"),
        };
        for wrong in [
            r#"[{"class": "a", "score": 1, "box": [0, 0, 1]}]"#,
            r#"[{"class": null, "score": 1, "box": [0, 0, 1, 1]}]"#,
            r#"[{"score": 1, "box": [0, 0, 1, 1]}]"#,
            r#"{"class": "a"}"#,
            "car",
        ] {
            let array = text(&[good, None, Some(wrong)]);
            assert_eq!(refused(&array, TARGETS).0, 2, "{wrong}");
        }
        let unscored = text(&[good, Some(r#"[{"class": "a", "box": [0, 0, 1, 1]}]"#)]);
        assert!(read(&unscored, TARGETS).is_ok());
        assert_eq!(refused(&unscored, DETECTIONS).0, 1);
        let short = structs(Some(0.5), &[0.0, 1.0]);
        assert_eq!(
            refused(&short, TARGETS),
            (0, "a box of 2 numbers".to_owned())
        );
        let unscored = structs(None, &[0.0; 4]);
        assert_eq!(
            refused(&unscored, DETECTIONS),
            (0, "a box without a score".to_owned())
        );
    }
}
