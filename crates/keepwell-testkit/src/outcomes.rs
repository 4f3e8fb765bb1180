//! Rows of outcomes of whatever task, from the shared inputs of the reference vectors or simulated.

use std::collections::BTreeMap;
use std::sync::Arc;

use keepwell_stats::profile::outcome::rankings::{Background, RankedItem, key};
use keepwell_stats::profile::outcome::values::ValueRows;
use keepwell_stats::profile::{
    LabelOutcomes, Mode, OutcomeProfile, RankingOutcomes, ValueOutcomes,
};
use serde_json::Value;

use crate::generation::{
    Image, TextRow, box_outcomes, images, simulated_images, simulated_texts, text_outcomes,
    text_rows,
};
use crate::inputs::{Row, Rows};
use crate::random::Random;
use crate::simulate::{BinaryModel, three_classes};
use crate::vectors::number;

/// Rows from which the profile of a task can be made, in any order and in parts.
pub trait OutcomeRows {
    /// Number of rows.
    fn n(&self) -> usize;

    /// The sealed profile of some rows.
    fn profile_of(&self, rows: &[usize], mode: Mode) -> OutcomeProfile;

    /// These rows without their targets.
    fn without_targets(&self) -> Box<dyn OutcomeRows>;

    /// The sealed profile of all rows.
    fn profile(&self, mode: Mode) -> OutcomeProfile {
        let all: Vec<usize> = (0..self.n()).collect();
        self.profile_of(&all, mode)
    }
}

/// The rows of a case of a family of metrics.
///
/// # Panics
/// If the family is not one of metrics, or the case is not of its form.
pub fn of_case(family: &str, case: &Value) -> Box<dyn OutcomeRows> {
    match family {
        "classification" => Box::new(Rows::from_json(case)),
        "regression" => Box::new(value_rows(case)),
        "multilabel" => Box::new(label_rows(case)),
        "ranking" => Box::new(Lists::from_json(case)),
        "text" => Box::new(text_rows(case)),
        "detection" => Box::new(images(case)),
        other => panic!("`{other}` is no family of metrics"),
    }
}

/// A source of rows.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    /// Name of the case.
    pub name: &'static str,
    /// Rows of a small window; for rankings queries, for boxes images.
    pub window: usize,
    /// Rows that stand for all there could be.
    pub population: usize,
    /// Rows with which a sketch has to drop something, if it ever does.
    pub large: usize,
    draw: fn(usize, &mut Random) -> Box<dyn OutcomeRows>,
}

impl Source {
    /// So many rows; for rankings queries, for boxes images.
    pub fn draw(&self, n: usize, random: &mut Random) -> Box<dyn OutcomeRows> {
        (self.draw)(n, random)
    }
}

/// Simulated outcomes of a family of metrics.
pub fn sources(family: &str) -> Vec<Source> {
    let source = |name, [window, population, large]: [usize; 3], draw| Source {
        name,
        window,
        population,
        large,
        draw,
    };
    match family {
        "classification" => vec![
            source("binary", [150, 60_000, 12_000], draw_binary),
            source("multiclass", [150, 60_000, 6_000], |n, random| {
                Box::new(three_classes(n, random))
            }),
        ],
        "regression" => vec![source("numbers", [150, 60_000, 12_000], draw_values)],
        "multilabel" => vec![source("labels", [150, 60_000, 3_000], draw_labels)],
        "ranking" => vec![
            source("search", [150, 20_000, 8_000], draw_search),
            source("recommender", [150, USERS as usize, 300], draw_recommender),
        ],
        "text" => vec![source("texts", [150, 6_000, 500], |n, random| {
            Box::new(simulated_texts(n, random))
        })],
        // The area under a curve of few boxes is larger than that of many, which no interval can know.
        "detection" => vec![source("boxes", [600, 12_000, 500], |n, random| {
            Box::new(simulated_images(n, random))
        })],
        _ => Vec::new(),
    }
}

impl OutcomeRows for Rows {
    fn n(&self) -> usize {
        self.rows.len()
    }

    fn profile_of(&self, rows: &[usize], mode: Mode) -> OutcomeProfile {
        let rows: Vec<Row> = rows.iter().map(|&idx| self.rows[idx].clone()).collect();
        Rows::profile_of(self, &rows, mode).into()
    }

    fn without_targets(&self) -> Box<dyn OutcomeRows> {
        Box::new(Rows::without_targets(self.clone()))
    }
}

fn draw_binary(n: usize, random: &mut Random) -> Box<dyn OutcomeRows> {
    let model = BinaryModel {
        rate: 0.3,
        separation: 1.2,
    };
    Box::new(model.rows(n, random))
}

/// Target and prediction, NaN where null.
type ValueRow = (f64, f64);

impl OutcomeRows for Vec<ValueRow> {
    fn n(&self) -> usize {
        self.len()
    }

