//! Calls that are not made here, each with what to do instead. clippy.toml has those that it can tell.

use super::Problem;
use super::rust::{RustCode, is_word};
use super::tree::Tree;

/// Where a ban holds.
#[derive(Clone, Copy)]
enum Place {
    /// In all Rust code.
    Everywhere,
    /// In all Rust code but tests.
    Production,
    /// In the crates whose results follow from their input alone, tests left out.
    Pure,
    /// In what users run: the crates but those for tests and xtask, tests left out.
    Shipped,
}

struct Ban {
    pattern: &'static str,
    place: Place,
    instead: &'static str,
}

const fn ban(pattern: &'static str, place: Place, instead: &'static str) -> Ban {
    Ban {
        pattern,
        place,
        instead,
    }
}

const CLOCK: &str = "take a `Timestamp` as an argument: these crates read no clock";
const OUTPUT: &str = "use `anstream`, which drops colours where they are not wanted";
const RANDOM_ORDER: &str = "use a `BTreeMap` or `BTreeSet`, or hashbrown with a fixed seed: the same input gives the same result";

const BANS: &[Ban] = &[
    ban("SystemTime::now", Place::Pure, CLOCK),
    ban("Instant::now", Place::Pure, CLOCK),
    ban("Timestamp::now", Place::Pure, CLOCK),
    ban(
        "std::fs",
        Place::Pure,
        "take the bytes as an argument: these crates do no input or output",
    ),
    ban(
        "thread::spawn",
        Place::Pure,
        "let the caller choose threads: these crates start none",
    ),
    ban("HashMap::new()", Place::Pure, RANDOM_ORDER),
    ban("HashSet::new()", Place::Pure, RANDOM_ORDER),
    ban("collections::HashMap", Place::Pure, RANDOM_ORDER),
    ban("collections::HashSet", Place::Pure, RANDOM_ORDER),
    ban("RandomState::new", Place::Pure, RANDOM_ORDER),
    ban("RandomState::default", Place::Pure, RANDOM_ORDER),
    ban("println!", Place::Shipped, OUTPUT),
    ban("eprintln!", Place::Shipped, OUTPUT),
    ban("print!", Place::Shipped, OUTPUT),
    ban("eprint!", Place::Shipped, OUTPUT),
    ban(
        ".unwrap()",
        Place::Everywhere,
        "use `?`, or `expect` with the invariant that makes it impossible",
    ),
    ban(
        ".partial_cmp(",
        Place::Production,
        "use `f64::total_cmp`, which orders every number",
    ),
    ban(
        "f64::EPSILON",
        Place::Everywhere,
        "name the tolerance and say where it comes from",
    ),
    ban(
        "time::sleep",
        Place::Everywhere,
        "wait for the condition itself, with a limit",
    ),
    ban(
        "#[ignore",
        Place::Everywhere,
        "assert the wrong result as it is, with a note, or delete the test",
    ),
    ban("dbg!", Place::Everywhere, "remove it"),
    ban("todo!", Place::Everywhere, "finish it, or leave it out"),
    ban(
        "unimplemented!",
        Place::Everywhere,
        "return an error or `Outcome::Undefined`",
    ),
];

/// Marks in comments, in any text file.
const MARKS: [(&str, &str); 2] = [
    (
        concat!("FIX", "ME"),
        "mend it, or open an issue and write TODO(#number)",
    ),
    (
        concat!("XX", "X"),
        "say what is meant, or open an issue and write TODO(#number)",
    ),
];

/// Files, or folders, where a banned call is right: pattern, path and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        ".partial_cmp(",
        "crates/keepwell-stats/src/profile/numeric.rs",
        "sorts finite values, measurably faster",
    ),
    (
        ".partial_cmp(",
        "crates/keepwell-stats/src/sketch/quantile.rs",
        "sorts finite values, measurably faster",
    ),
    (
        "f64::EPSILON",
        "crates/keepwell-stats/src/special/",
        "a series ends where its terms are lost in rounding",
    ),
];

fn problems(tree: &Tree, exceptions: &[(&str, &str, &str)]) -> Vec<Problem> {
    let mut problems = call_problems(tree, exceptions);
    problems.extend(mark_problems(tree));
    problems
}

fn call_problems(tree: &Tree, exceptions: &[(&str, &str, &str)]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut used = vec![false; exceptions.len()];
    for (file, code) in tree.rust_files() {
        for ban in BANS {
            for at in occurrences(code, ban.pattern) {
                let is_test = tree.is_test_file(&file.path) || code.is_test(at);
                if !holds(ban.place, &file.path, is_test) || is_named_constant(code, at) {
                    continue;
                }
                let exception = exceptions.iter().position(|(pattern, path, _)| {
                    *pattern == ban.pattern && file.path.starts_with(path)
                });
                match exception {
                    Some(idx) => used[idx] = true,
                    None => {
                        let message = format!("`{}`: {}", ban.pattern, ban.instead);
                        problems.push(Problem::new(&file.path, code.line_of(at), message));
                    }
                }
            }
        }
    }
    for ((pattern, path, _), _) in exceptions.iter().zip(used).filter(|(_, is_used)| !is_used) {
        let message = format!(
            "`{pattern}` is not used here any more: remove it from EXCEPTIONS in xtask/src/tidy/calls.rs"
        );
        problems.push(Problem::new(path, 0, message));
    }
    problems
}

