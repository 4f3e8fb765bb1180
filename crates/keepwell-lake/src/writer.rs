//! The one thread that writes the database.
//!
//! Requests wait in a queue while a commit goes to the disk; the next commit takes them all. So many
//! small requests share one fsync, and one alone waits for nothing. A request is answered after the
//! commit that holds it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::catalog::{Change, Tables, last_snapshot, load_tables};
use crate::error::LakeError;
use crate::lake::{Receipt, Shared};
use crate::name::TableName;
use crate::payload;
use crate::store;
use crate::table::{Rows, Table, own_columns};

/// Most requests of one commit.
const GROUP_REQUESTS: usize = 4_096;
/// A commit takes no more requests once it has this many bytes.
const GROUP_BYTES: u64 = 16 << 20;

/// How a request is answered: called once, on the writer's thread, so it must not block.
pub(crate) type Reply = Box<dyn FnOnce(Result<Receipt, LakeError>) + Send>;
/// Other work of the writer.
type Job = Box<dyn FnOnce(&mut Writer) + Send>;

/// Rows to append.
pub(crate) struct Request {
    pub name: TableName,
    pub rows: Rows,
    /// Size in memory.
    pub bytes: u64,
    /// Idempotency key, and a hash of what was sent under it.
    pub key: Option<(String, i64)>,
    pub reply: Reply,
}

enum Command {
    Append(Box<Request>),
    Run(Job),
    Stop,
}

/// The way to the writer's thread.
pub(crate) struct WriterHandle {
    commands: Sender<Command>,
    thread: Option<JoinHandle<()>>,
}

impl WriterHandle {
    pub fn start(connection: Connection, shared: Arc<Shared>) -> Result<Self, LakeError> {
        let tables = load_tables(&connection)?;
        let mut writer = Writer {
            connection,
            tables,
            shared,
        };
        let (commands, queue) = channel();
        let thread = thread::Builder::new()
            .name("keepwell-lake".to_owned())
            .spawn(move || writer.serve(&queue))
            .map_err(|error| {
                LakeError::io(
                    "expected to start a thread for",
                    "the store".as_ref(),
                    error,
                )
            })?;
        Ok(Self {
            commands,
            thread: Some(thread),
        })
    }

    /// Hands over a request. The queue is bounded by bytes, by who calls this.
    pub fn append(&self, request: Request) -> Result<(), LakeError> {
        let command = Command::Append(Box::new(request));
        self.commands.send(command).map_err(|_| LakeError::Closed)
    }

    /// Runs `work` between two commits and waits for it.
    pub fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T, LakeError> + Send + 'static,
    ) -> Result<T, LakeError> {
        let (sender, receiver) = channel();
        let job: Job = Box::new(move |writer| {
            // Nobody waits any more if this fails.
            let _ = sender.send(work(writer));
        });
        self.commands
            .send(Command::Run(job))
            .map_err(|_| LakeError::Closed)?;
        receiver.recv().map_err(|_| LakeError::Closed)?
    }
}

impl Drop for WriterHandle {
    /// Lets everything queued be committed and answered.
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the writer's thread owns.
pub(crate) struct Writer {
    pub connection: Connection,
    /// Tables as the last commit left them.
    tables: Tables,
    shared: Arc<Shared>,
}

impl Writer {
    fn serve(&mut self, queue: &Receiver<Command>) {
        while let Ok(first) = queue.recv() {
            let mut group = Vec::new();
            let mut bytes = 0;
            let mut next = Some(first);
            let mut after = None;
            while let Some(command) = next.take() {
                match command {
                    Command::Append(request) => {
                        bytes += request.bytes;
                        group.push(*request);
                    }
                    other => {
                        after = Some(other);
                        break;
                    }
                }
                if group.len() < GROUP_REQUESTS && bytes < GROUP_BYTES {
                    next = queue.try_recv().ok();
                }
            }
            if !group.is_empty() {
                self.commit_group(group);
            }
            match after {
                Some(Command::Run(job)) => job(self),
                Some(Command::Stop) => break,
                _ => {}
            }
        }
    }

    /// Runs `work` in a transaction, with the tables as they are. What it does to the tables holds only
    /// if the commit does.
    pub fn transact<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &mut Tables) -> Result<T, LakeError>,
    ) -> Result<T, LakeError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        if last_snapshot(&transaction)?.schema_version != self.tables.schema_version {
            // Another program changed the catalog.
            self.tables = load_tables(&transaction)?;
        }
        let mut tables = self.tables.clone();
        let value = work(&transaction, &mut tables)?;
        transaction.commit()?;
        self.tables = tables;
        Ok(value)
    }

    fn commit_group(&mut self, group: Vec<Request>) {
        let mut replies = Vec::with_capacity(group.len());
        let mut appends = Vec::with_capacity(group.len());
        let mut bytes = 0;
        for request in group {
            bytes += request.bytes;
            replies.push(request.reply);
            appends.push((request.name, request.rows, request.key));
        }
        let shared = Arc::clone(&self.shared);
        let result = self.transact(|transaction, tables| {
            Group::place(transaction, tables, appends)?.store(transaction)
        });
        shared.queued.fetch_sub(bytes, Ordering::AcqRel);
        match result {
            Ok((receipts, stored)) => {
                shared.buffered.fetch_add(stored, Ordering::AcqRel);
                for (reply, receipt) in replies.into_iter().zip(receipts) {
                    reply(receipt);
                }
            }
            Err(error) => {
                for reply in replies {
                    reply(Err(error.clone()));
                }
            }
        }
    }
}

