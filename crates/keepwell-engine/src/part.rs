//! One file as the scan sees it: where it lies, its schema, its rows.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::ipc;
use datafusion::object_store::ObjectMeta;
use datafusion::object_store::path::Path as ObjectPath;
use datafusion::parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use tempfile::TempPath;

use crate::error::EngineError;

/// A Parquet or Arrow file, or some of its rows.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// The file that the user named.
    pub(crate) origin: PathBuf,
    /// The file to read, which is a temporary one where the origin is text.
    pub(crate) object: ObjectMeta,
    pub(crate) store: Store,
    /// Text as views, whatever the file says.
    pub(crate) schema: SchemaRef,
    /// Rows of the part. Elsewhere they are counted from zero, whatever their places in the file.
    pub(crate) rows: u64,
    /// Places in the file of the rows, ascending; `None` where they are all of the file.
    kept: Option<Arc<[u64]>>,
    /// Bytes that a row of each column takes in memory, on average.
    pub(crate) row_bytes: Vec<f32>,
    /// Deletes the temporary file.
    _staged: Option<Arc<TempPath>>,
}

/// How the file is laid out.
#[derive(Debug, Clone)]
pub(crate) enum Store {
    /// With the number of rows of each row group of the file.
    Parquet { row_groups: Vec<u64> },
    /// The interprocess format with an index at its end.
    IpcFile,
    /// The same without.
    IpcStream,
}

impl Part {
    /// Reads the footer of a Parquet file.
    pub(crate) fn parquet(origin: &Path) -> Result<Self, EngineError> {
        let file = open(origin)?;
        Self::from_parquet(origin, origin, &file, None)
    }

    /// Takes over a temporary Parquet file that holds the rows of `origin`.
    pub(crate) fn staged(origin: &Path, staged: TempPath) -> Result<Self, EngineError> {
        let file = File::open(&staged).map_err(|fault| EngineError::io(&staged, fault))?;
        let path = staged.to_path_buf();
        Self::from_parquet(origin, &path, &file, Some(staged))
    }

    fn from_parquet(
        origin: &Path,
        path: &Path,
        file: &File,
        staged: Option<TempPath>,
    ) -> Result<Self, EngineError> {
        let malformed =
            |fault: &dyn std::fmt::Display| EngineError::malformed(origin, "a Parquet file", fault);
        let footer = ArrowReaderMetadata::load(file, ArrowReaderOptions::new())
            .map_err(|fault| malformed(&fault))?;
        let groups = footer.metadata().row_groups();
        let mut row_groups = Vec::with_capacity(groups.len());
        for group in groups {
            let rows = u64::try_from(group.num_rows())
                .map_err(|_| malformed(&"a row group has a negative number of rows"))?;
            row_groups.push(rows);
        }
        let rows: u64 = row_groups.iter().sum();
        let schema = with_views(footer.schema());
        check_names(origin, &schema)?;
        let row_bytes = parquet_row_bytes(&footer, rows, schema.fields().len());
        Ok(Self {
            origin: origin.to_owned(),
            object: object(path, file)?,
            store: Store::Parquet { row_groups },
            schema,
            rows,
            kept: None,
            row_bytes,
            _staged: staged.map(Arc::new),
        })
    }

    /// Reads the schema of an Arrow file and walks over the headers of its batches.
    pub(crate) fn ipc(origin: &Path) -> Result<Self, EngineError> {
        let mut file = open(origin)?;
        let mut magic = [0; 8];
        let read = file
            .read(&mut magic)
            .map_err(|fault| EngineError::io(origin, fault))?;
        let is_file = magic[..read].starts_with(b"ARROW1");
        let walk = if is_file { walk_file } else { walk_stream };
        let (schema, rows) = walk(&mut file).map_err(|fault| match fault {
            WalkError::Io(fault) if fault.kind() != std::io::ErrorKind::UnexpectedEof => {
                EngineError::io(origin, fault)
            }
            WalkError::Io(_) => {
                EngineError::malformed(origin, "an Arrow file", &"the file is cut off")
            }
            WalkError::Malformed(what) => EngineError::malformed(origin, "an Arrow file", &what),
        })?;
        let schema = Arc::new(schema);
        check_names(origin, &schema)?;
        let object = object(origin, &file)?;
        let row_bytes = object.size as f32 / rows.max(1) as f32;
        Ok(Self {
            origin: origin.to_owned(),
            store: if is_file {
                Store::IpcFile
            } else {
                Store::IpcStream
            },
            row_bytes: vec![row_bytes; schema.fields().len()],
            object,
            schema,
            rows,
            kept: None,
            _staged: None,
        })
    }

