//! The guide names what the code has: every flag, every key of the model spec and of the JSON report, every
//! error code, and no flag that does not exist. A diff that a page shows is one of the files as they are.

use std::collections::BTreeSet;

use super::Problem;
use super::rust::is_word;
use super::tree::{File, Tree};
use super::words::public_fields;

const COMMAND_LINE: &str = "crates/keepwell/src/cli.rs";
/// Files that declare flags, each with the page that explains them.
const COMMAND_LINES: [(&str, &str); 2] = [
    (COMMAND_LINE, FLAGS_PAGE),
    (
        "crates/keepwell/src/tensorboard/args.rs",
        "docs/guide/tensorboard.md",
    ),
];
const SPEC: &str = "crates/keepwell-monitor/src/spec.rs";
/// Structs that are read or written as they are declared: file, name, and the page that explains their keys.
const STRUCTS: [(&str, &str, &str); 3] = [
    (
        "crates/keepwell-monitor/src/monitors.rs",
        "struct MonitorSpec",
        SPEC_PAGE,
    ),
    (
        "crates/keepwell/src/report/json/mod.rs",
        "struct Document",
        OUTPUTS_PAGE,
    ),
    (
        "crates/keepwell/src/report/json/row.rs",
        "struct RowDocument",
        OUTPUTS_PAGE,
    ),
];
const FLAGS_PAGE: &str = "docs/guide/check.md";
const SPEC_PAGE: &str = "docs/guide/model-spec.md";
const OUTPUTS_PAGE: &str = "docs/guide/outputs.md";
const ERRORS_PAGE: &str = "docs/guide/exit-codes.md";

/// Flags of other programs that the pages show.
const FOREIGN_FLAGS: [&str; 2] = ["--locked", "--path"];

fn problems(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut absent = Vec::new();
    let mut missing = |page: &str, what: &str, names: BTreeSet<String>| {
        let text = tree.file(page).map_or("", |file| file.text.as_str());
        for name in names
            .iter()
            .filter(|name| !text.contains(&format!("`{name}")))
        {
            problems.push(Problem::new(
                page,
                0,
                format!("does not explain the {what} `{name}`"),
            ));
        }
    };
    let mut all_flags = BTreeSet::new();
    for (path, page) in COMMAND_LINES {
        let flags: BTreeSet<String> = tree.file(path).map(flags).unwrap_or_default();
        missing(page, "flag", flags.clone());
        all_flags.extend(flags);
    }
    let keys = tree.file(SPEC).map(|file| {
        public_fields(file)
            .map(|(_, name)| name.to_owned())
            .collect()
    });
    missing(SPEC_PAGE, "key", keys.unwrap_or_default());
    missing(ERRORS_PAGE, "error code", error_codes(tree));
    for (path, name, page) in STRUCTS {
        match tree.file(path).and_then(|file| keys_of(&file.text, name)) {
            Some(keys) => missing(page, "key", keys),
            None => absent.push(Problem::new(path, 0, format!("has no `{name}`"))),
        }
    }
    problems.extend(absent);

    let is_known = |flag: &str| {
        all_flags.contains(flag)
            || ["--help", "--version"].contains(&flag)
            || FOREIGN_FLAGS.contains(&flag)
    };
    for file in tree
        .files()
        .iter()
        .filter(|file| file.path.starts_with("docs/guide/"))
    {
        for (line, text) in file.lines() {
            for flag in flags_in(text).filter(|flag| !is_known(flag)) {
                problems.push(Problem::new(
                    &file.path,
                    line,
                    format!("`{flag}` is no flag of keepwell"),
                ));
            }
        }
    }
    problems.extend(diff_problems(tree));
    problems
}

/// Lines that a diff on a page adds to a file that does not hold them.
fn diff_problems(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for page in tree
        .files()
        .iter()
        .filter(|file| file.has_extension(&["md"]))
    {
        let mut is_diff = false;
        let mut target: Option<&File> = None;
        for (line, text) in page.lines() {
            if text.starts_with("```") {
                is_diff = text == "```diff";
                continue;
            }
            if !is_diff {
                continue;
            }
            if let Some(path) = text.strip_prefix("+++ b/") {
                target = tree.file(path);
                if target.is_none() {
                    let message = format!("the diff is about {path}, which is not there");
                    problems.push(Problem::new(&page.path, line, message));
                }
            } else if let (Some(added), Some(target)) = (text.strip_prefix('+'), target)
                && !target.text.lines().any(|line| line == added)
            {
                let message = format!(
                    "{} has no such line by now: show the diff as it is",
                    target.path
                );
                problems.push(Problem::new(&page.path, line, message));
            }
        }
    }
    problems
}

/// Long flags, from the fields under `#[arg(long…)]`.
fn flags(file: &File) -> BTreeSet<String> {
    let mut is_flag = false;
    let mut is_in_attribute = false;
    let mut flags = BTreeSet::new();
    for line in file.text.lines().map(str::trim) {
        is_in_attribute |= line.starts_with("#[arg(");
        if is_in_attribute {
            is_flag |= line.starts_with("#[arg(long") || line.starts_with("long");
            is_in_attribute = !line.ends_with(")]");
        } else if let Some((name, _)) = line
            .strip_prefix("pub ")
            .and_then(|rest| rest.split_once(':'))
        {
            if is_flag {
                flags.insert(format!("--{}", name.replace('_', "-")));
            }
            is_flag = false;
        }
    }
    flags
}

