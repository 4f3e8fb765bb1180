//! Values of a batch into the profile of outcomes, whatever the model does.

use std::ops::Range;

use datafusion::arrow::array::{Array, Float64Array};
use datafusion::arrow::buffer::ScalarBuffer;
use keepwell_core::schema::Kind;
use keepwell_stats::profile::outcome::boxes::{Detection, Target};
use keepwell_stats::profile::outcome::rankings::{RankedItem, key};
use keepwell_stats::profile::outcome::values::ValueRows;
use keepwell_stats::profile::{
    BoxOutcomes, ClassOutcomes, LabelOutcomes, Mode, OutcomeConfig, OutcomeProfile,
    RankingOutcomes, TextOutcomes, ValueOutcomes,
};

use crate::boxes::Boxes;
use crate::lists::Lists;
use crate::names::{NULL, Names};
use crate::values::{Reading, Values};

/// What a column tells about outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutcomePart {
    Target,
    Prediction,
    Score,
    Query,
    Item,
}

/// How the column of a part is read; `None` where the outcomes have no such part.
pub(crate) fn reading(config: &OutcomeConfig, part: OutcomePart) -> Option<Reading> {
    use OutcomePart::{Item, Prediction, Query, Score, Target};
    let number = Reading::of(Kind::Numeric);
    Some(match (config, part) {
        (OutcomeConfig::Classes(_), Target | Prediction) => Reading::Class,
        (OutcomeConfig::Classes(_), Score) => number,
        (OutcomeConfig::Values(_), Target | Prediction) => number,
        (OutcomeConfig::Labels, Target | Prediction) => Reading::Labels,
        (OutcomeConfig::Rankings(_), Target | Prediction | Score) => number,
        (OutcomeConfig::Rankings(_), Query | Item) => Reading::Class,
        (OutcomeConfig::Texts, Target) => Reading::References,
        (OutcomeConfig::Texts, Prediction) => Reading::of(Kind::Text),
        (OutcomeConfig::Boxes, Target) => Reading::Boxes,
        (OutcomeConfig::Boxes, Prediction) => Reading::Detections,
        _ => return None,
    })
}

/// What the rows of a batch tell about outcomes. `None` stands for a column that was not named.
#[derive(Debug)]
pub(crate) enum OutcomeValues {
    Classes {
        target: Option<Names>,
        /// `None` where the decision is taken from the scores.
        prediction: Option<Names>,
        scores: Vec<Float64Array>,
    },
    Values {
        /// NaN where null.
        target: Option<ScalarBuffer<f64>>,
        prediction: Option<ScalarBuffer<f64>>,
    },
    Labels {
        target: Option<Lists<Names>>,
        prediction: Option<Lists<Names>>,
    },
    /// `None` where query or item is null.
    Rankings(Vec<Option<RankedItem>>),
    Texts {
        target: Option<Lists<Names>>,
        prediction: Option<Names>,
    },
    Boxes {
        target: Option<Lists<Boxes>>,
        prediction: Option<Lists<Boxes>>,
    },
}

/// The values of the columns by part, taken out one after the other.
struct Parts(Vec<(OutcomePart, Values)>);

impl Parts {
    fn take(&mut self, part: OutcomePart) -> Option<Values> {
        let idx = self.0.iter().position(|(own, _)| *own == part)?;
        Some(self.0.remove(idx).1)
    }

    fn names(&mut self, part: OutcomePart) -> Option<Names> {
        match self.take(part)? {
            Values::Names(names) => Some(names),
            _ => None,
        }
    }

    fn name_lists(&mut self, part: OutcomePart) -> Option<Lists<Names>> {
        match self.take(part)? {
            Values::NameLists(lists) => Some(lists),
            _ => None,
        }
    }

    fn boxes(&mut self, part: OutcomePart) -> Option<Lists<Boxes>> {
        match self.take(part)? {
            Values::Boxes(lists) => Some(lists),
            _ => None,
        }
    }

    fn numbers(&mut self, part: OutcomePart) -> Option<Float64Array> {
        match self.take(part)? {
            Values::Numbers(array) => Some(array),
            _ => None,
        }
    }
}

