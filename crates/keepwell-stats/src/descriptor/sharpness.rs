//! How sharp an image is.

use keepwell_core::entry;
use keepwell_core::outcome::Outcome;

use super::image::{Image, luma, moments, variance};
use super::{Descriptor, Subject, SubjectKind, of_image};

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
        of_image(subject, |image| variance(&moments(laplacian(image))))
    }
}

/// Second differences of the brightness along both axes together, row by row.
fn laplacian(image: Image<'_>) -> impl Iterator<Item = f64> {
    let (width, height) = (image.width(), image.height());
    // The neighbours of a position; beyond an end that of the other side.
    let around = |position: usize, length: usize| {
        let last = length - 1;
        let before = match position {
            0 => last.min(1),
            _ => position - 1,
        };
        let after = match position < last {
            true => position + 1,
            false => last.saturating_sub(1),
        };
        [before, after]
    };
    let row = move |y: usize| -> Vec<f64> {
        let pixels = &image.pixels()[y * width..(y + 1) * width];
        pixels.iter().map(|own| luma(own.map(f64::from))).collect()
    };
    (0..height).flat_map(move |y| {
        let [above, below] = around(y, height).map(row);
        let own = row(y);
        (0..width).map(move |x| {
            let [left, right] = around(x, width);
            let across = own[left] + own[right] - 2.0 * own[x];
            let down = above[x] + below[x] - 2.0 * own[x];
            across + down
        })
    })
}
