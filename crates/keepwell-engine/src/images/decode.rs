//! From the bytes of an image file to its pixels.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use zune_png::PngDecoder;
use zune_png::zune_core::bytestream::ZCursor;
use zune_png::zune_core::colorspace::ColorSpace;
use zune_png::zune_core::options::DecoderOptions;

use crate::note::ImageFault;

/// Most bytes of a file.
const FILE_BYTES_MAX: u64 = 256 << 20;
/// Most pixels of an image; beyond, it would take more memory than a check may.
const PIXELS_MAX: usize = 50_000_000;
/// Most pixels along one side.
const SIDE_MAX: usize = 32_768;
/// Images with more pixels are decoded one at a time.
const PIXELS_LARGE: usize = 16_000_000;
/// Most bytes that a decoder may ask for at once.
const ALLOCATION_MAX: u64 = 512 << 20;

/// Held while a large image is decoded and described.
static LARGE: Mutex<()> = Mutex::new(());

/// Red, green and blue of the pixels, row by row.
#[derive(Debug)]
pub(super) struct Pixels {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) bytes: Vec<u8>,
}

/// The bytes of an image file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, ImageFault> {
    let of_system = |fault: std::io::Error| match fault.kind() {
        std::io::ErrorKind::NotFound => ImageFault::Missing,
        _ => ImageFault::Unreadable,
    };
    let found = std::fs::metadata(path).map_err(of_system)?;
    // A pipe or a device may never end.
    if !found.is_file() {
        return Err(ImageFault::Unreadable);
    }
    if found.len() > FILE_BYTES_MAX {
        return Err(ImageFault::TooLarge);
    }
    std::fs::read(path).map_err(of_system)
}

/// Decodes the bytes and describes the pixels. Transparency is dropped, 16 bits are cut to eight, and of an
/// animation the first image is taken.
pub(super) fn decode<T>(
    bytes: &[u8],
    describe: impl FnOnce(&Pixels) -> T,
) -> Result<T, ImageFault> {
    // Decoders of damaged files may panic.
    let work = AssertUnwindSafe(|| -> Result<T, ImageFault> {
        let (width, height) = size(bytes)?;
        let is_small =
            width <= SIDE_MAX && height <= SIDE_MAX && width.saturating_mul(height) <= PIXELS_MAX;
        if !is_small {
            return Err(ImageFault::TooLarge);
        }
        // A thread that panicked with the lock has left nothing behind.
        let _alone = (width * height > PIXELS_LARGE).then(|| {
            LARGE
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
        });
        Ok(describe(&pixels(bytes)?))
    });
    catch_unwind(work).unwrap_or(Err(ImageFault::Damaged))
}

fn format(bytes: &[u8]) -> Result<ImageFormat, ImageFault> {
    use ImageFormat::{Bmp, Gif, Jpeg, Png, WebP};
    match image::guess_format(bytes) {
        Ok(format @ (Bmp | Gif | Jpeg | Png | WebP)) => Ok(format),
        _ => Err(ImageFault::UnknownFormat),
    }
}

fn damaged<E>(_: E) -> ImageFault {
    ImageFault::Damaged
}

fn png(bytes: &[u8]) -> Result<PngDecoder<ZCursor<&[u8]>>, ImageFault> {
    let options = DecoderOptions::new_safe()
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX)
        .png_set_confirm_crc(true)
        .inflate_set_confirm_adler(true)
        .png_set_strip_to_8bit(true)
        .png_set_decode_animated(false);
    let mut decoder = PngDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(damaged)?;
    Ok(decoder)
}

fn reader(bytes: &[u8], format: ImageFormat) -> Result<impl ImageDecoder, ImageFault> {
    let mut limits = Limits::default();
    limits.max_alloc = Some(ALLOCATION_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    reader.into_decoder().map_err(damaged)
}

/// Width and height, as the header of the file says.
fn size(bytes: &[u8]) -> Result<(usize, usize), ImageFault> {
    let (width, height) = match format(bytes)? {
        ImageFormat::Png => return png_size(bytes),
        format => reader(bytes, format)?.dimensions(),
    };
    Ok((width as usize, height as usize))
}

/// The header is the first chunk, at a fixed place.
fn png_size(bytes: &[u8]) -> Result<(usize, usize), ImageFault> {
    let number = |at: usize| {
        let bytes = bytes.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?) as usize)
    };
    match (bytes.get(12..16), number(16), number(20)) {
        (Some(b"IHDR"), Some(width), Some(height)) => Ok((width, height)),
        _ => Err(ImageFault::Damaged),
    }
}

fn pixels(bytes: &[u8]) -> Result<Pixels, ImageFault> {
    match format(bytes)? {
        ImageFormat::Png => png_pixels(bytes),
        format => {
            let decoded = DynamicImage::from_decoder(reader(bytes, format)?).map_err(damaged)?;
            let rgb = decoded.into_rgb8();
            Ok(Pixels {
                width: rgb.width() as usize,
                height: rgb.height() as usize,
                bytes: rgb.into_raw(),
            })
        }
    }
}

fn png_pixels(bytes: &[u8]) -> Result<Pixels, ImageFault> {
    let mut decoder = png(bytes)?;
    let (width, height) = decoder.dimensions().ok_or(ImageFault::Damaged)?;
    let colours = decoder.colorspace().ok_or(ImageFault::Damaged)?;
    let samples = decoder.decode().map_err(damaged)?;
    let samples = samples.u8().ok_or(ImageFault::Damaged)?;
    let bytes = match colours {
        ColorSpace::RGB => samples,
        ColorSpace::RGBA => rgb(&samples, 4, |own| [own[0], own[1], own[2]]),
        ColorSpace::Luma => rgb(&samples, 1, |own| [own[0]; 3]),
        ColorSpace::LumaA => rgb(&samples, 2, |own| [own[0]; 3]),
        _ => return Err(ImageFault::Damaged),
    };
    Ok(Pixels {
        width,
        height,
        bytes,
    })
}

fn rgb(samples: &[u8], channels: usize, pixel: impl Fn(&[u8]) -> [u8; 3]) -> Vec<u8> {
    samples.chunks_exact(channels).flat_map(pixel).collect()
}
