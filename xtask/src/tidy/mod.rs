//! What a machine can check about the repository. Each rule is a module with two tests: the repository
//! obeys it, and a small bad input shows that it fires.

mod tree;

mod rust;

mod calls;

mod commands;

mod edges;

mod families;

mod generated;

mod guide;

mod manifests;

mod markdown;

mod order;

mod sizes;

mod snapshots;

mod words;

use std::fmt;

/// Something that a rule does not allow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Problem {
    path: String,
    /// From 1; 0 where the whole file is meant.
    line: usize,
    /// What is wrong, and what to do instead.
    message: String,
}

impl Problem {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.message),
            line => write!(f, "{}:{line}: {}", self.path, self.message),
        }
    }
}

/// Fails with every problem on a line of its own.
#[track_caller]
fn assert_none(mut problems: Vec<Problem>) {
    problems.sort();
    problems.dedup();
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}

/// For canaries: fails unless exactly the places named `path:line` are problems, in any order.
#[track_caller]
fn assert_places(problems: &[Problem], expected: &[&str]) {
    let mut found: Vec<String> = problems
        .iter()
        .map(|problem| format!("{}:{}", problem.path, problem.line))
        .collect();
    found.sort();
    let mut expected: Vec<String> = expected.iter().map(|place| (*place).to_owned()).collect();
    expected.sort();
    assert_eq!(found, expected, "{problems:#?}");
}
