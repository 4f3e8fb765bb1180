//! The engine: opens tables and profiles them.

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::common::runtime::SpawnedTask;
use datafusion::execution::context::SessionContext;
use datafusion::execution::memory_pool::{FairSpillPool, MemoryPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::SessionConfig as ContextConfig;
use futures::{StreamExt, TryStreamExt};
use keepwell_core::schema::Kind;
use keepwell_core::time::Timestamp;
use keepwell_stats::profile::{ColumnProfile, Mode};

use crate::assemble::assemble;
use crate::error::EngineError;
use crate::fold::{ProfileFold, VALUE_BYTES, ValuesFold, WORD_BYTES, WORDS_MAX, numbers_kept};
use crate::images;
use crate::memory::Memory;
use crate::note::Note;
use crate::part::Part;
use crate::plan::{Input, Plan, Share};
use crate::request::{Profiled, Request};
use crate::scan::{Fold, Unit, spawn, units};
use crate::source::{Format, Source, discover};
use crate::staging::stage;
use crate::table::{OpenOptions, Table};
use crate::values::{Epoch, Reading, is_naive, natural_kind};

/// How much the engine may use, and how much it keeps.
#[derive(Debug, Clone)]
pub struct SessionConfig {
    /// Most bytes of memory for profiles that grow, those already handed out not counted. Default 1 GiB.
    pub memory_limit_bytes: u64,
    /// Threads that work at the same time. Default: one per processor.
    pub threads: usize,
    /// How much profiles keep. Default: all values.
    pub mode: Mode,
    /// Folder for temporary files. Default: that of the system.
    pub staging: PathBuf,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            memory_limit_bytes: 1 << 30,
            threads: std::thread::available_parallelism().map_or(1, Into::into),
            mode: Mode::Exact,
            staging: std::env::temp_dir(),
        }
    }
}

