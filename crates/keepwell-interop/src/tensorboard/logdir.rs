//! A log directory, followed.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::{fs, io, thread};

use keepwell_core::fault::Fault;

use super::content::ReadOptions;
use super::file::{EventFile, Stat};
use super::run::Run;
use super::walk::{Found, WalkFault, walk};

/// Says for a name whether it is wanted.
pub type Selector = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// What is read of a log directory, and with what limits.
pub struct LoadOptions {
    /// Threads that read files; default: one a processor.
    pub n_threads: NonZeroUsize,
    /// Longest record that is read, in bytes; longer ones are skipped and counted as damage. Default: 512 MiB.
    pub record_bytes_max: u64,
    /// Runs that are read, by name; default: all.
    pub runs: Option<Selector>,
    /// Tags of which values are kept, by name; default: all.
    pub tags: Option<Selector>,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            n_threads: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            record_bytes_max: 512 * 1024 * 1024,
            runs: None,
            tags: None,
        }
    }
}

impl fmt::Debug for LoadOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadOptions")
            .field("n_threads", &self.n_threads)
            .field("record_bytes_max", &self.record_bytes_max)
            .field("runs", &self.runs.as_ref().map(|_| "selected"))
            .field("tags", &self.tags.as_ref().map(|_| "selected"))
            .finish()
    }
}

/// A log directory that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("expected a log directory or an event file; found none at `{}`", path.display())]
#[non_exhaustive]
pub struct OpenError {
    /// What was asked for.
    pub path: PathBuf,
    /// Why it cannot be opened.
    #[source]
    pub source: io::Error,
}

impl Fault for OpenError {
    fn code(&self) -> &'static str {
        "interop.logdir.unreadable"
    }

    fn hint(&self) -> Option<String> {
        Some("name the folder that the training writes its logs to".to_owned())
    }
}

/// What a look at a log directory found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refresh {
    /// Runs that were not there before.
    pub runs_added: Vec<String>,
    /// Runs that are no longer there.
    pub runs_removed: Vec<String>,
    /// Runs with new records, with files that were replaced or deleted, or with new files; those added too.
    pub runs_changed: Vec<String>,
    /// Records in the files that were read, less those that they had before; negative where files shrank.
    pub n_records: i64,
}

impl Refresh {
    /// Whether nothing is new.
    pub fn is_empty(&self) -> bool {
        self.runs_removed.is_empty() && self.runs_changed.is_empty()
    }
}

/// The runs below a folder, with all their points in memory; other values are left in the files and read
/// when they are wanted.
#[derive(Debug)]
pub struct LogDir {
    root: PathBuf,
    options: LoadOptions,
    runs: BTreeMap<String, Run>,
    faults: Vec<WalkFault>,
}

