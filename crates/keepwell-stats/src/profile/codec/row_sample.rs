//! Binary form of samples of rows.

use super::super::row_sample::{
    NAME_MISSING, Names, RowSample, SampleColumn, SampleConfig, SampleValues, Vectors,
};
use super::tag;
use super::wire::{DecodeError, Reader, Writer, ensure};

const NUMBERS: u8 = 0;
const NAMES: u8 = 1;
const FLAGS: u8 = 2;
const VECTORS: u8 = 3;

impl RowSample {
    /// The sample as bytes, for [`RowSample::decode`] of this and every later version. Equal samples have
    /// equal bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new(tag::ROW_SAMPLE);
        writer.length(self.config().capacity);
        writer.number(self.config().seed);
        writer.number(self.rows());
        writer.length(self.n_kept());
        let mut next = 0;
        for &id in self.ids() {
            writer.number(id - next);
            // The last id there can be has none after it.
            next = id.wrapping_add(1);
        }
        writer.length(self.columns().len());
        for column in self.columns() {
            writer.text(&column.name);
            write_values(&mut writer, &column.values);
        }
        writer.finish()
    }

    /// The sample that [`RowSample::encode`] wrote.
    ///
    /// # Errors
    /// If the bytes are cut off, of a later version, or nothing that `encode` writes.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (tag, mut reader) = Reader::new(bytes)?;
        ensure(tag == tag::ROW_SAMPLE, "a sample of rows", &tag)?;
        let capacity = reader.number()?;
        let capacity = usize::try_from(capacity).map_err(|_| {
            DecodeError::invalid("a number of rows that fits into memory", &capacity)
        })?;
        let config = SampleConfig {
            capacity,
            seed: reader.number()?,
        };
        let n_rows = reader.rows()?;
        let ids = read_ids(&mut reader)?;
        let n_columns = reader.length(2)?;
        let columns = (0..n_columns)
            .map(|_| {
                Ok(SampleColumn {
                    name: reader.text()?.to_owned(),
                    values: read_values(&mut reader, ids.len())?,
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        reader.finish()?;
        Self::try_new(config, n_rows, ids, columns)
            .map_err(|expected| DecodeError::invalid(expected, &"others"))
    }
}

/// Each id as its distance from the one after the last.
fn read_ids(reader: &mut Reader<'_>) -> Result<Vec<u64>, DecodeError> {
    let n = reader.length(1)?;
    let mut ids: Vec<u64> = Vec::with_capacity(n);
    for _ in 0..n {
        let step = reader.number()?;
        let id = match ids.last() {
            None => Some(step),
            Some(last) => last.checked_add(1).and_then(|next| next.checked_add(step)),
        };
        ids.push(id.ok_or_else(|| DecodeError::invalid("ids of 64 bits", &"larger ones"))?);
    }
    Ok(ids)
}

fn write_values(writer: &mut Writer, values: &SampleValues) {
    match values {
        SampleValues::Numbers(values) => {
            writer.byte(NUMBERS);
            writer.floats(values);
        }
        SampleValues::Names(names) => {
            writer.byte(NAMES);
            writer.length(names.categories().len());
            for category in names.categories() {
                writer.text(category);
            }
            for &code in names.codes() {
                // A missing name is 0.
                writer.number(u64::from(code.wrapping_add(1)));
            }
        }
        SampleValues::Flags(flags) => {
            writer.byte(FLAGS);
            for flag in flags {
                writer.byte(flag.map_or(2, u8::from));
            }
        }
        SampleValues::Vectors(vectors) => {
            writer.byte(VECTORS);
            writer.length(vectors.width);
            writer.floats(&vectors.values);
        }
    }
}

fn read_values(reader: &mut Reader<'_>, n_rows: usize) -> Result<SampleValues, DecodeError> {
    match reader.byte()? {
        NUMBERS => Ok(SampleValues::Numbers(reader.floats(n_rows)?)),
        NAMES => Ok(SampleValues::Names(read_names(reader, n_rows)?)),
        FLAGS => (0..n_rows)
            .map(|_| match reader.byte()? {
                0 => Ok(Some(false)),
                1 => Ok(Some(true)),
                2 => Ok(None),
                other => Err(DecodeError::invalid(
                    "a flag or 2 for a missing one",
                    &other,
                )),
            })
            .collect::<Result<_, _>>()
            .map(SampleValues::Flags),
        VECTORS => {
            let width = reader.number()?;
            let width = usize::try_from(width).unwrap_or(usize::MAX);
            let values = reader.floats(width.saturating_mul(n_rows))?;
            Ok(SampleValues::Vectors(Vectors { width, values }))
        }
        other => Err(DecodeError::invalid("the kind of a column", &other)),
    }
}

fn read_names(reader: &mut Reader<'_>, n_rows: usize) -> Result<Names, DecodeError> {
    let n_categories = reader.length(1)?;
    let categories = (0..n_categories)
        .map(|_| reader.text())
        .collect::<Result<Vec<_>, _>>()?;
    let codes = (0..n_rows)
        .map(|_| {
            let shifted = reader.number()?;
            let is_known = shifted <= n_categories as u64;
            ensure(is_known, "the place of a category", &shifted)?;
            Ok((shifted as u32).wrapping_sub(1))
        })
        .collect::<Result<Vec<_>, DecodeError>>()?;
    let names = Names::new(&categories, &codes);
    let is_kept = names.codes() == codes && names.categories().len() == n_categories;
    ensure(
        is_kept,
        "categories that rows have, in ascending order, each once",
        &"others",
    )?;
    Ok(names)
}

const _: () = assert!(NAME_MISSING.wrapping_add(1) == 0);

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> RowSample {
        let column = |name: &str, values| SampleColumn {
            name: name.to_owned(),
            values,
        };
        let config = SampleConfig {
            capacity: 4,
            seed: u64::MAX,
        };
        let columns = vec![
            column("x", SampleValues::Numbers(vec![0.1, f64::INFINITY, -0.0])),
            column(
                "größe",
                SampleValues::Names(Names::of(&[Some("b"), None, Some("")])),
            ),
            column(
                "f",
                SampleValues::Flags(vec![Some(true), None, Some(false)]),
            ),
            column(
                "v",
                SampleValues::Vectors(Vectors {
                    width: 2,
                    values: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
                }),
            ),
        ];
        RowSample::new(config, 900, vec![0, 7, u64::MAX], columns)
    }

    #[test]
    fn bytes_and_back() {
        let sample = sample();
        assert_eq!(RowSample::decode(&sample.encode()), Ok(sample));
        let empty = RowSample::new(
            SampleConfig {
                capacity: 0,
                seed: 0,
            },
            0,
            Vec::new(),
            Vec::new(),
        );
        assert_eq!(RowSample::decode(&empty.encode()), Ok(empty));
    }

    #[test]
    fn bytes_of_version_one_stay_readable() {
        let bytes = [
            1, 32, 2, 5, 9, 2, 3, 0, 2, 1, b'x', 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0,
            0, 0x40, 1, b'c', 1, 1, 1, b'a', 1, 0,
        ];
        let sample = RowSample::decode(&bytes).expect("written by version 1");
        assert_eq!(sample.ids(), [3, 4]);
        assert_eq!(
            sample.columns()[0].values,
            SampleValues::Numbers(vec![1.0, 2.0])
        );
        assert_eq!(
            sample.columns()[1].values,
            SampleValues::Names(Names::of(&[Some("a"), None]))
        );
        assert_eq!(sample.encode(), bytes);
    }

    #[test]
    fn other_bytes_are_refused_or_have_one_form() {
        let bytes = sample().encode();
        for length in 0..bytes.len() {
            assert!(RowSample::decode(&bytes[..length]).is_err(), "{length}");
        }
        for place in 0..bytes.len() {
            for value in [0, 1, 2, 0x7f, 0x80, 0xff] {
                let mut damaged = bytes.clone();
                damaged[place] = value;
                if let Ok(read) = RowSample::decode(&damaged) {
                    assert_eq!(read.encode(), damaged, "{place}, {value}");
                }
            }
        }
    }
}
