//! A snapshot belongs to a test that is still there.

use super::Problem;
use super::tree::{File, Tree};

fn problems(tree: &Tree) -> Vec<Problem> {
    tree.files()
        .iter()
        .filter_map(|file| {
            if file.path.ends_with(".snap.new") || file.path.ends_with(".pending-snap") {
                let message =
                    "a snapshot that nobody accepted: review it with `cargo insta review`";
                return Some(Problem::new(&file.path, 0, message));
            }
            if !file.path.ends_with(".snap") {
                return None;
            }
            orphan(tree, file).map(|message| Problem::new(&file.path, 0, message))
        })
        .collect()
}

/// Why no test owns the snapshot; `None` if one does.
fn orphan(tree: &Tree, file: &File) -> Option<String> {
    let source = file
        .text
        .lines()
        .skip(1)
        .take_while(|line| *line != "---")
        .find_map(|line| line.strip_prefix("source: "));
    let Some(source) = source else {
        return Some("no `source:` in its head: write it with insta".to_owned());
    };
    let source = source.trim_matches('"');
    let Some(owner) = tree.file(source) else {
        return Some(format!(
            "its test was in {source}, which is gone: delete the snapshot"
        ));
    };
    // insta names the file `<module path>__<name>.snap`, a second one of a test `<name>-2`.
    let name = file
        .path
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .trim_end_matches(".snap");
    let name = name.rsplit("__").next().unwrap_or_default();
    let name = name
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .trim_end_matches('-');
    (!owner.text.contains(name))
        .then(|| format!("no test in {source} is named `{name}`: delete the snapshot"))
}

#[cfg(test)]
mod tests {
    use super::super::{assert_none, assert_places};
    use super::*;

    #[test]
    fn every_snapshot_has_its_test() {
        assert_none(problems(Tree::repository()));
    }

    #[test]
    fn canary() {
        let head = |source: &str| format!("---\nsource: {source}\nexpression: text\n---\nbody\n");
        let tree = Tree::of(&[
            ("a/src/page.rs", "#[test]\nfn shows_all() {}"),
            (
                "a/src/snapshots/a__page__tests__shows_all.snap",
                &head("a/src/page.rs"),
            ),
            (
                "a/src/snapshots/a__page__tests__shows_all-2.snap",
                &head("a/src/page.rs"),
            ),
            (
                "a/src/snapshots/a__page__tests__renamed.snap",
                &head("a/src/page.rs"),
            ),
            ("a/src/snapshots/a__gone__x.snap", &head("a/src/gone.rs")),
            ("a/src/snapshots/a__by_hand.snap", "text"),
            ("a/src/snapshots/a__page__x.snap.new", ""),
        ]);
        assert_places(
            &problems(&tree),
            &[
                "a/src/snapshots/a__page__tests__renamed.snap:0",
                "a/src/snapshots/a__gone__x.snap:0",
                "a/src/snapshots/a__by_hand.snap:0",
                "a/src/snapshots/a__page__x.snap.new:0",
            ],
        );
    }
}
