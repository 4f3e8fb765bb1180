//! How colourful an image is.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;

use super::image::variance;
use super::{Descriptor, Subject, SubjectKind, of_image};

entry! {
    /// How far colours are spread and from grey, on the two axes of opponent colours.
    ///
    /// # Inputs
    /// One image with red, green and blue of eight bits.
    /// # Result
    /// A number, zero or more, in steps of a channel of eight bits: 0 for grey, about 15 for slightly, 45 for quite
    /// and 80 for very colourful images.
    /// # Undefined
    /// `not_applicable` for a text. An image has at least one pixel.
    /// # Cost
    /// `O(p)` for `p` pixels.
    /// # When to use, and when not
    /// For cameras that change to infrared, wrong white balance, other sources. A single strong colour counts as
    /// much as many.
    /// # Reference
    /// Hasler and Süsstrunk (2003), Proceedings of SPIE 5007, 87–95.
    /// ```python oracle
    /// r, g, b = np.moveaxis(np.asarray(image, float), -1, 0)
    /// rg, yb = r - g, (r + g) / 2 - b
    /// np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())
    /// ```
    pub struct Colourfulness = "colourfulness" since "0.1";
}

impl Descriptor for Colourfulness {
    fn subject(&self) -> SubjectKind {
        SubjectKind::Image
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn describe(&self, subject: Subject<'_>) -> Outcome<f64> {
        of_image(subject, |image| {
            let first = image.moments(|[red, green, _]| red - green);
            let second = image.moments(|[red, green, blue]| (red + green) / 2.0 - blue);
            (variance(&first) + variance(&second)).sqrt() + 0.3 * first.mean.hypot(second.mean)
        })
    }
}
