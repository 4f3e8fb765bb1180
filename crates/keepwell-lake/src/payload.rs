//! Batches as bytes: in the buffer, and for the hash of an idempotency key.

use std::hash::Hasher;
use std::io;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::CompressionType;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use arrow_select::concat::concat_batches;
use twox_hash::XxHash64;

use crate::error::LakeError;

/// Checksum of bytes (xxHash, 64 bits, seed 0).
pub(crate) fn checksum(bytes: &[u8]) -> i64 {
    XxHash64::oneshot(0, bytes).cast_signed()
}

/// The batch as an Arrow IPC stream, compressed by LZ4.
pub(crate) fn encode(batch: &RecordBatch) -> Result<Vec<u8>, LakeError> {
    let options =
        IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME))?;
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options)?;
    writer.write(batch)?;
    writer.finish()?;
    Ok(writer.into_inner()?)
}

/// All rows of an Arrow IPC stream as one batch. Bytes from outside are checked as they are read.
///
/// # Errors
/// `lake.batch.arrow` for bytes that are no such stream.
pub fn decode(bytes: &[u8]) -> Result<RecordBatch, LakeError> {
    let reader = StreamReader::try_new(io::Cursor::new(bytes), None)?;
    let schema = reader.schema();
    let batches = reader.collect::<Result<Vec<_>, _>>()?;
    match <[RecordBatch; 1]>::try_from(batches) {
        Ok([only]) => Ok(only),
        Err(batches) => Ok(concat_batches(&schema, &batches)?),
    }
}

/// A hash of the rows, the same for equal batches.
pub(crate) fn fingerprint(batch: &RecordBatch) -> Result<i64, LakeError> {
    let schema = Arc::clone(batch.schema_ref());
    let mut writer = StreamWriter::try_new(HashSink(XxHash64::with_seed(0)), &schema)?;
    writer.write(batch)?;
    writer.finish()?;
    Ok(writer.into_inner()?.0.finish().cast_signed())
}

/// Hashes what is written to it.
pub(crate) struct HashSink(pub(crate) XxHash64);

impl io::Write for HashSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
