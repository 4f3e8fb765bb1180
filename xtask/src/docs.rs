//! `cargo xtask docs`: the reference pages, made from the doc comments of the catalog's entries.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use keepwell_core::catalog::Entry;
use keepwell_core::params::{Domain, Parameter};
use keepwell_stats::{Family, families};

use self::pages::{PAGES, Page};
use crate::root;

mod pages;

const FOLDER: &str = "docs/reference";

/// Sections of an entry in the order of its page; each heading of the doc skeleton stands here.
const SECTIONS: [&str; 8] = [
    "Inputs",
    "Result",
    "Undefined",
    "Errors",
    "Cost",
    "When to use, and when not",
    "Tolerance",
    "Reference",
];

/// Runs the task.
///
/// # Errors
/// If the argument is unknown, a page cannot be written or, with `--check`, if one is stale.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    match arguments {
        [] => {
            let folder = root().join(FOLDER);
            fs::create_dir_all(&folder).with_context(|| format!("create {FOLDER}"))?;
            for (path, text) in pages()? {
                fs::write(root().join(&path), text).with_context(|| format!("write {path}"))?;
            }
            Ok(())
        }
        [flag] if flag == "--check" => {
            let stale = stale(root())?;
            if stale.is_empty() {
                return Ok(());
            }
            bail!("stale: {}; run `cargo xtask docs`", stale.join(", "))
        }
        _ => bail!("expected nothing or `--check`; found {arguments:?}"),
    }
}

/// Paths of the pages under `root` that differ from what the catalog says, or that no family makes.
///
/// # Errors
/// If a family has no page.
pub(crate) fn stale(root: &Path) -> Result<Vec<String>> {
    let pages = pages()?;
    let mut stale: Vec<String> = pages
        .iter()
        .filter(|(path, text)| {
            let found = fs::read_to_string(root.join(path));
            !found.is_ok_and(|found| found == *text)
        })
        .map(|(path, _)| path.clone())
        .collect();
    if let Ok(entries) = fs::read_dir(root.join(FOLDER)) {
        for entry in entries {
            let name = entry.context("list docs/reference")?.file_name();
            let path = format!("{FOLDER}/{}", name.to_string_lossy());
            if !pages.iter().any(|(known, _)| *known == path) {
                stale.push(path);
            }
        }
    }
    Ok(stale)
}

/// Every page: its path from the root of the repository, and its text.
fn pages() -> Result<Vec<(String, String)>> {
    families()
        .iter()
        .map(|family| {
            let page = PAGES
                .iter()
                .find(|page| page.family == family.id)
                .with_context(|| {
                    format!(
                        "family `{}` has no page: add it to PAGES in xtask/src/docs/pages.rs",
                        family.id
                    )
                })?;
            for member in &family.members {
                refuse_code_links(member.entry)?;
            }
            Ok((format!("{FOLDER}/{}", page.file), render(page, family)))
        })
        .collect()
}

/// The text of an entry is for users as well, in places that know no Rust.
fn refuse_code_links(entry: &dyn Entry) -> Result<()> {
    let info = entry.info();
    match info.doc.iter().find(|line| line.contains("[`")) {
        Some(line) => bail!(
            "the doc comment of `{}` links to code, which its page cannot: write a plain name in `{}`",
            info.id,
            line.trim()
        ),
        None => Ok(()),
    }
}

fn render(page: &Page, family: &Family) -> String {
    let mut text = format!(
        "<!-- Made by `cargo xtask docs` from crates/keepwell-stats/src/{}/. Edit the doc comments there. -->\n\n\
         # {}\n\n{}\n",
        family.folder, family.title, page.intro
    );
    if family.members.is_empty() {
        text.push_str("\nThis version has none yet.\n");
        return text;
    }
    text.push_str("\n| id | what it is |\n|---|---|\n");
    for member in &family.members {
        let info = member.entry.info();
        text.push_str(&format!(
            "| [`{0}`](#{0}) | {1} |\n",
            info.id,
            in_cell(&info.summary())
        ));
    }
    for member in &family.members {
        render_entry(&mut text, member.entry);
    }
    text
}

