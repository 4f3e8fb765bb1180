//! How light an image is.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;

use super::image::luma;
use super::{Descriptor, Subject, SubjectKind, of_image};

entry! {
    /// Mean brightness of the pixels.
    ///
    /// # Inputs
    /// One image with red, green and blue of eight bits.
    /// # Result
    /// A number in `[0, 1]`, no unit: 0 for black, 1 for white. Pixels are weighted by the luma of
    /// Recommendation ITU-R BT.601, as in OpenCV, without rounding.
    /// # Undefined
    /// `not_applicable` for a text. An image has at least one pixel.
    /// # Cost
    /// `O(p)` for `p` pixels.
    /// # When to use, and when not
    /// For lighting, exposure, day and night, a dirty lens. An image half black and half white is as bright
    /// as a grey one: see `contrast`.
    /// # Reference
    /// Recommendation ITU-R BT.601-7 (2011), section 2.5.1.
    /// ```python oracle
    /// np.mean(np.asarray(image, float) @ [0.299, 0.587, 0.114]) / 255
    /// ```
    pub struct Brightness = "brightness" since "0.1";
}

impl Descriptor for Brightness {
    fn subject(&self) -> SubjectKind {
        SubjectKind::Image
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn describe(&self, subject: Subject<'_>) -> Outcome<f64> {
        of_image(subject, |image| image.moments(luma).mean / 255.0)
    }
}
