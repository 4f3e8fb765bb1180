//! How sharp an image is.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;

use super::image::{Image, luma, variance};
use super::{Descriptor, Subject, SubjectKind, of_image};
use crate::profile::Moments;

entry! {
    /// Variance of the Laplacian of the brightness.
    ///
    /// # Inputs
    /// One image with red, green and blue of eight bits.
    /// # Result
    /// A number, zero or more, in squared steps of a channel of eight bits. It depends on the size of the image and on
    /// what it shows; there is no scale of its own. Beyond the border the image is mirrored at the outermost
    /// pixel, as in OpenCV.
    /// # Undefined
    /// `not_applicable` for a text. An image has at least one pixel.
    /// # Cost
    /// `O(p)` for `p` pixels.
    /// # When to use, and when not
    /// For blur by focus, motion, dirt or rescaling, over like images. Noise counts as sharpness.
    /// # Reference
    /// Pech-Pacheco et al. (2000), Proceedings of ICPR 3, 314–317.
    /// ```python oracle
    /// grey = np.asarray(image, float) @ [0.299, 0.587, 0.114]
    /// scipy.ndimage.laplace(grey, mode="mirror").var()
    /// ```
    pub struct Sharpness = "sharpness" since "0.1";
}

impl Descriptor for Sharpness {
    fn subject(&self) -> SubjectKind {
        SubjectKind::Image
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn describe(&self, subject: Subject<'_>) -> Outcome<f64> {
        of_image(subject, |image| variance(&Moments::of(&laplacian(image))))
    }
}

/// Second differences of the brightness along both axes together.
fn laplacian(image: Image<'_>) -> Vec<f64> {
    let (width, height) = (image.width(), image.height());
    let grey: Vec<f64> = image
        .pixels()
        .iter()
        .map(|pixel| luma(pixel.map(f64::from)))
        .collect();
    let at = |x: usize, y: usize| grey[y * width + x];
    // The neighbours of a position; beyond an end that of the other side.
    let around = |position: usize, length: usize| {
        let last = length - 1;
        let before = if position > 0 {
            position - 1
        } else {
            last.min(1)
        };
        let after = if position < last {
            position + 1
        } else {
            last.saturating_sub(1)
        };
        [before, after]
    };
    let mut differences = Vec::with_capacity(grey.len());
    for y in 0..height {
        let [above, below] = around(y, height);
        for x in 0..width {
            let [left, right] = around(x, width);
            let own = at(x, y);
            let across = at(left, y) + at(right, y) - 2.0 * own;
            let down = at(x, above) + at(x, below) - 2.0 * own;
            differences.push(across + down);
        }
    }
    differences
}
