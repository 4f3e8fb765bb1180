//! The columns of a text file, and the temporary file to which they go.

use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use datafusion::parquet::schema::types::ColumnPath;
use tempfile::{NamedTempFile, TempPath};

use super::column::{StagedColumn, data_type};
use super::form::{Cell, Form};
use super::lines::{Block, line_of};
use super::ndjson::{Keys, parse_row};
use crate::error::{EngineError, Place};
use crate::note::Note;
use crate::part::check_names;
use crate::source::Source;
use crate::table::OpenOptions;

/// A row group is closed when it takes this many bytes in memory …
const GROUP_BYTES: usize = 64 << 20;
/// … or holds this many rows.
const GROUP_ROWS: usize = 1 << 20;

/// What a pass over the file achieved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    /// All rows are written.
    Written,
    /// The guess was wrong; the forms are known now.
    FormsOnly,
}

/// What the rows go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The first block is still to come, from which the forms are guessed.
    Guess,
    /// Values are written.
    Write,
    /// Only the forms are sought.
    FormsOnly,
}

/// The columns of one file while it is read.
pub(crate) struct Sheet<'a> {
    source: &'a Source,
    options: &'a OpenOptions,
    folder: &'a Path,
    columns: Vec<StagedColumn>,
    keys: Keys,
    stage: Stage,
    writer: Option<StageWriter>,
    notes: Vec<Note>,
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(source: &'a Source, options: &'a OpenOptions, folder: &'a Path) -> Self {
        Self {
            source,
            options,
            folder,
            columns: Vec::new(),
            keys: Keys::default(),
            stage: Stage::Guess,
            writer: None,
            notes: Vec::new(),
        }
    }

    /// Makes ready for the second pass, in which all forms are known.
    pub(crate) fn restart(&mut self) {
        self.stage = Stage::Guess;
    }

    /// Takes the header of a CSV file.
    pub(crate) fn begin_csv(
        &mut self,
        notes: Vec<Note>,
        names: &[String],
    ) -> Result<(), EngineError> {
        if self.columns.is_empty() {
            self.notes = notes;
            for name in names {
                self.add_column(name);
            }
            check_names(&self.source.path, &self.schema())?;
        }
        Ok(())
    }

    fn add_column(&mut self, name: &str) {
        let declared = self.options.kind(name);
        self.columns
            .push(StagedColumn::new(name.to_owned(), declared));
    }

    /// Takes rows of fields.
    pub(crate) fn take_fields(&mut self, block: &Block) -> Result<(), EngineError> {
        if self.stage == Stage::Guess {
            self.push_fields(block)?;
            self.start()?;
        }
        self.push_fields(block)?;
        self.write(block.rows(), block.bytes())
    }

    fn push_fields(&mut self, block: &Block) -> Result<(), EngineError> {
        let (source, null_texts) = (self.source, &self.options.null_texts);
        for (field_idx, column) in self.columns.iter_mut().enumerate() {
            for row_idx in block.range() {
                let field = block.field(row_idx, field_idx);
                let is_null = field.is_empty() || null_texts.iter().any(|text| text == field);
                let cell = if is_null {
                    Cell::Null
                } else {
                    Cell::Field(field)
                };
                column.push(&cell, || line_of(source, block.line(row_idx)))?;
            }
        }
        Ok(())
    }

    /// Takes lines of JSON.
    pub(crate) fn take_lines(&mut self, block: &Block) -> Result<(), EngineError> {
        if self.stage == Stage::Guess {
            self.push_lines(block)?;
            self.start()?;
        }
        self.push_lines(block)?;
        self.write(block.rows(), block.bytes())
    }

    fn push_lines(&mut self, block: &Block) -> Result<(), EngineError> {
        let source = self.source;
        for row_idx in block.range() {
            let place = || line_of(source, block.line(row_idx));
            let (cells, duplicate) =
                parse_row(block.field(row_idx, 0), &mut self.keys).map_err(|found| {
                    EngineError::JsonLine {
                        place: place(),
                        found,
                    }
                })?;
            for position in self.columns.len()..self.keys.names.len() {
                let name = self.keys.names[position].clone();
                self.add_column(&name);
                // A column that is not in the schema of the file begun cannot be written to it.
                if let Some(column) = self.columns.last_mut() {
                    column.is_broken = self.stage == Stage::Write;
                }
            }
            if let Some(key) = duplicate {
                self.note_duplicate(key, place());
            }
            for (column, cell) in self.columns.iter_mut().zip(&cells) {
                column.push(cell, place)?;
            }
        }
        Ok(())
    }

    fn note_duplicate(&mut self, key: String, place: Place) {
        let is_known = self
            .notes
            .iter()
            .any(|note| matches!(note, Note::DuplicateKey { .. }));
        if !is_known {
            self.notes.push(Note::DuplicateKey {
                place: Place {
                    column: Some(key),
                    ..place
                },
            });
        }
    }

    fn schema(&self) -> Schema {
        let field = |column: &StagedColumn| Field::new(&column.name, data_type(column.form), true);
        Schema::new(self.columns.iter().map(field).collect::<Vec<_>>())
    }

    /// Opens the temporary file with the forms known so far.
    fn start(&mut self) -> Result<(), EngineError> {
        for column in &mut self.columns {
            column.start();
        }
        let texts = self
            .columns
            .iter()
            .filter(|column| column.form == Form::Text);
        let texts = texts.map(|column| column.name.clone()).collect();
        self.writer = Some(StageWriter::create(self.folder, self.schema(), texts)?);
        self.stage = Stage::Write;
        Ok(())
    }

    /// Writes the rows of the block just taken, unless one of them broke the guess.
    fn write(&mut self, rows: usize, bytes: usize) -> Result<(), EngineError> {
        if self.columns.iter().any(|column| column.is_broken) {
            self.stage = Stage::FormsOnly;
            self.writer = None;
            for column in &mut self.columns {
                column.stop();
            }
        }
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        let arrays = self.columns.iter_mut().filter_map(StagedColumn::finish);
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let schema = Arc::clone(&writer.schema);
        let batch = RecordBatch::try_new_with_options(schema, arrays.collect(), &options)
            .map_err(|fault| EngineError::internal(&fault))?;
        writer.write(&batch, bytes)
    }

    /// Ends a pass over the file.
    pub(crate) fn end(&mut self) -> Result<Pass, EngineError> {
        if self.stage == Stage::Guess {
            self.start()?;
        }
        Ok(match self.stage {
            Stage::FormsOnly => Pass::FormsOnly,
            Stage::Guess | Stage::Write => Pass::Written,
        })
    }

    /// The temporary file, and what was assumed.
    pub(crate) fn finish(mut self) -> Result<(TempPath, Vec<Note>), EngineError> {
        let writer = self.writer.take().ok_or_else(|| EngineError::Internal {
            message: "a text file ended before it began".to_owned(),
        })?;
        let staged = writer.finish()?;
        let mut notes = self.notes;
        for column in self.columns {
            if column.is_naive && column.form == Form::Instant {
                notes.push(Note::NaiveTime {
                    column: column.name,
                });
            }
            notes.extend(column.mixed);
        }
        Ok((staged, notes))
    }
}

