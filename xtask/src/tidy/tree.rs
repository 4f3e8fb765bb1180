//! The files of the repository, read once.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::sync::OnceLock;

use super::rust::RustCode;
use crate::process::output;
use crate::root;

/// Files by path, ascending.
pub(super) struct Tree {
    files: Vec<File>,
    /// Files and folders that exist only for tests: declared as `#[cfg(test)] mod name;`.
    test_only: BTreeSet<String>,
}

/// A file that is tracked, or would be after `git add`.
pub(super) struct File {
    /// From the root of the repository, with slashes.
    pub(super) path: String,
    /// Empty where the file is not UTF-8 text.
    pub(super) text: String,
    /// The text as Rust; present for `.rs` files.
    rust: Option<RustCode>,
}

impl File {
    fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            rust: path.ends_with(".rs").then(|| RustCode::new(text)),
        }
    }

    /// Lines with their number from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(idx, line)| (idx + 1, line))
    }

    pub(super) fn has_extension(&self, extensions: &[&str]) -> bool {
        self.path
            .rsplit_once('.')
            .is_some_and(|(_, extension)| extensions.contains(&extension))
    }
}

impl Tree {
    /// A tree for a canary.
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        Self::new(
            files
                .iter()
                .map(|(path, text)| File::new(path, text))
                .collect(),
        )
    }

    fn new(mut files: Vec<File>) -> Self {
        files.sort_by(|left, right| left.path.cmp(&right.path));
        let test_only = files
            .iter()
            .filter_map(|file| Some((file, file.rust.as_ref()?)))
            .flat_map(|(file, rust)| {
                let folder = module_folder(&file.path);
                rust.test_modules()
                    .into_iter()
                    .map(move |name| format!("{folder}/{name}"))
            })
            .collect();
        Self { files, test_only }
    }

    /// The repository itself.
    pub(super) fn repository() -> &'static Self {
        static TREE: OnceLock<Tree> = OnceLock::new();
        TREE.get_or_init(|| {
            let mut git = Command::new("git");
            git.current_dir(root()).args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ]);
            let listed = output(&mut git).expect("tidy needs git and a repository");
            let listed = String::from_utf8(listed).expect("paths of the repository are UTF-8");
            let files = listed
                .split_terminator('\0')
                // A file that was deleted and not yet committed is listed, too.
                .filter_map(|path| Some((path, fs::read(root().join(path)).ok()?)))
                .map(|(path, bytes)| File::new(path, &String::from_utf8(bytes).unwrap_or_default()))
                .collect();
            Self::new(files)
        })
    }

    pub(super) fn files(&self) -> &[File] {
        &self.files
    }

    pub(super) fn file(&self, path: &str) -> Option<&File> {
        let idx = self
            .files
            .binary_search_by(|file| file.path.as_str().cmp(path));
        Some(&self.files[idx.ok()?])
    }

    /// Whether files lie under this path.
    pub(super) fn is_folder(&self, path: &str) -> bool {
        let prefix = format!("{}/", path.trim_end_matches('/'));
        self.files.iter().any(|file| file.path.starts_with(&prefix))
    }

    /// Every Rust file with its scanned code.
    pub(super) fn rust_files(&self) -> impl Iterator<Item = (&File, &RustCode)> {
        self.files
            .iter()
            .filter_map(|file| Some((file, file.rust.as_ref()?)))
    }

    /// Whether all of a file is for tests.
    pub(super) fn is_test_file(&self, path: &str) -> bool {
        path.contains("/tests/")
            || path.contains("/benches/")
            || path.starts_with("fuzz/")
            || path.starts_with("crates/keepwell-testkit/")
            || self.test_only.iter().any(|module| {
                path.strip_prefix(module.as_str())
                    .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
            })
    }
}

/// The folder that holds the submodules of the module in this file.
fn module_folder(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    match name {
        "mod.rs" | "lib.rs" | "main.rs" => folder.to_owned(),
        name => format!("{folder}/{}", name.trim_end_matches(".rs")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_for_tests_are_known_with_all_below() {
        let tree = Tree::of(&[
            ("a/src/lib.rs", "#[cfg(test)]\nmod tidy;\nmod other;"),
            ("a/src/other.rs", "#[cfg(test)]\npub(crate) mod testing;"),
            ("a/src/other/testing.rs", ""),
            ("a/src/tidy/mod.rs", ""),
        ]);
        assert!(tree.is_test_file("a/src/tidy/mod.rs"));
        assert!(tree.is_test_file("a/src/other/testing.rs"));
        assert!(!tree.is_test_file("a/src/other.rs"));
        assert!(!tree.is_test_file("a/src/tidy_up.rs"));
    }

    #[test]
    fn the_repository_is_read() {
        let tree = Tree::repository();
        assert!(tree.file("Cargo.toml").is_some());
        assert!(tree.is_folder("crates/keepwell-core"));
        assert!(tree.is_test_file("xtask/src/tidy/tree.rs"));
    }
}
