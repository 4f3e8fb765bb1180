//! A file is one noun, a function one thought: limits on both, with the known exceptions by name.

use super::Problem;
use super::tree::Tree;

const FILE_LINES_MAX: usize = 800;
const FUNCTION_LINES_MAX: usize = 70;

/// Files that may be longer, each with the reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// Functions that are longer: path, name and lines. They may shrink and must not grow; none is added.
const LONG_FUNCTIONS: &[(&str, &str, usize)] = &[];

fn problems(
    tree: &Tree,
    long_files: &[(&str, &str)],
    long_functions: &[(&str, &str, usize)],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree.files() {
        if !file.has_extension(&["rs", "py", "js", "ts", "css", "sh"]) {
            continue;
        }
        let n_lines = file.text.lines().count();
        let is_listed = long_files.iter().any(|(path, _)| *path == file.path);
        if n_lines > FILE_LINES_MAX && !is_listed {
            let message = format!(
                "{n_lines} lines, limit {FILE_LINES_MAX}: give each noun a file of its own, or list a table in LONG_FILES"
            );
            problems.push(Problem::new(&file.path, 0, message));
        }
        if n_lines <= FILE_LINES_MAX && is_listed {
            let message =
                "is short enough by now: remove it from LONG_FILES in xtask/src/tidy/sizes.rs";
            problems.push(Problem::new(&file.path, 0, message));
        }
    }
    for (path, reason) in long_files {
        if tree.file(path).is_none() || reason.is_empty() {
            problems.push(Problem::new(
                path,
                0,
                "LONG_FILES names a file that is not there, or gives no reason",
            ));
        }
    }
    problems.extend(function_problems(tree, long_functions));
    problems
}

fn function_problems(tree: &Tree, long_functions: &[(&str, &str, usize)]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut used = vec![false; long_functions.len()];
    for (file, code) in tree.rust_files() {
        for function in code.functions() {
            if function.n_lines <= FUNCTION_LINES_MAX {
                continue;
            }
            let listed = long_functions
                .iter()
                .position(|(path, name, _)| *path == file.path && *name == function.name);
            let allowed = listed.map_or(FUNCTION_LINES_MAX, |idx| {
                used[idx] = true;
                long_functions[idx].2
            });
            if function.n_lines > allowed {
                let message = format!(
                    "`{}` has {} lines, limit {allowed}: move a thought of it to a function with a name",
                    function.name, function.n_lines
                );
                problems.push(Problem::new(&file.path, function.line, message));
            }
        }
    }
    for ((path, name, _), _) in long_functions
        .iter()
        .zip(used)
        .filter(|(_, is_used)| !is_used)
    {
        let message = format!(
            "`{name}` is short enough or gone: remove it from LONG_FUNCTIONS in xtask/src/tidy/sizes.rs"
        );
        problems.push(Problem::new(path, 0, message));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::{assert_none, assert_places};
    use super::*;

    #[test]
    fn files_and_functions_are_short() {
        assert_none(problems(Tree::repository(), LONG_FILES, LONG_FUNCTIONS));
    }

    #[test]
    fn canary() {
        let function = |name: &str, n_lines: usize| {
            format!("fn {name}() {{\n{}}}\n", "    x();\n".repeat(n_lines - 2))
        };
        let long_file = "\n".repeat(FILE_LINES_MAX + 1);
        let functions = [
            function("fits", 70),
            function("long", 71),
            function("known", 80),
        ]
        .concat();
        let tree = Tree::of(&[
            ("long.py", &long_file),
            ("table.rs", &long_file),
            ("f.rs", &functions),
        ]);
        assert_places(
            &problems(
                &tree,
                &[
                    ("table.rs", "a table"),
                    ("f.rs", "short"),
                    ("gone.rs", "gone"),
                ],
                &[("f.rs", "known", 80), ("f.rs", "fits", 90)],
            ),
            &["long.py:0", "f.rs:0", "gone.rs:0", "f.rs:71", "f.rs:0"],
        );
        let grown = problems(
            &tree,
            &[("table.rs", "a table"), ("long.py", "a table")],
            &[("f.rs", "known", 79)],
        );
        assert_places(&grown, &["f.rs:71", "f.rs:142"]);
    }
}