/// Names of the fields of a struct; `None` where the text does not declare it.
fn keys_of(text: &str, name: &str) -> Option<BTreeSet<String>> {
    let (fields, _) = text.split_once(name)?.1.split_once("\n}")?;
    let keys = fields.lines().filter_map(|line| {
        let (name, _) = line.trim().split_once(": ")?;
        let name = name
            .trim_start_matches("pub(super) ")
            .trim_start_matches("pub ");
        name.chars().all(is_word).then(|| name.to_owned())
    });
    Some(keys.collect())
}

/// Codes such as `engine.file.missing`, from the string literals of the crates.
fn error_codes(tree: &Tree) -> BTreeSet<String> {
    const CRATES: [&str; 6] = ["core", "stats", "engine", "monitor", "interop", "keepwell"];
    // Files of a store, whose names look like codes.
    const FILES: [&str; 2] = ["keepwell.lock", "keepwell.sqlite"];
    let is_code = |text: &str| {
        let parts: Vec<&str> = text.split('.').collect();
        matches!(parts.len(), 2 | 3)
            && !FILES.contains(&text)
            && CRATES.contains(&parts[0])
            && parts.iter().all(|part| {
                !part.is_empty()
                    && part
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            })
    };
    tree.rust_files()
        .filter(|(file, _)| file.path.starts_with("crates/") && !tree.is_test_file(&file.path))
        .flat_map(|(file, code)| {
            file.text
                .match_indices('"')
                .filter(|(at, _)| !code.is_test(*at))
                .filter_map(|(at, _)| file.text[at + 1..].split('"').next())
        })
        .filter(|text| is_code(text))
        .map(str::to_owned)
        .collect()
}

/// Long flags that a line of a page names.
fn flags_in(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("--").filter_map(|(at, _)| {
        let before = text[..at].chars().next_back();
        let rest = &text[at..];
        let end = rest[2..]
            .find(|c: char| !is_word(c) && c != '-')
            .map_or(rest.len(), |end| end + 2);
        let flag = rest[..end].trim_end_matches('-');
        let is_start = before.is_none_or(|c| matches!(c, ' ' | '`' | '(' | '['));
        (is_start && flag.starts_with("--") && flag.len() > 2).then_some(flag)
    })
}

#[cfg(test)]
mod tests {
    use super::super::assert_none;
    use super::*;

    #[test]
    fn the_guide_names_what_the_code_has() {
        assert_none(problems(Tree::repository()));
    }

    #[test]
    fn canary() {
        let tree = Tree::of(&[
            (
                COMMAND_LINE,
                "    #[arg(\n        long,\n        value_name = \"N\"\n    )]\n    pub min_rows: u64,\n    #[arg(long)]\n    pub html: Option<PathBuf>,\n    pub events: Vec<String>,",
            ),
            (
                SPEC,
                "pub struct S {\n    pub model: String,\n    pub task: String,\n}",
            ),
            (
                "crates/keepwell-engine/src/e.rs",
                "\"engine.file.missing\" \"engine.file.empty\" \"engine.x y\" \"other.a.b\"",
            ),
            (FLAGS_PAGE, "`--min-rows` --- and `--gone` | --html"),
            (
                STRUCTS[0].0,
                "pub struct MonitorSpec {\n    /// Id: a word.\n    pub drift: Option<String>,\n}",
            ),
            (
                STRUCTS[1].0,
                "struct Document<'a> {\n    verdict: &'a str,\n    rows: u64,\n}\nstruct Other {\n    x: u8,\n}",
            ),
            (OUTPUTS_PAGE, "`rows`"),
            (SPEC_PAGE, "`model:`"),
            (ERRORS_PAGE, "`engine.file.empty`"),
            ("a.rs", "mod b;\n"),
            (
                "page.md",
                "```diff\n+++ b/a.rs\n+mod b;\n+mod c;\n```\n+mod d;",
            ),
        ]);
        let messages: Vec<String> = problems(&tree).iter().map(Problem::to_string).collect();
        assert_eq!(
            messages,
            [
                format!("{FLAGS_PAGE}: does not explain the flag `--html`"),
                format!("{SPEC_PAGE}: does not explain the key `task`"),
                format!("{ERRORS_PAGE}: does not explain the error code `engine.file.missing`"),
                format!("{SPEC_PAGE}: does not explain the key `drift`"),
                format!("{OUTPUTS_PAGE}: does not explain the key `verdict`"),
                format!("{}: has no `struct RowDocument`", STRUCTS[2].0),
                format!("{FLAGS_PAGE}:1: `--gone` is no flag of keepwell"),
                "page.md:4: a.rs has no such line by now: show the diff as it is".to_owned(),
            ]
        );
    }
}
