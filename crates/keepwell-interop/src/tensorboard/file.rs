//! One event file, followed while it grows.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::content::{FileContent, ReadOptions};
use super::crc;
use super::damage::{Damage, DamageKind};
use super::record::{Framed, HEADER_BYTES, frame};

/// Bytes that are read at a time.
const READ_BYTES: usize = 256 * 1024;

/// How far a file has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Every byte.
    Whole,
    /// Up to a record of which not all is there yet. It is read when it is.
    Partial {
        /// Where the record begins, in bytes from the beginning.
        offset: u64,
        /// Bytes that it says it has, with header and footer; those of the header where that is not there.
        record_bytes: u64,
        /// Bytes of it that are there.
        present_bytes: u64,
    },
    /// Up to a length that does not agree with its checksum. What follows cannot be told apart, unless the
    /// file changes there.
    Stopped {
        /// Where the record begins, in bytes from the beginning.
        offset: u64,
        /// Bytes from there to the end.
        lost_bytes: u64,
    },
}

/// What `stat` says about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) size: u64,
    /// Device and number of the file, where the system has such.
    pub(crate) id: (u64, u64),
    pub(crate) modified: Option<std::time::SystemTime>,
}

impl Stat {
    pub(crate) fn new(metadata: &fs::Metadata) -> Self {
        #[cfg(unix)]
        let id = {
            use std::os::unix::fs::MetadataExt;
            (metadata.dev(), metadata.ino())
        };
        #[cfg(not(unix))]
        let id = (0, 0);
        Self {
            size: metadata.len(),
            id,
            modified: metadata.modified().ok(),
        }
    }
}

/// What tells a file that was written anew in place from one that has grown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fingerprint {
    head: u32,
    tail: u32,
}

/// An event file, and what was read of it. It depends on the bytes of the file alone, however they came.
#[derive(Debug)]
pub struct EventFile {
    path: PathBuf,
    /// `None` before the first look.
    seen: Option<Stat>,
    /// Where the first record begins that was not read.
    offset: u64,
    fingerprint: Option<Fingerprint>,
    progress: Progress,
    unreadable: Option<String>,
    content: FileContent,
}

impl EventFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            seen: None,
            offset: 0,
            fingerprint: None,
            progress: Progress::Whole,
            unreadable: None,
            content: FileContent::default(),
        }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How far it has been read.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// What was wrong with it, one entry a kind.
    pub fn damage(&self) -> &[Damage] {
        self.content.damage.found()
    }

    /// Why it could not be read at the last attempt, in the words of the system.
    pub fn unreadable(&self) -> Option<&str> {
        self.unreadable.as_deref()
    }

    /// Records that were read, those that were left out as damaged among them.
    pub fn n_records(&self) -> u64 {
        self.content.n_records
    }

    pub(crate) fn content(&self) -> &FileContent {
        &self.content
    }

    /// Whether a file with this state can have something new.
    pub(crate) fn has_changed(&self, stat: Stat) -> bool {
        self.seen != Some(stat) || self.unreadable.is_some()
    }

    /// Bytes that are still to be read of a file with this state.
    pub(crate) fn pending_bytes(&self, stat: Stat) -> u64 {
        stat.size.saturating_sub(self.offset)
    }

    /// Reads what came since the last time; all, where the file was replaced. `buffer` is for reuse.
    pub(crate) fn read(&mut self, stat: Stat, options: &ReadOptions<'_>, buffer: &mut Vec<u8>) {
        self.unreadable = self
            .try_read(stat, options, buffer)
            .err()
            .map(|fault| fault.to_string());
    }

    fn try_read(
        &mut self,
        stat: Stat,
        options: &ReadOptions<'_>,
        buffer: &mut Vec<u8>,
    ) -> io::Result<()> {
        let mut file = File::open(&self.path)?;
        let is_other = self.seen.is_some_and(|seen| seen.id != stat.id) || stat.size < self.offset;
        if is_other || self.fingerprint != fingerprint(&mut file, self.offset)? {
            *self = Self::new(std::mem::take(&mut self.path));
        }
        let before = self.offset;
        let result = self.read_records(&mut file, stat.size, options, buffer);
        if self.offset > before {
            self.fingerprint = fingerprint(&mut file, self.offset)?;
        }
        result?;
        self.seen = Some(stat);
        Ok(())
    }

    /// Reads whole records up to `size`.
    fn read_records(
        &mut self,
        file: &mut File,
        size: u64,
        options: &ReadOptions<'_>,
        buffer: &mut Vec<u8>,
    ) -> io::Result<()> {
        buffer.resize(READ_BYTES, 0);
        file.seek(SeekFrom::Start(self.offset))?;
        let mut held = 0;
        loop {
            let left = size.saturating_sub(self.offset);
            let wanted = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
            held += fill(file, &mut buffer[held..wanted])?;
            let (used, stop) = self.content.take(&buffer[..held], self.offset, options);
            self.offset += used as u64;
            let left = left - used as u64;
            let Some(record_bytes) = stop else {
                self.progress = Progress::Stopped {
                    offset: self.offset,
                    lost_bytes: left,
                };
                return Ok(());
            };
            // The file may have become shorter since its size was asked for.
            let is_short = held < wanted;
            if record_bytes > left || is_short {
                self.progress = match left {
                    0 => Progress::Whole,
                    _ => Progress::Partial {
                        offset: self.offset,
                        record_bytes,
                        present_bytes: left,
                    },
                };
                return Ok(());
            }
            if record_bytes > options.record_bytes_max {
                self.content.damage.add(DamageKind::TooLong, self.offset);
                self.content.n_records += 1;
                self.offset += record_bytes;
                file.seek(SeekFrom::Start(self.offset))?;
                held = 0;
                continue;
            }
            buffer.copy_within(used..held, 0);
            held -= used;
            // All of the record is in the file, so this is bounded by what there is.
            let needed = usize::try_from(record_bytes).unwrap_or(usize::MAX);
            buffer.resize(needed.max(READ_BYTES), 0);
        }
    }
}

