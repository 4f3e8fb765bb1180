//! Rows of a CSV file.

use csv_core::ReadRecordResult;

use super::lines::{Block, ROW_BYTES_MAX, RawBlock, TextInput, line_of};
use crate::error::EngineError;
use crate::note::Note;
use crate::source::Source;

/// Reads rows and blocks of rows.
pub(crate) struct CsvReader<'a> {
    source: &'a Source,
    input: TextInput,
    core: csv_core::Reader,
    /// Ends of the fields of the row that is read, relative to its start.
    ends: Vec<usize>,
    /// Whether the parser was told that the file has ended.
    has_ended: bool,
    /// Names of the columns.
    pub(crate) names: Vec<String>,
    pub(crate) notes: Vec<Note>,
}

impl<'a> CsvReader<'a> {
    /// Opens the file and reads its header.
    pub(crate) fn open(source: &'a Source) -> Result<Self, EngineError> {
        let mut input = TextInput::open(source)?;
        let usual = if source.is_tab_separated() {
            b'\t'
        } else {
            b','
        };
        let delimiter = guess_delimiter(input.fill()?, usual);
        let mut notes = Vec::new();
        if delimiter != usual {
            notes.push(Note::Delimiter {
                path: source.path.clone(),
                delimiter: char::from(delimiter),
            });
        }
        let mut reader = Self {
            source,
            input,
            core: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            ends: vec![0; 64],
            has_ended: false,
            names: Vec::new(),
            notes,
        };
        reader.read_header()?;
        Ok(reader)
    }

    fn read_header(&mut self) -> Result<(), EngineError> {
        let mut header = RawBlock::new(1);
        let Some(n_fields) = self.read_row(&mut header)? else {
            return Err(EngineError::FileEmpty {
                path: self.source.path.clone(),
            });
        };
        header.n_fields = n_fields;
        let header = header.finish(self.source)?;
        for position in 0..n_fields {
            let name = header.field(0, position).trim();
            if name.is_empty() {
                let column = format!("unnamed_{}", position + 1);
                self.notes.push(Note::UnnamedColumn {
                    path: self.source.path.clone(),
                    column: column.clone(),
                });
                self.names.push(column);
            } else {
                self.names.push(name.to_owned());
            }
        }
        Ok(())
    }

    /// The next rows; `None` at the end of the file.
    pub(crate) fn next_block(&mut self) -> Result<Option<Block>, EngineError> {
        let mut block = RawBlock::new(self.names.len());
        while !block.is_full() {
            let Some(found) = self.read_row(&mut block)? else {
                break;
            };
            if found != self.names.len() {
                let line = block.lines.last().copied().unwrap_or_default();
                return Err(EngineError::RaggedRow {
                    place: line_of(self.source, line),
                    expected: self.names.len(),
                    found,
                });
            }
        }
        if block.lines.is_empty() {
            return Ok(None);
        }
        block.finish(self.source).map(Some)
    }

    /// Appends one row to the block and says how many fields it has; `None` at the end of the file.
    fn read_row(&mut self, block: &mut RawBlock) -> Result<Option<usize>, EngineError> {
        let start = block.used;
        let (mut used, mut n_ends, mut ends_in_newline) = (start, 0, false);
        loop {
            if block.bytes.len() == used {
                block.bytes.resize(used + (used - start).max(1 << 16), 0);
            }
            let mut bytes = self.input.fill()?;
            let is_end = bytes.is_empty() && !self.has_ended;
            if is_end {
                // The last row may lack its line end; within quotes it becomes part of the field.
                bytes = b"\n";
            }
            let (result, n_read, n_written, n_fields) =
                self.core
                    .read_record(bytes, &mut block.bytes[used..], &mut self.ends[n_ends..]);
            if n_read > 0 {
                ends_in_newline = bytes[n_read - 1] == b'\n';
            }
            if is_end {
                if n_written > 0 {
                    return Err(EngineError::UnclosedQuote {
                        place: line_of(
                            self.source,
                            self.first_line(&block.bytes[start..used + n_written]),
                        ),
                    });
                }
                self.has_ended = n_read > 0;
            } else {
                self.input.consume(n_read);
            }
            used += n_written;
            n_ends += n_fields;
            match result {
                ReadRecordResult::InputEmpty | ReadRecordResult::OutputFull => {}
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(None),
            }
            if used - start > ROW_BYTES_MAX {
                return Err(EngineError::RowTooLong {
                    place: line_of(self.source, self.first_line(&block.bytes[start..used])),
                    limit_bytes: ROW_BYTES_MAX,
                });
            }
        }
        block.used = used;
        block
            .ends
            .extend(self.ends[..n_ends].iter().map(|end| start + end));
        // The parser counts ends of lines: the one that ended this row, and those inside its quotes.
        let newlines = u64::from(ends_in_newline) + count_newlines(&block.bytes[start..used]);
        block.lines.push(self.core.line().saturating_sub(newlines));
        Ok(Some(n_ends))
    }

    /// The line on which the row begins that holds `bytes` so far and is not yet ended.
    fn first_line(&self, bytes: &[u8]) -> u64 {
        self.core.line().saturating_sub(count_newlines(bytes))
    }
}

/// Ends of lines within the fields of a row.
fn count_newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&byte| byte == b'\n').count() as u64
}

/// The character that most often stands in the first line; `usual` unless another is more frequent.
fn guess_delimiter(start: &[u8], usual: u8) -> u8 {
    let mut counts = [
        (usual, 0_usize),
        (b',', 0),
        (b';', 0),
        (b'\t', 0),
        (b'|', 0),
    ];
    let mut is_quoted = false;
    for &byte in start {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            _ if !is_quoted => {
                for (delimiter, count) in &mut counts {
                    *count += usize::from(*delimiter == byte);
                }
            }
            _ => {}
        }
    }
    let best = counts.iter().map(|&(_, count)| count).max();
    counts
        .iter()
        .find(|&&(_, count)| Some(count) == best)
        .map_or(usual, |&(delimiter, _)| delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_most_frequent_in_the_header() {
        assert_eq!(guess_delimiter(b"a,b\n1;2;3;4", b','), b',');
        assert_eq!(guess_delimiter(b"a;b;c\n1,5;2;3", b','), b';');
        assert_eq!(guess_delimiter(b"\"a;b;c\",d\n", b','), b',');
        assert_eq!(guess_delimiter(b"only\n", b'\t'), b'\t');
    }
}