    /// The part without the rows that are not among these, ascending.
    pub(crate) fn keep(&self, rows: Vec<u64>) -> Self {
        let rows: Vec<u64> = rows.into_iter().map(|row| self.file_row(row)).collect();
        Self {
            rows: rows.len() as u64,
            kept: Some(rows.into()),
            ..self.clone()
        }
    }

    /// Place in the file of a row of the part.
    pub(crate) fn file_row(&self, row: u64) -> u64 {
        match &self.kept {
            None => row,
            Some(kept) => usize::try_from(row)
                .ok()
                .and_then(|row| kept.get(row).copied())
                .unwrap_or(row),
        }
    }

    /// Places in the file of these rows of the part; `None` where both are the same and nothing lacks.
    pub(crate) fn file_rows(&self, rows: Range<u64>) -> Option<&[u64]> {
        let kept = self.kept.as_ref()?;
        kept.get(rows.start as usize..rows.end as usize)
    }

    /// Whether it holds all rows of the file.
    pub(crate) fn is_whole(&self) -> bool {
        self.kept.is_none()
    }

    /// Number of rows of the part in each row group; `None` for a file without.
    pub(crate) fn row_groups(&self) -> Option<Vec<u64>> {
        let Store::Parquet { row_groups } = &self.store else {
            return None;
        };
        let Some(kept) = &self.kept else {
            return Some(row_groups.clone());
        };
        let (mut end, mut before) = (0, 0);
        let counts = row_groups.iter().map(|rows| {
            end += rows;
            let until = kept.partition_point(|&row| row < end) as u64;
            until - std::mem::replace(&mut before, until)
        });
        Some(counts.collect())
    }
}

fn open(path: &Path) -> Result<File, EngineError> {
    let io = |fault| EngineError::io(path, fault);
    let file = File::open(path).map_err(io)?;
    if file.metadata().map_err(io)?.len() == 0 {
        return Err(EngineError::FileEmpty {
            path: path.to_owned(),
        });
    }
    Ok(file)
}

fn object(path: &Path, file: &File) -> Result<ObjectMeta, EngineError> {
    let io = |fault| EngineError::io(path, fault);
    let metadata = file.metadata().map_err(io)?;
    let location = fs::canonicalize(path).map_err(io)?;
    Ok(ObjectMeta {
        location: ObjectPath::from_absolute_path(location)
            .map_err(|fault| EngineError::io(path, std::io::Error::other(fault)))?,
        last_modified: metadata.modified().map_err(io)?.into(),
        size: metadata.len(),
        e_tag: None,
        version: None,
    })
}

/// Parquet gives text fastest as views; the values are the same.
fn with_views(schema: &Schema) -> SchemaRef {
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|field| match field.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 => {
                field.as_ref().clone().with_data_type(DataType::Utf8View)
            }
            _ => field.as_ref().clone(),
        })
        .collect();
    Arc::new(Schema::new(fields))
}

/// Fails where two columns bear one name.
pub(crate) fn check_names(path: &Path, schema: &Schema) -> Result<(), EngineError> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (position, field) in schema.fields().iter().enumerate() {
        if let Some(first) = seen.insert(field.name(), position) {
            return Err(EngineError::DuplicateColumn {
                path: path.to_owned(),
                column: field.name().clone(),
                first: first + 1,
                second: position + 1,
            });
        }
    }
    Ok(())
}

/// Average width of a row by column, from the sizes in the footer.
fn parquet_row_bytes(footer: &ArrowReaderMetadata, rows: u64, n_columns: usize) -> Vec<f32> {
    let mut bytes = vec![0.0_f32; n_columns];
    let leaves = footer.parquet_schema();
    for group in footer.metadata().row_groups() {
        for (leaf_idx, leaf) in group.columns().iter().enumerate() {
            if leaf_idx < leaves.num_columns()
                && let Some(sum) = bytes.get_mut(leaves.get_column_root_idx(leaf_idx))
            {
                *sum += leaf.uncompressed_size().max(0) as f32;
            }
        }
    }
    bytes.iter().map(|sum| sum / rows.max(1) as f32).collect()
}

/// Why the headers of an Arrow file cannot be walked over.
enum WalkError {
    Io(std::io::Error),
    Malformed(String),
}

