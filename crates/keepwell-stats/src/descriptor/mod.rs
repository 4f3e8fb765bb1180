//! Descriptors: what one text or one image is like, as a number.
//!
//! A descriptor turns a column of texts or images into a numeric column, to which profiles, drift tests and
//! quality checks then apply.

mod aspect_ratio;
mod blue_mean;
mod brightness;
mod character_count;
mod colourfulness;
mod contrast;
mod green_mean;
pub mod image;
mod mean_word_length;
mod non_letter_share;
mod red_mean;
mod saturation;
mod sentence_count;
mod sharpness;
mod unique_word_share;
mod uppercase_share;
mod word_count;

use keepwell_core::catalog::Entry;
use keepwell_core::outcome::{Outcome, Reason};

pub use image::Image;

/// What can be described.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// One text.
    Text(&'a str),
    /// One image.
    Image(Image<'a>),
}

/// Which subjects a descriptor is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectKind {
    /// Texts.
    Text,
    /// Images.
    Image,
}

/// A number that describes one text or one image.
pub trait Descriptor: Entry {
    /// What it describes.
    fn subject(&self) -> SubjectKind;

    /// Least and greatest possible value.
    fn range(&self) -> (f64, f64);

    /// The number; `not_applicable` for a subject of the other kind.
    fn describe(&self, subject: Subject<'_>) -> Outcome<f64>;
}

/// Every descriptor, in alphabetical order.
pub static ALL: &[&dyn Descriptor] = &[
    &aspect_ratio::AspectRatio,
    &blue_mean::BlueMean,
    &brightness::Brightness,
    &character_count::CharacterCount,
    &colourfulness::Colourfulness,
    &contrast::Contrast,
    &green_mean::GreenMean,
    &mean_word_length::MeanWordLength,
    &non_letter_share::NonLetterShare,
    &red_mean::RedMean,
    &saturation::Saturation,
    &sentence_count::SentenceCount,
    &sharpness::Sharpness,
    &unique_word_share::UniqueWordShare,
    &uppercase_share::UppercaseShare,
    &word_count::WordCount,
];

/// Describes a text; `None` means that there is nothing to divide by.
fn of_text(subject: Subject<'_>, describe: impl FnOnce(&str) -> Option<f64>) -> Outcome<f64> {
    match subject {
        Subject::Text(text) => describe(text).ok_or(Reason::ZeroDenominator).into(),
        Subject::Image(_) => Outcome::Undefined(Reason::NotApplicable),
    }
}

/// Describes an image.
fn of_image(subject: Subject<'_>, describe: impl FnOnce(Image<'_>) -> f64) -> Outcome<f64> {
    match subject {
        Subject::Image(image) => Outcome::Defined(describe(image)),
        Subject::Text(_) => Outcome::Undefined(Reason::NotApplicable),
    }
}

/// A share; `None` of nothing.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describe(id: &str, subject: Subject<'_>) -> Outcome<f64> {
        let found = ALL.iter().find(|descriptor| descriptor.info().id == id);
        found.expect("an id of the family").describe(subject)
    }

    #[test]
    fn the_other_subject_does_not_apply() {
        let image = Image::try_new(1, 1, &[1, 2, 3]).expect("a pixel");
        for descriptor in ALL {
            let other = match descriptor.subject() {
                SubjectKind::Text => Subject::Image(image),
                SubjectKind::Image => Subject::Text("text"),
            };
            let outcome = descriptor.describe(other);
            assert_eq!(outcome.reason(), Some(&Reason::NotApplicable));
        }
    }

    #[test]
    fn ends_of_the_scales_of_images() {
        let checks: Vec<u8> = (0..36)
            .flat_map(|idx| [if (idx / 6 + idx) % 2 == 0 { 0 } else { 255 }; 3])
            .collect();
        let checks = Subject::Image(Image::try_new(6, 6, &checks).expect("36 pixels"));
        let red = [255, 0, 0].repeat(12);
        let red = Subject::Image(Image::try_new(6, 2, &red).expect("12 pixels"));
        for (id, subject, expected) in [
            ("aspect_ratio", red, 3.0),
            ("brightness", checks, 0.5),
            ("brightness", red, 0.299),
            ("contrast", checks, 0.5),
            ("contrast", red, 0.0),
            ("saturation", red, 1.0),
            ("saturation", checks, 0.0),
            ("colourfulness", checks, 0.0),
            ("red_mean", red, 1.0),
            ("blue_mean", red, 0.0),
            ("sharpness", red, 0.0),
            ("sharpness", checks, 1_040_400.0),
        ] {
            let found = describe(id, subject).into_result().expect("an image");
            assert!(
                (found - expected).abs() < 1e-9 * expected.max(1.0),
                "{id}: {found}"
            );
        }
    }

    #[test]
    fn texts_without_words_have_counts_but_no_means() {
        for (id, expected) in [
            ("character_count", Some(2.0)),
            ("word_count", Some(0.0)),
            ("sentence_count", Some(0.0)),
            ("mean_word_length", None),
            ("unique_word_share", None),
            ("uppercase_share", None),
            ("non_letter_share", Some(1.0)),
        ] {
            let found = describe(id, Subject::Text(" !"));
            assert_eq!(found.defined().copied(), expected, "{id}");
        }
    }
}
