//! Each entry documents itself in full, under a stable name.

use std::collections::BTreeSet;
use std::path::Path;

use keepwell_core::catalog::Entry;
use keepwell_core::params::Params;
use keepwell_stats::families;
use keepwell_testkit::conformance::Trial;

use crate::exceptions::EXCEPTIONS;

const HEADINGS: [&str; 6] = [
    "Inputs",
    "Result",
    "Undefined",
    "Cost",
    "When to use, and when not",
    "Reference",
];

/// Calls `test` with the family's folder and each of its entries.
fn for_each_entry(mut test: impl FnMut(&str, &'static dyn Entry)) {
    for family in families() {
        for member in &family.members {
            test(family.folder, member.entry);
        }
    }
}

fn is_snake_case(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('_')
        && !name.contains("__")
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[test]
fn every_family_has_entries() {
    for family in families() {
        assert!(!family.members.is_empty(), "{} is empty", family.id);
    }
}

#[test]
fn sections_are_complete() {
    let mut trial = Trial::new("documentation/sections", EXCEPTIONS);
    for_each_entry(|_, entry| {
        let info = entry.info();
        for heading in HEADINGS {
            let section = info.section(heading);
            trial.check(entry, section.is_some_and(|text| !text.is_empty()), || {
                format!("needs a section `# {heading}`")
            });
        }
        let summary = info.summary();
        trial.check(entry, summary.ends_with('.'), || {
            format!("needs a summary that is a sentence; found `{summary}`")
        });
    });
    trial.finish();
}

#[test]
fn reference_has_an_oracle() {
    let mut trial = Trial::new("documentation/oracle", EXCEPTIONS);
    for_each_entry(|_, entry| {
        let oracle = entry.info().oracle().unwrap_or_default();
        trial.check(entry, !oracle.trim().is_empty(), || {
            "needs a fence `python oracle` in its section `# Reference`".to_owned()
        });
    });
    trial.finish();
}

#[test]
fn ids_are_snake_case_unique_sorted_and_name_the_file() {
    let mut trial = Trial::new("documentation/id", EXCEPTIONS);
    let mut seen = BTreeSet::new();
    let mut last = (String::new(), "");
    for_each_entry(|family, entry| {
        let id = entry.info().id;
        trial.check(entry, is_snake_case(id), || "is not snake case".to_owned());
        trial.check(entry, seen.insert(id), || "is used twice".to_owned());
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/{family}/{id}.rs"));
        trial.check(entry, file.exists(), || {
            format!("belongs into src/{family}/{id}.rs")
        });
        trial.check(entry, last.0 != family || last.1 < id, || {
            format!("stands after `{}`", last.1)
        });
        last = (family.to_owned(), id);
    });
    trial.finish();
}

#[test]
fn parameters_are_documented_and_their_defaults_are_allowed() {
    let mut trial = Trial::new("documentation/parameters", EXCEPTIONS);
    for_each_entry(|_, entry| {
        let declared = entry.parameters();
        for parameter in declared {
            let name = parameter.name;
            trial.check(entry, is_snake_case(name), || {
                format!("parameter `{name}` is not snake case")
            });
            trial.check(entry, parameter.doc.ends_with('.'), || {
                format!("parameter `{name}` needs a sentence")
            });
            let default = parameter.domain.default_value();
            if let Err(error) = Params::defaults(declared).set(name, default) {
                trial.fail(entry, error.to_string());
            }
        }
    });
    trial.finish();
}
