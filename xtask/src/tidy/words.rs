//! One word for one thing: words that names do not use, and texts that no file holds.

use super::Problem;
use super::rust::is_word;
use super::tree::{File, Tree};

/// Words that no public type, configuration key, id or parameter uses, with the right one.
/// GLOSSARY.md has the meanings.
const WORDS: &[(&str, &str)] = &[
    ("baseline", "reference"),
    ("chunk", "window"),
    ("cohort", "segment"),
    ("inference", "prediction"),
    ("drift_score", "statistic, p_value or distance"),
    ("incident", "alert"),
    ("experiment", "study"),
    ("winner", "champion"),
    ("job", "run"),
];

/// Words that keys, ids and parameters do not use, but a type may: Rust or a report knows them, too.
const KEY_WORDS: &[(&str, &str)] = &[
    ("analysis", "current"),
    ("batch", "window"),
    ("slice", "segment"),
    ("label", "target, or class for a name"),
    ("labels", "targets, or classes for names"),
    ("actual", "target"),
    ("registry", "catalog"),
];

/// Names of modules that say nothing.
const MODULES: [&str; 9] = [
    "utils", "util", "helpers", "common", "misc", "manager", "base", "legacy", "v2",
];

/// Addresses of package registries; clients know them. In two parts, so that this file holds none.
const REGISTRIES: [(&str, &str); 5] = [
    ("crates", ".io"),
    ("pypi", ".org"),
    ("pythonhosted", ".org"),
    ("npmjs", ".org"),
    ("npmjs", ".com"),
];

/// First parts of paths of one machine.
const MACHINE_FOLDERS: [&str; 6] = ["tmp", "work", "home", "root", "Users", "farm"];

/// Files that may hold such a path, each with the reason.
const MAY_HOLD_PATHS: &[(&str, &str)] = &[];

/// Structs whose fields are configuration keys.
const CONFIGURATION: [&str; 1] = ["crates/keepwell-monitor/src/spec.rs"];

fn problems(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, code) in tree.rust_files() {
        if tree.is_test_file(&file.path) {
            continue;
        }
        for (line, name) in public_types(file) {
            if code.is_test(offset_of(file, line)) {
                continue;
            }
            problems.extend(name_problem(&file.path, line, name, WORDS));
        }
        if CONFIGURATION.contains(&file.path.as_str()) {
            for (line, name) in public_fields(file) {
                problems.extend(key_problem(&file.path, line, name));
            }
        }
        let module = file
            .path
            .trim_end_matches("/mod.rs")
            .rsplit('/')
            .next()
            .unwrap_or_default();
        if MODULES.contains(&module.trim_end_matches(".rs")) {
            let message =
                format!("`{module}` says nothing: name the module by the noun that it is about");
            problems.push(Problem::new(&file.path, 0, message));
        }
    }
    for file in tree.files() {
        problems.extend(text_problems(file));
    }
    problems
}

/// A problem if one of the words of the name has a better one.
fn name_problem(path: &str, line: usize, name: &str, words: &[(&str, &str)]) -> Option<Problem> {
    let padded = format!("_{}_", snake_case(name));
    let (word, right) = words
        .iter()
        .find(|(word, _)| padded.contains(&format!("_{word}_")))?;
    let message = format!("`{name}`: the word for `{word}` is {right}; see GLOSSARY.md");
    Some(Problem::new(path, line, message))
}

fn key_problem(path: &str, line: usize, name: &str) -> Option<Problem> {
    name_problem(path, line, name, WORDS).or_else(|| name_problem(path, line, name, KEY_WORDS))
}

