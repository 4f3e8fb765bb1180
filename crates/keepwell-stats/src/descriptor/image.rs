//! Pixels of an image.

use crate::profile::Moments;

/// An image with three channels of eight bits; decoding a file is the caller's business.
#[derive(Debug, Clone, Copy)]
pub struct Image<'a> {
    width: usize,
    height: usize,
    /// Red, green and blue of each pixel, row by row from the top left; `width * height` of them, at least one.
    pixels: &'a [[u8; 3]],
}

/// Pixels that are not those of an image of the stated size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {width} by {height} pixels of 3 bytes; found {found} bytes")]
pub struct ImageError {
    width: usize,
    height: usize,
    found: usize,
}

impl<'a> Image<'a> {
    /// An image from its red, green and blue bytes, pixel by pixel, row by row from the top left.
    ///
    /// # Errors
    /// If there is no pixel, or the number of bytes is not three times `width` times `height`.
    pub fn try_new(width: usize, height: usize, bytes: &'a [u8]) -> Result<Self, ImageError> {
        let (pixels, rest) = bytes.as_chunks::<3>();
        let is_whole = width.checked_mul(height) == Some(pixels.len()) && rest.is_empty();
        if is_whole && !pixels.is_empty() {
            Ok(Self {
                width,
                height,
                pixels,
            })
        } else {
            Err(ImageError {
                width,
                height,
                found: bytes.len(),
            })
        }
    }

    /// Number of columns, at least one.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of rows, at least one.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Red, green and blue of each pixel, row by row from the top left.
    pub fn pixels(&self) -> &'a [[u8; 3]] {
        self.pixels
    }

    /// Moments of a number of each pixel.
    pub(super) fn moments(&self, number: impl Fn([f64; 3]) -> f64) -> Moments {
        let numbers = self.pixels.iter();
        moments(numbers.map(|pixel| number(pixel.map(f64::from))))
    }
}

/// Moments of numbers as they come, so that those of large images are never all in memory.
pub(super) fn moments(numbers: impl Iterator<Item = f64>) -> Moments {
    const BLOCK: usize = 1024;
    let mut moments = Moments::default();
    let mut block = Vec::with_capacity(BLOCK);
    for number in numbers {
        block.push(number);
        if block.len() == BLOCK {
            moments.merge(&Moments::of(&block));
            block.clear();
        }
    }
    moments.merge(&Moments::of(&block));
    moments
}

/// Brightness of a pixel in `[0, 255]`, by the weights of Recommendation ITU-R BT.601.
pub(super) fn luma([red, green, blue]: [f64; 3]) -> f64 {
    0.299 * red + 0.587 * green + 0.114 * blue
}

/// Variance with the number of values as divisor.
pub(super) fn variance(moments: &Moments) -> f64 {
    moments.m2 / moments.count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_do_not_fit_are_refused() {
        let bytes = [0; 18];
        assert!(Image::try_new(3, 2, &bytes).is_ok());
        for (width, height) in [(2, 2), (0, 0), (6, 0), (usize::MAX, 2), (18, 1)] {
            assert!(Image::try_new(width, height, &bytes).is_err());
        }
        assert!(Image::try_new(2, 3, &bytes[..17]).is_err());
        let error = Image::try_new(0, 5, &[]).expect_err("no pixel");
        assert_eq!(
            error.to_string(),
            "expected 0 by 5 pixels of 3 bytes; found 0 bytes"
        );
    }
}
