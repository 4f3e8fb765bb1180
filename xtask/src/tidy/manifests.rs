//! Versions stand in one table, no dependency is idle, and each package that we depend on has its reason
//! in ARCHITECTURE.md.

use std::collections::BTreeSet;

use super::Problem;
use super::tree::{File, Tree};

const TABLE: &str = "[workspace.dependencies]";

fn problems(tree: &Tree) -> Vec<Problem> {
    let Some(workspace) = tree.file("Cargo.toml") else {
        return vec![Problem::new(
            "Cargo.toml",
            0,
            "the manifest of the workspace is not there",
        )];
    };
    let mut problems = Vec::new();
    let mut used = BTreeSet::new();
    for manifest in tree.files().iter().filter(|file| is_member(&file.path)) {
        for (line, section, name, value) in keys(manifest) {
            if !section.ends_with("dependencies]") {
                continue;
            }
            let package = name.trim_end_matches(".workspace");
            used.insert(package.to_owned());
            if !is_named(tree, manifest, package) {
                let message = format!("`{package}`: no code of this crate names it; remove it");
                problems.push(Problem::new(&manifest.path, line, message));
            }
            if !name.ends_with(".workspace") && !value.contains("workspace = true") {
                let message = format!(
                    "`{name}`: its version stands in {TABLE} of the root; write `{name}.workspace = true`"
                );
                problems.push(Problem::new(&manifest.path, line, message));
            }
        }
    }
    let architecture = tree
        .file("ARCHITECTURE.md")
        .map_or("", |file| file.text.as_str());
    for (line, section, name, value) in keys(workspace) {
        if section != TABLE {
            continue;
        }
        if !used.contains(name) {
            let message = format!("`{name}`: no crate depends on it; remove it");
            problems.push(Problem::new("Cargo.toml", line, message));
        }
        if value.contains("path = ") {
            continue;
        }
        if version(value).split('.').count() != 3 {
            let message = format!("`{name}`: give the version with three parts, as it was tested");
            problems.push(Problem::new("Cargo.toml", line, message));
        }
        let is_explained = architecture
            .lines()
            .any(|line| line.starts_with('|') && line.contains(&format!("`{name}`")));
        if !is_explained {
            let message = format!(
                "`{name}`: say in the table of ARCHITECTURE.md what it is for and why this one"
            );
            problems.push(Problem::new("Cargo.toml", line, message));
        }
    }
    problems
}

/// Whether the code of the crate names the package.
fn is_named(tree: &Tree, manifest: &File, package: &str) -> bool {
    let folder = manifest.path.trim_end_matches("Cargo.toml");
    let name = package.replace('-', "_");
    tree.rust_files()
        .filter(|(file, _)| file.path.starts_with(folder))
        .any(|(_, code)| code.words(&name).next().is_some())
}

fn is_member(path: &str) -> bool {
    path == "xtask/Cargo.toml" || path.starts_with("crates/") && path.ends_with("/Cargo.toml")
}

/// Every `key = value` with its line and section.
fn keys(file: &File) -> impl Iterator<Item = (usize, &str, &str, &str)> {
    let mut section = "";
    file.lines().filter_map(move |(line, text)| {
        if text.starts_with('[') {
            section = text.trim();
        }
        if text.starts_with('#') {
            return None;
        }
        let (name, value) = text.split_once('=')?;
        Some((line, section, name.trim(), value.trim()))
    })
}

/// The version in `"1.2.3"` or `{ version = "1.2.3", … }`.
fn version(value: &str) -> &str {
    let from = value
        .find("version = ")
        .map_or(value, |at| &value[at + 10..]);
    from.split('"').nth(1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::{assert_none, assert_places};
    use super::*;

    #[test]
    fn dependencies_stand_in_one_table_with_reasons() {
        assert_none(problems(Tree::repository()));
    }

    #[test]
    fn canary() {
        let workspace = "[workspace.dependencies]\nmine = { path = \"crates/mine\" }\nserde = \"1.0.2\"\n\
            loose = { version = \"1\", features = [\"std\"] }\nidle = \"1.2.3\"\nmute = \"1.2.3\"\n[profile.dev]\ndebug = 0";
        let member = "[package]\nname = \"a\"\n[dependencies]\nmine.workspace = true\nserde = { workspace = true, features = [] }\n\
            other = \"1.0\"\nloose.workspace = true\nun-used.workspace = true\n[dev-dependencies]\nmute.workspace = true";
        let tree = Tree::of(&[
            ("Cargo.toml", workspace),
            ("crates/a/Cargo.toml", member),
            (
                "crates/a/src/lib.rs",
                "use {mine, serde, other, loose, mute}; // un_used",
            ),
            (
                "ARCHITECTURE.md",
                "`mute` in prose\n| `serde` | x |\n| `loose` | x |\n| `idle` | x |",
            ),
        ]);
        assert_places(
            &problems(&tree),
            &[
                "crates/a/Cargo.toml:6",
                "crates/a/Cargo.toml:8",
                "Cargo.toml:4",
                "Cargo.toml:5",
                "Cargo.toml:6",
            ],
        );
    }
}
