//! Finds the event files below a folder.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use super::file::Stat;

/// Folders inside folders that are looked into.
const DEPTH_MAX: usize = 64;

/// Event files that are followed; further ones are left out, and reported.
pub const FILES_MAX: usize = 1_000_000;

/// What could not be looked into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalkFault {
    /// The file or folder.
    pub path: PathBuf,
    /// Why, in the words of the system or of this crate.
    pub message: String,
}

/// Event files by run, each by path.
pub(crate) type Found = BTreeMap<String, BTreeMap<PathBuf, Stat>>;

/// The event files below `root`, or `root` itself if it is a file. Symbolic links are followed, but not into
/// a folder that is being looked into.
pub(crate) fn walk(root: &Path, is_selected: &dyn Fn(&str) -> bool) -> (Found, Vec<WalkFault>) {
    let mut walk = Walk {
        is_selected,
        found: Found::new(),
        n_files: 0,
        above: Vec::new(),
        faults: Vec::new(),
    };
    match fs::metadata(root) {
        Ok(metadata) if metadata.is_file() => walk.add(".", root.to_owned(), &metadata),
        Ok(metadata) => walk.enter(root, ".", &metadata),
        Err(fault) => walk.fault(root, fault.to_string()),
    }
    (walk.found, walk.faults)
}

struct Walk<'a> {
    is_selected: &'a dyn Fn(&str) -> bool,
    found: Found,
    n_files: usize,
    /// Device and number of the folders that are being looked into, from the root on.
    above: Vec<(u64, u64)>,
    faults: Vec<WalkFault>,
}

impl Walk<'_> {
    fn enter(&mut self, folder: &Path, run: &str, metadata: &fs::Metadata) {
        let id = Stat::new(metadata).id;
        let is_loop = cfg!(unix) && self.above.contains(&id);
        if is_loop || self.above.len() >= DEPTH_MAX {
            let message = "not entered: folders inside folders without end";
            self.fault(folder, message.to_owned());
            return;
        }
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(fault) => return self.fault(folder, fault.to_string()),
        };
        self.above.push(id);
        for entry in entries {
            match entry {
                Ok(entry) => self.look_at(&entry, run),
                Err(fault) => self.fault(folder, fault.to_string()),
            }
        }
        self.above.pop();
    }

    fn look_at(&mut self, entry: &DirEntry, run: &str) {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_event_file = name.contains("tfevents");
        // Most files are checkpoints and the like, and the entry alone says that they are files.
        let is_plain = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_plain && !is_event_file {
            return;
        }
        let path = entry.path();
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => {
                let inner = match run {
                    "." => name.into_owned(),
                    _ => format!("{run}/{name}"),
                };
                self.enter(&path, &inner, &metadata);
            }
            Ok(metadata) if is_event_file => self.add(run, path, &metadata),
            Ok(_) => {}
            // A link that leads nowhere matters only where an event file was expected.
            Err(fault) if is_event_file => self.fault(&path, fault.to_string()),
            Err(_) => {}
        }
    }

    fn add(&mut self, run: &str, path: PathBuf, metadata: &fs::Metadata) {
        if !metadata.is_file() || !(self.is_selected)(run) {
            return;
        }
        if self.n_files >= FILES_MAX {
            let message = format!("left out: more than {FILES_MAX} event files");
            return self.fault(&path, message);
        }
        self.n_files += 1;
        let stat = Stat::new(metadata);
        match self.found.get_mut(run) {
            Some(files) => {
                files.insert(path, stat);
            }
            None => {
                let files = BTreeMap::from([(path, stat)]);
                self.found.insert(run.to_owned(), files);
            }
        }
    }

    fn fault(&mut self, path: &Path, message: String) {
        const FAULTS_MAX: usize = 1_000;
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(WalkFault {
                path: path.to_owned(),
                message,
            });
        }
    }
}
