//! The store, opened for writing.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;

use crate::document::Documents;
use crate::error::LakeError;
use crate::flush::{self, Flushed};
use crate::folder::Folder;
use crate::merge::{self, Compacted, Urgency};
use crate::name::TableName;
use crate::payload;
use crate::retain::{self, Cleaned, Retained, Retention};
use crate::scan::{LakeReader, Pins};
use crate::store;
use crate::table::Rows;
use crate::writer::{Reply, Request, WriterHandle};

/// Limits of a store.
#[derive(Debug, Clone)]
pub struct LakeConfig {
    /// Most bytes of requests that wait for a commit; more are refused. Default 64 MiB.
    pub queue_bytes_max: u64,
    /// Most bytes of the buffer; more are refused until a flush has run. Default 1 GiB.
    pub buffer_bytes_max: u64,
    /// A flush is due at so many buffered bytes; it takes rows of about twice so many bytes of memory
    /// at a time. Default 32 MiB.
    pub flush_bytes: u64,
    /// A flush is due when the oldest buffered batch is so old. Default 60 seconds.
    pub flush_age: Duration,
    /// Size that compaction aims at for a data file. Default 128 MiB.
    pub file_bytes: u64,
    /// Fewest files of a day that are worth merging. Default 8.
    pub merge_files_min: usize,
    /// How long old snapshots, and the files that only they see, are kept. Default 1 hour.
    pub snapshot_age: Duration,
    /// How long an idempotency key is remembered. Default 7 days.
    pub key_age: Duration,
    /// Most idempotency keys that are remembered, the newest. Default 2,000,000.
    pub keys_max: u64,
}

impl Default for LakeConfig {
    fn default() -> Self {
        Self {
            queue_bytes_max: 64 << 20,
            buffer_bytes_max: 1 << 30,
            flush_bytes: 32 << 20,
            flush_age: Duration::from_secs(60),
            file_bytes: 128 << 20,
            merge_files_min: 8,
            snapshot_age: Duration::from_secs(3_600),
            key_age: Duration::from_secs(7 * 86_400),
            keys_max: 2_000_000,
        }
    }
}

/// Rows to append to a table.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The table; it is made with the first batch.
    pub table: TableName,
    /// The rows. Columns that the table does not have are added to it.
    pub rows: RecordBatch,
    /// Idempotency key: the same key with the same rows again is acknowledged and not stored.
    pub key: Option<String>,
    /// Hash of what the client sent, where the rows alone do not tell, for example because ids were
    /// made by the server. `None`: a hash of the rows.
    pub sent: Option<i64>,
}

/// Acknowledges rows that are on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Number of the first row in order of arrival; the others follow.
    pub first_row: u64,
    /// Number of rows.
    pub n_rows: u64,
    /// Whether the rows were stored before, under the same key.
    pub repeated: bool,
    /// Columns that the table did not have before.
    pub columns_added: Vec<String>,
}

/// How full the store's queues are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Bytes of requests that wait for a commit.
    pub queued_bytes: u64,
    /// Bytes of the buffer.
    pub buffered_bytes: u64,
}

/// What a round of upkeep did.
#[derive(Debug, Clone, Default)]
pub struct Maintained {
    /// The flush, if one was due.
    pub flushed: Option<Flushed>,
    /// Merged files.
    pub compacted: Compacted,
    /// Expired snapshots and removed files.
    pub cleaned: Cleaned,
}

/// What the threads of an open store share.
pub(crate) struct Shared {
    pub folder: Folder,
    pub config: LakeConfig,
    pub queued: AtomicU64,
    pub buffered: AtomicU64,
    pub pins: Pins,
    /// Held by whatever writes or removes data files: flush, compaction, clean-up, backup.
    pub upkeep: Mutex<()>,
}

/// Without a flush, files are looked over so often: nothing but retention and age changes them.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// A store, opened by its one writer.
pub struct Lake {
    pub(crate) writer: WriterHandle,
    pub(crate) shared: Arc<Shared>,
    reader: LakeReader,
    /// When files were last merged and old snapshots removed.
    last_tidied: Mutex<Option<Instant>>,
    /// Held while the store is open. Fields are dropped in order, so the writer ends before.
    _lock: File,
}

