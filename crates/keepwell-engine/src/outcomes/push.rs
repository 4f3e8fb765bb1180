//! Rows of a batch into the profile of outcomes.

use std::ops::Range;

use datafusion::arrow::array::{Array, Float64Array};
use datafusion::arrow::buffer::ScalarBuffer;
use keepwell_stats::profile::outcome::boxes::{Detection, Target};
use keepwell_stats::profile::outcome::rankings::RankedItem;
use keepwell_stats::profile::outcome::values::ValueRows;
use keepwell_stats::profile::{
    BoxOutcomes, ClassOutcomes, LabelOutcomes, OutcomeProfile, RankingOutcomes, TextOutcomes,
    ValueOutcomes,
};

use super::OutcomeValues;
use crate::boxes::Boxes;
use crate::lists::Lists;
use crate::names::{NULL, Names};

/// Room that is used again from batch to batch.
#[derive(Debug, Default)]
pub(crate) struct OutcomeScratch {
    /// Index of the class or label of each code, for targets and for predictions.
    targets: Vec<Option<usize>>,
    predictions: Vec<Option<usize>>,
    scores: Vec<f64>,
    items: Vec<RankedItem>,
    /// NaN in the place of a column that was not named.
    absent: Vec<f64>,
}

/// Takes rows of a batch into the profile of the outcomes, which are of the task of the values.
pub(crate) fn push_outcomes(
    profile: &mut OutcomeProfile,
    values: &OutcomeValues,
    rows: Range<usize>,
    scratch: &mut OutcomeScratch,
) {
    match (profile, values) {
        (
            OutcomeProfile::Classes(profile),
            OutcomeValues::Classes {
                target,
                prediction,
                scores,
            },
        ) => push_classes(profile, target, prediction, scores, rows, scratch),
        (OutcomeProfile::Values(profile), OutcomeValues::Values { target, prediction }) => {
            push_values(profile, target, prediction, rows, scratch);
        }
        (OutcomeProfile::Labels(profile), OutcomeValues::Labels { target, prediction }) => {
            push_labels(profile, target, prediction, rows, scratch);
        }
        (OutcomeProfile::Rankings(profile), OutcomeValues::Rankings(items)) => {
            push_items(profile, &items[rows], scratch);
        }
        (OutcomeProfile::Texts(profile), OutcomeValues::Texts { target, prediction }) => {
            push_texts(profile, target, prediction, rows);
        }
        (OutcomeProfile::Boxes(profile), OutcomeValues::Boxes { target, prediction }) => {
            push_boxes(profile, target, prediction, rows);
        }
        (profile, _) => debug_assert!(false, "{profile:?} given values of another task"),
    }
}

fn push_classes(
    profile: &mut ClassOutcomes,
    target: &Option<Names>,
    prediction: &Option<Names>,
    scores: &[Float64Array],
    rows: Range<usize>,
    scratch: &mut OutcomeScratch,
) {
    // Indices of classes belong to one profile, so they are found anew for each.
    reset(&mut scratch.targets, target.as_ref());
    reset(&mut scratch.predictions, prediction.as_ref());
    for row_idx in rows {
        scratch.scores.clear();
        for scores in scores {
            let score = if scores.is_null(row_idx) {
                f64::NAN
            } else {
                scores.value(row_idx)
            };
            scratch.scores.push(score);
        }
        let mut class = |names: &Names, known: &mut [Option<usize>]| {
            index(names, names.codes()[row_idx], known, |name| {
                profile.class_index(name)
            })
        };
        let target = target
            .as_ref()
            .and_then(|names| class(names, &mut scratch.targets));
        match prediction {
            None => profile.push_scored(target, &scratch.scores),
            Some(names) => {
                let prediction = class(names, &mut scratch.predictions);
                profile.push(target, prediction, &scratch.scores);
            }
        }
    }
}

fn reset(known: &mut Vec<Option<usize>>, names: Option<&Names>) {
    known.clear();
    known.resize(names.map_or(0, Names::len), None);
}

