//! The two commands of the README are those that exist, and CI runs the second one.

use super::Problem;
use super::tree::Tree;

const DEMO: &str = "cargo xtask demo";
const TEST: &str = "cargo xtask test";

fn problems(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, commands) in [("README.md", &[DEMO, TEST][..]), (".ci/run", &[TEST][..])] {
        let Some(file) = tree.file(path) else {
            problems.push(Problem::new(path, 0, "is not there"));
            continue;
        };
        for command in commands {
            if !file.text.lines().any(|line| line.trim() == *command) {
                let message = format!("expected `{command}` on a line of its own");
                problems.push(Problem::new(path, 0, message));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::{assert_none, assert_places};
    use super::*;

    #[test]
    fn the_readme_and_ci_run_what_exists() {
        assert_none(problems(Tree::repository()));
    }

    #[test]
    fn canary() {
        let tree = Tree::of(&[
            ("README.md", "```sh\ncargo xtask demo\ncargo test\n```"),
            (".ci/run", "set -e\ncargo xtask test --quick"),
        ]);
        assert_places(&problems(&tree), &["README.md:0", ".ci/run:0"]);
    }
}