/// A lock whose data no panic can leave half changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lake {
    /// Opens the store in `folder`, or makes one, and removes what a crash left behind.
    ///
    /// # Errors
    /// `lake.store.in_use` if another process has it open, `lake.store.too_new` if a newer Keepwell
    /// wrote it, `lake.store.foreign`, `lake.store.damaged`, `lake.store.read_only`,
    /// `lake.store.disk_full`, `lake.file.io`.
    pub fn open(folder: &Path, config: LakeConfig) -> Result<Self, LakeError> {
        let folder = Folder::create(folder)?;
        let lock = folder.lock()?;
        let connection = store::open_writer(&folder)?;
        let buffered: i64 = connection.query_row(
            "SELECT coalesce(sum(length(payload)), 0) FROM keepwell_buffer",
            [],
            |row| row.get(0),
        )?;
        let pins = Pins::default();
        let reader = LakeReader::new(folder.clone(), pins.clone());
        let shared = Arc::new(Shared {
            folder,
            config,
            queued: AtomicU64::new(0),
            buffered: AtomicU64::new(buffered.cast_unsigned()),
            pins,
            upkeep: Mutex::new(()),
        });
        let lake = Self {
            writer: WriterHandle::start(connection, Arc::clone(&shared))?,
            shared,
            reader,
            last_tidied: Mutex::new(None),
            _lock: lock,
        };
        lake.sweep()?;
        Ok(lake)
    }

    /// Appends rows and waits until they are on the disk.
    ///
    /// # Errors
    /// `lake.batch.invalid`, `lake.column.type_changed`, `lake.name.case`, `lake.key.reused` for a
    /// batch that cannot be stored as it is; `lake.store.busy` if it should be sent again later;
    /// `lake.store.disk_full` and others where the store fails. Then nothing was stored.
    pub fn append(&self, batch: Batch) -> Result<Receipt, LakeError> {
        let (sender, receiver) = channel();
        self.submit(batch, move |receipt| {
            // Nobody waits any more if this fails.
            let _ = sender.send(receipt);
        })?;
        receiver.recv().map_err(|_| LakeError::Closed)?
    }

    /// Appends rows without waiting: `reply` is called once, on the writer's thread, when they are on
    /// the disk or refused. It must not block.
    ///
    /// # Errors
    /// As [`Lake::append`] where that is known at once; `reply` is then dropped.
    pub fn submit(
        &self,
        batch: Batch,
        reply: impl FnOnce(Result<Receipt, LakeError>) + Send + 'static,
    ) -> Result<(), LakeError> {
        let Batch {
            table,
            rows,
            key,
            sent,
        } = batch;
        let sent = match (&key, sent) {
            (Some(_), None) => Some(payload::fingerprint(&rows)?),
            (_, sent) => sent,
        };
        let rows = Rows::try_new(&table, &rows)?;
        let bytes = rows
            .columns
            .iter()
            .map(|(_, array)| array.get_array_memory_size() as u64)
            .sum();
        self.reserve(bytes)?;
        let reply: Reply = Box::new(reply);
        self.writer.append(Request {
            name: table,
            rows,
            bytes,
            key: key.map(|key| (key, sent.unwrap_or(0))),
            reply,
        })
    }

    /// Takes room in the queue, or refuses. A batch larger than the queue may enter an empty one.
    fn reserve(&self, bytes: u64) -> Result<(), LakeError> {
        let config = &self.shared.config;
        let buffered = self.shared.buffered.load(Ordering::Acquire);
        if buffered >= config.buffer_bytes_max {
            return Err(LakeError::Busy {
                what: "buffer",
                bytes: buffered,
                limit: config.buffer_bytes_max,
            });
        }
        let limit = config.queue_bytes_max;
        let fits = |queued: u64| {
            let after = queued.saturating_add(bytes);
            (after <= limit || queued == 0).then_some(after)
        };
        let taken = self
            .shared
            .queued
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, fits);
        taken.map(|_| ()).map_err(|queued| LakeError::Busy {
            what: "write queue",
            bytes: queued,
            limit,
        })
    }

    /// How full the queues are.
    pub fn load(&self) -> Load {
        Load {
            queued_bytes: self.shared.queued.load(Ordering::Acquire),
            buffered_bytes: self.shared.buffered.load(Ordering::Acquire),
        }
    }

    /// The reading side, which sees every acknowledged row.
    pub fn reader(&self) -> &LakeReader {
        &self.reader
    }

    /// Documents of the server, such as model specs.
    pub fn documents(&self) -> Documents<'_> {
        Documents::new(self)
    }

    /// Does what is due: flush; after one, or each minute, merging of small files and expiry. To be
    /// called every second or so.
    ///
    /// # Errors
    /// Those of [`Lake::flush`], [`Lake::compact`] and [`Lake::clean`]. What was done before holds.
    pub fn maintain(&self) -> Result<Maintained, LakeError> {
        let mut done = Maintained::default();
        if flush::is_due(self)? {
            done.flushed = Some(self.flush()?);
        }
        let mut last = lock(&self.last_tidied);
        if done.flushed.is_some() || last.is_none_or(|last| last.elapsed() >= TIDY_EVERY) {
            done.compacted = self.compact(Urgency::WorthIt)?;
            done.cleaned = self.clean(self.shared.config.snapshot_age)?;
            *last = Some(Instant::now());
        }
        Ok(done)
    }

    /// Moves the buffer into data files.
    ///
    /// # Errors
    /// `lake.store.disk_full`, `lake.file.io` and others of the disk; the rows then stay in the buffer.
    pub fn flush(&self) -> Result<Flushed, LakeError> {
        let _upkeep = lock(&self.shared.upkeep);
        flush::flush(self)
    }

    /// Merges small data files of a day into larger ones.
    ///
    /// # Errors
    /// Those of the disk. A damaged file is left alone and listed in the result.
    pub fn compact(&self, urgency: Urgency) -> Result<Compacted, LakeError> {
        let _upkeep = lock(&self.shared.upkeep);
        merge::compact(self, urgency)
    }

    /// Ends data files that are older, or beyond the size, that a model's retention allows. Files go
    /// as wholes, so events of up to one day more are kept.
    ///
    /// # Errors
    /// Those of the database.
    pub fn retain(&self, model: &str, retention: Retention) -> Result<Retained, LakeError> {
        let _upkeep = lock(&self.shared.upkeep);
        retain::retain(self, model, retention)
    }

    /// Forgets snapshots that are older than `age`, removes files that only they saw, and old
    /// idempotency keys. Files that a [`crate::Scan`] may still read are kept.
    ///
    /// # Errors
    /// Those of the database and the disk.
    pub fn clean(&self, age: Duration) -> Result<Cleaned, LakeError> {
        let _upkeep = lock(&self.shared.upkeep);
        retain::clean(self, age)
    }

    /// Removes data files of ours that the catalog does not know, as a crash leaves them. Returns their
    /// number.
    ///
    /// # Errors
    /// Those of the database and the disk.
    pub fn sweep(&self) -> Result<u64, LakeError> {
        let _upkeep = lock(&self.shared.upkeep);
        retain::sweep(self)
    }

    /// Removes a model with everything that is stored of it. Returns the number of rows.
    ///
    /// # Errors
    /// Those of the database.
    pub fn drop_model(&self, model: &str) -> Result<u64, LakeError> {
        let _upkeep = lock(&self.shared.upkeep);
        retain::drop_model(self, model)
    }

    /// Copies the store, as it is now, into a folder that is empty or does not exist.
    ///
    /// # Errors
    /// `lake.file.io`, `lake.store.disk_full`; the folder then holds a part of a copy.
    pub fn backup(&self, target: &Path) -> Result<(), LakeError> {
        let _upkeep = lock(&self.shared.upkeep);
        crate::backup::backup(&self.shared.folder, target)
    }

    /// Live bytes of data files of each model.
    ///
    /// # Errors
    /// Those of the database.
    pub fn file_bytes(&self) -> Result<BTreeMap<String, u64>, LakeError> {
        self.reader.file_bytes()
    }
}
