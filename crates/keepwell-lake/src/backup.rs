//! Copies a store while it is in use.

use std::fs::{self, File};
use std::path::Path;

use rusqlite::Connection;

use crate::error::LakeError;
use crate::folder::{Folder, make_folder, sync_folder};
use crate::store;

/// Copies the database as of one moment, then the files that it names. The caller keeps files from
/// being removed meanwhile; new ones do not matter.
pub(crate) fn backup(folder: &Folder, target: &Path) -> Result<(), LakeError> {
    let failed = |error| LakeError::io("expected to copy the store to", target, error);
    let is_used = target.exists() && fs::read_dir(target).map_err(failed)?.next().is_some();
    if is_used {
        return Err(failed(std::io::Error::other("the folder is not empty")));
    }
    let target = Folder::create(target)?;
    let source = store::open_reader(folder)?;
    source.execute("VACUUM INTO ?1", [target.database().display().to_string()])?;
    File::open(target.database())
        .and_then(|file| file.sync_all())
        .map_err(failed)?;
    let copy = Connection::open(target.database())?;
    copy.execute(
        "UPDATE ducklake_metadata SET value = ?1 WHERE key = 'data_path'",
        [target.data_path()],
    )?;
    let mut statement = copy.prepare(
        "SELECT s.path || t.path || f.path FROM ducklake_data_file f
         JOIN ducklake_table t ON t.table_id = f.table_id
         JOIN ducklake_schema s ON s.schema_id = t.schema_id
         WHERE f.path_is_relative = 1",
    )?;
    let paths = statement.query_map([], |row| row.get::<_, String>(0))?;
    for path in paths {
        copy_file(folder, &target, &path?)?;
    }
    sync_folder(target.root())
}

fn copy_file(from: &Folder, to: &Folder, path: &str) -> Result<(), LakeError> {
    let (source, copy) = (from.data().join(path), to.data().join(path));
    let failed = |error| LakeError::io("expected to copy", &source, error);
    let parent = copy.parent().unwrap_or(to.root());
    make_folder(&to.data(), parent)?;
    fs::copy(&source, &copy).map_err(failed)?;
    File::open(&copy)
        .and_then(|file| file.sync_all())
        .map_err(failed)?;
    sync_folder(parent)
}