/// Where a request of a group went.
enum Place {
    Refused(LakeError),
    /// Stored before; the receipt of then.
    Known(Receipt),
    /// The same key as another request of the group, by its position.
    Twin(usize),
    /// Rows to store, by table.
    New {
        table_id: i64,
        key: Option<(String, i64)>,
        columns_added: Vec<String>,
    },
}

/// Requests that become one commit.
struct Group {
    places: Vec<Place>,
    /// For each table, in order: the request's position and its rows.
    rows: Vec<(i64, Vec<(usize, Rows)>)>,
}

type Appends = Vec<(TableName, Rows, Option<(String, i64)>)>;

impl Group {
    /// Decides on each request, and changes the catalog where new tables and columns come.
    fn place(
        transaction: &Transaction<'_>,
        tables: &mut Tables,
        appends: Appends,
    ) -> Result<Self, LakeError> {
        let mut change = Change::begin(transaction)?;
        let mut group = Self {
            places: Vec::with_capacity(appends.len()),
            rows: Vec::new(),
        };
        let mut keys: HashMap<(i64, String), (usize, i64)> = HashMap::new();
        for (idx, (name, rows, key)) in appends.into_iter().enumerate() {
            if let (Some(table), Some((key, payload))) = (tables.get(&name), &key) {
                let twin = keys.get(&(table.id, key.clone())).copied();
                if let Some(place) = known(transaction, table.id, key, *payload, twin)? {
                    group.places.push(place);
                    continue;
                }
            }
            match admit(&mut change, tables, &name, rows) {
                Ok((table_id, rows, columns_added)) => {
                    if let Some((key, payload)) = &key {
                        keys.insert((table_id, key.clone()), (idx, *payload));
                    }
                    match group.rows.iter_mut().find(|(id, _)| *id == table_id) {
                        Some((_, list)) => list.push((idx, rows)),
                        None => group.rows.push((table_id, vec![(idx, rows)])),
                    }
                    group.places.push(Place::New {
                        table_id,
                        key,
                        columns_added,
                    });
                }
                Err(error) if error.is_of_store() => return Err(error),
                Err(error) => group.places.push(Place::Refused(error)),
            }
        }
        tables.schema_version = change.finish()?;
        Ok(group)
    }

    /// Writes rows and keys; gives the receipts and the bytes that the buffer grew by.
    fn store(
        self,
        transaction: &Transaction<'_>,
    ) -> Result<(Vec<Result<Receipt, LakeError>>, u64), LakeError> {
        let counter = |name: &str| -> Result<i64, LakeError> {
            let mut statement =
                transaction.prepare_cached("SELECT value FROM keepwell_counter WHERE name = ?1")?;
            Ok(statement.query_row([name], |row| row.get(0))?)
        };
        let mut next_row = counter("next_row")?;
        let received = counter("last_received")?.max(store::now());
        let mut first_rows = vec![(0, 0); self.places.len()];
        let mut bytes = 0;
        for (table_id, requests) in self.rows {
            for run in runs_of_like(requests) {
                let first = next_row;
                for (idx, rows) in &run {
                    first_rows[*idx] = (next_row, rows.n_rows);
                    next_row += i64::try_from(rows.n_rows).unwrap_or(i64::MAX);
                }
                bytes += insert(transaction, table_id, first, received, &run)?;
            }
        }
        transaction
            .prepare_cached(
                "UPDATE keepwell_counter SET value = CASE name WHEN 'next_row' THEN ?1 ELSE ?2 END",
            )?
            .execute([next_row, received])?;
        let mut receipts: Vec<Result<Receipt, LakeError>> = Vec::with_capacity(self.places.len());
        for (place, (first_row, n_rows)) in self.places.into_iter().zip(first_rows) {
            receipts.push(match place {
                Place::Refused(error) => Err(error),
                Place::Known(receipt) => Ok(receipt),
                Place::Twin(idx) => receipts[idx].clone().map(|receipt| Receipt {
                    repeated: true,
                    columns_added: Vec::new(),
                    ..receipt
                }),
                Place::New {
                    table_id,
                    key,
                    columns_added,
                } => {
                    if let Some(key) = key {
                        remember(transaction, table_id, &key, (first_row, n_rows), received)?;
                    }
                    Ok(Receipt {
                        first_row: first_row.cast_unsigned(),
                        n_rows: n_rows as u64,
                        repeated: false,
                        columns_added,
                    })
                }
            });
        }
        Ok((receipts, bytes))
    }
}

