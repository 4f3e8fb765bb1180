//! Blocks of rows of a text file, with the line on which each row stands.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::Range;
use std::path::PathBuf;

use datafusion::error::DataFusionError;

use crate::error::{EngineError, Place, Position};
use crate::source::Source;

/// A block ends when it holds this many bytes …
pub(crate) const BLOCK_BYTES: usize = 1 << 20;
/// … or this many rows.
pub(crate) const BLOCK_ROWS: usize = 32_768;
/// Longest row. A quote that is never closed makes one row of the rest of the file.
pub(crate) const ROW_BYTES_MAX: usize = 128 << 20;

/// Rows of a text file, each made of the same number of fields.
#[derive(Debug, Default)]
pub(crate) struct Block {
    text: String,
    /// Ends of all fields in `text`, row after row.
    ends: Vec<usize>,
    /// The line of each row, from 1.
    lines: Vec<u64>,
    n_fields: usize,
}

/// A block that is being filled.
#[derive(Debug)]
pub(crate) struct RawBlock {
    /// Longer than what is used, so that a row can be decoded in place.
    pub(crate) bytes: Vec<u8>,
    pub(crate) used: usize,
    pub(crate) ends: Vec<usize>,
    pub(crate) lines: Vec<u64>,
    pub(crate) n_fields: usize,
}

impl RawBlock {
    pub(crate) fn new(n_fields: usize) -> Self {
        Self {
            bytes: vec![0; BLOCK_BYTES],
            used: 0,
            ends: Vec::new(),
            lines: Vec::new(),
            n_fields,
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.used >= BLOCK_BYTES || self.lines.len() >= BLOCK_ROWS
    }

    /// Checks that all is UTF-8.
    pub(crate) fn finish(mut self, source: &Source) -> Result<Block, EngineError> {
        self.bytes.truncate(self.used);
        let fault = match String::from_utf8(self.bytes) {
            Ok(text) => {
                let whole =
                    (0..self.ends.len()).find(|&idx| !text.is_char_boundary(self.ends[idx]));
                match whole {
                    None => {
                        return Ok(Block {
                            text,
                            ends: self.ends,
                            lines: self.lines,
                            n_fields: self.n_fields,
                        });
                    }
                    // Two broken characters on either side of a delimiter can look like one.
                    Some(idx) => (self.ends[idx] - 1, text.as_bytes()[self.ends[idx] - 1]),
                }
            }
            Err(fault) => {
                let at = fault.utf8_error().valid_up_to();
                (at, fault.as_bytes()[at])
            }
        };
        let field_idx = self.ends.partition_point(|&end| end <= fault.0);
        let row_idx = field_idx / self.n_fields.max(1);
        let line = self.lines.get(row_idx).copied().unwrap_or_default();
        Err(EngineError::NotUtf8 {
            place: line_of(source, line),
            byte: fault.1,
        })
    }
}

impl Block {
    pub(crate) fn rows(&self) -> usize {
        self.lines.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    pub(crate) fn line(&self, row_idx: usize) -> u64 {
        self.lines[row_idx]
    }

    /// A field of a row.
    pub(crate) fn field(&self, row_idx: usize, field_idx: usize) -> &str {
        let idx = row_idx * self.n_fields + field_idx;
        let start = match idx {
            0 => 0,
            _ => self.ends[idx - 1],
        };
        &self.text[start..self.ends[idx]]
    }

    /// All rows.
    pub(crate) fn range(&self) -> Range<usize> {
        0..self.rows()
    }
}

/// The place of a line.
pub(crate) fn line_of(source: &Source, line: u64) -> Place {
    Place {
        path: source.path.clone(),
        position: Position::Line(line),
        column: None,
    }
}

/// Bytes of a text file after decompression.
pub(crate) struct TextInput {
    reader: BufReader<Box<dyn Read + Send>>,
    path: PathBuf,
    is_compressed: bool,
}

impl TextInput {
    /// Opens the file and looks at its first bytes.
    pub(crate) fn open(source: &Source) -> Result<Self, EngineError> {
        let path = &source.path;
        let file = File::open(path).map_err(|fault| EngineError::io(path, fault))?;
        let reader = source.compression.convert_read(file).map_err(|fault| {
            let fault = match fault {
                DataFusionError::IoError(fault) => fault,
                fault => io::Error::other(fault),
            };
            EngineError::io(path, fault)
        })?;
        let mut input = Self {
            reader: BufReader::with_capacity(1 << 18, reader),
            path: path.clone(),
            is_compressed: source.compression.is_compressed(),
        };
        let start = input.fill()?;
        if start.is_empty() {
            return Err(EngineError::FileEmpty { path: path.clone() });
        }
        if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
            return Err(EngineError::Utf16 { path: path.clone() });
        }
        if start.starts_with(b"\xef\xbb\xbf") {
            input.reader.consume(3);
        }
        Ok(input)
    }

    /// The next bytes; none at the end of the file.
    pub(crate) fn fill(&mut self) -> Result<&[u8], EngineError> {
        let (path, is_compressed) = (&self.path, self.is_compressed);
        self.reader.fill_buf().map_err(|fault| {
            if is_compressed {
                EngineError::malformed(path, "compressed text", &fault)
            } else {
                EngineError::io(path, fault)
            }
        })
    }

    pub(crate) fn consume(&mut self, n_bytes: usize) {
        self.reader.consume(n_bytes);
    }
}
