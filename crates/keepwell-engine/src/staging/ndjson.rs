//! Rows of a file with one JSON object per line.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::form::Cell;
use super::lines::{Block, ROW_BYTES_MAX, RawBlock, TextInput, line_of};
use crate::error::{EngineError, shorten};
use crate::source::Source;

/// Reads blocks of lines.
pub(crate) struct LineReader<'a> {
    source: &'a Source,
    input: TextInput,
    line: u64,
}

impl<'a> LineReader<'a> {
    pub(crate) fn open(source: &'a Source) -> Result<Self, EngineError> {
        Ok(Self {
            source,
            input: TextInput::open(source)?,
            line: 0,
        })
    }

    /// The next lines; `None` at the end of the file. Lines of white space are left out.
    pub(crate) fn next_block(&mut self) -> Result<Option<Block>, EngineError> {
        let mut block = RawBlock::new(1);
        block.bytes.clear();
        while !block.is_full() {
            let start = block.bytes.len();
            if !self.read_line(&mut block.bytes)? {
                break;
            }
            if block.bytes[start..].iter().all(u8::is_ascii_whitespace) {
                block.bytes.truncate(start);
            } else {
                block.ends.push(block.bytes.len());
                block.lines.push(self.line);
            }
            block.used = block.bytes.len();
        }
        if block.lines.is_empty() {
            return Ok(None);
        }
        block.finish(self.source).map(Some)
    }

    /// Appends the next line; `false` at the end of the file.
    fn read_line(&mut self, bytes: &mut Vec<u8>) -> Result<bool, EngineError> {
        let start = bytes.len();
        self.line += 1;
        loop {
            let next = self.input.fill()?;
            if next.is_empty() {
                return Ok(bytes.len() > start);
            }
            let end = next.iter().position(|&byte| byte == b'\n');
            let taken = end.unwrap_or(next.len());
            bytes.extend_from_slice(&next[..taken]);
            let n_read = taken + usize::from(end.is_some());
            self.input.consume(n_read);
            if end.is_some() {
                return Ok(true);
            }
            if bytes.len() - start > ROW_BYTES_MAX {
                return Err(EngineError::RowTooLong {
                    place: line_of(self.source, self.line),
                    limit_bytes: ROW_BYTES_MAX,
                });
            }
        }
    }
}

/// Keys seen so far, each with the position of its column.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    pub(crate) names: Vec<String>,
    positions: HashMap<String, usize>,
}

impl Keys {
    /// Position of a key; `expected` is tried first, as rows mostly have the same order.
    fn position(&mut self, key: &str, expected: usize) -> usize {
        if self.names.get(expected).is_some_and(|name| name == key) {
            return expected;
        }
        if let Some(&position) = self.positions.get(key) {
            return position;
        }
        let position = self.names.len();
        self.names.push(key.to_owned());
        self.positions.insert(key.to_owned(), position);
        position
    }
}

/// Cells of a row by the position of their column; keys that the row lacks are null.
///
/// # Errors
/// What was found instead of a JSON object.
pub(crate) fn parse_row<'de>(
    line: &'de str,
    keys: &mut Keys,
) -> Result<(Vec<Cell<'de>>, Option<String>), String> {
    let mut row = Row {
        cells: vec![Cell::Null; keys.names.len()],
        seen: vec![false; keys.names.len()],
        keys,
        duplicate: None,
    };
    let mut parser = serde_json::Deserializer::from_str(line);
    RowSeed(&mut row)
        .deserialize(&mut parser)
        .and_then(|()| parser.end())
        .map_err(|fault| {
            let message = fault.to_string();
            // Each line is parsed by itself, so the parser's own line number says nothing.
            let cause = message.split(" at line ").next().unwrap_or_default();
            match fault.column() {
                0 => format!("found: {}", shorten(cause, 200)),
                column => format!("found at column {column}: {}", shorten(cause, 200)),
            }
        })?;
    Ok((row.cells, row.duplicate))
}

struct Row<'k, 'de> {
    keys: &'k mut Keys,
    cells: Vec<Cell<'de>>,
    seen: Vec<bool>,
    duplicate: Option<String>,
}

struct RowSeed<'r, 'k, 'de>(&'r mut Row<'k, 'de>);

impl<'de> DeserializeSeed<'de> for RowSeed<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object such as {\"name\": 1}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let row = self.0;
        let mut expected = 0;
        while let Some(position) = map.next_key_seed(KeySeed {
            keys: row.keys,
            expected,
        })? {
            if position >= row.cells.len() {
                row.cells.resize(position + 1, Cell::Null);
                row.seen.resize(position + 1, false);
            }
            if std::mem::replace(&mut row.seen[position], true) && row.duplicate.is_none() {
                row.duplicate = Some(row.keys.names[position].clone());
            }
            row.cells[position] = map.next_value_seed(CellSeed)?;
            expected = position + 1;
        }
        Ok(())
    }
}

struct KeySeed<'k> {
    keys: &'k mut Keys,
    expected: usize,
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<usize, E> {
        Ok(self.keys.position(key, self.expected))
    }
}

struct CellSeed;

impl<'de> DeserializeSeed<'de> for CellSeed {
    type Value = Cell<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cell<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CellSeed {
    type Value = Cell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Cell<'de>, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Cell<'de>, E> {
        Ok(Cell::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Cell<'de>, E> {
        Ok(Cell::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Cell<'de>, E> {
        Ok(i64::try_from(value).map_or(Cell::Float(value as f64), Cell::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Cell<'de>, E> {
        Ok(Cell::Float(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Cell<'de>, A::Error> {
        let list = Value::deserialize(SeqAccessDeserializer::new(items))?;
        Ok(Cell::Nested(list.to_string()))
    }

    fn visit_map<A: MapAccess<'de>>(self, items: A) -> Result<Cell<'de>, A::Error> {
        let object = Value::deserialize(MapAccessDeserializer::new(items))?;
        Ok(Cell::Nested(object.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_follow_the_keys() {
        let mut keys = Keys::default();
        let (cells, _) = parse_row(r#"{"a": 1, "b": "x\n", "c": [1, {"d": 2}]}"#, &mut keys)
            .expect("a valid row");
        assert_eq!(
            cells,
            [
                Cell::Integer(1),
                Cell::Text("x\n".into()),
                Cell::Nested(r#"[1,{"d":2}]"#.to_owned())
            ]
        );
        let (cells, duplicate) =
            parse_row(r#"{"e": 1.5, "a": 2, "a": null}"#, &mut keys).expect("a valid row");
        assert_eq!(
            cells,
            [Cell::Null, Cell::Null, Cell::Null, Cell::Float(1.5)]
        );
        assert_eq!(duplicate.as_deref(), Some("a"));
        assert_eq!(keys.names, ["a", "b", "c", "e"]);
    }

    #[test]
    fn a_bad_line_says_what_was_found() {
        let fault = |line: &str| parse_row(line, &mut Keys::default()).expect_err("not an object");
        assert!(fault("[1]").contains("an object such as"));
        assert!(fault(r#"{"a": NaN}"#).contains("column 7"));
        assert!(fault(r#"{"a": 1} x"#).contains("trailing characters"));
        assert!(fault(&"[".repeat(100_000)).contains("an object such as"));
        let deep = fault(&format!("{{\"a\": {}", "[".repeat(100_000)));
        assert!(deep.contains("recursion limit"), "{deep}");
    }
}