    fn profile_of(&self, rows: &[usize], mode: Mode) -> OutcomeProfile {
        let (targets, predictions): (Vec<f64>, Vec<f64>) =
            rows.iter().map(|&idx| self[idx]).unzip();
        let mut profile = ValueOutcomes::new(mode);
        profile.extend_from_slices(ValueRows {
            targets: &targets,
            predictions: &predictions,
        });
        profile.seal();
        profile.into()
    }

    fn without_targets(&self) -> Box<dyn OutcomeRows> {
        let rows: Vec<ValueRow> = self.iter().map(|row| (f64::NAN, row.1)).collect();
        Box::new(rows)
    }
}

/// A number of a column, `None` where null.
fn nullable(value: &Value) -> Option<f64> {
    (!value.is_null()).then(|| number(value))
}

fn column<'a>(case: &'a Value, name: &str) -> &'a [Value] {
    case[name].as_array().expect("a column is a list")
}

fn value_rows(case: &Value) -> Vec<ValueRow> {
    let value = |value: &Value| nullable(value).unwrap_or(f64::NAN);
    let rows = column(case, "target")
        .iter()
        .zip(column(case, "prediction"));
    rows.map(|(target, prediction)| (value(target), value(prediction)))
        .collect()
}

/// Predictions that are a little too high, and the further off the higher the target.
fn draw_values(n: usize, random: &mut Random) -> Box<dyn OutcomeRows> {
    let rows: Vec<ValueRow> = (0..n)
        .map(|_| {
            let target = 2.0 + 18.0 * random.uniform();
            (
                target,
                target + 0.3 + (0.5 + 0.1 * target) * random.normal().clamp(-3.5, 3.5) * 0.6,
            )
        })
        .collect();
    Box::new(rows)
}

/// Target and prediction; `None` where null.
type LabelRow = (Option<Vec<String>>, Option<Vec<String>>);

impl OutcomeRows for Vec<LabelRow> {
    fn n(&self) -> usize {
        self.len()
    }

    fn profile_of(&self, rows: &[usize], _mode: Mode) -> OutcomeProfile {
        let mut profile = LabelOutcomes::default();
        for &idx in rows {
            let (target, prediction) = &self[idx];
            let [target, prediction] = [target, prediction].map(|labels| {
                labels.as_ref().map(|labels| -> Vec<usize> {
                    labels
                        .iter()
                        .map(|label| profile.label_index(label))
                        .collect()
                })
            });
            profile.push(target.as_deref(), prediction.as_deref());
        }
        profile.seal();
        profile.into()
    }

    fn without_targets(&self) -> Box<dyn OutcomeRows> {
        let rows: Vec<LabelRow> = self.iter().map(|row| (None, row.1.clone())).collect();
        Box::new(rows)
    }
}

fn label_rows(case: &Value) -> Vec<LabelRow> {
    let labels = |value: &Value| -> Option<Vec<String>> {
        let text = |label: &Value| label.as_str().expect("a label is a text").to_owned();
        Some(value.as_array()?.iter().map(text).collect())
    };
    let rows = column(case, "target")
        .iter()
        .zip(column(case, "prediction"));
    rows.map(|(target, prediction)| (labels(target), labels(prediction)))
        .collect()
}

fn draw_labels(n: usize, random: &mut Random) -> Box<dyn OutcomeRows> {
    const RATES: [f64; 5] = [0.5, 0.4, 0.3, 0.2, 0.15];
    let rows: Vec<LabelRow> = (0..n)
        .map(|_| {
            // Hard rows have several wrong labels at once.
            let flips = if random.bernoulli(0.3) { 0.25 } else { 0.03 };
            let (mut target, mut prediction) = (Vec::new(), Vec::new());
            for (idx, rate) in RATES.into_iter().enumerate() {
                let is_there = random.bernoulli(rate);
                if is_there {
                    target.push(format!("l{idx}"));
                }
                if is_there != random.bernoulli(flips) {
                    prediction.push(format!("l{idx}"));
                }
            }
            (Some(target), Some(prediction))
        })
        .collect();
    Box::new(rows)
}

/// Rows of rankings, `None` where query or item is null, and what was known before.
#[derive(Debug, Clone)]
pub struct Lists {
    items: Vec<Option<RankedItem>>,
    background: Arc<Background>,
}

impl Lists {
    fn from_json(case: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(key);
        let rows = column(case, "query").iter().zip(column(case, "item"));
        let numbers = column(case, "score").iter().zip(column(case, "relevance"));
        let items = rows
            .zip(numbers)
            .map(|((query, item), (score, relevance))| {
                let (score, relevance) = (nullable(score), nullable(relevance));
                Some(RankedItem::new(text(query)?, text(item)?, score, relevance))
            })
            .collect();
        let pair = |pair: &Value| Some((text(&pair[0])?, text(&pair[1])?));
        let history = column(case, "history").iter().filter_map(pair).collect();
        let vectors = case["vectors"].as_object().expect("vectors by item");
        let vectors: BTreeMap<u64, Vec<f64>> = vectors
            .iter()
            .map(|(item, vector)| {
                let vector = vector.as_array().expect("a vector is a list");
                (key(item), vector.iter().map(number).collect())
            })
            .collect();
        Self {
            items,
            background: Arc::new(Background::new(history, vectors)),
        }
    }
}

