//! Shape of an image.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;

use super::{Descriptor, Subject, SubjectKind, of_image};

entry! {
    /// Width of an image divided by its height.
    ///
    /// # Inputs
    /// One image with red, green and blue of eight bits.
    /// # Result
    /// A number above 0, no unit: 1 for a square, above 1 for landscape.
    /// # Undefined
    /// `not_applicable` for a text. An image has at least one pixel.
    /// # Cost
    /// Constant.
    /// # When to use, and when not
    /// To see images cropped or turned, or another camera. Blind to what is in them.
    /// # Reference
    /// None but the definition.
    /// ```python oracle
    /// image.shape[1] / image.shape[0]
    /// ```
    pub struct AspectRatio = "aspect_ratio" since "0.1";
}

impl Descriptor for AspectRatio {
    fn subject(&self) -> SubjectKind {
        SubjectKind::Image
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn describe(&self, subject: Subject<'_>) -> Outcome<f64> {
        of_image(subject, |image| {
            image.width() as f64 / image.height() as f64
        })
    }
}
