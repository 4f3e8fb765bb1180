//! Inside keepwell-stats a module knows only those that its crate root declares before it, and the
//! families do not know one another.

use std::collections::BTreeSet;

use keepwell_stats::families;

use super::Problem;
use super::rust::{RustCode, is_word};
use super::tree::Tree;

const SOURCES: &str = "crates/keepwell-stats/src";

/// Families that may use another.
const ALLOWED: [(&str, &str); 1] = [("estimate", "metric")];

/// Modules that are families, or hold those of several tasks.
fn family_modules() -> BTreeSet<&'static str> {
    families()
        .iter()
        .filter_map(|family| family.folder.split('/').next())
        .collect()
}

fn problems(tree: &Tree) -> Vec<Problem> {
    let family_modules = family_modules();
    let root_path = format!("{SOURCES}/lib.rs");
    let Some((_, root)) = tree.rust_files().find(|(file, _)| file.path == root_path) else {
        return vec![Problem::new(&root_path, 0, "the crate root is not there")];
    };
    let order: Vec<&str> = root
        .words("mod")
        .filter_map(|at| root.name_at(at + 3))
        .collect();
    let position = |name: &str| order.iter().position(|module| *module == name);
    let mut problems = Vec::new();
    for (file, code) in tree.rust_files() {
        let Some(path) = file
            .path
            .strip_prefix(SOURCES)
            .and_then(|path| path.strip_prefix('/'))
        else {
            continue;
        };
        if path == "lib.rs" || tree.is_test_file(&file.path) {
            continue;
        }
        let own = path.split(['/', '.']).next().unwrap_or_default();
        let Some(own_position) = position(own) else {
            problems.push(Problem::new(
                &file.path,
                0,
                format!("`{own}` is not declared in lib.rs"),
            ));
            continue;
        };
        for (at, other) in uses_of_the_root(code, path) {
            if other == own || code.is_test(at) {
                continue;
            }
            let Some(other_position) = position(other) else {
                let message = format!(
                    "`crate::{other}` is re-exported by the root: name the module that has it"
                );
                problems.push(Problem::new(&file.path, code.line_of(at), message));
                continue;
            };
            let are_families = family_modules.contains(own) && family_modules.contains(other);
            let is_allowed = if are_families {
                ALLOWED.contains(&(own, other))
            } else {
                other_position < own_position
            };
            if !is_allowed {
                let message = format!(
                    "`{own}` uses `{other}`, which comes later or is a family beside it: move what both need to a \
                     module before them (the order is that of lib.rs)"
                );
                problems.push(Problem::new(&file.path, code.line_of(at), message));
            }
        }
    }
    problems
}

/// Names that a file takes from the crate root, by `crate::name` or by enough `super::`.
fn uses_of_the_root<'a>(code: &'a RustCode, path: &str) -> Vec<(usize, &'a str)> {
    let depth = path.split('/').filter(|part| *part != "mod.rs").count();
    let to_root = "super::".repeat(depth);
    let from_super = code
        .code()
        .match_indices(&to_root)
        .map(|(at, _)| at)
        .filter(|&at| {
            !code.code()[..at].ends_with("super::") && !code.code()[..at].ends_with(is_word)
        })
        .map(|at| at + to_root.len());
    code.words("crate")
        .filter_map(|at| code.code()[at + 5..].starts_with("::").then_some(at + 7))
        .chain(from_super)
        .flat_map(|at| names_of_path(code, at))
        .collect()
}

/// The first names after `::`: one, or those of a group in braces.
fn names_of_path(code: &RustCode, at: usize) -> Vec<(usize, &str)> {
    if !code.code()[at..].starts_with('{') {
        return code
            .name_at(at)
            .map(|name| (at, name))
            .into_iter()
            .collect();
    }
    let mut depth = 0;
    let mut names = Vec::new();
    for (offset, byte) in code.code()[at..].bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && matches!(byte, b'{' | b',') {
            names.extend(code.name_at(at + offset + 1).map(|name| (at, name)));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::super::{assert_none, assert_places};
    use super::*;

    #[test]
    fn modules_of_stats_know_only_those_before_them() {
        assert_none(problems(Tree::repository()));
    }

    #[test]
    fn canary() {
        let tree = Tree::of(&[
            (
                "crates/keepwell-stats/src/lib.rs",
                "pub mod special;\npub mod profile;\npub mod metric;\npub mod drift;\npub mod estimate;\nmod family;",
            ),
            (
                "crates/keepwell-stats/src/special.rs",
                "use crate::profile::Counts;\nuse super::drift;",
            ),
            (
                "crates/keepwell-stats/src/profile/mod.rs",
                "use crate::{special, metric::F1};\n#[cfg(test)]\nmod tests { use crate::metric::F1; }",
            ),
            (
                "crates/keepwell-stats/src/drift/ks.rs",
                "use super::DriftTest;\nuse super::super::metric;\nuse crate::profile;",
            ),
            (
                "crates/keepwell-stats/src/estimate/cbpe.rs",
                "use crate::metric::Reading;\nuse crate::families;",
            ),
            ("crates/keepwell-stats/src/new.rs", ""),
        ]);
        let folder = "crates/keepwell-stats/src";
        assert_places(
            &problems(&tree),
            &[
                &format!("{folder}/special.rs:1"),
                &format!("{folder}/special.rs:2"),
                &format!("{folder}/profile/mod.rs:1"),
                &format!("{folder}/drift/ks.rs:2"),
                &format!("{folder}/estimate/cbpe.rs:2"),
                &format!("{folder}/new.rs:0"),
            ],
        );
    }
}
