//! Mean of the blue channel.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;

use super::{Descriptor, Subject, SubjectKind, of_image};

entry! {
    /// Mean of the blue channel of the pixels.
    ///
    /// # Inputs
    /// One image with red, green and blue of eight bits.
    /// # Result
    /// A number in `[0, 1]`, no unit.
    /// # Undefined
    /// `not_applicable` for a text. An image has at least one pixel.
    /// # Cost
    /// `O(p)` for `p` pixels.
    /// # When to use, and when not
    /// With the other two channels for tinted light, white balance and swapped channels. For how light an image is
    /// take `brightness`.
    /// # Reference
    /// None but the definition.
    /// ```python oracle
    /// np.mean(image[..., 2]) / 255
    /// ```
    pub struct BlueMean = "blue_mean" since "0.1";
}

impl Descriptor for BlueMean {
    fn subject(&self) -> SubjectKind {
        SubjectKind::Image
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn describe(&self, subject: Subject<'_>) -> Outcome<f64> {
        of_image(subject, |image| {
            image.moments(|[_, _, blue]| blue).mean / 255.0
        })
    }
}