impl OutcomeRows for Lists {
    fn n(&self) -> usize {
        self.items.len()
    }

    fn profile_of(&self, rows: &[usize], mode: Mode) -> OutcomeProfile {
        let mut profile = RankingOutcomes::new(mode).with_background(Arc::clone(&self.background));
        let items: Vec<RankedItem> = rows.iter().filter_map(|&idx| self.items[idx]).collect();
        profile.extend_from_slice(&items);
        profile.push_incomplete((rows.len() - items.len()) as u64);
        profile.seal();
        profile.into()
    }

    fn without_targets(&self) -> Box<dyn OutcomeRows> {
        let unjudged =
            |item: RankedItem| RankedItem::new(item.query, item.item, item.score(), None);
        Box::new(Self {
            items: self.items.iter().map(|item| item.map(unjudged)).collect(),
            background: Arc::clone(&self.background),
        })
    }
}

/// Graded relevance, scores in steps so that some are equal, and now and then something that was not shown.
fn draw_search(n: usize, random: &mut Random) -> Box<dyn OutcomeRows> {
    let mut items = Vec::new();
    for _ in 0..n {
        let query = random.bits();
        for item in 0..12 {
            let grade = match random.uniform() {
                share if share < 0.7 => 0.0,
                share if share < 0.9 => 1.0,
                _ => 2.0,
            };
            let score = ((grade + random.normal()) * 5.0).round();
            let shown = (!random.bernoulli(0.05)).then_some(score);
            items.push(Some(RankedItem::new(query, item, shown, Some(grade))));
        }
    }
    Box::new(Lists {
        items,
        background: Arc::new(Background::new(Vec::new(), [])),
    })
}

/// Users that the simulated recommender knows.
const USERS: u64 = 4_000;

/// Some of the users of a shop whose items, tastes and history are always the same.
fn draw_recommender(n: usize, random: &mut Random) -> Box<dyn OutcomeRows> {
    const ITEMS: usize = 80;
    let mut shop = Random::new(77);
    let places: Vec<[f64; 2]> = (0..ITEMS).map(|_| [shop.normal(), shop.normal()]).collect();
    let tastes: Vec<[f64; 2]> = (0..USERS).map(|_| [shop.normal(), shop.normal()]).collect();
    let history = (0..USERS).flat_map(|user| (0..5).map(move |_| user));
    let history = history
        .map(|user| (user, shop.zipf(ITEMS) as u64))
        .collect();
    let vectors = places
        .iter()
        .enumerate()
        .map(|(item, place)| (item as u64, place.to_vec()));
    let background = Arc::new(Background::new(history, vectors));

    let mut users: Vec<u64> = (0..USERS).collect();
    random.shuffle(&mut users);
    let mut items = Vec::new();
    for user in users.into_iter().take(n) {
        let taste = tastes[user as usize];
        let mut scores: Vec<(f64, u64)> = places
            .iter()
            .enumerate()
            .map(|(item, place)| {
                let liking = place[0] * taste[0] + place[1] * taste[1] + random.normal();
                (liking - (item as f64 + 1.0).ln(), item as u64)
            })
            .collect();
        scores.sort_unstable_by(|left, right| right.0.total_cmp(&left.0));
        for (score, item) in scores.into_iter().take(12) {
            let relevance = f64::from(u8::from(random.bernoulli(0.2)));
            items.push(Some(RankedItem::new(
                user,
                item,
                Some(score),
                Some(relevance),
            )));
        }
    }
    Box::new(Lists { items, background })
}

impl OutcomeRows for Vec<TextRow> {
    fn n(&self) -> usize {
        self.len()
    }

    fn profile_of(&self, rows: &[usize], _mode: Mode) -> OutcomeProfile {
        let rows: Vec<TextRow> = rows.iter().map(|&idx| self[idx].clone()).collect();
        OutcomeProfile::Texts(text_outcomes(&rows))
    }

    fn without_targets(&self) -> Box<dyn OutcomeRows> {
        let mut rows = self.clone();
        rows.iter_mut().for_each(|row| row.references.clear());
        Box::new(rows)
    }
}

impl OutcomeRows for Vec<Image> {
    fn n(&self) -> usize {
        self.len()
    }

    fn profile_of(&self, rows: &[usize], _mode: Mode) -> OutcomeProfile {
        let images: Vec<Image> = rows.iter().map(|&idx| self[idx].clone()).collect();
        OutcomeProfile::Boxes(box_outcomes(&images))
    }

    fn without_targets(&self) -> Box<dyn OutcomeRows> {
        let mut images = self.clone();
        images.iter_mut().for_each(|image| image.target = None);
        Box::new(images)
    }
}
