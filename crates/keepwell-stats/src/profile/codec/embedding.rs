//! Binary form of profiles of embeddings.
//!
//! Counts, mode, the number of dropped vectors, then each number of components in ascending order with means,
//! sums of squares, lengths, and mean and covariance of the projected vectors.

use std::collections::BTreeMap;

use super::super::embedding::{DIMENSION_MAX, DIMENSIONS_KEPT_MAX, Vectors};
use super::super::numeric::all_finite;
use super::super::{EmbeddingProfile, Mode};
use super::wire::{DecodeError, Reader, Writer, ensure};
use super::{numeric, scatter};

pub(super) fn write(writer: &mut Writer, profile: &EmbeddingProfile) {
    writer.counts(&profile.counts);
    writer.mode(profile.mode);
    writer.number(profile.dropped);
    writer.length(profile.by_dimension.len());
    for (&dimension, vectors) in &profile.by_dimension {
        writer.length(dimension);
        writer.floats(&vectors.mean);
        writer.floats(&vectors.m2);
        numeric::write(writer, &vectors.norms);
        scatter::write(writer, &vectors.projected);
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> Result<EmbeddingProfile, DecodeError> {
    let counts = reader.counts()?;
    ensure(
        counts.negative_infinity + counts.negative + counts.empty == 0,
        "vectors",
        &"counts of other kinds",
    )?;
    let mode = reader.mode()?;
    let dropped = reader.rows()?;
    let n = reader.length(18)?;
    ensure(
        n <= DIMENSIONS_KEPT_MAX,
        "at most 8 numbers of components",
        &n,
    )?;
    let mut by_dimension = BTreeMap::new();
    let mut usable = dropped;
    for _ in 0..n {
        let dimension = reader.length(16)?;
        ensure(
            (1..=DIMENSION_MAX).contains(&dimension)
                && by_dimension
                    .last_key_value()
                    .is_none_or(|(&last, _)| last < dimension),
            "numbers of components in ascending order, each once",
            &dimension,
        )?;
        let vectors = read_vectors(reader, dimension, mode)?;
        usable += vectors.count();
        by_dimension.insert(dimension, vectors);
    }
    ensure(
        usable == counts.present() - counts.infinite() && counts.zero <= usable,
        "vectors that agree with the number of rows",
        &usable,
    )?;
    Ok(EmbeddingProfile {
        counts,
        mode,
        by_dimension,
        dropped,
    })
}

fn read_vectors(
    reader: &mut Reader<'_>,
    dimension: usize,
    mode: Mode,
) -> Result<Vectors, DecodeError> {
    let mean = reader.floats(dimension)?;
    let m2 = reader.floats(dimension)?;
    ensure(
        all_finite(&mean) && all_finite(&m2) && m2.iter().all(|&squares| squares >= 0.0),
        "finite means and sums of squares",
        &"others",
    )?;
    let norms = numeric::read(reader)?;
    let projected = scatter::read(reader)?;
    ensure(
        projected.count() > 0
            && norms.mode() == mode
            && norms.counts().rows == projected.count()
            && norms.moments().count == projected.count()
            && norms.range().is_none_or(|(least, _)| least >= 0.0),
        "a length of each vector, of which there is one",
        &projected.count(),
    )?;
    Ok(Vectors {
        mean,
        m2,
        norms,
        projected,
    })
}
