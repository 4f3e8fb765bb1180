//! Text files become temporary Parquet files: scanned once, then read column by column.
//!
//! The types are decided from the whole file. They are guessed from the first block of rows, and
//! values are written as they are read; if a later value does not fit the guess, the rest of the file
//! only tells the types, and a second pass writes it.

pub(crate) mod column;

pub(crate) mod csv;

pub(crate) mod form;

pub(crate) mod lines;

pub(crate) mod ndjson;

pub(crate) mod sheet;

use std::path::Path;
use std::sync::mpsc::sync_channel;

use csv::CsvReader;
use lines::Block;
use ndjson::LineReader;
use sheet::{Pass, Sheet};

use crate::error::EngineError;
use crate::note::Note;
use crate::part::Part;
use crate::source::{Format, Source};
use crate::table::OpenOptions;

/// Blocks that wait between the thread that splits rows and the one that reads values.
const BLOCKS_WAITING: usize = 2;

/// Writes the rows of a text file to a temporary Parquet file in `folder`.
pub(crate) fn stage(
    source: &Source,
    options: &OpenOptions,
    folder: &Path,
) -> Result<(Part, Vec<Note>), EngineError> {
    let mut sheet = Sheet::new(source, options, folder);
    if read_all(source, &mut sheet)? == Pass::FormsOnly {
        sheet.restart();
        if read_all(source, &mut sheet)? == Pass::FormsOnly {
            return Err(EngineError::Internal {
                message: format!("{} changes while it is read", source.path.display()),
            });
        }
    }
    let (staged, notes) = sheet.finish()?;
    Ok((Part::staged(&source.path, staged)?, notes))
}

/// Reads the file once; two threads share the work.
fn read_all(source: &Source, sheet: &mut Sheet<'_>) -> Result<Pass, EngineError> {
    match source.format {
        Format::Csv => {
            let mut reader = CsvReader::open(source)?;
            sheet.begin_csv(std::mem::take(&mut reader.notes), &reader.names)?;
            pump(|| reader.next_block(), |block| sheet.take_fields(block))?;
        }
        _ => {
            let mut reader = LineReader::open(source)?;
            pump(|| reader.next_block(), |block| sheet.take_lines(block))?;
        }
    }
    sheet.end()
}

/// Runs `produce` on a thread of its own, and `consume` on this one.
fn pump(
    mut produce: impl FnMut() -> Result<Option<Block>, EngineError> + Send,
    mut consume: impl FnMut(&Block) -> Result<(), EngineError>,
) -> Result<(), EngineError> {
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(BLOCKS_WAITING);
        scope.spawn(move || {
            while let Some(block) = produce().transpose() {
                let is_last = block.is_err();
                // The receiver goes away when it has met an error of its own.
                if sender.send(block).is_err() || is_last {
                    break;
                }
            }
        });
        for block in receiver {
            consume(&block?)?;
        }
        Ok(())
    })
}