impl LogDir {
    /// Opens a log directory, or a single event file, and reads all that is there.
    ///
    /// # Errors
    /// If there is nothing at `path`. What is wrong inside is told by [`LogDir::faults`], and by the files.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_with(path, LoadOptions::default())
    }

    /// Opens with other than the default options.
    ///
    /// # Errors
    /// As [`LogDir::open`].
    pub fn open_with(path: impl AsRef<Path>, options: LoadOptions) -> Result<Self, OpenError> {
        let root = path.as_ref().to_owned();
        if let Err(source) = fs::metadata(&root) {
            return Err(OpenError { path: root, source });
        }
        let mut logdir = Self {
            root,
            options,
            runs: BTreeMap::new(),
            faults: Vec::new(),
        };
        logdir.refresh();
        Ok(logdir)
    }

    /// The folder that was opened.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The runs, in the order of their names.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.runs.values()
    }

    /// The runs, those that began earlier first, as TensorBoard lists them.
    pub fn runs_by_time(&self) -> Vec<&Run> {
        let mut runs: Vec<&Run> = self.runs.values().collect();
        let time = |run: &Run| run.first_wall_time().unwrap_or(f64::INFINITY);
        runs.sort_by(|one, other| time(one).total_cmp(&time(other)));
        runs
    }

    /// The run with this name.
    pub fn run(&self, name: &str) -> Option<&Run> {
        self.runs.get(name)
    }

    /// Files and folders that could not be looked into, at the last refresh.
    pub fn faults(&self) -> &[WalkFault] {
        &self.faults
    }

    /// The run that `run` belongs to. PyTorch's `add_hparams` writes its hyperparameters and final metrics to
    /// a run of its own, inside the run that it is called for and named by the time.
    pub fn parent_of(&self, run: &Run) -> Option<&Run> {
        let (parent, name) = match run.name().rsplit_once('/') {
            Some((parent, name)) => (parent, name),
            None if run.name() == "." => return None,
            None => (".", run.name()),
        };
        let is_time = name.contains('.') && name.parse::<f64>().is_ok_and(|time| time >= 1e9);
        if is_time && run.hparams().is_some() {
            self.run(parent)
        } else {
            None
        }
    }

    /// Looks for what has changed, and reads it. Where nothing has, it costs one look at each folder and file.
    pub fn refresh(&mut self) -> Refresh {
        let all = |_: &str| true;
        let wants_run: &dyn Fn(&str) -> bool = match &self.options.runs {
            Some(wanted) => wanted,
            None => &all,
        };
        let (mut found, faults) = walk(&self.root, wants_run);
        self.faults = faults;
        let mut refresh = Refresh::default();
        self.runs.retain(|name, _| {
            let is_there = found.contains_key(name);
            if !is_there {
                refresh.runs_removed.push(name.clone());
            }
            is_there
        });
        let mut changed = self.follow_files(&found, &mut refresh);
        let work = changed_files(&mut self.runs, &mut found, &mut changed);
        refresh.n_records = read_all(work, &self.options);
        for (name, has_changed) in &changed {
            if *has_changed && let Some(run) = self.runs.get_mut(name) {
                run.reindex();
                refresh.runs_changed.push(name.clone());
            }
        }
        refresh
    }

    /// Brings the lists of runs and files up to date, and says which runs changed by that.
    fn follow_files(&mut self, found: &Found, refresh: &mut Refresh) -> BTreeMap<String, bool> {
        let mut changed = BTreeMap::new();
        for (name, paths) in found {
            let run = self.runs.entry(name.clone()).or_insert_with(|| {
                refresh.runs_added.push(name.clone());
                Run::new(name.clone(), self.options.record_bytes_max)
            });
            let before = run.files.len();
            run.files.retain(|file| paths.contains_key(file.path()));
            let mut has_changed = run.files.len() < before;
            if run.files.len() < paths.len() {
                has_changed = true;
                for path in paths.keys() {
                    let place = run.files.binary_search_by(|file| file.path().cmp(path));
                    if let Err(place) = place {
                        run.files.insert(place, EventFile::new(path.clone()));
                    }
                }
            }
            changed.insert(name.clone(), has_changed);
        }
        changed
    }
}

/// Files that are to be read.
type Work<'a> = Vec<(&'a mut EventFile, Stat)>;

/// The files with something new, those with most of it first; marks their runs as changed.
fn changed_files<'a>(
    runs: &'a mut BTreeMap<String, Run>,
    found: &mut Found,
    changed: &mut BTreeMap<String, bool>,
) -> Work<'a> {
    let mut work = Work::new();
    for (name, run) in runs {
        let Some(stats) = found.get(name) else {
            continue;
        };
        for file in &mut run.files {
            if let Some(&stat) = stats.get(file.path())
                && file.has_changed(stat)
            {
                changed.insert(name.clone(), true);
                work.push((file, stat));
            }
        }
    }
    work.sort_by_key(|(file, stat)| std::cmp::Reverse(file.pending_bytes(*stat)));
    work
}

/// Reads the files on several threads; how many records there are more than before.
fn read_all(work: Work<'_>, options: &LoadOptions) -> i64 {
    if work.is_empty() {
        return 0;
    }
    let n_threads = options.n_threads.get().min(work.len());
    let queue = Mutex::new(work.into_iter());
    let read_next = || {
        let all = |_: &str| true;
        let is_selected: &dyn Fn(&str) -> bool = match &options.tags {
            Some(wanted) => wanted,
            None => &all,
        };
        let read_options = ReadOptions {
            record_bytes_max: options.record_bytes_max,
            is_selected,
        };
        let mut buffer = Vec::new();
        let mut n_records = 0;
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((file, stat)) = next else {
                return n_records;
            };
            let before = file.n_records().cast_signed();
            file.read(stat, &read_options, &mut buffer);
            n_records += file.n_records().cast_signed() - before;
        }
    };
    if n_threads == 1 {
        return read_next();
    }
    thread::scope(|scope| {
        let threads: Vec<_> = (0..n_threads).map(|_| scope.spawn(read_next)).collect();
        // A thread does not panic: no input makes the reader do so.
        threads
            .into_iter()
            .filter_map(|thread| thread.join().ok())
            .sum()
    })
}
