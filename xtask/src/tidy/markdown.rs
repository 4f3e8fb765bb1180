//! Pages: links lead somewhere, each page has one title, and a reader gets to every page.

use std::collections::{BTreeMap, BTreeSet};

use super::Problem;
use super::tree::{File, Tree};

/// Pages from which a reader starts.
const STARTS: [&str; 2] = ["README.md", "docs/README.md"];

fn problems(tree: &Tree) -> Vec<Problem> {
    let pages: BTreeMap<&str, Page> = tree
        .files()
        .iter()
        .filter(|file| file.has_extension(&["md"]))
        .map(|file| (file.path.as_str(), Page::read(file)))
        .collect();
    let mut problems = Vec::new();
    for (path, page) in &pages {
        if page.titles.len() != 1 {
            let line = page.titles.get(1).copied().unwrap_or(1);
            let message = format!("{} first-level titles: a page has one", page.titles.len());
            problems.push(Problem::new(path, line, message));
        }
        for line in &page.gaps {
            let message = "an output that is still to be filled in: run the command and paste it";
            problems.push(Problem::new(path, *line, message));
        }
        for (line, link) in &page.links {
            if let Some(message) = link_problem(tree, &pages, path, link) {
                problems.push(Problem::new(path, *line, message));
            }
        }
    }
    let reached = reached(&pages);
    for path in pages.keys().filter(|path| !reached.contains(**path)) {
        let message =
            "no link leads here from README.md or docs/README.md: add one, or delete the page";
        problems.push(Problem::new(path, 0, message));
    }
    problems
}

#[derive(Default)]
struct Page {
    /// Lines of the first-level titles.
    titles: Vec<usize>,
    anchors: BTreeSet<String>,
    /// Lines that stand for an output which is not there yet.
    gaps: Vec<usize>,
    /// Links with their lines, those to other sites left out.
    links: Vec<(usize, String)>,
}

impl Page {
    fn read(file: &File) -> Self {
        let mut page = Self::default();
        let mut fence: Option<&str> = None;
        for (line, text) in file.lines() {
            let trimmed = text.trim_start();
            if let Some(open) = fence {
                if trimmed.starts_with(open) {
                    fence = None;
                }
                continue;
            }
            fence = ["```", "~~~"]
                .into_iter()
                .find(|mark| trimmed.starts_with(mark));
            if fence.is_some() {
                continue;
            }
            if text.starts_with("<!-- output") {
                page.gaps.push(line);
            }
            let level = text.bytes().take_while(|&byte| byte == b'#').count();
            if level > 0 && text[level..].starts_with(' ') {
                if level == 1 {
                    page.titles.push(line);
                }
                page.add_anchor(&text[level..]);
            }
            page.links
                .extend(links(text).into_iter().map(|link| (line, link)));
        }
        page
    }

    /// The name by which forges link to a heading; repeated ones are numbered.
    fn add_anchor(&mut self, heading: &str) {
        let name: String = without_links(heading)
            .trim()
            .chars()
            .filter_map(|c| match c {
                ' ' => Some('-'),
                c if c.is_alphanumeric() || matches!(c, '-' | '_') => Some(c),
                _ => None,
            })
            .flat_map(char::to_lowercase)
            .collect();
        let mut unique = name.clone();
        let mut n = 0;
        while !self.anchors.insert(unique.clone()) {
            n += 1;
            unique = format!("{name}-{n}");
        }
    }
}

/// Where the links of a line lead, outside inline code.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (idx, part) in text.split('`').enumerate() {
        // The code of a link's text stands between backticks; its address does not.
        let part = if idx % 2 == 0 { part } else { continue };
        for (at, _) in part.match_indices("](") {
            let rest = &part[at + 2..];
            let end = rest.find([')', ' ']).unwrap_or(rest.len());
            let link = rest[..end].trim_matches(['<', '>']);
            if !link.contains("://") && !link.starts_with("mailto:") {
                found.push(link.to_owned());
            }
        }
        if part.trim_start().starts_with('[')
            && let Some((_, link)) = part.split_once("]: ")
            && !link.contains("://")
        {
            found.push(link.trim().to_owned());
        }
    }
    found
}

fn without_links(heading: &str) -> String {
    let mut text = heading.to_owned();
    while let Some(at) = text.find("](") {
        let end = text[at..].find(')').map_or(text.len(), |end| at + end + 1);
        text.replace_range(at..end, "");
    }
    text
}

fn link_problem(
    tree: &Tree,
    pages: &BTreeMap<&str, Page>,
    from: &str,
    link: &str,
) -> Option<String> {
    let (path, anchor) = match link.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (link, None),
    };
    let target = if path.is_empty() {
        from.to_owned()
    } else {
        resolve(from, path)?
    };
    if tree.file(&target).is_none() && !tree.is_folder(&target) {
        return Some(format!(
            "the link `{link}` leads to {target}, which is not there"
        ));
    }
    let anchor = anchor?;
    match pages.get(target.as_str()) {
        Some(page) if page.anchors.contains(anchor) => None,
        Some(_) => Some(format!(
            "the link `{link}` leads to a heading that {target} does not have"
        )),
        None => Some(format!(
            "the link `{link}` has an anchor, but {target} is no page"
        )),
    }
}

/// The path from the root of the repository.
fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

fn reached(pages: &BTreeMap<&str, Page>) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<String> = STARTS.iter().map(|start| (*start).to_owned()).collect();
    while let Some(path) = open.pop() {
        let Some(page) = pages.get(path.as_str()) else {
            continue;
        };
        if !reached.insert(path.clone()) {
            continue;
        }
        for (_, link) in &page.links {
            let link = link.split('#').next().unwrap_or_default();
            if let Some(target) = resolve(&path, link) {
                // A link to a folder shows its README.
                open.push(format!("{target}/README.md"));
                open.push(target);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::super::{assert_none, assert_places};
    use super::*;

    #[test]
    fn pages_are_sound() {
        assert_none(problems(Tree::repository()));
    }

    #[test]
    fn canary() {
        let readme = "# Title\n[a](docs/a.md#one-two) [b](docs/b.md) [c](gone.md)\n[d](docs/a.md#no)\n\
            `[x](none.md)` [out](https://example.com/x)\n```md\n# no title\n[y](none.md)\n```\n[`code`](docs/code.md) [ex](ex)";
        let tree = Tree::of(&[
            ("README.md", readme),
            (
                "docs/a.md",
                "# A\n## One, *two*\n## One two\n[up](../README.md#title) [again](#one-two-1)",
            ),
            ("docs/b.md", "# B\n# B again\n<!-- output: of x -->"),
            ("docs/code.md", "no title"),
            ("docs/lost.md", "# Lost"),
            ("ex/README.md", "# Example\n[top](../../out.md)"),
        ]);
        assert_places(
            &problems(&tree),
            &[
                "README.md:2",
                "README.md:3",
                "docs/b.md:2",
                "docs/b.md:3",
                "docs/code.md:1",
                "docs/lost.md:0",
            ],
        );
    }
}