fn text_problems(file: &File) -> Vec<Problem> {
    let mut problems = Vec::new();
    // Cargo writes the address of its registry into its lock files.
    let may_hold_registries = file.path.ends_with("Cargo.lock");
    let may_hold_paths = MAY_HOLD_PATHS.iter().any(|(path, _)| *path == file.path);
    for (line, text) in file.lines() {
        for (name, end) in REGISTRIES {
            if !may_hold_registries && text.contains(&format!("{name}{end}")) {
                let message =
                    format!("the address of a registry, {name}…: remove it, clients know it");
                problems.push(Problem::new(&file.path, line, message));
            }
        }
        for folder in MACHINE_FOLDERS {
            if !may_hold_paths && has_path(text, folder) {
                let message = format!(
                    "a path of one machine, /{folder}/…: use a relative path or a temporary folder"
                );
                problems.push(Problem::new(&file.path, line, message));
            }
        }
    }
    problems
}

/// Whether the text holds an absolute path that begins with this folder.
fn has_path(text: &str, folder: &str) -> bool {
    text.match_indices(&format!("/{folder}/")).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        !before.is_some_and(|c| is_word(c) || matches!(c, '.' | '-' | '}' | ')' | '~' | '*'))
    })
}

/// Names of the public types that a file declares, with their lines.
fn public_types(file: &File) -> impl Iterator<Item = (usize, &str)> {
    file.lines().filter_map(|(line, text)| {
        let rest = text.trim_start().strip_prefix("pub ")?;
        let rest = ["struct ", "enum ", "trait ", "type "]
            .iter()
            .find_map(|word| rest.strip_prefix(word))?;
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        Some((line, &rest[..end]))
    })
}

/// Names of the public fields of a file's structs, with their lines.
pub(super) fn public_fields(file: &File) -> impl Iterator<Item = (usize, &str)> {
    file.lines().filter_map(|(line, text)| {
        let (name, _) = text.strip_prefix("    pub ")?.split_once(':')?;
        name.chars().all(is_word).then_some((line, name))
    })
}

fn offset_of(file: &File, line: usize) -> usize {
    file.text
        .split_inclusive('\n')
        .take(line - 1)
        .map(str::len)
        .sum()
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use keepwell_stats::families;

    use super::super::{assert_none, assert_places};
    use super::*;

    #[test]
    fn names_use_the_words_of_the_glossary() {
        assert_none(problems(Tree::repository()));
    }

    #[test]
    fn the_catalog_uses_the_words_of_the_glossary() {
        let mut problems = Vec::new();
        for family in families() {
            let folder = format!("crates/keepwell-stats/src/{}", family.folder);
            for member in &family.members {
                let parameters = member
                    .entry
                    .parameters()
                    .iter()
                    .map(|parameter| parameter.name);
                let names = parameters.chain([member.entry.info().id]);
                problems.extend(names.filter_map(|name| key_problem(&folder, 0, name)));
            }
        }
        assert_none(problems);
    }

    #[test]
    fn canary() {
        let spec = "pub struct Spec {\n    pub chunk_rows: u64,\n    pub target: String,\n    hidden_label: u8,\n}";
        let paths = [
            "see /wo",
            "rk/a, crates/work/a, ~/home/a and https://a.b/home/c\nb: '/tm",
            "p/x'",
        ]
        .concat();
        let registry = ["https://pypi", ".org/simple"].concat();
        let tree = Tree::of(&[
            (
                "a.rs",
                "pub struct DriftScore;\npub enum ModelBaseline {}\npub struct Sliced;\n#[cfg(test)]\nmod tests {\n    pub struct Job;\n}",
            ),
            ("crates/keepwell-monitor/src/spec.rs", spec),
            ("b/utils.rs", ""),
            ("c/common/mod.rs", ""),
            ("notes.md", &paths),
            ("pip.conf", &registry),
            ("Cargo.lock", &registry),
        ]);
        assert_places(
            &problems(&tree),
            &[
                "a.rs:1",
                "a.rs:2",
                "crates/keepwell-monitor/src/spec.rs:2",
                "b/utils.rs:0",
                "c/common/mod.rs:0",
                "notes.md:1",
                "notes.md:2",
                "pip.conf:1",
            ],
        );
        for (name, is_banned) in [
            ("drift_score", true),
            ("label", true),
            ("relabelled", false),
            ("psi", false),
        ] {
            assert_eq!(key_problem("drift", 0, name).is_some(), is_banned, "{name}");
        }
    }
}