/// Stores an idempotency key with the rows that came under it.
fn remember(
    transaction: &Transaction<'_>,
    table_id: i64,
    (key, payload): &(String, i64),
    (first_row, n_rows): (i64, usize),
    received: i64,
) -> Result<(), LakeError> {
    let n_rows = i64::try_from(n_rows).unwrap_or(i64::MAX);
    transaction
        .prepare_cached("INSERT INTO keepwell_key VALUES(?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![table_id, key, payload, first_row, n_rows, received])?;
    Ok(())
}

/// What is known of an idempotency key: nothing, a receipt, or that it was used for something else.
fn known(
    transaction: &Transaction<'_>,
    table_id: i64,
    key: &str,
    payload: i64,
    twin: Option<(usize, i64)>,
) -> Result<Option<Place>, LakeError> {
    let reused = || {
        Place::Refused(LakeError::KeyReused {
            key: key.to_owned(),
        })
    };
    if let Some((idx, first)) = twin {
        return Ok(Some(if first == payload {
            Place::Twin(idx)
        } else {
            reused()
        }));
    }
    let stored: Option<(i64, i64, i64)> = transaction
        .prepare_cached(
            "SELECT payload, first_row, n_rows FROM keepwell_key WHERE table_id = ?1 AND key = ?2",
        )?
        .query_row(params![table_id, key], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    Ok(stored.map(|(first, first_row, n_rows)| {
        if first != payload {
            return reused();
        }
        Place::Known(Receipt {
            first_row: first_row.cast_unsigned(),
            n_rows: n_rows.cast_unsigned(),
            repeated: true,
            columns_added: Vec::new(),
        })
    }))
}

/// Fits rows to their table, which is made or widened where that is needed.
fn admit(
    change: &mut Change<'_>,
    tables: &mut Tables,
    name: &TableName,
    rows: Rows,
) -> Result<(i64, Rows, Vec<String>), LakeError> {
    if let Some(table) = tables.get(name) {
        let (added, rows) = rows.fit(table)?;
        let names = added.iter().map(|column| column.name.clone()).collect();
        let id = table.id;
        if !added.is_empty() {
            let mut table = Table::clone(table);
            change.add_columns(&mut table, added)?;
            tables.by_name.insert(name.clone(), Arc::new(table));
        }
        return Ok((id, rows, names));
    }
    let empty = Table {
        id: 0,
        name: name.clone(),
        path: String::new(),
        partition_id: 0,
        columns: own_columns().into(),
        next_column: 1,
    };
    let (columns, rows) = rows.fit(&empty)?;
    let names = columns.iter().map(|column| column.name.clone()).collect();
    let table = change.create_table(name, columns)?;
    let id = table.id;
    tables.by_name.insert(name.clone(), Arc::new(table));
    Ok((id, rows, names))
}

/// Neighbours with the same columns, which are stored as one batch.
fn runs_of_like(requests: Vec<(usize, Rows)>) -> Vec<Vec<(usize, Rows)>> {
    let alike = |a: &Rows, b: &Rows| {
        a.columns.len() == b.columns.len()
            && a.columns
                .iter()
                .zip(&b.columns)
                .all(|((a, _), (b, _))| a.name == b.name && a.is_like(b))
    };
    let mut runs: Vec<Vec<(usize, Rows)>> = Vec::new();
    for (idx, rows) in requests {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|(_, last)| alike(last, &rows)) => {
                run.push((idx, rows));
            }
            _ => runs.push(vec![(idx, rows)]),
        }
    }
    runs
}

fn insert(
    transaction: &Transaction<'_>,
    table_id: i64,
    first_row: i64,
    received: i64,
    run: &[(usize, Rows)],
) -> Result<u64, LakeError> {
    // Fields differ in nothing but the numbers of nested columns, which the buffer does not need.
    let batches = run
        .iter()
        .map(|(_, rows)| rows.batch())
        .collect::<Result<Vec<_>, _>>()?;
    let batch = match batches.as_slice() {
        [only] => only.clone(),
        [first, ..] => {
            let schema = first.schema();
            let same: Result<Vec<_>, _> = batches
                .iter()
                .map(|batch| RecordBatch::try_new(Arc::clone(&schema), batch.columns().to_vec()))
                .collect();
            concat_batches(&schema, &same?)?
        }
        [] => return Ok(0),
    };
    let time_min = run.iter().map(|(_, rows)| rows.time.0).min().unwrap_or(0);
    let time_max = run.iter().map(|(_, rows)| rows.time.1).max().unwrap_or(0);
    let payload = payload::encode(&batch)?;
    transaction
        .prepare_cached("INSERT INTO keepwell_buffer VALUES(NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
        .execute(params![
            table_id,
            first_row,
            batch.num_rows() as i64,
            received,
            time_min,
            time_max,
            payload::checksum(&payload),
            payload
        ])?;
    Ok(payload.len() as u64)
}