impl OutcomeValues {
    /// From the values of the columns, which were read as [`reading`] says.
    pub(crate) fn new(config: &OutcomeConfig, parts: Vec<(OutcomePart, Values)>) -> Self {
        use OutcomePart::{Prediction, Score, Target};
        let mut parts = Parts(parts);
        match config {
            OutcomeConfig::Classes(_) => Self::Classes {
                target: parts.names(Target),
                prediction: parts.names(Prediction),
                scores: std::iter::from_fn(|| parts.numbers(Score)).collect(),
            },
            OutcomeConfig::Values(_) => Self::Values {
                target: parts.numbers(Target).map(|array| with_nan(&array)),
                prediction: parts.numbers(Prediction).map(|array| with_nan(&array)),
            },
            OutcomeConfig::Labels => Self::Labels {
                target: parts.name_lists(Target),
                prediction: parts.name_lists(Prediction),
            },
            OutcomeConfig::Rankings(_) => Self::Rankings(ranked_items(&mut parts)),
            OutcomeConfig::Texts => Self::Texts {
                target: parts.name_lists(Target),
                prediction: parts.names(Prediction),
            },
            OutcomeConfig::Boxes => Self::Boxes {
                target: parts.boxes(Target),
                prediction: parts.boxes(Prediction),
            },
        }
    }
}

/// The numbers with NaN in the place of null.
fn with_nan(array: &Float64Array) -> ScalarBuffer<f64> {
    match array.null_count() {
        0 => array.values().clone(),
        _ => array
            .iter()
            .map(|number| number.unwrap_or(f64::NAN))
            .collect(),
    }
}

fn ranked_items(parts: &mut Parts) -> Vec<Option<RankedItem>> {
    let relevance = parts.numbers(OutcomePart::Target);
    let place = parts.numbers(OutcomePart::Prediction);
    let score = parts.numbers(OutcomePart::Score);
    let (Some(queries), Some(items)) = (
        parts.names(OutcomePart::Query),
        parts.names(OutcomePart::Item),
    ) else {
        return Vec::new();
    };
    let keys = |names: &Names| -> Vec<u64> {
        let codes = 0..names.len() as u32;
        codes.map(|code| key(names.name(code))).collect()
    };
    let (query_keys, item_keys) = (keys(&queries), keys(&items));
    let at = |array: &Option<Float64Array>, row_idx: usize| {
        let array = array.as_ref()?;
        array.is_valid(row_idx).then(|| array.value(row_idx))
    };
    let codes = queries.codes().iter().zip(items.codes()).enumerate();
    codes
        .map(|(row_idx, (&query, &item))| {
            if query == NULL || item == NULL {
                return None;
            }
            // Where the place in the list was logged, it says what was shown.
            let score = match &place {
                Some(_) => at(&place, row_idx).map(|place| -place),
                None => at(&score, row_idx),
            };
            let relevance = at(&relevance, row_idx);
            let (query, item) = (query_keys[query as usize], item_keys[item as usize]);
            Some(RankedItem::new(query, item, score, relevance))
        })
        .collect()
}

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

/// Rows that a sketch of rankings keeps: those of `keepwell_stats`.
const RANKED_ROWS_KEPT: u64 = 1 << 16;

/// Values that a sketch of numbers keeps at most, roughly.
pub(crate) const SKETCH_VALUES: u64 = 2_048;

impl OutcomeValues {
    /// How many numbers these rows add to what the profile keeps of `rows_before` rows, roughly.
    pub(crate) fn numbers_kept(&self, mode: Mode, rows_before: u64, rows: &Range<usize>) -> u64 {
        let n_rows = rows.len() as u64;
        let kept = |limit: u64| match mode {
            Mode::Exact => n_rows,
            Mode::Sketched => n_rows.min(limit.saturating_sub(rows_before)),
        };
        match self {
            Self::Classes { scores, .. } => kept(SKETCH_VALUES) * scores.len() as u64,
            Self::Values { .. } => kept(SKETCH_VALUES),
            // Four numbers a row, three a detection.
            Self::Rankings(_) => 4 * kept(RANKED_ROWS_KEPT),
            Self::Boxes {
                prediction: Some(detections),
                ..
            } => {
                let rows = rows.clone().filter_map(|row_idx| detections.get(row_idx));
                3 * rows.map(|own| own.len() as u64).sum::<u64>()
            }
            Self::Labels { .. } | Self::Texts { .. } | Self::Boxes { .. } => 0,
        }
    }
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