fn mark_problems(tree: &Tree) -> Vec<Problem> {
    const EXTENSIONS: [&str; 11] = [
        "rs", "py", "js", "ts", "css", "html", "sh", "toml", "yaml", "yml", "md",
    ];
    let to_do = concat!("TO", "DO");
    let mut problems = Vec::new();
    for file in tree
        .files()
        .iter()
        .filter(|file| file.has_extension(&EXTENSIONS))
    {
        for (line, text) in file.lines() {
            for (mark, instead) in MARKS {
                if has_word(text, mark) {
                    let message = format!("`{mark}`: {instead}");
                    problems.push(Problem::new(&file.path, line, message));
                }
            }
            if has_word(text, to_do) && !text.contains(&format!("{to_do}(#")) {
                let message = format!("write the number of its issue, as in {to_do}(#12)");
                problems.push(Problem::new(&file.path, line, message));
            }
        }
    }
    problems
}

fn holds(place: Place, path: &str, is_test: bool) -> bool {
    let is_in = |crates: &[&str]| {
        crates
            .iter()
            .any(|name| path.starts_with(&format!("crates/{name}/")))
    };
    match place {
        Place::Everywhere => true,
        Place::Production => !is_test,
        Place::Pure => !is_test && is_in(&["keepwell-core", "keepwell-stats", "keepwell-monitor"]),
        Place::Shipped => !is_test && path.starts_with("crates/") && !path.contains("/examples/"),
    }
}

/// Places of a pattern that are not the end of a longer name or path.
fn occurrences<'a>(code: &'a RustCode, pattern: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.code()
        .match_indices(pattern)
        .map(|(at, _)| at)
        .filter(move |&at| {
            let before = &code.code()[..at];
            let is_longer_name = !pattern.starts_with(['.', '#']) && before.ends_with(is_word);
            let is_anstream = pattern.ends_with('!') && before.ends_with("anstream::");
            !is_longer_name && !is_anstream
        })
}

/// Whether the place is the value of a constant, which has a name and a comment.
fn is_named_constant(code: &RustCode, at: usize) -> bool {
    let line = code.code()[..at].rsplit('\n').next().unwrap_or_default();
    line.contains("const ")
}

fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(is_word) && !text[at + word.len()..].starts_with(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::super::{assert_none, assert_places};
    use super::*;

    #[test]
    fn banned_calls_are_not_made() {
        assert_none(problems(Tree::repository(), EXCEPTIONS));
    }

    #[test]
    fn every_ban_fires() {
        for ban in BANS {
            let call = format!("fn f() {{\n    {};\n}}", ban.pattern);
            let tree = Tree::of(&[("crates/keepwell-stats/src/a.rs", &call)]);
            assert!(
                problems(&tree, &[])
                    .iter()
                    .any(|problem| problem.line == 2 && problem.message.contains(ban.pattern)),
                "{}",
                ban.pattern
            );
        }
    }

    #[test]
    fn canary() {
        let todo = concat!("// TO", "DO: later\n// TO", "DO(#7): known\n// TO", "DOS");
        let fixme = concat!("# FIX", "ME\n");
        let tree = Tree::of(&[
            (
                "crates/keepwell/src/a.rs",
                "// dbg!\nfn f() { \"dbg!\"; anstream::println!(); Instant::now(); }",
            ),
            (
                "crates/keepwell/src/b.rs",
                "#[cfg(test)]\nmod tests {\n    println!();\n    x.unwrap();\n}",
            ),
            (
                "crates/keepwell-core/src/c.rs",
                "SystemTime::now();\nx.max(f64::EPSILON);\npub const LEAST: f64 = f64::EPSILON;",
            ),
            ("d.rs", todo),
            ("e.py", fixme),
            ("fast.rs", "a.partial_cmp(b)"),
        ]);
        let exceptions = [
            (".partial_cmp(", "fast.rs", "measured"),
            ("dbg!", "slow.rs", "gone"),
        ];
        assert_places(
            &problems(&tree, &exceptions),
            &[
                "crates/keepwell/src/b.rs:4",
                "crates/keepwell-core/src/c.rs:1",
                "crates/keepwell-core/src/c.rs:2",
                "d.rs:1",
                "e.py:1",
                "slow.rs:0",
            ],
        );
    }
}