/// Reads until `into` is full or the file ends; how many bytes were read.
fn fill(file: &mut File, into: &mut [u8]) -> io::Result<usize> {
    let mut n_bytes = 0;
    while n_bytes < into.len() {
        match file.read(&mut into[n_bytes..]) {
            Ok(0) => break,
            Ok(n) => n_bytes += n,
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(n_bytes)
}

/// Of the first bytes and of the last checksum before `offset`; `None` before the first record. The first
/// record of a file holds the time at which the file was begun.
fn fingerprint(file: &mut File, offset: u64) -> io::Result<Option<Fingerprint>> {
    const HEAD_BYTES: u64 = 64;
    if offset < HEADER_BYTES as u64 {
        return Ok(None);
    }
    let mut bytes_at = |offset: u64, length: u64| -> io::Result<u32> {
        let mut bytes = [0; HEAD_BYTES as usize];
        let bytes = &mut bytes[..length as usize];
        file.seek(SeekFrom::Start(offset))?;
        let n_bytes = fill(file, bytes)?;
        Ok(crc::masked(&bytes[..n_bytes]))
    };
    Ok(Some(Fingerprint {
        head: bytes_at(0, HEAD_BYTES.min(offset))?,
        tail: bytes_at(offset - 4, 4)?,
    }))
}

/// The payload of the record at `offset`, or what is wrong there.
pub(crate) fn payload_at(
    file: &mut File,
    offset: u64,
    record_bytes_max: u64,
) -> io::Result<Vec<u8>> {
    let changed = || io::Error::other("the file has changed since it was read");
    let mut header = [0; HEADER_BYTES];
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(&mut header)?;
    let Framed::Partial { bytes } = frame(&header) else {
        return Err(changed());
    };
    let left = file.metadata()?.len().saturating_sub(offset);
    let length = usize::try_from(bytes).map_err(|_| changed())?;
    if bytes > left || bytes > record_bytes_max {
        return Err(changed());
    }
    let mut record = vec![0; length];
    record[..HEADER_BYTES].copy_from_slice(&header);
    file.read_exact(&mut record[HEADER_BYTES..])?;
    match frame(&record) {
        Framed::Record { payload, .. } => {
            let end = HEADER_BYTES + payload.len();
            record.truncate(end);
            record.drain(..HEADER_BYTES);
            Ok(record)
        }
        _ => Err(changed()),
    }
}
