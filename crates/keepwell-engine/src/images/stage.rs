//! Writes a file again, with descriptors in the place of images.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::arrow::array::{ArrayRef, Float64Array, RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::ipc::reader::{FileReader, StreamReader};
use datafusion::object_store::local::LocalFileSystem;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use keepwell_stats::descriptor::{self, Descriptor, Image, Subject, SubjectKind};

use super::decode::Pixels;
use super::pictures::Pictures;
use crate::error::EngineError;
use crate::note::{ImageFault, Note, UnreadImage};
use crate::part::{Part, Store};
use crate::staging::sheet::StageWriter;

/// Rows that are decoded together.
const BATCH_ROWS: usize = 256;
/// Bytes that they should not exceed, as they stand in the file.
const BATCH_BYTES: f32 = 32.0 * 1024.0 * 1024.0;
/// Images that a note names.
const EXAMPLES_MAX: usize = 3;

/// Numbers of one image; none where it has no value.
type Numbers = Vec<Option<f64>>;

/// A column of images and what became of them.
struct ImageColumn {
    name: String,
    n_images: u64,
    n_unread: u64,
    examples: Vec<UnreadImage>,
}

/// Writes the part again without its images.
pub(super) fn describe(
    part: &Part,
    columns: &[String],
    folder: &Path,
    threads: usize,
) -> Result<(Part, Vec<Note>), EngineError> {
    let malformed = |fault: ArrowError| {
        EngineError::malformed(&part.origin, "data that can be decoded", &fault)
    };
    let descriptors: Vec<&'static dyn Descriptor> = descriptor::ALL
        .iter()
        .copied()
        .filter(|own| own.subject() == SubjectKind::Image)
        .collect();
    let is_image = |field: &Field| columns.contains(field.name());
    let mut fields = Vec::new();
    for field in part.schema.fields() {
        match is_image(field) {
            true => fields.extend(descriptors.iter().map(|own| {
                let name = format!("{}.{}", field.name(), own.info().id);
                Field::new(name, DataType::Float64, true)
            })),
            false => fields.push(field.as_ref().clone().with_nullable(true)),
        }
    }
    let texts = fields
        .iter()
        .filter(|field| *field.data_type() == DataType::Utf8View)
        .map(|field| field.name().clone());
    let texts = texts.collect();
    let schema = Arc::new(Schema::new(fields));
    let mut writer = StageWriter::create(folder, schema.as_ref().clone(), texts)?;
    let mut images: Vec<ImageColumn> = part
        .schema
        .fields()
        .iter()
        .filter(|field| is_image(field))
        .map(|field| ImageColumn::new(field.name()))
        .collect();
    let mut first_row = 0;
    for batch in batches(part)? {
        let batch = batch.map_err(malformed)?;
        let mut arrays = Vec::new();
        let mut own = images.iter_mut();
        for (field, array) in part.schema.fields().iter().zip(batch.columns()) {
            match is_image(field) {
                true => {
                    if let Some(column) = own.next() {
                        let row = (array, first_row);
                        arrays.extend(column.describe(part, row, &descriptors, threads)?);
                    }
                }
                false => {
                    let array = datafusion::arrow::compute::cast(array, field.data_type());
                    arrays.push(array.map_err(malformed)?);
                }
            }
        }
        first_row += batch.num_rows() as u64;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&schema), arrays, &options);
        let batch = batch.map_err(|fault| EngineError::internal(&fault))?;
        writer.write(&batch, batch.get_array_memory_size())?;
    }
    let notes = images.into_iter().filter_map(|own| own.note(part));
    let notes = notes.collect();
    Ok((Part::staged(&part.origin, writer.finish()?)?, notes))
}

type Batches = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>>>;