/// A temporary Parquet file that is being written.
pub(crate) struct StageWriter {
    writer: ArrowWriter<NamedTempFile>,
    schema: SchemaRef,
    folder: std::path::PathBuf,
}

impl StageWriter {
    /// Creates the file. Only columns of text gain from dictionaries; nothing is compressed, because
    /// the file is read soon and from memory.
    pub(crate) fn create(
        folder: &Path,
        schema: Schema,
        texts: Vec<String>,
    ) -> Result<Self, EngineError> {
        let io = |fault| EngineError::Staging {
            path: folder.to_owned(),
            source: fault,
        };
        let file = tempfile::Builder::new()
            .prefix("keepwell-")
            .suffix(".parquet")
            .tempfile_in(folder)
            .map_err(io)?;
        let mut properties = WriterProperties::builder()
            .set_statistics_enabled(EnabledStatistics::None)
            .set_dictionary_enabled(false)
            .set_max_row_group_row_count(Some(GROUP_ROWS));
        for name in texts {
            properties =
                properties.set_column_dictionary_enabled(ColumnPath::new(vec![name]), true);
        }
        let schema = Arc::new(schema);
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties.build()))
            .map_err(|fault| staging_fault(folder, fault))?;
        Ok(Self {
            writer,
            schema,
            folder: folder.to_owned(),
        })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch, bytes: usize) -> Result<(), EngineError> {
        self.writer
            .write(batch)
            .and_then(|()| {
                if self.writer.in_progress_size() + bytes >= GROUP_BYTES {
                    self.writer.flush()
                } else {
                    Ok(())
                }
            })
            .map_err(|fault| staging_fault(&self.folder, fault))
    }

    pub(crate) fn finish(self) -> Result<TempPath, EngineError> {
        let file = self
            .writer
            .into_inner()
            .map_err(|fault| staging_fault(&self.folder, fault))?;
        Ok(file.into_temp_path())
    }
}

/// What the Parquet writer says; most often the disk is full.
fn staging_fault(folder: &Path, fault: ParquetError) -> EngineError {
    let source = match fault {
        ParquetError::External(fault) => match fault.downcast::<std::io::Error>() {
            Ok(fault) => *fault,
            Err(fault) => std::io::Error::other(fault),
        },
        fault => std::io::Error::other(fault),
    };
    EngineError::Staging {
        path: folder.to_owned(),
        source,
    }
}
