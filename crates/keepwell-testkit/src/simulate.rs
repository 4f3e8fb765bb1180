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

/// A column of a kind that has values: normal numbers, eight categories by Zipf's law, or a coin that
/// shows true three times of ten. `shift` moves the mean, the categories or the coin; zero is none.
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
        other => panic!("no simulation of {other} columns"),
    }
}

/// The kinds that [`column`] knows.
pub const KINDS: [Kind; 3] = [Kind::Numeric, Kind::Categorical, Kind::Boolean];
