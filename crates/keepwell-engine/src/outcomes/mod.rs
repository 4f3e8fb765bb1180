//! What the rows of a batch tell about outcomes, whatever the model does.

mod push;

use std::ops::Range;

use datafusion::arrow::array::{Array, Float64Array};
use datafusion::arrow::buffer::ScalarBuffer;
use keepwell_core::schema::Kind;
use keepwell_stats::profile::outcome::rankings::{RankedItem, key};
use keepwell_stats::profile::{Mode, OutcomeConfig};

use crate::boxes::Boxes;
use crate::lists::Lists;
use crate::names::{NULL, Names};
use crate::values::{Reading, Values};

pub(crate) use push::{OutcomeScratch, push_outcomes};

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
