//! Binary form of mean and covariance of vectors: their number, and if there is one, means and products.

use super::super::scatter::{COMPONENTS, PRODUCTS, Scatter};
use super::wire::{DecodeError, Reader, Writer, ensure};

pub(super) fn write(writer: &mut Writer, scatter: &Scatter) {
    writer.number(scatter.count);
    if scatter.count > 0 {
        writer.floats(&scatter.mean);
        writer.floats(&scatter.products);
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> Result<Scatter, DecodeError> {
    let count = reader.rows()?;
    if count == 0 {
        return Ok(Scatter::default());
    }
    let mean = reader.floats(COMPONENTS)?;
    let products = reader.floats(PRODUCTS)?;
    let scatter = Scatter {
        count,
        mean,
        products,
    };
    let is_sound = super::super::numeric::all_finite(&scatter.mean)
        && super::super::numeric::all_finite(&scatter.products)
        && (0..COMPONENTS).all(|idx| scatter.product(idx, idx) >= 0.0);
    ensure(is_sound, "finite means and sums of squares", &"others")?;
    Ok(scatter)
}
