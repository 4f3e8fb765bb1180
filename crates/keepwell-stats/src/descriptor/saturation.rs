//! How pure the colours are.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;

use super::{Descriptor, Subject, SubjectKind, of_image};

entry! {
    /// Mean saturation of the pixels in the sense of HSV.
    ///
    /// # Inputs
    /// One image with red, green and blue of eight bits.
    /// # Result
    /// A number in `[0, 1]`, no unit: the mean of `(max - min) / max` of the three channels; 0 for black.
    /// # Undefined
    /// `not_applicable` for a text. An image has at least one pixel.
    /// # Cost
    /// `O(p)` for `p` pixels.
    /// # When to use, and when not
    /// Beside `colourfulness` for faded or oversaturated images. Noisy in dark images, where small differences are
    /// large shares.
    /// # Reference
    /// Smith (1978), Computer Graphics 12(3), 12–19.
    /// ```python oracle
    /// high, low = image.max(-1).astype(float), image.min(-1)
    /// np.mean(np.where(high > 0, (high - low) / np.maximum(high, 1), 0))
    /// ```
    pub struct Saturation = "saturation" since "0.1";
}

impl Descriptor for Saturation {
    fn subject(&self) -> SubjectKind {
        SubjectKind::Image
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn describe(&self, subject: Subject<'_>) -> Outcome<f64> {
        of_image(subject, |image| image.moments(saturation).mean)
    }
}

fn saturation(pixel: [f64; 3]) -> f64 {
    let high = pixel.into_iter().fold(0.0, f64::max);
    let low = pixel.into_iter().fold(f64::INFINITY, f64::min);
    if high > 0.0 { (high - low) / high } else { 0.0 }
}
