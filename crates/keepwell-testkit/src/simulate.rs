//! Samples from known distributions, for laws that speak of rates.

use keepwell_core::schema::Kind;

use crate::inputs::{Column, Row, Rows};
use crate::random::Random;

/// A binary classifier with Gaussian evidence. Its scores are the true probabilities.
#[derive(Debug, Clone, Copy)]
pub struct BinaryModel {
    /// Share of the positive class, in `(0, 1)`.
    pub rate: f64,
    /// Distance between the classes in standard deviations of the evidence; zero means no skill.
    pub separation: f64,
}

impl BinaryModel {
    /// Rows of this model, decided at a score of 0.5; the classes are `0` and `1`.
    pub fn rows(self, n: usize, random: &mut Random) -> Rows {
        let prior = (self.rate / (1.0 - self.rate)).ln();
        let row = |random: &mut Random| {
            let is_positive = random.bernoulli(self.rate);
            let evidence = random.normal() + if is_positive { self.separation } else { 0.0 };
            let log_odds = self.separation * (evidence - self.separation / 2.0) + prior;
            let score = 1.0 / (1.0 + (-log_odds).exp());
            Row {
                target: Some(binary_class(is_positive)),
                prediction: Some(binary_class(score >= 0.5)),
                scores: vec![score],
            }
        };
        Rows {
            positive: Some(binary_class(true)),
            scored_classes: vec![binary_class(true)],
            rows: (0..n).map(|_| row(random)).collect(),
        }
    }
}

fn binary_class(is_positive: bool) -> String {
    if is_positive { "1" } else { "0" }.to_owned()
}

/// Rows of a model of three classes, `a` the most frequent; the highest score decides.
pub fn three_classes(n: usize, random: &mut Random) -> Rows {
    let classes = ["a", "b", "c"];
    let row = |random: &mut Random| {
        let target = match random.uniform() {
            share if share < 0.5 => 0,
            share if share < 0.8 => 1,
            _ => 2,
        };
        let weights: Vec<f64> = (0..classes.len())
            .map(|idx| (random.normal() + if idx == target { 1.5 } else { 0.0 }).exp())
            .collect();
        let total: f64 = weights.iter().sum();
        let scores: Vec<f64> = weights.iter().map(|weight| weight / total).collect();
        let best = (0..classes.len())
            .max_by(|&a, &b| scores[a].total_cmp(&scores[b]))
            .expect("there are classes");
        Row {
            target: Some(classes[target].to_owned()),
            prediction: Some(classes[best].to_owned()),
            scores,
        }
    };
    Rows {
        positive: None,
        scored_classes: classes.map(str::to_owned).to_vec(),
        rows: (0..n).map(|_| row(random)).collect(),
    }
}

/// A column of a kind that has values: normal numbers, eight categories by Zipf's law, a coin that shows
/// true three times of ten, instants of a month, sentences, or 20 dependent normal numbers. `shift` moves the
/// mean, the categories, the coin, the month or the topic; zero is none.
///
/// # Panics
/// If the kind is another one.
pub fn column(kind: Kind, n: usize, shift: f64, random: &mut Random) -> Column {
    match kind {
        Kind::Numeric => Column::numeric((0..n).map(|_| random.normal() + shift)),
        Kind::Categorical => Column::categorical((0..n).map(|_| {
            let rank = random.zipf(8);
            let is_moved = random.bernoulli(shift.min(1.0));
            format!("k{}", if is_moved { 7 - rank } else { rank })
        })),
        Kind::Boolean => {
            let probability = (0.3 + 0.5 * shift).min(1.0);
            Column::boolean((0..n).map(|_| random.bernoulli(probability)))
        }
        Kind::Timestamp => {
            let first = SUMMER_2025 + (shift * MONTH as f64) as i64;
            Column::timestamp((0..n).map(|_| first + (random.uniform() * MONTH as f64) as i64))
        }
        Kind::Text => Column::text((0..n).map(|_| sentence(shift, random))),
        Kind::Embedding => Column::embedding((0..n).map(|_| {
            let common = random.normal();
            let component = |random: &mut Random| 0.8 * random.normal() + 0.6 * common + shift;
            (0..20).map(|_| component(random)).collect()
        })),
        other => panic!("no simulation of {other} columns"),
    }
}

/// A text of words by Zipf's law, half of them from its topic. A shift makes it longer and takes as many of its
/// words from a topic that the reference does not have.
fn sentence(shift: f64, random: &mut Random) -> String {
    const TOPICS: usize = 5;
    let topic = random.zipf(TOPICS);
    let n_words = 4 + random.below(10) + (12.0 * shift) as usize;
    let words: Vec<String> = (0..n_words)
        .map(|_| {
            let from = if random.bernoulli(0.9 * shift) {
                TOPICS + 1
            } else if random.bernoulli(0.5) {
                topic
            } else {
                TOPICS
            };
            // Nearly Zipf's law, without a sum over all ranks.
            let rank = 400_f64.powf(random.uniform()) as usize;
            format!("w{}", 1000 * from + rank)
        })
        .collect();
    words.join(" ")
}

/// The kinds that [`column`] knows.
pub const KINDS: [Kind; 6] = [
    Kind::Numeric,
    Kind::Categorical,
    Kind::Boolean,
    Kind::Timestamp,
    Kind::Text,
    Kind::Embedding,
];

/// 2025-06-01T00:00Z in microseconds.
const SUMMER_2025: i64 = 1_748_736_000_000_000;

/// Thirty days in microseconds.
const MONTH: i64 = 30 * 86_400_000_000;
