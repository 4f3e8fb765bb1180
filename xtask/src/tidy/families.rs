//! A family is a folder: each member one file, named as its id, and listed in `ALL` in that order.

use keepwell_stats::families;

use super::Problem;
use super::tree::{File, Tree};

const SOURCES: &str = "crates/keepwell-stats/src";

fn problems(tree: &Tree) -> Vec<Problem> {
    let folders: Vec<String> = families()
        .iter()
        .map(|family| format!("{SOURCES}/{}", family.folder))
        .collect();
    folders
        .iter()
        .flat_map(|folder| family_problems(tree, folder, &folders))
        .collect()
}

/// Problems of the family in `folder`; `folders` are those of all families.
fn family_problems(tree: &Tree, folder: &str, folders: &[String]) -> Vec<Problem> {
    let inner: Vec<String> = folders
        .iter()
        .map(|other| format!("{other}/"))
        .filter(|other| other.len() > folder.len() + 1 && other.starts_with(&format!("{folder}/")))
        .collect();
    let list_path = format!("{folder}/mod.rs");
    let list = tree
        .rust_files()
        .find(|(file, _)| file.path == list_path)
        .and_then(|(_, code)| Some((code, code.code().find("static ALL")?)));
    let Some((code, start)) = list else {
        let message = "expected `pub static ALL`, the list of the members";
        return vec![Problem::new(&list_path, 0, message)];
    };
    let listed = listed(&code.code()[start..]);
    let mut problems = Vec::new();
    for pair in listed.windows(2).filter(|pair| pair[0] >= pair[1]) {
        let message = format!(
            "ALL is alphabetical: `{}` does not come before `{}`",
            pair[0].0, pair[1].0
        );
        problems.push(Problem::new(&list_path, code.line_of(start), message));
    }
    let members = tree
        .files()
        .iter()
        .filter(|file| !inner.iter().any(|inner| file.path.starts_with(inner)))
        .filter_map(|file| Some((file, file.path.strip_prefix(folder)?.strip_prefix('/')?)));
    for (file, rest) in members {
        let module = rest.split(['/', '.']).next().unwrap_or_default();
        for entry in entries(file) {
            let mut add =
                |message: String| problems.push(Problem::new(&file.path, entry.line, message));
            if entry.id != module {
                add(format!("the id is `{}`: name the file by it", entry.id));
            }
            if !listed
                .iter()
                .any(|(path, name)| path == module && name == entry.name)
            {
                add(format!(
                    "add `&{module}::{}` to the list ALL of {list_path}",
                    entry.name
                ));
            }
        }
    }
    problems
}

/// Module and type of each `&module::Type` up to the end of the list.
fn listed(code: &str) -> Vec<(String, String)> {
    let Some((_, list)) = code.split_once('=') else {
        return Vec::new();
    };
    let list = list.split(';').next().unwrap_or_default();
    list.split(['[', ']', ','])
        .filter_map(|item| item.trim().strip_prefix('&')?.rsplit_once("::"))
        .map(|(module, name)| (module.to_owned(), name.to_owned()))
        .collect()
}

struct FileEntry<'a> {
    line: usize,
    name: &'a str,
    id: &'a str,
}

/// What the file declares by `pub struct Name = "id" since …`.
fn entries(file: &File) -> Vec<FileEntry<'_>> {
    file.lines()
        .filter_map(|(line, text)| {
            let (name, rest) = text
                .trim()
                .strip_prefix("pub struct ")?
                .split_once(" = \"")?;
            let (id, rest) = rest.split_once('"')?;
            rest.trim_start()
                .starts_with("since")
                .then_some(FileEntry { line, name, id })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{assert_none, assert_places};
    use super::*;

    #[test]
    fn every_member_is_listed_and_named_as_its_file() {
        assert_none(problems(Tree::repository()));
    }

    #[test]
    fn canary() {
        let list = "pub static ALL: &[&dyn M] = &[\n    &b::B,\n    &a::A,\n    &d::D,\n];";
        let tree = Tree::of(&[
            ("f/mod.rs", list),
            (
                "f/a.rs",
                "entry! {\n    pub struct A = \"a\" since \"0.1\";\n}",
            ),
            ("f/b.rs", "pub struct B = \"bb\" since \"0.1\";"),
            (
                "f/c.rs",
                "\npub struct C = \"c\" since \"0.1\"\n    with [];",
            ),
            ("f/d/mod.rs", "pub struct D = \"d\" since \"0.1\";"),
            ("f/state.rs", "pub struct State { n: u64 }"),
        ]);
        assert_places(
            &family_problems(&tree, "f", &[]),
            &["f/mod.rs:1", "f/b.rs:1", "f/c.rs:2"],
        );
        assert_places(&family_problems(&tree, "g", &[]), &["g/mod.rs:0"]);
        let good = Tree::of(&[
            ("f/mod.rs", "pub static ALL: &[&dyn M] = &[&a::A];"),
            ("f/a.rs", "    pub struct A = \"a\" since \"0.1\";"),
            ("f/inner/x.rs", "    pub struct X = \"x\" since \"0.1\";"),
        ]);
        let folders = ["f".to_owned(), "f/inner".to_owned()];
        assert_eq!(family_problems(&good, "f", &folders), []);
        assert_places(&family_problems(&good, "f", &[]), &["f/inner/x.rs:1"; 2]);
    }
}