/// Opens tables and profiles them. Its methods need a Tokio runtime of several threads.
pub struct Session {
    config: SessionConfig,
    pub(crate) context: SessionContext,
    memory: Arc<dyn MemoryPool>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Prepares the engine.
    ///
    /// # Errors
    /// If the configuration is not possible.
    pub fn try_new(config: SessionConfig) -> Result<Self, EngineError> {
        if config.threads == 0 {
            return Err(EngineError::Request {
                expected: "at least one thread",
                found: "0".to_owned(),
            });
        }
        let limit = usize::try_from(config.memory_limit_bytes).unwrap_or(usize::MAX);
        let memory: Arc<dyn MemoryPool> = Arc::new(FairSpillPool::new(limit));
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::clone(&memory))
            .build_arc()
            .map_err(|fault| EngineError::internal(&fault))?;
        let context_config = ContextConfig::new()
            .with_target_partitions(config.threads)
            .with_information_schema(false);
        let context = SessionContext::new_with_config_rt(context_config, runtime);
        crate::udaf::register(&context);
        Ok(Self {
            config,
            context,
            memory,
        })
    }

    /// What the session was made with.
    pub fn config(&self) -> &SessionConfig {
        &self.config
    }

    /// Opens files, folders and patterns as one table. Text files are scanned here, once.
    ///
    /// # Errors
    /// Whatever is wrong with a file that can be seen before its values are read; for text files,
    /// whatever is wrong with their values too.
    pub async fn open(
        &self,
        patterns: &[String],
        options: &OpenOptions,
    ) -> Result<Table, EngineError> {
        let owned = patterns.to_vec();
        let sources = blocking(move || discover(&owned)).await??;
        let format = sources
            .first()
            .map_or(Format::Parquet, |source| source.format);
        let opened: Vec<(Part, Vec<Note>)> = futures::stream::iter(sources)
            .map(|source| self.open_source(source, options))
            .buffered(self.config.threads)
            .try_collect()
            .await?;
        let mut notes = Vec::new();
        let mut parts = Vec::with_capacity(opened.len());
        for (part, own) in opened {
            notes.extend(own);
            parts.push(Arc::new(part));
        }
        let mut table = Table::unite(patterns.join(", "), format, parts, options)?;
        self.find_epochs(&mut table).await?;
        self.guess_kinds(&mut table, options).await?;
        for note in notes {
            if !table.notes.contains(&note) {
                table.notes.push(note);
            }
        }
        Ok(table)
    }

    async fn open_source(
        &self,
        source: Source,
        options: &OpenOptions,
    ) -> Result<(Part, Vec<Note>), EngineError> {
        let (options, folder) = (options.clone(), self.config.staging.clone());
        let path = source.path.clone();
        let threads = self.config.threads;
        blocking(move || {
            let (part, mut notes) = match source.format {
                Format::Parquet => (Part::parquet(&source.path)?, Vec::new()),
                Format::ArrowIpc => (Part::ipc(&source.path)?, Vec::new()),
                Format::Csv | Format::Ndjson => stage(&source, &options, &folder)?,
            };
            let (part, own) = images::describe(part, &options.images, &folder, threads)?;
            notes.extend(own);
            Ok((part, notes))
        })
        .await
        // Decoders of damaged files may panic; the user is told which file it is.
        .map_err(|fault| EngineError::malformed(&path, "data that can be decoded", &fault))?
    }

    /// Finds the unit of numbers that are declared to be time, and notes times without a zone.
    async fn find_epochs(&self, table: &mut Table) -> Result<(), EngineError> {
        for idx in 0..table.columns.len() {
            let column = &table.columns[idx];
            if column.kind != Kind::Timestamp {
                continue;
            }
            let name = column.name.clone();
            let is_numeric = |data_type| natural_kind(data_type) == Some(Kind::Numeric);
            if table.types(column).any(is_numeric) {
                let epoch = Epoch::from_magnitude(self.greatest(table, &name).await?);
                table.columns[idx].epoch = Some(epoch);
                table.notes.push(Note::EpochUnit {
                    column: name,
                    unit: epoch.name(),
                });
            } else if table.types(column).any(is_naive) {
                table.notes.push(Note::NaiveTime { column: name });
            }
        }
        Ok(())
    }

    /// The greatest magnitude of a column of numbers; zero where there is none.
    async fn greatest(&self, table: &Table, column: &str) -> Result<f64, EngineError> {
        let profile = self.single(table, column, Kind::Numeric).await?;
        Ok(match profile {
            Some(ColumnProfile::Numeric(profile)) => profile
                .range()
                .map_or(0.0, |(least, greatest)| least.abs().max(greatest.abs())),
            _ => 0.0,
        })
    }

    /// First and last instant of a column; `None` where there is none.
    ///
    /// # Errors
    /// If there is no such column, or a value of it is not an instant.
    pub async fn time_range(
        &self,
        table: &Table,
        column: &str,
    ) -> Result<Option<(Timestamp, Timestamp)>, EngineError> {
        Ok(match self.single(table, column, Kind::Timestamp).await? {
            Some(ColumnProfile::Timestamp(profile)) => profile.range(),
            _ => None,
        })
    }

    /// The sketched profile of one column over all rows.
    async fn single(
        &self,
        table: &Table,
        column: &str,
        kind: Kind,
    ) -> Result<Option<ColumnProfile>, EngineError> {
        let request = Request {
            columns: vec![(column.to_owned(), kind)],
            ..Request::default()
        };
        let plan = Plan::try_new(table, &request, Mode::Sketched)?;
        let mut profiled = self.run(table, plan).await?;
        Ok(profiled.cells.pop().and_then(|mut cell| cell.columns.pop()))
    }

    /// The distinct values of a column with their rows, most frequent first, at most `limit` of them,
    /// in the canonical spelling of [`keepwell_core::class`]; `None` stands for null.
    ///
    /// # Errors
    /// If there is no such column, or its type has no names.
    pub async fn values(
        &self,
        table: &Table,
        column: &str,
        limit: usize,
    ) -> Result<Vec<(Option<String>, u64)>, EngineError> {
        let input = Input::try_new(table, column, Reading::Class)?;
        let jobs = units(table).into_iter().map(|unit| {
            let fold = ValuesFold {
                counts: HashMap::new(),
                n_null: 0,
                input: input.clone(),
            };
            (unit, vec![input.column_idx], fold)
        });
        let mut counts: HashMap<Option<String>, u64> = HashMap::new();
        self.each_fold(table, jobs.collect(), |_, fold| {
            if fold.n_null > 0 {
                *counts.entry(None).or_default() += fold.n_null;
            }
            for (name, n) in fold.counts {
                *counts.entry(Some(name)).or_default() += n;
            }
            Ok(())
        })
        .await?;
        let mut sorted: Vec<(Option<String>, u64)> = counts.into_iter().collect();
        sorted.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        sorted.truncate(limit);
        Ok(sorted)
    }

    /// Profiles columns and outcomes by window and group. Columns are read in one pass: ask for as many
    /// at once as [`Session::column_chunks`] says.
    ///
    /// The result depends on the data only, to the last bit, not on the number of threads.
    ///
    /// # Errors
    /// If a column does not exist or a value of it cannot be read as the kind that is asked for, a file
    /// is damaged, or the memory does not suffice.
    pub async fn profile(&self, table: &Table, request: &Request) -> Result<Profiled, EngineError> {
        let plan = Plan::try_new(table, request, self.config.mode)?;
        self.run(table, plan).await
    }

    async fn run(&self, table: &Table, plan: Plan) -> Result<Profiled, EngineError> {
        let plan = Arc::new(plan);
        let units = units(table);
        let shares = plan.shares(units.len(), self.config.threads);
        let mut jobs = Vec::with_capacity(units.len() * shares.len());
        for unit in &units {
            for share in &shares {
                let fold = self.fold(&plan, share);
                let wanted = plan.wanted(share);
                jobs.push((unit.clone(), wanted, fold));
            }
        }
        let mut merged: Vec<Option<ProfileFold>> = shares.iter().map(|_| None).collect();
        self.each_fold(table, jobs, |idx, fold| {
            match &mut merged[idx % shares.len()] {
                Some(own) => own.merge(fold)?,
                none => *none = Some(fold),
            }
            Ok(())
        })
        .await?;
        let folds: Vec<ProfileFold> = merged
            .into_iter()
            .zip(&shares)
            .map(|(fold, share)| fold.unwrap_or_else(|| self.fold(&plan, share)))
            .collect();
        let threads = self.config.threads;
        blocking(move || assemble(&plan, &shares, folds, threads))
            .await
            .map_err(|fault| EngineError::internal(&fault))?
    }

    /// Runs jobs, no more at a time than there are threads, and hands over their folds in order, each with its
    /// number.
    pub(crate) async fn each_fold<F: Fold>(
        &self,
        table: &Table,
        jobs: Vec<(Unit, Vec<usize>, F)>,
        mut done: impl FnMut(usize, F) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let context = self.context.task_ctx();
        // A job starts only when it is polled.
        let mut folds = futures::stream::iter(jobs)
            .map(|(unit, wanted, fold)| spawn(Arc::clone(&context), table, &unit, &wanted, fold))
            .buffered(self.config.threads)
            .enumerate();
        while let Some((idx, fold)) = folds.next().await {
            done(idx, fold?)?;
        }
        Ok(())
    }

    fn fold(&self, plan: &Arc<Plan>, share: &Share) -> ProfileFold {
        ProfileFold::new(Arc::clone(plan), share.clone(), self.memory())
    }

    /// Memory for a job.
    pub(crate) fn memory(&self) -> Memory {
        Memory::new(&self.memory, self.config.memory_limit_bytes)
    }

    /// Divides columns into chunks that can be profiled one after the other within the memory limit,
    /// while the caller keeps the profiles of one chunk of another table of the same size.
    pub fn column_chunks(&self, table_rows: u64, columns: &[(String, Kind)]) -> Vec<Range<usize>> {
        // A quarter for each of the two tables, and as much for what is read.
        let budget = self.config.memory_limit_bytes / 4;
        let number = match self.config.mode {
            Mode::Exact => table_rows.saturating_mul(VALUE_BYTES + VALUE_BYTES / 2),
            // Room for the sketches of about 2,000 windows and groups.
            Mode::Sketched => table_rows.saturating_mul(VALUE_BYTES).min(32 << 20),
        };
        let mut chunks = Vec::new();
        let (mut start, mut bytes) = (0, 0_u64);
        for (idx, (_, kind)) in columns.iter().enumerate() {
            let numbers = number.saturating_mul(numbers_kept(*kind));
            let others = match kind {
                Kind::Categorical => table_rows.min(65_536) * 64,
                Kind::Text => table_rows.saturating_mul(8).min(WORDS_MAX) * WORD_BYTES,
                _ => 1_024,
            };
            let cost = numbers.saturating_add(others);
            if idx > start && bytes.saturating_add(cost) > budget {
                chunks.push(start..idx);
                (start, bytes) = (idx, 0);
            }
            bytes = bytes.saturating_add(cost);
        }
        if start < columns.len() {
            chunks.push(start..columns.len());
        }
        chunks
    }
}

/// Runs what blocks on a thread that may block; a panic there is an error.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, EngineError> {
    SpawnedTask::spawn_blocking(work)
        .await
        .map_err(|fault| EngineError::internal(&fault))
}