/// All rows of a file, a few at a time.
fn batches(part: &Part) -> Result<Batches, EngineError> {
    let io = |fault| EngineError::io(&part.origin, fault);
    let malformed = |fault: &dyn std::fmt::Display| {
        EngineError::malformed(&part.origin, "data that can be decoded", fault)
    };
    let path = LocalFileSystem::new()
        .path_to_filesystem(&part.object.location)
        .map_err(|fault| EngineError::internal(&fault))?;
    let file = File::open(path).map_err(io)?;
    Ok(match part.store {
        Store::Parquet { .. } => {
            let row_bytes: f32 = part.row_bytes.iter().sum();
            let rows = (BATCH_BYTES / row_bytes.max(1.0)) as usize;
            let builder = ParquetRecordBatchReaderBuilder::try_new(file);
            let builder = builder.map_err(|fault| malformed(&fault))?;
            let reader = builder.with_batch_size(rows.clamp(1, BATCH_ROWS)).build();
            Box::new(reader.map_err(|fault| malformed(&fault))?)
        }
        Store::IpcFile => {
            let reader = FileReader::try_new(BufReader::new(file), None);
            Box::new(reader.map_err(|fault| malformed(&fault))?)
        }
        Store::IpcStream => {
            let reader = StreamReader::try_new(BufReader::new(file), None);
            Box::new(reader.map_err(|fault| malformed(&fault))?)
        }
    })
}

impl ImageColumn {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            n_images: 0,
            n_unread: 0,
            examples: Vec::new(),
        }
    }

    /// One array for each descriptor.
    fn describe(
        &mut self,
        part: &Part,
        (array, first_row): (&ArrayRef, u64),
        descriptors: &[&'static dyn Descriptor],
        threads: usize,
    ) -> Result<Vec<ArrayRef>, EngineError> {
        let pictures = Pictures::try_new(array, &self.name)?;
        let folder = part.origin.parent().unwrap_or(Path::new(""));
        let found = in_parallel(array.len(), threads, |row_idx| {
            pictures.describe(row_idx, folder, |pixels| numbers(pixels, descriptors))
        });
        let mut columns = vec![Vec::with_capacity(found.len()); descriptors.len()];
        for (row_idx, found) in found.into_iter().enumerate() {
            let numbers = match found {
                None => None,
                Some(Ok(numbers)) => {
                    self.n_images += 1;
                    Some(numbers)
                }
                Some(Err(fault)) => {
                    let row = first_row + row_idx as u64 + 1;
                    self.add_unread(pictures.name(row_idx), row, fault);
                    None
                }
            };
            for (idx, column) in columns.iter_mut().enumerate() {
                column.push(numbers.as_ref().and_then(|numbers| numbers[idx]));
            }
        }
        Ok(columns
            .into_iter()
            .map(|column| Arc::new(Float64Array::from(column)) as ArrayRef)
            .collect())
    }

    fn add_unread(&mut self, name: Option<String>, row: u64, fault: ImageFault) {
        self.n_images += 1;
        self.n_unread += 1;
        if self.examples.len() < EXAMPLES_MAX {
            self.examples.push(UnreadImage { name, row, fault });
        }
    }

    fn note(self, part: &Part) -> Option<Note> {
        (self.n_unread > 0).then(|| Note::UnreadImages {
            path: part.origin.clone(),
            column: self.name,
            n_images: self.n_images,
            n_unread: self.n_unread,
            examples: self.examples,
        })
    }
}

fn numbers(pixels: &Pixels, descriptors: &[&'static dyn Descriptor]) -> Numbers {
    let image = Image::try_new(pixels.width, pixels.height, &pixels.bytes);
    let of = |own: &&'static dyn Descriptor| {
        let image = *image.as_ref().ok()?;
        own.describe(Subject::Image(image)).defined().copied()
    };
    descriptors.iter().map(of).collect()
}

/// Does `work` for each position below `n`; the results are in order.
fn in_parallel<T: Send>(n: usize, threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let idx = next.fetch_add(1, Ordering::Relaxed);
            if idx >= n {
                return done;
            }
            done.push((idx, work(idx)));
        }
    };
    let mut done: Vec<(usize, T)> = std::thread::scope(|scope| {
        let others = 1..threads.min(n);
        let others: Vec<_> = others.map(|_| scope.spawn(take)).collect();
        let mut done = take();
        for other in others {
            // Work does not panic: decoders are watched.
            done.extend(other.join().unwrap_or_default());
        }
        done
    });
    done.sort_unstable_by_key(|(idx, _)| *idx);
    done.into_iter().map(|(_, found)| found).collect()
}