/// The index of a code in a profile, asked for once for each code; `None` for null.
fn index(
    names: &Names,
    code: u32,
    known: &mut [Option<usize>],
    ask: impl FnOnce(&str) -> usize,
) -> Option<usize> {
    if code == NULL {
        return None;
    }
    let slot = &mut known[code as usize];
    if slot.is_none() {
        *slot = Some(ask(names.name(code)));
    }
    *slot
}

fn push_values<'a>(
    profile: &mut ValueOutcomes,
    target: &'a Option<ScalarBuffer<f64>>,
    prediction: &'a Option<ScalarBuffer<f64>>,
    rows: Range<usize>,
    scratch: &'a mut OutcomeScratch,
) {
    scratch.absent.resize(rows.len(), f64::NAN);
    let numbers = |column: &'a Option<ScalarBuffer<f64>>| match column {
        Some(numbers) => &numbers[rows.clone()],
        None => &scratch.absent[..],
    };
    profile.extend_from_slices(ValueRows {
        targets: numbers(target),
        predictions: numbers(prediction),
    });
}

fn push_labels(
    profile: &mut LabelOutcomes,
    target: &Option<Lists<Names>>,
    prediction: &Option<Lists<Names>>,
    rows: Range<usize>,
    scratch: &mut OutcomeScratch,
) {
    reset(&mut scratch.targets, target.as_ref().map(|own| &own.items));
    reset(
        &mut scratch.predictions,
        prediction.as_ref().map(|own| &own.items),
    );
    for row_idx in rows {
        let mut labels = |lists: &Option<Lists<Names>>, known: &mut [Option<usize>]| {
            let lists = lists.as_ref()?;
            let codes = &lists.items.codes()[lists.get(row_idx)?];
            let labels = codes.iter().filter_map(|&code| {
                index(&lists.items, code, known, |name| profile.label_index(name))
            });
            Some(labels.collect::<Vec<usize>>())
        };
        let target = labels(target, &mut scratch.targets);
        let prediction = labels(prediction, &mut scratch.predictions);
        profile.push(target.as_deref(), prediction.as_deref());
    }
}

fn push_items(
    profile: &mut RankingOutcomes,
    items: &[Option<RankedItem>],
    scratch: &mut OutcomeScratch,
) {
    scratch.items.clear();
    scratch.items.extend(items.iter().flatten());
    profile.extend_from_slice(&scratch.items);
    profile.push_incomplete((items.len() - scratch.items.len()) as u64);
}

fn push_texts(
    profile: &mut TextOutcomes,
    target: &Option<Lists<Names>>,
    prediction: &Option<Names>,
    rows: Range<usize>,
) {
    for row_idx in rows {
        let prediction = prediction.as_ref().and_then(|names| {
            let code = names.codes()[row_idx];
            (code != NULL).then(|| names.name(code))
        });
        let mut references = Vec::new();
        if let Some(lists) = target
            && let Some(row) = lists.get(row_idx)
        {
            let codes = lists.items.codes()[row].iter();
            let present = codes.filter(|&&code| code != NULL);
            references.extend(present.map(|&code| lists.items.name(code)));
        }
        profile.push(prediction, &references);
    }
}

fn push_boxes(
    profile: &mut BoxOutcomes,
    target: &Option<Lists<Boxes>>,
    prediction: &Option<Lists<Boxes>>,
    rows: Range<usize>,
) {
    for row_idx in rows {
        let detections: Option<Vec<Detection<'_>>> = prediction.as_ref().and_then(|lists| {
            let own = lists.get(row_idx)?;
            let boxes = &lists.items;
            let detections = own.map(|idx| Detection {
                class: boxes.class(idx),
                score: boxes.scores[idx],
                area: boxes.areas[idx],
            });
            Some(detections.collect())
        });
        let targets: Option<Vec<Target<'_>>> = target.as_ref().and_then(|lists| {
            let own = lists.get(row_idx)?;
            let boxes = &lists.items;
            let targets = own.map(|idx| Target {
                class: boxes.class(idx),
                area: boxes.areas[idx],
            });
            Some(targets.collect())
        });
        profile.push(detections.as_deref(), targets.as_deref());
    }
}
