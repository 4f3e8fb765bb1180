//! Outcomes of models that generate text and of object detectors, and subjects of descriptors, from the
//! shared inputs of the reference vectors.

use keepwell_stats::descriptor::{self, Subject};
use keepwell_stats::profile::outcome::boxes::{Detection, Rectangle, Target};
use keepwell_stats::profile::{BoxOutcomes, TextOutcomes};
use serde_json::Value;

use crate::random::Random;
use crate::vectors::number;

/// A row of a model that generates text.
#[derive(Debug, Clone, PartialEq)]
pub struct TextRow {
    /// What was generated; `None` where null.
    pub prediction: Option<String>,
    /// Reference texts; none where not known.
    pub references: Vec<String>,
}

/// The rows of a case of metrics of generated text.
///
/// # Panics
/// If the case is not of this form.
pub fn text_rows(case: &Value) -> Vec<TextRow> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let predictions = case["prediction"].as_array().expect("a column is a list");
    predictions
        .iter()
        .zip(list(&case["references"]))
        .map(|(prediction, references)| TextRow {
            prediction: text(prediction),
            references: list(&references).iter().filter_map(text).collect(),
        })
        .collect()
}

/// The profile of such rows.
pub fn text_outcomes(rows: &[TextRow]) -> TextOutcomes {
    let mut profile = TextOutcomes::default();
    for row in rows {
        let references: Vec<&str> = row.references.iter().map(String::as_str).collect();
        profile.push(row.prediction.as_deref(), &references);
    }
    profile.seal();
    profile
}

/// Sentences of words by Zipf's law, of which a share is generated wrongly.
pub fn simulated_texts(n: usize, random: &mut Random) -> Vec<TextRow> {
    (0..n)
        .map(|_| {
            let words: Vec<String> = (0..6 + random.below(12))
                .map(|_| format!("word{}", random.zipf(300)))
                .collect();
            let quality = random.uniform();
            let prediction: Vec<String> = words
                .iter()
                .filter_map(|word| match random.uniform() {
                    chance if chance < 0.1 * quality => None,
                    chance if chance < 0.3 * quality => Some(format!("other{}", random.zipf(300))),
                    _ => Some(word.clone()),
                })
                .collect();
            TextRow {
                prediction: Some(prediction.join(" ")),
                references: vec![words.join(" ")],
            }
        })
        .collect()
}

/// A box of an image.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedBox {
    /// What it is or is said to be.
    pub class: String,
    /// NaN for a target.
    pub score: f64,
    /// Where it is.
    pub area: Rectangle,
}

/// An image with the boxes that were predicted and those that are there; `None` where not known.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// What was predicted.
    pub prediction: Option<Vec<NamedBox>>,
    /// What is there.
    pub target: Option<Vec<NamedBox>>,
}

/// The images of a case of metrics of object detectors.
///
/// # Panics
/// If the case is not of this form.
pub fn images(case: &Value) -> Vec<Image> {
    let named = |value: &Value| {
        let fields = value.as_array().expect("a box is a list");
        let numbers: Vec<f64> = fields[1..].iter().map(number).collect();
        let (rest, corners) = numbers.split_at(numbers.len() - 4);
        NamedBox {
            class: fields[0].as_str().expect("a class").to_owned(),
            score: rest.first().copied().unwrap_or(f64::NAN),
            area: Rectangle {
                x_min: corners[0],
                y_min: corners[1],
                x_max: corners[2],
                y_max: corners[3],
            },
        }
    };
    let boxes = |value: &Value| Some(value.as_array()?.iter().map(named).collect());
    let images = case["images"].as_array().expect("images are a list");
    images
        .iter()
        .map(|image| Image {
            prediction: boxes(&image["prediction"]),
            target: boxes(&image["target"]),
        })
        .collect()
}

/// What a case of descriptors describes.
#[derive(Debug, Clone, PartialEq)]
pub enum Described {
    /// A text.
    Text(String),
    /// An image: width, height, and its bytes.
    Image(usize, usize, Vec<u8>),
}

impl Described {
    /// The subject of a case.
    ///
    /// # Panics
    /// If the case is not of this form.
    pub fn from_json(case: &Value) -> Self {
        if let Some(text) = case["text"].as_str() {
            return Self::Text(text.to_owned());
        }
        let size = |name: &str| number(&case[name]) as usize;
        let pixels = case["pixels"].as_array().expect("pixels are a list");
        let bytes = pixels.iter().map(|pixel| number(pixel) as u8).collect();
        Self::Image(size("width"), size("height"), bytes)
    }

    /// What a descriptor takes.
    ///
    /// # Panics
    /// If the bytes are not those of an image of this size.
    pub fn subject(&self) -> Subject<'_> {
        match self {
            Self::Text(text) => Subject::Text(text),
            Self::Image(width, height, bytes) => Subject::Image(
                descriptor::Image::try_new(*width, *height, bytes).expect("an image"),
            ),
        }
    }
}

/// The profile of such images.
pub fn box_outcomes(images: &[Image]) -> BoxOutcomes {
    let mut profile = BoxOutcomes::default();
    for image in images {
        let predictions: Option<Vec<Detection<'_>>> = image.prediction.as_ref().map(|boxes| {
            boxes
                .iter()
                .map(|named| Detection {
                    class: &named.class,
                    score: named.score,
                    area: named.area,
                })
                .collect()
        });
        let targets: Option<Vec<Target<'_>>> = image.target.as_ref().map(|boxes| {
            boxes
                .iter()
                .map(|named| Target {
                    class: &named.class,
                    area: named.area,
                })
                .collect()
        });
        profile.push(predictions.as_deref(), targets.as_deref());
    }
    profile.seal();
    profile
}

/// Images of a detector that finds four of five objects of three classes, some of them badly placed, and sees
/// some that are not there. An image is easy or hard for all its objects alike.
pub fn simulated_images(n: usize, random: &mut Random) -> Vec<Image> {
    let classes = ["car", "cat", "dog"];
    (0..n)
        .map(|_| {
            let (mut prediction, mut target) = (Vec::new(), Vec::new());
            let chance = 0.6 + 0.4 * random.uniform();
            for _ in 0..random.below(6) {
                let (x_min, y_min) = (200.0 * random.uniform(), 200.0 * random.uniform());
                let (width, height) = (
                    10.0 + 70.0 * random.uniform(),
                    10.0 + 70.0 * random.uniform(),
                );
                let class = classes[random.zipf(3)].to_owned();
                let area = Rectangle {
                    x_min,
                    y_min,
                    x_max: x_min + width,
                    y_max: y_min + height,
                };
                if random.bernoulli(chance) {
                    let moved = |at: f64, random: &mut Random| at + 0.08 * width * random.normal();
                    let (left, top) = (moved(x_min, random), moved(y_min, random));
                    prediction.push(NamedBox {
                        class: class.clone(),
                        score: 0.3 + 0.7 * random.uniform(),
                        area: Rectangle {
                            x_min: left,
                            y_min: top,
                            x_max: left + width,
                            y_max: top + height,
                        },
                    });
                }
                let score = f64::NAN;
                target.push(NamedBox { class, score, area });
            }
            for _ in 0..random.below(3) {
                let x_min = 200.0 * random.uniform();
                prediction.push(NamedBox {
                    class: classes[random.zipf(3)].to_owned(),
                    score: 0.8 * random.uniform(),
                    area: Rectangle {
                        x_min,
                        y_min: 0.0,
                        x_max: x_min + 30.0,
                        y_max: 40.0,
                    },
                });
            }
            Image {
                prediction: Some(prediction),
                target: Some(target),
            }
        })
        .collect()
}