fn render_entry(text: &mut String, entry: &dyn Entry) {
    let info = entry.info();
    let standing = pages::standing(info.id).map_or_else(String::new, |text| format!(" {text}"));
    text.push_str(&format!(
        "\n## `{}`\n\n{}\n\nSince {}.{standing}\n",
        info.id,
        body(&introduction(info.doc)),
        info.since
    ));
    for title in SECTIONS {
        let Some(section) = info.section(title) else {
            continue;
        };
        let section = body(&section);
        // A list, a table or a fence needs a line of its own; prose follows its heading.
        let is_block = ["- ", "|", "1. ", "```"]
            .iter()
            .any(|mark| section.starts_with(mark));
        let gap = if is_block { "\n\n" } else { " " };
        text.push_str(&format!("\n**{title}.**{gap}{section}\n"));
    }
    if !entry.parameters().is_empty() {
        text.push_str(
            "\n**Parameters.**\n\n| name | default | allowed | meaning |\n|---|---|---|---|\n",
        );
        for parameter in entry.parameters() {
            text.push_str(&row(parameter));
        }
    }
}

/// The paragraphs before the first heading.
fn introduction(doc: &[&str]) -> String {
    doc.iter()
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .take_while(|line| !line.starts_with("# "))
        .collect::<Vec<_>>()
        .join("\n")
        .trim()
        .to_owned()
}

/// The text of a section as a reader of the page needs it: the mark that tells our tools which fence to
/// run is dropped, and the fence gets a sentence.
fn body(section: &str) -> String {
    section.replace(
        "\n```python oracle\n",
        "\n\nThe reference computation, whose answers the tests compare with:\n\n```python\n",
    )
}

fn row(parameter: &Parameter) -> String {
    let (default, allowed) = match parameter.domain {
        Domain::Float { default, min, max } => {
            (number(default), interval(&number(min), max, &number(max)))
        }
        Domain::Integer { default, min, max } => (
            default.to_string(),
            interval(&min.to_string(), max as f64, &max.to_string()),
        ),
        Domain::Choice { default, of } => {
            let words: Vec<String> = of.iter().map(|word| format!("`{word}`")).collect();
            (format!("`{default}`"), words.join(", "))
        }
    };
    format!(
        "| `{}` | {default} | {allowed} | {} |\n",
        parameter.name,
        in_cell(parameter.doc)
    )
}

/// From least to greatest; a maximum as large as numbers get is none.
fn interval(min: &str, max: f64, max_shown: &str) -> String {
    if max >= u64::MAX as f64 {
        format!("{min} or more")
    } else {
        format!("{min} to {max_shown}")
    }
}

/// As short as it can be read back.
fn number(value: f64) -> String {
    let magnitude = value.abs();
    if value != 0.0 && !(1e-4..1e6).contains(&magnitude) {
        format!("{value:e}")
    } else {
        format!("{value}")
    }
}

fn in_cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use keepwell_core::entry;
    use keepwell_stats::Member;

    use super::*;

    entry! {
        /// Share of rows | that
        /// are odd.
        ///
        /// More about it.
        /// # Inputs
        /// `rows`, any number.
        /// # Cost
        /// - little
        /// # Reference
        /// Nobody (1900).
        /// ```python oracle
        /// sum(rows)
        /// ```
        struct Odd = "odd" since "0.1" with [Parameter {
            name: "n_bins",
            doc: "Number of bins.",
            domain: Domain::Integer { default: 10, min: 2, max: u64::MAX },
        }];
    }

    #[test]
    fn a_page_holds_all_that_an_entry_says() {
        let family = Family {
            id: "classification",
            folder: "metric/classification",
            title: "Metrics",
            members: vec![Member { entry: &Odd }],
        };
        let text = render(&PAGES[0], &family);
        for part in [
            "from crates/keepwell-stats/src/metric/classification/.",
            "# Metrics\n",
            "| [`odd`](#odd) | Share of rows \\| that are odd. |",
            "## `odd`\n\nShare of rows | that\nare odd.\n\nMore about it.\n\nSince 0.1.\n",
            "**Inputs.** `rows`, any number.\n",
            "**Cost.**\n\n- little\n",
            "Nobody (1900).\n\nThe reference computation",
            "```python\nsum(rows)\n```\n",
            "| `n_bins` | 10 | 2 or more | Number of bins. |",
        ] {
            assert!(text.contains(part), "{part}\nis not in\n{text}");
        }
        assert!(!text.contains("oracle\n"));
    }

    entry! {
        /// See [`Odd`].
        struct Linked = "linked" since "0.1";
    }

    #[test]
    fn links_to_code_are_refused() {
        assert!(refuse_code_links(&Odd).is_ok());
        assert!(refuse_code_links(&Linked).is_err());
    }

    #[test]
    fn numbers_are_short() {
        for (value, expected) in [
            (0.5, "0.5"),
            (1e-9, "1e-9"),
            (0.0, "0"),
            (1e300, "1e300"),
            (30.0, "30"),
        ] {
            assert_eq!(number(value), expected);
        }
    }
}