impl From<std::io::Error> for WalkError {
    fn from(fault: std::io::Error) -> Self {
        Self::Io(fault)
    }
}

fn malformed(what: impl std::fmt::Display) -> WalkError {
    WalkError::Malformed(what.to_string())
}

/// Schema and rows of a file with an index, checking that each batch lies within the file: a decoder
/// would reserve whatever memory the index claims.
fn walk_file(file: &mut File) -> Result<(Schema, u64), WalkError> {
    let length = file.metadata()?.len();
    // A footer, its length in four bytes, and the magic word of six bytes stand at the end.
    if length < 18 {
        return Err(malformed("the file is cut off"));
    }
    let mut end = [0; 10];
    file.seek(SeekFrom::End(-10))?;
    file.read_exact(&mut end)?;
    let footer_length = ipc::reader::read_footer_length(end).map_err(malformed)? as u64;
    if footer_length > length - 18 {
        return Err(malformed("the footer is longer than the file"));
    }
    let mut bytes = vec![0; footer_length as usize];
    file.seek(SeekFrom::Start(length - 10 - footer_length))?;
    file.read_exact(&mut bytes)?;
    let footer = ipc::root_as_footer(&bytes).map_err(malformed)?;
    let schema = footer
        .schema()
        .ok_or_else(|| malformed("the footer has no schema"))?;
    let schema = ipc::convert::fb_to_schema(schema);
    let mut rows = 0_u64;
    let blocks = footer.dictionaries().into_iter().flatten();
    for block in blocks.chain(footer.recordBatches().into_iter().flatten()) {
        let start = u64::try_from(block.offset()).map_err(malformed)?;
        let header = u64::try_from(block.metaDataLength()).map_err(malformed)?;
        let body = u64::try_from(block.bodyLength()).map_err(malformed)?;
        let end = start.saturating_add(header).saturating_add(body);
        if end > length || header < 8 {
            return Err(malformed("a batch lies outside of the file"));
        }
        file.seek(SeekFrom::Start(start))?;
        let message = read_header(file, header)?
            .ok_or_else(|| malformed("the index names a batch that is not there"))?;
        rows = rows.saturating_add(batch_rows(&message, body)?);
    }
    Ok((schema, rows))
}

/// Schema and rows of a stream.
fn walk_stream(file: &mut File) -> Result<(Schema, u64), WalkError> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(0))?;
    let first = read_header(file, length)?.ok_or_else(|| malformed("the stream has no schema"))?;
    let message = ipc::root_as_message(&first).map_err(malformed)?;
    let schema = message
        .header_as_schema()
        .ok_or_else(|| malformed("the stream does not begin with a schema"))?;
    let schema = ipc::convert::fb_to_schema(schema);
    let mut rows = 0_u64;
    while let Some(header) = read_header(file, length)? {
        let message = ipc::root_as_message(&header).map_err(malformed)?;
        let body = u64::try_from(message.bodyLength()).map_err(malformed)?;
        let end = file.stream_position()?.saturating_add(body);
        if end > length {
            return Err(malformed("the stream is cut off"));
        }
        rows = rows.saturating_add(batch_rows(&header, body)?);
        file.seek(SeekFrom::Start(end))?;
    }
    Ok((schema, rows))
}

/// The next header of a batch, of at most `limit` bytes; `None` at the end of a stream.
fn read_header(file: &mut File, limit: u64) -> Result<Option<Vec<u8>>, WalkError> {
    let mut word = [0; 4];
    // A stream may end without its end mark.
    match file.read(&mut word)? {
        0 => return Ok(None),
        read => file.read_exact(&mut word[read..])?,
    }
    // Since 2019 a mark of four bytes stands before the length.
    if word == [0xff; 4] {
        file.read_exact(&mut word)?;
    }
    let length = u64::from(u32::from_le_bytes(word));
    if length == 0 {
        return Ok(None);
    }
    if length > limit {
        return Err(malformed("a header is longer than the file"));
    }
    let mut bytes = vec![0; length as usize];
    file.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

/// Rows of a batch; zero for a dictionary.
fn batch_rows(header: &[u8], body: u64) -> Result<u64, WalkError> {
    let message = ipc::root_as_message(header).map_err(malformed)?;
    if u64::try_from(message.bodyLength()).map_err(malformed)? > body {
        return Err(malformed("a batch claims more bytes than it has"));
    }
    match message.header_as_record_batch() {
        Some(batch) => u64::try_from(batch.length()).map_err(malformed),
        None => Ok(0),
    }
}
