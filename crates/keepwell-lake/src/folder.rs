//! The folder of a store: which files are in it, who holds it, and how bytes get to the disk.
//!
//! ```text
//! keepwell.sqlite      catalog, buffer, metadata (with -wal and -shm beside it)
//! keepwell.lock        held by the process that writes
//! data/<model>/<kind>/_day=2026-01-31/keepwell-<uuid>.parquet
//! ```

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::error::LakeError;

/// Name of the database.
pub(crate) const DATABASE: &str = "keepwell.sqlite";
const LOCK: &str = "keepwell.lock";
const DATA: &str = "data";
/// How the names of our data files start; the sweep touches no others without being told.
pub(crate) const FILE_PREFIX: &str = "keepwell-";

/// Paths of a store.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// A folder that exists, by its absolute path.
    pub(crate) fn open(root: &Path) -> Result<Self, LakeError> {
        let missing = || LakeError::Missing {
            folder: root.to_owned(),
        };
        let root = fs::canonicalize(root).map_err(|_| missing())?;
        Ok(Self { root })
    }

    /// A folder, made where it does not exist, with its data folder.
    pub(crate) fn create(root: &Path) -> Result<Self, LakeError> {
        fs::create_dir_all(root.join(DATA))
            .map_err(|error| LakeError::io("expected to make the folder", root, error))?;
        let folder = Self::open(root)?;
        sync_folder(&folder.root)?;
        Ok(folder)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.root.join(DATABASE)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.root.join(DATA)
    }

    /// The data folder as the lake catalog names it, which ends in a slash.
    pub(crate) fn data_path(&self) -> String {
        format!("{}/", self.data().display())
    }

    /// Takes the right to write. It ends with the file, so also with the process, however that dies.
    pub(crate) fn lock(&self) -> Result<File, LakeError> {
        let path = self.root.join(LOCK);
        let failed = |error| LakeError::io("expected to open", &path, error);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(LakeError::InUse {
                folder: self.root.clone(),
            }),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}

/// Puts the names in a folder on the disk: a file whose folder was not synced can vanish.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), LakeError> {
    File::open(folder)
        .and_then(|open| open.sync_all())
        .map_err(|error| LakeError::io("expected to sync", folder, error))
}

/// Makes `folder` below `top`, and syncs each folder in which a name may be new.
pub(crate) fn make_folder(top: &Path, folder: &Path) -> Result<(), LakeError> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)
        .map_err(|error| LakeError::io("expected to make the folder", folder, error))?;
    for above in folder.ancestors().skip(1) {
        sync_folder(above)?;
        if above == top {
            break;
        }
    }
    Ok(())
}

/// Every file below the data folder, by its path.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>, LakeError> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let failed = |error| LakeError::io("expected to list", &folder, error);
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.file_type().map_err(failed)?.is_dir() {
                open.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}
