//! How far light and dark are apart.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;

use super::image::{luma, variance};
use super::{Descriptor, Subject, SubjectKind, of_image};

entry! {
    /// Standard deviation of the brightness of the pixels.
    ///
    /// # Inputs
    /// One image with red, green and blue of eight bits.
    /// # Result
    /// A number in `[0, 0.5]`, no unit: 0 where all pixels are equally bright, 0.5 where half of them are black
    /// and half white.
    /// # Undefined
    /// `not_applicable` for a text. An image has at least one pixel.
    /// # Cost
    /// `O(p)` for `p` pixels.
    /// # When to use, and when not
    /// For fog, blur of a lens, flat lighting, compression. Independent of where the pixels are.
    /// # Reference
    /// Peli (1990), Journal of the Optical Society of America A 7(10), 2032–2040.
    /// ```python oracle
    /// np.std(np.asarray(image, float) @ [0.299, 0.587, 0.114]) / 255
    /// ```
    pub struct Contrast = "contrast" since "0.1";
}

impl Descriptor for Contrast {
    fn subject(&self) -> SubjectKind {
        SubjectKind::Image
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 0.5)
    }

    fn describe(&self, subject: Subject<'_>) -> Outcome<f64> {
        of_image(subject, |image| {
            (variance(&image.moments(luma)).sqrt() / 255.0).min(0.5)
        })
    }
}
